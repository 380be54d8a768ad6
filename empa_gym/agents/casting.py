"""A cast from plain data: a name, or a name for each role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from empa_gym.agents.null import null_cast
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.protocols import Actor, Cast, Director, Judge
from empa_gym.loading import make_object

CASTS = {"offline": offline_cast, "null": null_cast}
"""The casts that have a name."""
ROLES: dict[str, type[Any]] = {"actor": Actor, "director": Director, "judge": Judge}
"""The three roles, and what each must be able to do."""


def cast_from(spec: str | Mapping[str, str] | Cast) -> Cast:
    """The cast that a name, or a name for each role, stands for.

    Args:
        spec: "offline", "null", a Cast, or a mapping from "actor", "director", "judge" to "offline",
            "null" or ``"package.module:Name"``. A class is instantiated without arguments. A role that
            is left out is "offline".

    Raises:
        ValueError: a cast or a role of that name is not known (the message lists those that are), or an
            object cannot play its role.
        MissingExtra: the module of a role is not there.

    >>> type(cast_from({"judge": "null"}).judge).__name__
    'NullJudge'
    """
    if isinstance(spec, Cast):
        for role in ROLES:
            _able(role, getattr(spec, role), type(getattr(spec, role)).__name__)
        return spec
    if isinstance(spec, str):
        return _named(spec)
    if not isinstance(spec, Mapping):
        raise ValueError(
            f"cast must be one of {', '.join(CASTS)}, a Cast, or a mapping from {', '.join(ROLES)} "
            f"to a name or to 'package.module:Name'; got {spec!r:.80}"
        )
    unknown = [role for role in spec if role not in ROLES]
    if unknown:
        raise ValueError(f"unknown roles {unknown} in a cast; the roles are {', '.join(ROLES)}")
    return Cast(**{role: _player(role, spec.get(role, "offline")) for role in ROLES})


def _named(name: str) -> Cast:
    if name not in CASTS:
        raise ValueError(
            f"unknown cast {name!r}; the casts are {', '.join(CASTS)}; "
            f"for single roles give a mapping from {', '.join(ROLES)} to a name or to 'package.module:Name'"
        )
    return CASTS[name]()


def _player(role: str, name: str) -> Any:
    if isinstance(name, str) and name in CASTS:
        return getattr(_named(name), role)
    if not isinstance(name, str) or ":" not in name:
        raise ValueError(f"unknown {role} {name!r:.80}; the names are {', '.join(CASTS)}, or 'package.module:Name'")
    return _able(role, make_object(name), repr(name))


def _able(role: str, player: Any, name: str) -> Any:
    if not isinstance(player, ROLES[role]):
        method = {"actor": "speak", "director": "direct", "judge": "assess"}[role]
        raise ValueError(f"{name} cannot play the {role}: expected a method {method!r}, found none")
    return player
