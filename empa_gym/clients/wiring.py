"""From settings to one client: models behind a governor, with a tape around them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from empa_gym.clients.base import ChatClient
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect_cast
from empa_gym.clients.governor import Governor
from empa_gym.clients.limits import Limits
from empa_gym.clients.policyboard import POLICY, PolicyBoard, policy_key
from empa_gym.clients.tape import Mode, Tape
from empa_gym.errors import ConfigError


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TapeSettings:
    """A tape as plain data; see :class:`~empa_gym.clients.tape.Tape`."""

    path: str
    mode: Mode = "record"
    retry_failures: bool = False


_TAPE: TypeAdapter[TapeSettings] = TypeAdapter(TapeSettings)
_LIMITS: TypeAdapter[Limits] = TypeAdapter(Limits)


def open_client(
    models: Mapping[str, ModelConfig],
    tape: str | Path | Mapping[str, Any] | None = None,
    governor: Governor | None = None,
    policies: Mapping[str, ModelConfig] | None = None,
) -> ChatClient | None:
    """The one client that answers every role of a cast; None where nobody asks and nothing is replayed.

    It connects when it is first used. A tape in mode "replay_or_fail" needs no network, no key and no
    transport.

    Args:
        models: by role, actor, director and judge.
        tape: see :func:`tape_settings`.
        governor: what all calls pass.
        policies: by name, the models of policies that ask one.

    Raises:
        ConfigError: the tape's settings are not what they must be, or a ceiling on cost meets a model without prices.
        RecordError: the tape cannot be read.
        MissingExtra: a transport is not installed.
    """
    settings = None if tape is None else tape_settings(tape)
    if settings is not None and settings.mode == "replay_or_fail":
        return Tape(settings.path, settings.mode)
    asked = {role: model for role, model in models.items() if role != POLICY}
    asked |= {policy_key(name): model for name, model in (policies or {}).items()}
    if not asked:
        return None
    unpriced = sorted(role for role, model in asked.items() if model.prices is None)
    if unpriced and governor is not None and governor.limits.cost is not None:
        raise ConfigError(
            f"a ceiling on cost needs prices, and the model of {', '.join(unpriced)} has none: give it "
            f"prices = {{ prompt = ..., completion = ... }} per million tokens, or a ceiling on calls or tokens"
        )
    client = PolicyBoard(connect_cast(asked, governor))
    if settings is None:
        return client
    return Tape(settings.path, settings.mode, client, retry_failures=settings.retry_failures)


def tape_settings(tape: str | Path | Mapping[str, Any]) -> TapeSettings:
    """The settings of a tape that a path, or ``{"path": ..., "mode": "replay_or_fail"}``, stands for.

    Raises:
        ConfigError: a field is unknown or not what it must be.

    >>> tape_settings("run.tape").mode
    'record'
    """
    data = tape if isinstance(tape, Mapping) else {"path": str(tape)}
    settings: TapeSettings = _checked(_TAPE, data, "tape")
    return settings


def limits_from(ceilings: Mapping[str, Any] | Limits | None) -> Limits:
    """The limits that plain data holds, for example ``{"calls": 1000, "cost": 2.5}``; None for the usual ones.

    Raises:
        ConfigError: a field is unknown or not what it must be.

    >>> limits_from({"calls": 100}).calls
    100
    """
    if isinstance(ceilings, Limits):
        return ceilings
    if ceilings is not None and not isinstance(ceilings, Mapping):
        raise ConfigError("ceilings", "", f"expected a table such as {{'calls': 1000}}, found {ceilings!r:.60}")
    limits: Limits = _checked(_LIMITS, ceilings or {}, "ceilings")
    return limits


def _checked(kind: TypeAdapter[Any], data: Mapping[str, Any], source: str) -> Any:
    try:
        return kind.validate_python(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(source, field, f"{first['msg']}, found {first.get('input')!r:.60}") from None
