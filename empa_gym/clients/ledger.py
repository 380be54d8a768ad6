"""What was spent and what is promised to calls under way, against ceilings. Reserved before anything is sent."""

from __future__ import annotations

from typing import NamedTuple

from empa_gym.clients.limits import Limits
from empa_gym.errors import BudgetExceeded


class Amount(NamedTuple):
    """Tokens, of prompt and answer together, and money."""

    tokens: int = 0
    cost: float = 0.0

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.tokens + other.tokens, self.cost + other.cost)


class Spending(NamedTuple):
    """What all calls used so far: requests that were sent, tokens, money."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


NOTHING_SPENT = Spending()


class Ledger:
    """Keeps spending under the ceilings.

    A call is let through only when what was spent, what is reserved for calls under way and its own
    estimate fit together. Else it waits for those calls, whose estimates are high; when none is under
    way, or they could not make room, the ceiling is reached.
    """

    def __init__(self, limits: Limits, spent: Spending = NOTHING_SPENT) -> None:
        self._limits = limits
        self.spent = spent
        self._reserved = Amount()
        self._open = 0

    def room(self, estimate: Amount) -> bool:
        """Whether a call may be sent now; False when it must wait for calls under way.

        Raises:
            BudgetExceeded: the ceiling is reached.
        """
        spent, limits = self.spent, self._limits
        if limits.calls is not None and spent.calls >= limits.calls:
            raise BudgetExceeded(f"the ceiling of {limits.calls} calls is reached")
        return self._fits("tokens", spent.tokens, estimate.tokens, self._reserved.tokens, limits.tokens) and self._fits(
            "cost", spent.cost, estimate.cost, self._reserved.cost, limits.cost
        )

    def _fits(self, what: str, spent: float, estimate: float, reserved: float, ceiling: float | None) -> bool:
        if ceiling is None or spent + reserved + estimate <= ceiling:
            return True
        if self._open and spent + estimate <= ceiling:
            return False
        raise BudgetExceeded(
            f"the ceiling of {ceiling:g} ({what}) is reached: {spent:g} spent, and the next call may need {estimate:g}"
        )

    def reserve(self, estimate: Amount) -> None:
        """Count a call that is about to be sent."""
        self.spent = self.spent._replace(calls=self.spent.calls + 1)
        self._reserved = self._reserved.plus(estimate)
        self._open += 1

    def settle(self, estimate: Amount, used: Amount) -> None:
        """Put what a call used in the place of its estimate."""
        self._open -= 1
        self._reserved = Amount(self._reserved.tokens - estimate.tokens, self._reserved.cost - estimate.cost)
        if not self._open:
            self._reserved = Amount()  # no rounding stays behind
        calls, tokens, cost = self.spent
        self.spent = Spending(calls, tokens + used.tokens, cost + used.cost)
