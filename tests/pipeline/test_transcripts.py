"""Transcripts are read from JSON lines and from text with labels; what cannot be read is told in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from empa_gym.errors import RecordError
from empa_gym.pipeline import Transcript, read_transcripts
from empa_gym.pipeline.transcripts import from_json_lines, from_labelled

ASK, ANSWER = {"role": "user", "content": "It is late."}, {"role": "assistant", "content": "Yes."}
TALK = [ASK, ANSWER, {"role": "user", "content": "Still."}]


def one(read: Any) -> Transcript:
    (found,) = read
    assert isinstance(found, Transcript), found
    return found


def said(transcript: Transcript) -> list[tuple[str, bool, str]]:
    return [tuple(line) for line in transcript.lines]  # type: ignore[misc]


WANTED = [("user", True, "It is late."), ("assistant", False, "Yes."), ("user", True, "Still.")]


def test_a_line_is_a_dialogue_and_system_messages_are_left_out() -> None:
    rows = [json.dumps({"messages": [{"role": "system", "content": "Be kind."}, *TALK]}), "", json.dumps(TALK)]
    first, second = from_json_lines(rows, "f.jsonl")
    assert isinstance(first, Transcript)
    assert isinstance(second, Transcript)
    assert said(first) == said(second) == WANTED
    assert (first.place, second.place) == ("f.jsonl: line 1", "f.jsonl: line 3")


def test_lines_that_are_messages_are_one_dialogue() -> None:
    assert said(one(from_json_lines([json.dumps(row) for row in TALK], "f.jsonl"))) == WANTED


def test_a_message_may_name_its_speaker_and_come_in_parts() -> None:
    parts = [{"type": "text", "text": "It is"}, {"type": "text", "text": "late."}]
    talk = [{"role": "user", "name": "Anna", "content": parts}, *TALK[1:]]
    assert said(one(from_json_lines([json.dumps(talk)], "f")))[0] == ("Anna", True, "It is\nlate.")


def test_labelled_text_joins_what_goes_on_and_forgets_the_time_of_day() -> None:
    rows = [
        "[10:32] Anna: It is late.",
        "Note: very late.",
        "",
        "12/03/2024, 10:33 - Bo: Yes.",
        "Anna: Still.",
        "Bo: I see.",
    ]
    assert said(one(from_labelled(rows, "f"))) == [
        ("Anna", True, "It is late.\nNote: very late."),
        ("Bo", False, "Yes."),
        ("Anna", True, "Still."),
        ("Bo", False, "I see."),
    ]


def test_a_rule_parts_two_dialogues() -> None:
    talk = ["A: one", "B: two", "A: three"]
    first, second = from_labelled([*talk, "---", *talk], "f")
    assert isinstance(first, Transcript)
    assert isinstance(second, Transcript)
    assert (first.place, second.place) == ("f: line 1", "f: line 5")


BAD = {
    "no JSON": ["{secret"],
    "no messages": [json.dumps({"text": "secret"})],
    "no content": [json.dumps([{"role": "user", "secret": "secret"}])],
    "one message": [json.dumps([ASK, ANSWER])],
    "nobody answers": [json.dumps([ASK, ASK])],
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_an_error_in_its_place_without_a_word_of_it(name: str) -> None:
    wrong, right = from_json_lines([*BAD[name], json.dumps(TALK)], "f.jsonl")
    assert isinstance(wrong, RecordError)
    assert str(wrong).startswith("f.jsonl: line 1: expected")
    assert not any(word in str(wrong) for word in ("secret", "late", "Yes"))
    assert isinstance(right, Transcript)


def test_text_without_labels_is_an_error_in_its_place() -> None:
    (wrong,) = from_labelled(["only prose"], "f")
    assert isinstance(wrong, RecordError)
    assert "begin with its speaker" in str(wrong)


def test_a_file_that_is_no_text_is_refused_without_a_byte_of_it(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_bytes(b"\xff\xfesecret")
    with pytest.raises(RecordError, match="it is no UTF-8") as refused:
        list(read_transcripts(path))
    assert "secret" not in str(refused.value)
