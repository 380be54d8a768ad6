"""What goes wrong in one slot of EmpaVectorEnv stays there, and what was had before an error is not paid twice."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode

from empa_gym.agents.answers import Assessment
from empa_gym.agents.null import null_cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.clients import ScriptedClient
from empa_gym.dialogue.state import DialogueState
from empa_gym.envs.vector import EmpaVectorEnv
from empa_gym.errors import BudgetExceeded, DeadlineExceeded, ExtensionError, ModelError, TapeMiss
from tests.clients.loopback import FAULTS, Asked, Loopback, Told
from tests.clients.players import speaks
from tests.dialogue.scripted import ASKING
from tests.envs.fitful import draw, fitful_model

SLOTS = 4
SHORT = {"base": "training", "min_turns": 2, "max_turns": 6}
SAID = ("I hear you.",) * SLOTS


def same(one: Any, other: Any) -> bool:
    return bool(data_equivalence(one, other, exact=True))


def kind_model(request: ChatRequest) -> ChatReply:
    """Never fails; the answer depends on what is asked, and in which dialogue."""
    answer = fitful_model(request)
    return answer if isinstance(answer, ChatReply) else ChatReply("[1, 0]" if request.role == "judge" else "Well.")


class Client:
    """Answers as the kind model does, after ``before``, which may fail or wait; counts what it is asked."""

    def __init__(self, before: Callable[[ChatRequest], Any] = lambda request: None) -> None:
        self.before = before
        self.asked: list[ChatRequest] = []
        self.cancelled = 0

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        try:
            waits = self.before(request)
            if waits is not None:
                await waits
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return kind_model(request)

    def complete(self, request: ChatRequest) -> ChatReply:
        raise AssertionError("a vector environment asks on the event loop")

    def close(self) -> None: ...

    async def aclose(self) -> None: ...


def asking(client: Any, mode: str = "NextStep", slots: int = SLOTS, **more: Any) -> EmpaVectorEnv:
    given = {"cast": ASKING, "rules": SHORT, "on_model_error": "hold", "reveal_state": True, **more}
    envs = EmpaVectorEnv(slots, autoreset_mode=mode, **given)
    envs.client = client
    return envs


def away(request: ChatRequest) -> None:
    raise ModelError("away", request.role)


def fails_for(envs: EmpaVectorEnv, slot: int, role: str) -> Callable[[ChatRequest], None]:
    """Fails for a role in the dialogue that a slot plays now."""
    state: DialogueState = envs.envs[slot].state
    address = (role, state.scenario.id, state.seed)
    return lambda request: away(request) if (request.role, request.scenario, request.seed) == address else None


def until_it_raises(envs: EmpaVectorEnv, outcomes: list[str] | None = None) -> None:
    """Steps, 30 at most; the outcomes are added to the list."""
    for _ in range(30):
        told = envs.step(SAID[: envs.num_envs])[4]["outcome"].tolist()
        if outcomes is not None:
            outcomes += told


def soon(claim: Callable[[], bool]) -> bool:
    """Whether it comes true within ten seconds."""
    for _ in range(1000):
        if claim():
            return True
        time.sleep(0.01)
    return False


def models(server: Loopback, **settings: Any) -> dict[str, Any]:
    """A cast of three models behind a loopback."""
    model = {"model": "tiny", "base_url": server.url, "api_key_env": "", **settings}
    return {role: model for role in ("actor", "director", "judge")}


# ---- at once


def test_all_slots_wait_for_their_models_at_once() -> None:
    waiting, together = 0, asyncio.Event()

    async def meet() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == SLOTS:
            together.set()
        await asyncio.wait_for(together.wait(), 20)

    envs = asking(Client(lambda request: meet()))
    envs.reset(seed=0)  # would never end if one waited for the other
    assert waiting == SLOTS


def test_it_works_inside_a_running_event_loop() -> None:
    async def inside() -> Any:
        envs = asking(Client())
        return [envs.reset(seed=1), envs.step(SAID), envs.step(SAID)]

    envs = asking(Client())
    assert same(asyncio.run(inside()), [envs.reset(seed=1), envs.step(SAID), envs.step(SAID)])


def test_without_a_model_no_thread_is_started() -> None:
    code = (
        "import threading; from empa_gym.envs.vector import EmpaVectorEnv; envs = EmpaVectorEnv(3); "
        "envs.reset(seed=1); envs.step(['yes'] * 3); envs.close(); print(threading.active_count())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "1"


# ---- isolation


def dialogues(envs: EmpaVectorEnv, steps: int) -> list[dict[tuple[str, int], Any]]:
    """By slot, what was seen of each dialogue, by its scenario and seed."""
    _, first = envs.reset(seed=4)
    seen: list[dict[tuple[str, int], Any]] = [{} for _ in range(envs.num_envs)]
    now = list(zip(first["scenario"], first["seed"].tolist(), strict=True))
    for _ in range(steps):
        _, rewards, terminated, truncated, infos = envs.step(SAID)
        for slot, began in enumerate(infos["turn"] == 0):
            if began:
                now[slot] = (infos["scenario"][slot], int(infos["seed"][slot]))
                continue
            ends = (terminated[slot], truncated[slot], infos["outcome"][slot])
            said = (infos["messages"][slot], infos["levels"][slot].tolist(), infos["evidence"][slot])
            seen[slot].setdefault(now[slot], []).append((rewards[slot], *ends, *said))
    return seen


def test_dialogues_that_fail_change_nothing_in_any_other() -> None:
    def some_fail(request: ChatRequest) -> None:
        if draw(request.scenario, request.seed) < 8 and request.turn >= draw(request.seed) % 4:
            away(request)

    whole = dialogues(asking(Client()), 150)
    struck = dialogues(asking(Client(some_fail)), 150)
    failed = compared = 0
    for one, other in zip(whole, struck, strict=True):
        both = [address for address in list(one)[:-1] if address in list(other)[:-1]]
        failed += sum(draw(*address) < 8 for address in both)
        fine = [address for address in both if draw(*address) >= 8]
        compared += len(fine)
        assert [one[address] for address in fine] == [other[address] for address in fine]
    assert failed > 3
    assert compared > 50


MANY = 16
HANGS = 3
"""The slot whose first dialogue hangs."""


def rows(taken: list[Any], slot: int) -> list[Any]:
    """All that a slot gave, step after step."""
    observed: list[Any] = [{name: values[slot] for name, values in step[0].items()} for step in taken]
    flags = [[values[slot] for values in step[1:-1]] for step in taken]
    infos = [{name: values[slot] for name, values in step[-1].items() if "final" not in name} for step in taken]
    return [observed, flags, infos]


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_with_one_dialogue_in_twenty_failing_and_a_slot_that_hangs_the_other_slots_are_equal_to_the_bit(
    mode: str,
) -> None:
    struck: set[tuple[str, int]] = set()

    async def hang(request: ChatRequest) -> None:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.1)
        except asyncio.TimeoutError:
            raise DeadlineExceeded("no whole answer within 0.1 s", request.role) from None

    def faults(request: ChatRequest) -> Any:
        address = (request.scenario, request.seed)
        if request.role == "judge" and address == hanging:
            return hang(request)
        if draw(*address) < 5 and request.turn > draw("point", *address) % 4:
            struck.add(address)
            away(request)
        return None

    def run(client: Client) -> list[Any]:
        envs = asking(client, mode, MANY)
        taken: list[Any] = [envs.reset(seed=21)]
        for step in range(80):
            taken.append(envs.step([f"I hear you, {step} {slot}." for slot in range(MANY)]))
        return taken

    whole = run(Client())
    hanging = (whole[0][1]["scenario"][HANGS], int(whole[0][1]["seed"][HANGS]))
    faulty = run(Client(faults))
    by_slot = [{(step[-1]["scenario"][slot], int(step[-1]["seed"][slot])) for step in faulty} for slot in range(MANY)]
    untouched = [slot for slot in range(MANY) if slot != HANGS and not by_slot[slot] & struck]
    assert len(struck) >= 4
    assert len(untouched) >= 6
    for slot in untouched:
        assert same(rows(whole, slot), rows(faulty, slot)), slot
    hung = [step[-1]["final_info"] if "final_info" in step[-1] else step[-1] for step in faulty]
    assert hung[3]["outcome"][HANGS] == "model_error"
    assert "no whole answer within 0.1 s" in hung[3]["error"][HANGS]


@pytest.mark.parametrize("mode", [mode.value for mode in AutoresetMode])
@pytest.mark.parametrize("transport", ["openai", "fast"])
def test_a_slot_that_hangs_past_its_deadline_leaves_the_others_as_they_are(transport: str, mode: str) -> None:
    pytest.importorskip("pyreqwest" if transport == "fast" else "openai")
    marked = "Tell me about the lantern."

    def hangs(asked: Asked) -> Told:
        return FAULTS["slow first byte"] if b"lantern" in asked.body else speaks(asked)

    def run(script: Callable[[Asked], Told]) -> list[Any]:
        with Loopback(script) as server:
            model = {
                "model": "tiny",
                "base_url": server.url,
                "api_key_env": "",
                "deadline": 0.3,
                "transport": transport,
            }
            cast = dict.fromkeys(("actor", "director", "judge"), model)
            given = {"cast": cast, "rules": SHORT, "on_model_error": "hold", "reveal_state": True}
            envs = EmpaVectorEnv(3, autoreset_mode=mode, **given)
            taken: list[Any] = [envs.reset(seed=6)]
            for _ in range(3):
                taken.append(envs.step(["Go on.", marked, "I hear you."]))
                ended = taken[-1][2] | taken[-1][3]
                if mode == "Disabled" and ended.any():
                    envs.reset(options={"reset_mask": ended})
            envs.close()
            return taken

    whole, hung = run(speaks), run(hangs)
    assert not same(whole, hung)
    for one, other in zip(whole[1:], hung[1:], strict=True):
        for slot in (0, 2):
            assert [values[slot] for values in one[1:4]] == [values[slot] for values in other[1:4]]
            assert all(same(values[slot], other[0][name][slot]) for name, values in one[0].items())
            assert all(
                same(values[slot], other[4][name][slot]) for name, values in one[4].items() if "final" not in name
            )
    info = hung[1][4]["final_info"] if mode == "SameStep" else hung[1][4]
    assert info["outcome"][1] == "model_error"
    assert "judge: no whole answer within 0.3 s" in info["error"][1]


# ---- a step that raises


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_a_step_that_raised_may_be_called_again_and_asks_only_for_what_is_missing(mode: str) -> None:
    steady, struck = Client(), Client()
    plain, envs = (asking(client, mode, on_model_error="raise") for client in (steady, struck))
    assert same(plain.reset(seed=2), envs.reset(seed=2))
    raised = 0
    for step in range(15):
        states = envs.get_attr("state")
        struck.before = fails_for(envs, step % SLOTS, ("judge", "actor", "director")[step % 3])
        try:
            taken = envs.step(SAID)
        except ModelError:
            raised += 1
            assert envs.get_attr("state") == states
            asked, struck.before = len(struck.asked), lambda request: None
            taken = envs.step(SAID)
            asked_for = {(request.scenario, request.seed) for request in struck.asked[asked:]}
            assert (states[step % SLOTS].scenario.id, states[step % SLOTS].seed) in asked_for
            assert len(asked_for) <= 2  # that dialogue, and the one after it
        assert same(plain.step(SAID), taken), step
    assert raised > 6


def test_other_replies_after_a_step_that_raised_are_played_anew() -> None:
    client = Client()
    envs = asking(client, on_model_error="raise")
    envs.reset(seed=2)
    client.before = fails_for(envs, 1, "judge")
    with pytest.raises(ModelError, match="away"):
        envs.step(SAID)
    client.before = lambda request: None
    *_, infos = envs.step(("Something else.", *SAID[1:]))
    assert [messages[1]["content"] for messages in infos["messages"]] == ["Something else.", *SAID[1:]]


def test_the_first_slot_that_failed_is_told_after_all_others_came_to_their_end() -> None:
    client = Client()
    envs = asking(client, on_model_error="raise")
    envs.reset(seed=2)
    seeds = [state.seed for state in envs.get_attr("state")]

    async def late() -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        raise ModelError("slot 0 is away")

    def two_fail(request: ChatRequest) -> Any:
        if request.role == "judge" and request.seed == seeds[3]:
            raise ModelError("slot 3 is away")
        return late() if request.role == "judge" and request.seed == seeds[0] else None

    client.before = two_fail
    with pytest.raises(ModelError, match="slot 0 is away"):
        envs.step(SAID)
    asked, client.before = len(client.asked), lambda request: None
    envs.step(SAID)
    assert {request.seed for request in client.asked[asked:]} == {seeds[0], seeds[3]}


class AwayJudge:
    """Fails in the dialogues with these seeds; keeps the seeds that it was asked about."""

    def __init__(self) -> None:
        self.away: set[int] = set()
        self.asked: list[int] = []

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        self.asked.append(view.seed)
        if view.seed in self.away:
            raise ModelError("away")
        return Assessment(((1, 0), (1, 0), (1, 0)))
        yield


def test_without_a_model_as_well_only_what_is_missing_is_played_again() -> None:
    judge = AwayJudge()
    envs = EmpaVectorEnv(SLOTS, cast=dataclasses.replace(null_cast(), judge=judge), rules=SHORT)
    envs.reset(seed=2)
    seeds = [state.seed for state in envs.get_attr("state")]
    judge.away = {seeds[1]}
    with pytest.raises(ModelError, match="away"):
        envs.step(SAID)
    assert judge.asked == seeds
    judge.away = set()
    assert envs.step(SAID)[4]["turn"].tolist() == [1] * SLOTS
    assert judge.asked == [*seeds, seeds[1]]


def test_an_outage_does_not_shift_what_comes_next() -> None:
    steady, struck = Client(), Client()
    plain, envs = (asking(client, on_model_error="raise") for client in (steady, struck))
    assert same(plain.reset(seed=2), envs.reset(seed=2))
    for _ in range(20):
        expected = plain.step(SAID)
        if any(expected[4]["turn"] == 0):
            struck.before = lambda request: away(request) if not request.turn else None
            for _ in range(3):
                with pytest.raises(ModelError):
                    envs.step(SAID)
            struck.before = lambda request: None
        assert same(expected, envs.step(SAID))


@pytest.mark.parametrize("cast", ["null", ASKING], ids=["without a model", "with one"])
def test_code_that_breaks_is_named_and_no_setting_holds_it(cast: Any) -> None:
    def broken(before: DialogueState, after: DialogueState) -> float:
        return 1.0 / (len(after.turns) - 2)

    envs = EmpaVectorEnv(SLOTS, cast=cast, rules=SHORT, on_model_error="hold", reward=broken)
    if cast is ASKING:
        envs.client = Client()
    envs.reset(seed=0)
    envs.step(SAID)
    states = envs.get_attr("state")
    with pytest.raises(ExtensionError, match=r"reward .* raised ZeroDivisionError"):
        envs.step(SAID)
    assert envs.get_attr("state") == states


# ---- a dialogue that cannot begin


def no_opening(request: ChatRequest) -> None:
    if not request.turn and draw(request.seed) < 50:
        away(request)


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_a_dialogue_that_cannot_begin_is_told_and_truncated_by_the_next_step(mode: str) -> None:
    envs = asking(Client(no_opening), mode, slots=8)
    observed, infos = envs.reset(seed=1)
    dead = infos["outcome"] == "model_error"
    assert 0 < dead.sum() < 8
    assert dead.tolist() == [draw(seed) < 50 for seed in infos["seed"].tolist()]
    assert set(infos["error"][dead]) == {"actor: away"}
    assert [messages[-1]["role"] for messages in infos["messages"]] == ["user"] * 8
    assert observed in envs.observation_space
    _, rewards, terminated, truncated, infos = envs.step(["Go on."] * 8)
    ended = infos["final_info"] if mode == "SameStep" else infos
    assert truncated.tolist() == dead.tolist()
    assert not terminated.any()
    assert not rewards[dead].any()
    assert set(ended["outcome"][dead]) == {"model_error"}
    assert not ended["reward_valid"][dead].any()
    assert not ended["success"][dead].any()
    if mode != "Disabled":
        seeds = infos["seed"][dead] if mode == "SameStep" else envs.step(["Go on."] * 8)[4]["seed"][dead]
        assert not set(seeds) & set(ended["seed"][dead])
        for _ in range(60):
            envs.step(["Go on."] * 8)


def test_when_no_dialogue_can_begin_the_failure_is_raised_and_a_later_step_goes_on() -> None:
    client = Client(lambda request: away(request))
    envs = asking(client)
    with pytest.raises(ModelError, match="away"):
        envs.reset(seed=1)
    client.before = lambda request: None
    envs.reset(seed=1)
    for _ in range(30):
        over = envs.step(SAID)
        if (over[2] | over[3]).any():
            break
    client.before = lambda request: away(request)
    with pytest.raises(ModelError, match="away"):
        until_it_raises(envs)
    states = envs.get_attr("state")
    client.before = lambda request: None
    envs.step(SAID)
    assert envs.get_attr("state") != states


def test_a_reset_that_raised_leaves_the_dialogues_as_they_were() -> None:
    client = Client()
    envs = asking(client, on_model_error="raise")
    envs.reset(seed=1)
    envs.step(SAID)
    states = envs.get_attr("state")
    client.before = no_opening
    with pytest.raises(ModelError, match="away"):
        envs.reset(seed=1)
    assert envs.get_attr("state") == states
    client.before = lambda request: None
    assert envs.step(SAID)[4]["turn"].tolist() == [2] * SLOTS


def test_what_a_tape_does_not_hold_is_no_outage() -> None:
    def missing(request: ChatRequest) -> None:
        raise TapeMiss("has no such call", request.role)

    with pytest.raises(TapeMiss):
        asking(Client(missing)).reset(seed=0)


def test_ceilings_hold_for_all_slots_together_and_end_dialogues_as_a_spent_budget() -> None:
    with Loopback(speaks) as server:
        cast = models(server)
        envs = EmpaVectorEnv(3, cast=cast, rules=SHORT, on_model_error="hold", ceilings={"calls": 20})
        envs.reset(seed=0)
        outcomes: list[str] = []
        with pytest.raises(BudgetExceeded, match="ceiling of 20 calls"):
            until_it_raises(envs, outcomes)
        assert outcomes.count("budget") >= 3
        assert len(server.asked) == 20
        assert envs.governor is not None
        assert envs.governor.spent.calls == 20
        assert sum(used.calls for usage in envs.get_attr("usage") for used in usage) <= 20
        envs.close()


# ---- interruption and the end


def test_an_interruption_cancels_the_calls_and_leaves_every_dialogue_as_it_was() -> None:
    client = Client()
    envs = asking(client)
    envs.reset(seed=3)
    plain = asking(Client())
    plain.reset(seed=3)
    states = envs.get_attr("state")
    held = fails_for(envs, 2, "judge")
    main = threading.main_thread().ident
    assert main is not None

    async def interrupted(seat: int) -> None:
        while len(client.asked) < 4 + 3 + 3 * 5:  # all but one slot are through
            await asyncio.sleep(0)
        if seat == 0:
            await asyncio.sleep(0.2)  # until the main thread waits
            signal.pthread_kill(main, signal.SIGINT)
        await asyncio.sleep(60)

    def waits(request: ChatRequest) -> Any:
        try:
            held(request)
        except ModelError:
            return interrupted(int(request.messages[-1].content))
        return None

    client.before = waits
    with pytest.raises(KeyboardInterrupt):
        envs.step(SAID)
    assert envs.get_attr("state") == states
    client.before = lambda request: None
    asked = len(client.asked)
    assert same(envs.step(SAID), plain.step(SAID))
    assert {request.seed for request in client.asked[asked:]} == {states[2].seed}
    assert soon(lambda: client.cancelled == 3)  # the panel of one judge


def test_a_forgotten_env_gives_its_connections_back() -> None:
    with Loopback(speaks) as server:
        cast = models(server)
        envs = EmpaVectorEnv(3, cast=cast, rules=SHORT)
        envs.reset(seed=0)
        assert server.connections
        del envs
        gc.collect()
        assert soon(lambda: not server.connections)


def test_a_process_that_was_forked_from_one_that_asked_asks_by_itself() -> None:
    code = """
import os, sys
sys.path.insert(0, ".")
from tests.envs.test_vector_failures import Client, asking, SAID
envs = asking(Client())
envs.reset(seed=1)
child = os.fork()
taken = envs.step(SAID)[4]["turn"].tolist()
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(taken)
else:
    os._exit(0 if taken == [1] * 4 else 1)
"""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[1, 1, 1, 1]"


def test_usage_is_counted_for_each_slots_own_dialogue() -> None:
    envs = asking(ScriptedClient(kind_model), "SameStep")
    envs.reset(seed=0)
    assert [[(used.role, used.calls) for used in usage] for usage in envs.get_attr("usage")] == [[("actor", 1)]] * SLOTS
    _, _, terminated, truncated, _ = envs.step(SAID)
    for usage, over in zip(envs.get_attr("usage"), np.logical_or(terminated, truncated), strict=True):
        assert {used.role for used in usage} == ({"actor"} if over else {"actor", "director", "judge"})
