"""The embedded judge: a rubric filled by the rules of :mod:`empa_gym.agents.offline.rules`.

It is made for development, tests and research on reinforcement learning itself. It is not a proxy for
an LLM judge.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.answers import Assessment, Evidence
from empa_gym.agents.offline.case import case_of
from empa_gym.agents.offline.lexicon import Act
from empa_gym.agents.offline.reading import read
from empa_gym.agents.offline.rules import ANY, RULES, Rule
from empa_gym.agents.views import Exchange, JudgeView
from empa_gym.chat import Flow
from empa_gym.epm.axes import AXES
from empa_gym.scenarios.scenario import Grade, Scenario

DEPTH = 2
"""The level of what lies below the surface."""
RANK = {Grade.HIGH: 0, Grade.MEDIUM: 1, Grade.LOW: 2}
"""By priority: which axis is served first."""
REST = {Grade.HIGH: 2, Grade.MEDIUM: 3}
"""By priority: for so many judgements after a level 2 the same axis earns none again."""
MOST_DEPTHS = 5
"""So many level 2s an axis earns in a dialogue; what lies below is reached, after that it is known."""


class Fired(NamedTuple):
    """A rule that fired, and the words it rests on."""

    rule: Rule
    quote: str


class OfflineJudge:
    """Rates by rules, deterministically, in English."""

    __slots__ = ()
    language = "en"

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """Levels with evidence for the last ``view.window`` exchanges, rated as a whole.

        Of several replies in a window, the whole has the progress that at least half of them reached, and
        the worst regression of any.
        """
        ends = range(len(view.exchanges) - view.window + 1, len(view.exchanges) + 1)
        parts = [rate(view.exchanges[:end], view.scenario, view.past) for end in ends if end > 0]
        return parts[0] if len(parts) == 1 else _whole(parts)
        yield


def rate(exchanges: tuple[Exchange, ...], scenario: Scenario, past: tuple[Assessment, ...]) -> Assessment:
    """The assessment of the last reply of a dialogue."""
    case = case_of(read(exchanges), scenario, past)
    likely = _likely(case.reading.present)
    fired = [Fired(rule, quote) for rule in likely if (quote := rule.test(case)) is not None]
    cap = min([one.rule.cap for one in fired], default=ANY)
    given = [[0, *[one.rule.levels[number] for one in fired]] for number in range(len(AXES))]
    progress = _one_depth([min(max(levels), cap) for levels in given], scenario, past)
    evidence = [
        Evidence(axis, level, one.rule.name, one.quote, one.rule.reason)
        for number, axis in enumerate(AXES)
        for one in fired
        if (level := min(one.rule.levels[number], progress[number]))
    ]
    levels = zip(progress, [min(levels) for levels in given], strict=True)
    return Assessment(tuple(levels), tuple(evidence))


def _one_depth(progress: list[int], scenario: Scenario, past: tuple[Assessment, ...]) -> list[int]:
    """The progress with one level 2 at most: one reply reaches one depth, that of the axis that matters most.

    Among axes of the same priority the order is C, A, P.
    """
    if DEPTH not in progress:
        return progress
    order = sorted(range(len(AXES)), key=lambda number: RANK[scenario.priorities[AXES[number]]])
    reached = [n for n in order if progress[n] == DEPTH and not _rests(n, scenario.priorities[AXES[n]], past)]
    return [level if number in reached[:1] else min(level, DEPTH - 1) for number, level in enumerate(progress)]


@lru_cache(maxsize=128)
def _likely(present: frozenset[Act]) -> tuple[Rule, ...]:
    """The rules that can fire on a reply that does these acts."""
    return tuple([rule for rule in RULES if not rule.acts or not present.isdisjoint(rule.acts)])


def _rests(number: int, priority: Grade, past: tuple[Assessment, ...]) -> bool:
    """Whether an axis may earn no level 2 now: it matters little, did so lately, or often enough."""
    reached = [assessment.levels[number][0] == DEPTH for assessment in past]
    return priority is Grade.LOW or any(reached[-REST[priority] :]) or sum(reached) >= MOST_DEPTHS


def _whole(parts: list[Assessment]) -> Assessment:
    """Several assessments as one."""
    half = (len(parts) - 1) // 2
    levels = tuple(
        (sorted((part.levels[n][0] for part in parts), reverse=True)[half], min(part.levels[n][1] for part in parts))
        for n in range(len(AXES))
    )
    evidence = [
        piece
        for part in parts
        for piece in part.evidence
        if piece.level in levels[AXES.index(piece.axis)] or 0 < piece.level < levels[AXES.index(piece.axis)][0]
    ]
    return Assessment(levels, tuple(evidence))
