"""``empa-gym replay``: recorded dialogues judged again by the rules."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from empa_gym.cli.score import PATH_HELP
from empa_gym.cli.sources import replays, some_path
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import console, print_rows, shown
from empa_gym.scoring import ReplayRow

RULES = ("published", "release")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Move each recorded dialogue through the rules again: does it end in the same turn, with the same verdict?"
    parser = commands.add_parser("replay", help="check recorded verdicts against the rules", description=about)
    parser.add_argument("path", type=some_path, metavar="PATH", help=PATH_HELP)
    parser.add_argument(
        "--rules",
        choices=RULES,
        help="default: the rules a record was played by, and the published ones for the public benchmark's results",
    )
    parser.add_argument("--json", action="store_true", help="a list with one object for each dialogue")
    parser.set_defaults(command=replay)


def replay(args: argparse.Namespace) -> int:
    """Print where the rules end each dialogue."""
    rows = replays(args.path, args.rules)
    if args.json:
        print_rows(row._asdict() for row in rows)
    else:
        print_replays(console(), rows)
    return 0


def print_replays(out: Console, rows: Sequence[ReplayRow]) -> None:
    """How many agree for each model, and then every dialogue that does not."""
    agreed = Counter(row.model for row in rows if row.agrees)
    counts = Counter(row.model for row in rows)
    table = plain_table()
    table.add_column("model", overflow="fold")
    table.add_column("dialogues", justify="right")
    table.add_column("agree", justify="right")
    for model, count in counts.items():
        table.add_row(shown(model), str(count), str(agreed[model]))
    out.print(table)
    out.print()
    differing = [row for row in rows if not row.agrees]
    if differing:
        out.print(_differences(differing))
    else:
        end = "The one dialogue ends" if len(rows) == 1 else f"All {len(rows)} dialogues end"
        out.print(f"{end} in the recorded turn with the recorded verdict.")


def _differences(rows: Sequence[ReplayRow]) -> Table:
    table = plain_table("Dialogues that end otherwise")
    table.add_column("model", overflow="fold")
    table.add_column("scenario", overflow="fold")
    for name in ("recorded", "replayed"):
        table.add_column("turn", justify="right")
        table.add_column(f"{name} verdict", no_wrap=True)
    for row in rows:
        recorded = (str(row.recorded_turn), shown(row.recorded_verdict))
        table.add_row(shown(row.model), shown(row.scenario), *recorded, str(row.turn), shown(row.verdict))
    return table
