"""Threshold and priority really matter: the same replies, judged on copies of a scenario that differ in one field."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest

from empa_gym.agents import Assessment, Exchange, JudgeView
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.dialogue import Rules
from empa_gym.drive import run
from empa_gym.epm import AXES, MDEP_PR, Axis, EPMParams
from empa_gym.policies import make_policy
from empa_gym.rollout.play import Game, play
from empa_gym.scenarios import Grade, Scenario, select_scenarios

GRADES = (Grade.LOW, Grade.MEDIUM, Grade.HIGH)
TURNS = 20
SCENARIOS = select_scenarios("starter")


@cache
def dialogue(scenario: Scenario) -> tuple[Exchange, ...]:
    """Twenty turns of the honest supporter with this person."""
    game = Game(offline_cast(), Rules(EPMParams.endless(TURNS)))
    return run(play(scenario, 7, make_policy("supporter"), game)).state.exchanges


def shifts(scenario: Scenario, exchanges: tuple[Exchange, ...]) -> list[list[float]]:
    """v_t of every turn when the dialogue is judged again, word for word, as this person would."""
    judge = OfflineJudge()
    past: tuple[Assessment, ...] = ()
    for turn in range(1, len(exchanges) + 1):
        past = (*past, run(judge.assess(JudgeView(scenario, exchanges[:turn], 1, past, 7, turn))))
    return [MDEP_PR.points(assessment.levels).tolist() for assessment in past]


def with_priority(scenario: Scenario, axis: Axis, grade: Grade) -> Scenario:
    """The same person with another priority of one axis; the ratings, and so P_0, stay."""
    return dataclasses.replace(scenario, priorities=dataclasses.replace(scenario.priorities, **{axis.value: grade}))


def test_a_more_demanding_person_gives_less_for_the_same_replies() -> None:
    totals = []
    for grade in GRADES:
        people = [dataclasses.replace(scenario, threshold=grade) for scenario in SCENARIOS]
        rows = [shifts(person, dialogue(scenario)) for person, scenario in zip(people, SCENARIOS, strict=True)]
        totals.append(sum(sum(shift) for one in rows for shift in one) / len(rows))
    assert totals[0] > totals[1] > totals[2], totals


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_that_matters_more_moves_more_for_the_same_replies(axis: Axis) -> None:
    number, means = AXES.index(axis), []
    for grade in GRADES:
        people = [with_priority(scenario, axis, grade) for scenario in SCENARIOS]
        assert [person.deficit for person in people] == [scenario.deficit for scenario in SCENARIOS]
        rows = [shifts(person, dialogue(scenario)) for person, scenario in zip(people, SCENARIOS, strict=True)]
        means.append(sum(shift[number] for one in rows for shift in one) / sum(map(len, rows)))
    assert means[0] < means[1] < means[2], means
