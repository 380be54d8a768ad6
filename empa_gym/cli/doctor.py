"""``empa-gym doctor``: asks the endpoints of a cast a few questions, and says what they can do."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from empa_gym.agents.casting import LLM, POLICY, Casting, casting_from, read_table
from empa_gym.cli.checkup import Checkup, Examination
from empa_gym.cli.consistency import Consistency, judge_fixed_replies
from empa_gym.cli.fixed_replies import KINDS, REPLIES
from empa_gym.cli.models import is_model, model_player
from empa_gym.cli.players import find_local_modules, plain_data
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import BAD_INPUT, complain, console, counted, figure, print_rows, shown, waiting
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.governor import Governor
from empa_gym.clients.wiring import limits_from, open_client

UNHEALTHY = 1
"""Exit code when an endpoint gave no answer, or the judge no judgement."""
JUDGE = "judge"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Ask the endpoints of a cast a few short questions, and say what they can do and how fast they are."
    codes = (
        f"Exit codes: 0, each model answers; {UNHEALTHY}, one does not, or the judge gave no judgement; {BAD_INPUT}, "
    )
    parser = commands.add_parser(
        "doctor", help="check the endpoints of a cast", description=about, epilog=f"{codes}a file cannot be used."
    )
    option = parser.add_argument
    file = "a cast's or a policy's file, or JSON (default: what the environment names)"
    option("cast", nargs="?", default=LLM, metavar="FILE", help=file)
    option("--judge", action="store_true", help=f"also rate {REPLIES} fixed replies several times: agreement and order")
    option("--rounds", type=int, default=3, metavar="N", help="how often each of them is rated (default: 3)")
    option("--ceilings", default="{}", metavar="JSON", help='bounds such as {"calls": 200, "cost": 0.5}')
    option("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(command=doctor)


def doctor(args: argparse.Namespace) -> int:
    """Check each model once; with --judge also how steadily the judge rates."""
    if args.rounds < 2:
        raise ValueError(f"--rounds must be at least 2, got {args.rounds}")
    find_local_modules()
    governor = Governor(limits_from(plain_data(args.ceilings)))
    casting = casting_of(args.cast)
    if not casting.models and not args.judge:
        raise ValueError(f"the cast {args.cast!r} asks no model, so there is nothing to check")
    with waiting("asking each model a few short questions"):
        checkups = [Examination(model, governor).check_up(roles) for roles, model in different(casting.models)]
    silent = any(JUDGE in checkup.roles and not checkup.answers for checkup in checkups)
    rated = None
    if args.judge and not silent:
        models = {role: model for role, model in casting.models.items() if role == JUDGE}
        with waiting(f"the judge rates {REPLIES} replies {args.rounds} times"):
            rated = judge_fixed_replies(casting.cast.judge, open_client(models, None, governor), args.rounds)
    if args.json:
        print_rows([*(checkup.data for checkup in checkups), *([{JUDGE: rated._asdict()}] if rated else [])])
    else:
        print_all(console(), checkups, rated)
        if args.judge and silent:
            complain(f"the {REPLIES} replies were not rated, because the judge's model does not answer")
    return 0 if all(checkup.answers for checkup in checkups) and (rated is None or rated.rated) else UNHEALTHY


def print_all(out: Console, checkups: Iterable[Checkup], rated: Consistency | None) -> None:
    """Print what is known of each model, and of the judge where it rated."""
    for checkup in checkups:
        print_checkup(out, checkup)
    if rated is not None:
        print_consistency(out, rated)


def casting_of(given: str) -> Casting:
    """The cast that an argument names; a policy's file stands for its one model.

    Raises:
        ConfigError: a file or a setting is not what it must be.
        ValueError: there is no such cast.
    """
    spec: Any = plain_data(given)
    if isinstance(spec, str) and spec != LLM and is_model(spec) and "model" in read_table(spec):
        offline = casting_from("offline")
        return offline._replace(models={POLICY: model_player(spec, offline).model})
    return casting_from(spec)


def different(models: Mapping[str, ModelConfig]) -> list[tuple[tuple[str, ...], ModelConfig]]:
    """Each different model once, with the roles that it plays."""
    found: list[ModelConfig] = []
    for model in models.values():
        if model not in found:
            found.append(model)
    return [(tuple(role for role, own in models.items() if own == model), model) for model in found]


def print_checkup(out: Console, checkup: Checkup) -> None:
    """Print what is known of one model."""
    table = plain_table()
    for name in ("asked", "result", "that is"):
        table.add_column(name, overflow="fold")
    for found in checkup.findings:
        table.add_row(found.what, found.result, shown(found.detail))
    out.print(shown(f"{checkup.model.model} at {checkup.model.base_url}: {', '.join(checkup.roles)}"), style="bold")
    out.print(table)
    out.print(checkup.verdict)
    out.print()


def print_consistency(out: Console, rated: Consistency) -> None:
    """Print how steadily the judge rates."""
    rounds = (rated.rated + rated.failed) // REPLIES
    out.print(f"The judge, on {REPLIES} fixed replies, each rated {rounds} times", style="bold")
    out.print(f"{counted(rated.rated, 'judgement')}, {rated.failed} failed")
    if rated.cause:
        out.print(shown(f"the first failure: {rated.cause}"))
    if not rated.rated:
        return
    out.print(f"all levels the same in every round: {percent(rated.same)} of the replies")
    out.print(f"single levels on which two rounds agree: {percent(rated.agreement)}")
    out.print(f"better reply rated above the worse one: {percent(rated.ordered)} of the pairs (a coin has 50%)")
    kinds = ", ".join(f"{kind} {figure(points)}" for kind, points in zip(KINDS, rated.worth, strict=True))
    out.print(f"mean points: {kinds}; they should rise from left to right")


def percent(share: float | None) -> str:
    """A share for people."""
    return "-" if share is None else f"{100 * share:.0f}%"
