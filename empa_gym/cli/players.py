"""Who can play on the command line: the policies, the probes, and anything that can be imported."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from empa_gym.agents.protocols import Policy
from empa_gym.loading import make_object
from empa_gym.policies import POLICIES
from empa_gym.probes import PROBES

KNOWN = {**POLICIES, **PROBES}
DEFAULT = ("supporter", "generic", "random", "empty", "praise", "echo", "injection")
"""What a run plays by default: the three policies and a few probes."""


def make_players(names: Iterable[str]) -> dict[str, Policy]:
    """The policies of these names, in order, each once.

    Args:
        names: of policies and probes, or ``package.module:Name``; several may be joined by commas.

    Raises:
        ValueError: no such policy, none at all, or one twice; the message lists those that there are.
    """
    given = [name.strip() for joined in names for name in joined.split(",") if name.strip()]
    if not given:
        raise ValueError(f"--policy must name at least one policy; there are {', '.join(KNOWN)}")
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise ValueError(f"expected each policy once, got {', '.join(twice)} twice; use --seeds to play more dialogues")
    return {name: make_player(name) for name in given}


def make_player(name: str) -> Policy:
    """The policy or probe of that name, or the object that ``package.module:Name`` names; a class is made first."""
    if name in KNOWN:
        return KNOWN[name]()
    if ":" not in name:
        raise ValueError(
            f"no policy {name!r}; there are {', '.join(KNOWN)}, and any 'package.module:Name', "
            "for example 'my_policies:Listener'"
        )
    player: object = make_object(name)
    if not isinstance(player, Policy):
        raise ValueError(f"{name!r} is no policy: expected a method 'reply', found none")
    return player


def find_local_modules() -> None:
    """Let names of modules be found in the working directory too, as with ``python -m``."""
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())


def plain_data(text: str) -> Any:
    """A name as it stands, or the object that the text holds as JSON.

    Raises:
        ValueError: the text begins like JSON and is none.
    """
    if not text.lstrip().startswith("{"):
        return text
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("expected a name or small JSON, got JSON that is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f'expected a name or JSON such as {{"idr": "zone"}}, got {text!r}: {error}') from None
