"""Templates and words of a language, read once from the files beside this one.

A template is plain text with ``$slots``. A block, that is text between blank lines, whose slots are all
empty is left out, so that an optional part needs no second template.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import NamedTuple

LANGUAGES = ("en", "zh")
"""The languages that there are templates for."""


class _Block(NamedTuple):
    """A block, cut up once: text, slot, text, ..., slot, text."""

    pieces: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        return self.pieces[1::2]

    def filled(self, slots: Mapping[str, str]) -> str:
        return "".join([slots[piece] if place % 2 else piece for place, piece in enumerate(self.pieces)])


def known(language: str) -> str:
    """The language, if there are templates for it.

    Raises:
        ValueError: there are none; lists those that there are.
    """
    if language not in LANGUAGES:
        raise ValueError(f"expected a language of the prompts ({', '.join(LANGUAGES)}), got {language!r}")
    return language


def fill(language: str, name: str, slots: Mapping[str, str]) -> str:
    """A template with its slots filled; what stands in a slot is never read as a template itself.

    Args:
        language: one of :data:`LANGUAGES`.
        name: of the template.
        slots: text for each of its slots; more than it has is allowed.

    Raises:
        KeyError: a slot of the template is not given.
    """
    filled = [
        block.filled(slots)
        for block in _blocks(language, name)
        if not block.slots or any([slots[slot] for slot in block.slots])
    ]
    return "\n\n".join(filled)


def slots_of(language: str, name: str) -> frozenset[str]:
    """The slots of a template."""
    return frozenset().union(*(block.slots for block in _blocks(language, name)))


def word(language: str, kind: str, name: str) -> str:
    """What something is called in a language, for example ``word("en", "grade", "low")``."""
    return _words(language)[kind][name]


def words(language: str, kind: str) -> Mapping[str, str]:
    """All names of a kind."""
    return dict(_words(language)[kind])


@functools.cache
def _blocks(language: str, name: str) -> tuple[_Block, ...]:
    text = _read(language, f"{name}.md")
    return tuple(_Block(_pieces(block)) for block in text.strip().split("\n\n"))


def _pieces(block: str) -> tuple[str, ...]:
    """Text and slots in turn, as :class:`string.Template` reads them; a doubled ``$`` is a plain one."""
    pieces, end = [""], 0
    for match in Template.pattern.finditer(block):
        pieces[-1] += block[end : match.start()]
        if slot := match.group("named") or match.group("braced"):
            pieces += [slot, ""]
        else:
            pieces[-1] += Template.delimiter
        end = match.end()
    pieces[-1] += block[end:]
    return tuple(pieces)


@functools.cache
def _words(language: str) -> dict[str, dict[str, str]]:
    known_words: dict[str, dict[str, str]] = json.loads(_read(language, "words.json"))
    return known_words


def _read(language: str, file: str) -> str:
    return files("empa_gym.prompts").joinpath(known(language), file).read_text(encoding="utf-8")
