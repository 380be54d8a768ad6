from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import pytest

from empa_gym.dialogue.rewards import REWARDS, make_reward, pay
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.epm import EPMParams
from tests.dialogue.scripted import played, scripted

OVER = {turn: ((2, 0), (1, -1), (0, 0)) for turn in range(1, 13)}
STATES = played(scripted(OVER), Rules(EPMParams.endless(6)))
SPECS = [*REWARDS, {"idr": "zone"}, {"absolute": "zone"}, {"potential": {"a": 5.0, "gamma": 0.9}}]


def paid(reward: Any, at: int = 1) -> float:
    return pay(make_reward(reward), STATES[at - 1], STATES[at])


def test_each_name_pays_what_its_formula_says() -> None:
    before, after = STATES[0].point, STATES[1].point
    assert after.shift == (3.0, -1.0, 0.0)
    assert paid("idr") == before.distance - after.distance
    assert paid("absolute") == -after.distance
    assert paid("energy") == pytest.approx(after.energy - before.energy)
    assert paid("score_sum") == 2.0
    assert paid({"potential": {"a": 5.0, "gamma": 0.9}}) == pytest.approx(
        0.9 * 5 / (5 + after.distance) - 5 / (5 + before.distance)
    )


def test_the_zone_distance_costs_nothing_once_balance_is_crossed() -> None:
    far = played(scripted({turn: ((2, 0),) * 3 for turn in range(1, 31)}), Rules(EPMParams.endless(30)))
    crossing = (far[-2], far[-1])
    assert pay(make_reward({"idr": "zone"}), *crossing) == 0.0
    assert pay(make_reward("idr"), *crossing) < 0


def test_a_function_is_a_reward_and_is_never_asked_about_an_unjudged_turn() -> None:
    def shout(before: DialogueState, after: DialogueState) -> float:
        return 1.0 + after.turn

    assert make_reward(shout) is shout
    waiting = played(scripted(), Rules(EPMParams.endless(3, eval_every=2)))
    assert [pay(shout, *pair) for pair in pairwise(waiting)] == [0.0, 3.0, 4.0]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_reward_pickles_so_that_an_environment_does(spec: Any) -> None:
    again = pickle.loads(pickle.dumps(make_reward(spec)))
    assert pay(again, STATES[0], STATES[1]) == paid(spec)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("idl", "reward must be one of idr, absolute"),
        ({"idr": "moon"}, "the distances are origin, zone"),
        ({"idr": 3}, "as a name or a dict, got 3"),
        ({"idr": {}, "energy": {}}, "reward must be one of"),
        ({"energy": "zone"}, "'energy' does not take"),
        ({"potential": {"a": 0.0}}, "needs a > 0"),
        (3, "reward must be a reward's name"),
    ],
)
def test_a_spec_that_names_no_reward_is_refused_with_what_there_is(spec: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_reward(spec)
