"""check_reward lets every shipped reward through, and says in a sentence what is wrong with any other."""

from __future__ import annotations

import itertools
import math
import random
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from empa_gym.dialogue import REWARDS, DialogueState, make_reward
from empa_gym.outcome import Outcome
from empa_gym.scenarios import get_scenario
from empa_gym.testing import check_reward, routes
from empa_gym.testing.routes import LONG, same_ends

Given = Callable[[DialogueState, DialogueState], Any]
ORIGIN = (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("reward", "claims"),
    [
        ("idr", {"telescopes": True}),
        ({"idr": "zone"}, {"telescopes": True}),
        ("absolute", {}),
        ("energy", {"telescopes": True}),
        ("score_sum", {"telescopes": True}),
        ("potential", {"telescopes": True, "gamma": 0.99}),
        ({"potential": {"a": 5.0, "gamma": 0.9}}, {"telescopes": True, "gamma": 0.9}),
        (lambda before, after: 0, {"telescopes": True}),
    ],
    ids=str,
)
def test_every_shipped_reward_passes_with_what_it_claims(reward: Any, claims: Any) -> None:
    check_reward(reward, **claims)


def test_no_shipped_reward_is_forgotten_here() -> None:
    assert set(REWARDS) == {"idr", "absolute", "energy", "score_sum", "potential"}


def counts_calls() -> Given:
    calls = itertools.count()
    return lambda before, after: float(next(calls))


def remembers_random_numbers() -> Given:
    memo: dict[Any, float] = {}
    return lambda before, after: memo.setdefault(after.point, random.random())


def remembers_in_a_default(before: DialogueState, after: DialogueState, memo: dict[Any, float] = {}) -> float:  # noqa: B006
    return memo.setdefault(after.point, random.random())


class Remembering:
    def __init__(self) -> None:
        self.memo: dict[Any, float] = {}

    def __call__(self, before: DialogueState, after: DialogueState) -> float:
        return self.memo.setdefault(after.point, random.random())


def by_chance(before: DialogueState, after: DialogueState) -> float:
    return random.random()


def changes_the_scenario(before: DialogueState, after: DialogueState) -> float:
    after.scenario.ratings["C.1"] = (after.scenario.ratings["C.1"] + 1) % 4
    return 0.0


BROKEN: list[tuple[str, Given, str]] = [
    (
        "not finite at balance",
        lambda b, a: float("inf") if a.point.position == ORIGIN else 0.0,
        "finite number, got inf",
    ),
    ("nan", lambda b, a: float("nan"), "finite number, got nan"),
    ("nothing", lambda b, a: None, "expected a plain float, got None of type NoneType"),
    ("a bool", lambda b, a: a.outcome.success, "expected a plain float, got False of type bool"),
    ("a numpy number", lambda b, a: np.float32(1.0), "of type float32; return float"),
    ("an array", lambda b, a: np.ones(1), "of type ndarray"),
    ("divides by the distance", lambda b, a: 1.0 / a.point.distance, "raised ZeroDivisionError at turn 3"),
    ("reads a first turn", lambda b, a: float(len(b.turns[-1].reply)), "raised IndexError at turn 1"),
    ("divides by the words", lambda b, a: 1.0 / len(a.turns[-1].reply.split()), "raised ZeroDivisionError at turn 2"),
    ("knows no collapse", lambda b, a: {Outcome.COLLAPSED: None}.get(a.outcome, 0.0), r"turn \d+ of 'a collapse"),
    ("knows no recovery", lambda b, a: {Outcome.RECOVERED: None}.get(a.outcome, 0.0), r"turn \d+ of 'a recovery"),
    (
        "knows no span",
        lambda b, a: {1: 0.0}[a.turns[-1].span],
        "raised KeyError at turn 4 of 'turns without a judgement",
    ),
    ("random", lambda b, a: random.random(), "expected one reward for one turn"),
    ("counts its calls", counts_calls(), "expected one reward for one turn"),
    ("remembers random numbers", remembers_random_numbers(), "from a copy of the reward"),
    ("remembers them in a default", remembers_in_a_default, "from a copy of the reward"),
    ("remembers them in an object", Remembering(), "from a copy of the reward"),
    ("remembers them in a cache", lru_cache(maxsize=None)(by_chance), "from a copy of the reward"),
    ("is infinite late", lambda b, a: math.inf if a.turn >= 30 else 0.0, "turn 30 of 'as long.*finite number, got inf"),
    ("goes by identity", lambda b, a: float(id(a)), "with equal states"),
    ("changes a state", changes_the_scenario, "found that the reward changed one"),
]


