"""What a public card says of the three priorities, in each way in which the cards say it.

Three dialects. *Graded*: each axis with a grade, ``情感共情：[优先级：高] ...``, ``【高】``, ``高优先级 + ...``.
*Told in words*: each axis with its place, "first of all", "then", "last". *Ranked*: ``认知共情 > 情感共情 >
动机共情``. A place is read as a grade: first high, second medium, last low. Anything else is not guessed.
"""

# ruff: noqa: RUF001, RUF002 (the cards are written with full-width marks)
from __future__ import annotations

import re
from dataclasses import dataclass

from empa_gym.epm.axes import Axis
from empa_gym.official.cards_markup import Block, stretches, tidy
from empa_gym.scenarios import Grade, PerAxis, Priorities

NAMES = {Axis.COGNITIVE: "认知共情", Axis.AFFECTIVE: "情感共情", Axis.PROACTIVE: "动机共情"}
"""The axes as the cards call them."""
GRADES: tuple[tuple[str, Grade], ...] = (
    ("最高|较高|高|核心", Grade.HIGH),
    ("中等|中", Grade.MEDIUM),
    ("最低|较低|低等|低", Grade.LOW),
)
"""Words of a grade; a grade ends with "优先级" or with a mark, so that "高兴" (glad) is none."""
PLACES: tuple[tuple[str, Grade], ...] = (
    ("最优先|最希望|最需要|首先", Grade.HIGH),
    ("其次|然后", Grade.MEDIUM),
    ("最后", Grade.LOW),
)
"""Words of a place in the order of needs."""

_AXIS = "|".join(NAMES.values())
_STATEMENT = re.compile(rf"(?:^|[\s；;。.、\d])(?P<axis>{_AXIS})[ \t]*[：:（(]")
"""Where the statement of an axis begins."""
_OPENING = r"^[\s\[【（(]*(?:优先级[：:]?[ \t]*)?"
_CLOSING = r"(?:优先级|(?=[\]】）)|｜+\-—：:，,。；;\s]))"
_RANKED = re.compile(rf"(?P<first>{_AXIS})\s*[>＞]\s*(?P<second>{_AXIS})\s*[>＞]\s*(?P<third>{_AXIS})")
_SIGNS = tuple(
    [(re.compile(f"{_OPENING}(?:{words}){_CLOSING}"), grade) for words, grade in GRADES]
    + [(re.compile(f"{_OPENING}(?:{words})"), grade) for words, grade in PLACES]
)


@dataclass(frozen=True, slots=True)
class Stated:
    """The priorities of a card, and what it says of each axis in its own words."""

    priorities: Priorities
    needs: PerAxis


def stated(here: Block) -> Stated:
    """The priorities that the text of a block states.

    Raises:
        ScenarioError: an axis is stated twice, not at all, or without a grade or place that is known.
    """
    ranked = _RANKED.search(here.text)
    return _by_rank(here, ranked) if ranked else _one_by_one(here)


def _by_rank(here: Block, ranked: re.Match[str]) -> Stated:
    """A ranking names no text of its own per axis: each need is the whole of it."""
    order = ranked.groups()
    if len(set(order)) != len(NAMES):
        raise here.wrong(f"expected each axis once in the ranking, found {' > '.join(order)}")
    grades = dict(zip(order, (Grade.HIGH, Grade.MEDIUM, Grade.LOW), strict=True))
    return _stated(grades, dict.fromkeys(order, tidy(here.text)))


def _one_by_one(here: Block) -> Stated:
    grades: dict[str, Grade] = {}
    texts: dict[str, str] = {}
    for start, text in stretches(_STATEMENT, here.text):
        name = start["axis"]
        if name in texts:
            raise here.wrong("expected this axis once, found it twice", name)
        texts[name] = tidy(text)
        grades[name] = _grade(here, name, texts[name])
    for name in NAMES.values():
        if name not in texts:
            raise here.wrong(f"expected a priority for '{name}', found none", name)
    return _stated(grades, texts)


def _grade(here: Block, name: str, text: str) -> Grade:
    grade = next((grade for sign, grade in _SIGNS if sign.match(text)), None)
    if grade is None:
        raise here.wrong(f"expected a grade (高, 中, 低) or a place (首先, 其次, 最后), found {text[:20]!r}", name)
    return grade


def _stated(grades: dict[str, Grade], texts: dict[str, str]) -> Stated:
    order = [NAMES[axis] for axis in (Axis.COGNITIVE, Axis.AFFECTIVE, Axis.PROACTIVE)]
    return Stated(Priorities(*(grades[name] for name in order)), PerAxis(*(texts[name] for name in order)))
