"""What a model wrote, as it may be shown: text that reaches a terminal must not steer it."""

from __future__ import annotations

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""The categories of Unicode that steer or hide: controls, marks of direction and format, half pairs, separators."""
HARMLESS = frozenset("\n\u200c\u200d")
"""The line break, and the two joiners that Persian, Indic scripts and emoji are written with."""


def visible(text: str) -> str:
    r"""The text with the code in place of each character that would steer a terminal or hide in it.

    Escape sequences, NUL, carriage returns, tabs, marks that turn the direction of writing, zero-width
    characters and lone surrogates; a line break stays.

    >>> visible("\x1b[2J see\nyou \u202e")
    '\\x1b[2J see\nyou \\u202e'
    """
    if text.isprintable():
        return text
    return "".join(_code(character) if _unseen(character) else character for character in text)


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN and character not in HARMLESS


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
