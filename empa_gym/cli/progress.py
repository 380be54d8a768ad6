"""How far a run has come, as one live line."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from empa_gym.cli.terminal import counted
from empa_gym.dialogue.visible import visible
from empa_gym.rollout import Progress

LONGEST_CAUSE = 60
"""Characters of a cause that are shown."""


class ProgressLine:
    """A live bar with the time that is left, the pace, the failures and what was spent; silent where nobody looks.

    Args:
        out: where it is shown, if that is a terminal.
        planned: dialogues of the run.
        earlier: of them, how many were done before.
    """

    def __init__(self, out: Console, planned: int, earlier: int) -> None:
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        text = TextColumn("{task.description}", markup=False)
        self._bar = Bar(*columns, text, console=out, transient=True, disable=not out.is_terminal)
        self._task = self._bar.add_task("playing", total=planned, completed=earlier)

    def __enter__(self) -> ProgressLine:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Show how far the run has come."""
        done = progress.earlier + progress.done
        self._bar.update(self._task, completed=done, description=visible(said(progress)))


def said(progress: Progress) -> str:
    """Pace, failures, spending and the latest dialogue, in one line."""
    parts = [f"{progress.dialogues_per_second:.3g} dialogues/s", f"{progress.turns_per_second:.3g} turns/s"]
    if progress.failed:
        cause, times = max(progress.causes.items(), key=lambda each: each[1])
        parts.append(f"{progress.failed} failed, {times} by {cause:.{LONGEST_CAUSE}}")
    if progress.calls:
        cost = f", cost {progress.cost:.3g}" if progress.cost else ""
        parts.append(f"{counted(progress.calls, 'call')}, {progress.tokens:,} tokens{cost}")
    return "; ".join((*parts, progress.latest))
