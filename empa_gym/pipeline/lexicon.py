"""Word lists of the rules for names, read once from the files beside this one."""

from __future__ import annotations

import functools
import re
from importlib.resources import files

from empa_gym.pipeline.details import key_of


@functools.cache
def words(name: str) -> frozenset[str]:
    """A list of words, as keys: see :func:`~empa_gym.pipeline.details.key_of`.

    Args:
        name: "given" (given names of many countries), "everyday" (names that are words of every day as well),
            "ordinary" (what is written with a capital and names no person), "generic_speakers" (labels that are no
            names).

    >>> key_of("October") in words("ordinary")
    True
    """
    text = files("empa_gym.pipeline").joinpath("words", f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(key_of(word) for word in text.split())


_ENGLISH = """
Robin Alex Sam Jamie Casey Morgan Riley Quinn Avery Rowan Charlie Taylor Jordan Frankie Kit Noel Sasha Ellis Remy Ash
Toni Bobbie Jules Marlow Lennox Indigo Wyn Sorrel Linden Peyton
"""
_CHINESE = "小林 小周 小陈 小何 小许 小沈 小郑 小叶 小苏 小程 小蒋 小余"
PSEUDONYMS: dict[str, tuple[str, ...]] = {"en": tuple(_ENGLISH.split()), "zh": tuple(_CHINESE.split())}
"""Names for anybody, by language; in a text the first that the text does not hold stands for its first person."""
_WORD = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")


def word_places(text: str) -> list[re.Match[str]]:
    """The words of a text, hyphens and apostrophes within them included."""
    return list(_WORD.finditer(text))


def bare(word: str) -> str:
    """A word without a possessive ending.

    >>> bare("Anna's"), bare("James'")
    ('Anna', 'James')
    """
    return re.sub(r"['\u2019][sS]?$", "", word)
