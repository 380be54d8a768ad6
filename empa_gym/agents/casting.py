"""A cast from plain data: a name, a file, or for each role a name or the settings of a model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from empa_gym.agents.llm import llm_cast
from empa_gym.agents.null import null_cast
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.protocols import Actor, Cast, Director, Judge
from empa_gym.clients.config import DEFAULTS, ModelConfig, cast_configs
from empa_gym.errors import ConfigError, MissingExtra
from empa_gym.loading import load, make_object

CASTS = {"offline": offline_cast, "null": null_cast}
"""The casts that have a name and need no model."""
LLM = "llm"
"""A role, or a whole cast, whose model stands in the environment variables EMPA_MODEL, EMPA_BASE_URL, ..."""
ROLES: dict[str, type[Any]] = {"actor": Actor, "director": Director, "judge": Judge}
"""The three roles, and what each must be able to do."""
POLICY = "policy"
"""In a cast's file it may stand beside the roles: the model that the policy "llm" plays with."""
FILES = (".json", ".toml")

Spec = Mapping[str, Any]


class Casting(NamedTuple):
    """Who plays, and with which models.

    Attributes:
        cast: the three roles.
        models: by role, for those that ask one; "policy" is among them when it was given.
    """

    cast: Cast
    models: Mapping[str, ModelConfig]


def cast_from(spec: str | Spec | Cast) -> Cast:
    """The cast that a name, or a name for each role, stands for; see :func:`casting_from`.

    >>> type(cast_from({"judge": "null"}).judge).__name__
    'NullJudge'
    """
    return casting_from(spec).cast


def casting_from(spec: str | Spec | Cast) -> Casting:
    """The cast that plain data stands for, and the models that it asks.

    Args:
        spec: "offline", "null", "llm", a ``.json`` or ``.toml`` file, a Cast, or a mapping from "actor",
            "director", "judge" to "offline", "null", "llm", ``"package.module:Name"``, or a table of
            settings (:class:`~empa_gym.clients.config.ModelConfig`). A class is instantiated without
            arguments. A table "defaults" holds what the models have in common, a table "policy" the model
            of the policy "llm". A role that is left out is "offline".

    Raises:
        ValueError: a cast or a role of that name is not known (the message lists those that are), or an
            object cannot play its role.
        ConfigError: a file cannot be read, or the settings of a model are not what they must be.
        MissingExtra: the module of a role is not there.

    >>> casting_from({"judge": {"model": "tiny"}}).models["judge"].model
    'tiny'
    """
    if isinstance(spec, Cast):
        for role in ROLES:
            _able(role, getattr(spec, role), type(getattr(spec, role)).__name__)
        return Casting(spec, {})
    if isinstance(spec, str):
        return _named(spec)
    if not isinstance(spec, Mapping):
        raise ValueError(
            f"cast must be one of {', '.join(CASTS)}, a Cast, or a mapping from {', '.join(ROLES)} to a name, "
            f"a model's settings or 'package.module:Name'; or {LLM}, or a file of such a mapping; got {spec!r:.80}"
        )
    return _mapped(spec, "cast")


def read_table(path: str | Path) -> dict[str, Any]:
    """The table that a JSON or TOML file holds.

    Raises:
        ConfigError: the file cannot be read, or holds something else.
        MissingExtra: this Python (3.10) reads no TOML.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        data = load("tomllib").loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise ConfigError(path, "", f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        # The text is not repeated, since somebody may have written a key into it.
        raise ConfigError(path, "", f"expected {path.suffix[1:].upper()}, found {_flaw(error)}") from None
    except MissingExtra:
        raise MissingExtra(f"{path}: Python 3.10 reads no TOML; write the cast as JSON") from None
    if not isinstance(data, dict):
        raise ConfigError(path, "", "expected a table with the roles as its keys")
    return data


def _flaw(error: Exception) -> str:
    """What keeps a text from being read, and where, as far as the error says it without the text itself."""
    if isinstance(error, UnicodeDecodeError):
        return "a text that is no UTF-8"
    if isinstance(error, RecursionError):
        return "one that is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"an error at line {error.lineno}, column {error.colno}"
    place = re.search(r"at line \d+, column \d+|at end of document", str(error))
    return f"an error {place.group()}" if place else type(error).__name__


def _named(name: str) -> Casting:
    if name in CASTS:
        return Casting(CASTS[name](), {})
    if name == LLM:
        return _mapped(dict.fromkeys(ROLES, LLM), LLM)
    if name.endswith(FILES):
        return _mapped(read_table(name), name)
    raise ValueError(
        f"unknown cast {name!r}; the casts are {', '.join((*CASTS, LLM))}, and files that end in {' or '.join(FILES)}; "
        f"for single roles give a mapping from {', '.join(ROLES)} to a name or to 'package.module:Name'"
    )


def _mapped(spec: Spec, source: str) -> Casting:
    _refuse_unknown(spec)
    asks = {role: {} if said == LLM else said for role, said in spec.items() if said == LLM or _is_table(said)}
    if POLICY in spec and POLICY not in asks:
        raise ConfigError(source, POLICY, "expected a model's settings; name a policy without a model with --policy")
    models = {role: model for role, model in cast_configs(asks, source).items() if model is not None}
    players = {
        role: _asking(role, models[role]) if role in models else _player(role, spec.get(role, "offline"))
        for role in ROLES
    }
    return Casting(Cast(**players), models)


def _refuse_unknown(spec: Spec) -> None:
    """Raise with what a cast is made of, unless every key is known and the common settings are of use to somebody."""
    unknown = [role for role in spec if role not in (*ROLES, POLICY, DEFAULTS)]
    if "model" in unknown:
        raise ValueError(
            f"expected a cast, found the settings of one model; put them under {', '.join(ROLES)} or {DEFAULTS}, "
            "or let the model play as the policy with --policy FILE"
        )
    if unknown:
        raise ValueError(
            f"unknown roles {unknown} in a cast; the roles are {', '.join(ROLES)}, beside them {POLICY} and {DEFAULTS}"
        )
    if set(spec) == {DEFAULTS}:
        raise ValueError(
            f"a cast with {DEFAULTS} alone asks no model: a role that is left out is offline; name each role that a "
            f"model plays ({', '.join(ROLES)}, {POLICY}), with an empty table where {DEFAULTS} say all"
        )


def _asking(role: str, model: ModelConfig) -> Any:
    """Who plays a role by asking a model; records call it by the model's name."""
    player: Any = getattr(llm_cast(model.language), role)
    player.name = f"{LLM}:{model.model}"
    return player


def _is_table(said: object) -> bool:
    return isinstance(said, Mapping)


def _player(role: str, name: Any) -> Any:
    if isinstance(name, str) and name in CASTS:
        return getattr(CASTS[name](), role)
    if not isinstance(name, str) or ":" not in name:
        raise ValueError(
            f"unknown {role} {name!r:.80}; the names are {', '.join((*CASTS, LLM))}, or 'package.module:Name', "
            "or a table of a model's settings"
        )
    return _able(role, make_object(name), repr(name))


def _able(role: str, player: Any, name: str) -> Any:
    if not isinstance(player, ROLES[role]):
        method = {"actor": "speak", "director": "direct", "judge": "assess"}[role]
        raise ValueError(f"{name} cannot play the {role}: expected a method {method!r}, found none")
    return player
