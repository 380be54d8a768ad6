"""Returns and mixed advantages on tensors: the formulas of :mod:`empa_gym.mapo.advantages`, on any device.

Statistics over siblings are scattered into one row per group, so no loop runs over groups, and the host never waits
for the device. On CUDA such sums run in no fixed order; ``torch.use_deterministic_algorithms(True)`` fixes it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from empa_gym.mapo.options import (
    EPS,
    TIE,
    Baseline,
    BatchScope,
    LoneSurvivor,
    Options,
    Precision,
    Std,
    TurnScope,
    check_gamma,
    checked,
)
from empa_gym.mapo.torch_batch import TurnBatch

_PRECISION = {"float64": torch.float64, "float32": torch.float32}


class Advantages(NamedTuple):
    """What each turn is credited with; tensors without gradient, fields as :class:`empa_gym.mapo.Advantages`.

    Attributes:
        values: (B, T) the advantage; 0 outside of the mask.
        mask: (B, T) bool, the turns that enter the loss.
        returns: (B, T) G of every turn that votes; None when the parts were not asked for, like the next two.
        turn: (B, T) A^turn, before its weight; 0 outside of the mask.
        batch: (B, T) A^batch, before its weight; 0 outside of the mask.
    """

    values: Tensor
    mask: Tensor
    returns: Tensor | None
    turn: Tensor | None
    batch: Tensor | None


class GAE(NamedTuple):
    """Generalised advantage estimates; tensors without gradient.

    Attributes:
        advantages: (B, T), 0 where the turn does not vote.
        targets: (B, T), advantages + values: what a critic is fitted to; 0 where the turn does not vote.
    """

    advantages: Tensor
    targets: Tensor


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
    """The mixed advantage of MAPO (section 4.3); options as in :func:`empa_gym.mapo.mixed_advantages`.

    On a device without float64 ask for ``moments="float32"``.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0]], ["a", "a"])
    >>> mixed_advantages(batch, gamma=1.0).values
    tensor([[ 0.2113,  1.3660],
            [-0.7887, -0.7887]], dtype=torch.float64)
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
    """A^turn alone (MAPO, section 4.1); options as in :func:`empa_gym.mapo.mixed_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0, 5.0]], ["a", "a"])
    >>> turn_advantages(batch, gamma=0.0).values
    tensor([[ 0.0000,  1.0000,  0.0000],
            [ 0.0000, -1.0000,  0.0000]], dtype=torch.float64)
    """
    options = Options(gamma, 1.0, 0.0, turn_scope, baseline, std, eps, "batch", lone_survivor, moments)
    found = _estimate(batch, checked(options), parts=True)
    return found._replace(batch=torch.zeros_like(found.values))


def batch_advantages(
    batch: TurnBatch,
    *,
    std: Std = "population",
    eps: float = EPS,
    batch_scope: BatchScope = "batch",
    moments: Precision = "float64",
) -> Advantages:
    """A^batch alone (MAPO, section 4.2), dropping no turn; options as in :func:`empa_gym.mapo.mixed_advantages`.

    >>> batch_advantages(TurnBatch.from_ragged([[1.0, 3.0], [1.0, 3.0]], ["a", "b"])).values
    tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]], dtype=torch.float64)
    """
    options = Options(0.0, 0.0, 1.0, "absorbing", "mean", std, eps, batch_scope, "keep", moments)
    found = _estimate(batch, checked(options), parts=True)
    return found._replace(turn=torch.zeros_like(found.values))


def monte_carlo_returns(batch: TurnBatch, gamma: float = 0.99) -> Tensor:
    """(B, T) discounted returns of every turn that votes, 0 elsewhere; :func:`empa_gym.mapo.monte_carlo_returns`.

    >>> monte_carlo_returns(TurnBatch.from_ragged([[1.0, 2.0], [4.0]], ["a", "a"]), gamma=0.5)
    tensor([[2., 2.],
            [4., 0.]], dtype=torch.float64)
    """
    check_gamma(gamma)
    return discounted(batch.paid, gamma)


