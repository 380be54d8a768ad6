"""What nobody can see in a text, by another way than the fence finds it: by name and category of each character."""

from __future__ import annotations

import itertools
import unicodedata

JOINERS = "\u200c\u200d\ufe0f"
"""May stay where a script or an emoji needs them."""
BLANK_NAMES = ("FILLER", "BLANK", "NULL NOTEHEAD", "OBJECT REPLACEMENT", "GRAPHEME JOINER", "VOWEL INHERENT")
"""In the names of characters that have a letter's or a sign's category and nothing to show."""
SHOWN = {chr(code) for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)}
"""Number signs of Arabic, Syriac, Kaithi and the like, which Unicode counts as format characters."""


def is_unseen(char: str) -> bool:
    """Whether a character, other than a line break or the plain space, shows nothing."""
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"):
        return char not in " \n" and char not in SHOWN
    name = unicodedata.name(char, "")
    return name.startswith(("VARIATION SELECTOR", "MONGOLIAN FREE")) or any(word in name for word in BLANK_NAMES)


def unseen_in(text: str) -> list[str]:
    """The characters of a text that show nothing."""
    return [char for char in sorted(set(text)) if is_unseen(char)]


def highest_tower(text: str) -> int:
    """How many marks stand on one letter, at most."""
    runs = itertools.groupby(text, lambda char: unicodedata.category(char) in ("Mn", "Me"))
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)
