"""What is said, as the dialogue takes it: bounded in length, and text that every file and socket can carry."""

from __future__ import annotations

from typing import NamedTuple

MAX_REPLY_CHARS = 8192
"""Where a reply is cut unless the caller says otherwise: about 1,500 words, far above any honest reply."""

MAX_MESSAGE_CHARS = MAX_REPLY_CHARS
"""Where a message of the seeker is cut; far above what an actor writes."""


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
    return TakenReply(_cut(reply, limit), len(reply) > limit)


def take_message(message: str) -> str | None:
    r"""The message of an actor, cut and cleaned as a reply is; None when nothing is said in it.

    >>> take_message("so \ud83d") == "so \ufffd", take_message(" ")
    (True, None)
    """
    text = _cut(message, MAX_MESSAGE_CHARS)
    return text if text.strip() else None


def _cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, as a plain str that UTF-8 can hold."""
    text = str(text[:limit])
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
