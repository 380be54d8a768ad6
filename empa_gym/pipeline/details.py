"""What identifies a person in a text: its kinds, and where one was found."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple, TypeAlias

from empa_gym.prompts.fence import clean


class Detail(str, Enum):
    """Kinds of identifying detail; the value, in capitals and numbered, stands in the place of one."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    LINK = "link"
    HANDLE = "handle"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"


class Found(NamedTuple):
    """A detail and where it stands: ``text[start:end]``."""

    detail: Detail
    start: int
    end: int


Detector: TypeAlias = Callable[[str], Iterable[Found]]
"""Finds details in a text; the places may overlap."""


def plain(text: str) -> str:
    r"""The text with one way to write each character, so that no detail hides behind another way.

    >>> plain("\uff10\uff177\u200b00")
    '07700'
    """
    return unicodedata.normalize("NFKC", clean(text))


def key_of(word: str) -> str:
    """A word without case and accents, by which two spellings of a name are the same.

    >>> key_of("José") == key_of("JOSE")
    True
    """
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def letters_and_digits(text: str) -> str:
    """What is left of a text without case, spaces and punctuation."""
    return "".join(filter(str.isalnum, key_of(text)))


def separate(found: Iterable[Found]) -> list[Found]:
    """The places in order, with overlapping ones joined; the kind of the one that begins first and is longest stays."""
    apart: list[Found] = []
    for one in sorted(found, key=lambda place: (place.start, -place.end)):
        if apart and one.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(one.end, apart[-1].end))
        else:
            apart.append(one)
    return apart