def gae(
    batch: TurnBatch,
    values: Tensor,
    *,
    gamma: float = 0.99,
    lam: float = 0.95,
    bootstrap: Tensor | None = None,
    check: bool = True,
) -> GAE:
    """Generalised advantage estimation from a critic's values, as :func:`empa_gym.mapo.gae`.

    Values where no turn votes are not read. Whether the others are finite is checked, for which the host waits for the
    device once, unless ``check`` is False: then nan at a turn that votes shows up in the advantages of its row.

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0]], ["a"])
    >>> gae(batch, torch.tensor([[0.5, 1.0]]), gamma=1.0, lam=1.0).advantages
    tensor([[2.5000, 1.0000]], dtype=torch.float64)
    """
    check_gamma(gamma)
    check_gamma(lam, "lam")
    shape = batch.rewards.shape
    if values.shape != shape:
        raise ValueError(f"expected values of shape {tuple(shape)} as the rewards have, got {tuple(values.shape)}")
    if bootstrap is not None and bootstrap.shape != shape[:1]:
        raise ValueError(f"expected bootstrap of shape ({shape[0]},), one per row, got {tuple(bootstrap.shape)}")
    worth = torch.where(batch.votes, values.detach().to(batch.rewards), 0)
    after = batch.rewards.new_zeros(len(batch)) if bootstrap is None else bootstrap.detach().to(batch.rewards)
    if check:
        _check_finite(batch, worth, after)
    following = torch.nn.functional.pad(worth, (0, 1))[:, 1:]
    following = torch.where(batch.turns == batch.known[:, None] - 1, after[:, None], following)
    delta = torch.where(batch.votes, batch.paid + gamma * following - worth, 0)
    advantages = discounted(delta, gamma * lam)
    return GAE(advantages, torch.where(batch.votes, advantages + worth, 0))


def _check_finite(batch: TurnBatch, worth: Tensor, after: Tensor) -> None:
    """Refuse a value that is not finite at a turn that votes, and a bootstrap of a row that takes part."""
    worths = ~worth.isfinite().all(1)
    ends = ~after.isfinite() & (batch.known > 0)
    if not (worths | ends).any():
        return
    if worths.any():
        raise ValueError(f"row {int(worths.nonzero()[0])}: expected finite values at turns that vote")
    row = int(ends.nonzero()[0])
    raise ValueError(f"row {row}: expected a finite bootstrap, got {after[row].item()}")


class _Scope(NamedTuple):
    """Who is compared: votes (B, T), voters (groups, T), and the turns that enter the loss (B, T)."""

    votes: Tensor
    voters: Tensor
    loss: Tensor


def _estimate(batch: TurnBatch, options: Options, parts: bool) -> Advantages:
    precision, dtype = _PRECISION[options.moments], batch.rewards.dtype
    returns = discounted(batch.paid.to(precision), options.gamma)
    scope = _scope(batch, options)
    turn = torch.where(scope.loss, _turn_part(batch, returns, scope, options), 0)
    immediate = torch.where(scope.loss, _batch_part(batch, options, precision), 0)
    values = (options.turn_weight * turn + options.batch_weight * immediate).to(dtype)
    if not parts:
        return Advantages(values, scope.loss, None, None, None)
    return Advantages(values, scope.loss, returns.to(dtype), turn.to(dtype), immediate.to(dtype))


def _scope(batch: TurnBatch, options: Options) -> _Scope:
    votes, takes_part = batch.votes, batch.known > 0
    loss = votes
    if options.turn_scope == "shortest":
        longest = torch.iinfo(torch.int64).max
        lengths = torch.where(batch.complete & (batch.lengths > 0), batch.lengths, longest)
        shortest = lengths.new_full((batch.groups,), longest).scatter_reduce(0, batch.group, lengths, "amin")
        loss = votes & (batch.turns < shortest[batch.group][:, None])
    elif options.turn_scope == "absorbing":
        votes = votes | (takes_part[:, None] & (batch.turns >= batch.lengths[:, None]))
    count = _summed(batch, votes.to(torch.int64))
    if options.lone_survivor == "drop":
        size = _summed(batch, takes_part.to(torch.int64))
        loss = loss & ~((count == 1) & (size > 1)[:, None])[batch.group]
    return _Scope(votes, count, loss)


