"""MAPO: turn-wise normalised Monte-Carlo returns mixed with batch-wise normalised immediate rewards.

With N siblings i that started from the same state, turn t, and G_{i,t} the return from t on (MAPO, section 4):

    A^turn_{i,t}  = (G_{i,t} - mean_i G_{i,t}) / (std_i G_{i,t} + eps)      for t <= T_min
    A^batch_{i,t} = (r_{i,t} - mean r) / (std r + eps)                      mean and std over every turn of the batch
    A_{i,t}       = w_turn A^turn_{i,t} + w_batch A^batch_{i,t}

The expected return shifts with the turn, so returns are compared among siblings at the same turn; the immediate
reward is roughly stable, so it is compared across the batch. Returns are compared in blocks (T, N, g): T turns,
N siblings, g groups (:mod:`empa_gym.mapo.layout`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from empa_gym.mapo.arrays import before
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Array, Block, Mask, Whole, bands, scan, turns_of, workspace
from empa_gym.mapo.moments import contiguous, degrees, distinct, grouped, pooled, tie_of
from empa_gym.mapo.options import (
    EPS,
    Baseline,
    BatchScope,
    LoneSurvivor,
    Options,
    Precision,
    Std,
    TurnScope,
    checked,
)


class Advantages(NamedTuple):
    """What each turn is credited with.

    Attributes:
        values: (B, T) the advantage; 0 outside of the mask.
        mask: (B, T) the turns that enter the loss.
        returns: (B, T) G of every turn that votes; None when the parts were not asked for, like the next two.
        turn: (B, T) A^turn, before its weight; 0 outside of the mask.
        batch: (B, T) A^batch, before its weight; 0 outside of the mask.
    """

    values: Array
    mask: Mask
    returns: Array | None
    turn: Array | None
    batch: Array | None


def mixed_advantages(
    batch: TurnBatch,
    *,
    gamma: float = 0.99,
    turn_weight: float = 0.5,
    batch_weight: float = 0.5,
    turn_scope: TurnScope = "shortest",
    baseline: Baseline = "mean",
    std: Std = "population",
    eps: float = EPS,
    batch_scope: BatchScope = "batch",
    lone_survivor: LoneSurvivor = "drop",
    moments: Precision = "float64",
    parts: bool = True,
) -> Advantages:
    """The mixed advantage of MAPO (section 4.3), by default exactly as in the paper.

    Args:
        batch: rewards of grouped dialogues.
        gamma: discount per turn, within [0, 1].
        turn_weight: w_turn, 0 or more; the two weights sum to 1.
        batch_weight: w_batch.
        turn_scope: which turns are compared. "shortest": those up to T_min, the turns of the group's shortest
            dialogue; later turns leave the loss. "alive": every turn that at least two siblings reach. "absorbing":
            every turn, a finished dialogue counting as return 0 from its end on.
        baseline: what a return is compared with: the "mean" of all siblings, or of the others ("leave_one_out", that
            is N / (N - 1) times as far from it).
        std: what it is divided by: "population" (n), "sample" (n - 1) or "none" (not at all; both parts).
        eps: added to every standard deviation.
        batch_scope: over what immediate rewards are normalised: the whole "batch", or each "group".
        lone_survivor: a turn that only one of several siblings reaches: "drop" it from the loss, or "keep" it there
            with turn part 0. A group of one has nobody to compare with: it stays in the loss with turn part 0.
        moments: precision of means and deviations, "float64" or "float32"; the result has the dtype of the rewards.
        parts: whether returns and the two parts are wanted too.

    Raises:
        ValueError: an option is unknown or out of range; says which and what it may be.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0]], ["a", "a"])
    >>> mixed_advantages(batch, gamma=1.0).values.round(3)
    array([[ 0.211,  1.366],
           [-0.789, -0.789]])
    """
    options = Options(
        gamma, turn_weight, batch_weight, turn_scope, baseline, std, eps, batch_scope, lone_survivor, moments
    )
    return _estimate(batch, checked(options), parts)


def turn_advantages(
    batch: TurnBatch,
    *,
    gamma: float = 0.99,
    turn_scope: TurnScope = "shortest",
    baseline: Baseline = "mean",
    std: Std = "population",
    eps: float = EPS,
    lone_survivor: LoneSurvivor = "drop",
    moments: Precision = "float64",
) -> Advantages:
    """A^turn alone (MAPO, section 4.1): the return compared with that of siblings at the same turn.

    Options as in :func:`mixed_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0, 5.0]], ["a", "a"])
    >>> turn_advantages(batch, gamma=0.0).values.round(3)
    array([[ 0.,  1.,  0.],
           [ 0., -1.,  0.]])
    """
    options = Options(gamma, 1.0, 0.0, turn_scope, baseline, std, eps, "batch", lone_survivor, moments)
    found = _estimate(batch, checked(options), parts=True)
    return found._replace(batch=np.zeros_like(found.values))


def batch_advantages(
    batch: TurnBatch,
    *,
    std: Std = "population",
    eps: float = EPS,
    batch_scope: BatchScope = "batch",
    moments: Precision = "float64",
) -> Advantages:
    """A^batch alone (MAPO, section 4.2): the immediate reward compared with that of every turn; drops no turn.

    Options as in :func:`mixed_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 3.0]], ["a", "b"])
    >>> batch_advantages(batch).values.round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    options = Options(0.0, 0.0, 1.0, "absorbing", "mean", std, eps, batch_scope, "keep", moments)
    found = _estimate(batch, checked(options), parts=True)
    return found._replace(turn=np.zeros_like(found.values))


