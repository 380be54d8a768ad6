from __future__ import annotations

from pathlib import Path

import pytest

from empa_gym.agents import PolicyView
from empa_gym.chat import ChatReply, Message
from empa_gym.errors import ModelError
from empa_gym.policies.llm import LLMPolicy
from tests.agents.llm.feeding import feed

VIEW = PolicyView((Message("user", "Hello?"), Message("assistant", "Yes."), Message("user", "I am back.")), 7, 0, 2)


def test_the_model_sees_the_dialogue_as_a_chat_after_a_short_system_prompt() -> None:
    reply, asked = feed(LLMPolicy().reply(VIEW), ChatReply(" You are back. "))
    assert reply == "You are back."
    assert (asked[0].role, asked[0].turn) == ("policy", 2)
    assert [message.role for message in asked[0].messages] == ["system", "user", "assistant", "user"]
    assert asked[0].messages[1:] == VIEW.messages


def test_the_system_prompt_may_be_another_a_file_or_none(tmp_path: Path) -> None:
    file = tmp_path / "system.txt"
    file.write_text("Be brief.\n", encoding="utf-8")
    assert LLMPolicy(system="Be long.").system == "Be long."
    assert LLMPolicy(system_file=file).system == "Be brief."
    _, asked = feed(LLMPolicy(system="").reply(VIEW), ChatReply("x"))
    assert asked[0].messages == VIEW.messages


def test_an_empty_or_cut_reply_is_a_turn_and_not_asked_for_again() -> None:
    assert feed(LLMPolicy().reply(VIEW), ChatReply(""))[0] == ""
    assert feed(LLMPolicy().reply(VIEW), ChatReply("You are", finish="length"))[0] == "You are"


def test_thinking_is_no_part_of_the_reply() -> None:
    assert feed(LLMPolicy("zh").reply(VIEW), ChatReply("<think>hm</think>You are back."))[0] == "You are back."


def test_a_model_that_fails_is_a_model_error() -> None:
    flow = LLMPolicy().reply(VIEW)
    next(flow)
    with pytest.raises(ModelError, match="down"):
        flow.throw(ModelError("the server is down"))


def test_what_cannot_be_a_system_prompt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="got both"):
        LLMPolicy(system="a", system_file="b")
    with pytest.raises(ValueError, match="readable UTF-8 file"):
        LLMPolicy(system_file=tmp_path / "none.txt")
    with pytest.raises(ValueError, match="en, zh"):
        LLMPolicy("fr")
