"""Judges replies by the embedded judge: what the tests of it share."""

from __future__ import annotations

from empa_gym.agents.answers import Assessment, Evidence
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.agents.views import Exchange, JudgeView
from empa_gym.drive import run
from empa_gym.epm import MDEP_PR
from empa_gym.scenarios import Scenario, get_scenario

BRIDGE = get_scenario("career-handover")
OPENING = (
    "I came back from leave, and my bridge now belongs to the junior I trained. Everyone was very considerate. "
    "I feel guilty that the list of reasons doesn't help."
)
INITIALS = (
    "I counted: two hundred and fourteen drawings. The software replaces the initials in all of them at once. "
    "It takes about as long as pouring a glass of water."
)
EARLIER = (
    (OPENING, "Where did you stand in the room when they told you?"),
    ("Jonas turned his pencil end over end and could not look at me.", "Was anybody able to say what was going on?"),
)
"""Two decent exchanges before, so that advice is not early any more."""


def judged(
    reply: str, message: str = INITIALS, before: tuple[tuple[str, str], ...] = EARLIER, scenario: Scenario = BRIDGE
) -> Assessment:
    """The assessment of one reply, the exchanges before it judged first."""
    return dialogue([*before, (message, reply)], scenario)[-1]


def dialogue(pairs: list[tuple[str, str]], scenario: Scenario = BRIDGE) -> list[Assessment]:
    """The assessments of a whole dialogue."""
    judge, exchanges = OfflineJudge(), tuple(Exchange(*pair) for pair in pairs)
    past: tuple[Assessment, ...] = ()
    for turn in range(1, len(exchanges) + 1):
        past = (*past, run(judge.assess(JudgeView(scenario, exchanges[:turn], 1, past, 0, turn))))
    return list(past)


def total(assessment: Assessment) -> float:
    """The sum of v."""
    return float(MDEP_PR.points(assessment.levels).sum())


def rules(assessment: Assessment) -> set[str]:
    """The rules that fired."""
    return {evidence.rule for evidence in assessment.evidence}


def evidence(assessment: Assessment, rule: str) -> Evidence:
    """The first evidence of a rule."""
    return next(one for one in assessment.evidence if one.rule == rule)
