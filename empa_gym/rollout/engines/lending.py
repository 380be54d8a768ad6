"""One governor for workers in many processes: it lends each of them the leave to send a request.

A ceiling on calls, tokens or money, and a pace, hold for all workers together only if one governor counts, so each
request asks it first: one message there and one back, some 0.2 ms beside an answer of a model that takes a second.
A bound on calls at once needs no counting: each worker gets its share and asks nobody.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import defaultdict
from collections.abc import Hashable
from typing import Any, NamedTuple, Protocol

from empa_gym.clients.governor import NOTHING, Governor, Outcome
from empa_gym.clients.lanes import Refusal, Route, Slot
from empa_gym.clients.ledger import Amount
from empa_gym.clients.limits import UNBOUNDED, Limits
from empa_gym.errors import BudgetExceeded, ModelError

COUNTED = ("calls", "tokens", "cost", "requests_per_minute", "tokens_per_minute")
"""The limits that cannot be divided."""


def divided(limits: Limits | None, workers: int) -> Limits | None:
    """Each worker's share of the limits; None when they cannot be divided, and one governor must count.

    >>> divided(Limits(concurrency=64), 3).concurrency
    21
    >>> divided(Limits(calls=100), 3)
    """
    whole = limits or UNBOUNDED
    counted = any(getattr(whole, name) is not None for name in COUNTED)
    if counted or min((whole.concurrency, *whole.by_role.values())) < workers:
        return None
    return dataclasses.replace(
        whole,
        concurrency=whole.concurrency // workers,
        by_role={role: most // workers for role, most in whole.by_role.items()},
        start=max(1, whole.start // workers),
    )


class Wish(NamedTuple):
    """What a worker asks for: leave to send one request.

    Attributes:
        route, estimate, first: as for :meth:`Governor.admit`.
        seconds: how long it may wait; clocks differ from machine to machine.
    """

    route: Route
    estimate: Amount
    seconds: float
    first: bool = False


class Lender(Protocol):
    """The governor of all workers, as one worker sees it."""

    async def ask(self, wish: Wish) -> Slot | Refusal:
        """The leave to send a request; or why there is none."""
        ...

    def give_back(self, slot: Slot, outcome: Outcome) -> None:
        """Hand a slot back, with what the request used and how it went."""
        ...


class BorrowingGovernor(Governor):
    """A worker's governor, which asks the one of all workers. How long a turn may take it minds by itself.

    Args:
        limits: those of the run, as the one of all workers keeps them.
        lender: the way to it.
    """

    def __init__(self, limits: Limits, lender: Lender) -> None:
        super().__init__(limits)
        self._lender = lender

    async def admit(self, route: Route, estimate: Amount, until: float, *, first: bool = False) -> Slot:
        """Wait for the leave to send one request; see :meth:`Governor.admit`."""
        answer = await self._lender.ask(Wish(route, estimate, until - self._clock(), first))
        if isinstance(answer, BudgetExceeded | ModelError):
            raise answer
        return answer

    def settle(self, slot: Slot, outcome: Outcome = NOTHING) -> None:
        """Hand a slot back; see :meth:`Governor.settle`."""
        self._lender.give_back(slot, outcome)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a worker's governor cannot be sent on; open a client in the process that is to use it")


class Counter:
    """Lends the slots of one governor, and remembers who has which.

    A worker may die with slots in its hands. They are then taken back as used up: its requests had perhaps been
    sent, and may be billed.

    Args:
        governor: whose limits hold for all.
    """

    def __init__(self, governor: Governor) -> None:
        self._governor = governor
        self._lent: defaultdict[Hashable, list[Slot]] = defaultdict(list)
        self._gone: set[Hashable] = set()
        self._lock = threading.Lock()

    async def lend(self, worker: Hashable, wish: Wish) -> Slot | Refusal:
        """A slot for a worker, or why it gets none."""
        until = time.monotonic() + wish.seconds
        try:
            slot = await self._governor.admit(wish.route, wish.estimate, until, first=wish.first)
        except (BudgetExceeded, ModelError) as refusal:
            return refusal
        with self._lock:
            if worker not in self._gone:
                self._lent[worker].append(slot)
                return slot
        self._governor.settle(slot)  # nobody is there to use it
        return slot

    def take_back(self, worker: Hashable, slot: Slot, outcome: Outcome) -> None:
        """Settle a slot that a worker returns; equal slots are worth the same. Nothing when that was done already."""
        with self._lock:
            if slot not in self._lent.get(worker, ()):
                return  # its worker's death was known first
            self._lent[worker].remove(slot)
        self._governor.settle(slot, outcome)

    def gone(self, worker: Hashable) -> None:
        """Settle what a dead worker held."""
        with self._lock:
            self._gone.add(worker)
            held = self._lent.pop(worker, [])
        for slot in held:
            self._governor.settle(slot, Outcome(slot.estimate))
