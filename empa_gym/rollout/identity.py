"""What a dialogue follows from, as plain data: two runs of equal identity play the same dialogues.

Seen are scenarios (by their content), rules, reward, the models' settings, and of an agent, a policy or a reward its
name and its settings: what it says itself in an attribute ``identity``, else its attributes, as far as they are plain
data. Not seen are the code itself, the weights of a network, and private lists, dicts and sets, which are
taken for caches. Never written are attributes that are named like a key; a long text, one unbroken word, and a text in
which something like a key stands are written as their hash. Whoever trains a policy gives it an ``identity`` that
changes with its weights, for example the name of a checkpoint.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, TypeAlias

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

import empa_gym
from empa_gym.agents.protocols import Policy
from empa_gym.clients.checked import SECRET_NAMES, SECRET_WITHIN
from empa_gym.clients.config import ModelConfig
from empa_gym.dialogue.recording import content_hash, name_of
from empa_gym.dialogue.rewards import RewardFn
from empa_gym.rollout.engines.base import Work
from empa_gym.rollout.jobs import Job
from empa_gym.scenarios import Scenario

KEY_LENGTH = 16
"""Hex digits of a key: 64 bits tell any number of dialogues apart."""
LONGEST = 2000
"""Characters of a text that are told as they stand."""
MOST = 256
"""Members of a list or a table that are told as they stand."""
UNBROKEN = re.compile(r"\S{20,}")
LONE = re.compile("[\ud800-\udfff]")
"""Half a character, which a file of JSON gives back as an error."""
DEEPEST = 4
"""So far into an object is looked; what lies deeper is known by its class alone."""
NOT_SAID = ("timeout", "deadline", "attempts", "pause", "transport", "api_key_env", "prices")
"""Settings of a model that do not change what it answers: how it is reached, how long it is waited for, its price."""
Plain: TypeAlias = Any
"""JSON data: texts, numbers, true, false, null, and lists and tables of them."""


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class RunIdentity:
    """What all dialogues of a run follow from.

    Attributes:
        version: of this package.
        scenarios: by id, the hash of the content.
        rules: the rules of the game, field by field, with ``on_model_error`` and ``max_reply_chars``.
        reward: its name or JSON text, and for a function its settings.
        cast: for each role its name and settings.
        models: for each role that asks a model the settings that change its answers.
        policies: by name, the same two for what answers.
    """

    version: str
    scenarios: Mapping[str, str]
    rules: Mapping[str, Plain]
    reward: Plain
    cast: Mapping[str, Plain]
    models: Mapping[str, Plain]
    policies: Mapping[str, Plain]


def identity_of(work: Work, scenarios: Iterable[Scenario]) -> RunIdentity:
    """The identity of what is to be played."""
    game = work.game
    rules = {**plain(dataclasses.asdict(game.rules.epm)), "on_model_error": game.rules.on_model_error}
    return RunIdentity(
        version=empa_gym.__version__,
        scenarios={scenario.id: content_hash(scenario) for scenario in scenarios},
        rules={**rules, "max_reply_chars": game.max_reply_chars},
        reward=_reward(game.reward, work.reward),
        cast={role: part_identity(getattr(game.cast, role)) for role in ("actor", "director", "judge")},
        models={role: model_identity(model) for role, model in work.models.items()},
        policies={name: _policy(policy, work.policy_models.get(name)) for name, policy in work.policies.items()},
    )


def keyed(jobs: Iterable[Job], identity: RunIdentity) -> list[Job]:
    """The jobs with their keys: the hash of the job's address, its scenario's content and the run's identity."""
    game = [identity.version, identity.rules, identity.reward, identity.cast, identity.models]
    bases = {name: digest([*game, policy]) for name, policy in identity.policies.items()}

    def key(job: Job) -> str:
        return digest([bases[job.policy], job.policy, content_hash(job.scenario), job.seed, job.member])

    return [job._replace(key=key(job)) for job in jobs]


