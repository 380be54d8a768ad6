"""Dialogues that lead a reward into every corner: played by the real turn, with a judge that follows a script."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from empa_gym import drive
from empa_gym.agents.answers import Assessment
from empa_gym.agents.null import NullActor, NullDirector
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.epm import MDEP_PR, EPMParams
from empa_gym.errors import ModelError
from empa_gym.scenarios import Scenario

Levels = tuple[tuple[int, int], ...]
Script = Sequence[Levels | None]
"""The levels of each turn; None where no judgement can be had, so that the turn is held."""

STAY: Levels = ((0, 0), (0, 0), (0, 0))
STEP: Levels = ((1, 0), (1, 0), (1, 0))
LEAP: Levels = ((2, 0), (2, 0), (2, 0))
BACK: Levels = ((0, -1), (0, -1), (0, -1))
WORST: Levels = ((0, -2), (0, -2), (0, -2))
MIXED: Levels = ((2, 0), (1, -1), (0, -2))
LONG = 45
"""Turns of the longest dialogue: the benchmark's limit (EMPA, section 4)."""
REPLIES = (
    "That sounds like a lot to carry alone. What was it like when you stood there?",
    "",
    "   ",
    "I hear you, and I am not going anywhere. " * 40,
    "Ça, c'était dur\u2026 \u4f60\u597d \U0001f642",
    "No.",
)
"""What is answered, in turn: ordinary, empty, blank, long, of other scripts, short."""
SMALL = {"C.1": 0, "C.2": 0, "C.3": 1, "A.1": 1, "A.2": 0, "A.3": 0, "P.1": 1, "P.2": 1, "P.3": 1}
"""Ratings of a deficit of (-3, -2, -9): small, and other on each axis."""


class Route(NamedTuple):
    """One dialogue.

    Attributes:
        name: what happens in it, in words.
        states: the state before each turn and after the last.
    """

    name: str
    states: tuple[DialogueState, ...]

    @property
    def steps(self) -> Iterator[tuple[DialogueState, DialogueState]]:
        """Before and after each turn."""
        return pairwise(self.states)

    @property
    def judged(self) -> list[tuple[DialogueState, DialogueState]]:
        """The turns that a reward is asked about."""
        return [(before, after) for before, after in self.steps if after.turns[-1].judged]


@dataclasses.dataclass(frozen=True)
class _ScriptedJudge:
    script: Script

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """The levels that the script has for this turn."""
        levels = self.script[view.turn - 1]
        if levels is None:
            raise ModelError("the script has no judgement for this turn", "judge")
        return Assessment(levels)
        yield


def play(name: str, scenario: Scenario, script: Script, epm: EPMParams | None = None) -> Route:
    """The dialogue in which the judge gives these levels.

    Args:
        name: what happens in it.
        scenario: the person.
        script: the levels turn by turn.
        epm: what may end it early; nothing when left out.
    """
    cast = Cast(NullActor(), NullDirector(), _ScriptedJudge(script))
    rules = Rules(epm or EPMParams.endless(max(1, len(script))), on_model_error="hold")
    states = [drive.run(open_dialogue(scenario, 7, cast))]
    for turn in range(len(script)):
        if states[-1].outcome.ended:
            break
        states.append(drive.run(take_turn(states[-1], REPLIES[turn % len(REPLIES)], cast, rules)))
    return Route(f"{name} ({scenario.id})", tuple(states))


def routes(scenario: Scenario) -> Iterator[Route]:
    """Dialogues of a scenario that between them visit balance itself, both its sides, held turns, and the usual ends.

    Args:
        scenario: the person; the ratings count, its words do not.

    >>> from empa_gym import select_scenarios
    >>> [len(route.states) for route in routes(select_scenarios("health-knee")[0])][:2]
    [7, 7]
    """
    small = dataclasses.replace(scenario, ratings=SMALL)
    yield play("nothing moves", scenario, [STAY] * 6)
    yield play("levels of both signs in one turn", scenario, [MIXED] * 6)
    yield play("it gets worse turn by turn", scenario, [WORST, BACK] * 4)
    yield play("turns without a judgement", scenario, [STEP, None, None, LEAP, None, MIXED])
    yield play("the last turns are held", scenario, [LEAP, None, None])
    yield play("to balance exactly, and a stay there", small, [*home(small), STAY, None, STAY])
    yield play("far across balance", small, [LEAP] * 10)
    yield play("as long as a dialogue may be", scenario, [(STEP, BACK, MIXED)[turn % 3] for turn in range(LONG)])
    yield play("a recovery", small, [LEAP] * 10, EPMParams(min_turns=2))
    yield play("a collapse", scenario, [WORST] * 10, EPMParams(min_turns=2))


def same_ends(scenario: Scenario) -> list[Route]:
    """Dialogues of LONG turns that lead from one start to one end, each by another way.

    Of every turn but the last there is a route on which it is judged, and one on which it is not, so a reward that
    looks at the number of the turn has other totals.
    """
    still = [STAY] * (LONG - 6)
    held: list[Levels | None] = [None, None, STAY]
    scripts: dict[str, Script] = {
        "step by step": [STEP, STEP, STEP, STAY, STAY, STAY, *still],
        "one leap, then nothing": [LEAP, STAY, STAY, STAY, STAY, STAY, *still],
        "nothing, then one leap": [*still, STAY, STAY, STAY, STAY, STAY, LEAP],
        "a detour": [LEAP, LEAP, LEAP, BACK, BACK, BACK, *still],
        "backwards first": [*still, BACK, BACK, BACK, LEAP, LEAP, LEAP],
        "turns held until one judgement covers them": [None, None, LEAP, *held * (LONG // 3 - 1)],
        "other turns held": [LEAP, *held * (LONG // 3 - 1), None, STAY],
    }
    return [play(name, scenario, script) for name, script in scripts.items()]


def same_ends_sooner(scenario: Scenario) -> list[Route]:
    """Dialogues of other lengths between the same ends as :func:`same_ends`."""
    return [play(f"the same in {turns} turns", scenario, [LEAP, *[STAY] * (turns - 1)]) for turns in (1, 7, 20)]


def home(scenario: Scenario) -> list[Levels]:
    """The levels that lead each axis to exactly 0, by leaps first."""
    leap, step = MDEP_PR.progress[0][2], MDEP_PR.progress[0][1]
    ways = [[2] * int(-lack // leap) + [1] * int(-lack % leap // step) for lack in scenario.deficit]
    return [tuple((level, 0) for level in levels) for levels in _together(ways)]


def _together(ways: Iterable[list[int]]) -> list[tuple[int, ...]]:
    padded = list(ways)
    turns = max(len(way) for way in padded)
    return list(zip(*(way + [0] * (turns - len(way)) for way in padded), strict=True))
