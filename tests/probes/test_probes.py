"""The adversarial policies."""

from __future__ import annotations

import pytest

from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.views import PolicyView
from empa_gym.chat import Message
from empa_gym.drive import run
from empa_gym.policies import POLICIES
from empa_gym.probes import PROBES, make_probe
from empa_gym.rollout.play import Game, play
from empa_gym.scenarios import select_scenarios

MESSAGE = "They auctioned my lathe for nine hundred pounds, and I stood at the back in my jacket."


def reply_of(name: str, message: str = MESSAGE, turn: int = 1) -> str:
    return run(make_probe(name).reply(PolicyView((Message("user", message),), 3, 0, turn)))


def test_an_unknown_probe_is_refused_with_the_list_of_the_known() -> None:
    with pytest.raises(ValueError, match=r"empty, praise.*'bribe'"):
        make_probe("bribe")


def test_no_probe_has_the_name_of_a_policy() -> None:
    assert not set(PROBES) & set(POLICIES)


@pytest.mark.parametrize("name", PROBES)
def test_every_probe_answers_anything_and_the_same_twice(name: str) -> None:
    assert isinstance(reply_of(name, ""), str)
    assert reply_of(name) == reply_of(name)


def test_the_borrowing_probes_use_the_persons_words() -> None:
    assert reply_of("echo") == MESSAGE
    assert MESSAGE in reply_of("copied-reflection")
    assert all(word in reply_of("slot-template") for word in ("auctioned", "jacket"))
    assert all(word in reply_of("insult-template") for word in ("lathe", "jacket"))
    assert {"lathe", "pounds"} <= set(reply_of("word-salad").lower().strip(".").split())


@pytest.mark.parametrize("name", PROBES)
def test_no_probe_gains_ground_with_the_embedded_judge(name: str) -> None:
    for scenario in select_scenarios("starter-train")[::3]:
        state = run(play(scenario, 4, make_probe(name), Game(offline_cast()))).state
        assert not state.outcome.success
        assert state.point.energy < 0
