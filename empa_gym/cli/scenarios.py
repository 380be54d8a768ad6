"""``empa-gym scenarios``: which people there are to talk with."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from empa_gym.cli import annotate, distill, distill_card, distill_screen
from empa_gym.cli.sources import some_path
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import BAD_INPUT, complain, console, shown
from empa_gym.epm import AXES, origin_distance
from empa_gym.scenarios import SPLITS, Scenario, read_scenario, select_scenarios


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    about = "The people there are to talk with."
    parser = commands.add_parser("scenarios", help="list, show, check or rate scenarios", description=about)
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="a table of scenarios")
    listing.add_argument("names", nargs="*", default=["starter"], metavar="NAME", help="a split, ids, files or folders")
    listing.set_defaults(command=show_list)
    showing = actions.add_parser("show", help="everything about one scenario")
    showing.add_argument("name", metavar="NAME", help="an id or a .json file")
    showing.set_defaults(command=show_one)
    checking = actions.add_parser("validate", help="check scenario files")
    checking.add_argument("paths", nargs="+", type=some_path, metavar="PATH", help="a .json file or a folder of them")
    checking.set_defaults(command=validate)
    for action in (annotate, distill, distill_screen, distill_card):
        action.add_to(actions)


def show_list(args: argparse.Namespace) -> int:
    """Print a table of scenarios."""
    table = plain_table()
    for name in ("scenario", "category", "difficulty", "dominant", "threshold"):
        table.add_column(name, overflow="fold")
    table.add_column("deficit", justify="right", no_wrap=True)
    table.add_column("split", no_wrap=True)
    for scenario in select_scenarios(args.names):
        table.add_row(
            shown(scenario.id),
            scenario.category.value,
            scenario.difficulty.value,
            scenario.dominant_axis.value,
            scenario.threshold.value,
            f"{float(origin_distance(scenario.deficit)):.1f}",
            split_of(scenario.id),
        )
    console().print(table)
    return 0


def split_of(scenario: str) -> str:
    """The half of the shipped scenarios that this one is in: "train", "test", or "" for neither."""
    return next((part for part in ("train", "test") if scenario in SPLITS[f"starter-{part}"]), "")


def show_one(args: argparse.Namespace) -> int:
    """Print one scenario, or each of several."""
    out = console()
    for scenario in select_scenarios(args.name):
        print_scenario(out, scenario)
    return 0


def print_scenario(out: Console, scenario: Scenario) -> None:
    """Print who the person is, what happened, what they need, and the plot."""
    person, life = scenario.persona, scenario.experience
    out.rule(shown(f"{scenario.id}: {scenario.title}", "bold"))
    ratings = " ".join(f"{item}={level}" for item, level in sorted(scenario.ratings.items()))
    deficit = ", ".join(f"{axis.value} {x:g}" for axis, x in zip(AXES, scenario.deficit, strict=True))
    print_fields(
        out,
        (
            ("person", f"{person.name}, {person.age}, {person.gender}, {person.occupation}"),
            ("category", scenario.category.value),
            ("threshold", scenario.threshold.value),
            ("priorities", ", ".join(f"{axis.value} {scenario.priorities[axis].value}" for axis in AXES)),
            ("deficit", f"{deficit} ({scenario.difficulty.value}, from {ratings})"),
            ("manner", person.manner),
            ("character", person.character),
            ("topic", scenario.topic),
            ("wish", scenario.wish),
            *((f"{axis.value} need", scenario.needs[axis]) for axis in AXES),
            ("trigger", scenario.trigger),
            ("hidden", life.hidden_line),
            *((f"stage {number}", f"{s.title}. {s.text}") for number, s in enumerate(scenario.stages, 1)),
            ("outcome", scenario.outcome),
            ("opening", scenario.voice.opening if scenario.voice else "(spoken by a model alone)"),
        ),
    )


def print_fields(out: Console, fields: Sequence[tuple[str, str]]) -> None:
    """Print names and texts side by side, each text wrapped in its own column."""
    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    for name, text in fields:
        grid.add_row(name, shown(text))
    out.print(Padding(grid, (1, 0, 0, 0)))


def validate(args: argparse.Namespace) -> int:
    """Check every file; each thing that is wrong is told in one sentence."""
    out, code = console(), 0
    for file in (file for path in args.paths for file in scenario_files(path)):
        scenario = read_scenario(file)
        if isinstance(scenario, Scenario):
            facts = f"{scenario.id}, {scenario.difficulty.value}, {scenario.dominant_axis.value}"
            out.print(shown(f"valid  {file}  ({facts})"), soft_wrap=True)
        else:
            code = BAD_INPUT
            for problem in scenario:
                complain(str(problem))
    return code


def scenario_files(path: Path) -> list[Path]:
    """The scenario files in a folder; anything else, also an empty folder, is taken for a file itself."""
    return sorted(path.glob("*.json")) or [path]
