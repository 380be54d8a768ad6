"""``empa-gym score``: EPM-Q of records or of the public benchmark's results."""

from __future__ import annotations

import argparse

from empa_gym.cli.sources import some_path, summaries
from empa_gym.cli.tables import print_summaries
from empa_gym.cli.terminal import console, print_rows
from empa_gym.scoring import score_row

PATH_HELP = (
    "a run's folder, a file of records, a folder of runs, or the public benchmark's results "
    "(one model's folder, or a folder of them)"
)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Score the dialogues of each model: EPM-Q, its three dimensions, and how the dialogues ended."
    parser = commands.add_parser("score", help="score records or the public benchmark's results", description=about)
    parser.add_argument("path", type=some_path, metavar="PATH", help=PATH_HELP)
    parser.add_argument("--json", action="store_true", help="a list with one object for each model")
    parser.set_defaults(command=score)


def score(args: argparse.Namespace) -> int:
    """Print the scores."""
    rows = summaries(args.path)
    if args.json:
        print_rows(score_row(summary)._asdict() for summary in rows)
    else:
        print_summaries(console(), rows)
    return 0
