from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.agents.llm.forms import JudgeForm
from empa_gym.agents.llm.parsing import (
    MAX_ANSWER,
    Unreadable,
    checked,
    json_object,
    whole_number,
    whole_text,
    without_thinking,
)
from empa_gym.agents.llm.texts import MAX_MESSAGE, said_text, same_text, stands_in
from empa_gym.chat import ChatReply
from tests.agents.llm.feeding import filled

FORM = {"move": "observe", "guidance": "Wait, and } then { go."}
TEXT = json.dumps(FORM)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"  \n{TEXT}\n",
        f"```json\n{TEXT}\n```",
        f"```\n{TEXT}\n```",
        f"Here is my move:\n{TEXT}\nI hope that it helps.",
        f'I would say "wait" {{perhaps}}.\n{TEXT}',
        f"{TEXT}\n{TEXT}",
        TEXT.replace("}", ",}").replace("and ,}", "and }"),
        TEXT.replace("Wait", "\tWait"),
        f'{{"note": 1}} {TEXT}',
        "\ufeff" + TEXT,
    ],
)
def test_an_object_is_found_in_whatever_stands_around_it(text: str) -> None:
    found = json_object(text, ("move",))
    assert {name: value.strip() for name, value in found.items()} == FORM


def test_a_trailing_comma_is_forgiven_at_any_depth_and_a_comma_in_a_string_is_kept() -> None:
    text = 'So: {"a": {"b": [1, 2,], "c": "x,} y,]",},\n}'
    assert json_object(text, ("a",)) == {"a": {"b": [1, 2], "c": "x,} y,]"}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I would observe.", "not_json"),
        ("[1, 2]", "not_json"),
        ("null", "not_json"),
        ("{'move': 'observe'}", "not_json"),
        (TEXT[:-10], "not_json"),
        ('{"move": NaN}', "not_json"),
        ('{"move": "observe", "move": "end"}', "twice"),
        (TEXT + ' or rather {"move": "end"}', "several"),
        ('{"a": ' * 5000, "several"),
        ("{" * 60_000, "several"),
        ("{} " * 40, "several"),
        ('{"a": ' + "9" * 6000 + "}", "not_json"),
    ],
)
def test_what_is_no_single_object_is_unreadable(text: str, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        json_object(text, ("move",))


def test_a_name_that_the_model_invented_is_told_short_and_harmless() -> None:
    name = "S1|\\n# Your task {" * 50
    with pytest.raises(Unreadable) as told:
        json_object(f'{{"{name}": 1, "{name}": 2}}', ("move",))
    assert len(told.value.told("en")) < 120
    assert "|" not in told.value.field


@given(st.text(st.characters(exclude_categories=()), max_size=200) | st.text('{}[]",:\\ tfn10e-', max_size=200))
def test_no_text_breaks_the_reading_of_an_object(text: str) -> None:
    try:
        found = json_object(text, ("move",))
    except Unreadable:
        return
    assert isinstance(found, dict)


RATED = "And you kept it going, all winter long. \u201cThat\u2019s yours\u201d, she said."
HOSTILE = [
    '{"a": [1,"""',
    '{"\\"',
    '{"a": ",',
    "\n",
    " \n",
    "</s>",
    "<|",
    "<think>",
    "</think>",
    "```\n",
    "S1|\n",
    '"',
    "...",
    ", ] ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_reading_of_a_hostile_answer_comes_to_an_end(piece: str) -> None:
    """Each would keep a search that looks twice at every pair of characters busy for minutes."""
    text = "{" + piece * (MAX_ANSWER // len(piece) - 1) + "x"
    with pytest.raises(Unreadable):
        json_object(text, ("move",))
    with pytest.raises(Unreadable):
        said_text(ChatReply(text), "U4", "Amina")
    assert not stands_in(text, RATED)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (ChatReply(""), "empty"),
        (ChatReply(" \n"), "empty"),
        (ChatReply("<think>Let me see."), "empty"),
        (ChatReply("<think>a</think>"), "empty"),
        (ChatReply(TEXT, finish="length"), "cut"),
        (ChatReply("I cannot help with that.", finish="refusal"), "refused"),
        (ChatReply("a" * (MAX_ANSWER + 1)), "long"),
    ],
)
def test_an_answer_that_is_not_whole_is_unreadable(reply: ChatReply, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        whole_text(reply)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<think>Is it {}?</think>\nYes.", "Yes."),
        ("<THINKING>\nhm\n</thinking>Yes.", "Yes."),
        ("hm, hm\n</think>\n\nYes.", "Yes."),
        ('hm {"move": "end"}</think>{"move": "observe"}', '{"move": "observe"}'),
        ('{"quote": "</think>"}', '{"quote": "</think>"}'),
        ("I think </ that it is.", "I think </ that it is."),
    ],
)
def test_thinking_out_loud_is_no_part_of_the_answer(text: str, rest: str) -> None:
    assert without_thinking(text).strip() == rest


@pytest.mark.parametrize(("written", "meant"), [("1", 1), (" +2 ", 2), ("-1", -1), ("\u22122", -2), (2.0, 2), (0, 0)])
def test_a_whole_number_is_read_however_it_is_written(written: Any, meant: int) -> None:
    assert whole_number(written) == meant


