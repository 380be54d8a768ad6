"""What is scored: one dialogue as arrays, and many of them stacked into one padded batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from empa_gym.outcome import Outcome

Array = NDArray[np.float64]


class Trajectory(NamedTuple):
    """One dialogue, as the score sees it; our own records and the public benchmark's files both come to this.

    Attributes:
        positions: P_0 ... P_T, the judged points with turn 0 first, shape ``(M, axes)``, rubric points.
        levels: progress and regression per judged turn, shape ``(M - 1, axes, 2)``; zeros where a turn
            counts as a point but has no form.
        outcome: why it ended.
        turns: T of the score: judged turns in our own runs, ``total_turns`` in the public files.
        end_kind: "geometric" or "positional" for a recovery, else "".
        played: how many turns were played, judged or not; None: as many as ``turns``.
    """

    positions: ArrayLike
    levels: ArrayLike
    outcome: Outcome
    turns: int
    end_kind: str = ""
    played: int | None = None

    @property
    def scored(self) -> bool:
        """Whether it enters EPM-Q: it ended by a rule or its limit, and something was judged."""
        return self.outcome.scored and len(np.asarray(self.positions)) > 1

    @property
    def length(self) -> int:
        """How many turns were played."""
        return self.turns if self.played is None else self.played


class Batch(NamedTuple):
    """Dialogues of different lengths in one set of arrays, padded at the end.

    Attributes:
        positions: shape ``(B, M, axes)``, rubric points; what stands in the padding does not count.
        levels: shape ``(B, M - 1, axes, 2)``; row t belongs to point t + 1.
        mask: which points are real, shape ``(B, M)``, a run of True from turn 0 on.
        turns: T of each dialogue, shape ``(B,)``.
    """

    positions: Array
    levels: Array
    mask: NDArray[np.bool_]
    turns: NDArray[np.int64]


def stack(trajectories: Sequence[Trajectory]) -> Batch:
    """Pad dialogues to one length.

    Raises:
        ValueError: there is none, a shape does not fit, or the dialogues differ in their number of axes.
    """
    if not trajectories:
        raise ValueError("expected at least one dialogue to stack, got none")
    paths = [np.asarray(one.positions, dtype=np.float64) for one in trajectories]
    forms = [np.asarray(one.levels, dtype=np.float64) for one in trajectories]
    axes = paths[0].shape[-1] if paths[0].ndim else 0
    for number, (path, form) in enumerate(zip(paths, forms, strict=True)):
        if path.ndim != 2 or not len(path) or path.shape[1] != axes:
            raise ValueError(f"dialogue {number}: expected positions of shape (M, {axes}), got {path.shape}")
        if len(path) > 1 and form.shape != (len(path) - 1, axes, 2):
            raise ValueError(
                f"dialogue {number}: expected levels of shape ({len(path) - 1}, {axes}, 2), got {form.shape}"
            )
    longest = max(map(len, paths))
    batch = Batch(
        np.zeros((len(paths), longest, axes)),
        np.zeros((len(paths), longest - 1, axes, 2)),
        np.arange(longest) < np.array([len(path) for path in paths])[:, None],
        np.array([one.turns for one in trajectories], dtype=np.int64),
    )
    for row, (path, form) in enumerate(zip(paths, forms, strict=True)):
        batch.positions[row, : len(path)] = path
        if len(path) > 1:
            batch.levels[row, : len(path) - 1] = form
    return batch
