"""The estimators that MAPO is compared with, on tensors; formulas, sources and options: :mod:`empa_gym.mapo.baselines`.

As there, statistics are computed in float64, the result has the dtype of the rewards, and the two parts of MAPO are
None. The host never waits for the device, so that numbers are not checked: nan in an outcome or in a critic's value
shows up in the advantages.
"""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor

from empa_gym.mapo.baselines import Singleton
from empa_gym.mapo.options import EPS, TIE, Options, Std, check_gamma, checked
from empa_gym.mapo.torch_advantages import Advantages, discounted, gae, monte_carlo_returns
from empa_gym.mapo.torch_batch import TurnBatch


def grpo(batch: TurnBatch, *, std: Std = "sample", eps: float = 1e-6, singleton: Singleton = "zero") -> Advantages:
    """GRPO with outcome rewards; :func:`empa_gym.mapo.baselines.grpo`.

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "a"])
    >>> grpo(batch, std="population", eps=0.0).values
    tensor([[ 1.,  1.],
            [-1.,  0.]], dtype=torch.float64)
    """
    totals = _totals(batch)
    return _outcome(batch, totals.standardised(std, eps) + totals.alone(singleton))


def dr_grpo(batch: TurnBatch, *, singleton: Singleton = "zero") -> Advantages:
    """Dr. GRPO; :func:`empa_gym.mapo.baselines.dr_grpo`.

    >>> dr_grpo(TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "a"])).values
    tensor([[ 1.,  1.],
            [-1.,  0.]], dtype=torch.float64)
    """
    totals = _totals(batch)
    return _outcome(batch, totals.standardised("none", 0.0) + totals.alone(singleton))


def rloo(batch: TurnBatch, *, singleton: Singleton = "zero") -> Advantages:
    """RLOO; :func:`empa_gym.mapo.baselines.rloo`.

    >>> rloo(TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "a"])).values
    tensor([[ 2.,  2.],
            [-2.,  0.]], dtype=torch.float64)
    """
    totals = _totals(batch)
    siblings = totals.counts[totals.bins]
    credit = totals.standardised("none", 0.0) * siblings / (siblings - 1).clamp(min=1)
    return _outcome(batch, credit + totals.alone(singleton))


def reinforce_pp(batch: TurnBatch, *, gamma: float = 1.0, std: Std = "population", eps: float = EPS) -> Advantages:
    """REINFORCE++; :func:`empa_gym.mapo.baselines.reinforce_pp`.

    >>> reinforce_pp(TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "b"])).values
    tensor([[ 1.2247,  0.0000],
            [-1.2247,  0.0000]], dtype=torch.float64)
    """
    returns = monte_carlo_returns(batch, gamma)
    return _finished(batch, _whitened(batch, returns, returns, std, eps), returns)


def reinforce_pp_baseline(
    batch: TurnBatch, *, std: Std = "population", eps: float = EPS, singleton: Singleton = "zero"
) -> Advantages:
    """REINFORCE++ with a baseline; :func:`empa_gym.mapo.baselines.reinforce_pp_baseline`.

    >>> reinforce_pp_baseline(TurnBatch.from_ragged([[3.0], [1.0]], ["a", "a"])).values
    tensor([[ 1.0000],
            [-1.0000]], dtype=torch.float64)
    """
    totals = _totals(batch)
    credit = _by_turn(batch, totals.standardised("none", 0.0) + totals.alone(singleton))
    returns = _by_turn(batch, totals.values)
    return _finished(batch, _whitened(batch, credit, returns, std, eps), returns)


def mt_grpo(
    batch: TurnBatch,
    *,
    gamma: float = 1.0,
    accumulate: bool = True,
    outcome: Tensor | None = None,
    turn_weight: float = 1.0,
    std: Std = "sample",
    eps: float = 1e-4,
) -> Advantages:
    """Turn credit in the manner of MT-GRPO; :func:`empa_gym.mapo.baselines.mt_grpo`.

    >>> mt_grpo(TurnBatch.from_ragged([[3.0, 1.0], [1.0, 2.0, 9.0]], ["a", "a"]), std="none").values
    tensor([[ 0.5000, -0.5000,  0.0000],
            [-0.5000,  0.5000,  0.0000]], dtype=torch.float64)
    """
    check_gamma(gamma)
    turns = batch.rewards.shape[1]
    bins = batch.group[:, None] * turns + batch.turns
    rewards = _sample(batch, batch.rewards, batch.counted, bins, batch.groups * turns)
    credit = turn_weight * rewards.standardised(std, eps)
    if accumulate:
        credit = discounted(credit, gamma)
    if outcome is not None:
        if outcome.shape != batch.rewards.shape[:1]:
            raise ValueError(f"expected outcome of shape ({len(batch)},), one per row, got {tuple(outcome.shape)}")
        given = _sample(batch, outcome.detach().to(batch.rewards.device), batch.known > 0, batch.group, batch.groups)
        credit = credit + given.standardised(std, eps)[:, None]
    return _finished(batch, credit, monte_carlo_returns(batch, gamma))


