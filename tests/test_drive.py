from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.chat import ChatReply, ChatRequest, Flow, Message
from empa_gym.dialogue.rules import ON_MODEL_ERROR, OnModelError, Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.drive import arun, no_model, run, run_batch
from empa_gym.epm import EPMParams
from empa_gym.errors import BudgetExceeded, ModelError
from tests.dialogue.scripted import ASKING, SCENARIO

Answers = Callable[[ChatRequest], ChatReply]
Failure = ModelError | BudgetExceeded
REPLIES = ("I hear you", "and then?", "no", "", "that was hard")


def request(content: str, role: str = "judge") -> ChatRequest:
    return ChatRequest(role, (Message("user", content),))


def model(seed: int, failing: int, spent: int) -> Answers:
    """A chat model whose answer, or failure, hangs on the request alone: so many of 100 requests fail."""

    def complete(asked: ChatRequest) -> ChatReply:
        draw = zlib.crc32(f"{seed} {asked}".encode())
        if draw % 100 < failing:
            raise ModelError(f"away {draw}", role=asked.role)
        if draw % 1000 < spent:
            raise BudgetExceeded(f"spent {draw}")
        if asked.role != "judge":
            return ChatReply(f"words {draw}")
        return ChatReply(
            "unreadable?" if draw % 7 == 0 else json.dumps([draw % 4 - 1 if draw % 4 < 3 else 1, draw % 2])
        )

    return complete


def until_asked_again(seed: int, failing: int, spent: int, opening: bool) -> Answers:
    """The same model; the opening alone never fails, since without it there is no dialogue."""
    whole, sound = model(seed, failing, spent), model(seed, 0, 0)
    return lambda asked: (sound if opening and asked.turn == 0 else whole)(asked)


def in_turn(flow: Flow[DialogueState], complete: Answers) -> DialogueState | Failure:
    try:
        return run(flow, complete)
    except (ModelError, BudgetExceeded) as error:
        return error


def on_a_loop(flow: Flow[DialogueState], complete: Answers) -> DialogueState | Failure:
    async def acomplete(asked: ChatRequest) -> ChatReply:
        await asyncio.sleep(0)
        for _ in range(len(str(asked)) % 3):
            await asyncio.sleep(0)
        return complete(asked)

    async def main() -> DialogueState:
        return await arun(flow, acomplete)

    try:
        return asyncio.run(main())
    except (ModelError, BudgetExceeded) as error:
        return error


def in_a_batch(flows: Sequence[Flow[DialogueState]], complete: Answers) -> list[DialogueState | Failure]:
    def one(asked: ChatRequest) -> ChatReply | Failure:
        try:
            return complete(asked)
        except (ModelError, BudgetExceeded) as error:
            return error

    return run_batch(flows, lambda requests: [one(asked) for asked in requests])


def same(one: DialogueState | Failure, other: DialogueState | Failure) -> bool:
    if isinstance(one, DialogueState):
        return one == other
    return type(one) is type(other) and str(one) == str(other)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    failing=st.sampled_from([0, 5, 25]),
    spent=st.sampled_from([0, 20]),
    on_model_error=st.sampled_from(ON_MODEL_ERROR),
    every=st.integers(1, 3),
)
def test_all_drivers_end_in_equal_states_under_random_failures(
    seed: int, failing: int, spent: int, on_model_error: OnModelError, every: int
) -> None:
    rules = Rules(EPMParams.endless(6, eval_every=every), on_model_error)
    complete = until_asked_again(seed, failing, spent, opening=True)
    state = run(open_dialogue(SCENARIO, seed, ASKING), complete)
    for reply in REPLIES:
        after = in_turn(take_turn(state, reply, ASKING, rules), complete)
        assert same(after, on_a_loop(take_turn(state, reply, ASKING, rules), complete))
        alone, beside = in_a_batch([take_turn(state, text, ASKING, rules) for text in (reply, "beside")], complete)
        assert same(after, alone)
        assert same(in_turn(take_turn(state, "beside", ASKING, rules), complete), beside)
        if not isinstance(after, DialogueState) or after.outcome.ended:
            break
        state = after


def fails(asked: ChatRequest) -> ChatReply:
    raise ModelError("away", role=asked.role)


def asks_twice() -> Flow[list[str]]:
    heard = []
    for content in ("first", "second"):
        try:
            reply = yield request(content)
        except ModelError as error:
            heard.append(f"failed: {error.cause}")
        else:
            assert isinstance(reply, ChatReply)
            heard.append(reply.text)
    return heard


def asks_a_panel() -> Flow[tuple[str, ...]]:
    replies = yield tuple(request(str(seat)) for seat in range(3))
    assert isinstance(replies, tuple)
    return tuple(reply.text for reply in replies)


def test_a_flow_that_catches_a_failure_goes_on() -> None:
    assert run(asks_twice(), fails) == ["failed: away", "failed: away"]


def test_a_panel_is_answered_in_its_order_by_every_driver() -> None:
    def echo(asked: ChatRequest) -> ChatReply:
        return ChatReply(asked.messages[0].content)

    async def slow_echo(asked: ChatRequest) -> ChatReply:
        for _ in range(3 - int(asked.messages[0].content)):
            await asyncio.sleep(0)
        return echo(asked)

    expected = ("0", "1", "2")
    assert run(asks_a_panel(), echo) == expected
    assert asyncio.run(_alone(asks_a_panel(), slow_echo)) == expected
    assert run_batch([asks_a_panel()], lambda requests: [echo(one) for one in requests]) == [expected]


async def _alone(flow: Flow[tuple[str, ...]], acomplete: Callable[[ChatRequest], object]) -> tuple[str, ...]:
    return await arun(flow, acomplete)  # type: ignore[arg-type]


def test_a_panel_in_which_several_fail_reports_the_first_of_them_whichever_came_back_first() -> None:
    async def acomplete(asked: ChatRequest) -> ChatReply:
        seat = int(asked.messages[0].content)
        for _ in range(3 - seat):
            await asyncio.sleep(0)
        if seat:
            raise ModelError(f"seat {seat}")
        return ChatReply("here")

    with pytest.raises(ModelError, match="seat 1"):
        asyncio.run(_alone(asks_a_panel(), acomplete))


def test_a_batch_asks_all_flows_in_one_round_and_one_failing_flow_hurts_no_other() -> None:
    rounds: list[int] = []

    def complete_many(requests: Sequence[ChatRequest]) -> list[ChatReply | Failure]:
        rounds.append(len(requests))
        return [ModelError("away") if len(asked.messages[0].content) == 1 else ChatReply("yes") for asked in requests]

    panel, twice = run_batch([asks_a_panel(), asks_twice()], complete_many)  # type: ignore[list-item]
    assert rounds == [4, 1]
    assert isinstance(panel, ModelError)
    assert twice == ["yes", "yes"]


def test_a_batch_that_gets_another_number_of_answers_than_it_asked_for_says_so() -> None:
    with pytest.raises(ValueError, match="expected 1 answers from complete_many, got 0"):
        run_batch([asks_twice()], lambda requests: [])


def test_an_error_that_is_no_failure_of_a_model_belongs_to_the_caller() -> None:
    def broken(asked: ChatRequest) -> ChatReply:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        run(asks_twice(), broken)


def test_a_cast_that_asks_although_no_model_was_given_hears_that_there_is_none() -> None:
    with pytest.raises(ModelError, match="given no chat model"):
        run(asks_a_panel(), no_model)
