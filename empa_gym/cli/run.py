"""``empa-gym run``: policies meet scenarios; prints their scores and keeps every dialogue."""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path

from rich.console import Console

from empa_gym.cli.early_end import EarlyEnd
from empa_gym.cli.failures import BROKEN, LOG, STOPPED, UNSCORED, ErrorLog, failures, print_failures, unscored
from empa_gym.cli.folders import RECORDS, SUMMARY, make_folder, write_json
from empa_gym.cli.interruption import Interruption
from empa_gym.cli.models import add_model_options, print_usage, replayed, usage_rows
from empa_gym.cli.planning import Plan, make_plan, with_defaults
from empa_gym.cli.players import DEFAULT, KNOWN
from empa_gym.cli.progress import ProgressLine
from empa_gym.cli.results import Result, summarise_run, summary_data
from empa_gym.cli.sources import some_path
from empa_gym.cli.tables import print_summaries
from empa_gym.cli.terminal import BAD_INPUT, INTERRUPTED, complain, console, counted, sentence, shown
from empa_gym.dialogue.rewards import REWARDS
from empa_gym.dialogue.visible import visible
from empa_gym.errors import ExtensionError, RecordError
from empa_gym.rollout import Job
from empa_gym.rollout.engines import ENGINES
from empa_gym.rollout.folder import open_folder
from empa_gym.rollout.ledger import Ledger, read_run
from empa_gym.rollout.progress import Pace


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = "Play policies against scenarios, print their scores, and keep every dialogue."
    parser = commands.add_parser(
        "run", help="play policies against scenarios and score them", description=about, epilog=EXIT_CODES
    )
    option = parser.add_argument
    players = f"{', '.join(KNOWN)}; package.module:Name; a model's file; or llm (default: {' '.join(DEFAULT)})"
    left_out = argparse.SUPPRESS  # what is not given may stand in a folder that is resumed; see planning.DEFAULTS
    which = "a split, ids, .json files or folders (default: starter)"
    cast = 'offline (default), null, llm, a .toml or .json file, or JSON such as {"judge": "package.module:Name"}'
    rules = 'published (default), release, training, or JSON such as {"max_turns": 20}'
    reward = f'{", ".join(REWARDS)}, or JSON such as {{"idr": "zone"}} (default: idr)'
    option("--policy", nargs="+", default=left_out, metavar="NAME", help=players)
    option("--scenarios", nargs="+", default=left_out, metavar="NAME", help=which)
    option("--seeds", type=int, default=left_out, metavar="N", help="how often each scenario is played (default: 3)")
    option("--seed", type=int, default=left_out, metavar="S", help="the first seed (default: 0)")
    option("--cast", default=left_out, help=cast)
    option("--rules", default=left_out, help=rules)
    option("--reward", default=left_out, help=reward)
    option("--name", help="of the run's folder (default: date and time); an existing one is never written over")
    option("--out", type=some_path, default=Path("runs"), metavar="DIR", help="where runs lie (default: runs)")
    option("--resume", type=some_path, metavar="FOLDER", help="go on with that run, where it stopped")
    option("--retry-failed", action="store_true", help="with --resume, play those again that a failure ended")
    option("--engine", choices=ENGINES, default="asyncio", help="where dialogues are played (default: asyncio)")
    option("--workers", type=int, metavar="N", help="of the engines processes and ray (default: one a core)")
    add_model_options(parser)
    parser.set_defaults(command=run)


EXIT_CODES = (
    f"Exit codes: 0, every policy has a score (a warning tells when it stands on less than 90% of the dialogues); "
    f"{BAD_INPUT}, an argument or a file cannot be used; {BROKEN}, an error in the code of a policy or a role broke "
    f"dialogues off; {UNSCORED}, no dialogue of some policy is scored; {STOPPED}, a file could not be written to any "
    f"more, as when the disk is full; {INTERRUPTED}, Ctrl-C. What was played is always kept."
)


