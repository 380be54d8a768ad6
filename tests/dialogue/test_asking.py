"""A role, a policy or a reward that breaks is named, with its class, what was expected and what came."""

from __future__ import annotations

import asyncio
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from empa_gym import drive
from empa_gym.agents.answers import OBSERVE, Assessment, Direction, DirectorMove, Evidence
from empa_gym.agents.null import NullActor
from empa_gym.agents.protocols import Cast
from empa_gym.chat import ChatReply, ChatRequest, Message
from empa_gym.dialogue.rewards import make_reward, pay
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import take_turn
from empa_gym.epm import Axis, EPMParams
from empa_gym.errors import AnswerError, ExtensionError, ModelError
from tests.dialogue.scripted import BETTER, ScriptedDirector, opened, played, scripted, turn


@dataclasses.dataclass
class Answers:
    """Plays any role: answers with one thing, as a flow."""

    answer: Any

    def speak(self, view: Any) -> Any:
        return self.answer
        yield

    assess = direct = reply = speak


class Plain(Answers):
    """Answers at once: somebody forgot the yield."""

    def speak(self, view: Any) -> Any:
        return self.answer

    assess = direct = reply = speak


class Raises(Answers):
    """Raises the error that it was given."""

    def speak(self, view: Any) -> Any:
        raise self.answer
        yield

    assess = direct = reply = speak


class Yields(Answers):
    """Asks with something that is no request."""

    def speak(self, view: Any) -> Any:
        yield self.answer

    assess = direct = reply = speak


def with_role(role: str, player: Any) -> Cast:
    return dataclasses.replace(scripted(), **{role: player})


def broken_turn(role: str, player: Any, on_model_error: Any = "raise") -> ExtensionError:
    """The error that a turn ends in; the state before is untouched."""
    cast = with_role(role, player)
    before = opened(scripted())
    with pytest.raises(ExtensionError) as caught:
        turn(before, cast, Rules(on_model_error=on_model_error))
    assert before.turn == 0
    return caught.value


LEVELLED = "a pair of levels for each of the 3 axes"
UNFIT = [
    ("judge", {"C": 1}, "expected an Assessment, found dict: {'C': 1}"),
    ("judge", None, "expected an Assessment, found NoneType: None"),
    ("judge", ((1, 0),) * 3, "expected an Assessment, found tuple"),
    ("judge", Assessment(None), LEVELLED),  # type: ignore[arg-type]
    ("judge", Assessment("high"), LEVELLED),  # type: ignore[arg-type]
    ("judge", Assessment(((1, 0),) * 2), LEVELLED),
    ("judge", Assessment(((1, 0), (1, 0), (9, 0))), "expected progress 0..2"),
    ("judge", Assessment(((1, 0), [1, 0], (1, 0))[1:]), LEVELLED),  # type: ignore[arg-type]
    ("judge", Assessment(((1, 0), {}, (1, 0))), LEVELLED),  # type: ignore[arg-type]
    ("judge", Assessment(np.ones((3, 3, 2), int) * [1, 0]), LEVELLED),  # type: ignore[arg-type]
    ("judge", Assessment(BETTER, [Evidence(Axis.COGNITIVE, 1, "r", "q")]), "a tuple of Evidence, found list"),  # type: ignore[arg-type]
    ("judge", Assessment(BETTER, ({"axis": "C"},)), "a tuple of Evidence, found dict"),  # type: ignore[arg-type]
    ("judge", Assessment(BETTER, (Evidence("C", 1, "r", "q"),)), "evidence.axis as Axis, found str: 'C'"),  # type: ignore[arg-type]
    ("judge", Assessment(BETTER, (Evidence(Axis.COGNITIVE, 1, "r", None),)), "evidence.quote as str, found NoneType"),  # type: ignore[arg-type]
    ("director", "observe", "expected a Direction, found str: 'observe'"),
    ("director", DirectorMove.OBSERVE, "expected a Direction, found DirectorMove"),
    ("director", Direction("end"), "direction.move as DirectorMove, found str: 'end'"),  # type: ignore[arg-type]
    ("director", Direction(DirectorMove.REVEAL_STAGE, stage=99), "expected a stage from 0 to"),
    ("director", Direction(DirectorMove.REVEAL_STAGE, stage=-1), "expected a stage from 0 to"),
    ("director", Direction(DirectorMove.ADVISE, guidance=None), "direction.guidance as str, found NoneType"),  # type: ignore[arg-type]
    ("actor", None, "expected a text (str), found NoneType: None"),
    ("actor", b"hello", "expected a text (str), found bytes: b'hello'"),
    ("actor", Message("user", "hello"), "expected a text (str), found Message"),
    ("actor", "", "expected a message, found a blank one: ''"),
    ("actor", " \n\t", "expected a message, found a blank one: ' \\n\\t'"),
]


