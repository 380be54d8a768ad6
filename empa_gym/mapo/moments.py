"""Mean and standard deviation over siblings and over a batch, with ties and missing values told apart."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Mask
from empa_gym.mapo.memory import PIECE, bands, inner, total, workspace
from empa_gym.mapo.options import TIE, Std
from empa_gym.mapo.scan import Array


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
    whole = total(values) if values.dtype == dtype else float(np.add.reduce(values, None, dtype))
    mean = np.array(whole / count, dtype)
    squares = _squares(values, mean, None)
    elsewhere = (values.size - count) * float(mean) ** 2  # from places that hold 0 because no reward is there
    if squares > 2 * elsewhere:
        squares -= elsewhere
    else:  # the difference would have few digits
        squares = _squares(values, mean, contiguous(batch, batch.counted))
    spread = (squares / degrees(count, std)) ** 0.5
    return float(mean), 0.0 if spread <= tie_of(batch, dtype) * batch.largest else spread


def _squares(values: Array, mean: Array, counted: Mask | None) -> float:
    """Sum of (value - mean)^2, everywhere or where counted."""
    if values.size <= PIECE and counted is None:
        centred = values - mean
        return inner(centred, centred)
    squares = 0.0
    for band in bands(values.shape):
        centred = workspace("band", values[band].shape, mean.dtype)
        np.subtract(values[band], mean, centred)
        if counted is not None:
            np.multiply(centred, counted[band], centred)
        squares += inner(centred, centred)
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


def distinct(spread: Array, mean: Array, centred: Array, later: Array, tie: float, largest: float) -> Mask | None:
    """(T, g) whether siblings differ by more than rounding; None when they do everywhere.

    They tie when their std is at most ``tie`` times the largest |G| of the group at this turn or later: dialogues that
    come back to where they began have returns near 0 that were added up from large ones.

    Args:
        spread: (T, g) standard deviations.
        mean: (T, g) of G.
        centred: (N, T, g) G - mean, or 0 where a sibling does not vote.
        later: (N, L, g) G of the turns that follow and are not compared.
        tie: share of the largest, see TIE.
        largest: the largest |r| of the batch; as often as there are turns it bounds |G|, so few need a closer look.
    """
    differ: Mask = np.greater(spread, (spread.shape[0] + later.shape[1]) * tie * largest)
    if (told := np.count_nonzero(differ)) == spread.size:
        return None
    if told != np.count_nonzero(spread):  # some are neither equal nor told apart yet
        groups = np.flatnonzero(np.greater(spread > 0, differ).any(0))
        sizes = np.abs(centred[..., groups] + mean[:, groups]).max(0)
        behind = np.abs(later[..., groups]).max((0, 1), initial=0)
        reach = np.maximum(np.maximum.accumulate(sizes[::-1], 0)[::-1], behind)
        differ[:, groups] = spread[:, groups] > tie * reach
    return differ
