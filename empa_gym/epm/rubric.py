"""From a judge's levels to points: the initial deficit (IEDR) and the shift of a turn (MDEP-PR).

Source: EMPA (arXiv 2603.00552), the rubric tables. Both keys are data, so another rubric with any
number of axes is one more :class:`Rubric`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

IEDR_WEIGHTS: dict[str, tuple[int, int, int]] = {"C": (2, 2, 3), "A": (2, 4, 3), "P": (2, 4, 3)}
"""Weight of the items .1, .2 and .3 of each axis; the third rates the priority."""
IEDR_MAX_LEVEL = 3


def initial_deficit(ratings: Mapping[str, int]) -> tuple[float, ...]:
    """P_0, the deficit a scenario starts with.

        P_0[axis] = -(sum over items of weight x level)

    Args:
        ratings: the nine IEDR levels, ``{"C.1": 0..3, ..., "P.3": 0..3}``.

    Returns:
        One number per axis, in rubric points, order C, A, P: C in [-21, 0], A and P in [-27, 0].

    Raises:
        ValueError: an item is missing, unknown, or outside 0..3.

    >>> initial_deficit({"C.1": 2, "C.2": 2, "C.3": 3, "A.1": 2, "A.2": 2, "A.3": 2,
    ...                  "P.1": 1, "P.2": 2, "P.3": 1})
    (-17.0, -18.0, -13.0)
    """
    expected = {f"{axis}.{item}" for axis in IEDR_WEIGHTS for item in (1, 2, 3)}
    if set(ratings) != expected:
        raise ValueError(
            f"ratings must hold the nine items {sorted(expected)}; "
            f"missing {sorted(expected - set(ratings))}, unknown {sorted(set(ratings) - expected)}"
        )
    for item, level in ratings.items():
        if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= IEDR_MAX_LEVEL:
            raise ValueError(f"rating {item} must be a whole number from 0 to {IEDR_MAX_LEVEL}, got {level!r}")
    return tuple(
        -float(sum(w * ratings[f"{axis}.{i}"] for i, w in enumerate(weights, 1)))
        for axis, weights in IEDR_WEIGHTS.items()
    )


@dataclass(frozen=True, slots=True)
class Rubric:
    """A scoring key: what each level of progress and of regression is worth on each axis.

    Args:
        axes: names of the axes, in order.
        progress: per axis, points of the levels 0, 1, 2, ... of progress.
        regress: per axis, points of the levels 0, -1, -2, ... of regression.
    """

    axes: tuple[str, ...]
    progress: tuple[tuple[float, ...], ...]
    regress: tuple[tuple[float, ...], ...]
    _worth: tuple[dict[tuple[int, int], float], ...] = field(init=False, repr=False, compare=False)
    """Per axis, what each pair of levels is worth: the quick way for one judgement."""

    def __post_init__(self) -> None:
        """Refuse a key whose tables do not match its axes.

        Raises:
            ValueError: a table has another number of rows than there are axes, or an empty row.
        """
        for name, table in (("progress", self.progress), ("regress", self.regress)):
            if len(table) != len(self.axes) or not all(table):
                raise ValueError(
                    f"{name} needs one non-empty row of points for each of the {len(self.axes)} axes, got {table!r}"
                )
        worth = tuple(
            {(prog, -neg): gain + loss for prog, gain in enumerate(up) for neg, loss in enumerate(down)}
            for up, down in zip(self.progress, self.regress, strict=True)
        )
        object.__setattr__(self, "_worth", worth)

    def points(self, levels: NDArray[np.integer] | tuple[tuple[int, int], ...]) -> Array:
        """v_t, the shift that a judge's levels amount to.

            v_t[axis] = progress[axis][Prog] + regress[axis][-Neg]

        Args:
            levels: whole numbers, shape ``(..., axes, 2)``: progress >= 0, then regression <= 0.

        Returns:
            Rubric points, shape ``(..., axes)``.

        Raises:
            ValueError: the shape does not fit, or a level is outside its scale.
        """
        if isinstance(levels, tuple) and len(levels) == len(self.axes) and isinstance(levels[0], tuple):
            total = [worth.get(pair) for worth, pair in zip(self._worth, levels, strict=True)]
            if None not in total:
                return np.array(total, dtype=np.float64)
        array = np.asarray(levels)
        if array.shape[-2:] != (len(self.axes), 2) or array.dtype.kind not in "iu":
            raise ValueError(
                f"levels must be whole numbers of shape (..., {len(self.axes)}, 2), "
                f"got {array.dtype} of shape {array.shape}"
            )
        if array.ndim == 2:
            return self._points_of_one(array)
        rows = [self._points_of_one(one) for one in array.reshape(-1, len(self.axes), 2)]
        return np.array(rows, dtype=np.float64).reshape(array.shape[:-1])

    def _points_of_one(self, levels: NDArray[np.integer]) -> Array:
        total = []
        for axis, up, down, (prog, neg) in zip(self.axes, self.progress, self.regress, levels.tolist(), strict=True):
            if not 0 <= prog < len(up) or not 0 <= -neg < len(down):
                raise ValueError(
                    f"{axis}: expected progress 0..{len(up) - 1} and regression -{len(down) - 1}..0, "
                    f"got {prog} and {neg}"
                )
            total.append(up[prog] + down[-neg])
        return np.array(total, dtype=np.float64)


MDEP_PR = Rubric(
    axes=("C", "A", "P"),
    progress=((0.0, 1.0, 3.0), (0.0, 1.0, 3.0), (0.0, 1.0, 3.0)),
    regress=((0.0, -2.0, -4.0), (0.0, -2.0, -5.0), (0.0, -2.0, -5.0)),
)
"""The published scoring key of a turn (EMPA, section 3)."""
