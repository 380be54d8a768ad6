"""A text as the embedded judge sees it: words, stems, sentences and a few bit masks.

Everything here depends on one text alone and is memoised in bounded caches. Words are hashed by
CRC, and Python's own hash is taken of whole numbers alone, so that every process sees the same bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.offline.grammar import BROKEN_ENDS, BROKEN_PAIRS, FINITE, NOUNS_IN_ED, NOUNS_IN_LY, PAST
from empa_gym.agents.offline.words import STEM_BITS, Word, words_of

GRAM_BITS = 2039
"""Width of a mask of runs, prime; a reply of 45 words sets about 40 of them."""
RUN = 4
"""So many words in the same order, pronouns turned or not, are no chance."""
_PERSONS = {"i": 1, "me": 1, "you": 1, "my": 2, "your": 2, "mine": 3, "yours": 3, "myself": 4, "yourself": 4}
"""Codes of the pronouns that a listener turns."""
MOULD_WORDS = 4
MOULD_MARKS = 2
"""Sentences with fewer words, or fewer beside the gaps, are too plain to show a mould."""
_IN_GAPS = frozenset(("", "D", "H"))
"""Kinds of words that fill a gap: content words with their articles."""
MAX_CONTENT_RUN = 7
"""So many content words in a row without any function word or comma are no English sentence."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TOKEN = re.compile(_WORD.pattern + r"|[.!?;:\n,]")
_BEFORE_NOUNS = frozenset(("D", "P", "T"))
_STOPS = frozenset(".!?;:\n")


class Sentence(NamedTuple):
    """Word positions ``start:end`` of one sentence, and whether it asks."""

    start: int
    end: int
    asks: bool


class Text(NamedTuple):
    """What one text is made of.

    Attributes:
        source: the text.
        words: its words.
        sentences: where the sentences are.
        pauses: the word positions before which there is a comma.
        stems: content stems.
        stem_mask: content stems as bits.
        groups: content stems by sentence.
    """

    source: str
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    pauses: frozenset[int]
    stems: frozenset[str]
    stem_mask: int
    groups: tuple[frozenset[str], ...]

    def quote(self, start: int, end: int) -> str:
        """The source's words ``start:end``, as they stand there."""
        if start >= end:
            return ""
        spans = _spans(self.source)
        return self.source[spans[start][0] : spans[end - 1][1]]


class Surface(NamedTuple):
    """How a text is made, apart from what it says.

    Attributes:
        runs: the runs of RUN words, pronouns turned, each as a number.
        grams: the runs as bits.
        skeleton: runs of four function words and gaps, as bits.
        moulds: for each sentence a bit that stands for its function words and gaps, 0 for a short one.
        flaws: word pairs, endings and runs that English does not have, by sentence.
        function_share: share of words that are not content words.
    """

    runs: tuple[int, ...]
    grams: int
    skeleton: int
    moulds: tuple[int, ...]
    flaws: tuple[int, ...]
    function_share: float


@lru_cache(maxsize=64)
def analyse(source: str) -> Text:
    """The text in parts; never fails, whatever the text."""
    words, sentences, pauses = _parse(_TOKEN.findall(source.replace("\u2019", "'")))
    content = {word.stem: word.code % STEM_BITS for word in words if word.content}
    groups = [frozenset([word.stem for word in words[one.start : one.end] if word.content]) for one in sentences]
    mask = _mask(content.values())
    return Text(source, tuple(words), tuple(sentences), pauses, frozenset(content), mask, tuple(groups))


@lru_cache(maxsize=1024)
def surface(source: str) -> Surface:
    """How a text is made."""
    text = analyse(source)
    words, sentences = text.words, text.sentences
    skeletons = [_skeleton(words[one.start : one.end]) for one in sentences]
    return Surface(
        runs(source),
        _mask({run % GRAM_BITS for run in runs(source)}),
        _mask({run % GRAM_BITS for run in _runs_of([code for skeleton in skeletons for code in skeleton])}),
        tuple([_mould(words[one.start : one.end]) for one in sentences]),
        tuple([_flaws(words, one, text.pauses) for one in sentences]),
        1 - [word.kind for word in words].count("") / len(words) if words else 0.0,
    )


