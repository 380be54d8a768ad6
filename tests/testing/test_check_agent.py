"""check_agent lets the agents of this package through, and says in a sentence what is wrong with any other."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

from empa_gym.agents.answers import NEUTRAL, Assessment, Direction, DirectorMove
from empa_gym.agents.llm import LLMActor, LLMDirector, LLMJudge
from empa_gym.agents.null import null_cast
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.chat import ChatReply, ChatRequest, Message
from empa_gym.clients import ScriptedClient
from empa_gym.errors import ModelError
from empa_gym.policies import POLICIES
from empa_gym.policies.llm import LLMPolicy
from empa_gym.probes import PROBES
from empa_gym.testing import check_agent
from tests.clients.players import sound

MODEL = ScriptedClient(sound)
AGENTS = {
    **{f"{name} {role}": (getattr(cast, role), role)
       for name, cast in (("null", null_cast()), ("offline", offline_cast()))
       for role in ("actor", "director", "judge")},
    **{name: (make(), "policy") for name, make in {**POLICIES, **PROBES}.items()},
    "llm actor": (LLMActor(), "actor"),
    "llm director": (LLMDirector(), "director"),
    "llm judge": (LLMJudge(), "judge"),
    "llm policy": (LLMPolicy(), "policy"),
}  # fmt: skip


@pytest.mark.parametrize("name", AGENTS)
def test_every_agent_of_this_package_passes(name: str) -> None:
    agent, role = AGENTS[name]
    check_agent(agent, role, client=MODEL)


def asking(view: Any, **changes: Any) -> ChatRequest:
    return ChatRequest("judge", (Message("user", "Rate."),), view.turn)._replace(**changes)


class Judge:
    """A judge of somebody else's; each class below breaks one thing."""

    def assess(self, view: Any) -> Any:
        return NEUTRAL
        yield


class NoFlow(Judge):
    def assess(self, view: Any) -> Any:
        return NEUTRAL


class Nothing(Judge):
    def assess(self, view: Any) -> Any:
        return None
        yield


class TooHigh(Judge):
    def assess(self, view: Any) -> Any:
        return Assessment(((3, 0), (0, 0), (0, 0)))
        yield


class TwoAxes(Judge):
    def assess(self, view: Any) -> Any:
        return Assessment(((1, 0), (0, 0)))
        yield


class Breaks(Judge):
    def assess(self, view: Any) -> Any:
        return {"": NEUTRAL}[view.exchanges[-1].reply]
        yield


class Counts(Judge):
    def __init__(self) -> None:
        self.calls = itertools.count()

    def assess(self, view: Any) -> Any:
        return Assessment(((next(self.calls) % 3, 0), (0, 0), (0, 0)))
        yield


class AsksAsAnother(Judge):
    def assess(self, view: Any) -> Any:
        yield asking(view, role="actor")
        return NEUTRAL


class AsksOfAnotherTurn(Judge):
    def assess(self, view: Any) -> Any:
        yield asking(view, turn=view.turn - 1)
        return NEUTRAL


class AsksNothing(Judge):
    def assess(self, view: Any) -> Any:
        yield asking(view, messages=())
        return NEUTRAL


class AsksForText(Judge):
    def assess(self, view: Any) -> Any:
        yield "Rate this."
        return NEUTRAL


class HidesAnOutage(Judge):
    def assess(self, view: Any) -> Any:
        try:
            yield asking(view)
        except ModelError:
            return NEUTRAL
        return NEUTRAL


class AsksForEver(Judge):
    def assess(self, view: Any) -> Any:
        reply = ChatReply("")
        while not reply.text.startswith('{"cog'):
            reply = yield asking(view)
        return NEUTRAL


class TrustsTheModel(Judge):
    def assess(self, view: Any) -> Any:
        reply = yield asking(view)
        return Assessment(((len(reply.text.split("cognitive")[1]) * 0, 0), (0, 0), (0, 0)))


class CannotTravel(Judge):
    def __init__(self) -> None:
        self.rule = lambda: NEUTRAL


class OfAnotherSignature(Judge):
    def assess(self) -> Any:  # type: ignore[override]
        return NEUTRAL
        yield


class RaisesAtOnce(Judge):
    def assess(self, view: Any) -> Any:
        raise LookupError("no rubric")


class Exits(Judge):
    def assess(self, view: Any) -> Any:
        raise SystemExit(3)
        yield


class IsAsynchronous(Judge):
    async def assess(self, view: Any) -> Any:
        return NEUTRAL


