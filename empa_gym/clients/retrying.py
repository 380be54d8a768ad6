"""When a request is sent again: pauses that grow and vary, what the endpoint asks for, and an end."""

from __future__ import annotations

import random

from tenacity import RetryCallState, Retrying, wait_exponential

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.failures import Failure, too_long_to_wait

LONGEST_PAUSE = 30.0
"""Seconds; a longer one only when the endpoint asks for it."""
FIRST_ATTEMPTS = 3
"""At an address where nobody has answered yet: enough for a server that is just starting to listen."""
OVER = Retrying(reraise=True)
JITTER = random.Random()
"""Its own generator: a pause never draws from, nor seeds, the process's. It decides nothing but when."""


class Patience:
    """The pauses of one call.

    Args:
        config: how many attempts, how long the first pause.
        until: the moment at which the call must be over, on the clock of its caller.

    Attributes:
        attempts: how many were begun.
        ended_by: why there is no further attempt, where the failure alone does not say it.
    """

    def __init__(self, config: ModelConfig, until: float) -> None:
        self._config, self._until = config, until
        self.attempts = 1
        self.ended_by = ""

    def pause(self, failure: Failure, now: float, *, reached: bool = True) -> float | None:
        """Seconds to wait before the next attempt, or None when there is to be none.

        Between half and the whole of the growing pause, so that many calls that failed together do not
        come back together; and never less than the endpoint asked for.

        Args:
            failure: how the last attempt ended.
            now: the moment.
            reached: whether the endpoint ever answered; an address at which nobody ever was may be wrong,
                and is not tried for long.
        """
        most = self._config.attempts if reached or not failure.unreachable else FIRST_ATTEMPTS
        if not failure.again or self.attempts >= min(most, self._config.attempts):
            return None
        seconds = max(self._growing(), failure.wait * (1.0 + 0.1 * JITTER.random()))
        if now + seconds >= self._until:
            self.ended_by = too_long_to_wait(failure.wait, self._until - now) if failure.wait else ""
            return None
        self.attempts += 1
        return seconds

    def _growing(self) -> float:
        state = RetryCallState(OVER, None, (), {})
        state.attempt_number = self.attempts
        growing = wait_exponential(multiplier=self._config.pause, max=LONGEST_PAUSE)
        return growing(state) * (0.5 + 0.5 * JITTER.random())
