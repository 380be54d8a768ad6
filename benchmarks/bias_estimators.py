"""The estimators of estimator_bias: the package's functions, each on every group of a game at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from enumerable_games import Groups, Trajectories

from empa_gym.mapo import (
    Advantages,
    TurnBatch,
    batch_advantages,
    gae,
    mixed_advantages,
    monte_carlo_returns,
    turn_advantages,
)
from empa_gym.mapo.baselines import dr_grpo, grpo, mt_grpo, rloo

SCOPES = ("shortest", "alive", "absorbing")
BASELINES = ("mean", "leave_one_out")
STDS = ("none", "population")
EPS = 1e-8


class Case(NamedTuple):
    """Every group of a game at once, as one batch.

    Attributes:
        batch: M groups of N rows.
        gamma: discount.
        worth: (M N, T) V of the state of each turn.
        mean: of the immediate reward over the turns that the policy brings about.
        std: its standard deviation.
    """

    batch: TurnBatch
    gamma: float
    worth: np.ndarray[Any, Any]
    mean: float
    std: float


Credit = Callable[[Case], tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]
"""Values and loss mask, both (M N, T)."""


class Estimator(NamedTuple):
    """One way to credit turns: what it is called in the table, and the function that does it."""

    family: str
    scope: str
    baseline: str
    std: str
    credit: Credit

    @property
    def label(self) -> str:
        """Its name in one line."""
        return " ".join(word for word in self[:4] if word)


def turn_part(case: Case, scope: Any, baseline: Any, std: Any, gamma: float | None = None) -> Any:
    chosen = case.gamma if gamma is None else gamma
    return turn_advantages(case.batch, gamma=chosen, turn_scope=scope, baseline=baseline, std=std)[:2]


def batch_part(case: Case, std: Any) -> Any:
    return batch_advantages(case.batch, std=std, batch_scope="group")[:2]


def batch_part_of_many(case: Case, std: str) -> Any:
    """The batch part when so many groups share the batch that its mean and deviation are constants."""
    scale = 1.0 if std == "none" else case.std
    return np.where(case.batch.mask, (case.batch.rewards - case.mean) / scale, 0.0), case.batch.mask


def mixed(case: Case, scope: Any, baseline: Any, std: Any) -> Any:
    return mixed_advantages(
        case.batch, gamma=case.gamma, turn_scope=scope, baseline=baseline, std=std, batch_scope="group"
    )[:2]


def mixed_of_many(case: Case, scope: Any, baseline: Any, std: Any) -> Any:
    turn, loss = turn_part(case, scope, baseline, std)
    return (turn + batch_part_of_many(case, std)[0]) / 2 * loss, loss


def outcome(case: Case, credit: Callable[[TurnBatch], Advantages]) -> Any:
    return credit(case.batch)[:2]


def against_group(case: Case, values: np.ndarray[Any, Any], std: Any) -> Any:
    """Any per-turn quantity against its mean over all turns of the batch, here of one group."""
    return batch_advantages(with_rewards(case.batch, values), std=std, batch_scope="group")[:2]


def pooled_returns(case: Case, std: str) -> Any:
    """REINFORCE++ on a batch of one group: the return of a turn against the returns of all turns."""
    return against_group(case, monte_carlo_returns(case.batch, case.gamma), std)


def pooled_baseline(case: Case, std: str) -> Any:
    """REINFORCE++ with a baseline on a batch of one group: the total above the siblings' mean, against all turns."""
    return against_group(case, dr_grpo(case.batch).values, std)


def turn_rewards(case: Case, std: Any) -> Any:
    """GRPO per turn: the immediate reward among those who reach the turn."""
    return mt_grpo(case.batch, gamma=case.gamma, accumulate=False, std=std, eps=EPS)[:2]


def accumulated(case: Case, baseline: str, std: Any) -> Any:
    """MT-GRPO-style turn credit: rewards centred among those who reach the turn, then added up over own turns."""
    if baseline == "mean":
        return mt_grpo(case.batch, gamma=case.gamma, std=std, eps=EPS)[:2]
    centred = turn_part(case, "alive", baseline, std, gamma=0.0)[0]
    return monte_carlo_returns(with_rewards(case.batch, centred), case.gamma), case.batch.mask


def with_rewards(batch: TurnBatch, values: np.ndarray[Any, Any]) -> TurnBatch:
    """The same rows with other numbers in the place of rewards."""
    return TurnBatch.from_arrays(values, batch.mask, batch.group)


def critic(case: Case, lam: float, exact: bool) -> Any:
    worth = case.worth if exact else np.zeros_like(case.worth)
    return gae(case.batch, worth, gamma=case.gamma, lam=lam).advantages, case.batch.mask


def estimators() -> list[Estimator]:
    """Every estimator and option."""
    listed = []
    options = [(scope, baseline, std) for std in STDS for scope in SCOPES for baseline in BASELINES]
    for family, credit in (("turn", turn_part), ("mixed", mixed), ("mixed, large batch", mixed_of_many)):
        listed += [Estimator(family, *o, partial(credit, scope=o[0], baseline=o[1], std=o[2])) for o in options]
    for std in STDS:
        listed += [
            Estimator("batch", "", "", std, partial(batch_part, std=std)),
            Estimator("batch, large batch", "", "", std, partial(batch_part_of_many, std=std)),
            Estimator("REINFORCE++", "", "", std, partial(pooled_returns, std=std)),
            Estimator("REINFORCE++ baseline", "", "", std, partial(pooled_baseline, std=std)),
            Estimator("turn rewards", "alive", "mean", std, partial(turn_rewards, std=std)),
        ]
        for baseline in BASELINES:
            credit = partial(accumulated, baseline=baseline, std=std)
            listed.append(Estimator("accumulated", "alive", baseline, std, credit))
    grpo_std = partial(grpo, std="population", eps=EPS)
    for name, std, credit in (("RLOO", "none", rloo), ("Dr. GRPO", "none", dr_grpo), ("GRPO", "population", grpo_std)):
        listed.append(Estimator(name, "", "", std, partial(outcome, credit=credit)))
    listed.append(Estimator("GAE 0.95", "", "exact critic", "none", partial(critic, lam=0.95, exact=True)))
    listed.append(Estimator("GAE 0.95", "", "critic of 0", "none", partial(critic, lam=0.95, exact=False)))
    return listed


def case_of(listed: Trajectories, every: Groups, gamma: float) -> Case:
    """All groups as one batch, group after group."""
    rows = every.members.ravel()
    count, size = every.members.shape
    batch = TurnBatch.from_arrays(listed.rewards[rows], listed.mask[rows], np.repeat(np.arange(count), size))
    weight = listed.probability[:, None] * listed.mask / (listed.probability @ listed.mask).sum()
    mean = float((weight * listed.rewards).sum())
    std = float((weight * (listed.rewards - mean) ** 2).sum() ** 0.5)
    return Case(batch, gamma, listed.values[rows], mean, std)