def _turn_part(batch: TurnBatch, returns: Tensor, scope: _Scope, options: Options) -> Tensor:
    """A^turn of every turn that votes."""
    count = scope.voters.clamp(min=1)
    mean = _summed(batch, returns) / count
    centred = torch.where(scope.votes, returns - mean[batch.group], 0)
    spread = (_summed(batch, centred.square()) / _degrees(count, options.std)).sqrt()
    # Dialogues that come back to where they began have returns near 0 that were added up from large ones.
    reach = _largest(batch, returns).flip(1).cummax(1).values.flip(1) if returns.shape[1] else spread
    scale = _inverse(batch, spread, reach, options)
    if options.baseline == "leave_one_out":
        scale = scale * count / (count - 1).clamp(min=1)
    return centred * scale[batch.group]


def _batch_part(batch: TurnBatch, options: Options, precision: torch.dtype) -> Tensor:
    """A^batch of every turn whose reward counts, 0 elsewhere."""
    rewards = batch.per_turn.to(precision)
    if options.batch_scope == "group":
        count = _summed(batch, batch.counted.sum(1)).clamp(min=1)
        mean = _summed(batch, rewards.sum(1)) / count
        centred = torch.where(batch.counted, rewards - mean[batch.group][:, None], 0)
        squares, largest = _summed(batch, centred.square().sum(1)), _largest(batch, _reach(rewards))
        spread = (squares / _degrees(count, options.std)).sqrt()
        return centred * _inverse(batch, spread, largest, options)[batch.group][:, None]
    count = batch.counted.sum().clamp(min=1)
    centred = torch.where(batch.counted, rewards - rewards.sum() / count, 0)
    spread = (centred.square().sum() / _degrees(count, options.std)).sqrt()
    return centred * _inverse(batch, spread, _reach(rewards.reshape(1, -1))[0], options)


def discounted(rewards: Tensor, gamma: float) -> Tensor:
    """G_t = r_t + gamma G_{t+1} along the last axis, in log2(T) passes, each reaching twice as far."""
    worth, turns = rewards.clone(memory_format=torch.contiguous_format), rewards.shape[1]
    ahead, weight = 1, gamma
    while ahead < turns:
        worth[:, : turns - ahead] += worth[:, ahead:] * weight
        ahead, weight = 2 * ahead, weight * weight
    return worth


def _summed(batch: TurnBatch, values: Tensor) -> Tensor:
    """(B, ...) -> (groups, ...), summed over the rows of each group."""
    return values.new_zeros((batch.groups, *values.shape[1:])).index_add_(0, batch.group, values)


def _largest(batch: TurnBatch, values: Tensor) -> Tensor:
    """(B, ...) -> (groups, ...), the largest magnitude among the rows of each group."""
    index = batch.group.reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    return values.new_zeros((batch.groups, *values.shape[1:])).scatter_reduce_(0, index, values.abs(), "amax")


def _reach(values: Tensor) -> Tensor:
    """(B, T) -> (B,), the largest magnitude of each row; 0 when it has no turn."""
    return torch.nn.functional.pad(values.abs(), (0, 1)).amax(1)


def _degrees(count: Tensor, std: Std) -> Tensor:
    """What a sum of squares is divided by: n for a population, n - 1 for a sample, never 0."""
    return (count - 1 if std == "sample" else count).clamp(min=1)


def _inverse(batch: TurnBatch, spread: Tensor, largest: Tensor, options: Options) -> Tensor:
    """1 / (std + eps), 1 without normalisation; 0 for a tie, where what is left of the spread is rounding."""
    coarse = batch.rewards.dtype == torch.float32 or options.moments == "float32"
    apart = spread > TIE[np.dtype(np.float32 if coarse else np.float64)] * largest
    scale = 1 / torch.where(apart, spread + options.eps, 1) if options.std != "none" else torch.ones_like(spread)
    return torch.where(apart, scale, 0)
