"""One object that all calls of a process pass: it lets them through one by one, as the limits allow.

What an endpoint bears and asks for (too many requests, Retry-After) belongs to a model at an endpoint; how many
calls of a role run at once is a bound of its own. Any thread and any event loop may call; a call that must wait
sleeps on its own loop and is woken there.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from empa_gym.chat import ChatRequest
from empa_gym.clients.failures import too_long_to_wait
from empa_gym.clients.lanes import Lane, Queue, Refusal, Route, Share, Slot, Waiter
from empa_gym.clients.ledger import NOTHING_SPENT, Amount, Ledger, Spending
from empa_gym.clients.limits import UNBOUNDED, Limits
from empa_gym.clients.pacing import Bucket
from empa_gym.clients.turns import TurnClock
from empa_gym.errors import BudgetExceeded, DeadlineExceeded, ModelError, RateLimited

LOOK = 1.0
"""Seconds after which one who waits looks for himself, should the loop that was to wake him have ended."""
SHORTEST = 1e-4
"""Seconds that are not worth waiting."""
LONGEST_CLOSED = 3600.0
"""Seconds after which a model is asked again, however long its endpoint said to wait: one bad header ends no run."""


class Outcome(NamedTuple):
    """How a request went, as the governor needs to know it."""

    used: Amount = Amount()
    answered: bool = False
    throttled: bool = False
    wait: float = 0.0


NOTHING = Outcome()


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
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._shares: dict[str, Share] = {}
        self._queues: OrderedDict[Route, Queue] = OrderedDict()  # the one that was let through last is last
        self._turns = TurnClock()

    @property
    def spent(self) -> Spending:
        """What was used so far."""
        return self._ledger.spent

    def turn_ends(self, request: ChatRequest) -> float:
        """When the request's turn must be over, on the governor's clock; infinite without such a limit."""
        if self.limits.turn_seconds is None:
            return math.inf
        with self._lock:
            return self._turns.began(request, self._clock()) + self.limits.turn_seconds

    async def admit(self, route: Route, estimate: Amount, until: float, *, first: bool = False) -> Slot:
        """Wait for the leave to send one request, and take it.

        Args:
            route: the model that is asked, and the role that asks.
            estimate: what the call may use, rather too much than too little.
            until: when waiting ends, on the clock.
            first: go before all others that wait; for a request that is sent again.

        Raises:
            BudgetExceeded: a ceiling is reached; nothing may be sent.
            RateLimited: the endpoint asked to be left alone for longer than the call may wait.
            DeadlineExceeded: it was not its turn in time.
        """
        with self._lock:
            queue = self._queue(route)
            if queue.lane.closed_until >= until:
                raise self._turned_away(queue, until)
            if (first or not queue.waiting) and self._delay(queue, estimate) == 0.0:
                return self._grant(queue, estimate)
            waiter = Waiter(estimate, until)
            queue.join(waiter, first=first)
            self._pump(queue)
        try:
            answer = await self._answer(waiter, queue)
        except BaseException:
            self._leave(waiter, queue)
            raise
        if isinstance(answer, BudgetExceeded | ModelError):
            raise answer
        return answer

    def settle(self, slot: Slot, outcome: Outcome = NOTHING) -> None:
        """Hand a slot back, with what the request used and how it went."""
        with self._lock:
            queue = self._queue(slot.route)
            queue.share.running -= 1
            queue.lane.window.leave(slot.halvings, answered=outcome.answered, throttled=outcome.throttled)
            queue.lane.learn(slot.estimate, outcome.used)
            self._ledger.settle(slot.reserved, outcome.used)
            self._tokens.take(outcome.used.tokens - slot.reserved.tokens)
            if outcome.wait:
                self._close(queue.lane, self._clock() + min(outcome.wait, LONGEST_CLOSED))
            self._pump_all()

    def _queue(self, route: Route) -> Queue:
        queue = self._queues.get(route)
        if queue is None:
            lane = self._lanes.setdefault((route.endpoint, route.model), Lane(self.limits.start))
            share = self._shares.setdefault(route.role, Share(self.limits.concurrency_of(route.role)))
            queue = self._queues[route] = Queue(route, lane, share)
        return queue

    def _close(self, lane: Lane, until: float) -> None:
        """Leave a model alone, and turn away those whose time ends before that."""
        lane.closed_until = max(lane.closed_until, until)
        for queue in self._queues.values():
            if queue.lane is lane:
                for late in queue.hopeless():
                    late.tell(self._turned_away(queue, late.until))

    def _turned_away(self, queue: Queue, until: float) -> RateLimited:
        now = self._clock()
        return RateLimited(too_long_to_wait(queue.lane.closed_until - now, until - now), queue.route.role)

    def _delay(self, queue: Queue, estimate: Amount) -> float:
        """Seconds until a call may go; 0.0 for now, infinite until another one ends."""
        reserve = estimate.plus(queue.lane.surplus)
        if not self._ledger.room(reserve) or queue.full:
            return math.inf
        now = self._clock()
        closed = queue.lane.closed_until - now
        delay = max(closed, self._requests.wait(1.0, now), self._tokens.wait(reserve.tokens, now))
        return delay if delay > SHORTEST else 0.0

    def _grant(self, queue: Queue, estimate: Amount) -> Slot:
        reserve = estimate.plus(queue.lane.surplus)
        self._ledger.reserve(reserve)
        self._requests.take(1.0)
        self._tokens.take(reserve.tokens)
        queue.share.running += 1
        self._queues.move_to_end(queue.route)
        return Slot(queue.route, estimate, reserve, queue.lane.window.enter())

    def _pump_all(self) -> None:
        """Look at every queue; those that were served last come last, so that no model keeps another one waiting."""
        for queue in [queue for queue in self._queues.values() if queue.waiting]:
            self._pump(queue)

    def _pump(self, queue: Queue) -> None:
        """Let through whoever may go, in order; see to it that somebody looks again in time."""
        while queue.waiting:
            waiter = queue.waiting[0]
            try:
                delay = self._delay(queue, waiter.estimate)
            except BudgetExceeded as ceiling:
                queue.waiting.popleft().tell(ceiling)
                continue
            if delay:
                self._look_in(delay, queue, waiter)
                return
            queue.waiting.popleft()
            waiter.granted = self._grant(queue, waiter.estimate)
            waiter.tell(waiter.granted)

    def _look_in(self, delay: float, queue: Queue, waiter: Waiter) -> None:
        now = self._clock()
        if delay < LOOK and not now < queue.next_look <= now + delay:
            queue.next_look = now + delay
            waiter.on_loop(waiter.loop.call_later, delay, self._look, queue)

    def _look(self, queue: Queue) -> None:
        with self._lock:
            self._pump(queue)

    async def _answer(self, waiter: Waiter, queue: Queue) -> Slot | Refusal:
        while not waiter.answer.done():
            left = waiter.until - self._clock()
            if left <= 0.0:
                reason = "it was not this call's turn in time: too many calls for the limits"
                raise DeadlineExceeded(reason, queue.route.role)
            await asyncio.wait({waiter.answer}, timeout=min(left, LOOK))
            self._look(queue)
        return waiter.answer.result()

    def _leave(self, waiter: Waiter, queue: Queue) -> None:
        """Give up waiting; a slot that came at the last moment goes back."""
        with self._lock:
            if waiter in queue.waiting:
                queue.waiting.remove(waiter)
            granted = waiter.granted
        if granted:
            self.settle(granted)

    def __deepcopy__(self, memo: object) -> Governor:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Governor, (self.limits, self.spent))
