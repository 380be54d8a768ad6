"""What English does and does not do in a sentence: broken pairs, words in a wrong class, what is denied."""

from __future__ import annotations

from typing import NamedTuple

from empa_gym.agents.offline.grammar import BROKEN_ENDS, BROKEN_PAIRS, FINITE, NOUNS_IN_ED, NOUNS_IN_LY, PAST
from empa_gym.agents.offline.text import Sentence, Text, mask_of
from empa_gym.agents.offline.words import STEM_BITS, Word

MAX_CONTENT_RUN = 7
"""So many content words in a row without any function word or comma are no English sentence."""
_BEFORE_NOUNS = frozenset(("D", "P", "T"))
_PLACES = frozenset(("in", "on", "by", "under", "through", "during", "like", "since", "until"))
"""Words of class Q before which no finite verb stands."""
_POINTING = frozenset(("this", "that", "these", "those", "his", "her", "each", "some", "any", "what"))
_BEING = frozenset(("am", "is", "are", "was", "were"))
_PRONOUNS = frozenset(("i", "you", "he", "she", "it", "we", "they"))
_SUBJECTS = _PRONOUNS | {"will", "would", "can", "could", "did", "do", "does"}
"""Words behind which a content word is a verb."""
_NOBODY = frozenset(("nobody", "nothing", "none", "neither"))
_NOT = frozenset(("not", "never", "no"))
_CARRIERS = frozenset("AS")
"""Classes behind which "not" and "never" deny a statement: "is not", "they never"."""


class Usage(NamedTuple):
    """Stems by how a text uses them, as bits: as verbs, otherwise, and of these behind an article."""

    verbal: int = 0
    other: int = 0
    nominal: int = 0

    def __or__(self, more: Usage) -> Usage:
        """Both usages."""
        return Usage(self.verbal | more.verbal, self.other | more.other, self.nominal | more.nominal)


def usage(text: Text) -> Usage:
    """How a text uses its stems."""
    verbal: list[int] = []
    other: list[int] = []
    nominal: list[int] = []
    for first, end, _ in text.sentences:
        before, kind = "", ""
        for word in text.words[first:end]:
            if not word.kind:
                place = word.code % STEM_BITS
                (verbal if before in _SUBJECTS else other).append(place)
                if kind == "D":
                    nominal.append(place)
            before, kind = word.text, word.kind
    return Usage(mask_of(verbal), mask_of(other), mask_of(nominal))


def denies(words: tuple[Word, ...], sentence: Sentence) -> bool:
    """Whether a sentence says what is not: "it is not", "they never", "nobody asked", "there was no one"."""
    for place in range(sentence.start, sentence.end):
        text = words[place].text
        if text in _NOBODY or (text in _NOT and place > sentence.start and words[place - 1].kind in _CARRIERS):
            return not _of_you(words, sentence.start, place)
    return False


def _of_you(words: tuple[Word, ...], start: int, place: int) -> bool:
    """Whether it is the person of whom something is denied: "you could not", "you are not"."""
    return any([words[near].text == "you" for near in range(max(start, place - 2), place)])


def flaws_of(words: tuple[Word, ...], sentence: Sentence, pauses: frozenset[int]) -> int:
    """How often a sentence does what English does not: "the of", "I the", an end in "and", endless nouns."""
    flaws, run, before = 0, 0, ""
    for position in range(sentence.start, sentence.end):
        kind = words[position].kind
        if position in pauses:
            run, before = 0, ""
        if kind:
            run = 0
            flaws += before + kind in BROKEN_PAIRS or _clash(words, position, sentence.start)
            before = kind
        else:
            run += 1
            noun = before in _BEFORE_NOUNS or (before == "Q" and words[position - 1].text in _PLACES)
            stray = noun and _stray(words, position, sentence.end, before)
            flaws += stray or run == MAX_CONTENT_RUN
            before = "x"
    return flaws + (before in BROKEN_ENDS)


def _clash(words: tuple[Word, ...], position: int, start: int) -> bool:
    """Whether two function words clash that their classes allow: "was is", "the that"."""
    if position == start:
        return False
    text, before = words[position].text, words[position - 1]
    return (text in _BEING and before.text in _BEING) or (text in _POINTING and before.kind == "D")


def _stray(words: tuple[Word, ...], position: int, end: int, before: str) -> bool:
    """Whether a verb or an adverb stands where a noun is wanted: "the went", "of checked.", "to died"."""
    text = words[position].text
    if text in PAST or (before != "T" and text in FINITE):
        return True
    return (
        _ends(words, position, end)
        and len(text) > 4
        and text.endswith(("ed", "ly"))
        and text not in NOUNS_IN_ED | NOUNS_IN_LY
    )


def _ends(words: tuple[Word, ...], position: int, end: int) -> bool:
    """Whether no content word follows a word."""
    return position + 1 == end or bool(words[position + 1].kind)


def named_in(words: tuple[Word, ...], sentence: Sentence) -> int:
    """The stems that are used as a noun of one word, "the lathe was", as bits."""
    mask = 0
    for place in range(sentence.start, sentence.end - 1):
        word = words[place + 1]
        if words[place].kind == "D" and not word.kind and _ends(words, place + 1, sentence.end):
            mask |= word.bit
    return mask


def acted_in(words: tuple[Word, ...], sentence: Sentence) -> int:
    """The stems that are used as a verb, "you counted", as bits; past forms may be anything."""
    mask = 0
    for place in range(sentence.start, sentence.end - 1):
        word = words[place + 1]
        if words[place].text in _PRONOUNS and not word.kind and _is_plain(word):
            mask |= word.bit
    return mask


def _is_plain(word: Word) -> bool:
    """Whether a word is in no past form and no -ing form."""
    return word.text.startswith(word.stem) and not word.text.endswith(("ed", "ing"))