def digest(data: Plain) -> str:
    """The first hex digits of the SHA-256 of plain data: equal data, equal digest.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def differences(kept: RunIdentity, asked: RunIdentity) -> list[str]:
    """What differs between the identity of a folder and what is asked of it, a line each.

    For example ``"rules.max_turns: 45 in the folder, 20 asked"``.
    """
    before, after = (dict(_leaves(dataclasses.asdict(one), "")) for one in (kept, asked))
    paths = sorted({*before, *after}, key=lambda path: [*before, *after].index(path))
    return [
        f"{path}: {_told(before, path)} in the folder, {_told(after, path)} asked"
        for path in paths
        if before.get(path, _ABSENT) != after.get(path, _ABSENT)
    ]


_ABSENT = object()


def _leaves(data: Plain, path: str) -> Iterator[tuple[str, Plain]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, data


def _told(leaves: Mapping[str, Plain], path: str) -> str:
    return f"{json.dumps(leaves[path]):.80}" if path in leaves else "nothing"


def _reward(reward: RewardFn, name: str) -> Plain:
    """A shipped reward is known by its name or JSON text; a function has settings of its own."""
    return part_identity(reward) if name == name_of(reward) else {"name": name}


def _policy(policy: Policy, model: ModelConfig | None) -> Plain:
    asked = {} if model is None else {"model": model_identity(model)}
    return {**part_identity(policy), **asked}


def model_identity(model: ModelConfig) -> Plain:
    """The settings of a model that change its answers; never a key."""
    fields = (field.name for field in dataclasses.fields(model))
    told = {name: getattr(model, name) for name in fields if name not in NOT_SAID}
    return {name: value if isinstance(value, str) else plain(value) for name, value in told.items()}


def part_identity(part: object) -> Plain:
    """The name and the settings of an agent, a policy or a reward."""
    said = getattr(part, "identity", None)
    if said is not None and not callable(said):
        return {"name": name_of(part), "identity": plain(said)}
    settings = _settings(part, DEEPEST)
    return {"name": name_of(part), **({"settings": settings} if settings else {})}


def plain(value: object, depth: int = DEEPEST) -> Plain:
    """Plain data that stands for a value; for what is no data, its name and settings."""
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)  # JSON has no word for it
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        told = {_short(str(key)): plain(one, depth - 1) for key, one in value.items() if not _is_secret(str(key))}
        return _few(told) if depth else {}
    if isinstance(value, set | frozenset):
        return _few(sorted((plain(one, depth - 1) for one in value), key=json.dumps)) if depth else []
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return _few([plain(one, depth - 1) for one in value]) if depth else []
    settings = _settings(value, depth - 1) if depth else {}
    return {"name": name_of(value), **({"settings": settings} if settings else {})}


def _short(text: str) -> str:
    """The text; of one that is long, that a key may stand in, or that UTF-8 cannot write, its length and hash."""
    if len(text) <= LONGEST and not (UNBROKEN.fullmatch(text) or SECRET_WITHIN.search(text) or LONE.search(text)):
        return text
    return f"{len(text)} characters, hash {digest(text)}"


def _few(data: Plain) -> Plain:
    """A list or a table; of one that is long, its length and hash."""
    return data if len(data) <= MOST else {"length": len(data), "hash": digest(data)}


def _is_secret(name: str) -> bool:
    """Whether a setting of that name holds a key, which is written nowhere."""
    return any(name.replace("_", "").replace("-", "").lower().endswith(secret) for secret in SECRET_NAMES)


def _settings(part: object, depth: int) -> dict[str, Plain]:
    """The attributes of an object that are settings."""
    if isinstance(part, partial):
        return {"arguments": plain(part.args, depth), "options": plain(part.keywords, depth)}
    if isinstance(part, type | FunctionType | BuiltinFunctionType | MethodType):
        return {}
    return {name: plain(value, depth) for name, value in sorted(_attributes(part)) if _is_setting(name, value)}


def _attributes(part: object) -> Iterator[tuple[str, object]]:
    if dataclasses.is_dataclass(part):
        yield from ((field.name, getattr(part, field.name)) for field in dataclasses.fields(part) if field.compare)
        return
    slots = (name for kind in type(part).__mro__ for name in _each(getattr(kind, "__slots__", ())))
    for name in {*vars(part)} if hasattr(part, "__dict__") else {name for name in slots if hasattr(part, name)}:
        yield name, getattr(part, name)


def _each(slots: str | Iterable[str]) -> Iterable[str]:
    return (slots,) if isinstance(slots, str) else slots


def _is_setting(name: str, value: object) -> bool:
    """Whether an attribute is one; not the name, which is told already, and no private container, taken for a cache."""
    cache = name.startswith("_") and not isinstance(value, _VALUES)
    return name != "name" and not cache and not _is_secret(name)


_VALUES = (bool, int, float, str, tuple, frozenset, Enum, Path, type(None))
