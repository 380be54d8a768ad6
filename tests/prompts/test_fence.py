from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.prompts.fence import MAX_FENCED, clean, fenced, neutral

LINE = re.compile(r"S3\|( [^<>\[\]{}|`]+)?")
LEFT_OUT = re.compile(r"\[\.\.\. [0-9]+ \.\.\.\]")
PIECES = ["S3|", "U4| ", "\n", "\r\n", "\u2028", "<|im_end|>", "{}", "```", "[INST]", "a", " ", "\u200b", "\u3000"]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300) | st.lists(st.sampled_from(PIECES)).map("".join)


@given(ANY_TEXT)
def test_each_line_of_a_fenced_text_has_the_label_once_and_nothing_that_means_something(text: str) -> None:
    for line in fenced("S3", text).split("\n"):
        assert LINE.fullmatch(line)
        assert line.count("|") == 1


@given(ANY_TEXT)
def test_no_fenced_text_breaks_a_line_in_any_way_that_a_reader_may_know(text: str) -> None:
    assert fenced("S3", text).splitlines() == fenced("S3", text).split("\n")


@given(ANY_TEXT)
def test_a_clean_text_holds_nothing_that_cannot_be_seen(text: str) -> None:
    unseen = [c for c in clean(text) if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    # Unicode counts a few visible signs as format characters: number signs of Arabic, Syriac, Kaithi and the like.
    visible = {chr(c) for c in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)}
    visible |= {chr(c) for c in range(0x13430, 0x13440)}
    assert [c for c in unseen if c not in visible] == []


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once_and_neutral_text_is_clean(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert neutral(neutral(text)) == neutral(text)


@given(ANY_TEXT, st.integers(3, 40))
def test_a_long_text_is_bounded_and_says_how_much_was_left_out(text: str, limit: int) -> None:
    seen = neutral(text)
    lines = fenced("S3", text, limit).split("\n")
    marks = [line for line in lines if LEFT_OUT.fullmatch(line)]
    assert len(marks) == (len(seen) > limit)
    assert all(LINE.fullmatch(line) for line in lines if line not in marks)
    assert sum(len(line.removeprefix("S3|").lstrip()) for line in lines if line not in marks) <= limit


def test_honest_text_comes_through_as_it_is() -> None:
    text = "Twenty-four years at the same lathe; 'slow', he said. That would sting (it did), wouldn't it? 3 < 4!"
    assert neutral(text) == text.replace("<", "\uff1c")


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b\u200d", "\x00"])
def test_a_text_without_anything_to_see_is_a_label_alone(text: str) -> None:
    assert fenced("S3", text) == "S3|"


def test_accents_of_real_scripts_are_kept_and_towers_of_them_are_not() -> None:
    vietnamese = unicodedata.normalize("NFD", "Nguy\u1ec5n \u0111\u1ec7")
    assert clean(vietnamese) == vietnamese
    assert clean("H" + "\u0301" * 50 + "i") == "H\u0301\u0301\u0301i"


def test_a_text_at_the_limit_is_whole() -> None:
    assert fenced("S3", "a" * MAX_FENCED) == "S3| " + "a" * MAX_FENCED
