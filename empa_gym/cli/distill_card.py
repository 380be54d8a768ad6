"""``empa-gym scenarios card``: the dataset card of a set of scenarios."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from empa_gym.cli.distill_screen import read_report
from empa_gym.cli.sources import some_path
from empa_gym.cli.terminal import console, shown
from empa_gym.pipeline import Detail, dataset_card
from empa_gym.pipeline.cards import Origin, write_card
from empa_gym.scenarios import select_scenarios


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "A Markdown page that says what a set of scenarios holds, how it came about, and under which terms."
    parser = actions.add_parser("card", help="write a dataset card", description=about)
    option = parser.add_argument
    option("names", nargs="+", metavar="NAME", help="a split, ids, .json files or folders of them")
    option("--name", default="Scenarios", help="of the set")
    option("--licence", default="", help="as its owner states it, for example CC-BY-4.0")
    option("--distilled", type=some_path, metavar="FILE", help="the summary that distill wrote")
    option("--screened", type=some_path, metavar="FILE", help="the report that screen wrote")
    option("--out", type=some_path, metavar="FILE", help="write it there, where nothing is yet (default: print it)")
    parser.set_defaults(command=card)


def card(args: argparse.Namespace) -> int:
    """Print or write the card."""
    removed = read_removed(args.distilled) if args.distilled else None
    screened = read_report(args.screened) if args.screened else None
    text = dataset_card(select_scenarios(args.names), args.name, args.licence, Origin(removed, screened))
    if args.out is None:
        sys.stdout.write(text)
        return 0
    try:
        write_card(args.out, text)
    except FileExistsError:
        raise ValueError(f"{args.out} exists already and is never written over; name another file") from None
    console().print(shown(f"written to {args.out}"), soft_wrap=True)
    return 0


def read_removed(path: Path) -> Mapping[Detail, int]:
    """What was replaced in the transcripts, from the summary of distill.

    Raises:
        ValueError: it is none.
    """
    try:
        removed = json.loads(path.read_text(encoding="utf-8"))["removed"]
        return {detail: int(removed[detail.value]) for detail in Detail}
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path}: expected the summary of empa-gym scenarios distill, found another form") from None
