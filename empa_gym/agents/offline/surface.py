"""How a text is made, apart from what it says: runs of words, moulds of sentences, flaws.

Python's own hash is taken of whole numbers alone, so that every process sees the same bits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.offline.syntax import acted_in, denies, flaws_of, named_in
from empa_gym.agents.offline.text import analyse, mask_of
from empa_gym.agents.offline.words import STEM_BITS, Word

GRAM_BITS = 2039
"""Width of a mask of runs, prime; a reply of 45 words sets about 40 of them."""
RUN = 4
"""So many words in the same order, pronouns turned or not, are no chance."""
_PERSONS = {"i": 1, "me": 1, "you": 1, "my": 2, "your": 2, "mine": 3, "yours": 3, "myself": 4, "yourself": 4}
"""Codes of the pronouns that a listener turns."""
SAME = 0.5
"""From this overlap on two replies are the same."""
MOULD_WORDS = 4
MOULD_MARKS = 2
"""Sentences with fewer words, or fewer beside the gaps, are too plain to show a mould."""
_IN_GAPS = frozenset(("", "D", "H"))
"""Kinds of words that fill a gap: content words with their articles."""


class Surface(NamedTuple):
    """How a text is made, apart from what it says.

    Attributes:
        runs: the runs of RUN words, pronouns turned, each as a number.
        grams: the runs as bits.
        skeleton: runs of four function words and gaps, as bits.
        moulds: for each sentence a bit that stands for its function words and gaps, 0 for a short one.
        flaws: word pairs, endings and runs that English does not have, by sentence.
        named, acted: stems that stand alone behind an article, and right behind a pronoun, as bits, by sentence.
        used: whether any stem is named or acted.
        denies: whether a sentence without flaws says what something is not.
        function_share: share of words that are not content words.
    """

    runs: tuple[int, ...]
    grams: int
    skeleton: int
    moulds: tuple[int, ...]
    flaws: tuple[int, ...]
    named: tuple[int, ...]
    acted: tuple[int, ...]
    used: bool
    denies: bool
    function_share: float


@lru_cache(maxsize=1024)
def surface(source: str) -> Surface:
    """How a text is made."""
    text = analyse(source)
    words, sentences = text.words, text.sentences
    skeletons = [_skeleton(words[one.start : one.end]) for one in sentences]
    flaws = tuple([flaws_of(words, one, text.pauses) for one in sentences])
    named, acted = (
        tuple([named_in(words, one) for one in sentences]),
        tuple([acted_in(words, one) for one in sentences]),
    )
    return Surface(
        runs(source),
        mask_of({run % GRAM_BITS for run in runs(source)}, GRAM_BITS),
        mask_of(
            {run % GRAM_BITS for run in _runs_of([code for skeleton in skeletons for code in skeleton])}, GRAM_BITS
        ),
        tuple([_mould(words[one.start : one.end]) for one in sentences]),
        flaws,
        named,
        acted,
        any((*named, *acted)),
        any([not flawed and denies(words, one) for one, flawed in zip(sentences, flaws, strict=True)]),
        1 - [word.kind for word in words].count("") / len(words) if words else 0.0,
    )


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


def overlaps(one: int, others: tuple[int, ...]) -> list[float]:
    """Jaccard similarities of a mask with others, 0..1; 0 with an empty one."""
    size = one.bit_count()
    shared = [(one & other).bit_count() for other in others]
    both = zip(shared, others, strict=True)
    return [part / (size + other.bit_count() - part) if part else 0.0 for part, other in both]