class RatesInArrays(Judge):
    def assess(self, view: Any) -> Any:
        return Assessment(np.zeros((3, 2), dtype=int))  # type: ignore[arg-type]
        yield


class RatesInLists(Judge):
    def assess(self, view: Any) -> Any:
        return Assessment([[0, 0], [0, 0], [0, 0]])  # type: ignore[arg-type]
        yield


class RatesYes(Judge):
    def assess(self, view: Any) -> Any:
        return Assessment(((True, 0), (0, 0), (0, 0)))
        yield


class RatesNaN(Judge):
    def assess(self, view: Any) -> Any:
        return Assessment(((float("nan"), 0), (0, 0), (0, 0)))  # type: ignore[arg-type]
        yield


class AsksInDicts(Judge):
    def assess(self, view: Any) -> Any:
        yield asking(view, messages=({"role": "user", "content": "Rate."},))
        return NEUTRAL


class WritesIntoTheView(Judge):
    def assess(self, view: Any) -> Any:
        view.exchanges[-1].reply = "better"
        return NEUTRAL
        yield


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (OfAnotherSignature, r"turn 1 .*it raised TypeError: .*takes 1 positional argument but 2 were given"),
        (RaisesAtOnce, "turn 1 .*it raised LookupError: no rubric"),
        (Exits, "turn 1 .*it raised SystemExit: 3"),
        (IsAsynchronous, "expected a generator, got coroutine; return the answer and end with a bare yield"),
        (RatesInArrays, "expected levels as a tuple of pairs of int, for example .*, found ndarray"),
        (RatesInLists, "expected levels as a tuple of pairs of int, for example .*, found list"),
        (RatesYes, r"expected levels as a tuple of pairs of int, for example .*, found tuple: \(\(True, 0\)"),
        (RatesNaN, r"expected levels as a tuple of pairs of int, for example .*, found tuple: \(\(nan, 0\)"),
        (AsksInDicts, "expected messages as Message with a text each, got {'role': 'user'"),
        (WritesIntoTheView, "it raised AttributeError: can't set attribute"),
        (object, "expected a method 'assess', found none"),
        (NoFlow, r"turn 1 \(health-knee\): expected a generator, got Assessment"),
        (Nothing, "expected an Assessment, found NoneType"),
        (TooHigh, r"turn 1 \(health-knee\): .*progress 0..2"),
        (TwoAxes, r"turn 1 \(health-knee\)"),
        (Breaks, "turn 1 .*expected an answer or a ModelError, it raised KeyError"),
        (Counts, "expected the same answer to the same view"),
        (AsksAsAnother, "expected a request of its role, got 'actor'"),
        (AsksOfAnotherTurn, "expected a request of turn 1, got 0"),
        (AsksNothing, "expected a request with messages, got none"),
        (AsksForText, "may yield a ChatRequest"),
        (HidesAnOutage, "expected the ModelError of a failed call to come out, got Assessment"),
        (AsksForEver, "expected at most 10 requests, it asks on"),
        (TrustsTheModel, "expected an answer or a ModelError, it raised IndexError"),
        (CannotTravel, "expected that it can be pickled"),
    ],
)
def test_what_is_wrong_with_an_agent_is_said(broken: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as found:
        check_agent(broken(), "judge", client=ScriptedClient(lambda _: '{"cognitive": 1}'))
    assert broken.__name__ in str(found.value)


class Dices:
    def speak(self, view: Any) -> Any:
        return f"I have thought of it {random.random()} times."
        yield


def test_an_actor_whose_words_do_not_follow_from_the_seed_is_said() -> None:
    with pytest.raises(AssertionError, match=r"the opening \(health-knee\): expected the same answer to the same view"):
        check_agent(Dices(), "actor")


@pytest.mark.parametrize("role", ["actor", "director", "judge", "policy"])
def test_a_class_is_no_agent(role: str) -> None:
    with pytest.raises(AssertionError, match=r"expected an agent, got the class .*:Judge; make one of it"):
        check_agent(Judge, role)


class Leaps:
    def direct(self, view: Any) -> Any:
        return Direction(DirectorMove.REVEAL_STAGE, stage=99)
        yield


def test_a_move_to_a_stage_that_is_not_there_is_said() -> None:
    with pytest.raises(AssertionError, match="expected a stage from 0 to"):
        check_agent(Leaps(), "director")


def test_an_agent_that_asks_needs_a_client() -> None:
    with pytest.raises(AssertionError, match="asks a model; give check_agent a client="):
        check_agent(LLMJudge(), "judge")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="actor, director, judge, policy; got 'critic'"):
        check_agent(Judge(), "critic")
