"""A third party's simpler reading of a trajectory; it is not EPM-Q.

Source: the summary article among this project's first documents describes directional alignment as the
cosine of the whole displacement, cumulative impact as summed magnitudes, stability as the standard deviation
of the turns' angles, and a weighted composite.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from empa_gym.epm.dynamics import alignment, origin_distance, recovery_direction


class TrajectorySummary(NamedTuple):
    """Four numbers about one path.

    Attributes:
        alignment: cosine of P_T - P_0 and v*; 0 when nothing moved.
        impact: sum of ||v_t||, in rubric points.
        stability: population standard deviation of the angles between v_t and v*, in radians, over the
            turns that moved; 0 with fewer than two.
        composite: weights . (alignment, impact / ||P_0||, 1 - stability / pi).
    """

    alignment: float
    impact: float
    stability: float
    composite: float


def trajectory_summary(
    positions: ArrayLike, weights: tuple[float, float, float] = (0.4, 0.3, 0.3)
) -> TrajectorySummary:
    """Summarise one path the third party's way.

    Args:
        positions: P_0 ... P_T in rubric points, shape ``(T + 1, axes)``; P_0 is not zero.
        weights: of alignment, impact and stability in the composite.

    Raises:
        ValueError: the shape is another one, or P_0 is zero.
    """
    path = np.asarray(positions, dtype=np.float64)
    if path.ndim != 2 or not len(path):
        raise ValueError(f"expected positions of shape (T + 1, axes), got {path.shape}")
    direction = recovery_direction(path[0])
    shifts = np.diff(path, axis=0)
    moved = shifts[origin_distance(shifts) > 0]
    angles = np.arccos(np.clip(alignment(moved, direction), -1.0, 1.0))
    overall = float(alignment(path[-1] - path[0], direction))
    impact = float(origin_distance(shifts).sum())
    spread = float(angles.std()) if len(angles) > 1 else 0.0
    parts = (overall, impact / float(origin_distance(path[0])), 1.0 - spread / np.pi)
    return TrajectorySummary(overall, impact, spread, float(np.dot(weights, parts)))
