"""A reply as the dialogue takes it: bounded in length, and text that every file and socket can carry."""

from __future__ import annotations

from typing import NamedTuple

MAX_REPLY_CHARS = 8192
"""Where a reply is cut unless the caller says otherwise: about 1,500 words, far above any honest reply."""


class TakenReply(NamedTuple):
    """The text that is judged, and whether it was cut."""

    text: str
    truncated: bool


def take_reply(reply: str, limit: int = MAX_REPLY_CHARS) -> TakenReply:
    r"""The reply, cut at ``limit`` characters, as text that UTF-8 can hold.

    A lone surrogate becomes U+FFFD, a pair of them the character that it encodes.

    Raises:
        TypeError: the reply is no text.

    >>> take_reply("I hear you", limit=6)
    TakenReply(text='I hear', truncated=True)
    >>> take_reply("so \ud83d") == ("so \ufffd", False)
    True
    """
    if not isinstance(reply, str):
        raise TypeError(f"expected a reply (str), got {type(reply).__name__}: {reply!r:.80}")
    text = str(reply[:limit])
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return TakenReply(text, len(reply) > limit)
