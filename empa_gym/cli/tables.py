"""Summaries as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from empa_gym.cli.terminal import figure, shown
from empa_gym.scoring import Summary

ENDINGS = "How the dialogues ended"
UNBOUNDED = 1000
"""Columns of a terminal in which every table fits."""
MODEL_WIDTH = 12
"""Columns that a name keeps where a terminal is narrow; a longer one is folded."""
VERDICTS = (
    "positional",
    "geometric",
    "director",
    "turn_limit",
    "oscillation",
    "stalled",
    "collapse",
    "budget",
    "model_error",
    "none",
)
"""Ways to end, the best first; also the order of the columns."""


def print_summaries(out: Console, rows: Sequence[Summary], paid: Mapping[str, float] | None = None) -> None:
    """Print the scores, how the dialogues ended, and what must be said about them.

    Args:
        out: where to.
        rows: one summary for each model or policy.
        paid: the mean return of each under its run's own reward, when there is one.
    """
    table = score_table(rows, paid)
    parts = (table,) if fits(out, table) else (score_table(rows, returns=False), return_table(rows, paid))
    for part in parts:
        out.print(part)
    table = ending_table(rows)
    out.print(table if fits(out, table) else ending_list(rows))
    out.print()
    for row in rows:
        if row.warning:
            out.print(shown(f"Warning, {row.model}: {row.warning}.", "yellow"))


def fits(out: Console, table: Table) -> bool:
    """Whether a table needs no more columns than the console has."""
    unbounded = out.options.update(width=UNBOUNDED)
    return out.measure(table, options=unbounded).minimum <= out.width


def score_table(rows: Sequence[Summary], paid: Mapping[str, float] | None = None, *, returns: bool = True) -> Table:
    """EPM-Q with its dimensions, passes and turns; beside them the mean return under three rewards."""
    table = _table("Scores", ("EPM-Q", "outcome", "effic.", "stabil.", "passed", "turns"))
    if returns:
        _add_numbers(table, return_names(paid))
    for row in rows:
        score = row.score
        figures = [figure(x) for x in (score.epmq, score.outcome, score.efficiency, score.stability)]
        returned = return_figures(row, paid) if returns else ()
        table.add_row(shown(row.model), *figures, f"{row.passed}/{row.scored}", figure(row.mean_turns), *returned)
    return table


def return_table(rows: Sequence[Summary], paid: Mapping[str, float] | None = None) -> Table:
    """The mean returns alone, for a narrow terminal."""
    table = _table("Mean returns", return_names(paid))
    for row in rows:
        table.add_row(shown(row.model), *return_figures(row, paid))
    return table


def return_names(paid: Mapping[str, float] | None) -> tuple[str, ...]:
    """The columns of the mean returns: under the run's own reward, if it is known, and under three others."""
    names = ("paid", "origin", "zone", "energy")
    return tuple(f"return\n{name}" for name in names[0 if paid is not None else 1 :])


def return_figures(row: Summary, paid: Mapping[str, float] | None) -> tuple[str, ...]:
    """The cells of these columns."""
    own = (paid.get(row.model),) if paid is not None else ()
    return tuple(figure(value) for value in (*own, *row.returns))


def ending_table(rows: Sequence[Summary]) -> Table:
    """How many dialogues of each model ended how."""
    counts = [dict(row.outcomes) for row in rows]
    verdicts = [verdict for verdict in VERDICTS if any(verdict in count for count in counts)]
    names = ("dialogues", "scored", "failed", *verdicts)
    table = _table(ENDINGS, [name.replace("_", "\n") for name in names])
    for row, count in zip(rows, counts, strict=True):
        ended = [str(count.get(verdict, "-")) for verdict in verdicts]
        table.add_row(shown(row.model), str(row.dialogues), str(row.scored), str(row.failed), *ended)
    return table


def ending_list(rows: Sequence[Summary]) -> Table:
    """The same in words, for a narrow terminal or many kinds of endings."""
    table = _table(ENDINGS, ("scored", "failed"))
    table.add_column("ended")
    for row in rows:
        count = dict(row.outcomes)
        ended = ", ".join(f"{count[verdict]} {verdict.replace('_', ' ')}" for verdict in VERDICTS if verdict in count)
        table.add_row(shown(row.model), str(row.scored), str(row.failed), ended)
    return table


def _table(title: str, numbers: Iterable[str]) -> Table:
    table = plain_table(title)
    table.add_column("model", overflow="fold", min_width=MODEL_WIDTH)
    _add_numbers(table, numbers)
    return table


def _add_numbers(table: Table, names: Iterable[str]) -> None:
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)


def plain_table(title: str = "") -> Table:
    """An empty table without a frame: one rule under the names of the columns, two spaces between them."""
    return Table(
        title=f"\n{title}" if title else None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
