"""Words in their normal form: contractions expanded, stems, classes. Memoised in a bounded cache."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from empa_gym.agents.offline.grammar import COMMON, IRREGULAR, KINDS

STEM_BITS = 8191
"""Width of a mask of stems, prime: about 400 stems of a long dialogue collide in one case of twenty."""
_CLITICS = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "would", "'s": "is"}
_TAKES_IS = frozenset(("it", "that", "what", "there", "who", "he", "she", "how", "here", "where", "this", "everything"))
_WHOLE = {"can't": "can not", "won't": "will not", "shan't": "shall not", "let's": "let us", "cannot": "can not"}


class Word(NamedTuple):
    """One word in its normal form.

    Attributes:
        text: lower case, contractions expanded.
        stem: shared by the forms of a word ("moved", "moving"; "taught", "teach"; "is", "was").
        kind: a letter for a class of function words, "" for a content word.
        content: whether taking it up says anything about the person: neither function word nor common.
        code: 32 bits that stand for the stem.
    """

    text: str
    stem: str
    kind: str
    content: bool
    code: int

    @property
    def bit(self) -> int:
        """The place of the stem in a mask of STEM_BITS."""
        return 1 << self.code % STEM_BITS


def stem(word: str) -> str:
    """The stem of a lower-case word: a table for irregular ones, a few suffixes for the others."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    root = word
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    for suffix, least in (("ing", 6), ("ed", 5), ("ly", 6), ("es", 5), ("s", 4)):
        if word.endswith(suffix) and len(word) >= least and not word.endswith(("ss", "us", "eed")):
            root = word[: -len(suffix)]
            break
    for suffix in ("ness", "ship", "ment", "ful", "er"):
        if root == word and word.endswith(suffix) and len(word) >= len(suffix) + 5:
            root = word[: -len(suffix)]
    if root != word and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "sl":
        root = root[:-1]
    root = root[:-1] if len(root) > 3 and root.endswith("e") else root
    return IRREGULAR.get(root, root)


@lru_cache(maxsize=8192)
def words_of(token: str) -> tuple[Word, ...]:
    """The words of one token: one, or two where it is a contraction."""
    token = token.lower()
    if token in _WHOLE:
        return tuple(_word(part) for part in _WHOLE[token].split())
    if token.endswith("n't"):
        return _word(token[:-3]), _word("not")
    head, mark, tail = token.rpartition("'")
    if mark and "'" + tail in _CLITICS:
        if tail == "s" and head not in _TAKES_IS:
            return (_word(head),)
        return _word(head), _word(_CLITICS["'" + tail])
    return (_word(token),)


def _word(text: str) -> Word:
    root = stem(text)
    kind = KINDS.get(text, "")
    return Word(text, root, kind, not kind and root not in COMMON, crc32(root.encode("utf-8", "replace")))
