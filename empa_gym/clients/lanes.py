"""What the governor keeps of each model and each role: how many calls run, and who waits. Touched under its lock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from empa_gym.clients.ledger import Amount
from empa_gym.clients.pacing import Window
from empa_gym.errors import BudgetExceeded, ModelError


class Route(NamedTuple):
    """Where a call goes and who asks; calls of one route stand in one queue."""

    endpoint: str
    model: str
    role: str


class Slot(NamedTuple):
    """The leave to send one request; to be handed back.

    Attributes:
        route: where it goes.
        estimate: what its caller expects it to use.
        reserved: what the ledger holds back for it.
        halvings: what the window wants back.
    """

    route: Route
    estimate: Amount
    reserved: Amount
    halvings: int


Refusal: TypeAlias = "BudgetExceeded | ModelError"


class Waiter:
    """One who waits for a slot until a moment on the governor's clock."""

    def __init__(self, estimate: Amount, until: float) -> None:
        self.estimate, self.until = estimate, until
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Slot | Refusal] = self.loop.create_future()
        self.granted: Slot | None = None

    def tell(self, answer: Slot | Refusal) -> None:
        """Wake him on his loop, from any thread."""
        self.on_loop(self._set, answer)

    def on_loop(self, act: Callable[..., object], *arguments: Any) -> None:
        """Do something on his loop soon; nothing when it has ended."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(act, *arguments)

    def _set(self, answer: Slot | Refusal) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class Lane:
    """One model at one endpoint: the window of what it bears, and what it asked for.

    Attributes:
        closed_until: until when it wants to be left alone, on the governor's clock.
        surplus: how much more than its estimate a call used, at most; the next ones reserve that more.
    """

    def __init__(self, start: int) -> None:
        self.window = Window(start)
        self.closed_until = 0.0
        self.surplus = Amount()

    def learn(self, estimate: Amount, used: Amount) -> None:
        """Remember when a call used more than was expected."""
        tokens, cost = self.surplus
        self.surplus = Amount(max(tokens, used.tokens - estimate.tokens), max(cost, used.cost - estimate.cost))


class Share:
    """One role's bound, whichever models answer it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.running = 0

    @property
    def full(self) -> bool:
        """Whether another call of the role must wait."""
        return self.running >= self._most


class Queue:
    """The calls of one route that wait, in order, and when somebody looks at them next."""

    def __init__(self, route: Route, lane: Lane, share: Share) -> None:
        self.route, self.lane, self.share = route, lane, share
        self.waiting: deque[Waiter] = deque()
        self.next_look = 0.0

    @property
    def full(self) -> bool:
        """Whether another call must wait until one ends."""
        return self.lane.window.full or self.share.full

    def join(self, waiter: Waiter, *, first: bool) -> None:
        """Let one wait, before all others or behind them."""
        self.waiting.insert(0 if first else len(self.waiting), waiter)

    def hopeless(self) -> list[Waiter]:
        """Those whose time ends before the endpoint may be asked again; they wait no longer."""
        closed_until = self.lane.closed_until
        late = [waiter for waiter in self.waiting if waiter.until <= closed_until]
        if late:
            self.waiting = deque(waiter for waiter in self.waiting if waiter.until > closed_until)
        return late
