"""How much text two scenarios share: the measure behind every claim that no two of them are alike.

A scenario's text is everything that a person reads or hears of it, lower-cased, as words. It is cut into all runs of
four neighbouring words, never across two texts, and two scenarios are compared by the set of their runs:

    share(a, b) = |runs(a) and runs(b)| / min(|runs(a)|, |runs(b)|)

0 means that no four words in a row occur in both; 1 means that the shorter one stands in the longer one. Dividing by
the smaller set is the strict choice: a Jaccard share is never larger. Runs of four are the usual shingle of
near-duplicate search (Broder 1997); shorter ones find every "and then I" of English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.scenarios.scenario import Scenario, Voice

RUN = 4
"""Words in a run."""

_WORD = re.compile(r"[\w']+")

Runs = frozenset[tuple[str, ...]]


class Closest(NamedTuple):
    """For each scenario of one list, the one of another that it shares most with.

    Attributes:
        share: the largest share, shape ``(n,)``, from 0 to 1.
        which: the position of that one, shape ``(n,)``.
    """

    share: NDArray[np.float64]
    which: NDArray[np.int64]


def share(one: Scenario, other: Scenario) -> float:
    """The part of the shorter scenario's runs of four words that stands in the other too, from 0 to 1."""
    left, right = runs(one), runs(other)
    return len(left & right) / max(1, min(len(left), len(right)))


def runs(scenario: Scenario) -> Runs:
    """All runs of four neighbouring words of a scenario; a text of fewer words is one run."""
    return frozenset(run for text in texts(scenario) for run in _runs_of(_WORD.findall(text.lower())))


def _runs_of(words: list[str]) -> Iterator[tuple[str, ...]]:
    last = max(1, len(words) - RUN + 1)
    return (tuple(words[start : start + RUN]) for start in range(last))


def texts(scenario: Scenario) -> Iterator[str]:
    """Everything that is read or heard of a scenario, text by text; no id, rating or word list."""
    persona, needs, life = scenario.persona, scenario.needs, scenario.experience
    yield from (scenario.title, scenario.topic, scenario.wish, scenario.trigger, scenario.outcome, scenario.episode)
    yield from (persona.occupation, persona.manner, persona.character)
    yield from (needs.cognitive, needs.affective, needs.proactive)
    yield from (life.childhood, life.adolescence, life.early_adulthood, life.hidden_line)
    yield from (life.present, life.goal, life.vision)
    for stage in scenario.stages:
        yield from (stage.title, stage.text, *stage.lines)
    if scenario.voice is not None:
        yield from heard(scenario.voice)


def heard(voice: Voice) -> Iterator[str]:
    """Every line of a voice."""
    yield voice.opening
    for bank in (voice.threads, voice.met, voice.moved, voice.missed, voice.dismissed, voice.lectured):
        yield from bank
    yield from (*voice.repeated, *voice.withdrawn)
    pressing, memories = voice.pressing, voice.memories
    yield from (*pressing.cognitive, *pressing.affective, *pressing.proactive)
    yield from (*memories.childhood, *memories.adolescence, *memories.early_adulthood, *memories.present)


def closest(scenarios: Sequence[Scenario], others: Sequence[Scenario] | None = None) -> Closest:
    """For each scenario the largest share with any of the others, through an index of their runs.

    Args:
        scenarios: those to look at, at least one.
        others: those to compare with, at least one; by default the scenarios themselves, each without itself.

    Raises:
        ValueError: there is nothing to compare with.
    """
    rows = [runs(one) for one in scenarios]
    columns = rows if others is None else [runs(one) for one in others]
    if not rows or not columns or (others is None and len(rows) < 2):
        raise ValueError("closest needs at least one scenario and one other to compare it with; give more scenarios")
    index = _Index(columns)
    found = [index.shares(row) for row in rows]
    if others is None:
        for position, shares in enumerate(found):
            shares[position] = -1.0
    return Closest(
        np.array([float(shares.max()) for shares in found]), np.array([int(shares.argmax()) for shares in found])
    )


class _Index:
    """Which scenarios each run occurs in, run after run in one array."""

    __slots__ = ("_first", "_numbers", "_scenarios", "_sizes")

    def __init__(self, columns: Sequence[Runs]) -> None:
        self._sizes = np.array([len(column) for column in columns])
        self._numbers: dict[tuple[str, ...], int] = {}
        new = self._numbers
        numbers = np.array([new.setdefault(run, len(new)) for column in columns for run in column])
        by_run = np.argsort(numbers, kind="stable")
        self._scenarios = np.repeat(np.arange(len(columns)), self._sizes)[by_run]
        self._first = np.concatenate(([0], np.cumsum(np.bincount(numbers))))

    def shares(self, row: Runs) -> NDArray[np.float64]:
        """The share of one scenario with each of those in the index."""
        known = np.array([self._numbers[run] for run in row if run in self._numbers], dtype=np.int64)
        counts = self._first[known + 1] - self._first[known]
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        hits = self._scenarios[np.repeat(self._first[known], counts) + offsets]
        common = np.bincount(hits, minlength=len(self._sizes))
        return np.asarray(common / np.maximum(1, np.minimum(self._sizes, len(row))), dtype=np.float64)
