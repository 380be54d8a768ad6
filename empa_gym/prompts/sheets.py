"""What each prompt is rendered from: plain values; a kind stands as its value, for example "high"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Exchanges: TypeAlias = Sequence[tuple[str, str]]
"""The dialogue, oldest first: the person's message and the supporter's reply."""
Triple: TypeAlias = tuple[str, str, str]
"""One text for each axis, order C, A, P."""


class Person(NamedTuple):
    """Who the person is and what they need.

    Attributes:
        threshold, priorities: "low", "medium" or "high".
        hidden_line: what they would not say outright.
        stated, unstated: families of feeling, () and "" when not known.
        barrier: words of the belief that holds them back.
    """

    name: str
    age: int
    gender: str
    occupation: str
    manner: str
    character: str
    hidden_line: str
    threshold: str
    needs: Triple
    priorities: Triple
    topic: str
    trigger: str
    wish: str
    goal: str
    vision: str
    stated: tuple[str, ...] = ()
    unstated: str = ""
    barrier: tuple[str, ...] = ()


class StageText(NamedTuple):
    """A stage of the plot; ``number`` counts from 1."""

    number: int
    title: str
    text: str


class MemoryText(NamedTuple):
    """A memory; ``period`` is "childhood", "adolescence", "early_adulthood" or "present"."""

    period: str
    text: str


class JudgeSheet(NamedTuple):
    """What the judge is shown: the last ``window`` exchanges are to be rated."""

    person: Person
    exchanges: Exchanges
    window: int


class ActorSheet(NamedTuple):
    """What the actor is shown for a message.

    Attributes:
        told: what came out before.
        revealed: what comes out now; never anything that is still held back.
        move: the director's move.
        press: the axis to press for, or "".
        guidance: the director's words, or "".
    """

    person: Person
    exchanges: Exchanges
    told: tuple[StageText | MemoryText, ...] = ()
    revealed: tuple[StageText | MemoryText, ...] = ()
    move: str = ""
    press: str = ""
    guidance: str = ""


class PastMove(NamedTuple):
    """One of the director's earlier moves; what it was about as one text."""

    turn: int
    move: str
    about: tuple[str, ...]
    refused: bool


class DirectorSheet(NamedTuple):
    """What the director is shown.

    Attributes:
        start, position: deficits per axis, in rubric points.
        energy, needed: in rubric points.
        rating: per axis progress and regression, None when the turn was not rated.
        moves: the earlier moves, oldest first.
        may_end: whether the dialogue may end now.
    """

    person: Person
    exchanges: Exchanges
    stages: tuple[StageText, ...]
    memories: tuple[MemoryText, ...]
    outcome: str
    episode: str
    turns_left: int
    start: tuple[float, ...]
    position: tuple[float, ...]
    energy: float
    needed: float
    rating: tuple[tuple[int, int], ...] | None
    told_stages: tuple[int, ...]
    told_periods: tuple[str, ...]
    moves: tuple[PastMove, ...]
    may_end: bool


class Life(NamedTuple):
    """How a person grew up and where they stand."""

    childhood: str
    adolescence: str
    early_adulthood: str
    present: str