@pytest.mark.parametrize(("role", "answer", "said"), UNFIT, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("on_model_error", ["raise", "hold", "truncate"])
def test_an_unfit_answer_names_role_class_expected_and_found(
    role: str, answer: Any, said: str, on_model_error: str
) -> None:
    error = broken_turn(role, Answers(answer), on_model_error)
    assert isinstance(error, AnswerError)
    assert str(error).startswith(f"{role} {Answers.__module__}:Answers gave no fit answer: expected ")
    assert said in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("role", ["judge", "director", "actor"])
@pytest.mark.parametrize("answer", ["hello", OBSERVE, None, 3])
def test_a_method_that_is_no_flow_says_how_to_write_one(role: str, answer: Any) -> None:
    error = broken_turn(role, Plain(answer))
    assert f"{role} {Plain.__module__}:Plain gave no flow: expected a generator, found" in str(error)
    assert "bare yield" in str(error)


@pytest.mark.parametrize("role", ["judge", "director", "actor"])
@pytest.mark.parametrize("on_model_error", ["raise", "hold", "truncate"])
def test_what_a_role_raises_is_its_cause_and_no_outage(role: str, on_model_error: str) -> None:
    cause = KeyError("mood")
    error = broken_turn(role, Raises(cause), on_model_error)
    assert not isinstance(error, (AnswerError, ModelError))
    assert (error.part, error.__cause__) == (role, cause)
    assert str(error) == f"{role} {Raises.__module__}:Raises raised KeyError: 'mood'"


def test_a_long_message_of_a_foreign_error_is_one_bounded_line() -> None:
    error = broken_turn("judge", Raises(ValueError("a\nreply " * 1000)))
    assert "\n" not in str(error)
    assert len(str(error)) < 400


def test_the_opening_names_the_actor_too() -> None:
    with pytest.raises(AnswerError, match=r"actor .*:Answers gave no fit answer: expected a text"):
        opened(with_role("actor", Answers(None)))


@pytest.mark.parametrize("role", ["actor", "director", "judge"])
def test_a_role_that_cannot_be_asked_is_refused_before_the_dialogue(role: str) -> None:
    with pytest.raises(ValueError, match=rf"builtins:object cannot play the {role}: expected a method"):
        opened(with_role(role, object()))


def test_the_error_pickles_as_a_worker_process_must() -> None:
    again = pickle.loads(pickle.dumps(broken_turn("judge", Answers(None))))
    assert isinstance(again, AnswerError)
    assert (again.part, "expected an Assessment" in str(again)) == ("judge", True)


def synchronous(state: DialogueState, cast: Cast, complete: Callable[[ChatRequest], Any]) -> DialogueState:
    return drive.run(take_turn(state, "yes", cast), complete)


def asynchronous(state: DialogueState, cast: Cast, complete: Callable[[ChatRequest], Any]) -> DialogueState:
    async def acomplete(request: ChatRequest) -> Any:
        return complete(request)

    return asyncio.run(drive.arun(take_turn(state, "yes", cast), acomplete))


def batched(state: DialogueState, cast: Cast, complete: Callable[[ChatRequest], Any]) -> DialogueState:
    (after,) = drive.run_batch([take_turn(state, "yes", cast)], lambda requests: [complete(one) for one in requests])
    assert isinstance(after, DialogueState)
    return after


DRIVERS = pytest.mark.parametrize("driver", [synchronous, asynchronous, batched])


@DRIVERS
@pytest.mark.parametrize("asked", ["hello", None, 3, ("hello",), [ChatRequest("judge", ())]], ids=repr)
def test_a_role_that_asks_with_anything_but_requests_is_named_by_every_driver(driver: Any, asked: Any) -> None:
    with pytest.raises(ExtensionError, match=r"judge .*:Yields raised TypeError: a flow may yield a ChatRequest"):
        driver(opened(scripted()), with_role("judge", Yields(asked)), lambda request: ChatReply("1"))


@DRIVERS
@pytest.mark.parametrize("panel", [False, True])
def test_a_completion_that_returns_no_reply_is_named_and_no_role_is_blamed(driver: Any, panel: bool) -> None:
    asked: Any = ChatRequest("judge", ())
    cast = with_role("judge", Yields((asked, asked) if panel else asked))
    with pytest.raises(TypeError, match="a completion must return a ChatReply, got str: 'hello'") as caught:
        driver(opened(scripted()), cast, lambda request: "hello")
    assert not isinstance(caught.value, ExtensionError)


# ---- rewards

STATES = played(scripted(), Rules(EPMParams.endless(3)))


@pytest.mark.parametrize(
    "amount",
    [
        float("nan"),
        float("inf"),
        -np.inf,
        np.float32("nan"),
        "1.0",
        None,
        np.ones(1),
        np.array(1.0),
        [1.0],
        10**400,
        1j,
    ],
    ids=repr,
)
def test_a_reward_that_is_no_finite_number_names_the_function(amount: Any) -> None:
    def shout(before: DialogueState, after: DialogueState) -> Any:
        return amount

    with pytest.raises(AnswerError, match=r"reward .*shout gave no fit answer: expected a finite number, found"):
        pay(shout, STATES[0], STATES[1])


@pytest.mark.parametrize("amount", [1, 1.0, True, np.float32(1), np.float64(1), np.int64(1), np.int8(1)], ids=repr)
def test_any_finite_scalar_is_a_reward_and_is_paid_as_a_float(amount: Any) -> None:
    assert (paid := pay(lambda before, after: amount, STATES[0], STATES[1])) == 1.0
    assert type(paid) is float


def test_what_a_reward_raises_is_named_and_a_class_is_no_reward() -> None:
    class Harsh:
        def __call__(self, before: DialogueState, after: DialogueState) -> float:
            raise KeyError("price")

    with pytest.raises(ExtensionError, match=r"reward .*Harsh raised KeyError: 'price'"):
        pay(Harsh(), STATES[0], STATES[1])
    with pytest.raises(ExtensionError, match=r"reward .*Harsh raised TypeError"):
        pay(Harsh, STATES[0], STATES[1])  # type: ignore[arg-type]


def test_a_broken_reward_is_not_asked_about_a_held_turn() -> None:
    def shout(before: DialogueState, after: DialogueState) -> Any:
        raise AssertionError("asked")

    waiting = played(scripted(), Rules(EPMParams.endless(2, eval_every=2)))
    assert pay(shout, waiting[0], waiting[1]) == 0.0


@pytest.mark.parametrize("options", [{"a": "x"}, {"a": None}, {"gamma": "x"}, {"gamma": float("nan")}])
def test_a_potential_takes_numbers_alone(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="potential needs a > 0 and 0 < gamma <= 1, got"):
        make_reward({"potential": options})


def test_a_fit_cast_is_asked_as_before() -> None:
    state = turn(opened(scripted()), Cast(NullActor(), ScriptedDirector(), Answers(Assessment(BETTER))), Rules())
    assert state.turns[-1].judged
