"""Chat models on the command line: which play, what they may use, and what they used."""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from empa_gym.agents.casting import FILES, LLM, POLICY, ROLES, Casting, read_table
from empa_gym.agents.protocols import Policy
from empa_gym.cli.sources import some_path
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import figure, shown
from empa_gym.clients.base import ChatClient
from empa_gym.clients.config import DEFAULTS, ModelConfig, model_config
from empa_gym.clients.governor import Governor
from empa_gym.clients.limits import Limits
from empa_gym.clients.tape import MODES, Tape
from empa_gym.clients.wiring import open_client
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.errors import ConfigError
from empa_gym.policies.llm import LLMPolicy

AT_ONCE = 16
"""Dialogues that are played at once where models answer."""
SYSTEM = ("system", "system_file")
"""What a policy's file may hold beside a model's settings."""
NAMED = ("model", "base_url", "temperature", "max_tokens", "language")
"""What a run's settings say of a model; never anything in which a key could stand."""


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add what concerns chat models."""
    group = parser.add_argument_group("chat models")
    option = group.add_argument
    option("--tape", type=tape_path, metavar="FILE", help="keep every answer there; what it holds is not asked again")
    option(
        "--tape-mode", choices=MODES, default="record", help="record (default), replay, or replay_or_fail: ask nobody"
    )
    option("--retry-failures", action="store_true", help="ask again about calls that the tape holds as failed")
    option("--ceilings", default="{}", metavar="JSON", help='bounds such as {"calls": 1000, "cost": 2.5}')
    option("--at-once", type=int, default=AT_ONCE, metavar="N", help=f"dialogues played at once (default: {AT_ONCE})")


def tape_path(text: str) -> Path:
    """The tape that an argument names.

    Raises:
        ArgumentTypeError: it is blank, or has the name of a cast's, a policy's or a scenario's file: a slip of the
            keyboard must not add calls to one.
    """
    path = some_path(text)
    if path.suffix in FILES:
        raise argparse.ArgumentTypeError(f"a tape is no {path.suffix} file; name it for example run.tape")
    return path


class Connection(NamedTuple):
    """Who answers the requests of a run; ``client`` is None where nobody asks."""

    client: ChatClient | None = None
    governor: Governor | None = None
    at_once: int = 1


def connection(
    args: argparse.Namespace, casting: Casting, policies: Mapping[str, ModelConfig], limits: Limits
) -> Connection:
    """The client of a run, with its tape and ceilings.

    Raises:
        ValueError: a number is out of range, a tape was named where nobody asks, or a key is not set.
        RecordError: the tape cannot be read.
        MissingExtra: a transport is not installed.
    """
    if args.at_once < 1:
        raise ValueError(f"--at-once must be at least 1, got {args.at_once}")
    models = {role: model for role, model in casting.models.items() if role != POLICY}
    if args.tape and not models and not policies:
        raise ValueError("--tape keeps the answers of chat models, but neither --cast nor --policy names one")
    if not args.tape:
        if args.tape_mode != MODES[0] or args.retry_failures:
            raise ValueError("--tape-mode and --retry-failures say what a tape is for; name it with --tape")
        refuse_without_key({**models, **policies})
    governor = Governor(limits) if models or policies else None
    tape = None
    if args.tape:
        tape = {"path": str(args.tape), "mode": args.tape_mode, "retry_failures": args.retry_failures}
    return Connection(open_client(models, tape, governor, policies), governor, args.at_once)


def refuse_without_key(models: Mapping[str, ModelConfig]) -> None:
    """Raise before anything is played where a key is not set. With a tape none may be needed, so it is not asked for.

    Raises:
        ValueError: the environment variable of a model's key is empty; names it.
    """
    for name, model in models.items():
        if model.api_key_env and not os.environ.get(model.api_key_env):
            raise ValueError(
                f"the environment variable {model.api_key_env} holds no key for {name} ({model.model}); set it, or "
                'write api_key_env = "" where the endpoint wants none'
            )


class ModelPlayer(NamedTuple):
    """A policy that a chat model plays."""

    name: str
    policy: Policy
    model: ModelConfig


def is_model(name: str) -> bool:
    """Whether a name of a policy stands for a chat model: "llm", or a file of settings."""
    return name == LLM or name.endswith(FILES)


def model_player(name: str, casting: Casting) -> ModelPlayer:
    """The policy that a name stands for.

    Args:
        name: "llm" for the table "policy" of the cast, or for the environment's model; or a ``.toml`` or ``.json``
            file with a model's settings and perhaps "system" or "system_file".
        casting: of the run.

    Raises:
        ConfigError: the settings are not what they must be.
        ValueError: the system prompt cannot be read.
    """
    if name == LLM:
        model = casting.models.get(POLICY) or model_config({}, f"policy {LLM}")
        return ModelPlayer(LLM, LLMPolicy(model.language), model)
    table = read_table(name)
    if not table.keys().isdisjoint((*ROLES, DEFAULTS)):
        raise ConfigError(
            name,
            "",
            f"expected the settings of one model, found a cast; give it as --cast, and play with --policy {LLM}",
        )
    system = {field: table.pop(field) for field in SYSTEM if field in table}
    if "system_file" in system:
        system["system_file"] = Path(name).parent / str(system["system_file"])
    model = model_config(table, name)
    return ModelPlayer(Path(name).stem, LLMPolicy(model.language, **system), model)


def named_models(models: Mapping[str, ModelConfig]) -> dict[str, dict[str, Any]]:
    """Which models play, for a run's settings."""
    return {name: {field: getattr(model, field) for field in NAMED} for name, model in models.items()}


def usage_rows(records: Iterable[EpisodeRecord]) -> list[dict[str, Any]]:
    """What was used for each policy's dialogues, by role."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        for used in record.usage:
            amounts = dataclasses.asdict(used)
            role = amounts.pop("role")
            row = rows.setdefault((record.policy, role), dict.fromkeys(amounts, 0))
            for name, amount in amounts.items():
                row[name] += amount
    return [{"policy": policy, "role": role, **row} for (policy, role), row in rows.items()]


def print_usage(out: Console, rows: Iterable[Mapping[str, Any]]) -> None:
    """Print what models were asked; nothing where nobody was."""
    rows = list(rows)
    if not rows:
        return
    table = plain_table("Calls of chat models")
    table.add_column("policy", overflow="fold")
    table.add_column("role")
    for name in ("calls", "failed", "retries", "prompt\ntokens", "answer\ntokens", "cost", "seconds\na call"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = [f"{row[name]:,}" for name in ("calls", "failed", "retries", "prompt_tokens", "completion_tokens")]
        each = row["seconds"] / row["calls"] if row["calls"] else None
        table.add_row(shown(row["policy"]), row["role"], *counts, figure(row["cost"], 3), figure(each, 2))
    out.print(table)
    out.print()


def replayed(client: ChatClient | None) -> str:
    """What came from the tape, as a sentence; "" without one."""
    if not isinstance(client, Tape):
        return ""
    given, asked = client.counts
    return f"Of {given + asked:,} answers {given:,} came from the tape {client.path}."
