"""When a request is sent again: pauses that grow and vary, what the endpoint asks for, and an end."""

from __future__ import annotations

import random

from tenacity import RetryCallState, Retrying, wait_exponential

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.failures import Failure

LONGEST_PAUSE = 30.0
"""Seconds; a longer one only when the endpoint asks for it."""
OVER = Retrying(reraise=True)
JITTER = random.Random()
"""Its own generator: a pause never draws from, nor seeds, the process's. It decides nothing but when."""


class Patience:
    """The pauses of one call.

    Args:
        config: how many attempts, how long the first pause.
        until: the moment at which the call must be over, on the clock of its caller.
    """

    def __init__(self, config: ModelConfig, until: float) -> None:
        self._attempts, self._until = config.attempts, until
        self._growing = wait_exponential(multiplier=config.pause, max=LONGEST_PAUSE)
        self._state = RetryCallState(OVER, None, (), {})

    @property
    def attempts(self) -> int:
        """How many attempts were begun."""
        return self._state.attempt_number

    def pause(self, failure: Failure, now: float) -> float | None:
        """Seconds to wait before the next attempt, or None when there is to be none.

        Between half and the whole of the growing pause, so that many calls that failed together do not
        come back together; and never less than the endpoint asked for.
        """
        if not failure.again or self.attempts >= self._attempts:
            return None
        seconds = self._growing(self._state) * (0.5 + 0.5 * JITTER.random())
        seconds = max(seconds, failure.wait * (1.0 + 0.1 * JITTER.random()))
        if now + seconds >= self._until:
            return None
        self._state.attempt_number += 1
        return seconds
