"""What a worker's process does: it is given jobs through a pipe and sends records back, until the pipe ends.

The main thread plays, or an event loop does where models answer; another thread reads the pipe, so that a worker
whose parent is gone ends whatever it is doing.
"""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import threading
from multiprocessing.connection import Connection

from empa_gym.clients.background import BACKGROUND
from empa_gym.clients.governor import Governor, Outcome
from empa_gym.clients.lanes import Refusal, Slot
from empa_gym.clients.limits import UNBOUNDED, Limits
from empa_gym.rollout.engines.handout import Task
from empa_gym.rollout.engines.lending import BorrowingGovernor, Wish
from empa_gym.rollout.engines.pipe import Answered, Asking, Begin, Begun, Link, Record, Returned, Trouble
from empa_gym.rollout.engines.player import Played, Player, client_of
from empa_gym.rollout.engines.sending import pack_error, unpack_work

GRACE = 2.0
"""Seconds that a worker may take to end by itself when its pipe has ended."""


class PipeLender:
    """The governor of all workers, at the other end of the pipe."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._asked = 0
        self._waiting: dict[int, asyncio.Future[Slot | Refusal]] = {}

    async def ask(self, wish: Wish) -> Slot | Refusal:
        """See :class:`~.lending.Lender`. All who ask do so on the loop of the calls."""
        self._asked += 1
        number = self._asked
        waiting: asyncio.Future[Slot | Refusal] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        self._link.send(Asking(number, wish))
        try:
            return await waiting
        finally:
            del self._waiting[number]

    def give_back(self, slot: Slot, outcome: Outcome) -> None:
        """See :class:`~.lending.Lender`."""
        self._link.send(Returned(slot, outcome))

    def answered(self, message: Answered) -> None:
        """Wake the one who asked; on the loop of the calls."""
        waiting = self._waiting.get(message.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(message.answer)
        elif not isinstance(message.answer, Exception):
            self.give_back(message.answer, Outcome())  # he waits no longer


class Bench:
    """Where a worker plays.

    Args:
        link: to the parent.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._player: Player | None = None
        self._many = False
        self.lender = PipeLender(link)

    def begin(self, message: Begin) -> None:
        """Make ready for jobs of a work."""
        try:
            work = unpack_work(message.work)
            governor = self._governor(work.limits or UNBOUNDED, message.share)
            client = client_of(work, governor)
        except Exception as error:  # whatever it is, the parent raises it
            self._link.send(Trouble(pack_error(error)))
            return
        self._many = client is not None
        self._player = Player(work, client, keep_broken=message.keep_broken)
        self._link.send(Begun())

    def play(self, task: Task) -> None:
        """Play a job; where models answer, begin to."""
        assert self._player is not None
        if self._many:
            asyncio.run_coroutine_threadsafe(self._aplay(self._player, task), BACKGROUND.loop())
            return
        try:
            self._tell(task, self._player.play(task.job))
        except BaseException as error:  # what a record may not hide; the parent raises it
            self._link.send(Trouble(pack_error(error)))

    async def _aplay(self, player: Player, task: Task) -> None:
        try:
            self._tell(task, await player.aplay(task.job))
        except BaseException as error:  # likewise
            self._link.send(Trouble(pack_error(error)))

    def _tell(self, task: Task, played: Played) -> None:
        broken = pack_error(played.broken) if played.broken else None
        self._link.send(Record(task.number, played.record, broken))

    def _governor(self, limits: Limits, share: Limits | None) -> Governor:
        return BorrowingGovernor(limits, self.lender) if share is None else Governor(share)


def serve(connection: Connection) -> None:
    """Be a worker: what the process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent ends this one
    link = Link(connection)
    bench = Bench(link)
    inbox: queue.SimpleQueue[Begin | Task | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(link, bench.lender, inbox), name="empa-gym-pipe", daemon=True).start()
    while (message := inbox.get()) is not None:
        if isinstance(message, Begin):
            bench.begin(message)
        else:
            bench.play(message)


def _read(link: Link, lender: PipeLender, inbox: queue.SimpleQueue[Begin | Task | None]) -> None:
    """Pass on what comes, and end the process when nothing can come any more."""
    while True:
        try:
            message = link.receive()
        except EOFError:
            break
        if isinstance(message, Answered):
            BACKGROUND.loop().call_soon_threadsafe(lender.answered, message)
        else:
            inbox.put(message)
    inbox.put(None)
    threading.Event().wait(GRACE)
    os._exit(1)  # a dialogue that goes on and on must not keep a process that nobody listens to
