"""What the turn expects of a cast. Every method is a flow; an offline agent simply never yields.

An offline agent is written as a generator that returns at once::

    def assess(self, view):
        return Assessment(...)
        yield  # makes it a flow
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from empa_gym.agents.answers import Assessment, Direction
from empa_gym.agents.views import ActorView, DirectorView, JudgeView, PolicyView
from empa_gym.chat import Flow


@runtime_checkable
class Actor(Protocol):
    """The simulated user."""

    def speak(self, view: ActorView) -> Flow[str]:
        """The user's next message, in character, never one that they wrote before."""
        ...


@runtime_checkable
class Director(Protocol):
    """The plot controller."""

    def direct(self, view: DirectorView) -> Flow[Direction]:
        """One move for the next message."""
        ...


@runtime_checkable
class Judge(Protocol):
    """The rubric scorer: a sensor, never a decider."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """Levels and evidence for the window of the view."""
        ...


@runtime_checkable
class Policy(Protocol):
    """What answers the user: the model in training or under test."""

    def reply(self, view: PolicyView) -> Flow[str]:
        """The next reply."""
        ...


@dataclass(frozen=True, slots=True)
class Cast:
    """The three roles that play a scenario.

    A role that speaks one language alone says so in an attribute ``language``, for example "en"; a
    scenario in another one is then refused.
    """

    actor: Actor
    director: Director
    judge: Judge
