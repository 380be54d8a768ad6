"""What the supporter hears in a message: clauses turned round to "you", things, deeds, feelings, and the mood."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import Enum

from empa_gym.policies.clauses import SENTENCE, WORD, clauses_of, is_deed
from empa_gym.policies.things import things_of
from empa_gym.policies.words import (
    ASSENT,
    COMPANY_PHRASES,
    CREDIT_PHRASES,
    DENIAL,
    FEELINGS,
    HINTS,
    OWN,
    PUSHBACK_PHRASES,
    REPEAT_PHRASES,
    UNDERSTAND_PHRASES,
    WITHDRAWAL_PHRASES,
    YOURS,
)

BRIEF = 4
"""A first sentence of so few words leads in ("I'll go on.") and tells nothing yet."""


REACH = 6
"""A word of feeling so many words behind "I" is the seeker's own."""


class Mood(str, Enum):
    """How the message meets the supporter."""

    TELLING = "telling"
    ASKING_TO_UNDERSTAND = "asking to understand"
    ASKING_FOR_COMPANY = "asking for company"
    ASKING_FOR_CREDIT = "asking for credit"
    PUSHBACK = "pushback"
    REPEATED = "repeated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one message.

    Attributes:
        mood: telling, asking for something, pushing back, complaining of a repeat, or closing up.
        clauses: whole clauses in the second person, "you taught him to draw", in the order told.
        deeds: those of them that tell what the person did on purpose.
        things: noun phrases in the second person, "your handover note", "that pencil", "Jonas".
        feelings: families named, in order.
        hints: families that may be near without being named.
        words: the words of the message in lower case, each once.
    """

    mood: Mood
    clauses: tuple[str, ...]
    deeds: tuple[str, ...]
    things: tuple[str, ...]
    feelings: tuple[str, ...]
    hints: tuple[str, ...]
    words: frozenset[str]


@functools.lru_cache(maxsize=4096)
def hear(message: str) -> Heard:
    """What the supporter hears in a message; nothing at all in an empty one."""
    text = message.replace("\u2019", "'")[:2000]
    mood = _mood(text)
    text = _told(text, mood)
    words = frozenset(word.lower() for word in WORD.findall(text))
    named = _named(text)
    strength = {family: len(hints & words) for family, hints in HINTS.items() if family not in named}
    clauses = tuple(dict.fromkeys(clause for sentence in SENTENCE.findall(text) for clause in clauses_of(sentence)))
    return Heard(
        mood=mood,
        clauses=clauses,
        deeds=tuple(clause for clause in clauses if is_deed(clause)),
        things=things_of(text),
        feelings=named,
        hints=tuple(sorted((f for f, n in strength.items() if n), key=lambda f: -strength[f])),
        words=words,
    )


def _named(text: str) -> tuple[str, ...]:
    """The families of feeling that the seeker claims: a word of feeling close behind "I", "me" or "my"."""
    tokens = [word.lower() for word in WORD.findall(text)]
    claimed = {token for index, token in enumerate(tokens) if OWN & set(tokens[max(0, index - REACH) : index])}
    return tuple(family for family, (_, _, names) in FEELINGS.items() if names & claimed)


def _mood(text: str) -> Mood:
    start = text.lower()[:90]
    brief = len(WORD.findall(text)) < 14
    if any(phrase in start for phrase in REPEAT_PHRASES):
        return Mood.REPEATED
    if start.startswith(("no ", "no,", "no.", "not ")) or any(phrase in start for phrase in PUSHBACK_PHRASES):
        return Mood.PUSHBACK
    if brief and any(phrase in start for phrase in WITHDRAWAL_PHRASES):
        return Mood.WITHDRAWN
    return _asks(text.lower())


def _asks(text: str) -> Mood:
    """What a message wants most, by the first kind of asking found in it; TELLING when it only tells."""
    asking = {
        Mood.ASKING_FOR_COMPANY: any(phrase in text for phrase in COMPANY_PHRASES),
        Mood.ASKING_FOR_CREDIT: any(phrase in text for phrase in CREDIT_PHRASES),
        Mood.ASKING_TO_UNDERSTAND: any(phrase in text for phrase in UNDERSTAND_PHRASES),
    }
    return next((mood for mood, asked in asking.items() if asked), Mood.TELLING)


def _told(text: str, mood: Mood) -> str:
    """The message without its leading reactions to the reply ("Yes, that is it"), which tell nothing themselves."""
    sentences = SENTENCE.findall(text)
    if mood not in (Mood.PUSHBACK, Mood.REPEATED, Mood.WITHDRAWN):
        while len(sentences) > 1 and (_is_reaction(sentences[0]) or _leads_in(sentences[0])):
            sentences = sentences[1:]
        return " ".join(sentences)
    return " ".join(s for s in sentences[1:] if not _is_reaction(s) and not DENIAL & set(s.lower().split()))


def _leads_in(sentence: str) -> bool:
    return len(sentence.split()) <= BRIEF and "my" not in sentence.lower().split()


def _is_reaction(sentence: str) -> bool:
    words = [word.lower() for word in WORD.findall(sentence)]
    if words and words[0] in ASSENT:
        return True
    return bool(YOURS & set(words)) or (len(words) < 8 and not OWN & set(words))
