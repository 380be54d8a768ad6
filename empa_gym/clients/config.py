"""Which model answers, where, and how: read from a mapping, a JSON or TOML file, and the environment. Never a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from empa_gym.clients.checked import address, attempt_seconds, extra_fields, variable_name
from empa_gym.errors import ConfigError

STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
ROLES = ("actor", "director", "judge", "policy")
OFFLINE = "offline"
DEFAULTS = "defaults"
FROM_ENVIRONMENT = {"model": "EMPA_MODEL", "base_url": "EMPA_BASE_URL", "api_key_env": "EMPA_API_KEY_ENV"}
"""Fields that a cast may leave out, and the environment variables that then hold them.

An empty variable counts as none; an empty ``EMPA_API_KEY_ENV`` says that the endpoint wants no key.
"""
PER = 1_000_000
"""Prices are per so many tokens, as every vendor lists them."""


@dataclass(frozen=True, config=STRICT)
class Prices:
    """What a model costs, in any one currency, per million tokens of the prompt and of the answer."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        """The price of so many tokens.

        >>> Prices(2.0, 8.0).cost(500_000, 125_000)
        2.0
        """
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / PER


@dataclass(frozen=True, config=STRICT)
class ModelConfig:
    """One role's model behind an OpenAI-compatible endpoint.

    Args:
        model: its name at the endpoint.
        base_url: the address up to and without ``/chat/completions``.
        api_key_env: the name of the environment variable that holds the key; "" for an endpoint that
            wants none. The key itself is read whenever a request is sent, without blanks around it, so that
            a variable that has changed takes effect at once.
        temperature: sent when given, else left to the endpoint.
        max_tokens: the longest answer, likewise; but under a ceiling on tokens or cost 2,048 are asked for
            where none is given, since no ceiling holds while an answer may be of any length.
        timeout: seconds that one attempt may take, to the last byte of its answer; from 0.001 to 86,400.
        deadline: seconds that a call may take in all: waiting for its turn, attempts, pauses.
        attempts: how often a request is sent at most.
        pause: seconds before the second attempt, at most; each later pause may be twice as long, up to 30,
            unless the endpoint says how long to wait.
        language: which prompts the role uses.
        transport: "openai" is the official package; "fast" is for many dialogues at once, and needs
            ``pip install 'empa-gym[fast]'``.
        answers: the strongest way to ask for a shape that is tried: "auto" and "schema" begin with a JSON
            schema, and with tools where the request has them; "json" with JSON mode; "text" asks in words.
        seeded: send a seed made from the request's address.
        extra_body: fields that are added to every request, for example ``{"top_p": 0.9}``.
        prices: of the model, for ceilings on money and for records.
    """

    model: Annotated[str, Field(min_length=1)]
    base_url: Annotated[str, AfterValidator(address)] = "https://api.openai.com/v1"
    api_key_env: Annotated[str, AfterValidator(variable_name)] = "OPENAI_API_KEY"
    temperature: Annotated[float, Field(ge=0)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    timeout: Annotated[float, AfterValidator(attempt_seconds)] = 120.0
    deadline: Annotated[float, Field(gt=0)] = 600.0
    attempts: Annotated[int, Field(ge=1)] = 10
    pause: Annotated[float, Field(gt=0)] = 0.5
    language: Literal["en", "zh"] = "en"
    transport: Literal["openai", "fast"] = "openai"
    answers: Literal["auto", "schema", "json", "text"] = "auto"
    seeded: bool = False
    extra_body: Annotated[Mapping[str, Any], AfterValidator(extra_fields)] = Field(default_factory=dict)
    prices: Prices | None = None

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        """The price of so many tokens; 0.0 where no prices were given."""
        return self.prices.cost(prompt_tokens, completion_tokens) if self.prices else 0.0


CONFIG = TypeAdapter(ModelConfig)


def model_config(data: Mapping[str, Any], source: str = "the model's settings") -> ModelConfig:
    """The settings that plain data holds; model, base_url and api_key_env may come from the environment.

    Args:
        data: fields of :class:`ModelConfig`.
        source: what the data is called in an error, for example the file's name.

    Raises:
        ConfigError: a field is unknown or not what it must be; what was found there is not repeated,
            since it may be a key.

    >>> model_config({"model": "tiny", "base_url": "http://localhost:8000/v1/"}).base_url
    'http://localhost:8000/v1'
    """
    environment = {field: value for field, value in _environment().items() if field not in data}
    checked = _checked({**environment, **data}, source, environment)
    if isinstance(checked, ConfigError):
        raise checked  # outside any handler: pydantic's error, which knows what was found, does not hang on it
    return checked


def _environment() -> dict[str, str]:
    """What the environment says; an empty name of a key's variable says that there is no key."""
    said = {field: os.environ[name] for field, name in FROM_ENVIRONMENT.items() if name in os.environ}
    return {field: value for field, value in said.items() if value or field == "api_key_env"}


def _checked(data: Mapping[str, Any], source: str, environment: Mapping[str, str]) -> ModelConfig | ConfigError:
    try:
        return CONFIG.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    said = str(first["msg"]).removeprefix("Value error, ")
    origin = f" (this comes from {FROM_ENVIRONMENT[field]})" if field in environment else ""
    return ConfigError(source, field, f"{said}{origin}{_advice(field, str(first['type']))}")


def _advice(field: str, kind: str) -> str:
    if field == "model" and kind == "missing":
        return f"; name the model, or set {FROM_ENVIRONMENT['model']}"
    known = ", ".join(vars(ModelConfig)["__dataclass_fields__"])
    return f"; known are {known}" if kind == "unexpected_keyword_argument" else ""


def cast_configs(data: Mapping[str, Any], source: str = "the cast") -> dict[str, ModelConfig | None]:
    """The models of a cast, by role.

    Args:
        data: for each role a table of :class:`ModelConfig`'s fields, or "offline"; a table "defaults"
            holds what the roles have in common.
        source: what the data is called in an error.

    Returns:
        For each role that was named its model, None for an offline one.

    Raises:
        ConfigError: a role is unknown, or its settings are not what they must be.

    >>> cast = cast_configs({"defaults": {"model": "tiny"}, "actor": {"temperature": 0.8}, "judge": "offline"})
    >>> cast["actor"].temperature, cast["judge"]
    (0.8, None)
    """
    for name in data:
        if name not in (*ROLES, DEFAULTS):
            raise ConfigError(source, name, f"expected one of the roles {', '.join(ROLES)}, or {DEFAULTS}")
    common = _table(data.get(DEFAULTS, {}), source, DEFAULTS)
    return {
        role: None if said == OFFLINE else model_config({**common, **_table(said, source, role)}, f"{source}: {role}")
        for role, said in data.items()
        if role != DEFAULTS
    }


def _table(value: object, source: str, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(source, field, f"expected a table of settings{'' if field == DEFAULTS else ', or offline'}")
    return value
