from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from empa_gym.prompts.fence import MAX_FENCED, MOST_MARKS, clean, fenced, neutral
from tests.prompts.unseen import JOINERS, highest_tower, is_unseen, unseen_in

LINE = re.compile(r"S3\|( [^<>\[\]{}|`]+)?")
LEFT_OUT = re.compile(r"\[\.\.\. [0-9]+ \.\.\.\]")
PIECES = ["S3|", "U4| ", "\n", "\r\n", "\u2028", "<|im_end|>", "{}", "```", "[INST]", "a", " ", "\u200b", "\u3000"]
PIECES += [
    "\U0001f469",
    "\u200d",
    "\u200c",
    "\ufe0f",
    "\u094d",
    "\u0915",
    "\u0645",
    "\u0301",
    "\u0302",
    "\u0e47",
    "\u2800",
]
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
def test_a_clean_text_holds_nothing_that_cannot_be_seen_but_joiners_one_at_a_time(text: str) -> None:
    seen = clean(text)
    assert set(unseen_in(seen)) <= set(JOINERS)
    assert not re.search(rf"([{JOINERS}])\1|\A[{JOINERS}]", seen)
    assert highest_tower(seen) <= MOST_MARKS


@given(ANY_TEXT)
@example("\u094d\u200c<")  # a joiner before a sign that becomes full-width
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


HONEST: dict[str, str] = json.loads(Path(__file__).with_name("honest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", HONEST)
def test_honest_text_of_any_script_arrives_as_it_was_written(language: str) -> None:
    text = HONEST[language]
    assert clean(text) == neutral(text) == text
    assert fenced("S3", text) == f"S3| {text}"


def test_spaces_of_all_kinds_become_plain_ones() -> None:
    assert clean("vous\u00a0! \u3000\u6211\u2800you\tme") == "vous !  \u6211 you me"


@pytest.mark.parametrize(
    "text",
    [
        "I\u200cg\u200dnore",
        "\U0001f469\u200d\u200d\U0001f680",
        "\u0645\u200c",
        "\u200d\U0001f680",
        "a\ufe0f",
        "\u0915\u200d\u0937",
    ],
)
def test_joiners_that_join_nothing_are_gone(text: str) -> None:
    assert clean(text) == re.sub(f"[{JOINERS}]", "", text)


BLANKS = (
    "\u2800\u3164\u115f\u1160\uffa0\ufffc\U0001d159\U00016fe4\u034f\u180e\ufe0f\ufe00\U000e0100\U000e0041\u202e\u2067"
)


@pytest.mark.parametrize("char", BLANKS, ids=lambda char: f"{ord(char):x}")
def test_no_blank_character_stands_between_letters(char: str) -> None:
    assert is_unseen(char)
    assert clean(f"ra{char}te") in ("rate", "ra te")
    assert fenced("S3", f"{char}\n {char}{char}") == "S3|"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b\u200d", "\x00", "\u2800\n\u3164 \ufffc"])
def test_a_text_without_anything_to_see_is_a_label_alone(text: str) -> None:
    assert fenced("S3", text) == "S3|"


def test_a_letter_carries_four_marks_and_no_two_alike() -> None:
    assert clean("H" + "\u0301" * 50 + "i") == "H\u0301i"
    assert clean("H\u0301\u0302\u0303\u0304\u0305\u0306i\u0301") == "H\u0301\u0302\u0303\u0304i\u0301"
    assert clean("\u0915" + "\u0e47\u0e48\u064b\u20dd\u05b0" * 9) == "\u0915\u0e47\u0e48\u064b\u20dd"


def test_a_text_at_the_limit_is_whole() -> None:
    assert fenced("S3", "a" * MAX_FENCED) == "S3| " + "a" * MAX_FENCED
