"""One object that all calls of a process pass: it lets them through one by one, as the limits allow.

Any thread and any event loop may call; a call that must wait sleeps on its own loop and is woken there.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from empa_gym.chat import ChatRequest
from empa_gym.clients.ledger import NOTHING_SPENT, Amount, Ledger, Spending
from empa_gym.clients.limits import UNBOUNDED, Limits
from empa_gym.clients.pacing import Bucket, Window
from empa_gym.clients.turns import TurnClock
from empa_gym.errors import BudgetExceeded, DeadlineExceeded

LOOK = 1.0
"""Seconds after which one who waits looks for himself, should the loop that was to wake him have ended."""
SHORTEST = 1e-4
"""Seconds that are not worth waiting."""


class Slot(NamedTuple):
    """The leave to send one request; to be handed back."""

    role: str
    estimate: Amount
    halvings: int


class Outcome(NamedTuple):
    """How a request went, as the governor needs to know it."""

    used: Amount = Amount()
    answered: bool = False
    throttled: bool = False
    wait: float = 0.0


NOTHING = Outcome()


class Waiter:
    """One who waits for a slot; all but ``answer`` is touched only under the governor's lock."""

    def __init__(self, estimate: Amount) -> None:
        self.estimate = estimate
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Slot | BudgetExceeded] = self.loop.create_future()
        self.granted: Slot | None = None

    def tell(self, answer: Slot | BudgetExceeded) -> None:
        """Wake him on his loop, from any thread."""
        self.on_loop(self._set, answer)

    def on_loop(self, act: Callable[..., object], *arguments: Any) -> None:
        """Do something on his loop soon; nothing when it has ended."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(act, *arguments)

    def _set(self, answer: Slot | BudgetExceeded) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class Lane:
    """One role's window and queue, until when its endpoint wants to be left alone, and when it is looked at next."""

    def __init__(self, role: str, limits: Limits) -> None:
        self.role = role
        self.window = Window(limits.start, limits.concurrency_of(role))
        self.queue: deque[Waiter] = deque()
        self.closed_until = 0.0
        self.next_look = 0.0


class Governor:
    """Lets calls through as the limits allow; shared by all dialogues and clients of a process.

    A copy (``copy.deepcopy``) is the same governor, since its ceilings are for all. Pickled into another
    process it goes on from what was spent so far, and no longer knows of this one.

    Args:
        limits: the bounds.
        spent: what counts as spent already, for a run that goes on.
        clock: seconds, monotonic.
    """

    def __init__(
        self, limits: Limits = UNBOUNDED, spent: Spending = NOTHING_SPENT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._ledger = Ledger(limits, spent)
        self._requests = Bucket(limits.requests_per_minute)
        self._tokens = Bucket(limits.tokens_per_minute)
        self._lanes: dict[str, Lane] = {}
        self._turns = TurnClock()

    @property
    def spent(self) -> Spending:
        """What was used so far."""
        return self._ledger.spent

    def concurrency(self, role: str) -> int:
        """How many calls of a role may run at once now."""
        with self._lock:
            return self._lane(role).window.size

    def turn_ends(self, request: ChatRequest) -> float:
        """When the request's turn must be over, on the governor's clock; infinite without such a limit."""
        if self.limits.turn_seconds is None:
            return math.inf
        with self._lock:
            return self._turns.began(request, self._clock()) + self.limits.turn_seconds

    async def admit(self, role: str, estimate: Amount, until: float, *, first: bool = False) -> Slot:
        """Wait for the leave to send one request, and take it.

        Args:
            role: who asks.
            estimate: what the call may use, rather too much than too little.
            until: when waiting ends, on the clock.
            first: go before all others that wait; for a request that is sent again.

        Raises:
            BudgetExceeded: a ceiling is reached; nothing may be sent.
            DeadlineExceeded: it was not its turn in time.
        """
        with self._lock:
            lane = self._lane(role)
            if (first or not lane.queue) and self._delay(lane, estimate) == 0.0:
                return self._grant(lane, estimate)
            waiter = Waiter(estimate)
            lane.queue.insert(0 if first else len(lane.queue), waiter)
            self._pump(lane)
        try:
            answer = await self._answer(waiter, lane, until)
        except BaseException:
            self._leave(waiter, lane)
            raise
        if isinstance(answer, BudgetExceeded):
            raise answer
        return answer

    def settle(self, slot: Slot, outcome: Outcome = NOTHING) -> None:
        """Hand a slot back, with what the request used and how it went."""
        with self._lock:
            lane = self._lane(slot.role)
            lane.window.leave(slot.halvings, answered=outcome.answered, throttled=outcome.throttled)
            if outcome.wait:
                lane.closed_until = max(lane.closed_until, self._clock() + outcome.wait)
            self._ledger.settle(slot.estimate, outcome.used)
            self._tokens.take(outcome.used.tokens - slot.estimate.tokens)
            for each in self._lanes.values():
                if each.queue:
                    self._pump(each)

    def _lane(self, role: str) -> Lane:
        if role not in self._lanes:
            self._lanes[role] = Lane(role, self.limits)
        return self._lanes[role]

    def _delay(self, lane: Lane, estimate: Amount) -> float:
        """Seconds until a call may go; 0.0 for now, infinite until another one ends."""
        if not self._ledger.room(estimate) or lane.window.full:
            return math.inf
        now = self._clock()
        delay = max(lane.closed_until - now, self._requests.wait(1.0, now), self._tokens.wait(estimate.tokens, now))
        return delay if delay > SHORTEST else 0.0

    def _grant(self, lane: Lane, estimate: Amount) -> Slot:
        self._ledger.reserve(estimate)
        self._requests.take(1.0)
        self._tokens.take(estimate.tokens)
        return Slot(lane.role, estimate, lane.window.enter())

    def _pump(self, lane: Lane) -> None:
        """Let through whoever may go, in order; see to it that somebody looks again in time."""
        while lane.queue:
            waiter = lane.queue[0]
            try:
                delay = self._delay(lane, waiter.estimate)
            except BudgetExceeded as ceiling:
                lane.queue.popleft()
                waiter.tell(ceiling)
                continue
            if delay:
                self._look_in(delay, lane, waiter)
                return
            lane.queue.popleft()
            waiter.granted = self._grant(lane, waiter.estimate)
            waiter.tell(waiter.granted)

    def _look_in(self, delay: float, lane: Lane, waiter: Waiter) -> None:
        now = self._clock()
        if delay < LOOK and not now < lane.next_look <= now + delay:
            lane.next_look = now + delay
            waiter.on_loop(waiter.loop.call_later, delay, self._look, lane)

    def _look(self, lane: Lane) -> None:
        with self._lock:
            self._pump(lane)

    async def _answer(self, waiter: Waiter, lane: Lane, until: float) -> Slot | BudgetExceeded:
        while not waiter.answer.done():
            left = until - self._clock()
            if left <= 0.0:
                raise DeadlineExceeded("it was not this call's turn in time: too many calls for the limits", lane.role)
            await asyncio.wait({waiter.answer}, timeout=min(left, LOOK))
            self._look(lane)
        return waiter.answer.result()

    def _leave(self, waiter: Waiter, lane: Lane) -> None:
        """Give up waiting; a slot that came at the last moment goes back."""
        with self._lock:
            if waiter in lane.queue:
                lane.queue.remove(waiter)
            granted = waiter.granted
        if granted:
            self.settle(granted)

    def __deepcopy__(self, memo: object) -> Governor:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Governor, (self.limits, self.spent))
