"""Transcripts: what people wrote to each other, from JSON lines of chat messages or from text with speaker labels."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from empa_gym.errors import RecordError
from empa_gym.pipeline.details import plain

LINES = (".jsonl", ".ndjson")
FEWEST = 2
"""Messages of the person who seeks support that a transcript has at least; from fewer no story can be told."""
SEEKER_ROLES = ("user", "human", "seeker", "client")
_STAMP = re.compile(r"^\s*\[?\d{1,4}[\d:/., -]*(?:\s?[ap]m)?\]?\s*[-\u2013]?\s*(?=\S)", re.IGNORECASE)
_LABEL = re.compile(r"^\s*\**([^\W\d_][^:\uff1a\n]{0,39}?)\**\s*[:\uff1a]\**\s*(.*)$")
_RULE = re.compile(r"^\s*(?:-{3,}|={3,}|\*{3,})\s*$")


class Line(NamedTuple):
    """One message.

    Attributes:
        speaker: the label or name that stands before it; it may be a person's own name.
        seeker: whether the person who seeks support wrote it.
    """

    speaker: str
    seeker: bool
    text: str


class Transcript(NamedTuple):
    """One dialogue.

    Attributes:
        place: where it stands, for the person who reads the report; a file's name may hold somebody's name.
    """

    place: str
    lines: tuple[Line, ...]


def read_transcripts(path: Path) -> Iterator[Transcript | RecordError]:
    """The transcripts of a file in their order; one that cannot be read is an error in its place.

    In JSON lines each line is a dialogue, ``{"messages": [{"role": "user", "content": ...}, ...]}`` or the list
    alone; or each line is one message of one dialogue. A message may have a ``name``. In any other file each
    message begins with its speaker, ``Anna: ...``; a line ``---`` parts two dialogues. There the first speaker
    is the one who seeks support.
    No error holds a word of what was written.

    Raises:
        RecordError: the file cannot be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: no UTF-8; its message would quote bytes of the text
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise RecordError(str(path), "", f"expected a readable file of transcripts, found: {reason}") from None
    rows = text.splitlines()
    return from_json_lines(rows, str(path)) if path.suffix in LINES else from_labelled(rows, str(path))


def from_json_lines(rows: Sequence[str], file: str) -> Iterator[Transcript | RecordError]:
    """The transcripts of JSON lines."""
    read = [(number, _decoded(row)) for number, row in enumerate(rows, 1) if row.strip()]
    if read and all(isinstance(data, dict) and "content" in data for _, data in read):
        yield _dialogue([data for _, data in read], file, "")
        return
    for number, data in read:
        messages = data.get("messages") if isinstance(data, dict) else data
        yield _dialogue(messages, file, f"line {number}")


def _decoded(row: str) -> Any:
    try:
        return json.loads(row)
    except (ValueError, RecursionError):
        return None


def _dialogue(messages: Any, file: str, field: str) -> Transcript | RecordError:
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        return RecordError(
            file, field, 'expected {"messages": [{"role": ..., "content": ...}, ...]}, found another form'
        )
    lines: list[Line] = []
    for number, one in enumerate(messages, 1):
        role, content = one.get("role"), _content(one.get("content"))
        if not isinstance(role, str) or content is None:
            problem = f"expected a role and a content, both text, in message {number}, found another form"
            return RecordError(file, field, problem)
        if role not in ("system", "tool", "developer") and content.strip():
            lines.append(Line(str(one.get("name") or role), role.casefold() in SEEKER_ROLES, content))
    return _whole(lines, file, field)


def _content(content: Any) -> str | None:
    """The text of a message, also where it comes in parts; None when it is no text."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return "\n".join(str(part.get("text", "")) for part in content)
    return None


def from_labelled(rows: Iterable[str], file: str) -> Iterator[Transcript | RecordError]:
    """The transcripts of text with speaker labels."""
    number, held, first = 1, list[str](), 1
    for number, row in enumerate((*rows, "---"), 1):
        if not _RULE.match(row):
            held.append(row)
            continue
        if any(one.strip() for one in held):
            yield _labelled(held, file, f"line {first}")
        held, first = [], number + 1


def _labelled(rows: Sequence[str], file: str, field: str) -> Transcript | RecordError:
    rows = [plain(row) for row in rows if row.strip()]
    parts = [_parted(row) for row in rows]
    times = Counter(label for label, _ in parts if label)
    few = sum(count > 1 for count in times.values()) < 2
    opener = parts[0][0]
    if not opener:
        return RecordError(file, field, "expected each message to begin with its speaker ('Anna: ...'), found none")
    lines: list[Line] = []
    for row, (label, text) in zip(rows, parts, strict=True):
        # A label that occurs once is part of a message ("Note: ..."), unless fewer than two people spoke twice.
        if label and (times[label] > 1 or few or label == opener):
            lines.append(Line(label, label == opener, text))
        else:
            lines[-1] = lines[-1]._replace(text=f"{lines[-1].text}\n{row.strip()}".strip())
    return _whole([line for line in lines if line.text], file, field)


def _parted(row: str) -> tuple[str, str]:
    """The speaker's label and the rest; "" where there is none."""
    found = _LABEL.match(_STAMP.sub("", row, count=1))
    return (found.group(1).strip(), found.group(2).strip()) if found else ("", row.strip())


def _whole(lines: Sequence[Line], file: str, field: str) -> Transcript | RecordError:
    asked = sum(line.seeker for line in lines)
    if asked < FEWEST or asked == len(lines):
        problem = f"expected at least {FEWEST} messages of somebody who seeks support, and an answer"
        return RecordError(file, field, f"{problem}; found {asked} of {len(lines)} messages")
    return Transcript(": ".join(filter(None, (file, field))), tuple(lines))
