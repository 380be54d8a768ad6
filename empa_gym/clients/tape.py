"""A client that keeps every answer on a tape and gives it again: to go on with a run, or to replay it offline.

``Tape("run.tape", inner=client)`` records, and does not ask again what the tape holds.
``Tape("run.tape", "replay_or_fail")`` replays, and fails for what it does not hold.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.base import ChatClient
from empa_gym.clients.tape_file import TapeFile
from empa_gym.clients.tape_lines import Answered, address_of, content_of
from empa_gym.clients.tape_misses import miss
from empa_gym.errors import BudgetExceeded, ModelError

Mode: TypeAlias = Literal["record", "replay", "replay_or_fail"]
MODES: tuple[Mode, ...] = get_args(Mode)


class TapeCounts(NamedTuple):
    """How many calls were answered from the tape, and how many were asked."""

    replayed: int = 0
    asked: int = 0


class _Turn(NamedTuple):
    """What is to be done about a request: give an answer, wait for another caller, or ask.

    Attributes:
        answer: from the tape.
        waits: for this, and then look again; somebody asks the same.
        asks: ask, and resolve this when the answer is on the tape.
    """

    answer: Answered | None = None
    waits: Future[None] | None = None
    asks: Future[None] | None = None


class Tape:
    """Answers from a tape, and asks another client for what is not on it.

    A call is found by its address in the run (scenario, seed, member, policy, turn, role, attempt, part) and
    the hash of what is asked. Failures are kept as well, so that a run is replayed with its outages; a call
    that is made again after a failure is the next one at its address. A ceiling that was reached is asked
    about again while recording, since ceilings may have been raised.

    An answer is on the tape before it is used, so a process that is killed loses no answer that it has got; the
    calls that were under way are asked again. It is not flushed to the disk each time: a power cut may take the
    last seconds with it, and they are asked again as well.

    A copy is the same tape. Any thread and event loop may use it. Several processes may record on one; each
    finds what the others have written, and of two that ask the same at once the first answer counts for both.

    Args:
        path: the file: JSON lines; made when recording. A torn last line is taken off.
        mode: "record" answers from the tape what it holds, asks the rest and keeps it; "replay" does the same
            without changing the file; "replay_or_fail" asks nothing.
        inner: what is asked.
        retry_failures: ask again about calls that the tape holds as failed, when recording.

    Raises:
        ValueError: an unknown mode, or one that asks without a client to ask.
        RecordError: the file cannot be read.
    """

    def __init__(
        self,
        path: str | Path,
        mode: Mode = "record",
        inner: ChatClient | None = None,
        *,
        retry_failures: bool = False,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}; got {mode!r}")
        if inner is None and mode == "record":
            raise ValueError("mode 'record' needs a client to ask; give inner=..., or use mode 'replay_or_fail'")
        self.path, self.mode, self.inner = Path(path), mode, inner
        self.retry_failures = retry_failures
        self.counts = TapeCounts()
        self._file = TapeFile(self.path, writes=mode == "record")
        self._lock = threading.Lock()
        self._asking: dict[tuple[Any, ...], Future[None]] = {}
        self._failures_given: dict[tuple[Any, ...], int] = {}

    @property
    def calls(self) -> int:
        """How many calls the tape holds."""
        return len(self._file)

    def complete(self, request: ChatRequest) -> ChatReply:
        """The answer on the tape, else the client's.

        Raises:
            TapeMiss: it is not there and may not be asked; says what differs.
            ModelError, BudgetExceeded: the call failed, now or then.
            OSError: the answer came and could not be written down.
        """
        content = content_of(request)
        while True:
            turn = self._look(request, content)
            if turn.answer is not None:
                return _given(turn.answer)
            if turn.waits is not None:
                turn.waits.result()
                continue
            try:
                answer = self._kept(request, content, _asked(self.inner, request))
            finally:
                self._done(request, content, turn)
            return _given(answer)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The answer on the tape, else the client's; see :meth:`complete`."""
        content = content_of(request)
        while True:
            turn = self._look(request, content)
            if turn.answer is not None:
                return _given(turn.answer)
            if turn.waits is not None:
                await asyncio.shield(asyncio.wrap_future(turn.waits))
                continue
            try:
                answer = self._kept(request, content, await _aasked(self.inner, request))
            finally:
                self._done(request, content, turn)
            return _given(answer)

    def close(self) -> None:
        """Give the client's connections back."""
        if self.inner is not None:
            self.inner.close()

    async def aclose(self) -> None:
        """Give the client's connections back."""
        if self.inner is not None:
            await self.inner.aclose()

    def _look(self, request: ChatRequest, content: str) -> _Turn:
        """What is to be done about a request."""
        key = (address_of(request), content)
        with self._lock:
            answer = self._recorded(request, content)
            if answer is not None:
                self.counts = self.counts._replace(replayed=self.counts.replayed + 1)
                return _Turn(answer=answer)
            if self.inner is None or self.mode == "replay_or_fail":
                raise miss(self._file, request)
            if key in self._asking:
                return _Turn(waits=self._asking[key])
            mine = self._asking[key] = Future()
            self.counts = self.counts._replace(asked=self.counts.asked + 1)
            return _Turn(asks=mine)

    def _recorded(self, request: ChatRequest, content: str) -> Answered | None:
        """The next answer at an address; None when it is to be asked for.

        A reply is given whenever it is asked for. A failure is given once, since whoever asks again wants
        another answer: the next on the tape; behind the last one it is asked for, or given again where that
        may not be.
        """
        address = address_of(request)
        key, places = (address, content), self._file.find(address, content)
        given = self._failures_given.get(key, 0)
        for number, place in enumerate(places[given:], given):
            entry = self._file.read(place)
            if (entry.address, entry.content) != key:
                return None  # another call with the same 64 bits
            if isinstance(entry.answer, ChatReply):
                return entry.answer
            last = number + 1 == len(places)
            if self.mode != "record" and last:
                return entry.answer
            self._failures_given[key] = number + 1
            if not self._asks_again(entry.answer):
                return entry.answer
        return None

    def _asks_again(self, failure: Answered) -> bool:
        """Whether a failure on the tape is passed over."""
        return self.mode == "record" and (self.retry_failures or isinstance(failure, BudgetExceeded))

    def _kept(self, request: ChatRequest, content: str, answer: Answered) -> Answered:
        """The answer as it stands on the tape from now on, before anybody uses it."""
        if self.mode != "record":
            return answer
        with self._lock:
            kept = self._file.add(request, content, answer)
            if not isinstance(kept, ChatReply):
                address = address_of(request)
                self._failures_given[(address, content)] = len(self._file.find(address, content))
        return kept

    def _done(self, request: ChatRequest, content: str, turn: _Turn) -> None:
        """Let those go on who wait for the same answer."""
        with self._lock:
            self._asking.pop((address_of(request), content), None)
        if turn.asks is not None:
            turn.asks.set_result(None)

    def __deepcopy__(self, memo: object) -> Tape:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (self.path, self.mode, self.inner, self.retry_failures))

    def __repr__(self) -> str:
        return f"Tape({str(self.path)!r}, {self.mode!r})"


def _again(path: Path, mode: Mode, inner: ChatClient | None, retry_failures: bool) -> Tape:
    """The tape that was pickled, opened anew."""
    return Tape(path, mode, inner, retry_failures=retry_failures)


def _asked(client: ChatClient | None, request: ChatRequest) -> Answered:
    """The client's answer, or how it failed."""
    assert client is not None
    try:
        return client.complete(request)
    except (ModelError, BudgetExceeded) as failure:
        return failure


async def _aasked(client: ChatClient | None, request: ChatRequest) -> Answered:
    """The client's answer, or how it failed."""
    assert client is not None
    try:
        return await client.acomplete(request)
    except (ModelError, BudgetExceeded) as failure:
        return failure


def _given(answer: Answered) -> ChatReply:
    """The reply.

    Raises:
        ModelError, BudgetExceeded: the answer is a failure.
    """
    if isinstance(answer, ChatReply):
        return answer
    raise answer
