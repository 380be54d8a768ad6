"""How steadily a judge rates the same forty replies, and whether it puts better ones above worse ones."""

from __future__ import annotations

import asyncio
import itertools
from statistics import fmean
from typing import NamedTuple

from empa_gym.agents.answers import Assessment
from empa_gym.agents.protocols import Judge
from empa_gym.agents.views import Exchange, JudgeView
from empa_gym.cli.fixed_replies import KINDS, MOMENTS
from empa_gym.clients.addressed import Addressed
from empa_gym.clients.background import run_in_background
from empa_gym.clients.base import ChatClient
from empa_gym.drive import arun, run
from empa_gym.epm import MDEP_PR
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.scenarios import get_scenario

Levels = tuple[tuple[int, int], ...]


class Trial(NamedTuple):
    """One reply, and the levels that it was given round by round; None where there was no judgement."""

    moment: int
    kind: int
    levels: tuple[Levels | None, ...]

    @property
    def worth(self) -> float | None:
        """The mean of v_t over rounds and axes together, in rubric points; None when it was never rated."""
        known = [float(sum(MDEP_PR.points(levels))) for levels in self.levels if levels is not None]
        return fmean(known) if known else None


class Consistency(NamedTuple):
    """What the trials came to.

    Attributes:
        rated, failed: judgements that came, and those that did not.
        same: share of replies that were given the same six levels in every round; None when nothing was rated.
        agreement: share of single levels on which two rounds agree.
        ordered: share of pairs of unlike replies to one moment of which the better was rated higher; a tie is half.
        worth: mean points of each kind, from the worst to the best.
        cause: why the first failed judgement failed.
    """

    rated: int
    failed: int
    same: float | None
    agreement: float | None
    ordered: float | None
    worth: tuple[float | None, ...]
    cause: str = ""


def judge_fixed_replies(judge: Judge, client: ChatClient | None, rounds: int = 3) -> Consistency:
    """Rate each of the forty replies so many times.

    Args:
        judge: rates.
        client: answers it; None for a judge that asks nobody.
        rounds: how often each reply is rated, at least 2.
    """
    asked = [
        (number, kind, JudgeView(get_scenario(moment.scenario), (Exchange(moment.message, reply),), 1, (), round_, 1))
        for number, moment in enumerate(MOMENTS)
        for kind, replies in enumerate(moment.replies)
        for reply in replies
        for round_ in range(rounds)
    ]
    views = [view for _, _, view in asked]
    answers = _alone(judge, views) if client is None else run_in_background(_at_once(judge, views, client))
    trials = [
        Trial(*asked[place][:2], tuple(_levels(one) for one in answers[place : place + rounds]))
        for place in range(0, len(asked), rounds)
    ]
    causes = [str(one) for one in answers if not isinstance(one, Assessment)]
    return measure(trials)._replace(cause=causes[0] if causes else "")


def measure(trials: list[Trial]) -> Consistency:
    """The figures of the trials."""
    whole = [trial.levels for trial in trials if None not in trial.levels]
    pairs = [pair for levels in whole for pair in itertools.combinations(levels, 2)]
    cells = [one == other for a, b in pairs if a and b for one, other in zip(sum(a, ()), sum(b, ()), strict=True)]
    rated = sum(levels is not None for trial in trials for levels in trial.levels)
    points = [(trial.kind, trial.worth) for trial in trials if trial.worth is not None]
    return Consistency(
        rated=rated,
        failed=sum(len(trial.levels) for trial in trials) - rated,
        same=_mean([len(set(levels)) == 1 for levels in whole]),
        agreement=_mean(cells),
        ordered=_mean(_orders(trials)),
        worth=tuple(_mean([worth for own, worth in points if own == kind]) for kind in range(len(KINDS))),
    )


def _orders(trials: list[Trial]) -> list[float]:
    """For each pair of unlike kinds at one moment 1.0, 0.5 or 0.0: the better is rated higher, equal, or lower."""
    orders = []
    for low, high in itertools.permutations(trials, 2):
        if low.moment == high.moment and low.kind < high.kind and low.worth is not None and high.worth is not None:
            orders.append(0.5 if low.worth == high.worth else float(low.worth < high.worth))
    return orders


def _mean(values: list[float] | list[bool]) -> float | None:
    return fmean(values) if values else None


def _levels(answer: Assessment | ModelError | BudgetExceeded) -> Levels | None:
    return answer.levels if isinstance(answer, Assessment) else None


def _alone(judge: Judge, views: list[JudgeView]) -> list[Assessment | ModelError | BudgetExceeded]:
    return [run(judge.assess(view)) for view in views]


async def _at_once(
    judge: Judge, views: list[JudgeView], client: ChatClient
) -> list[Assessment | ModelError | BudgetExceeded]:
    async def one(place: int, view: JudgeView) -> Assessment | ModelError | BudgetExceeded:
        own = Addressed(client, view.scenario.id, view.seed, place)
        try:
            return await arun(judge.assess(view), own.acomplete)
        except (ModelError, BudgetExceeded) as failure:
            return failure

    return list(await asyncio.gather(*(one(place, view) for place, view in enumerate(views))))
