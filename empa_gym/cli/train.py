"""``empa-gym train``: a policy learns from dialogues; shows the curve and keeps all that is needed to go on."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from empa_gym.cli.players import plain_data
from empa_gym.cli.sources import some_path
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import INTERRUPTED, console, figure, shown
from empa_gym.errors import MissingExtra
from empa_gym.loading import load

CURVE = "curve.png"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Train a policy on dialogues with the embedded cast. Needs torch: pip install 'empa-gym[torch]'."
    parser = commands.add_parser("train", help="train a policy and show how it learns", description=about)
    option = parser.add_argument
    algos = "mapo, turn-only, batch-only, grpo, dr_grpo, rloo, reinforce++"
    option("--algo", default="mapo", metavar="NAME", help=f"the advantage estimator: {algos} (default: mapo)")
    option("--policy", default="small", help="what is trained: small, trained from scratch (default)")
    option("--steps", type=int, default=100, metavar="N", help="updates (default: 100)")
    option("--seed", type=int, default=0, metavar="S", help="of starts and first parameters (default: 0)")
    option("--set", nargs="+", default=[], metavar="FIELD=VALUE", help="any other field of TrainConfig, as members=16")
    option("--out", type=some_path, default=Path("runs"), metavar="DIR", help="where runs lie (default: runs)")
    option("--name", help="of the run's folder (default: train, date and time)")
    option("--resume", type=some_path, metavar="FOLDER", help="go on with a run that was interrupted")
    option("--threads", type=int, default=1, metavar="N", help="of torch (default: 1)")
    parser.set_defaults(command=train)


def train(args: argparse.Namespace) -> int:
    """Train; after Ctrl-C the last checkpoint is what a resumed run goes on from."""
    runs = load("empa_gym.training.run", "torch")
    if args.resume:
        run = runs.resume(args.resume, args.threads)
    else:
        run = runs.begin(_config(args), args.policy, _folder(args), args.threads)
    out = console()
    lines = list(run.past)
    try:
        with _bar(console(stderr=True)) as bar:
            task = bar.add_task("evaluating", total=run.config.steps, completed=run.done)
            for line in run.lines:
                lines.append(line)
                bar.update(task, completed=line["step"], description=_told(line))
    except KeyboardInterrupt:
        out.print(shown(f"Interrupted. Go on with: empa-gym train --resume {run.folder}"), soft_wrap=True)
        return INTERRUPTED
    _report(out, lines, f"{run.config.algo}, seed {run.config.seed}", run.folder)
    return 0


def _config(args: argparse.Namespace) -> Any:
    """The run's configuration.

    Raises:
        ValueError: a --set is not of the form FIELD=VALUE.
        ConfigError: a field is unknown or not what it must be.
    """
    data: dict[str, Any] = {"algo": args.algo, "steps": args.steps, "seed": args.seed}
    for setting in args.set:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set takes FIELD=VALUE, for example members=16, got {setting!r}")
        data[name] = plain_data(value)
    return load("empa_gym.training.config", "torch").config_from(data, "--set")


def _folder(args: argparse.Namespace) -> Path:
    now = datetime.datetime.now().strftime("train-%Y-%m-%d-%H%M%S")
    folder: Path = args.out / (args.name or now)
    return folder


def _bar(out: Console) -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn())
    text = TextColumn("{task.description}", markup=False)
    return Progress(*columns, text, console=out, transient=True, disable=not out.is_terminal)


def _told(line: dict[str, Any]) -> str:
    """A line of metrics in a few words."""
    if found := line.get("evaluation"):
        return f"held out: EPM-Q {figure(found['epmq'])}, passed {found['passed']:.0%}"
    return f"return {line['episode_return']:+.1f}, gradient {line['gradient_norm']:.3f}"


def _report(out: Console, lines: Sequence[dict[str, Any]], title: str, folder: Path) -> None:
    """Print how the policy did on held-out scenarios, and draw the curve where matplotlib is installed."""
    table = plain_table("Held-out scenarios, published rules")
    for name in ("step", "EPM-Q", "passed", "turns", "words\na reply", "return"):
        table.add_column(name, justify="right")
    for line in lines:
        if found := line.get("evaluation"):
            cells = (figure(found["epmq"]), f"{found['passed']:.0%}", figure(found["turns"]), figure(found["words"]))
            table.add_row(str(line["step"]), *cells, f"{found['episode_return']:+.1f}")
    out.print(table)
    out.print()
    out.print(shown(f"Kept in {folder}: config.json, metrics.jsonl, checkpoint.pt"), soft_wrap=True)
    try:
        load("empa_gym.report.curve", "report").draw_curve(lines, title, folder / CURVE)
    except MissingExtra as missing:
        out.print(shown(f"No picture of the curve: {missing}"), soft_wrap=True)
    else:
        out.print(shown(f"The curve: {folder / CURVE}"), soft_wrap=True)
