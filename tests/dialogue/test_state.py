from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from tests.dialogue.scripted import Fails, opened, played, scripted

RULES = Rules(EPMParams.endless(4), "hold")
STATES = played(scripted(judge=Fails({2})), RULES)


def test_messages_alternate_from_the_user_and_end_with_the_user_while_the_dialogue_runs() -> None:
    for state in STATES:
        roles = [message.role for message in state.messages]
        assert roles == ["user", "assistant"] * state.turn + ["user"] * (not state.outcome.ended)


def test_a_blank_message_of_the_user_is_still_a_message() -> None:
    silent = dataclasses.replace(opened(scripted()), message="")
    assert [message.role for message in silent.messages] == ["user"]


def test_a_state_is_frozen_and_shared_by_its_copies() -> None:
    assert copy.deepcopy(STATES[2]) is STATES[2]
    with pytest.raises(dataclasses.FrozenInstanceError):
        STATES[2].message = "else"  # type: ignore[misc]


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"turn {state.turn}")
def test_a_state_comes_back_equal_from_a_pickle(state: object) -> None:
    assert pickle.loads(pickle.dumps(state)) == state


def test_what_waits_for_a_judgement_is_counted() -> None:
    assert [state.pending for state in STATES] == [0, 0, 1, 0, 0]
