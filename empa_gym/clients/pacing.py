"""How fast and how many at once: a bucket for a rate, a window for what an endpoint bears. No clock, no waiting."""

from __future__ import annotations


class Bucket:
    """Lets so much pass in a minute, evenly.

    It holds one second's share, and at least 1; an amount that is larger passes when the bucket is full
    and is then owed.

    Args:
        per_minute: the rate; None lets everything pass.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._per_second = None if per_minute is None else per_minute / 60.0
        self._size = max(1.0, self._per_second or 0.0)
        self._level, self._at = self._size, 0.0

    def wait(self, amount: float, now: float) -> float:
        """Seconds until the amount may pass; 0.0 for now."""
        if self._per_second is None:
            return 0.0
        self._level = min(self._size, self._level + max(0.0, now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (min(amount, self._size) - self._level) / self._per_second)

    def take(self, amount: float) -> None:
        """Let it pass; a negative amount gives back what was taken too much."""
        self._level -= amount


class Window:
    """How many calls may run at once: grows while answers come, halves when the endpoint has too much to do.

    As TCP does: it doubles from round to round until it was first refused, then grows by about one a round.
    A refusal of a call that had been sent before the last halving tells nothing new.

    It has no bound of its own: while something else holds the calls back it is not used up, and stays.

    Args:
        start: with how many it begins.
    """

    def __init__(self, start: int) -> None:
        self._size = float(start)
        self._steep = True
        self.running = 0
        self._halvings = 0

    @property
    def size(self) -> int:
        """Calls that may run at once now."""
        return int(self._size)

    @property
    def full(self) -> bool:
        """Whether another call must wait."""
        return self.running >= self.size

    def enter(self) -> int:
        """Begin a call; returns what must be handed to :meth:`leave`."""
        self.running += 1
        return self._halvings

    def leave(self, halvings: int, *, answered: bool, throttled: bool) -> None:
        """End a call.

        Args:
            halvings: what :meth:`enter` returned.
            answered: it got an answer.
            throttled: it was refused because there were too many.
        """
        was_full = self.full
        self.running -= 1
        if throttled and halvings == self._halvings:
            self._halvings, self._steep = self._halvings + 1, False
            self._size = max(1.0, self._size / 2)
        elif answered and was_full:  # a window that is not used up proves nothing
            self._size += 1.0 if self._steep else 1.0 / self._size
