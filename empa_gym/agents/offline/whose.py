"""Whose words a clause tells: the supporter's own, or what is denied, supposed, reported or felt."""

from __future__ import annotations

from empa_gym.agents.offline.text import Text
from empa_gym.agents.offline.words import Word, stem


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


YOU = _set("you your yours yourself u")
OTHERS = _set(
    "i me my we us our he him his she her they them their it its someone somebody anyone anybody everyone everybody "
    "who whoever myself himself herself themselves"
)
DENIALS = _set("not no never nobody nothing without neither nor hardly none")
SEEN = _stems(
    "call say tell think feel believe treat name make fear scared afraid worry worried convince label imagine wonder "
    "accuse decide doubt suspect suggest seem worse mean pretend rate consider regard describe judge see"
)
"""Verbs of what somebody says, thinks or feels: what follows is theirs."""
HEDGED = _set("if whether though like")
LATER = _set("would will could can should must might")
THEY_ALL = _set("everyone everybody all nobody anyone anybody people")
REACH, NEAR = 9, 5
"""So many words back a subject or a report is looked for, and so many a denial or an object."""


def excused(text: Text, first: int, place: int) -> bool:
    """Whether it is denied, supposed, or what others said or they themselves feel."""
    words = text.words
    for near in range(place - 1, max(first, place - REACH) - 1, -1):
        word = words[near]
        if word.text == "without" and place - near > 2:
            continue
        if word.text in DENIALS and place - near <= NEAR + 2:
            return not (word.text == "nothing" and near + 1 < place and words[near + 1].text == "but")
        if word.text in HEDGED and place - near > 1 and near + 1 < place and words[near + 1].text in YOU | OTHERS:
            return True
        if word.stem in SEEN:
            return not _is_mine(words, first, near)
        if near in text.pauses and words[near].kind in ("S", "Y", "B"):
            return False
    return False


def _is_mine(words: tuple[Word, ...], first: int, place: int) -> bool:
    """Whether the supporter thinks it, or says that everybody does: "I think", "they all say"."""
    for near in range(place - 1, max(first, place - 4) - 1, -1):
        text = words[near].text
        if text in YOU:
            return False
        if text in ("i", "we") or text in THEY_ALL:
            return True
        if words[near].kind == "S":
            return False
    return place == first


def back(words: tuple[Word, ...], first: int, place: int, count: int) -> list[str]:
    """So many words before a place, as far as the sentence goes."""
    return [word.text for word in words[max(first, place - count) : place]]
