"""TurnBatch: ragged per-turn rewards of grouped dialogues as rectangular arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from empa_gym.mapo.arrays import (
    Order,
    before,
    dtype_of,
    filled,
    keep_known,
    lengths_of,
    matching,
    numbered,
    order_of,
    ordered,
    plain_array,
    sizes_of,
    spans_of,
    truths,
)
from empa_gym.mapo.layout import Layout, Mask, layout_of
from empa_gym.mapo.scan import Array, Whole, turns_of


@dataclass(frozen=True, eq=False)
class TurnBatch:
    """Rewards of B dialogues of up to T turns; made by ``from_ragged`` or ``from_arrays``.

    A row *takes part* when it is complete and at least one of its turns is valid; any other row neither votes in a
    statistic, nor trains. T_min of a group counts its complete rows that have a turn. Rows without a turn, groups of
    one, T = 1 and groups without a valid turn are all allowed: their turn part is 0.

    The arrays are read-only. They lie time-major in memory (``rewards.T`` is contiguous) where siblings are
    neighbours in groups of one size, the fastest case, and row by row otherwise.

    Attributes:
        rewards: (B, T) immediate rewards, float32 or float64; 0 where ``valid`` is False, whatever was given there.
        mask: (B, T) the turn happened: True from the first turn to the last one of its row.
        valid: (B, T) its immediate reward is known.
        group: (B,) number of the group, 0, 1, ... in order of first appearance of its label.
        span: (B, T) turns that a reward covers: 1 as a rule, more where one judgement catches up; 1 where
            nothing is valid.
        complete: (B,) the dialogue ended by a rule or by its turn limit, so its returns are known.
        lengths: (B,) turns that happened.
    """

    rewards: Array
    mask: Mask
    valid: Mask
    group: Whole
    span: NDArray[np.int64]
    complete: Mask
    lengths: Whole

    @classmethod
    def from_ragged(
        cls,
        rewards: Sequence[Sequence[float]],
        groups: Iterable[Hashable],
        valid: Sequence[Sequence[bool]] | None = None,
        span: Sequence[Sequence[int]] | None = None,
        complete: Sequence[bool] | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> TurnBatch:
        """A batch from one list of rewards per dialogue.

        Args:
            rewards: B sequences of per-turn rewards, of any lengths, zero allowed.
            groups: B labels; rows with equal labels are siblings: same start, other replies.
            valid: for each turn whether its reward is known; all of them when left out.
            span: for each turn how many turns its reward covers; 1 when left out.
            complete: for each row whether the dialogue ended; all of them when left out.
            dtype: numpy.float32 or numpy.float64, of everything that is computed from the batch.

        Raises:
            ValueError: naming the row: a length differs, a valid reward is not finite, a span is below 1.

        >>> batch = TurnBatch.from_ragged([[1.0, 0.5], [0.0]], ["a", "a"])
        >>> batch.rewards
        array([[1. , 0.5],
               [0. , 0. ]])
        >>> batch.mask
        array([[ True,  True],
               [ True, False]])
        """
        lengths = sizes_of(rewards, "rewards")
        group = numbered(groups, len(lengths))
        mask = before(lengths, int(lengths.max(initial=0)), order_of(group))
        return cls._checked(
            filled(rewards, "rewards", lengths, mask, dtype_of(dtype)),
            mask,
            lengths,
            group,
            mask if valid is None else filled(valid, "valid", lengths, mask, np.bool_),
            None if span is None else filled(span, "span", lengths, mask, np.float64),
            complete,
        )

    @classmethod
    def from_arrays(
        cls,
        rewards: ArrayLike,
        mask: ArrayLike,
        group: Iterable[Hashable],
        valid: ArrayLike | None = None,
        span: ArrayLike | None = None,
        complete: ArrayLike | None = None,
    ) -> TurnBatch:
        """A batch from padded arrays; the arrays are copied.

        Args:
            rewards: (B, T); float32 stays float32, everything else becomes float64.
            mask: (B, T) the turn happened: in each row a run of True from the first turn on.
            group: (B,) labels of any hashable kind, in any order.
            valid: (B, T) the reward is known; ``mask`` when left out. Counts only within ``mask``.
            span: (B, T) whole numbers from 1; 1 when left out.
            complete: (B,); all True when left out.

        Raises:
            ValueError: naming the row: a shape differs, the mask has a gap, a valid reward is not finite, a span is
                below 1.

        >>> TurnBatch.from_arrays([[1, 2]], [[True, False]], ["a"]).lengths
        array([1])
        """
        given = plain_array(rewards, "rewards")
        if given.ndim != 2:
            raise ValueError(f"expected rewards of shape (rows, turns), got shape {given.shape}")
        dtype = np.float32 if given.dtype == np.float32 else np.float64
        lengths = lengths_of(truths(mask, "mask", given.shape))
        numbers = numbered(group, len(given))
        order = order_of(numbers)
        happened = before(lengths, given.shape[1], order)
        known = happened
        if valid is not None:
            known = ordered(truths(valid, "valid", given.shape), np.bool_, order) & happened
        spans = None if span is None else ordered(matching(span, "span", given.shape), np.float64, order)
        return cls._checked(ordered(given, dtype, order), happened, lengths, numbers, known, spans, complete)

    @classmethod
    def _checked(
        cls,
        rewards: Array,
        mask: Mask,
        lengths: Whole,
        group: Whole,
        valid: Mask,
        span: NDArray[Any] | None,
        complete: ArrayLike | None,
    ) -> TurnBatch:
        rows = len(lengths)
        keep_known(rewards, valid)
        ended = np.ones(rows, np.bool_) if complete is None else truths(complete, "complete", (rows,)).copy()
        for array in (rewards, mask, valid, group, ended, lengths):
            array.flags.writeable = False
        return cls(rewards, mask, valid, group, spans_of(span, valid), ended, lengths)

    def __len__(self) -> int:
        """Rows."""
        return len(self.lengths)

    @cached_property
    def finished(self) -> bool:
        """Whether every row is complete."""
        return bool(self.complete.all())

    @cached_property
    def known(self) -> Whole:
        """(B,) the last valid turn + 1, so that turn t votes when t < known; 0 for a row that takes no part."""
        if self.valid is self.mask:
            last = self.lengths
        else:
            turns = turns_of(self.rewards.shape[1]) + 1
            last = np.max(self.valid * turns, axis=1, initial=0)
        return last if self.finished else np.where(self.complete, last, 0)

    @cached_property
    def paid(self) -> Array:
        """(B, T) the rewards that count: those of valid turns of complete rows, 0 elsewhere."""
        return (
            self.rewards
            if self.finished
            else np.where(self.complete[:, None], self.rewards, self.rewards.dtype.type(0))
        )

    @cached_property
    def counted(self) -> Mask:
        """(B, T) valid turns of complete rows: those whose rewards enter batch statistics."""
        return self.valid if self.finished else self.valid & self.complete[:, None]

    @cached_property
    def count(self) -> int:
        """Turns whose rewards enter batch statistics."""
        return int(self.lengths.sum()) if self.counted is self.mask else int(np.count_nonzero(self.counted))

    @cached_property
    def per_turn(self) -> Array:
        """(B, T) paid / span: the reward that a turn earned on average."""
        return self.paid if self.even_span else (self.paid / self.span).astype(self.rewards.dtype)

    @cached_property
    def layout(self) -> Layout:
        """Which rows are siblings, as blocks to compute on."""
        used = self.lengths > 0 if self.finished else self.complete & (self.lengths > 0)
        return layout_of(self.group, used, self.lengths, self.known, self.rewards.shape[1])

    @cached_property
    def losses(self) -> dict[tuple[str, str], Any]:
        """Which turns enter the loss, by the options on which it depends; see :mod:`empa_gym.mapo.scopes`."""
        return {}

    @cached_property
    def largest(self) -> float:
        """The largest |reward| that counts."""
        most, least = np.maximum.reduce(self.paid, None, initial=0), np.minimum.reduce(self.paid, None, initial=0)
        return max(float(most), -float(least))

    @property
    def order(self) -> Order:
        """The memory order of the (B, T) arrays."""
        return "F" if self.layout.aligned else "C"

    @property
    def even_span(self) -> bool:
        """Whether every reward covers one turn and was never given another span."""
        return self.span.strides == (0, 0)