class _Siblings(NamedTuple):
    """Who is compared with whom, in one block.

    Attributes:
        votes: (T, N, g), or None when all siblings do.
        voters: (T, g) how many, at least 1, or their number when it is the same everywhere.
        ends: (N, g) turns of each row that enter the loss: t < end.
        lone: (T, g) turns that leave the loss besides, or None.
    """

    votes: Mask | None
    voters: Array | int
    ends: Whole
    lone: Mask | None


def _estimate(batch: TurnBatch, options: Options, parts: bool) -> Advantages:
    """The equations of the module: A^turn block by block, then the mix turn by turn."""
    layout, turns, dtype = batch.layout, batch.rewards.shape[1], batch.rewards.dtype
    turn, returns = layout.new(turns, dtype), layout.new(turns if parts else 0, dtype)
    ends, gaps = np.zeros(len(turn), np.intp), None
    for block in layout.blocks:
        worth, spare = workspace("block", (2, turns, *block.rows.shape), options.dtype)
        scan(layout.take(block, batch.paid), options.gamma, worth)
        if parts:
            layout.put(block, worth, returns)
        siblings = _siblings(block, turns, options)
        layout.put(block, siblings.ends, ends)
        if siblings.lone is not None:
            gaps = np.zeros(turn.shape, np.bool_) if gaps is None else gaps
            layout.put(block, np.broadcast_to(siblings.lone[:, None], worth.shape), gaps)
        scale = _compare(worth, spare, siblings, batch, options)
        layout.put(block, np.multiply(worth, scale[:, None], worth), turn)
    mask = before(layout.restore(ends), turns, batch.order)
    if gaps is not None:
        mask &= ~layout.restore(gaps)
    return _mixed(batch, options, layout.restore(turn), mask, layout.restore(returns) if parts else None)


