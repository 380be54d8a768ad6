"""What runs inside a Ray cluster: workers that play, and the one governor whose limits hold for all of them.

Plain classes: :mod:`.ray` makes actors of them.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable
from typing import Any

from empa_gym.clients.governor import Governor, Outcome
from empa_gym.clients.lanes import Refusal, Slot
from empa_gym.clients.ledger import Spending
from empa_gym.clients.limits import UNBOUNDED, Limits
from empa_gym.rollout.engines.handout import Task
from empa_gym.rollout.engines.lending import BorrowingGovernor, Counter, Wish
from empa_gym.rollout.engines.pipe import Begin, Record, Trouble
from empa_gym.rollout.engines.player import Player, client_of, refuse_missing_keys
from empa_gym.rollout.engines.sending import pack_error, unpack_work


class GovernorActor:
    """Holds the limits of a cluster.

    Args:
        limits: the bounds for all workers together.
    """

    def __init__(self, limits: Limits) -> None:
        self._governor = Governor(limits)
        self._counter = Counter(self._governor)

    async def lend(self, worker: str, wish: Wish) -> Slot | Refusal:
        """See :class:`~.lending.Counter`."""
        return await self._counter.lend(worker, wish)

    async def take_back(self, worker: str, slot: Slot, outcome: Outcome) -> None:
        """See :class:`~.lending.Counter`."""
        self._counter.take_back(worker, slot, outcome)

    async def gone(self, worker: str) -> None:
        """See :class:`~.lending.Counter`."""
        self._counter.gone(worker)

    async def spent(self) -> Spending:
        """What all workers used so far."""
        return self._governor.spent


class RayLender:
    """The governor of the cluster, as one worker sees it; see :class:`~.lending.Lender`.

    Args:
        governor: the handle of its actor.
        worker: who asks.
    """

    def __init__(self, governor: Any, worker: str) -> None:
        self._governor, self._worker = governor, worker

    async def ask(self, wish: Wish) -> Slot | Refusal:
        """See :class:`~.lending.Lender`."""
        asked: Awaitable[Slot | Refusal] = self._governor.lend.remote(self._worker, wish)
        return await asked

    def give_back(self, slot: Slot, outcome: Outcome) -> None:
        """See :class:`~.lending.Lender`."""
        self._governor.take_back.remote(self._worker, slot, outcome)


class RayWorker:
    """Plays jobs on its event loop, as many at once as it is given.

    Args:
        name: its own, for the governor's books.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._player: Player | None = None
        self._asks = False

    async def begin(self, message: Begin, governor: Any = None) -> Trouble | None:
        """Make ready for jobs of a work; returns why it cannot."""
        try:
            work = unpack_work(message.work)
            refuse_missing_keys(work, f" on the node {socket.gethostname()}")
            lender = None if governor is None else RayLender(governor, self._name)
            client = client_of(work, _governor(work.limits or UNBOUNDED, message.share, lender))
        except Exception as error:  # whatever it is, the driver raises it
            return Trouble(pack_error(error))
        self._asks = client is not None
        self._player = Player(work, client, keep_broken=message.keep_broken)
        return None

    async def play(self, task: Task) -> Record | Trouble:
        """Play one job; an error that no record may hide is returned."""
        assert self._player is not None
        try:
            played = await self._player.aplay(task.job) if self._asks else self._player.play(task.job)
        except BaseException as error:  # likewise
            return Trouble(pack_error(error))
        return Record(task.number, played.record, pack_error(played.broken) if played.broken else None)


def _governor(limits: Limits, share: Limits | None, lender: RayLender | None) -> Governor:
    if lender is not None:
        return BorrowingGovernor(limits, lender)
    return Governor(share or limits)
