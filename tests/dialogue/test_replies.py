"""A reply is taken as text that every file can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.dialogue.replies import MAX_MESSAGE_CHARS, take_message, take_reply


@given(st.text(st.characters(), max_size=40), st.integers(1, 30))
def test_every_text_comes_out_bounded_and_encodable(reply: str, limit: int) -> None:
    text, truncated = take_reply(reply, limit)
    text.encode()
    assert len(text) <= limit
    assert truncated == (len(reply) > limit)


def test_a_lone_surrogate_is_replaced_and_a_pair_is_joined() -> None:
    assert take_reply("a\ud83db").text == "a\ufffdb"
    assert take_reply("\ud83d\ude42").text == "\U0001f642"


def test_a_byte_order_mark_stays() -> None:
    assert take_reply("\ufeffyes").text == "\ufeffyes"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a reply"):
        take_reply(None)  # type: ignore[arg-type]


@given(st.text(st.characters(), max_size=40))
def test_a_message_comes_out_as_a_reply_would_unless_it_is_blank(message: str) -> None:
    taken = take_message(message)
    assert taken == (take_reply(message).text if message.strip() else None)


def test_a_message_is_cut_and_one_that_is_blank_up_to_the_cut_is_none() -> None:
    assert take_message("x" * (MAX_MESSAGE_CHARS + 1)) == "x" * MAX_MESSAGE_CHARS
    assert take_message(" " * MAX_MESSAGE_CHARS + "late") is None
