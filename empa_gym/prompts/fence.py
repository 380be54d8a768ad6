r"""The fence: text that somebody else wrote stands in a prompt as material, never as part of the prompt.

Three rules make it hold, whatever the text is:

1. Every line of it begins with a label, ``S3|`` for the supporter's reply of turn 3, ``U3|`` for the
   person's message, ``N|`` for a note. A line without a label is ours, so there is no closing mark
   that could be forged.
2. None of it holds ``< > [ ] { } | ` ``: they become their full-width twins. So it holds no label, no
   role tag or control token of a chat template, no code fence, and no JSON that a parser would read.
3. None of it is invisible: control and format characters, bidirectional overrides, tags and variation
   selectors are gone, line breaks and spaces are of one kind, no letter carries a tower of marks, and its
   length is bounded. What a script or an emoji is written with stays: one joiner where it joins something.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Unicode 15.1, DerivedCoreProperties (Default_Ignorable_Code_Point), with the controls, bidirectional and
# annotation marks, surrogates, private use and non-characters, and a few that have nothing to show.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc"
    "\ufffe\uffff\U0001107f\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
_BREAK = "\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_SPACE = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
_MEANT = "<>[]{}|`"
"""What could mean something to a prompt, a chat template or a parser."""

_EMOJI = "\u203c-\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934-\u2b55\U0001f000-\U0001faff"
_VIRAMA = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
_ARABIC = "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f"
_ODD = r"[^\w\s\x00-\x7f]"
"""Neither letter, digit, space nor ASCII: marks of all scripts, emoji, the invisible."""
# RFC 5892, appendix A, for the joiners of scripts; UTS 51 for those of emoji.
_IN_PLACE = "|".join(
    (
        f"(?<=[{_EMOJI}])\ufe0f",
        f"(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])",
        f"(?<=[{_VIRAMA}])[\u200c\u200d](?!{_ODD})",
        f"(?<=[{_ARABIC}])\u200c(?=[{_ARABIC}])",
    )
)
"""A character that cannot be seen and is needed where it stands."""

_INVISIBLE = re.compile(f"(?!{_IN_PLACE})[{_UNSEEN}]")
_BREAKS = re.compile(f"\r\n|[{_BREAK}]")
_SPACES = re.compile(f"[ {_SPACE}]{{4,}}|[{_SPACE}]")
"""Longer stretches than an indentation could push a text out of sight."""
_ODD_RUN = re.compile(f"{_ODD}{{2,}}")
MOST_MARKS = 4
"""Marks that one letter may carry, no two of them alike (UTS 39, 5.4)."""
_TWINS = {ord(char): ord(char) + 0xFEE0 for char in _MEANT}
"""The full-width forms lie at this distance from ASCII."""
_SUSPECT = re.compile(f"[{_UNSEEN}{_BREAK}{_SPACE}{re.escape(_MEANT)}]|    ")
"""Without any of these, and runs of what is odd, a text is as it should be: told at once for most."""
MAX_FENCED = 8192
"""Characters of one text in a prompt unless the caller says less; a reply is cut there anyway."""


def clean(text: str) -> str:
    r"""The text without what cannot be seen: one kind of line break and of space, no control or format characters.

    >>> clean("I\u200b hear\x00 you\r\n\u202eso")
    'I hear you\nso'
    """
    text = _INVISIBLE.sub("", _BREAKS.sub("\n", text))
    text = _ODD_RUN.sub(_without_towers, _SPACES.sub(" ", text))
    return _INVISIBLE.sub("", text)  # joiners whose mark was taken off


def _without_towers(run: re.Match[str]) -> str:
    """The run with no more marks after a letter than are allowed."""
    kept, marks = "", ""
    for char in run.group():
        if unicodedata.category(char) not in ("Mn", "Me"):
            marks = ""
        elif char in marks or len(marks) == MOST_MARKS:
            continue
        else:
            marks += char
        kept += char
    return kept


def neutral(text: str) -> str:
    """The text cleaned, and with the characters that could mean something to a prompt made harmless."""
    suspect = _SUSPECT.search(text) or (not text.isascii() and _ODD_RUN.search(text))
    return clean(text.translate(_TWINS)) if suspect else text


@lru_cache(maxsize=8192)  # the texts of about ninety whole dialogues: each prompt shows them all again
def fenced(label: str, text: str, limit: int = MAX_FENCED) -> str:
    r"""The text as labelled lines; a label alone when there is nothing to be seen in it.

    Args:
        label: letters and digits that say whose text it is.
        text: anything.
        limit: characters that are shown, at least 3; of a longer text the middle is left out, and an unlabelled line
            ``[... N ...]`` says how many characters.

    >>> print(fenced("S3", "I see.\n\n(U4) Thank you, you helped me!"))
    S3| I see.
    S3| (U4) Thank you, you helped me!
    """
    text = neutral(text)
    if len(text) <= limit:
        return _labelled(label, text)
    head, tail = limit - limit // 3, limit // 3
    left_out = f"[... {len(text) - limit} ...]"
    return "\n".join((_labelled(label, text[:head]), left_out, _labelled(label, text[-tail:])))


def _labelled(label: str, text: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    return "\n".join(f"{label}| {line}" for line in lines if line) or f"{label}|"
