"""Whole clauses of a message, turned round to the second person: "I taught him" becomes "you taught him"."""

from __future__ import annotations

import re

from empa_gym.policies.words import (
    ADVERBS,
    AUXILIARIES,
    CUTS,
    DANGLING,
    DETERMINERS,
    EFFORT,
    FUNCTION,
    IRREGULAR,
    JOINS,
    LEADS,
    NO_SUBJECTS,
    NUMBERS,
    PRESENT,
    SECOND_OR_SHARED,
    THINKING,
    THIRD,
)

WORD = re.compile(r"[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*")
SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_BREAK = re.compile(r"[;:()]|, (?=and |but |so |because |which |who |though |while |then |or |I |he |she |they |it )")
_QUOTED = re.compile(r"(?:^|(?<=[\s(]))'|'(?=[\s.,;:!?)]|$)|\"")
_FIRST = frozenset({"I", "I'm", "I've", "I'd", "I'll"})
_SHORTEST, _LONGEST = 4, 12
"""A clause to take up has so many words: fewer say too little, more would be copying."""
_TURNS = {
    "I": "you", "I'm": "you're", "I've": "you've", "I'd": "you'd", "I'll": "you'll", "me": "you", "my": "your",
    "My": "your", "mine": "yours", "Mine": "yours", "myself": "yourself", "our": "your", "Our": "your",
}  # fmt: skip
_AFTER_I = {"was": "were", "wasn't": "weren't", "am": "are"}


def clauses_of(sentence: str) -> list[str]:
    """The clauses of a sentence that can be said back, in the second person."""
    if sentence.rstrip().endswith("?") or _QUOTED.search(sentence):
        return []
    found = []
    for piece in _BREAK.split(sentence):
        tokens = piece.strip(" .!,").split()
        while tokens and tokens[0].lower() in JOINS:
            tokens = tokens[1:]
        tokens = _within_reach(_from_subject(tokens))
        if _can_be_said_back(tokens):
            found.append(turn_round(" ".join(tokens)))
    return found


def _from_subject(tokens: list[str]) -> list[str]:
    """The clause without a leading "On Sunday" or "Before my leave"."""
    if tokens and tokens[0].lower() in LEADS:
        for index, token in enumerate(tokens[:6]):
            if token in _FIRST and not {"time", "moment", "day", "way"} & set(tokens[:index]):
                return tokens[index:]
    return tokens


def _within_reach(tokens: list[str]) -> list[str]:
    """The clause, cut at its last joint when it is longer than one can say back."""
    while len(tokens) > _LONGEST:
        joints = [i for i, token in enumerate(tokens) if i >= _SHORTEST and token.lower().strip(",") in CUTS]
        if not joints:
            return []
        tokens = tokens[: joints[-1]]
    return [*tokens[:-1], tokens[-1].strip(",")] if tokens else []


def _can_be_said_back(tokens: list[str]) -> bool:
    if not _SHORTEST <= len(tokens) <= _LONGEST or not all(WORD.fullmatch(token.strip(",")) for token in tokens):
        return False
    lower = [token.lower().strip(",") for token in tokens]
    if SECOND_OR_SHARED & set(lower) or lower[-1] in DANGLING | AUXILIARIES or "and was" in " ".join(lower):
        return False
    verb = next((token for token in lower[1:4] if token not in ADVERBS), "")
    if tokens[0] in _FIRST:
        return tokens[0] != "I" or (is_verb(verb) and verb not in THINKING)
    if lower[0] in {"if", "when"}:
        return sum(token in _FIRST for token in tokens) == 2
    if lower[0] in THIRD:
        return is_verb(verb)
    if tokens[0][0].isupper() and lower[0] not in FUNCTION and tokens[0] not in NO_SUBJECTS:
        return is_verb(lower[1]) or (tokens[1][0].isupper() and is_verb(lower[2]))
    return lower[0] in DETERMINERS and lower[1] not in FUNCTION and is_verb(lower[2])


def is_verb(word: str) -> bool:
    """Whether a word in lower case is surely a finite verb."""
    return word in AUXILIARIES or word in IRREGULAR or word in PRESENT or (word.endswith("ed") and len(word) > 4)


def is_deed(clause: str) -> bool:
    """Whether a clause in the second person tells of something done on purpose, and done."""
    words = clause.lower().split()
    if words[0] not in {"you", "you've", "you'd"} or {"not", "never", "nothing", "didn't"} & set(words[:4]):
        return False
    verb = next((word for word in words[1:4] if word not in ADVERBS), "")
    return verb in EFFORT and "yourself" not in words


def turn_round(text: str) -> str:
    """A first-person clause in the second person, its first word in lower case unless it is a name.

    >>> turn_round("I was told that my hands are slow")
    'you were told that your hands are slow'
    """
    out: list[str] = []
    after_i = False
    for token in text.split():
        bare = token.strip(",")
        new = _AFTER_I[bare] if after_i and bare in _AFTER_I else _TURNS.get(bare, bare)
        out.append(token.replace(bare, new, 1))
        after_i = bare == "I" or (after_i and bare in ADVERBS)
    if out[0].lower() in FUNCTION | NUMBERS | {"people"}:
        out[0] = out[0].lower()
    return " ".join(out)
