"""MAPO: turn-wise normalised Monte-Carlo returns mixed with batch-wise normalised immediate rewards.

With N siblings i that started from the same state, turn t, and G_{i,t} the return from t on (MAPO, section 4):

    A^turn_{i,t}  = (G_{i,t} - mean_i G_{i,t}) / (std_i G_{i,t} + eps)      for t <= T_min
    A^batch_{i,t} = (r_{i,t} - mean r) / (std r + eps)                      mean and std over every turn of the batch
    A_{i,t}       = w_turn A^turn_{i,t} + w_batch A^batch_{i,t}

The expected return shifts with the turn, so returns are compared among siblings at the same turn; the immediate
reward is roughly stable, so it is compared across the batch. Returns are compared in blocks (N, T, g): N siblings,
T turns, g groups (:mod:`empa_gym.mapo.layout`). The same in loops, without an array, and what every result is tested
against: tests/mapo/definition.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Block, Mask, side_by_side
from empa_gym.mapo.memory import workspace
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
from empa_gym.mapo.scan import Array, scan
from empa_gym.mapo.scopes import loss_of, votes


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


class _Room(NamedTuple):
    """Where the results of a block are made, (n, T) each.

    Without parts A^turn is made in the place of the values, A^batch in a spare array, and both bear their weights.
    """

    values: Array
    turn: Array
    batch: Array
    returns: Array | None

    def up_to(self, turn: int) -> _Room:
        """The turns before ``turn``, with 0 written at the others; A^turn is 0 there already."""
        if self.returns is not None:
            self.values[:, turn:], self.batch[:, turn:] = 0, 0
        return _Room(self.values[:, :turn], self.turn[:, :turn], self.batch[:, :turn], self.returns)


def _estimate(batch: TurnBatch, options: Options, parts: bool) -> Advantages:
    """The equations of the module, for n rows at a time: the groups of a block."""
    layout, (rows, turns), dtype = batch.layout, batch.rewards.shape, batch.rewards.dtype
    weights = (1.0, 1.0) if parts else (options.turn_weight, options.batch_weight)
    loss, immediate = loss_of(batch, options), _immediate(batch, options, weights[1])
    fields = [layout.new(rows, turns, dtype) for _ in range(4 if parts else 1)]
    for block, reach in zip(layout.blocks, loss.reach, strict=True):
        rooms = [layout.room(block, field, f"field {index}") for index, field in enumerate(fields)]
        spare = layout.scratch(block, turns, dtype, "spare")
        room = _Room(*rooms) if parts else _Room(rooms[0], rooms[0], spare, None)
        rewards = layout.take(block, batch.paid, "rewards")
        returns = scan(rewards.T, options.gamma, workspace("returns", (turns, len(rewards)), options.dtype)).T
        if room.returns is not None:
            np.copyto(room.returns, returns, casting="same_kind")
        _write_turn_part(returns, reach, block, batch, options, weights[0], room.turn)
        if layout.aligned:  # rows that do not lie in one piece are left at the last turn of the loss
            room = room.up_to(reach)
        _write_batch_part(batch, block, rewards, immediate, room.batch)
        _mix(room, layout.take(block, loss.mask, "mask"), spare, options)
        for made, field in zip(rooms, fields, strict=True):
            layout.give(block, made, field)
    values, turn, part, worth = fields if parts else (fields[0], None, None, None)
    return Advantages(values, loss.mask.copy("K"), worth, turn, part)


def _write_turn_part(
    returns: Array, reach: int, block: Block, batch: TurnBatch, options: Options, weight: float, part: Array
) -> None:
    """A weight times A^turn of the returns (n, T) into ``part`` (n, T); 0 from turn ``reach`` on."""
    given, place = batch.layout.siblings(block, returns), batch.layout.siblings(block, part)  # (N, T, g)
    centred = given[:, :reach]
    if batch.layout.aligned:  # siblings are neighbours in memory: sums over them would be short
        centred = side_by_side((block.shape[0], reach, block.shape[1]), returns.dtype)
        np.copyto(centred, given[:, :reach])
    scale = _compare(centred, given[:, reach:], block, batch, options, weight)
    if place.dtype == centred.dtype:
        np.multiply(centred, scale, place[:, :reach])
    else:  # a product that is rounded on its way out takes longer
        np.copyto(place[:, :reach], np.multiply(centred, scale, centred), casting="same_kind")
    place[:, reach:] = 0


def _compare(returns: Array, later: Array, block: Block, batch: TurnBatch, options: Options, weight: float) -> Array:
    """Centre returns (N, T, g) in place; gives the scale (T, g) that makes them a weight times A^turn, 0 for a tie.

    A sibling that does not vote has return 0, so sums need no mask. The returns of ``later`` turns, which nobody
    compares, only tell how large a difference is rounding.
    """
    voting, count = votes(block, returns.shape[1], options.turn_scope), block.shape[0]
    if voting is not None:
        voting = voting.astype(options.dtype)
        count = np.maximum(np.add.reduce(voting, 0), 1)
    mean = np.add.reduce(returns, 0)
    np.divide(mean, count, mean)
    np.subtract(returns, mean, returns)
    if voting is not None:
        np.multiply(returns, voting, returns)
    spread = np.einsum("ntg,ntg->tg", returns, returns)
    np.divide(spread, degrees(count, options.std), spread)
    np.sqrt(spread, spread)
    apart = distinct(spread, mean, returns, later, tie_of(batch, options.dtype), batch.largest)
    scale = _inverse(spread, apart, options, weight)
    if options.baseline == "leave_one_out":
        np.multiply(scale, count / np.maximum(count - 1, 1), scale)
    return scale


def _inverse(spread: Array, distinct: Mask | None, options: Options, weight: float) -> Array:
    """A weight / (std + eps), or the weight alone without normalisation; 0 for a tie."""
    if options.std == "none":
        scale = np.full_like(spread, weight)
    else:
        scale = np.add(spread, max(options.eps, _TINY))  # a tie may have std 0
        np.divide(weight, scale, scale)
    return scale if distinct is None else np.multiply(scale, distinct, scale)


_TINY = float(np.finfo(np.float32).tiny)


def _immediate(batch: TurnBatch, options: Options, weight: float) -> tuple[Array, Array]:
    """Mean and scale that make an immediate reward a weight times A^batch: numbers, or (B, 1) by group."""
    dtype = batch.rewards.dtype
    if options.batch_scope == "batch":
        mean, spread = pooled(batch, options.std, options.dtype)
        scale = 0.0 if not spread else 1.0 if options.std == "none" else 1 / (spread + options.eps)
        return np.array(mean, dtype), np.array(weight * scale, dtype)
    moments = grouped(batch, options.std, options.dtype)
    scales = _inverse(moments.std, moments.std > 0, options, weight)
    return np.asarray(moments.mean, dtype), np.asarray(scales, dtype)


def _write_batch_part(
    batch: TurnBatch, block: Block, rewards: Array, immediate: tuple[Array, Array], part: Array
) -> None:
    """A^batch of n rows, or a weight times it, into ``part`` (n, t), before the mask."""
    layout, (mean, scale), turns = batch.layout, immediate, part.shape[1]
    if mean.ndim:
        mean, scale = layout.take(block, mean, "mean"), layout.take(block, scale, "scale")
    if not batch.even_span:
        rewards = layout.take(block, batch.per_turn, "rewards")
    np.multiply(np.subtract(rewards[:, :turns], mean, part), scale, part)
    if batch.valid is not batch.mask:
        np.multiply(part, layout.take(block, batch.valid, "valid")[:, :turns], part)


def _mix(room: _Room, mask: Mask, spare: Array, options: Options) -> None:
    """w_turn A^turn + w_batch A^batch within the mask (n, T), for the first turns (n, t) that there is room for."""
    values, turn, part, _ = room
    mask, spare = mask[:, : values.shape[1]], spare[:, : values.shape[1]]
    if room.returns is None:
        np.add(turn, part, values)
        np.multiply(values, mask, values)
    else:
        np.multiply(turn, mask, turn)
        np.multiply(part, mask, part)
        np.multiply(turn, options.turn_weight, values)
        np.add(values, np.multiply(part, options.batch_weight, spare), values)
    np.add(values, 0, values)  # -0 becomes 0
