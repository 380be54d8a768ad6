"""The null cast: says the same, observes, rates nothing. For measuring everything but the roles."""

from __future__ import annotations

from empa_gym.agents.answers import NEUTRAL, OBSERVE, Assessment, Direction
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import ActorView, DirectorView, JudgeView
from empa_gym.chat import Flow


class NullActor:
    """Says "..." every turn."""

    __slots__ = ()

    def speak(self, view: ActorView) -> Flow[str]:
        """The same message every turn."""
        return "..."
        yield


class NullDirector:
    """Observes every turn."""

    __slots__ = ()

    def direct(self, view: DirectorView) -> Flow[Direction]:
        """Observe."""
        return OBSERVE
        yield


class NullJudge:
    """Gives level 0 everywhere."""

    __slots__ = ()

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """No progress, no regression."""
        return NEUTRAL
        yield


def null_cast() -> Cast:
    """A cast that plays nothing."""
    return Cast(NullActor(), NullDirector(), NullJudge())