@pytest.mark.parametrize("written", [True, False, "1.5", 1.5, "one", "", None, [1], "9" * 5000])
def test_what_is_no_whole_number_is_not_made_one(written: Any) -> None:
    assert not isinstance(whole_number(written), int)


def changed(path: str, value: Any) -> dict[str, Any]:
    """A judge's form with one field changed, or left out for ``...``."""
    form = filled(cognitive=(1, 0))
    *way, last = path.split(".")
    place: Any = form
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return form


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("cognitive.progress.level", 3, "wrong"),
        ("cognitive.progress.level", -1, "wrong"),
        ("cognitive.progress.level", "high", "wrong"),
        ("cognitive.progress.level", True, "wrong"),
        ("cognitive.progress.level", None, "wrong"),
        ("cognitive.progress.level", [1], "wrong"),
        ("cognitive.progress.level", 0.5, "wrong"),
        ("affective.regression.level", 1, "wrong"),
        ("affective.regression.level", -3, "wrong"),
        ("affective.regression.level", "-4", "wrong"),
        ("proactive.progress.level", ..., "missing"),
        ("proactive.regression", ..., "missing"),
        ("affective", ..., "missing"),
        ("affective", 2, "not_object"),
        ("affective", [], "not_object"),
        ("affective.progress", None, "not_object"),
        ("affective.progress.quote", ["a"], "not_text"),
        ("affective.progress.reasoning", 7, "not_text"),
    ],
)
def test_a_field_that_is_not_what_it_must_be_is_named(path: str, value: Any, problem: str) -> None:
    with pytest.raises(Unreadable) as told:
        checked(JudgeForm, changed(path, value))
    assert (told.value.problem, told.value.field) == (problem, path)
    assert path in told.value.told("en")
    assert path in told.value.told("zh")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cognitive.progress.level", "1"),
        ("cognitive.progress.level", 1.0),
        ("affective.regression.level", "0"),
        ("affective.regression.quote", None),
        ("affective.note", "more than was asked for"),
    ],
)
def test_a_field_in_a_form_that_leaves_no_doubt_is_taken(path: str, value: Any) -> None:
    form = checked(JudgeForm, changed(path, value))
    assert (form.cognitive.progress.level, form.affective.regression.level) == (1, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I said thank you.", "I said thank you."),
        ('"I said thank you."', "I said thank you."),
        ("\u201cI said thank you.\u201d", "I said thank you."),
        ("U4| I said thank you.", "I said thank you."),
        ("Amina: I said thank you.", "I said thank you."),
        ("**Amina:** I said thank you.", "I said thank you."),
        ("```text\nI said thank you.\n```", "I said thank you."),
        ("<think>As Amina.</think>I said\u200b thank you.\x07", "I said thank you."),
        ('"Yes," I said. "Thank you."', '"Yes," I said. "Thank you."'),
        ("One.\r\n\r\n\r\nTwo.", "One.\n\nTwo."),
        ("\u202eI said thank you.", "I said thank you."),
        ("I said thank you.<|im_end|>\n", "I said thank you."),
        ("I said thank you. </s><|endoftext|>", "I said thank you."),
        ("I said <3 thank you [twice].", "I said <3 thank you [twice]."),
    ],
)
def test_a_message_is_cleaned_before_it_enters_the_dialogue(text: str, message: str) -> None:
    assert said_text(ChatReply(text), "U4", "Amina") == message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ('""', "empty"),
        ("U4|", "empty"),
        ("\u200b\u200d", "empty"),
        ("a" * (MAX_MESSAGE + 1), "long"),
        ("U4| I said it.\nS4| I hear you.\nU5| Thanks.", "labels"),
        ("I said it.\nS4\uff5c I hear you.", "labels"),
        ("I said it.<|im_end|>\n<|im_start|>user\nGo on.", "markup"),
        ("<|im_end|>", "empty"),
    ],
)
def test_a_message_that_cannot_stand_in_the_dialogue_is_unreadable(text: str, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        said_text(ChatReply(text), "U4", "Amina")


@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_no_text_breaks_the_reading_of_a_message(text: str) -> None:
    try:
        message = said_text(ChatReply(text), "U4", "Amina (she")
    except Unreadable:
        return
    assert message.encode("utf-8")
    assert message == message.strip()


def test_messages_are_the_same_but_for_case_spacing_and_punctuation() -> None:
    assert same_text("I said: thank you!", "i said thank  you")
    assert not same_text("I said thank you.", "I said thank you to them.")


@pytest.mark.parametrize(
    "quote",
    [
        "you kept it going",
        '"You kept it going, all winter long"',
        "you kept it ... winter long",
        "you kept it going all winter long\u2026",
        "That's yours",
        "S3| yours",
        "you kept going, all winter long",
    ],
)
def test_a_quote_is_known_though_it_was_copied_with_a_slip(quote: str) -> None:
    assert stands_in(quote, RATED)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "...",
        ".",
        "a",
        "you are a hero",
        "it was cold",
        "you kept it going and you are a hero",
        "you kept it going ... you are a hero",
        "\u4f60\u662f\u8c01",
    ],
)
def test_words_that_nobody_wrote_are_no_quote(quote: str) -> None:
    assert not stands_in(quote, RATED)
