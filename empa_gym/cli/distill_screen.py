"""``empa-gym scenarios screen``: which scenarios a strong policy can pass and not everybody passes."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from empa_gym.cli.annotate import write_text
from empa_gym.cli.folders import make_parent
from empa_gym.cli.models import tape_path
from empa_gym.cli.players import find_local_modules, plain_data
from empa_gym.cli.sources import some_path
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import console, print_rows, shown, waiting
from empa_gym.pipeline import Screened, Tally, Verdict, screen
from empa_gym.pipeline.screening import STRONG, WEAK, Terms
from empa_gym.scenarios import Scenario, scenario_to_json, select_scenarios

REPORT = "screening.report"
"""The file beside the kept scenarios that says what screening found; it has another ending than theirs."""
FIELDS = ("passed", "scored", "planned")


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = (
        "Plays each scenario with a strong and a weak policy. What the strong one never passes, and what both always "
        "pass, is not kept; what could not be played often enough is unknown and not kept either. No file is deleted."
    )
    parser = actions.add_parser("screen", help="keep scenarios that can be passed, but not by all", description=about)
    option = parser.add_argument
    option("names", nargs="+", metavar="NAME", help="a split, ids, .json files or folders of them")
    option("--strong", default=STRONG, metavar="POLICY", help=f"a policy's name, package.module:Name or llm ({STRONG})")
    option("--weak", default=WEAK, metavar="POLICY", help=f"likewise (default: {WEAK})")
    option("--seeds", type=int, default=4, metavar="K", help="dialogues of each scenario and policy (default: 4)")
    option("--cast", default="offline", help="who plays the person, the director and the judge (default: offline)")
    option("--rules", default="published", help="published (default), release, training, or JSON")
    option("--out", type=some_path, metavar="FOLDER", help="write the kept scenarios and a report there")
    option("--folder", type=some_path, metavar="FOLDER", help="keep every dialogue there; go on with what it holds")
    option("--tape", type=tape_path, metavar="FILE", help="keep every answer of a model there")
    option("--ceilings", default="{}", metavar="JSON", help='bounds such as {"calls": 1000, "cost": 2.5}')
    option("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(command=run_screen)


def run_screen(args: argparse.Namespace) -> int:
    """Play, judge, report, and write what is kept."""
    if args.seeds < 1:
        raise ValueError(f"--seeds must be at least 1, got {args.seeds}")
    find_local_modules()
    scenarios = select_scenarios(args.names)
    if args.out is not None:
        make_parent(args.out)
    terms = Terms(
        args.seeds, plain_data(args.cast), plain_data(args.rules), args.tape, plain_data(args.ceilings), args.folder
    )
    with waiting(f"{args.strong} and {args.weak} play {len(scenarios)} scenarios"):
        found = screen(scenarios, args.strong, args.weak, terms)
    if args.out is not None:
        write_kept(scenarios, found, args.out)
    if args.json:
        print_rows([row_of(one) for one in found])
    else:
        report(console(), found, (args.strong, args.weak), args.out)
    return 0


def write_kept(scenarios: Sequence[Scenario], found: Sequence[Screened], out: Path) -> None:
    """Write the scenarios that are kept, and the report."""
    for scenario, one in zip(scenarios, found, strict=True):
        if one.verdict is Verdict.KEPT:
            write_text(out / f"{scenario.id}.json", scenario_to_json(scenario))
    write_text(out / REPORT, json.dumps([row_of(one) for one in found], indent=2))


def row_of(one: Screened) -> dict[str, Any]:
    """What screening found of a scenario, as JSON data."""
    tallies = {"strong": one.strong._asdict(), "weak": one.weak._asdict()}
    return {"scenario": one.scenario, "verdict": one.verdict.value, **tallies}


def read_report(path: Path) -> list[Screened]:
    """The report that :func:`write_kept` wrote.

    Raises:
        ValueError: it is none.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Screened(str(row["scenario"]), tally_of(row["strong"]), tally_of(row["weak"])) for row in rows]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path}: expected the report of empa-gym scenarios screen, found another form") from None


def tally_of(data: Any) -> Tally:
    """A tally from JSON data."""
    return Tally(*(int(data[field]) for field in FIELDS))


def report(out: Console, found: Sequence[Screened], players: tuple[str, str], folder: Path | None) -> None:
    """Print a row for each scenario and how many are kept."""
    table = plain_table("Passed dialogues of those scored")
    for name in ("scenario", *players, "verdict"):
        table.add_column(shown(name), overflow="fold")
    for one in found:
        cells = [f"{tally.passed}/{tally.scored}" for tally in (one.strong, one.weak)]
        table.add_row(shown(one.scenario), *cells, one.verdict.value)
    out.print(table)
    counts = Counter(one.verdict for one in found)
    out.print(", ".join(f"{verdict.value} {counts[verdict]}" for verdict in Verdict))
    if folder is not None:
        out.print(shown(f"what is kept is in {folder}"), soft_wrap=True)
