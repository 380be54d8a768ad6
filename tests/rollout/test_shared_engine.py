"""An engine that is given is shared: a stream ends its own dialogues alone. What breaks is named, nothing is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from empa_gym.agents.llm import llm_cast
from empa_gym.agents.views import PolicyView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.clients import ScriptedClient
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.errors import EmpaError, ExtensionError
from empa_gym.outcome import Outcome
from empa_gym.rollout import Rollouts, collect, stream
from empa_gym.rollout.engines import Engine, InlineEngine, OnBroken, Work
from empa_gym.rollout.engines.processes import ProcessEngine
from empa_gym.rollout.jobs import Job
from tests.clients.loopback import Loopback
from tests.clients.players import sound, speaks

TWO = ["health-knee", "values-rite"]
SHORT = {"base": "training", "min_turns": 2, "max_turns": 3}


def cast_at(url: str) -> dict[str, Any]:
    models: dict[str, Any] = {role: {} for role in ("actor", "director", "judge")}
    return models | {"defaults": {"base_url": url, "api_key_env": "", "model": "tiny"}}


@pytest.mark.parametrize(
    ("make", "leave"),
    [(InlineEngine, True), (InlineEngine, False), (lambda: ProcessEngine(1, "forkserver"), False)],
    ids=["asyncio, left", "asyncio, played to its end", "processes, played to its end"],
)
def test_an_asynchronous_stream_ends_nothing_else_that_its_engine_plays(
    make: Callable[[], Engine], leave: bool
) -> None:
    with Loopback(lambda asked: speaks(asked)._replace(pause=0.02)) as server:
        engine, under_way, found = make(), threading.Event(), list[Rollouts]()
        shared: dict[str, Any] = {"rules": SHORT, "engine": engine, "cast": cast_at(server.url), "at_once": 2}

        def trains() -> None:
            told = {"on_progress": lambda progress: under_way.set()}
            found.append(collect("random", TWO, group_size=4, **shared, **told))  # type: ignore[arg-type]

        async def evaluates() -> None:
            groups = aiter(stream("random", TWO, group_size=1, seed=9, **shared))
            await anext(groups)
            if leave:
                await groups.aclose()  # type: ignore[attr-defined]
                return
            async for _ in groups:
                pass

        training = threading.Thread(target=trains)
        training.start()
        assert under_way.wait(60)
        asyncio.run(evaluates())
        training.join(60)
        engine.close()
    assert [len(rollouts) for rollouts in found] == [8]


def test_stopping_a_stream_leaves_its_engine_open() -> None:
    closed: list[bool] = []

    class Mine(InlineEngine):
        def close(self) -> None:
            closed.append(True)

    asked = stream("random", TWO, rules=SHORT, groups=5, engine=Mine())
    groups = iter(asked)
    next(groups)
    asked.stop()
    assert len(list(groups)) < 9
    assert closed == []
    assert len(list(asked)) == 10, "another loop plays everything"


class Loses(InlineEngine):
    """Forgets the last dialogue."""

    def play(self, jobs: Iterable[Job], work: Work, on_broken: OnBroken | None = None) -> Any:
        return self._but_the_last(super().play(jobs, work, on_broken))

    def _but_the_last(self, records: Iterator[EpisodeRecord]) -> Iterator[EpisodeRecord]:
        yield from list(records)[:-1]


def test_a_collection_that_lost_a_dialogue_is_no_collection() -> None:
    with pytest.raises(EmpaError, match="expected 8 dialogues from the engine, got 7: it was closed"):
        collect("random", TWO, rules=SHORT, engine=Loses())


class Raises:
    """A policy that raises something in one dialogue."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def reply(self, view: PolicyView) -> Flow[str]:
        if (view.member, view.turn) == (1, 2):
            raise self.error
        return "Tell me more."
        yield


ODD = {"cancelled": asyncio.CancelledError(), "closed": GeneratorExit(), "exit": SystemExit(3)}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("models", [True, False], ids=["models", "no model"])
def test_what_a_policy_raises_ends_its_dialogue_alone_whatever_it_is(kind: str, models: bool) -> None:
    given: dict[str, Any] = {"cast": llm_cast(), "client": ScriptedClient(sound)} if models else {}
    policy, told = Raises(ODD[kind]), list[ExtensionError]()
    with pytest.raises(ExtensionError, match=f"raised {type(ODD[kind]).__name__}"):
        collect(policy, TWO, rules=SHORT, **given)
    rollouts = collect(policy, TWO, rules=SHORT, on_broken=lambda job, error: told.append(error), **given)
    assert len(rollouts) == 8
    assert len(told) == 2


class Odd:
    """A client that breaks for one dialogue of each group, in the way that it is given."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer, self._inner = answer, ScriptedClient(sound)

    def complete(self, request: ChatRequest) -> ChatReply:
        broken: Any = self.answer() if request.member == 1 and request.role == "judge" else None
        return self._inner.complete(request) if broken is None else broken

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        return self.complete(request)

    def close(self) -> None: ...
    async def aclose(self) -> None: ...


def no_route() -> None:
    raise ConnectionError("no route")


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (no_route, "client .*:Odd raised ConnectionError: no route when the judge asked it; an outage must be raised"),
        (lambda: "a text", "client .*:Odd gave the judge no fit answer: expected a ChatReply, found str: 'a text'"),
    ],
    ids=["raises", "gives a text"],
)
def test_a_client_that_breaks_is_named_and_the_other_dialogues_are_kept(
    answer: Callable[[], Any], said: str, at_once: int
) -> None:
    given: dict[str, Any] = {"cast": llm_cast(), "client": Odd(answer), "at_once": at_once, "rules": SHORT}
    with pytest.raises(ExtensionError, match=said):
        collect("random", TWO, **given)
    rollouts = collect("random", TWO, on_broken=lambda job, error: None, **given)
    assert {record.member for record in rollouts.records if record.outcome is not Outcome.TURN_LIMIT} == {1}
    assert len(rollouts) == 8


def test_an_engine_that_stays_open_holds_no_connection_of_plays_that_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(speaks) as server:
        engine = InlineEngine()
        given: dict[str, Any] = {"rules": SHORT, "cast": cast_at(server.url), "group_size": 1, "engine": engine}
        closed: list[object] = []
        kind = "empa_gym.clients.policyboard.PolicyBoard.close"
        monkeypatch.setattr(kind, lambda board: closed.append(board))
        for seed in range(3):
            collect("random", TWO[:1], seed=seed, ceilings={"calls": 20}, **given)
            assert len(closed) == seed + 1
        assert len(server.asked) == 20, "the ceiling is one for all"
