"""What each role may see: plain frozen values, made by the turn, so that no role can look further.

The randomness of a role is addressed, not carried: :func:`rng` of the view's seed and turn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from empa_gym.agents.answers import Assessment, Direction
from empa_gym.chat import Message
from empa_gym.scenarios.scenario import Period, Scenario

_ROLES = {"actor": 1, "director": 2, "judge": 3, "policy": 4}


def rng(seed: int, *address: int | str) -> np.random.Generator:
    """The generator at an address: ``rng(seed, turn, role)``, for a policy ``rng(seed, member, turn, "policy")``.

    The same address gives the same numbers whatever ran before, on whatever worker. A new generator
    costs about 10 us; :func:`pick` is the cheap way to choose one of a few things.
    """
    return np.random.default_rng([seed & 0xFFFFFFFF, *(_ROLES.get(a, 0) if isinstance(a, str) else a for a in address)])


def pick(seed: int, turn: int, role: str, count: int, salt: int = 0) -> int:
    """A whole number in [0, count) at an address: a few multiplications, so that a choice costs no generator.

    Args:
        seed: the dialogue's seed.
        turn: the turn.
        role: "actor", "director", "judge" or "policy".
        count: how many there are to choose from, at least 1.
        salt: tells several choices of one role and turn apart.
    """
    x = (seed * 0x9E3779B97F4A7C15 + turn * 0xBF58476D1CE4E5B9 + _ROLES[role] * 0x94D049BB133111EB + salt) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((x ^ (x >> 31)) >> 11) % count


_MASK = (1 << 64) - 1


class Exchange(NamedTuple):
    """One message of the seeker and the supporter's reply to it."""

    message: str
    reply: str


class JudgeView(NamedTuple):
    """What the judge rates.

    The scenario is at hand for its persona, threshold, priorities, needs, hidden line and depth.

    Attributes:
        scenario: the person.
        exchanges: the whole dialogue so far, oldest first.
        window: how many of the last exchanges are to be rated, at least 1.
        past: earlier assessments, oldest first.
        seed: the dialogue's seed.
        turn: t of the last exchange, from 1.
    """

    scenario: Scenario
    exchanges: tuple[Exchange, ...]
    window: int
    past: tuple[Assessment, ...]
    seed: int
    turn: int


class DirectorView(NamedTuple):
    """What the director decides from.

    Attributes:
        scenario: the person and the plot.
        exchanges: the dialogue so far.
        assessment: the newest judgement, None when this turn was not judged.
        position: P_t in rubric points, at the last judged turn.
        energy: E_t there; ``threshold`` of it is needed to succeed.
        threshold: eps_energy.
        past: the director's own earlier moves, oldest first.
        success_holds: the success rule holds and the director may ``end``.
        seed, turn: the address.
        turns_left: turns until the limit.
    """

    scenario: Scenario
    exchanges: tuple[Exchange, ...]
    assessment: Assessment | None
    position: tuple[float, ...]
    energy: float
    threshold: float
    past: tuple[Direction, ...]
    success_holds: bool
    seed: int
    turn: int
    turns_left: int

    @property
    def revealed_stages(self) -> tuple[int, ...]:
        """Indices of the plot stages told so far, in order, without repeats."""
        return tuple(dict.fromkeys(d.stage for d in self.past if d.stage is not None))

    @property
    def revealed_periods(self) -> tuple[Period, ...]:
        """The times of life told so far."""
        return tuple(d.period for d in self.past if d.period is not None)


class ActorView(NamedTuple):
    """What the actor plays from; no scores.

    Attributes:
        scenario: the person; the stages that the director holds back are not to be told.
        exchanges: the dialogue so far, empty for the opening.
        direction: the director's move, None for the opening.
        past: the director's earlier moves, oldest first.
        seed, turn: the address; turn 0 is the opening.
    """

    scenario: Scenario
    exchanges: tuple[Exchange, ...]
    direction: Direction | None
    past: tuple[Direction, ...]
    seed: int
    turn: int


class PolicyView(NamedTuple):
    """What a policy under test sees: the dialogue alone.

    Attributes:
        messages: roles user and assistant; the last is the user's.
        seed: the dialogue's seed.
        member: which rollout of its group.
        turn: t of the reply to write, from 1.
    """

    messages: tuple[Message, ...]
    seed: int
    member: int
    turn: int