def _parse(tokens: list[str]) -> tuple[list[Word], list[Sentence], frozenset[int]]:
    """Words, sentences, and the positions before which there is a comma."""
    words: list[Word] = []
    sentences: list[Sentence] = []
    pauses: set[int] = set()
    start = 0
    for token in tokens:
        if token == ",":
            pauses.add(len(words))
        elif token in _STOPS:
            if len(words) > start:
                sentences.append(Sentence(start, len(words), token == "?"))
                start = len(words)
        else:
            words += words_of(token)
    if len(words) > start:
        sentences.append(Sentence(start, len(words), False))
    return words, sentences, frozenset(pauses)


@lru_cache(maxsize=256)
def _spans(source: str) -> list[tuple[int, int]]:
    """Where each word stands in the source."""
    plain = source.replace("\u2019", "'")
    spans = [match.span() for match in _WORD.finditer(plain)]
    if len(spans) == len(analyse(source).words):
        return spans
    return [span for span in spans for _ in words_of(plain[span[0] : span[1]])]


def _skeleton(words: tuple[Word, ...]) -> list[int]:
    """Codes of the words that carry no content, each run of content words being one 0."""
    codes: list[int] = []
    before = 1
    for word in words:
        code = 0 if word.content else word.code
        if code or before:
            codes.append(code)
        before = code
    return codes


def _mould(words: tuple[Word, ...]) -> int:
    """The bit of a sentence's frame: "so _ and _ pull at you", whatever stands in the gaps; 0 for one too plain."""
    codes = [0 if word.kind in _IN_GAPS else word.code for word in words]
    frame = [code for code, before in zip(codes, [1, *codes], strict=False) if code or before]
    marks = len(frame) - frame.count(0)
    return 1 << hash(tuple(frame)) % STEM_BITS if len(words) >= MOULD_WORDS and marks >= MOULD_MARKS else 0


@lru_cache(maxsize=1024)
def runs(source: str) -> tuple[int, ...]:
    """The runs of RUN words of a text, pronouns turned, each as a number; the whole where it is shorter."""
    return _runs_of([_PERSONS.get(word.text, word.code) for word in analyse(source).words])


def _runs_of(codes: list[int]) -> tuple[int, ...]:
    if len(codes) < RUN:
        return (hash(tuple(codes)),) if codes else ()
    return tuple(map(hash, zip(*[codes[i:] for i in range(RUN)], strict=False)))


def _mask(places: Iterable[int]) -> int:
    """The number with ones at the places."""
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _flaws(words: tuple[Word, ...], sentence: Sentence, pauses: frozenset[int]) -> int:
    """How often a sentence does what English does not: "the of", "I the", an end in "and", endless nouns."""
    flaws, run, before = 0, 0, ""
    for position in range(sentence.start, sentence.end):
        kind = words[position].kind
        if position in pauses:
            run, before = 0, ""
        if kind:
            run = 0
            flaws += before + kind in BROKEN_PAIRS
            before = kind
        else:
            run += 1
            stray = before in _BEFORE_NOUNS and _stray(words, position, sentence.end, before)
            flaws += stray or run == MAX_CONTENT_RUN
            before = "x"
    return flaws + (before in BROKEN_ENDS)


def _stray(words: tuple[Word, ...], position: int, end: int, before: str) -> bool:
    """Whether a verb or an adverb stands where a noun is wanted: "the went", "of checked.", "to died"."""
    text = words[position].text
    if text in PAST or (before != "T" and text in FINITE):
        return True
    alone = position + 1 == end or bool(words[position + 1].kind)
    return alone and len(text) > 4 and text.endswith(("ed", "ly")) and text not in NOUNS_IN_ED | NOUNS_IN_LY


def overlaps(one: int, others: tuple[int, ...]) -> list[float]:
    """Jaccard similarities of a mask with others, 0..1; 0 with an empty one."""
    size = one.bit_count()
    shared = [(one & other).bit_count() for other in others]
    both = zip(shared, others, strict=True)
    return [part / (size + other.bit_count() - part) if part else 0.0 for part, other in both]
