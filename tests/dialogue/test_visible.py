"""What a model wrote cannot steer a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.dialogue.visible import visible

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\x00b\rc\td\x7f", "a\\x00b\\rc\\td\\x7f"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\ufeff\u200b\u2028", "\\ufeff\\u200b\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud83d", "\\ud83d"),
    ],
)
def test_a_character_that_steers_or_hides_is_shown_by_its_code(written: str, shown: str) -> None:
    assert visible(written) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "two\nlines", "d\u00e9j\u00e0 \u3042\u3000\u0634", "\U0001f468\u200d\U0001f469", "a\u00a0b"]
)
def test_what_can_be_read_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.text(st.characters()))
def test_nothing_unseen_is_left_but_the_line_break_and_the_joiners_of_scripts_and_emoji(text: str) -> None:
    left = {char for char in visible(text) if unicodedata.category(char) in UNSEEN}
    assert left <= set("\n\u200c\u200d")
    assert visible(visible(text)) == visible(text)
