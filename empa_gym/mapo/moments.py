"""Mean and standard deviation over siblings and over a batch, with ties and missing values told apart."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Array, Mask, bands, workspace
from empa_gym.mapo.options import TIE, Std


class Moments(NamedTuple):
    """Mean and standard deviation of immediate rewards by group, (B, 1): those of the group that a row belongs to.

    Attributes:
        mean: in reward units.
        std: in reward units; 0 when all rewards are equal up to rounding, or none is known.
    """

    mean: Array
    std: Array


def tie_of(batch: TurnBatch, dtype: np.dtype[Any]) -> float:
    """The share that belongs to the coarser of the rewards' precision and the moments'."""
    return max(TIE[dtype], TIE[batch.rewards.dtype])


def pooled(batch: TurnBatch, std: Std, dtype: np.dtype[Any]) -> tuple[float, float]:
    """Mean and std of reward / span over every counted turn of the batch, also those behind T_min."""
    values, count = contiguous(batch, batch.per_turn), batch.count
    if not count:
        return 0.0, 0.0
    mean = dtype.type(np.add.reduce(values, None, dtype) / count)
    squares = _squares(values, mean, None)
    elsewhere = (values.size - count) * float(mean) ** 2  # from places that hold 0 because no reward is there
    if squares > 2 * elsewhere:
        squares -= elsewhere
    else:  # the difference would have few digits
        squares = _squares(values, mean, contiguous(batch, batch.counted))
    spread = float(squares / degrees(count, std)) ** 0.5
    return float(mean), 0.0 if spread <= tie_of(batch, dtype) * batch.largest else spread


def _squares(values: Array, mean: np.floating[Any], counted: Mask | None) -> float:
    """Sum of (value - mean)^2, everywhere or where counted."""
    squares = 0.0
    for band in bands(values.shape):
        centred = workspace("band", values[band].shape, mean.dtype)
        np.subtract(values[band], mean, centred, casting="same_kind")
        if counted is not None:
            np.multiply(centred, counted[band], centred)
        squares += float(np.add.reduce(np.multiply(centred, centred, centred), None))
    return squares


def grouped(batch: TurnBatch, std: Std, dtype: np.dtype[Any]) -> Moments:
    """Moments of reward / span over the counted turns of each group."""
    values, counted = batch.per_turn.astype(dtype, copy=False), batch.counted
    count = np.maximum(_by_group(np.count_nonzero(counted, 1), batch), 1)
    mean = (_by_group(np.add.reduce(values, 1), batch) / count).astype(dtype)
    centred = (values - mean[:, None]) * counted
    squares = _by_group(np.add.reduce(np.multiply(centred, centred, centred), 1), batch)
    spread = np.sqrt(squares / degrees(count, std))
    largest = np.zeros(len(batch))
    np.maximum.at(largest, batch.group, np.abs(values).max(1, initial=0))
    spread[spread <= tie_of(batch, dtype) * largest[batch.group]] = 0
    return Moments(mean[:, None], spread.astype(dtype)[:, None])


def contiguous(batch: TurnBatch, values: NDArray[Any]) -> NDArray[Any]:
    """A (B, T) array of a batch as it lies in memory: (T, B) when time-major."""
    return values.T if batch.layout.aligned else values


def _by_group(rows: NDArray[Any], batch: TurnBatch) -> NDArray[np.float64]:
    """Sum of a number per row over the row's group, (B,) -> (B,)."""
    sums = np.bincount(batch.group, rows.astype(np.float64)).astype(np.float64)
    return sums[batch.group]


def degrees(count: Any, std: Std) -> Any:
    """What a sum of squares is divided by: n for a population, n - 1 for a sample, never 0."""
    if isinstance(count, int):
        return max(count - 1 if std == "sample" else count, 1)
    return np.maximum(count - 1 if std == "sample" else count, 1)


def distinct(spread: Array, mean: Array, centred: Array, tie: float, largest: float) -> Mask:
    """(T, g) whether siblings differ by more than rounding.

    They tie when their std is at most ``tie`` times the largest |G| of the group at this turn or later: dialogues that
    come back to where they began have returns near 0 that were added up from large ones.

    Args:
        spread: (T, g) standard deviations.
        mean: (T, g) of G.
        centred: (T, N, g) G - mean, or 0 where a sibling does not vote.
        tie: share of the largest, see TIE.
        largest: the largest |r| of the batch; as often as turns are left it bounds |G|, so few need a closer look.
    """
    differ: Mask = spread > np.multiply(_turns_left(len(spread), spread.dtype), tie * largest)
    if np.count_nonzero(differ) != np.count_nonzero(spread):  # some are neither equal nor told apart yet
        groups = np.flatnonzero(np.greater(spread > 0, differ).any(0))
        sizes = np.abs(centred[..., groups] + mean[:, None, groups]).max(1)
        reach = np.maximum.accumulate(sizes[::-1], 0)[::-1]
        differ[:, groups] = spread[:, groups] > tie * reach
    return differ


@lru_cache(maxsize=64)
def _turns_left(turns: int, dtype: np.dtype[Any]) -> Array:
    """(T, 1): T, T - 1, ... 1; shared, so read-only."""
    left: Array = np.arange(turns, 0, -1)[:, None].astype(dtype)
    left.flags.writeable = False
    return left
