"""Whether a text repeats a passage of another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from empa_gym.pipeline.details import key_of

LONGEST_SHARED = 8
"""Words in a row, or twice as many Chinese characters, that two people may write by chance."""
_TOKEN = re.compile("[\u4e00-\u9fff]|[^\\W_]+(?:['\u2019][^\\W_]+)*")


def copies(text: str, others: Iterable[str]) -> bool:
    """Whether a text shares more words in a row with one of the others than chance explains.

    >>> copies("Then he said that I was never there when it counted, and left.",
    ...        ["he said that I was never there when it counted"])
    True
    >>> copies("He said that I was never there.", ["he said that I was never there when it counted"])
    False
    """
    own = _runs(text)
    return bool(own) and any(not own.isdisjoint(_runs(other)) for other in others)


@lru_cache(maxsize=512)  # the messages of a transcript are compared with each text of a scenario
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    tokens = [key_of(token) for token in _TOKEN.findall(text)]
    wide = sum("\u4e00" <= token <= "\u9fff" for token in tokens) * 2 > len(tokens)
    length = (2 if wide else 1) * LONGEST_SHARED + 1
    return frozenset(tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))
