"""The truth about failures: which dialogues count as failed, for which cause, and where a program broke."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from empa_gym.cli.folders import SUMMARY
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import counted, shown
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.visible import visible
from empa_gym.errors import ExtensionError
from empa_gym.rollout import Job
from empa_gym.scoring import Summary

BROKEN = 3
"""Exit code of a run in which somebody's code broke dialogues off; what was played is kept."""
UNSCORED = 4
"""Exit code of a run in which no dialogue of some policy could be scored; what was played is kept."""
STOPPED = 5
"""Exit code of a run that could keep no more, as when the disk is full."""
LOG = "errors.log"
MAX_TRACEBACKS = 20
"""So many different tracebacks are kept of a run; one mistake often breaks every dialogue."""
MAX_ROWS = 12
"""So many causes are printed; summary.json holds all."""
TRIED = re.compile(r" \(\d+ attempts? in [\d.]+ s\)$")
"""How long a call was tried, at the end of its error: it differs from call to call, the cause does not."""
NO_CAUSE = "nothing was judged"
"""What is said of a dialogue that ended by a rule and still cannot be scored."""


class Failure(NamedTuple):
    """One cause for which dialogues of a policy count as failed.

    Attributes:
        model: the policy.
        verdict: how they ended; "none" for those that somebody's code broke off.
        cause: who failed, with the type and the message of an error, without how often it was tried.
        dialogues: how many.
    """

    model: str
    verdict: str
    cause: str
    dialogues: int


class ErrorLog:
    """Keeps the tracebacks of broken dialogues in a file, each different one once.

    Attributes:
        first: the first error, None as long as nothing broke.
        count: how many dialogues broke.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first: ExtensionError | None = None
        self.count = 0
        self._kept: set[str] = set()

    def note(self, job: Job, broken: ExtensionError) -> None:
        """Write down where a program broke."""
        self.first = self.first or broken
        self.count += 1
        trace = "".join(traceback.format_exception(type(broken), broken, broken.__traceback__))
        if trace in self._kept or len(self._kept) == MAX_TRACEBACKS:
            return
        self._kept.add(trace)
        with self.path.open("a", encoding="utf-8") as log:
            log.write(visible(f"{job.policy} with {job.scenario.id}, seed {job.seed}\n{trace}\n"))

    def sentence(self, finished: int) -> str:
        """What broke, how often, and where the tracebacks lie."""
        verb = "counts" if self.count == 1 else "count"
        return (
            f"{self.count} of {counted(finished, 'dialogue')} broke off on an error in a program, not in a model, "
            f"and {verb} as failed; the first: {self.first}; tracebacks are in {self.path}"
        )


def failures(records: Iterable[EpisodeRecord]) -> list[Failure]:
    """The causes for which dialogues are not scored, the most frequent first."""
    causes = Counter(
        (record.policy, record.verdict, TRIED.sub("", record.error) or NO_CAUSE)
        for record in records
        if not record.trajectory.scored
    )
    return [Failure(*key, count) for key, count in causes.most_common()]


def unscored(rows: Iterable[Summary], folder: Path) -> str:
    """Which policies have no score at all, as a sentence; "" where each has one."""
    names = [row.model for row in rows if not row.scored]
    if not names:
        return ""
    return (
        f"no dialogue of {', '.join(names)} is scored, so there is no score; why they failed stands in "
        f"{folder / SUMMARY}"
    )


def print_failures(out: Console, rows: Sequence[Failure]) -> None:
    """Print why dialogues count as failed; nothing where none does."""
    if not rows:
        return
    table = plain_table("Why dialogues failed")
    table.add_column("model", overflow="fold")
    table.add_column("dialogues", justify="right")
    table.add_column("cause", overflow="fold")
    for row in rows[:MAX_ROWS]:
        table.add_row(shown(row.model), str(row.dialogues), shown(row.cause))
    out.print(table)
    if len(rows) > MAX_ROWS:
        out.print(f"and {counted(len(rows) - MAX_ROWS, 'other cause')}; summary.json lists them all")
    out.print()
