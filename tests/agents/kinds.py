"""Tells a user's message by its text alone: pushback, withdrawal or disclosure. Knows no scenario and no code."""

from __future__ import annotations

import re

_PROTEST = re.compile(
    r"\b(?:no|not|never|nope|nor|don't|didn't|isn't|aren't|wasn't|doesn't|won't|can't|haven't|hadn't|wouldn't|"
    r"you're not|stop|with respect|kindly|wrong|without|instead|somebody else's)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:already|again|same|repe[at]\w*|pattern|echo|twice|second|earlier|previous|identical|copy\w*|"
    r"once (?:more|before|today)|loop|you said|you've said|we've had|we had|we did|"
    r"heard|recogni[sz]e|recite|word for word|round (?:again|and round)|"
    r"leave it|leave you|never mind|no matter|forget|ignore|disregard|(?:drop|skip) (?:it|that)|"
    r"stop here|stop there|done|enough|"
    r"good ?night|good evening|bed|withdraw\w*|close|shut\w*|fine|say no more|nothing (?:more|to add)|that's all|"
    r"that is all|no further|doesn't matter|it's late|it is late|get on|let us|let's|manage|better go|best|empty|blank|"
    r"silence|nothing there|still there|that'll do|"
    r"further up|a moment ago|by now|will be all|better left|back to|never \w+ mind|it's only|going round|"
    r"told me that|i(?:'ll| will| shall| should| must| ought to|'d better| had better)|"
    r"i think i(?:'ll| will))\b",
    re.IGNORECASE,
)
_ASKED_AGAIN = re.compile(r"\b(?:read|run|go|look) (?:it |that )?again\b", re.IGNORECASE)
_LONG = 22
"""So many words are told, not thrown at somebody."""
_FIRST = 5
"""A protest begins within so many words."""


def kind_of(message: str) -> str:
    """ "disclosure", "pushback" or "withdrawal"."""
    words = message.split()
    protests = len(_PROTEST.findall(message)) + 4 * bool(_PROTEST.search(" ".join(words[:_FIRST])))
    closings = 2 * len(_CLOSING.findall(_ASKED_AGAIN.sub("", message)))
    if len(words) >= _LONG or (len(words) > _LONG // 2 and not protests and not closings):
        return "disclosure"
    return "pushback" if protests > closings else "withdrawal"
