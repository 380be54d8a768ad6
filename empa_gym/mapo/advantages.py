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

from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Array, Block, Mask, scan, turnwise
from empa_gym.mapo.moments import degrees, distinct, grouped, pooled, tie_of
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
from empa_gym.mapo.scopes import loss_mask, votes


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

    Siblings tie, and get turn part 0, when their std is at most 1e-11 (1e-5 in float32) of the largest |G| in their
    group at this turn or later: what is left is rounding (docs/design/mapo_layout.md).

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


def _estimate(batch: TurnBatch, options: Options, parts: bool) -> Advantages:
    """The equations of the module, for n rows at a time: the groups of a block."""
    layout, (rows, turns), dtype = batch.layout, batch.rewards.shape, batch.rewards.dtype
    mask, immediate = loss_mask(batch, options), _immediate(batch, options, 1.0 if parts else options.batch_weight)
    results = [layout.new(rows, turns, dtype) for _ in _SLOTS[: 4 if parts else 1]]
    for block in layout.blocks:
        rooms = [layout.room(block, result, slot) for result, slot in zip(results, _SLOTS, strict=False)]
        rewards = layout.take(block, batch.paid, "rewards")
        worth = turnwise("worth", turns, block, options.dtype)
        scan(layout.siblings(block, rewards), options.gamma, worth)
        if parts:
            np.copyto(layout.siblings(block, rooms[1]), worth, casting="same_kind")
        scale = _compare(worth, block, batch, options)
        if not parts:
            np.multiply(scale, options.turn_weight, scale)
        place = layout.siblings(block, rooms[-1])
        if place.dtype == worth.dtype:
            np.multiply(worth, scale[:, None], place)
        else:  # a product that is rounded on its way out takes longer
            np.copyto(place, np.multiply(worth, scale[:, None], worth), casting="same_kind")
        _mix(batch, block, rewards, immediate, layout.take(block, mask, "mask"), rooms, options)
        for room, result in zip(rooms, results, strict=True):
            layout.give(block, room, result)
    values, returns, part, turn = results if parts else (results[0], None, None, None)
    return Advantages(values, mask.copy("K"), returns, turn, part)


_SLOTS = ("values", "returns", "batch", "turn")


def _compare(returns: Array, block: Block, batch: TurnBatch, options: Options) -> Array:
    """Centre returns (T, N, g) in place; gives the scale (T, g) that makes them A^turn, 0 where siblings tie.

    A sibling that does not vote has return 0, so sums need no mask.
    """
    voting, count = votes(block, len(returns), options.turn_scope), block.shape[0]
    if voting is not None:
        voting = voting.astype(options.dtype)
        count = np.maximum(np.add.reduce(voting, 1), 1)
    mean = np.add.reduce(returns, 1)
    np.divide(mean, count, mean)
    np.subtract(returns, mean[:, None], returns)
    if voting is not None:
        np.multiply(returns, voting, returns)
    spread = np.einsum("tng,tng->tg", returns, returns)
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


def _immediate(batch: TurnBatch, options: Options, weight: float) -> tuple[Array, Array]:
    """Mean and scale that make an immediate reward a weight times A^batch: numbers, or (B, 1) by group."""
    dtype = batch.rewards.dtype
    if options.batch_scope == "batch":
        mean, spread = pooled(batch, options.std, options.dtype)
        scale = 0.0 if not spread else 1.0 if options.std == "none" else 1 / (spread + options.eps)
        return np.array(mean, dtype), np.array(weight * scale, dtype)
    moments = grouped(batch, options.std, options.dtype)
    scales = _inverse(moments.std, moments.std > 0, options)
    return np.asarray(moments.mean, dtype), np.asarray(weight * scales, dtype)


def _mix(
    batch: TurnBatch,
    block: Block,
    rewards: Array,
    immediate: tuple[Array, Array],
    mask: Mask,
    rooms: list[Array],
    options: Options,
) -> None:
    """w_turn A^turn + w_batch A^batch within the mask, for n rows; A^turn is in the last of the rooms (n, T).

    Without parts there is one room, and both terms bear their weights already.
    """
    layout, values, turn = batch.layout, rooms[0], rooms[-1]
    spare = layout.scratch(block, mask.shape[1], values.dtype, "spare")
    part = spare if values is turn else rooms[2]
    mean, scale = immediate
    if mean.ndim:
        mean, scale = layout.take(block, mean, "mean"), layout.take(block, scale, "scale")
    if not batch.even_span:
        rewards = layout.take(block, batch.per_turn, "rewards")
    np.multiply(np.subtract(rewards, mean, part), scale, part)
    if batch.valid is not batch.mask:
        np.multiply(part, layout.take(block, batch.valid, "valid"), part)
    if values is turn:
        np.add(turn, part, values)
        np.multiply(values, mask, values)
    else:
        np.multiply(turn, mask, turn)
        np.multiply(part, mask, part)
        np.multiply(turn, options.turn_weight, values)
        np.add(values, np.multiply(part, options.batch_weight, spare), values)
    np.add(values, 0, values)  # -0 becomes 0
