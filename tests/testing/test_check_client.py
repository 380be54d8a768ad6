"""check_client lets the clients of this package through, and says in a sentence what is wrong with any other."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest

from empa_gym.chat import ChatReply, ChatRequest, ToolCall, Usage
from empa_gym.clients import ScriptedClient, Switchboard
from empa_gym.clients.addressed import Addressed
from empa_gym.clients.tape import Tape
from empa_gym.errors import ModelError, RateLimited
from empa_gym.testing import check_client
from tests.clients.asking import KEY, KEY_NAME, TRANSPORTS, client
from tests.clients.loopback import FAULTS, Loopback, faults
from tests.clients.players import sound, speaks


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_clients_of_an_endpoint_pass(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_NAME, KEY)
    with Loopback(speaks) as server:
        check_client(client(server.url, transport), secrets=[KEY])


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_clients_of_an_endpoint_pass_while_it_fails(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_NAME, KEY)
    quick = {name: 0.08 for name in FAULTS if name not in ("slow first byte", "stall mid-body", "trickle")}
    with Loopback(faults(quick, seed=3, otherwise=speaks)) as server:
        check_client(client(server.url, transport, attempts=2), secrets=[KEY])


def test_the_others_pass(tmp_path: Path) -> None:
    scripted = ScriptedClient(sound)
    check_client(scripted)
    check_client(Switchboard({}, otherwise=scripted))
    check_client(Tape(tmp_path / "run.tape", inner=scripted))
    check_client(Addressed(scripted, "health-knee", 7))


class Plain:
    """A client of somebody else's; each class below breaks one thing."""

    def complete(self, request: ChatRequest) -> Any:
        return ChatReply("yes")

    async def acomplete(self, request: ChatRequest) -> Any:
        return self.complete(request)

    def close(self) -> None: ...

    async def aclose(self) -> None: ...


