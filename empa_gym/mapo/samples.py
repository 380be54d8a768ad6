"""Numbers in bins: what is compared with what, and how far each lies from the rest of its bin. In float64."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.moments import degrees
from empa_gym.mapo.options import TIE, Std
from empa_gym.mapo.returns import monte_carlo_returns, votes
from empa_gym.mapo.scan import Array, Whole


class Sample(NamedTuple):
    """n numbers in m bins.

    Attributes:
        values: (n,) float64.
        bins: (n,) the bin of each.
        counts: (m,) numbers in each bin.
        centred: (n,) values - mean of their bin.
        deviation: (m,) population standard deviation; 0 in a bin whose values are equal up to rounding.
    """

    values: NDArray[np.float64]
    bins: Whole
    counts: Whole
    centred: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def standardised(self, std: Std, eps: float) -> NDArray[np.float64]:
        """(n,) (values - mean) / (std + eps); undivided for std "none"; 0 in a bin whose values are equal."""
        apart = self.deviation > 0
        if std == "none":
            return self.centred * apart[self.bins]
        counts = np.maximum(self.counts, 1)
        spread = self.deviation * np.sqrt(counts / degrees(counts, std))
        scale: NDArray[np.float64] = np.divide(1, spread + eps, out=np.zeros_like(spread), where=apart)
        return self.centred * scale[self.bins]


def sample(values: Array, bins: Whole, size: int, *, tie: float, scale: Array | None = None) -> Sample:
    """Numbers in bins 0..size - 1.

    Values of a bin are equal when their deviation is at most ``tie`` times the largest scale there: ``scale`` (n,) is
    the size of what each value was computed from, |values| when left out.

    >>> sample(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]), 2, tie=0.0).standardised("population", 0.0)
    array([-1.,  1.,  0.])
    """
    exact = values.astype(np.float64)
    counts = np.bincount(bins, minlength=size)
    there = np.maximum(counts, 1)
    centred = exact - (np.bincount(bins, exact, size) / there)[bins]
    deviation = np.sqrt(np.bincount(bins, centred * centred, size) / there)
    largest = np.zeros(size)
    np.maximum.at(largest, bins, np.abs(exact if scale is None else scale))
    return Sample(exact, bins, counts, centred, np.where(deviation > tie * largest, deviation, 0))


def correlation(first: NDArray[Any], second: NDArray[Any], bins: Whole, size: int, tie: float) -> NDArray[np.float64]:
    """(m,) Pearson correlation of pairs in each bin; nan where one of them does not vary.

    >>> correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]), np.array([0, 0, 0]), 1, 0.0).round(6)
    array([1.])
    """
    one, two = sample(first, bins, size, tie=tie), sample(second, bins, size, tie=tie)
    both = np.bincount(bins, one.centred * two.centred, size) / np.maximum(one.counts, 1)
    scale = one.deviation * two.deviation
    found: NDArray[np.float64] = np.divide(both, scale, out=np.full(size, np.nan), where=scale > 0)
    return found


class Totals(NamedTuple):
    """One number a row, compared within its group.

    Attributes:
        rows: (n,) the rows that take part.
        sample: their numbers, with groups as bins.
    """

    rows: Whole
    sample: Sample

    def by_turn(self, batch: TurnBatch, credit: Array) -> Array:
        """(B, T) what each of the n rows got, at every turn that votes; 0 elsewhere."""
        column = np.zeros((len(batch), 1))
        column[self.rows, 0] = credit
        return np.where(votes(batch), column, 0.0)


def totals_of(batch: TurnBatch, outcome: Array | None = None) -> Totals:
    """The sum of rewards of every row that takes part, or the (B,) outcome that was given for it."""
    rows, tie = np.flatnonzero(batch.known), TIE[batch.rewards.dtype]
    groups, size = batch.group[rows], group_count(batch)
    if outcome is None:
        scale = np.abs(monte_carlo_returns(batch, 1.0)[rows]).max(1, initial=0)
        return Totals(rows, sample(batch.paid[rows].sum(1, dtype=np.float64), groups, size, tie=tie, scale=scale))
    if outcome.shape != (len(batch),):
        raise ValueError(f"expected outcome of shape ({len(batch)},), one per row, got shape {outcome.shape}")
    if not (finite := np.isfinite(outcome[rows])).all():
        row = int(rows[finite.argmin()])
        raise ValueError(f"row {row}: expected a finite outcome of a row that takes part, got {outcome[row]}")
    return Totals(rows, sample(outcome[rows], groups, size, tie=tie))


def group_count(batch: TurnBatch) -> int:
    """Groups of the batch."""
    return int(batch.group.max(initial=-1)) + 1
