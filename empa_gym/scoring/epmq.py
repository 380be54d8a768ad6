"""EPM-Q, the score of a run: nine indices, three dimensions, one number."""

from __future__ import annotations

import math
from typing import NamedTuple

from empa_gym.scoring.indices import Indices

WEIGHTS = (0.4, 0.2, 0.4)
"""Of outcome, efficiency and stability (EMPA, arXiv 2603.00552)."""


class EPMQ(NamedTuple):
    """The score of a run; nan throughout where no dialogue was scored.

    Attributes:
        RDI: how much of the distance to the zone is gone.
        Etot: energy reached.
        Snet: sum of all levels.
        rho: energy a turn.
        Sproj: mean energy gain a point.
        tau: straightness of the path.
        Rpos: share of points that gained energy.
        Align: mean alignment.
        Pen: freedom from regression.
        outcome: mean of RDI, Etot and Snet.
        efficiency: mean of rho, Sproj and tau.
        stability: mean of Rpos, Align and Pen.
        epmq: 0.4 outcome + 0.2 efficiency + 0.4 stability; unbounded above.
    """

    RDI: float
    Etot: float
    Snet: float
    rho: float
    Sproj: float
    tau: float
    Rpos: float
    Align: float
    Pen: float
    outcome: float
    efficiency: float
    stability: float
    epmq: float


UNSCORED = EPMQ._make([math.nan] * len(EPMQ._fields))
"""The score of a run without one scored dialogue: nothing is known, and nothing is not 0."""


def epmq(per_dialogue: Indices) -> EPMQ:
    """The score of a run: each index is the mean over its dialogues.

    Args:
        per_dialogue: nine arrays of shape ``(B,)``; with B = 0 the score is :data:`UNSCORED`.
    """
    if not len(per_dialogue.RDI):
        return UNSCORED
    means = [float(index.mean()) for index in per_dialogue]
    dimensions = [sum(means[start : start + 3]) / 3 for start in (0, 3, 6)]
    total = sum(weight * value for weight, value in zip(WEIGHTS, dimensions, strict=True))
    return EPMQ._make([*means, *dimensions, total])
