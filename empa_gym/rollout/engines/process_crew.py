"""The processes of a run: how they are started, listened to and ended."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future
from multiprocessing.connection import wait
from typing import Any

from empa_gym.clients.background import BACKGROUND
from empa_gym.rollout.engines.crew import Died, Ended, Failed, News, Ready
from empa_gym.rollout.engines.handout import Task
from empa_gym.rollout.engines.lending import Counter
from empa_gym.rollout.engines.pipe import Answered, Asking, Begin, Begun, Link, Record, Returned, Trouble
from empa_gym.rollout.engines.worker import GRACE, serve

UNBEGUN = (
    " before it could begin; what it wrote stands above. A script must start its work under "
    "if __name__ == '__main__': since every worker reads the script again"
)
SIGNALS = {one.value: f" ({one.name})" for one in signal.Signals}


class Worker:
    """One process, and the pipe to it.

    Args:
        context: how it is started.
    """

    def __init__(self, context: Any) -> None:
        here, there = context.Pipe()
        self.number = 0
        self.begun = False
        self.link = Link(here)
        self.process = context.Process(target=serve, args=(there,), name="empa-gym-worker", daemon=True)
        with ctrl_c_withheld():
            self.process.start()
        there.close()

    def how_it_ended(self) -> str:
        """In words, once it has ended."""
        self.process.join(GRACE)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"was killed by signal {-code}{SIGNALS.get(-code, '')}"
        return f"ended with exit code {code}"

    def let_go(self) -> None:
        """Let the process end by itself, as soon as it has nothing to do."""
        self.link.close()

    def end(self) -> None:
        """End the process, whatever it is doing, and wait until it is gone."""
        self.process.kill()
        self.link.close()
        self.process.join()


@contextlib.contextmanager
def ctrl_c_withheld() -> Iterator[None]:
    """A process that is started meanwhile never gets Ctrl-C, not even before it could say so itself."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_all(resting: list[Worker]) -> None:
    """End processes that have nothing to do."""
    ending = [resting.pop() for _ in range(len(resting))]
    for worker in ending:
        worker.let_go()
    for worker in ending:
        worker.process.join(GRACE)
        worker.end()


class ProcessCrew:
    """The processes that play one work; see :class:`~.crew.Crew`.

    Args:
        context: how processes are started.
        resting: processes of earlier works, which are taken first; those of this one come back there.
        begin: the work.
        counter: the governor of all workers.
    """

    def __init__(self, context: Any, resting: list[Worker], begin: Begin, counter: Counter) -> None:
        self._context, self._resting, self._begin, self._counter = context, resting, begin, counter
        self._workers: dict[int, Worker] = {}
        self._asking: defaultdict[int, set[Future[None]]] = defaultdict(set)
        self._hired = 0
        self._woken, self._waking = multiprocessing.Pipe(duplex=False)

    def hire(self) -> int:
        """See :class:`~.crew.Crew`."""
        worker = self._rested() or Worker(self._context)
        self._hired += 1
        worker.number, worker.begun = self._hired, False
        self._workers[worker.number] = worker
        worker.link.send(self._begin)
        return worker.number

    def _rested(self) -> Worker | None:
        """A process of an earlier work that still lives."""
        while self._resting:
            worker = self._resting.pop()
            if worker.process.is_alive():
                return worker
            worker.end()
        return None

    def give(self, worker: int, task: Task) -> None:
        """See :class:`~.crew.Crew`."""
        self._workers[worker].link.send(task)

    def news(self) -> list[News]:
        """See :class:`~.crew.Crew`."""
        sources: dict[Any, Worker | None] = {self._woken: None}
        for worker in self._workers.values():
            sources |= {worker.link.connection: worker, worker.process.sentinel: worker}
        told = {id(worker): worker for worker in map(sources.__getitem__, wait(list(sources)))}
        while self._woken.poll():
            self._woken.recv_bytes()
        return [news for worker in told.values() if worker for news in self._hear(worker)]

    def _hear(self, worker: Worker) -> Iterator[News]:
        """What a worker told; its last words before its death."""
        alive = worker.process.is_alive()
        try:
            while worker.link.connection.poll():
                yield from self._understood(worker, worker.link.receive())
        except (EOFError, OSError):
            alive = False
        if not alive:
            yield self._died(worker)

    def _understood(self, worker: Worker, message: object) -> Iterator[News]:
        if isinstance(message, Record):
            yield Ended(worker.number, *message)
        elif isinstance(message, Begun):
            worker.begun = True
            yield Ready(worker.number)
        elif isinstance(message, Trouble):
            yield Failed(worker.number, message.error)
        elif isinstance(message, Asking):
            lending = asyncio.run_coroutine_threadsafe(self._lend(worker, message), BACKGROUND.loop())
            self._asking[worker.number].add(lending)
            lending.add_done_callback(self._asking[worker.number].discard)
        elif isinstance(message, Returned):
            self._counter.take_back(worker.number, *message)

    async def _lend(self, worker: Worker, asking: Asking) -> None:
        answer = await self._counter.lend(worker.number, asking.wish)
        worker.link.send(Answered(asking.number, answer))

    def _died(self, worker: Worker) -> Died:
        how = worker.how_it_ended() if worker.begun else worker.how_it_ended() + UNBEGUN
        self._dismiss(worker)
        return Died(worker.number, how, worker.begun)

    def _dismiss(self, worker: Worker) -> None:
        """Bury a worker: nobody asks for it any more, and what it had borrowed is taken back."""
        if self._workers.pop(worker.number, None) is None:
            return
        for lending in tuple(self._asking.pop(worker.number, ())):
            lending.cancel()
        self._counter.gone(worker.number)
        worker.end()

    def wake(self) -> None:
        """See :class:`~.crew.Crew`."""
        self._waking.send_bytes(b".")

    def rest(self) -> None:
        """See :class:`~.crew.Crew`. One that has not begun yet is ended, since it would speak later."""
        for worker in tuple(self._workers.values()):
            if worker.begun:
                self._resting.append(self._workers.pop(worker.number))
            else:
                self._dismiss(worker)

    def end(self) -> None:
        """See :class:`~.crew.Crew`."""
        for worker in tuple(self._workers.values()):
            self._dismiss(worker)
