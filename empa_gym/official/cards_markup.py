"""The outer shape of a public card: tagged sections, headed blocks, labelled fields.

A card is a Markdown file with five tagged sections (``<experience>`` ... ``</experience>``). In a section stand
blocks under ``#`` headings, in a block fields such as ``童年经历：...``. The cards were made by hand: the depth of
the headings, list marks, indents and notes in brackets behind a label differ from one to the next.
"""

# ruff: noqa: RUF001, RUF002 (the cards are written with full-width marks)
from __future__ import annotations

import re
from dataclasses import dataclass

from empa_gym.errors import ScenarioError

_HEADING = re.compile(r"^[ \t]*#+[ \t]*(?P<title>[^\n]*?)[ \t]*$", re.MULTILINE)
_MARKS = r"^[ \t]*(?:[-*•][ \t]*)*"
"""What may stand before a label: indent and list marks."""
_BEHIND = r"(?:（[^）\n]*）)?[ \t]*[：:]"
"""What may stand between a label and its text: a note in brackets, then the colon."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a card, and where it stands.

    Attributes:
        file: the card, as the caller named it.
        place: the section and headings down to it, joined by points.
        text: what stands there.
    """

    file: str
    place: str
    text: str

    def wrong(self, problem: str, field: str = "") -> ScenarioError:
        """The error that says what is wrong here, or with a field in here."""
        return ScenarioError(self.file, f"{self.place}.{field}" if field else self.place, problem)


def section(card: str, file: str, tag: str) -> Block:
    """What stands between ``<tag>`` and ``</tag>``.

    Raises:
        ScenarioError: the section is not there exactly once, or is empty.
    """
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", card, re.DOTALL)
    here = Block(file, tag, found[0] if found else "")
    if len(found) != 1:
        raise here.wrong(f"expected one section <{tag}> ... </{tag}>, found {len(found)}")
    return _filled(here)


def block(within: Block, title: str) -> Block:
    """What stands under a heading, down to the next heading of any depth.

    Raises:
        ScenarioError: the heading is not there exactly once, or nothing stands under it.
    """
    found = [text for heading, text in stretches(_HEADING, within.text) if heading["title"] == title]
    here = Block(within.file, f"{within.place}.{title}", found[0] if found else "")
    if len(found) != 1:
        raise here.wrong(f"expected one heading '# {title}' in <{within.place}>, found {len(found)}")
    return _filled(here)


def fields(within: Block, *labels: str) -> tuple[str, ...]:
    """The texts of labelled fields, in the order asked for; a field goes on up to the next of them.

    Raises:
        ScenarioError: a label is not there exactly once, or its text is empty.
    """
    label = "|".join(map(re.escape, labels))
    starts = re.compile(rf"{_MARKS}(?P<label>{label}){_BEHIND}", re.MULTILINE)
    texts: dict[str, str] = {}
    for start, text in stretches(starts, within.text):
        if start["label"] in texts:
            raise within.wrong("expected this field once, found it twice", start["label"])
        texts[start["label"]] = tidy(text)
    for name in labels:
        if not texts.get(name):
            raise within.wrong(f"expected text behind '{name}：', found nothing", name)
    return tuple(texts[name] for name in labels)


def stretches(starts: re.Pattern[str], text: str) -> tuple[tuple[re.Match[str], str], ...]:
    """Each match, and the text from its end to the next match or the end."""
    found = tuple(starts.finditer(text))
    ends = (*(match.start() for match in found[1:]), len(text))[: len(found)]
    return tuple((match, text[match.end() : end]) for match, end in zip(found, ends, strict=True))


def tidy(text: str) -> str:
    """Without indents, trailing spaces and empty lines."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _filled(here: Block) -> Block:
    if not here.text.strip():
        raise here.wrong("expected text, found nothing")
    return here
