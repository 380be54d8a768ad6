"""``empa-gym show``: one dialogue as a readable transcript."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from empa_gym.agents.answers import Direction, Evidence
from empa_gym.cli.sources import own_records, some_path
from empa_gym.cli.terminal import console, counted, shown
from empa_gym.dialogue.record import EpisodeRecord, TurnRecord
from empa_gym.epm import MDEP_PR

LABEL_WIDTH = 9
"""Columns of the label before each line, as wide as "supporter"."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Print one dialogue as a readable transcript, with levels, position and reward of each turn."
    parser = commands.add_parser("show", help="read a recorded dialogue", description=about)
    parser.add_argument("path", type=some_path, metavar="RECORD", help="a run's folder or a file of records")
    parser.add_argument("--index", type=int, default=1, metavar="N", help="which of those that match (default: 1)")
    parser.add_argument("--scenario", metavar="ID", help="only dialogues of this scenario")
    parser.add_argument("--policy", metavar="NAME", help="only dialogues of this policy")
    parser.add_argument("--evidence", action="store_true", help="also why each level was given")
    parser.set_defaults(command=show)


def show(args: argparse.Namespace) -> int:
    """Print the chosen dialogue."""
    records = choose(own_records(args.path), args.scenario, args.policy)
    index = args.index
    if not 1 <= index <= len(records):
        several = f"lie between 1 and {len(records)}, as many dialogues match"
        must = several if len(records) > 1 else "be 1, as one dialogue matches"
        raise ValueError(f"--index must {must}, got {index}")
    out = console()
    print_dialogue(out, records[index - 1], evidence=args.evidence)
    if len(records) > 1:
        hint = f"Dialogue {index} of {len(records)}; choose with --index, --scenario and --policy."
        out.print(hint, style="dim")
    return 0


def choose(records: Sequence[EpisodeRecord], scenario: str | None, policy: str | None) -> list[EpisodeRecord]:
    """The records of a scenario and a policy.

    Raises:
        ValueError: there is none; the message lists what there is.
    """
    chosen = [
        record
        for record in records
        if (scenario is None or record.scenario == scenario) and (policy is None or record.policy == policy)
    ]
    if not chosen:
        scenarios = ", ".join(dict.fromkeys(record.scenario for record in records))
        policies = ", ".join(dict.fromkeys(record.policy for record in records))
        raise ValueError(f"no dialogue matches; the scenarios are {scenarios}; the policies are {policies}")
    return chosen


def print_dialogue(out: Console, record: EpisodeRecord, *, evidence: bool = False) -> None:
    """Print a dialogue from its opening to its end."""
    out.rule(shown(f"{record.scenario} with {record.policy}, seed {record.seed}", "bold"))
    out.print(shown(f"start: position {vector(record.deficit)}, reward {record.reward}", "dim"))
    for number, turn in enumerate(record.turns, 1):
        print_turn(out, number, turn, evidence=evidence)
    if record.unanswered:
        print_labelled(out, "user", record.unanswered, "bold")
    out.rule(shown(conclusion(record), "bold"))
    if record.error:
        print_labelled(out, "failed", record.error, "red")


def conclusion(record: EpisodeRecord) -> str:
    """How a dialogue ended, in one line."""
    kind = f" ({record.end_kind})" if record.end_kind else ""
    ended = record.outcome.value.replace("_", " ") if record.outcome.ended else "broken off"
    return f"{ended}{kind} after {counted(len(record.turns), 'turn')}, return {record.episode_return:+.2f}"


def print_turn(out: Console, number: int, turn: TurnRecord, *, evidence: bool = False) -> None:
    """Print one turn: what was said, how it was judged, where it led."""
    out.print(f"\n{number}", style="dim")
    print_labelled(out, "user", turn.message, "bold")
    print_labelled(out, "supporter", turn.reply or "(nothing)", style="" if turn.reply else "dim")
    print_labelled(out, "judge", measures(turn), "cyan")
    for why in turn.evidence if evidence else ():
        print_labelled(out, "", reason(why), "dim")
    if turn.direction is not None:
        print_labelled(out, "director", move(turn.direction), "dim")
    if turn.error:
        print_labelled(out, "failed", turn.error, "red")


def print_labelled(out: Console, label: str, text: str, style: str = "") -> None:
    """Print a text beside its label, wrapped in its own column."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=LABEL_WIDTH, style="dim", justify="right")
    grid.add_column(ratio=1)
    grid.add_row(label, shown(text, style))
    out.print(Padding(grid, (0, 0)))


def measures(turn: TurnRecord) -> str:
    """The levels of each axis, and where the turn led.

    A level of progress and one of regression stand side by side: ``A +2 -1``.
    """
    if turn.levels is None or turn.position is None:
        return "not judged in this turn; it pays 0"
    known = len(turn.levels) == len(MDEP_PR.axes)
    axes = MDEP_PR.axes if known else [str(number) for number in range(len(turn.levels))]
    levels = "  ".join(f"{axis} {rated(up, down)}" for axis, (up, down) in zip(axes, turn.levels, strict=True))
    span = f"  over {turn.span} turns" if turn.span > 1 else ""
    return f"{levels}   position {vector(turn.position)}  energy {turn.energy:.1f}  reward {turn.reward:+.2f}{span}"


def reason(why: Evidence) -> str:
    """One piece of evidence in one line: axis, level, rule, the words it rests on, and the reasoning."""
    quote = f'"{why.quote}"' if why.quote else ""
    return " ".join(filter(None, (why.axis.letter, f"{why.level:+d}", why.rule, quote, why.reasoning)))


def rated(up: int, down: int) -> str:
    """Progress and regression of one axis, "0" for neither."""
    return " ".join(f"{level:+d}" for level in (up, down) if level) or "0"


def vector(position: Sequence[float]) -> str:
    """A position in rubric points."""
    return "(" + ", ".join(f"{x:g}" for x in position) + ")"


def move(direction: Direction) -> str:
    """The director's move with its argument."""
    about = [
        f"stage {direction.stage + 1}" if direction.stage is not None else "",
        direction.period.value.replace("_", " ") if direction.period else "",
        direction.axis.value if direction.axis else "",
        "refused" if direction.refused else "",
    ]
    named = ", ".join(part for part in about if part)
    return direction.move.value.replace("_", " ") + (f" ({named})" if named else "")
