"""How far a run has come: counts, pace, what is left, why dialogues failed, and what was spent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from empa_gym.dialogue.record import EpisodeRecord


class Progress(NamedTuple):
    """How far a run has come.

    Attributes:
        planned: dialogues of the run.
        earlier: dialogues that were done before this process began; they count in no pace.
        done: dialogues that this process has played, failed ones included.
        failed: of those, how many a failure ended.
        turns: turns of those dialogues.
        seconds: since this process began to play.
        causes: failed dialogues of this process by their cause.
        calls, tokens, cost: what models used for those dialogues; the cost is 0.0 without a price table.
        latest: the address of the dialogue that came last, for a line of text.
    """

    planned: int
    earlier: int
    done: int
    failed: int
    turns: int
    seconds: float
    causes: Mapping[str, int]
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0
    latest: str = ""

    @property
    def left(self) -> int:
        """Dialogues that are still to be played."""
        return self.planned - self.earlier - self.done

    @property
    def dialogues_per_second(self) -> float:
        """The pace so far; 0.0 before any time has passed."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def turns_per_second(self) -> float:
        """The pace so far; 0.0 before any time has passed."""
        return self.turns / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes at this pace; None before the first dialogue is done."""
        return self.left / self.dialogues_per_second if self.dialogues_per_second else None


OnProgress: TypeAlias = Callable[[Progress], None]


class Pace:
    """Counts dialogues as they end.

    Args:
        planned: dialogues of the run.
        earlier: of them, how many were done before.
        clock: seconds, monotonic.
    """

    def __init__(self, planned: int, earlier: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._causes: Counter[str] = Counter()
        self._now = Progress(planned, earlier, 0, 0, 0, 0.0, self._causes)

    def note(self, record: EpisodeRecord) -> Progress:
        """Count one more dialogue."""
        if not record.outcome.scored:
            self._causes[record.error or record.verdict] += 1
        now = self._now
        self._now = now._replace(
            done=now.done + 1,
            failed=self._causes.total(),
            turns=now.turns + len(record.turns),
            seconds=self._clock() - self._began,
            causes=dict(self._causes),
            calls=now.calls + sum(used.calls + used.failed for used in record.usage),
            tokens=now.tokens + sum(used.prompt_tokens + used.completion_tokens for used in record.usage),
            cost=now.cost + sum(used.cost for used in record.usage),
            latest=f"{record.policy} x {record.scenario}",
        )
        return self._now
