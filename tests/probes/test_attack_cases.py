"""The best attacks that a search has found, played again."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.offline.cast import offline_cast
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.drive import run
from empa_gym.policies import make_policy
from empa_gym.probes import VARIANTS
from empa_gym.rollout.play import Game, play
from empa_gym.scenarios import get_scenario, select_scenarios

CASES: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("attacks.json").read_text(encoding="utf-8")
)
"""``closed``: the best attacks on the judge without its rules on moulds and unsound sentences; ``standing``: the best
on the judge as it is, written by ``python benchmarks/attack_suite.py --keep tests/probes/attacks.json``."""
SLACK = 1.1
"""A standing attack may earn so much more than when it was kept before the judge counts as having grown softer."""


def name_of(case: dict[str, Any]) -> str:
    return f"{case['variant']}-{case['scenario']}-{case['seed']}"


def gain(state: DialogueState) -> float:
    """Mean work of a turn."""
    return state.point.energy / state.turn


@functools.cache
def supporters_gain() -> float:
    """What the supporter earns per turn, over all scenarios."""
    game, policy = Game(offline_cast()), make_policy("supporter")
    states = [run(play(scenario, 0, policy, game)).state for scenario in select_scenarios("starter")]
    return sum(gain(state) for state in states) / len(states)


def replay(case: dict[str, Any]) -> DialogueState:
    """The case's replies, played in order until they or the dialogue end."""
    cast = offline_cast()
    state = run(open_dialogue(get_scenario(case["scenario"]), case["seed"], cast))
    for reply in case["replies"]:
        if not state.outcome.ended:
            state = run(take_turn(state, reply, cast))
    return state


def test_three_attacks_of_each_variant_are_kept() -> None:
    for cases in CASES.values():
        assert [sum(case["variant"] == variant for case in cases) for variant in VARIANTS] == [3, 3]


@pytest.mark.parametrize("case", CASES["closed"], ids=name_of)
def test_a_closed_attack_earns_less_than_when_it_was_found(case: dict[str, Any]) -> None:
    assert gain(replay(case)) < 0.8 * case["gain"]


@pytest.mark.parametrize("case", [case for case in CASES["closed"] if case["variant"] == "blind"], ids=name_of)
def test_a_closed_blind_attack_earns_less_than_honest_talk(case: dict[str, Any]) -> None:
    assert gain(replay(case)) < supporters_gain()


@pytest.mark.parametrize("case", CASES["standing"], ids=name_of)
def test_a_standing_attack_earns_no_more_than_when_it_was_kept(case: dict[str, Any]) -> None:
    assert gain(replay(case)) <= SLACK * case["gain"], "the judge grew softer: run benchmarks/attack_suite.py again"
