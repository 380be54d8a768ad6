"""A cast and a model of many moods, by what is asked alone: dialogues end early, late, and by failures."""

from __future__ import annotations

import zlib

from empa_gym.agents.answers import OBSERVE, Assessment, Direction
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import ActorView, DirectorView, JudgeView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.errors import ModelError


def draw(*address: object) -> int:
    """A number below 100."""
    return zlib.crc32(repr(address).encode()) % 100


class FitfulJudge:
    """Mostly kind; fails in one of twelve turns."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        mood = draw(view.seed, view.turn, view.exchanges[-1].reply)
        if mood < 8:
            raise ModelError("the judge is away")
        return Assessment(tuple((2 if mood % 3 else 0, -(mood >> axis & 1)) for axis in range(3)))
        yield


class FitfulDirector:
    """Observes; fails in one of twenty turns."""

    def direct(self, view: DirectorView) -> Flow[Direction]:
        if draw("director", view.seed, view.turn) < 5:
            raise ModelError("the director is away")
        return OBSERVE
        yield


class FitfulActor:
    """Says which turn it is; fails in one of fifty, which ends the dialogue, but never to begin one."""

    def speak(self, view: ActorView) -> Flow[str]:
        if view.turn and draw("actor", view.seed, view.turn) < 2:
            raise ModelError("the actor is away")
        return f"turn {view.turn} \U0001f642 of {view.scenario.id}"
        yield


FITFUL = Cast(FitfulActor(), FitfulDirector(), FitfulJudge())
"""Asks no model."""


def fitful_model(request: ChatRequest) -> ChatReply | ModelError:
    """The answers to ``tests.dialogue.scripted.ASKING``; fails as the fitful cast does."""
    mood = draw(request)
    if mood < 4 and (request.role != "actor" or (request.turn and mood < 2)):
        return ModelError(f"the {request.role} is away")
    if request.role == "judge":
        return ChatReply(
            "?" if mood > 90 and not request.attempt else f"[{2 if mood % 5 else 0}, {int(mood % 7 == 0)}]"
        )
    return ChatReply(f"{request.role} says {mood}")