class SaysText(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return "yes"


class SaysNothing(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return ChatReply(None)  # type: ignore[arg-type]


class CountsBackwards(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return ChatReply("yes", Usage(-1))


class CallsInLists(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return ChatReply("", tool_calls=[ToolCall("observe", "{}")])  # type: ignore[arg-type]


class ParsesArguments(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return ChatReply("", tool_calls=(ToolCall("observe", {}),))  # type: ignore[arg-type]


class RaisesItsOwn(Plain):
    def complete(self, request: ChatRequest) -> Any:
        raise ConnectionError("reset")


class ForgetsTheRole(Plain):
    def complete(self, request: ChatRequest) -> Any:
        raise RateLimited("too many")


class Fails(Plain):
    def complete(self, request: ChatRequest) -> Any:
        raise ModelError("down", request.role)


class OnlyBlocking(Plain):
    async def acomplete(self, request: ChatRequest) -> Any:
        raise NotImplementedError


class OneAtATime(Plain):
    busy = False

    async def acomplete(self, request: ChatRequest) -> Any:
        if self.busy:
            raise RuntimeError("busy")
        self.busy = True
        await asyncio.sleep(0)
        self.busy = False
        return ChatReply("yes")


class ClosesForGood(Plain):
    closed = False

    def complete(self, request: ChatRequest) -> Any:
        if self.closed:
            raise ValueError("closed")
        return ChatReply("yes")

    async def aclose(self) -> None:
        self.closed = True


class OfOneThread(Plain):
    home = threading.get_ident()

    def complete(self, request: ChatRequest) -> Any:
        if threading.get_ident() != self.home:
            raise RuntimeError("another thread")
        return ChatReply("yes")


class HoldsTheKey(Plain):
    def __init__(self) -> None:
        self.key = "sk-marked"


class ShowsTheKey(Plain):
    def __repr__(self) -> str:
        return "ShowsTheKey(sk-marked)"


class TellsTheKey(Plain):
    def complete(self, request: ChatRequest) -> Any:
        raise ModelError("key sk-marked was refused", request.role)


class HoldsAFile(Plain):
    def __init__(self) -> None:
        self.lock = asyncio.Lock
        self.answer = iter(())
        self.handle = (value for value in ())


class SaysNone(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return None


class HidesFailures(Plain):
    def complete(self, request: ChatRequest) -> Any:
        return ChatReply("")


class ChangesTheRequest(Plain):
    def complete(self, request: ChatRequest) -> Any:
        request.messages[-1].content += " Be brief."  # type: ignore[misc]
        return ChatReply("yes")


class EndsTheProcess(Plain):
    def complete(self, request: ChatRequest) -> Any:
        raise SystemExit(3)


class CannotBeCancelled(Plain):
    async def acomplete(self, request: ChatRequest) -> Any:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.001)
        return ChatReply("yes")


class BreaksWhenClosed(Plain):
    def close(self) -> None:
        raise OSError("no such file")


class ClosesWithoutAwait(Plain):
    def aclose(self) -> Any:
        return None


HANG = threading.Event()
"""Never set while a test waits; the threads that wait for it are daemons."""


class NeverCloses(Plain):
    def close(self) -> None:
        HANG.wait(30)


class NeverAnswers(Plain):
    def complete(self, request: ChatRequest) -> Any:
        HANG.wait(30)


class NeverAnswersOnALoop(Plain):
    async def acomplete(self, request: ChatRequest) -> Any:
        await asyncio.sleep(30)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (NeverCloses, "expected close to end within 0.2 s, it is still under way"),
        (NeverAnswers, "expected a call to end within 0.2 s, it is still under way"),
        (NeverAnswersOnALoop, "expected every call to end within 0.2 s, one did not"),
    ],
)
def test_a_client_that_never_ends_is_given_up(broken: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=f"client {broken.__name__}: {words}"):
        check_client(broken(), patience=0.2)


def test_a_class_is_no_client() -> None:
    with pytest.raises(AssertionError, match="expected a client, got the class Plain; make one of it"):
        check_client(Plain)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (SaysNone, "asked a plain question: expected a ChatReply, got None"),
        (HidesFailures, "expected a word or a call in one answer, each was empty; raise a failure, do not hide it"),
        (ChangesTheRequest, "got AttributeError: can't set attribute"),
        (EndsTheProcess, "expected a ModelError or BudgetExceeded, got SystemExit: 3"),
        (CannotBeCancelled, "expected a call that is cancelled to end as cancelled, it went on and answered"),
        (BreaksWhenClosed, "expected close to end in peace, it raised OSError: no such file"),
        (ClosesWithoutAwait, "expected aclose to be awaited in peace, it raised TypeError"),
        (object, "expected complete, acomplete, close and aclose"),
        (SaysText, "asked a plain question: expected a ChatReply, got 'yes'"),
        (SaysNothing, r"expected a text \(str\), got None"),
        (CountsBackwards, "numbers that are not negative"),
        (CallsInLists, "tool_calls as a tuple"),
        (ParsesArguments, "name and arguments as texts"),
        (RaisesItsOwn, "expected a ModelError or BudgetExceeded, got ConnectionError: reset"),
        (ForgetsTheRole, "expected the error's role to be 'actor', got ''"),
        (Fails, "expected at least one answer"),
        (OnlyBlocking, "got NotImplementedError"),
        (OneAtATime, "got RuntimeError: busy"),
        (OfOneThread, "got RuntimeError: another thread"),
        (ClosesForGood, "got ValueError: closed"),
        (HoldsTheKey, "no secret in its pickle"),
        (ShowsTheKey, "no secret in its repr"),
        (TellsTheKey, "no secret in its error"),
        (HoldsAFile, "expected that it can be pickled, found TypeError"),
    ],
)
def test_what_is_wrong_with_a_client_is_said(broken: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as found:
        check_client(broken(), secrets=["sk-marked"])
    assert f"client {broken.__name__}" in str(found.value)
