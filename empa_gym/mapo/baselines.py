"""The estimators that MAPO is compared with, on the same batches and of the same shape.

Outcome estimators (:func:`grpo`, :func:`dr_grpo`, :func:`rloo`, :func:`reinforce_pp_baseline`) know one number a
dialogue, R_i = the sum of its rewards that count, and credit every turn with it; :func:`reinforce_pp`,
:func:`mt_grpo` and :func:`ppo` tell turns apart. MAPO's own halves are
:func:`empa_gym.mapo.turn_advantages` and :func:`empa_gym.mapo.batch_advantages`.

Everywhere: a row takes part when it is complete and one of its turns is valid; its turns up to the last valid one
enter the loss, every other turn is 0 and masked. Values that are equal up to rounding get 0. Statistics are computed
in float64 over rows and turns. In the result ``returns`` holds R for outcome estimators, else G (for :func:`ppo` the
critic's targets); the two parts of MAPO are None.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from empa_gym.mapo.advantages import Advantages
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.moments import degrees
from empa_gym.mapo.options import EPS, TIE, Options, Std, checked
from empa_gym.mapo.returns import gae, monte_carlo_returns, votes
from empa_gym.mapo.samples import Totals, group_count, sample, totals_of
from empa_gym.mapo.scan import Array

Singleton = Literal["zero", "raw"]


def grpo(batch: TurnBatch, *, std: Std = "sample", eps: float = 1e-6, singleton: Singleton = "zero") -> Advantages:
    """GRPO with outcome rewards: the total reward, standardised among siblings, on every turn.

        A_{i,t} = (R_i - mean_j R_j) / (std_j R_j + eps)      (DeepSeekMath, Shao et al. 2024, section 4.1.2)

    The paper names neither the kind of std nor eps. verl: sample std, eps 1e-6; TRL: sample, 1e-4; OpenRLHF: sample,
    1e-9; MAPO's own worked example: population.

    Args:
        batch: rewards of grouped dialogues.
        std: "sample" (n - 1), "population" (n) or "none".
        eps: added to the std.
        singleton: what a row without siblings gets: "zero" (TRL), or its "raw" R (verl, which takes mean 0 and
            std 1 there).

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "a"])
    >>> grpo(batch, std="population").values.round(3)
    array([[ 1.,  1.],
           [-1.,  0.]])
    """
    totals = totals_of(batch)
    return _outcome(batch, totals, totals.sample.standardised(*_checked(std, eps)) + _alone(totals, singleton))


def dr_grpo(batch: TurnBatch, *, singleton: Singleton = "zero") -> Advantages:
    """Dr. GRPO: the total reward above the mean of siblings, undivided, on every turn.

        A_{i,t} = R_i - mean_j R_j      (Understanding R1-Zero-Like Training, Liu et al. 2025, section 3)

    The division by std is left out because it weighs groups by how little they vary. The paper also divides the loss
    by a constant instead of the length of a reply: that is the trainer's aggregation. TRL: ``scale_rewards="none"``;
    verl: ``norm_adv_by_std_in_grpo=False``. It is (N - 1) / N times :func:`rloo`.

    Args:
        batch: rewards of grouped dialogues.
        singleton: what a row without siblings gets: "zero" (TRL), or its "raw" R (verl).

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "a"])
    >>> dr_grpo(batch).values
    array([[ 1.,  1.],
           [-1.,  0.]])
    """
    totals = totals_of(batch)
    return _outcome(batch, totals, totals.sample.standardised("none", 0.0) + _alone(totals, singleton))


def rloo(batch: TurnBatch, *, singleton: Singleton = "zero") -> Advantages:
    """RLOO: the total reward above the mean of the other siblings, on every turn.

        A_{i,t} = R_i - sum_{j != i} R_j / (N - 1) = N / (N - 1) (R_i - mean_j R_j)

    (Kool et al. 2019; for language models Back to Basics, Ahmadian et al. 2024.)

    The baseline does not depend on the row itself, so the gradient is unbiased. TRL's trainer adds a KL term to R and
    may whiten the result over the batch.

    Args:
        batch: rewards of grouped dialogues.
        singleton: what a row without siblings gets: "zero", or its "raw" R (verl; OpenRLHF would divide by 0).

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "a"])
    >>> rloo(batch).values
    array([[ 2.,  2.],
           [-2.,  0.]])
    """
    totals = totals_of(batch)
    siblings = totals.sample.counts[totals.sample.bins]
    credit = totals.sample.standardised("none", 0.0) * siblings / np.maximum(siblings - 1, 1)
    return _outcome(batch, totals, credit + _alone(totals, singleton))


def reinforce_pp(batch: TurnBatch, *, gamma: float = 1.0, std: Std = "population", eps: float = EPS) -> Advantages:
    """REINFORCE++: returns, standardised over every turn of the batch, without groups.

        A_{i,t} = (G_{i,t} - mean G) / (std G + eps)      (REINFORCE++, Hu 2025, arXiv 2501.03262)

    G is the discounted return from the turn on. The paper pays R at the last token and a KL penalty at every token;
    put the outcome into the last reward of each row to have that case. verl: sample variance, 1 / sqrt(var + 1e-8),
    and on masks with several turns its running return restarts at each of the environment's messages, so that a turn
    sees its own reward only; OpenRLHF: population variance, floored at 1e-8. Here eps stands outside of the root, and
    the return runs over turns.

    Args:
        batch: rewards; groups do not matter.
        gamma: discount per turn, within [0, 1].
        std: "population" (n), "sample" (n - 1) or "none".
        eps: added to the std.

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "b"])
    >>> reinforce_pp(batch).values.round(3)
    array([[ 1.225,  0.   ],
           [-1.225,  0.   ]])
    """
    returns = monte_carlo_returns(batch, gamma)
    return _finished(batch, _whitened(batch, returns, returns, std, eps), returns)


def reinforce_pp_baseline(
    batch: TurnBatch, *, std: Std = "population", eps: float = EPS, singleton: Singleton = "zero"
) -> Advantages:
    """REINFORCE++ with a baseline: the total above the mean of siblings, standardised over the turns of the batch.

        A'_i = R_i - mean_j R_j,    A_{i,t} = (A'_i - mean A') / (std A' + eps)      (Hu 2025, arXiv 2501.03262)

    Mean and std are over turns, so a dialogue counts as often as it has turns. verl and OpenRLHF take them over
    tokens; verl: sample variance, 1 / sqrt(var + 1e-8); OpenRLHF: population variance, floored at 1e-8.

    Args:
        batch: rewards of grouped dialogues.
        std: "population" (n), "sample" (n - 1) or "none".
        eps: added to the std.
        singleton: what a row without siblings brings to the second step: "zero", or its "raw" R (verl).

    >>> batch = TurnBatch.from_ragged([[3.0], [1.0], [5.0], [5.0]], ["a", "a", "b", "b"])
    >>> reinforce_pp_baseline(batch).values.round(3).ravel() + 0.0
    array([ 1.414, -1.414,  0.   ,  0.   ])
    """
    totals = totals_of(batch)
    centred = totals.by_turn(batch, totals.sample.standardised("none", 0.0) + _alone(totals, singleton))
    returns = totals.by_turn(batch, totals.sample.values)
    return _finished(batch, _whitened(batch, centred, returns, std, eps), returns)


def mt_grpo(
    batch: TurnBatch,
    *,
    gamma: float = 1.0,
    accumulate: bool = True,
    outcome: ArrayLike | None = None,
    turn_weight: float = 1.0,
    std: Std = "sample",
    eps: float = 1e-4,
) -> Advantages:
    """Turn credit in the manner of MT-GRPO: each immediate reward is standardised among siblings, then summed up.

        a_{i,k} = (r_{i,k} - mean_j r_{j,k}) / (std_j r_{j,k} + eps)       over siblings whose reward k is known
        A_{i,t} = O_i + turn_weight sum_{k>=t} gamma^(k-t) a_{i,k}
        O_i     = (o_i - mean_j o_j) / (std_j o_j + eps)                   when an outcome is given, else 0
                                                     (Zeng et al. 2025, arXiv 2505.11821, for two turns)

    The paper has two segments: a turn reward in the first, an outcome behind the second. Its tokens get O + a before
    the tool's result and O after it (sample std, eps 1e-4), which is this formula; its code uses other advantages for
    rollouts without a result. Where the policy chooses when to end, the sum has a bias: every further turn pays
    reward minus mean reward, so ending early avoids the mean. With ``accumulate=False`` a turn gets its own a only:
    GRPO per (group, turn), which some trainers call multi-turn GRPO; some of them mask a reward without siblings.

    Args:
        batch: rewards of grouped dialogues. A reward that covers several turns counts as it was paid.
        gamma: discount per turn, within [0, 1].
        accumulate: whether later turns count.
        outcome: (B,) o_i, beside the rewards; finite in rows that take part.
        turn_weight: of the turn rewards against the outcome.
        std: "sample" (n - 1), "population" (n) or "none".
        eps: added to each std. A reward without siblings gives a = 0.

    >>> batch = TurnBatch.from_ragged([[3.0, 1.0], [1.0, 2.0, 9.0]], ["a", "a"])
    >>> mt_grpo(batch, std="none").values
    array([[ 0.5, -0.5,  0. ],
           [-0.5,  0.5,  0. ]])
    """
    how, returns = _checked(std, eps), monte_carlo_returns(batch, gamma)
    counted, turns = batch.counted, batch.rewards.shape[1]
    row, turn = np.nonzero(counted)
    bins, tie = batch.group[row] * turns + turn, TIE[batch.rewards.dtype]
    credit = np.zeros(counted.shape)
    rewards = sample(batch.rewards[row, turn], bins, group_count(batch) * turns, tie=tie)
    credit[row, turn] = turn_weight * rewards.standardised(*how)
    if accumulate:
        for now in range(turns - 2, -1, -1):
            credit[:, now] += gamma * credit[:, now + 1]
    if outcome is not None:
        totals = totals_of(batch, np.asarray(outcome, np.float64))
        credit += totals.by_turn(batch, totals.sample.standardised(*how))
    return _finished(batch, credit, returns)


def ppo(
    batch: TurnBatch,
    values: ArrayLike,
    *,
    gamma: float = 0.99,
    lam: float = 0.95,
    bootstrap: ArrayLike | None = None,
    whiten: bool = True,
    std: Std = "sample",
    eps: float = EPS,
) -> Advantages:
    """PPO's advantages from a critic: GAE over turns, then standardised over every turn of the batch.

        A'_{i,t} of :func:`empa_gym.mapo.gae`,    A_{i,t} = (A'_{i,t} - mean A') / (std A' + eps)

    (Schulman et al. 2016 and 2017; the whitening is the trainers', not the papers'.) verl: sample variance,
    1 / sqrt(var + 1e-8), a ValueError when the batch has a single token; it carries value and advantage across the
    environment's tokens, RLVER's older copy did not. ``returns`` are the critic's targets, A' + V, never whitened.

    Args:
        batch: rewards; groups do not matter.
        values: (B, T) the critic's value of the state before each turn.
        gamma: discount per turn, within [0, 1].
        lam: lambda of GAE, within [0, 1].
        bootstrap: (B,) value behind the last turn, as in :func:`empa_gym.mapo.gae`.
        whiten: whether advantages are standardised.
        std: "sample" (n - 1), "population" (n) or "none".
        eps: added to the std.

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0]], ["a"])
    >>> ppo(batch, [[0.5, 1.0]], gamma=1.0, lam=1.0, whiten=False).values
    array([[2.5, 1. ]])
    """
    _checked(std, eps)
    estimate = gae(batch, values, gamma=gamma, lam=lam, bootstrap=bootstrap)
    credit: Array = estimate.advantages
    if whiten:
        credit = _whitened(batch, credit, estimate.targets, std, eps)
    return _finished(batch, credit, estimate.targets)


def _alone(totals: Totals, singleton: Singleton) -> Array:
    """(n,) what is added to rows without siblings, whose centred number is 0."""
    if singleton not in (allowed := get_args(Singleton)):
        raise ValueError(f"expected singleton to be one of {', '.join(allowed)}; got {singleton!r}")
    single = totals.sample.counts[totals.sample.bins] == 1
    return np.where(single & (singleton == "raw"), totals.sample.values, 0.0)


def _checked(std: Std, eps: float) -> tuple[Std, float]:
    options = checked(Options(std=std, eps=eps))
    return options.std, options.eps


def _outcome(batch: TurnBatch, totals: Totals, credit: Array) -> Advantages:
    return _finished(batch, totals.by_turn(batch, credit), totals.by_turn(batch, totals.sample.values))


def _whitened(batch: TurnBatch, values: Array, scale: Array, std: Std, eps: float) -> Array:
    """(B, T) values standardised over every turn that votes; ``scale`` (B, T) is what they were computed from."""
    kind, eps = _checked(std, eps)
    voting = votes(batch)
    count = max(int(np.count_nonzero(voting)), 1)
    white = np.where(voting, values, 0).astype(np.float64, copy=False)
    white -= white.sum() / count
    white *= voting
    squares = float(np.square(white).sum())
    largest = float(np.abs(np.where(voting, scale, 0)).max(initial=0))
    if math.sqrt(squares / count) <= TIE[batch.rewards.dtype] * largest:
        return np.zeros_like(white)
    if kind != "none":
        white /= math.sqrt(squares / float(degrees(count, kind))) + eps
    return white


def _finished(batch: TurnBatch, credit: Array, returns: Array) -> Advantages:
    voting, dtype = votes(batch), batch.rewards.dtype
    return Advantages(np.where(voting, credit, 0).astype(dtype), voting, returns.astype(dtype), None, None)
