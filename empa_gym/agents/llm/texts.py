"""Texts of the model as they enter the dialogue and its records: cleaned messages, and quotes that are real."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from empa_gym.agents.llm.parsing import Unreadable, whole_text
from empa_gym.chat import ChatReply
from empa_gym.prompts.fence import clean

MAX_MESSAGE = 4_000
"""Characters of a message in a dialogue: about 700 words, far above what a person writes in one go."""
_FENCE = re.compile(r"```[a-z]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_QUOTES = (('"', '"'), ("\u201c", "\u201d"), ("\u300c", "\u300d"))
# None of these can look at a character more than a few times, so no answer is slow to read.
_CONTROL = r"(?:<[|\uff5c][^<>\s]{1,40}[|\uff5c]>|</?(?:s|eos|bos|(?:start|end)_of_turn)>|\[/?INST\])"
_CONTROL_MARK = re.compile(_CONTROL)
_CONTROL_END = re.compile(rf"{_CONTROL}\Z")
_OTHERS_LINE = re.compile("^ {0,4}[USN][0-9]{0,4} ?[|\uff5c]", re.MULTILINE)
_LABEL = re.compile(r"^[ \"']{0,4}S[0-9]{1,4} ?\|", re.MULTILINE)
_ELLIPSIS = re.compile("\\.{2,}|\u2026+")
_ENOUGH = 0.8
"""Share of the letter triples of a quote that must be found."""


def said_text(reply: ChatReply, label: str, name: str) -> str:
    """A message as it enters the dialogue: what the model wrote, without what belongs to no message.

    Taken off are thinking, a code fence or quotation marks around the whole, the label or the name of
    the speaker in front, control marks of a chat template at the end, and characters that cannot be seen.

    Raises:
        Unreadable: nothing is left, it was cut off, it is far too long, or it goes on with other lines of
            the dialogue.
    """
    text = clean(whole_text(reply)).strip()
    if len(text) > 2 * MAX_MESSAGE:
        raise Unreadable("long")
    while mark := _CONTROL_END.search(text):
        text = text[: mark.start()].rstrip()
    fence = _FENCE.fullmatch(text)
    text = fence.group(1).strip() if fence else text
    text = _unquoted(_opening(label, name).sub("", _unquoted(text), count=1))
    text = re.sub("\n{3,}", "\n\n", text).strip()
    if _OTHERS_LINE.search(text):
        raise Unreadable("labels")
    if _CONTROL_MARK.search(text):
        raise Unreadable("markup")
    if not text:
        raise Unreadable("empty")
    if len(text) > MAX_MESSAGE:
        raise Unreadable("long")
    return text


def _opening(label: str, name: str) -> re.Pattern[str]:
    """The speaker's label or name in front of a message."""
    return re.compile(rf"\A(?:{re.escape(label)}\s*[|\uff5c]|\**{re.escape(name)}\**\s*[:\uff1a]\**)\s*")


def _unquoted(text: str) -> str:
    """The text without one pair of quotation marks around all of it."""
    for opening, closing in _QUOTES:
        inner = text[1:-1]
        if len(text) > 1 and text[0] == opening and text[-1] == closing and opening not in inner:
            return inner.strip()
    return text


def same_text(one: str, other: str) -> bool:
    """Whether two messages are the same but for case, spacing and punctuation."""
    return _letters(one) == _letters(other)


@lru_cache(maxsize=2048)
def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def stands_in(quote: str, text: str) -> bool:
    """Whether a quote was taken from a text.

    Letters and digits alone are compared, an ellipsis divides a quote into parts, and a fifth of its
    letter triples may be off: models change a word here and there when they copy.

    >>> stands_in("you kept it... all winter", "And you kept it going, all winter long.")
    True
    >>> stands_in("you are a hero", "And you kept it going, all winter long.")
    False
    """
    inside = _letters(unicodedata.normalize("NFKC", text))
    words = _LABEL.sub("", unicodedata.normalize("NFKC", quote))
    parts = [_letters(part) for part in _ELLIPSIS.split(words)]
    return len("".join(parts)) > 1 and all(part in inside or _nearly(part, inside) for part in parts)


def _nearly(part: str, inside: str) -> bool:
    triples = [part[i : i + 3] for i in range(len(part) - 2)]
    known = {inside[i : i + 3] for i in range(len(inside) - 2)}
    return bool(triples) and sum(triple in known for triple in triples) >= _ENOUGH * len(triples)
