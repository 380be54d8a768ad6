"""Noun phrases of a message worth taking up: "your handover note", "those forty-one pages", "Jonas"."""

from __future__ import annotations

import re

from empa_gym.policies.clauses import SENTENCE, is_verb
from empa_gym.policies.words import (
    DETERMINERS,
    FUNCTION,
    IRREGULAR,
    NOT_NAMES,
    NOT_OWNERS,
    NUMBERS,
    POINTERS,
    PRESENT,
    TITLES,
    VAGUE,
)

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*|[,;:.!?]")
_TOKENS = re.compile(r"[A-Za-z0-9' -]+")
_TURNED = {"my": "your", "our": "your", "a": "that", "an": "that", "this": "that", "these": "those"}


def things_of(text: str) -> tuple[str, ...]:
    """Noun phrases worth taking up, the most telling first."""
    ranked: dict[str, int] = {}
    for sentence in SENTENCE.findall(text):
        tokens = _TOKEN.findall(sentence)
        for index in range(len(tokens)):
            phrase, weight = _thing_at(tokens, index)
            if phrase and phrase not in ranked:
                ranked[phrase] = weight
        for piece in re.split(r"[,;:.!?]", sentence):
            ranked.setdefault(_fragment(piece.split()), 0)
    ranked.pop("", None)
    return tuple(sorted(ranked, key=lambda phrase: -ranked[phrase]))


def _fragment(tokens: list[str]) -> str:
    """A piece without a verb, as in "nine pieces an hour": a thing by itself; "" for any other piece."""
    lower = [token.lower() for token in tokens]
    if not 2 <= len(tokens) <= 5 or any(is_verb(token) for token in lower) or not _TOKENS.fullmatch(" ".join(tokens)):
        return ""
    if (
        {"i", "my", "me", "our"} & set(lower)
        or lower[0] in FUNCTION
        or not _is_noun(tokens[-1:], False)
        or tokens[0].endswith(("ing", "ed", "ly"))
    ):
        return ""
    return " ".join(tokens if tokens[1][0].isupper() else [lower[0], *tokens[1:]])


def _thing_at(tokens: list[str], index: int) -> tuple[str, int]:
    """The noun phrase that begins at a token, and how telling it is; "" where none does."""
    token = tokens[index]
    lower = token.lower()
    if token[0].isupper() and index and token not in NOT_NAMES and token.isalpha() and lower not in FUNCTION:
        return _name(tokens, index)
    if lower in {"its", "it"}:
        return "", 0
    if lower not in DETERMINERS and lower not in NUMBERS and not lower.endswith("'s"):
        return "", 0
    nouns: list[str] = []
    for word in tokens[index + 1 : index + 4]:
        if not _is_content(word):
            break
        nouns.append(word)
    follower = tokens[index + 1 + len(nouns)] if index + 1 + len(nouns) < len(tokens) else "."
    if lower in POINTERS and nouns and nouns[0][0].isupper():
        return "", 0
    if not nouns or len(nouns) > 2 or not _ends_here(follower.lower()) or not _is_noun(nouns, lower in NUMBERS):
        return "", 0
    if lower.endswith("'s"):
        if not token[0].isupper() or token in NOT_OWNERS:
            return "", 0
        return " ".join([token, *nouns]), 3
    return _with_determiner(lower, nouns), 1 + len(nouns) + (lower in {"my", "our"}) + (lower in NUMBERS)


def _name(tokens: list[str], index: int) -> tuple[str, int]:
    if tokens[index - 1] in TITLES:
        return f"{tokens[index - 1]} {tokens[index]}", 2
    following = tokens[index + 1] if index + 1 < len(tokens) else "."
    if following[0].isupper() or tokens[index - 1][0].isupper() or tokens[index - 1] in ".!?,;:":
        return "", 0
    return (tokens[index], 1) if len(tokens[index]) > 2 else ("", 0)


def _is_content(word: str) -> bool:
    return word[0].isalpha() and word.lower() not in FUNCTION and word.lower() not in IRREGULAR - {"saw", "felt"}


def _is_noun(nouns: list[str], counted: bool) -> bool:
    last = nouns[-1].lower()
    if last in VAGUE or len(last) < 3 or last.endswith(("ly", "ing", "self", "'s")) or "'" in last:
        return False
    if last in PRESENT or last.endswith("ed") or (len(nouns) == 2 and nouns[0].lower() in VAGUE):
        return False
    if counted:
        return last.endswith("s")
    return not (len(nouns) == 2 and last.endswith("s")) or nouns[0].islower()


def _ends_here(follower: str) -> bool:
    return not follower[0].isalpha() or (follower in FUNCTION and follower not in DETERMINERS)


def _with_determiner(determiner: str, nouns: list[str]) -> str:
    if determiner in NUMBERS:
        return " ".join(["those", determiner, *nouns])
    return " ".join([_TURNED.get(determiner, determiner), *nouns])
