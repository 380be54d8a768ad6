"""A prompt as JSON says what the messages say, whichever of them were written before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.chat import Message
from empa_gym.clients.encoding import LONGEST_KEPT, json_of, prompt_json

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
ROLES = st.sampled_from(("system", "user", "assistant"))
MESSAGES = st.lists(st.builds(Message, ROLES, TEXTS), max_size=6)


@given(MESSAGES, MESSAGES)
def test_a_prompt_reads_back_as_its_messages(history: list[Message], more: list[Message]) -> None:
    for messages in (history, history + more, history):
        read = json.loads(prompt_json(messages))
        assert read == [{"role": role, "content": content} for role, content in messages]


@pytest.mark.parametrize("length", [LONGEST_KEPT, LONGEST_KEPT + 1])
def test_long_messages_are_written_as_short_ones_are(length: int) -> None:
    assert json.loads(prompt_json([Message("user", "ä" * length)])) == [{"role": "user", "content": "ä" * length}]


def test_half_a_character_is_replaced_in_a_message_and_escaped_in_a_field() -> None:
    assert json.loads(prompt_json([Message("user", "a\ud83d")]))[0]["content"] == "a�"
    assert json.loads(json_of({"stop": "a\ud83d"})) == {"stop": "a\ud83d"}
