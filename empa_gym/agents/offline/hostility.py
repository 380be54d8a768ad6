"""Where a text turns against the person it speaks to: degrading words said of them, and what they are accused of.

A word hurts by what it is said of. "You are a coward" degrades; "he called you a coward", "as if you were a coward",
"that does not make you a coward" and "the mayor is a coward" do not. Praise that is denied degrades as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from empa_gym.agents.offline.lexicon_hostile import (
    CARES,
    CONTEMPT,
    DEEDS,
    FLAW,
    GOOD,
    IN_EXCESS,
    LOATHE,
    NAMES,
    THINGS,
)
from empa_gym.agents.offline.text import Sentence, Text
from empa_gym.agents.offline.whose import DENIALS, LATER, NEAR, OTHERS, REACH, YOU, back, excused
from empa_gym.agents.offline.words import Word, stem


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


_BEING = _set("am is are was were be been being become became look looked act acted sound sounded")
_BETWEEN = _set(
    "a an the so such too just only really very quite rather simply plain merely nothing but always still even ever "
    "all that this utterly completely totally absolutely truly clearly obviously basically honestly actually little "
    "big old bit kind sort of more most as also or and damn bloody fucking total complete utter real proper simple "
    "have has had would will must could might may should do did"
)
_PRESENT = _set("do does")
_SELVES = _set("person man woman friend mother father teacher daughter son child people creature one soul old little")
_OBJECTS = _set("me us them him her everyone everybody people")
_APPALLED = _set("ashamed disgusted appalled sickened repelled repulsed revolted")
"""What others would be at the person."""
_HEART = _stems("love care deserve bother belong earn matter appreciate learn grow")
"""What it degrades somebody never to have done."""
_HARMS = _set("hurt harm push rush worry upset trouble lose see hear take")
_UNEQUAL = DENIALS | {"i"}
_OPENING = _set("a an only no such and but because")
_AUXILIARY = _set("have had did do would are were")
_HEED = frozenset(("notice", "notic", "mind"))
_SICKENS = _stems("bores disgust sicken revolt repel nauseate embarrass annoy irritate bored appal")
"""What somebody or their story does to others, said in contempt: "your story bores them"."""
_LAID = _set("awake down there here in on still beside back")
"""Behind "lie" these say where somebody rests."""


class Blow(Enum):
    """How a text turns against the person."""

    DEGRADES = "degrades"
    ACCUSES = "accuses"


_ADJECTIVES, _NOUNS, _VERBS = CONTEMPT | FLAW, NAMES | THINGS, LOATHE | CARES
_WORDS = _ADJECTIVES | GOOD | _NOUNS
QUALITIES, TRIGGERS = _WORDS | _APPALLED | {"right", "than"}, DEEDS | _VERBS | _HEART | _SICKENS
"""Words and stems at which a closer look is worth while."""


def blows(text: Text, sentence: Sentence) -> list[tuple[Blow, int]]:
    """The blows of a sentence: what kind, and the position of the word that deals it."""
    found = []
    for place in range(sentence.start, sentence.end):
        word = text.words[place]
        if word.text in QUALITIES or word.stem in TRIGGERS:
            blow = _blow(text, sentence, place)
            if blow is not None:
                found.append((blow, place))
    return found


def _blow(text: Text, sentence: Sentence, place: int) -> Blow | None:
    """How the word at a place hits the person."""
    word, first = text.words[place], sentence.start
    if word.stem in DEEDS and _done_by_you(text.words, first, place):
        laid = word.stem == "lie" and place + 1 < sentence.end and text.words[place + 1].text in _LAID
        return None if laid or excused(text, first, place) else Blow.ACCUSES
    if word.text == "right" and _sided(text, sentence, place):
        return Blow.ACCUSES
    named = word.text in _ADJECTIVES or word.text in _NOUNS
    if named and _said_of_you(text, sentence, place) and not excused(text, first, place):
        return Blow.DEGRADES
    return Blow.DEGRADES if any([test(text, sentence, place) for test in _tests_of(word)]) else None


def _tests_of(word: Word) -> Iterator[Callable[[Text, Sentence, int], bool]]:
    """The tests that a word asks for; each says whether it degrades the person where it stands."""
    if word.stem in _VERBS:
        yield _felt
    if word.stem in _HEART:
        yield _never_yours
    if word.text in GOOD:
        yield _denied_praise
    if word.text in _APPALLED:
        yield _appalled
    if word.stem in _SICKENS:
        yield _sickens
    if word.text == "than":
        yield _less_than


def _appalled(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether others would be ashamed of the person: "she would be ashamed"."""
    before = back(text.words, sentence.start, place, 4)
    foretold = len(before) > 1 and before[-2] in LATER - {"must"} and before[-1] == "be"
    return foretold and "you" not in before


