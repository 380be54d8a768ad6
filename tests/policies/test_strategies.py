"""Strategies as policies: open loops, a strategy drawn anew, and how they are named."""

from __future__ import annotations

import pytest

from empa_gym.agents.casting import casting_from
from empa_gym.drive import run
from empa_gym.policies.speaking import ACTS
from empa_gym.policies.strategies import ACTS_OF, STRATEGIES, AnyStrategy, OpenLoop, Strategy, strategy_named
from empa_gym.rollout import Game
from empa_gym.rollout.play import play
from empa_gym.scenarios import select_scenarios

SCENARIO = select_scenarios("health-knee")[0]
GAME = Game(casting_from("offline").cast)


def test_every_strategy_performs_known_acts() -> None:
    assert set(ACTS_OF) == set(STRATEGIES)
    assert {act for acts in ACTS_OF.values() for act in acts} <= set(ACTS)


def test_an_open_loop_goes_through_its_sequence_and_begins_again() -> None:
    def replies(*sequence: str) -> list[str]:
        return [turn.reply for turn in run(play(SCENARIO, 3, OpenLoop(sequence), GAME)).state.turns]

    one, two = replies("reflect", "ask"), replies("reflect", "ask", "reflect", "ask")
    assert one == two
    assert replies("reflect")[0] == one[0] != replies("ask")[0]


def test_an_open_loop_bears_the_names_of_its_strategies() -> None:
    assert OpenLoop([Strategy.ASK, "reframe"]).name == "ask-reframe"


def test_a_drawn_strategy_depends_on_the_member_alone_among_equals() -> None:
    def replies(member: int) -> list[str]:
        return [turn.reply for turn in run(play(SCENARIO, 3, AnyStrategy(), GAME, member=member)).state.turns]

    assert replies(0) == replies(0) != replies(1)


def test_a_name_that_is_no_strategy_is_answered_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"expected a strategy \(reflect, .*\), got 'hug'"):
        strategy_named("hug")
    with pytest.raises(ValueError, match="at least one strategy"):
        OpenLoop([])