def run(args: argparse.Namespace) -> int:
    """Play, keep and score; after Ctrl-C, or an error in somebody's code, all that was played is kept and scored."""
    plan = make_plan(with_defaults(args))
    folder, ledger = open_run(args, plan)
    began = time.monotonic()
    log, early = ErrorLog(folder / LOG), EarlyEnd()
    try:
        with ledger:
            interrupted = play_all(plan, ledger, log, early, retry_failed=args.retry_failed)
    except (OSError, RecordError) as error:
        complain(
            f"{sentence(error)}; the run stopped there, what was played before is kept in {folder}; when "
            f"that is mended, go on with: empa-gym run --resume {shlex.quote(str(folder))}"
        )
        return STOPPED
    records = list(read_run(folder / RECORDS))
    rows, paid = summarise_run(records, plan.settings)
    seconds = time.monotonic() - began
    result = Result(len(plan.jobs), rows, paid, failures(records), usage_rows(records), seconds, interrupted)
    write_json(folder / SUMMARY, summary_data(result))
    report(console(), folder, plan, result)
    if log.count:
        complain(log.sentence(len(records)))
    if interrupted or log.count:
        return INTERRUPTED if interrupted else BROKEN
    missing = unscored(rows, folder)
    for said in filter(None, (early.sentence(len(plan.jobs) - len(records)), missing)):
        complain(said)
    return UNSCORED if missing else 0


def open_run(args: argparse.Namespace, plan: Plan) -> tuple[Path, Ledger]:
    """The folder of the run, a new one or the one to go on with, and its ledger.

    Raises:
        ValueError: the name is taken, or the folder holds another run; says what differs.
        RecordError: the folder cannot be written to, or another process writes there.
    """
    if args.resume is None:
        folder = make_folder(args.out, args.name)
        return folder, open_folder(folder, plan.settings, resume=False)
    ledger = open_folder(args.resume, plan.settings, resume=True)
    if ledger.torn:
        complain(f"{args.resume}: a torn line of {ledger.torn} bytes was cut off, as when a run was killed")
    return args.resume, ledger


def play_all(plan: Plan, ledger: Ledger, log: ErrorLog, early: EarlyEnd, *, retry_failed: bool) -> bool:
    """Play every job that is left, as long as somebody answers, and keep each; whether Ctrl-C stopped it."""
    left = ledger.left(plan.jobs, retry_failed=retry_failed)
    earlier = len(plan.jobs) - len(left)
    pace = Pace(len(plan.jobs), earlier)
    with Interruption() as stop:

        def broken(job: Job, error: ExtensionError) -> None:
            stop.raise_if_came()
            log.note(job, error)

        try:
            with ProgressLine(console(stderr=True), len(plan.jobs), earlier) as line:
                for record in plan.engine.play(early.worth_playing(left), plan.work, broken):
                    ledger.keep(record)
                    early.note(record)
                    line.show(pace.note(record))
                    stop.raise_if_came()
        except KeyboardInterrupt:
            return True
        except ValueError:
            if not stop.came:
                raise
            return True
        finally:
            plan.engine.close()
    return False


def report(out: Console, folder: Path, plan: Plan, result: Result) -> None:
    """Print the tables, why dialogues failed, where the records lie, and what to do next."""
    print_summaries(out, result.rows, result.paid)
    print_failures(out, result.failures)
    print_usage(out, result.usage)
    if said := replayed(plan.connection.client):
        out.print(shown(said), soft_wrap=True)
    finished, where = result.finished, visible(shlex.quote(str(folder)))
    if result.interrupted:
        planned = counted(result.planned, "dialogue")
        out.print(f"Interrupted: {finished} of {planned} came to an end; what was played is kept.", style="yellow")
    out.print(shown(f"{counted(finished, 'dialogue')} in {result.seconds:.1f} s. Kept in {folder}"), soft_wrap=True)
    hints = [f"  empa-gym show {where}      read a transcript", f"  empa-gym score {where}     these tables again"]
    hints = hints if finished else []
    if finished < result.planned:
        hints.append(f"  empa-gym run --resume {where}     play the rest")
    if result.failures:
        hints.append(f"  empa-gym run --resume {where} --retry-failed     play failed dialogues again")
    out.print("Next:", *hints, sep="\n", soft_wrap=True, markup=False)
