"""What a run plays: from the arguments of the command line, or from those that a folder keeps, to jobs and settings."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from empa_gym import __version__
from empa_gym.agents.casting import POLICY, casting_from
from empa_gym.cli.folders import SETTINGS, RunSettings, read_settings
from empa_gym.cli.models import Connection, connection, named_models
from empa_gym.cli.players import DEFAULT, find_local_modules, make_players, plain_data
from empa_gym.clients.wiring import limits_from, tape_settings
from empa_gym.dialogue.rewards import make_reward
from empa_gym.dialogue.rules import Rules, refuse_foreign
from empa_gym.epm import rules_from
from empa_gym.rollout import Game, Job, plan_jobs
from empa_gym.rollout.engines import Engine, InlineEngine, Work, make_engine
from empa_gym.rollout.identity import identity_of, keyed
from empa_gym.rollout.planning import refuse_twice, reward_name
from empa_gym.scenarios import select_scenarios

DEFAULTS: Mapping[str, Any] = {
    "policy": DEFAULT,
    "scenarios": ("starter",),
    "seeds": 3,
    "seed": 0,
    "cast": "offline",
    "rules": "published",
    "reward": "idr",
}
"""What a run plays unless it is told. The parser leaves out what was not given, so that a folder can say it."""
FOUND = ("ceilings", "tape")
"""Arguments that do not change what is played: a folder's are used where none are given, and others may be."""
MAX_DIALOGUES = 1_000_000
"""A run of more is taken for a slip of the keyboard; it would fill the memory before it began."""


class Plan(NamedTuple):
    """What a run plays, and where."""

    jobs: list[Job]
    work: Work
    engine: Engine
    settings: RunSettings
    connection: Connection = Connection()


def with_defaults(args: argparse.Namespace) -> argparse.Namespace:
    """The arguments of a new run, or of one that goes on: those that its folder keeps, under those that were given.

    Raises:
        ValueError: the folder holds no run that can go on, or an argument fits new runs alone.
        RecordError: its settings cannot be read.
    """
    if args.resume is None:
        if args.retry_failed:
            raise ValueError("--retry-failed plays failed dialogues of a run again; name the run with --resume FOLDER")
        return argparse.Namespace(**{**DEFAULTS, **vars(args)})
    if args.name is not None:
        raise ValueError("--resume goes on in its own folder; leave out --name")
    kept = read_settings(args.resume)
    if kept is None or kept.arguments is None:
        why = f"it holds no {SETTINGS}" if kept is None else "it was made by an older release, or not by this command"
        raise ValueError(f"{args.resume} cannot go on: {why}")
    given = {name: value for name, value in vars(args).items() if name not in FOUND or value not in (None, "{}")}
    merged = argparse.Namespace(**{**DEFAULTS, **kept.arguments, **given})
    merged.tape = Path(merged.tape) if merged.tape else None
    if args.retry_failed and merged.tape:
        merged.retry_failures = True  # else the tape would give the same failure again
    return merged


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
    roles = {role: model for role, model in casting.models.items() if role != POLICY}
    work = Work(policies, game, reward_name(reward), roles, models, limits_from(ceilings), _tape(args), args.at_once)
    identity = identity_of(work, scenarios)
    jobs = keyed(plan_jobs(policies, scenarios, range(args.seed, args.seed + args.seeds)), identity)
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
        identity=identity,
        arguments=_kept(args),
    )
    if args.engine != "asyncio":
        return Plan(jobs, work, make_engine(args.engine, args.workers), settings)
    make_engine(args.engine, args.workers)  # refuses workers
    connected = connection(args, casting, models, limits_from(ceilings))
    return Plan(jobs, work, InlineEngine(connected.client, connected.governor), settings, connected)


def _tape(args: argparse.Namespace) -> Any:
    if not args.tape:
        return None
    return tape_settings({"path": str(args.tape), "mode": args.tape_mode, "retry_failures": args.retry_failures})


def _kept(args: argparse.Namespace) -> dict[str, Any]:
    """The arguments that a folder keeps."""
    kept = {name: getattr(args, name) for name in (*DEFAULTS, "ceilings")}
    return {**kept, "tape": str(args.tape) if args.tape else None}
