from __future__ import annotations

import pytest

from empa_gym.agents.llm import LLMActor
from empa_gym.chat import PLAIN_TEXT, ChatReply
from empa_gym.errors import ModelError
from tests.agents.llm.feeding import EXCHANGES, actor_view, feed


def test_the_actor_says_what_the_model_wrote() -> None:
    message, asked = feed(LLMActor().speak(actor_view()), ChatReply("They moved my lamps, too."))
    assert message == "They moved my lamps, too."
    assert (asked[0].role, asked[0].turn, asked[0].answer) == ("actor", 3, PLAIN_TEXT)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_opening_is_asked_for_at_turn_0(language: str) -> None:
    message, asked = feed(LLMActor(language).speak(actor_view(language, (), None, ())), ChatReply("I am back."))
    assert message == "I am back."
    assert asked[0].turn == 0
    assert "U1|" not in asked[0].messages[1].content


def test_a_message_that_was_written_before_is_asked_again() -> None:
    again = ChatReply("everybody was kind, about it")
    message, asked = feed(LLMActor().speak(actor_view()), again, ChatReply("Even the buns were kind."))
    assert message == "Even the buns were kind."
    assert "written this message before" in asked[1].messages[-1].content


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (ChatReply(""), "empty"),
        (ChatReply("<think>How would she"), "empty"),
        (ChatReply("And then she", finish="length"), "cut off"),
        (ChatReply("word " * 2000), "too long"),
        (ChatReply("I left.\nS4| I see.\nU5| Thanks."), "labels"),
    ],
)
def test_a_message_that_cannot_stand_is_asked_again_with_what_was_wrong(reply: ChatReply, told: str) -> None:
    message, asked = feed(LLMActor().speak(actor_view()), reply, ChatReply("I left."))
    assert message == "I left."
    assert told in asked[1].messages[-1].content


def test_three_messages_that_cannot_stand_are_a_model_error() -> None:
    with pytest.raises(ModelError, match=r"actor: no usable answer in 3 attempts.*empty"):
        feed(LLMActor().speak(actor_view()), *[ChatReply("")] * 3)


def test_no_error_text_and_no_unseen_character_enters_the_dialogue() -> None:
    message, _ = feed(LLMActor().speak(actor_view()), ChatReply('"U4\u200b| They\x00 moved \u202emy lamps."'))
    assert message.isprintable()
    assert "moved my lamps" in message


def test_a_new_message_may_take_up_an_old_one() -> None:
    text = EXCHANGES[1].message + " And then it was done."
    assert feed(LLMActor().speak(actor_view()), ChatReply(text))[0] == text
