"""``empa-gym run``: policies meet scenarios; prints their scores and keeps every dialogue."""

from __future__ import annotations

import argparse
import json
import math
import shlex
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from empa_gym import __version__
from empa_gym.agents.casting import casting_from
from empa_gym.agents.protocols import Policy
from empa_gym.cli.failures import BROKEN, LOG, ErrorLog, Failure, failures, print_failures
from empa_gym.cli.folders import RECORDS, SUMMARY, RunSettings, keep_records, make_folder, write_json
from empa_gym.cli.interruption import Interruption
from empa_gym.cli.models import (
    Connection,
    add_model_options,
    connection,
    named_models,
    print_usage,
    replayed,
    usage_rows,
)
from empa_gym.cli.players import DEFAULT, KNOWN, find_local_modules, make_players, plain_data
from empa_gym.cli.sources import group_by_policy, some_path
from empa_gym.cli.tables import print_summaries
from empa_gym.cli.terminal import INTERRUPTED, complain, console, counted, known, shown
from empa_gym.clients.wiring import limits_from
from empa_gym.dialogue.record import EpisodeRecord, read_records
from empa_gym.dialogue.rewards import REWARDS, make_reward
from empa_gym.dialogue.rules import Rules, refuse_foreign
from empa_gym.dialogue.visible import visible
from empa_gym.epm import rules_from
from empa_gym.errors import ExtensionError
from empa_gym.rollout import Game, Job, plan_jobs, rollout
from empa_gym.scenarios import Scenario, select_scenarios
from empa_gym.scoring import Summary, score_row, summarise


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Play policies against scenarios, print their scores, and keep every dialogue."
    parser = commands.add_parser("run", help="play policies against scenarios and score them", description=about)
    option = parser.add_argument
    players = f"{', '.join(KNOWN)}; package.module:Name; a model's file; or llm (default: {' '.join(DEFAULT)})"
    option("--policy", nargs="+", default=DEFAULT, metavar="NAME", help=players)
    option("--scenarios", nargs="+", default=["starter"], metavar="NAME", help="a split, ids, .json files or folders")
    option("--seeds", type=int, default=3, metavar="N", help="how often each scenario is played (default: 3)")
    option("--seed", type=int, default=0, metavar="S", help="the first seed (default: 0)")
    cast = 'offline, null, llm, a .toml or .json file, or JSON such as {"judge": "package.module:Name"}'
    option("--cast", default="offline", help=cast)
    option("--rules", default="published", help='published, release, training, or JSON such as {"max_turns": 20}')
    option("--reward", default="idr", help=f'{", ".join(REWARDS)}, or JSON such as {{"idr": "zone"}}')
    option("--name", help="of the run's folder (default: date and time); an existing one is never written over")
    option("--out", type=some_path, default=Path("runs"), metavar="DIR", help="where runs lie (default: runs)")
    add_model_options(parser)
    parser.set_defaults(command=run)


MAX_DIALOGUES = 1_000_000
"""A run of more is taken for a slip of the keyboard; it would fill the memory before it began."""


class Plan(NamedTuple):
    """What a run plays."""

    jobs: list[Job]
    policies: dict[str, Policy]
    game: Game
    settings: RunSettings
    connection: Connection = Connection()


class Result(NamedTuple):
    """What a run came to: a summary and the mean return of each policy, why dialogues failed, what models used."""

    rows: list[Summary]
    paid: dict[str, float]
    failures: list[Failure]
    usage: list[dict[str, Any]]
    seconds: float
    interrupted: bool

    @property
    def finished(self) -> int:
        """How many dialogues are kept."""
        return sum(row.dialogues for row in self.rows)


def run(args: argparse.Namespace) -> int:
    """Play, keep and score; after Ctrl-C, or an error in somebody's code, all that was played is kept and scored."""
    plan = make_plan(args)
    folder = make_folder(args.out, args.name, plan.settings)
    began = time.monotonic()
    log = ErrorLog(folder / LOG)
    interrupted = play_all(plan, folder, log)
    records = list(read_records(folder / RECORDS)) if (folder / RECORDS).exists() else []
    rows, paid = summarise_run(records, plan.settings)
    seconds = time.monotonic() - began
    result = Result(rows, paid, failures(records), usage_rows(records), seconds, interrupted)
    write_json(folder / SUMMARY, summary_data(plan, result))
    report(console(), folder, plan, result)
    if log.count:
        complain(log.sentence(len(records)))
    return INTERRUPTED if interrupted else BROKEN if log.count else 0


