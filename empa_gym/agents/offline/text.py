"""A text as the embedded judge sees it: words, stems and sentences.

Everything here depends on one text alone and is memoised in bounded caches. Words are hashed by CRC, so that every
process sees the same bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.offline.letters import plain
from empa_gym.agents.offline.words import STEM_BITS, Word, words_of

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TOKEN = re.compile(_WORD.pattern + r"|[.!?;:\n,]")
LETTERS = 3
"""More words of one letter than this may be one word, spaced out."""
_STOPS = frozenset(".!?;:\n")
_PARTS = re.compile(r"[^.!?;:\n]*[.!?;:\n]?")


class Sentence(NamedTuple):
    """Word positions ``start:end`` of one sentence, and whether it asks."""

    start: int
    end: int
    asks: bool


class Text(NamedTuple):
    """What one text is made of.

    Attributes:
        source: the text, with letters that hide words set right.
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


@lru_cache(maxsize=1024)
def analyse(source: str) -> Text:
    """The text in parts, with letters that hide words set right; never fails, whatever the text."""
    parts = clauses(source)
    if not source.isascii() or sum([clause.singles for clause in parts]) > LETTERS:
        source = plain(source)
        parts = clauses(source)
    words: list[Word] = []
    sentences: list[Sentence] = []
    pauses: list[int] = []
    mask = 0
    for clause in parts:
        start = len(words)
        pauses += [start + place for place in clause.pauses]
        if clause.words:
            words += clause.words
            mask |= clause.mask
            sentences.append(Sentence(start, len(words), clause.asks))
    groups = tuple([clause.stems for clause in parts if clause.words])
    stems: frozenset[str] = frozenset().union(*groups)
    return Text(source, tuple(words), tuple(sentences), frozenset(pauses), stems, mask, groups)


class Clause(NamedTuple):
    """One sentence by itself, with word positions of its own; nearly the whole cost of a text is in these.

    Attributes:
        source: how it is written, with the mark that ends it.
        words: its words; () for a stray mark.
        pauses: the word positions before which there is a comma.
        asks: whether it ends with a question mark.
        stems: content stems.
        mask: content stems as bits.
        singles: how many tokens are one letter.
    """

    source: str
    words: tuple[Word, ...]
    pauses: tuple[int, ...]
    asks: bool
    stems: frozenset[str]
    mask: int
    singles: int

    def alone(self) -> Text:
        """The sentence as a text of its own."""
        sentences = (Sentence(0, len(self.words), self.asks),)
        return Text(self.source, self.words, sentences, frozenset(self.pauses), self.stems, self.mask, (self.stems,))


def clauses(source: str) -> list[Clause]:
    """The sentences of a text whose letters are set right, in order."""
    return [clause_of(part) for part in _PARTS.findall(source) if part]


@lru_cache(maxsize=8192)
def clause_of(part: str) -> Clause:
    """One sentence that :func:`clauses` cut."""
    words: list[Word] = []
    pauses: list[int] = []
    tokens = _TOKEN.findall(part.replace("\u2019", "'"))
    for token in tokens:
        if token == ",":
            pauses.append(len(words))
        elif token not in _STOPS:
            words += words_of(token)
    content = {word.stem: word.code % STEM_BITS for word in words if word.content}
    asks = part.endswith("?")
    singles = len([token for token in tokens if len(token) == 1 and token.isalpha()])
    return Clause(part, tuple(words), tuple(pauses), asks, frozenset(content), mask_of(content.values()), singles)


@lru_cache(maxsize=256)
def _spans(source: str) -> list[tuple[int, int]]:
    """Where each word stands in the source."""
    plain = source.replace("\u2019", "'")
    spans = [match.span() for match in _WORD.finditer(plain)]
    if len(spans) == len(analyse(source).words):
        return spans
    return [span for span in spans for _ in words_of(plain[span[0] : span[1]])]


def mask_of(places: Iterable[int], width: int = STEM_BITS) -> int:
    """The number with ones at the places, all below the width."""
    bits = bytearray(width // 8 + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")