@pytest.mark.parametrize(("reward", "words"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_reward_is_told_what_is_wrong_where(reward: Given, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as raised:
        check_reward(reward)
    assert re.match(r"reward tests\.testing\.test_check_reward:\S+,? (turn \d+ of|raised)", str(raised.value))


def double_pay_for_catching_up(before: DialogueState, after: DialogueState) -> float:
    return (before.point.distance - after.point.distance) * after.turns[-1].span


def every_so_many_turns(period: int) -> Given:
    def bonus(before: DialogueState, after: DialogueState) -> float:
        return before.point.distance - after.point.distance + float(after.turn % period == 0)

    return bonus


def no_pay_for_setbacks(before: DialogueState, after: DialogueState) -> float:
    return max(0.0, before.point.distance - after.point.distance)


@pytest.mark.parametrize(
    ("reward", "gamma", "route"),
    [
        ("absolute", 1.0, "one leap, then nothing"),
        ("potential", 1.0, "one leap, then nothing"),
        ("idr", 0.99, "one leap, then nothing"),
        (no_pay_for_setbacks, 1.0, "a detour"),
        (double_pay_for_catching_up, 1.0, "turns held until one judgement covers them"),
    ],
)
def test_a_reward_that_claims_to_telescope_and_does_not_is_shown_the_route(
    reward: Any, gamma: float, route: str
) -> None:
    check_reward(reward)
    with pytest.raises(AssertionError, match="to telescope") as raised:
        check_reward(reward, telescopes=True, gamma=gamma)
    assert route in str(raised.value)


@pytest.mark.parametrize("period", [1, 2, 3, 7, 11, 30, 44, LONG])
def test_a_bonus_that_comes_every_so_many_turns_does_not_telescope(period: int) -> None:
    with pytest.raises(AssertionError, match="to telescope"):
        check_reward(every_so_many_turns(period), telescopes=True)


@pytest.mark.parametrize("period", [2, 3, 7, 11, 30, 44])
def test_it_does_not_with_a_discount_either(period: int) -> None:
    reward = make_reward({"potential": {"a": 5.0, "gamma": 0.9}})
    bonus = every_so_many_turns(period)
    still = every_so_many_turns(10**9)

    def both(before: DialogueState, after: DialogueState) -> float:
        return reward(before, after) + bonus(before, after) - still(before, after)

    with pytest.raises(AssertionError, match="to telescope"):
        check_reward(both, telescopes=True, gamma=0.9)


def test_every_turn_but_the_last_is_judged_on_one_route_and_held_on_another() -> None:
    ways = same_ends(get_scenario("values-rite"))
    judged = [{after.turn for _, after in way.judged} for way in ways]
    assert all(len(way.states) == LONG + 1 for way in ways)
    assert len({way.states[-1].point.position for way in ways}) == 1
    assert set.intersection(*judged) == {LONG}
    assert set.union(*judged) == set(range(1, LONG + 1))


def test_a_reward_that_holds_what_cannot_be_copied_is_checked_all_the_same() -> None:
    lock = threading.Lock()

    def guarded(before: DialogueState, after: DialogueState) -> float:
        with lock:
            return before.point.distance - after.point.distance

    check_reward(guarded, telescopes=True)


def test_a_reward_that_changes_a_scenario_leaves_the_shipped_one_as_it_was() -> None:
    before = dict(get_scenario("health-knee").ratings)
    with pytest.raises(AssertionError):
        check_reward(changes_the_scenario, scenarios="health-knee")
    assert get_scenario("health-knee").ratings == before


def test_the_routes_visit_the_corners_they_promise() -> None:
    states = [state for route in routes(get_scenario("values-rite")) for state in route.states]
    assert {state.outcome for state in states} >= {Outcome.RECOVERED, Outcome.COLLAPSED, Outcome.TURN_LIMIT}
    assert any(state.point.position == ORIGIN and state.pending for state in states)
    assert any(state.turns and state.turns[-1].span > 1 for state in states)
    assert any(min(state.point.position) > 0 for state in states)
    assert {bool(turn.reply.strip()) for state in states for turn in state.turns} == {True, False}