def ppo(
    batch: TurnBatch,
    values: Tensor,
    *,
    gamma: float = 0.99,
    lam: float = 0.95,
    bootstrap: Tensor | None = None,
    whiten: bool = True,
    std: Std = "sample",
    eps: float = EPS,
    check: bool = True,
) -> Advantages:
    """PPO's advantages from a critic; :func:`empa_gym.mapo.baselines.ppo`, and ``check`` as in :func:`gae`.

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0]], ["a"])
    >>> ppo(batch, torch.tensor([[0.5, 1.0]]), gamma=1.0, lam=1.0, whiten=False).values
    tensor([[2.5000, 1.0000]], dtype=torch.float64)
    """
    checked(Options(std=std, eps=eps))
    estimate = gae(batch, values, gamma=gamma, lam=lam, bootstrap=bootstrap, check=check)
    credit = estimate.advantages
    if whiten:
        credit = _whitened(batch, credit, estimate.targets, std, eps)
    return _finished(batch, credit, estimate.targets)


class _Sample(NamedTuple):
    """Numbers of any shape in m bins, float64.

    Attributes:
        values: the numbers; 0 where none is.
        bins: the bin of each.
        counts: (m,) numbers in each bin.
        centred: values - mean of their bin; 0 where none is.
        deviation: (m,) population standard deviation.
        apart: (m,) whether the values of a bin differ by more than rounding.
    """

    values: Tensor
    bins: Tensor
    counts: Tensor
    centred: Tensor
    deviation: Tensor
    apart: Tensor

    def standardised(self, std: Std, eps: float) -> Tensor:
        """(values - mean) / (std + eps); undivided for std "none"; 0 in a bin whose values are equal."""
        checked(Options(std=std, eps=eps))
        scale = torch.ones_like(self.deviation)
        if std != "none":
            degrees = (self.counts - 1 if std == "sample" else self.counts).clamp(min=1)
            spread = self.deviation * (self.counts.double() / degrees).sqrt()
            scale = 1 / torch.where(self.apart, spread + eps, 1)
        return self.centred * torch.where(self.apart, scale, 0)[self.bins]

    def alone(self, singleton: Singleton) -> Tensor:
        """What is added to numbers that are alone in their bin, whose centred number is 0."""
        if singleton not in get_args(Singleton):
            raise ValueError(f"expected singleton to be one of {', '.join(get_args(Singleton))}; got {singleton!r}")
        single = self.counts[self.bins] == 1
        return torch.where(single, self.values, 0) if singleton == "raw" else torch.zeros_like(self.values)


def _sample(
    batch: TurnBatch, values: Tensor, here: Tensor, bins: Tensor, size: int, scale: Tensor | None = None
) -> _Sample:
    """Numbers where ``here``, in bins 0..size - 1; ``scale`` is the size of what they were computed from."""
    exact = torch.where(here, values, 0).double()
    flat = bins.flatten()

    def summed(numbers: Tensor) -> Tensor:
        return numbers.new_zeros(size).index_add_(0, flat, numbers.flatten())

    counts = summed(here.long())
    there = counts.clamp(min=1)
    centred = torch.where(here, exact - (summed(exact) / there)[bins], 0)
    deviation = (summed(centred.square()) / there).sqrt()
    sizes = torch.where(here, exact if scale is None else scale.double(), 0).abs().flatten()
    largest = sizes.new_zeros(size).scatter_reduce_(0, flat, sizes, "amax")
    tie = TIE[np.dtype(np.float32 if batch.rewards.dtype == torch.float32 else np.float64)]
    return _Sample(exact, bins, counts, centred, deviation, deviation > tie * largest)


def _totals(batch: TurnBatch) -> _Sample:
    """(B,) the sum of rewards of every row that takes part, with groups as bins."""
    reach = torch.nn.functional.pad(monte_carlo_returns(batch, 1.0).abs(), (0, 1)).amax(1)
    return _sample(batch, batch.paid.double().sum(1), batch.known > 0, batch.group, batch.groups, reach)


def _whitened(batch: TurnBatch, values: Tensor, scale: Tensor, std: Std, eps: float) -> Tensor:
    """(B, T) values standardised over every turn that votes; ``scale`` (B, T) is what they were computed from."""
    one_bin = torch.zeros_like(batch.votes, dtype=torch.int64)
    return _sample(batch, values, batch.votes, one_bin, 1, scale).standardised(std, eps)


def _by_turn(batch: TurnBatch, credit: Tensor) -> Tensor:
    """(B, T) what each row got, at every turn that votes; 0 elsewhere."""
    return torch.where(batch.votes, credit[:, None], 0)


def _outcome(batch: TurnBatch, credit: Tensor) -> Advantages:
    return _finished(batch, credit[:, None], _by_turn(batch, batch.paid.double().sum(1)))


def _finished(batch: TurnBatch, credit: Tensor, returns: Tensor) -> Advantages:
    dtype: Any = batch.rewards.dtype
    return Advantages(torch.where(batch.votes, credit, 0).to(dtype), batch.votes, returns.to(dtype), None, None)