def _sickens(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether the person or their story sickens others: "your story bores them"."""
    words, first = text.words, sentence.start
    meets = place + 1 < sentence.end and words[place + 1].text in _OBJECTS
    return meets and not YOU.isdisjoint(back(words, first, place, NEAR)) and not excused(text, first, place)


def _less_than(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether a sentence ends in a comparison with the person: "a child has more spine than you"."""
    last = [one.text for one in text.words[place + 1 : sentence.end]] == ["you"]
    return last and not any([one.text in _UNEQUAL for one in text.words[sentence.start : place]])


def _said_of_you(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether a quality or a name is said of the person."""
    words, first, end = text.words, sentence.start, sentence.end
    word, after = words[place], [one.text for one in words[place + 1 : min(end, place + 4)]]
    subject = _subject(words, first, place)
    if subject is not None:
        if word.text in IN_EXCESS and word.text not in CONTEMPT and "too" not in back(words, first, place, 3):
            return False
        before_noun = bool(after) and words[place + 1].kind == "" and word.text in FLAW
        return subject and not (before_noun and after[0] not in _SELVES and words[place + 1].text not in _NOUNS)
    if word.text in CONTEMPT and place > first and words[place - 1].text in YOU:
        return True
    if word.text in NAMES and place > first and _nearest_is_you(words, first, place):
        return True
    if "you" in after[1:] and after[:1] in (["like"], ["as"], ["such"], ["of"]):
        return True
    if after[:1] == ["you"] and "what" in back(words, first, place, 4):
        return True
    strong = word.text in CONTEMPT or word.text in NAMES
    if strong and _of_a_kind(text, first, place):
        return True
    return strong and end - first <= 3 and not any([one.text in OTHERS for one in words[first:end]])


def _of_a_kind(text: Text, first: int, place: int) -> bool:
    """Whether a clause opens with a degrading kind of person: "a spineless teacher who", "only a coward would"."""
    near = place - 1
    while near > first and near not in text.pauses and text.words[near].text in _BETWEEN - {"the", "that", "this"}:
        near -= 1
    opens = near == first or near in text.pauses or text.words[near].kind in ("C", "B")
    return opens and place - near <= 4 and text.words[near].text in _OPENING


def _subject(words: tuple[Word, ...], first: int, place: int) -> bool | None:
    """Whether the person is what a word is predicated of: True or False; None where nothing is predicated."""
    near = place - 1
    while near >= first and (words[near].text in _BETWEEN or words[near].text in _WORDS):
        near -= 1
    if near < first:
        return None
    if words[near].text == "you" and near > first and words[near - 1].text in _BEING:
        return True
    if words[near].text not in _BEING:
        return None
    near -= 1
    while near >= first and words[near].text in _BETWEEN | _BEING | DENIALS:
        near -= 1
    if near >= first and words[near].kind == "R":
        near -= 1
    return near >= first and words[near].text in ("you", "u")


def _nearest_is_you(words: tuple[Word, ...], first: int, place: int) -> bool:
    """Whether the person is the last one spoken of before a place."""
    for near in range(place - 1, max(first, place - REACH) - 1, -1):
        if words[near].text in YOU:
            return words[near].text != "your" or near == place - 1
        if words[near].text in OTHERS:
            return False
    return False


def _done_by_you(words: tuple[Word, ...], first: int, place: int) -> bool:
    """Whether the person does what the verb at a place says: "you lied", "you even stole", "and wasted"."""
    near = place - 1
    while near >= first and (words[near].kind == "R" or words[near].text in _AUXILIARY):
        near -= 1
    if near < first:
        return False
    if words[near].text == "you":
        return not (near > first and words[near - 1].text in ("to", "at", "for", "with", "on"))
    return words[near].text in ("and", "then") and _nearest_is_you(words, first, near)


def _never_yours(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether it is said that the person never loved, cared, learned: "you never cared"."""
    before = back(text.words, sentence.start, place, 2)
    said = before in (["you", "never"], ["not", "even"])
    return said and not excused(text, sentence.start, place - 2)


def _sided(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether others are said to be right against the person: "your sister is right not to ask"."""
    words, first = text.words, sentence.start
    follows = place + 1 < sentence.end and words[place + 1].text in ("to", "not", "about", "when")
    if not follows or place - 2 < first or words[place - 1].text not in _BEING:
        return False
    one = words[place - 2]
    other = one.text in ("he", "she", "they") or (not one.kind and one.content)
    return other and not excused(text, first, place)


def _denied_praise(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether a good quality is denied to the person: "you are not good", "you were never any good"."""
    words, first, near, denied = text.words, sentence.start, place - 1, False
    while near >= first and words[near].text in _BETWEEN | DENIALS | GOOD | {"any"}:
        denied = denied or words[near].text in ("not", "never", "hardly")
        near -= 1
    denied = denied or (near > first and words[near - 1].text == "never")
    if not denied or near < first or words[near].text not in _BEING:
        return False
    near -= 1
    while near >= first and (words[near].text in _BETWEEN or words[near].text == "never"):
        near -= 1
    return near >= first and words[near].text == "you" and not excused(text, first, near)


def _felt(text: Text, sentence: Sentence, place: int) -> bool:
    """Whether contempt for the person is owned or foretold, or care for them is denied."""
    words, word, first = text.words, text.words[place], sentence.start
    after = words[place + 1 : min(sentence.end, place + 1 + NEAR)]
    before = words[max(first, place - NEAR) : place]
    texts = [one.text for one in before]
    denied = any([one in DENIALS for one in texts])
    if word.stem in LOATHE:
        return _loathed(text, first, place, [one.text for one in after], texts) and not denied
    objects = [one.text for one in after[:2]]
    aimed = objects[:1] == ["you"] or (objects[1:] == ["you"] and objects[0] in ("for", "about", "with"))
    gone = objects in (["if", "you"], ["when", "you"])
    aimed = gone or (aimed and word.stem not in _HEED)
    shunned = word.stem in ("want", "bear", "stand") and objects[:1] == ["to"] and _shunned(after[1:])
    if not (aimed or shunned) or not denied or "you" in texts or "who" in texts or objects[:2] == ["you", "to"]:
        return False
    shut = any([one in ("nobody", "none") for one in texts]) or "no one" in " ".join(texts)
    if shunned:
        return shut and not excused(text, first, place - len(texts))
    foretold = any([one in LATER for one in texts]) or (shut and word.text.endswith("s"))
    mine = "i" in texts and any([one in LATER | _PRESENT for one in texts])
    return (foretold or mine) and not excused(text, first, place - len(texts))


def _shunned(after: tuple[Word, ...]) -> bool:
    """Whether what nobody wants to do would be kind: "to sit with you", not "to hurt you"."""
    return bool(after) and after[0].text not in _HARMS and any([one.text in YOU for one in after[1:]])


def _loathed(text: Text, first: int, place: int, after: list[str], before: list[str]) -> bool:
    """Whether contempt for the person is owned, foretold or general: "I despise you", "they laugh at you"."""
    if before[-1:] == ["you"] or (len(before) > 1 and before[-2] == "you" and text.words[place - 1].kind == "R"):
        return after[:1] != [] and after[0] in _OBJECTS
    word = text.words[place]
    if "you" in before or place + 1 in text.pauses or (before and text.words[place - 1].kind in ("D", "H", "P")):
        return False
    plain = word.text.rstrip("es") == word.stem.rstrip("es")
    owned = "i" in before or any([one in LATER for one in before]) or plain
    return owned and any([one in YOU for one in after[:3]]) and not excused(text, first, place)