def make_plan(args: argparse.Namespace) -> Plan:
    """Everything that can be wrong with the arguments is found here, before a folder is made.

    Raises:
        ValueError: an argument names nothing, or a number is out of range.
    """
    if args.seeds < 1 or args.seed < 0:
        raise ValueError(f"--seeds must be at least 1 and --seed at least 0, got {args.seeds} and {args.seed}")
    find_local_modules()
    cast, rules, reward = plain_data(args.cast), plain_data(args.rules), plain_data(args.reward)
    casting, ceilings = casting_from(cast), plain_data(args.ceilings)
    policies, models = make_players(args.policy, casting)
    scenarios = refuse_twice(select_scenarios(args.scenarios))
    game = Game(casting.cast, Rules(rules_from(rules), on_model_error="hold"), make_reward(reward))
    for scenario in scenarios:
        refuse_foreign(scenario, game.cast)
    dialogues = len(policies) * len(scenarios) * args.seeds
    if dialogues > MAX_DIALOGUES:
        raise ValueError(
            f"a run may have at most {MAX_DIALOGUES:,} dialogues, --seeds {args.seeds} asks for {dialogues:,}"
        )
    jobs = plan_jobs(policies, scenarios, range(args.seed, args.seed + args.seeds))
    settings = RunSettings(
        version=__version__,
        policies=tuple(policies),
        scenarios=tuple(scenario.id for scenario in scenarios),
        seed=args.seed,
        seeds=args.seeds,
        cast=cast,
        rules=rules,
        reward=reward,
        planned=len(jobs) // len(policies),
        models=named_models({**casting.models, **models}),
        ceilings=ceilings or None,
        tape=str(args.tape) if args.tape else None,
    )
    return Plan(jobs, policies, game, settings, connection(args, casting, models, limits_from(ceilings)))


def refuse_twice(scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
    """The scenarios, when no two have one id: they would be told apart nowhere.

    Raises:
        ValueError: an id comes twice.
    """
    ids = [scenario.id for scenario in scenarios]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"expected each scenario once, got {', '.join(twice)} twice; use --seeds to repeat them")
    return scenarios


def play_all(plan: Plan, folder: Path, log: ErrorLog) -> bool:
    """Play every job and write each record at once; whether Ctrl-C stopped it."""
    reward = plan.settings.reward
    name = reward if isinstance(reward, str) else json.dumps(reward)
    with Interruption() as stop:

        def broken(job: Job, error: ExtensionError) -> None:
            stop.raise_if_came()
            log.note(job, error)

        client, _, at_once = plan.connection
        played = rollout(
            plan.jobs, plan.policies, plan.game, reward=name, client=client, at_once=at_once, on_broken=broken
        )
        try:
            with progress_bar(console(stderr=True)) as bar:
                records = keep_records(folder / RECORDS, played)
                for record in bar.track(records, total=len(plan.jobs), description="playing"):
                    bar.update(bar.task_ids[0], description=visible(f"{record.policy} x {record.scenario}"))
                    stop.raise_if_came()
        except KeyboardInterrupt:
            return True
        except ValueError:
            if not stop.came:
                raise
            return True
    return False


def progress_bar(out: Console) -> Progress:
    """A live bar with the time that is left; silent where stderr is no terminal."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    text = TextColumn("{task.description}", markup=False)
    return Progress(*columns, text, console=out, transient=True, disable=not out.is_terminal)


def summarise_run(records: Iterable[EpisodeRecord], settings: RunSettings) -> tuple[list[Summary], dict[str, float]]:
    """The summary of each policy, and its mean return under the run's own reward; nan without a scored dialogue."""
    groups = group_by_policy(records, settings.policies)
    rows = [summarise(name, [one.trajectory for one in group], settings.planned) for name, group in groups.items()]
    scored = {name: [one.episode_return for one in group if one.trajectory.scored] for name, group in groups.items()}
    return rows, {name: fmean(returns) if returns else math.nan for name, returns in scored.items()}


def summary_data(plan: Plan, result: Result) -> dict[str, Any]:
    """What summary.json holds: the figures of the tables, and how long it took."""
    models = [
        {
            **score_row(row)._asdict(),
            "planned": row.planned,
            "mean_turns": row.mean_turns,
            "outcomes": dict(row.outcomes),
            "return_paid": result.paid[row.model],
            **{f"return_{name}": value for name, value in row.returns._asdict().items()},
            "warning": row.warning,
        }
        for row in result.rows
    ]
    data = {"planned": len(plan.jobs), "finished": result.finished, "interrupted": result.interrupted}
    causes = [failure._asdict() for failure in result.failures]
    spent: dict[str, Any] = {"failures": causes, "usage": result.usage} if result.usage else {"failures": causes}
    summary: dict[str, Any] = known({**data, "seconds": round(result.seconds, 3), **spent, "models": models})
    return summary


def report(out: Console, folder: Path, plan: Plan, result: Result) -> None:
    """Print the tables, why dialogues failed, where the records lie, and what to do next."""
    print_summaries(out, result.rows, result.paid)
    print_failures(out, result.failures)
    print_usage(out, result.usage)
    if said := replayed(plan.connection.client):
        out.print(shown(said), soft_wrap=True)
    finished = result.finished
    if result.interrupted:
        planned = counted(len(plan.jobs), "dialogue")
        out.print(f"Interrupted: {finished} of {planned} came to an end; what was played is kept.", style="yellow")
    out.print(shown(f"{counted(finished, 'dialogue')} in {result.seconds:.1f} s. Kept in {folder}"), soft_wrap=True)
    if not finished:
        return
    where = visible(shlex.quote(str(folder)))
    out.print("Next:", f"  empa-gym show {where}      read a transcript", sep="\n", soft_wrap=True, markup=False)
    out.print(f"  empa-gym score {where}     these tables again", soft_wrap=True, markup=False)
