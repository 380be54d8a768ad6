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
from empa_gym.agents.offline.rules import FREE, ONE, RULES, Rule
from empa_gym.agents.views import Exchange, JudgeView
from empa_gym.chat import Flow
from empa_gym.epm.axes import AXES
from empa_gym.scenarios.scenario import Grade, Scenario

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
    cap = min([one.rule.cap for one in fired], default=FREE)
    levels: list[tuple[int, int]] = []
    evidence: list[Evidence] = []
    for number, axis in enumerate(AXES):
        given = [one.rule.levels[number] for one in fired]
        progress = min(max([0, *given]), cap)
        if progress == FREE and _rests(number, scenario.priorities[axis], past):
            progress = ONE
        if progress == FREE:
            cap = ONE
        levels.append((progress, min([0, *given])))
        for one in fired:
            level = min(one.rule.levels[number], progress)
            if level:
                evidence.append(Evidence(axis, level, one.rule.name, one.quote, one.rule.reason))
    return Assessment(tuple(levels), tuple(evidence))


@lru_cache(maxsize=128)
def _likely(present: frozenset[Act]) -> tuple[Rule, ...]:
    """The rules that can fire on a reply that does these acts."""
    return tuple([rule for rule in RULES if not rule.acts or not present.isdisjoint(rule.acts)])


def _rests(number: int, priority: Grade, past: tuple[Assessment, ...]) -> bool:
    """Whether an axis may earn no level 2 now: it matters little, did so lately, or often enough."""
    reached = [assessment.levels[number][0] == FREE for assessment in past]
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
