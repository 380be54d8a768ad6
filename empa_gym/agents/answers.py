"""What the roles answer: an Assessment from the judge, a Direction from the director."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from empa_gym.epm.axes import Axis
from empa_gym.scenarios.scenario import Period


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one level was given.

    Attributes:
        axis: which axis it speaks of.
        level: > 0 for progress, < 0 for regression.
        rule: the rule that fired, or the item of the rubric.
        quote: the words of the reply that it rests on; "" when it rests on their absence.
        reasoning: one sentence.
    """

    axis: Axis
    level: int
    rule: str
    quote: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A filled rubric (MDEP-PR).

    Attributes:
        levels: per axis, progress 0..2 and regression 0..-2: shape (axes, 2).
        evidence: why, at least one entry for each level other than 0.
    """

    levels: tuple[tuple[int, int], ...]
    evidence: tuple[Evidence, ...] = ()


NEUTRAL = Assessment(levels=((0, 0), (0, 0), (0, 0)))
"""No progress and no regression on any of the three axes."""


class DirectorMove(str, Enum):
    """The seven things a director can do in a turn, exactly one of them."""

    REVEAL_STAGE = "reveal_stage"
    REVEAL_MEMORY = "reveal_memory"
    ADJUST_AXIS = "adjust_axis"
    TURNING_POINT = "turning_point"
    OBSERVE = "observe"
    ADVISE = "advise"
    END = "end"


@dataclass(frozen=True, slots=True)
class Direction:
    """The director's one move of a turn, and what it tells the actor.

    Attributes:
        move: the function that was called.
        stage: index of the plot stage, for REVEAL_STAGE and TURNING_POINT.
        period: the time of life, for REVEAL_MEMORY.
        axis: what the actor presses for, for ADJUST_AXIS and TURNING_POINT.
        guidance: how to play the next message, in words.
        refused: an ``end`` that was not allowed; it counts as OBSERVE.
    """

    move: DirectorMove
    stage: int | None = None
    period: Period | None = None
    axis: Axis | None = None
    guidance: str = ""
    refused: bool = False

    def __post_init__(self) -> None:
        """Refuse a move without its argument.

        Raises:
            ValueError: a stage, a period or an axis is missing.
        """
        for field, moves in _NEEDS.items():
            if self.move in moves and getattr(self, field) is None:
                raise ValueError(f"the director's {self.move.value} needs a {field}")


_NEEDS = {
    "stage": (DirectorMove.REVEAL_STAGE, DirectorMove.TURNING_POINT),
    "period": (DirectorMove.REVEAL_MEMORY,),
    "axis": (DirectorMove.ADJUST_AXIS, DirectorMove.TURNING_POINT),
}
OBSERVE = Direction(DirectorMove.OBSERVE)