def _siblings(block: Block, turns: int, options: Options) -> _Siblings:
    scope, everybody = options.turn_scope, len(block.rows)
    ends = np.minimum(block.known, block.shortest) if scope == "shortest" else block.known
    if block.plain and scope != "alive":
        return _Siblings(None, everybody, ends, None)
    turn = turns_of(turns)[:, None, None]
    votes, lone = turn < block.known, None
    if scope == "absorbing":
        votes |= (turn >= block.lengths) & (block.known > 0)
    count = np.add.reduce(votes, 1, dtype=options.dtype)
    if options.lone_survivor == "drop" and everybody > 1:
        if scope == "absorbing":
            lone = (count == 1) & (block.size > 1)
        else:  # from the second longest on, the longest is alone
            second = np.partition(block.known, -2, 0)[-2]
            ends = np.minimum(ends, np.where(block.size > 1, second, turns))
    return _Siblings(votes, np.maximum(count, 1), ends, lone)


def _compare(returns: Array, spare: Array, siblings: _Siblings, batch: TurnBatch, options: Options) -> Array:
    """Centre returns (T, N, g) in place; gives the scale (T, g) that makes them A^turn, 0 where siblings tie.

    A sibling that does not vote has return 0, so sums need no mask.
    """
    votes, count = siblings.votes, siblings.voters
    mean = np.add.reduce(returns, 1)
    np.divide(mean, count, mean)
    np.subtract(returns, mean[:, None], returns)
    if votes is not None:
        np.multiply(returns, votes, returns)
    spread = np.add.reduce(np.multiply(returns, returns, spare), 1)
    np.divide(spread, degrees(count, options.std), spread)
    np.sqrt(spread, spread)
    scale = _inverse(spread, distinct(spread, mean, returns, tie_of(batch, options.dtype), batch.largest), options)
    if options.baseline == "leave_one_out":
        np.multiply(scale, count / np.maximum(count - 1, 1), scale)
    return scale


def _inverse(spread: Array, distinct: Mask, options: Options) -> Array:
    """1 / (std + eps), or 1 without normalisation; 0 for a tie."""
    if options.std == "none":
        return distinct.astype(spread.dtype)
    divisor = np.add(spread, max(options.eps, _TINY), dtype=spread.dtype)  # a tie may have std 0
    return np.divide(distinct, divisor, dtype=spread.dtype)


_TINY = float(np.finfo(np.float32).tiny)


def _mixed(batch: TurnBatch, options: Options, turn: Array, mask: Mask, returns: Array | None) -> Advantages:
    """w_turn A^turn + w_batch A^batch within the mask; ``turn`` (B, T) becomes A^turn, or the mix without parts."""
    moments = (pooled if options.batch_scope == "batch" else grouped)(batch, options.std, options.dtype)
    scale = _inverse(moments.std, moments.std > 0, options)
    mean, scale = [np.broadcast_to(array.astype(turn.dtype)[:, None], turn.shape) for array in (moments.mean, scale)]
    immediate, values = (turn, turn) if returns is None else (np.empty_like(turn), np.empty_like(turn))
    arrays = [batch.per_turn, mean, scale, batch.counted, mask, turn]
    flat = [contiguous(batch, array) for array in (*arrays, immediate, values)]
    weights = [turn.dtype.type(weight) for weight in (options.turn_weight, options.batch_weight)]
    for band in bands(flat[0].shape):
        reward, mean, scale, counted, inside, ours, theirs, mixed = [array[band] for array in flat]
        spare = workspace("band", ours.shape, turn.dtype)
        part = spare if returns is None else theirs
        np.multiply(np.subtract(reward, mean, part), scale, part)
        if batch.counted is not batch.mask:
            np.multiply(part, counted, part)
        if returns is not None:
            np.multiply(ours, inside, ours)
            np.multiply(part, inside, part)
        np.multiply(ours, weights[0], mixed)
        np.add(mixed, np.multiply(part, weights[1], spare), mixed)
        if returns is None:
            np.multiply(mixed, inside, mixed)
        np.add(mixed, 0, mixed)  # -0 becomes 0
    if returns is None:
        return Advantages(values, mask, None, None, None)
    return Advantages(values, mask, returns, turn, immediate)
