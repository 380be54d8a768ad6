"""Roles that follow a script: offline ones that answer or fail at chosen turns, and ones that ask a chat model."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from empa_gym import drive
from empa_gym.agents.answers import OBSERVE, Assessment, Direction, DirectorMove
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import ActorView, DirectorView, JudgeView
from empa_gym.chat import ChatReply, ChatRequest, Flow, Message
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.scenarios import Scenario, get_scenario

Levels = tuple[tuple[int, int], ...]
BETTER: Levels = ((1, 0), (1, 0), (1, 0))
WORSE: Levels = ((0, -1), (0, -1), (0, -1))
SCENARIO = get_scenario("values-rite")
SECRET = "upstream said: HTTP 503 at 10.1.2.3"


@dataclass
class Fails:
    """At which turns a role fails, and how."""

    turns: Collection[int] = ()
    error: Callable[[], ModelError | BudgetExceeded] = lambda: ModelError(SECRET)

    def at(self, turn: int) -> None:
        if turn in self.turns:
            raise self.error()


@dataclass
class ScriptedJudge:
    """Gives the levels of the turn, ``BETTER`` where the script is silent; keeps the views it was shown."""

    script: Mapping[int, Levels] = field(default_factory=dict)
    fails: Fails = field(default_factory=Fails)
    views: list[JudgeView] = field(default_factory=list)

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        self.views.append(view)
        self.fails.at(view.turn)
        return Assessment(self.script.get(view.turn, BETTER))
        yield


@dataclass
class ScriptedDirector:
    """Makes the move of the turn, OBSERVE where the script is silent."""

    script: Mapping[int, Direction] = field(default_factory=dict)
    fails: Fails = field(default_factory=Fails)
    views: list[DirectorView] = field(default_factory=list)

    def direct(self, view: DirectorView) -> Flow[Direction]:
        self.views.append(view)
        self.fails.at(view.turn)
        return self.script.get(view.turn, OBSERVE)
        yield


@dataclass
class ScriptedActor:
    """Says which turn it is, and how often it has heard a "no"."""

    fails: Fails = field(default_factory=Fails)
    views: list[ActorView] = field(default_factory=list)

    def speak(self, view: ActorView) -> Flow[str]:
        self.views.append(view)
        self.fails.at(view.turn)
        refusals = sum("no" in exchange.reply for exchange in view.exchanges)
        return f"message {view.turn} after {refusals} refusals"
        yield


class AskingJudge:
    """Asks a panel of three at once, and once more when the first vote is unreadable."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        asked = (Message("user", view.exchanges[-1].reply),)
        panel = tuple(ChatRequest("judge", (*asked, Message("user", str(seat))), view.turn) for seat in range(3))
        votes = yield panel
        assert isinstance(votes, tuple)
        if "?" in votes[0].text:
            first = yield ChatRequest("judge", asked, view.turn, attempt=1)
            assert isinstance(first, ChatReply)
            votes = (first, *votes[1:])
        levels = [json.loads(vote.text) if "?" not in vote.text else [0, 0] for vote in votes]
        return Assessment(tuple((max(0, up), -down) for up, down in levels))


class AskingDirector:
    """Asks one model, and observes when it cannot be had."""

    def direct(self, view: DirectorView) -> Flow[Direction]:
        reply = yield ChatRequest("director", (Message("user", view.exchanges[-1].reply),), view.turn)
        assert isinstance(reply, ChatReply)
        return Direction(DirectorMove.ADVISE, guidance=reply.text)


class AskingActor:
    """Asks one model for the message."""

    def speak(self, view: ActorView) -> Flow[str]:
        guidance = view.direction.guidance if view.direction else ""
        reply = yield ChatRequest("actor", (Message("system", guidance), Message("user", "speak")), view.turn)
        assert isinstance(reply, ChatReply)
        return reply.text


ASKING = Cast(AskingActor(), AskingDirector(), AskingJudge())


def scripted(
    levels: Mapping[int, Levels] | None = None,
    moves: Mapping[int, Direction] | None = None,
    *,
    judge: Fails | None = None,
    director: Fails | None = None,
    actor: Fails | None = None,
) -> Cast:
    """A cast of the three scripted roles."""
    return Cast(
        ScriptedActor(actor or Fails()),
        ScriptedDirector(moves or {}, director or Fails()),
        ScriptedJudge(levels or {}, judge or Fails()),
    )


def opened(cast: Cast, scenario: Scenario = SCENARIO, seed: int = 7) -> DialogueState:
    return drive.run(open_dialogue(scenario, seed, cast))


def turn(state: DialogueState, cast: Cast, rules: Rules, reply: str = "I hear you") -> DialogueState:
    return drive.run(take_turn(state, reply, cast, rules))


def played(cast: Cast, rules: Rules, turns: int = 100) -> list[DialogueState]:
    """The states of a dialogue, the opening first, until it ends or ``turns`` were played."""
    states = [opened(cast)]
    while len(states) <= turns and not states[-1].outcome.ended:
        states.append(turn(states[-1], cast, rules))
    return states
