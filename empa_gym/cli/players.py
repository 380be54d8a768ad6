"""Who can play on the command line: the policies, the probes, and anything that can be imported."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

from empa_gym.agents.casting import Casting
from empa_gym.agents.protocols import Policy
from empa_gym.cli.models import is_model, model_player
from empa_gym.clients.config import ModelConfig
from empa_gym.loading import make_object
from empa_gym.policies import POLICIES
from empa_gym.probes import PROBES

KNOWN = {**POLICIES, **PROBES}
DEFAULT = ("supporter", "generic", "random", "empty", "praise", "echo", "injection")
"""What a run plays by default: the three policies and a few probes."""


class Players(NamedTuple):
    """Who plays, by name, and the models of those that ask one."""

    policies: dict[str, Policy]
    models: dict[str, ModelConfig]


def make_players(names: Iterable[str], casting: Casting) -> Players:
    """The policies of these names, in order, each once.

    Args:
        names: of policies and probes, ``package.module:Name``, "llm", or files of a model's settings;
            several may be joined by commas.
        casting: of the run; it may hold the model of "llm".

    Raises:
        ValueError: no such policy, none at all, or one twice; the message lists those that there are.
        ConfigError: the settings of a model are not what they must be.
    """
    given = [name.strip() for joined in names for name in joined.split(",") if name.strip()]
    if not given:
        raise ValueError(f"--policy must name at least one policy; there are {', '.join(KNOWN)}")
    models = {name: model_player(name, casting) for name in given if is_model(name)}
    called = [models[name].name if name in models else name for name in given]
    twice = sorted({name for name in called if called.count(name) > 1})
    if twice:
        raise ValueError(f"expected each policy once, got {', '.join(twice)} twice; use --seeds to play more dialogues")
    policies = {
        call: models[name].policy if name in models else make_player(name)
        for call, name in zip(called, given, strict=True)
    }
    return Players(policies, {player.name: player.model for player in models.values()})


def make_player(name: str) -> Policy:
    """The policy or probe of that name, or the object that ``package.module:Name`` names; a class is made first."""
    if name in KNOWN:
        return KNOWN[name]()
    if ":" not in name:
        raise ValueError(
            f"no policy {name!r}; there are {', '.join(KNOWN)}, any 'package.module:Name', "
            "for example 'my_policies:Listener', llm, and .toml or .json files of a model's settings"
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
        raise ValueError(f"expected a name or JSON, got {text!r:.80}: {error}") from None
