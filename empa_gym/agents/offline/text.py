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
    tokens = _TOKEN.findall(source.replace("\u2019", "'"))
    if not source.isascii() or len([1 for token in tokens if len(token) == 1 and token.isalpha()]) > LETTERS:
        source = plain(source)
        tokens = _TOKEN.findall(source.replace("\u2019", "'"))
    words, sentences, pauses = _parse(tokens)
    content = {word.stem: word.code % STEM_BITS for word in words if word.content}
    groups = [frozenset([word.stem for word in words[one.start : one.end] if word.content]) for one in sentences]
    mask = mask_of(content.values())
    return Text(source, tuple(words), tuple(sentences), pauses, frozenset(content), mask, tuple(groups))


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


@lru_cache(maxsize=1024)
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
