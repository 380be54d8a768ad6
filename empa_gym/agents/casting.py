"""A cast from plain data: a name, or a name for each role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from empa_gym.agents.null import null_cast
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.protocols import Actor, Cast, Director, Judge
from empa_gym.loading import load_object

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
        return spec
    if isinstance(spec, str):
        return _named(spec)
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
    if name in CASTS:
        return getattr(_named(name), role)
    if ":" not in name:
        raise ValueError(f"unknown {role} {name!r}; the names are {', '.join(CASTS)}, or 'package.module:Name'")
    found = load_object(name)
    player = found() if isinstance(found, type) else found
    if not isinstance(player, ROLES[role]):
        method = {"actor": "speak", "director": "direct", "judge": "assess"}[role]
        raise ValueError(f"{name!r} cannot play the {role}: expected a method {method!r}, found none")
    return player
