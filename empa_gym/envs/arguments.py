"""Checks of an environment's arguments. They are JSON data, and never hold a secret.

Gymnasium prints every argument when a constructor raises TypeError, and writes them into specs; so a
key is refused here, before anything else, with a ValueError that names it and not its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, SupportsIndex

from empa_gym.epm import IEDR_WEIGHTS
from empa_gym.epm.rubric import IEDR_MAX_LEVEL, Rubric

SECRET_NAMES = ("api_key", "apikey", "token", "secret", "password", "authorization")
"""How the name of a secret ends; ``api_key_env`` and ``max_tokens`` are none."""


def refuse_secrets(arguments: Mapping[str, Any]) -> None:
    """Refuse an argument, at any depth, whose name says that it is a secret.

    Raises:
        ValueError: names the argument, never its value.
    """
    for path in _names(arguments):
        name = path.rpartition(".")[2].lower().replace("-", "_")
        if name.endswith(SECRET_NAMES):
            raise ValueError(
                f"{path} must not be an argument: arguments stand in specs, records and error messages; "
                "put the key in an environment variable and pass that variable's name, "
                'for example api_key_env="OPENAI_API_KEY"'
            )


def refuse_unknown(unknown: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse arguments that the environment does not have.

    Raises:
        ValueError: names them and lists the known ones.
    """
    if unknown:
        raise ValueError(f"unknown arguments {sorted(unknown)}; the arguments are {_list(known)}")


def known_options(options: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    """The options of reset; {} for none.

    Raises:
        ValueError: they are no dict, or one of them is unknown; lists the known ones.
    """
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise ValueError(
            f"options must be a dict or None, got {options!r:.80}; the options of reset are {_list(known)}"
        )
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ValueError(f"unknown options {unknown}; the options of reset are {_list(known)}")
    return options


def one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """The value, if it is allowed.

    Raises:
        ValueError: it is not; lists what is.
    """
    if not any(value is choice or value == choice for choice in allowed):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; got {value!r}")
    return value


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """The value as an int.

    Raises:
        ValueError: it is no whole number, below ``least`` or above ``most``.
    """
    number = None if isinstance(value, bool) or not isinstance(value, SupportsIndex) else _index(value)
    if number is None or number < least or (most is not None and number > most):
        limit = "" if most is None else f" and at most {most}"
        raise ValueError(f"{name} must be a whole number of at least {least}{limit}, got {value!r:.80}")
    return number


def _index(value: SupportsIndex) -> int | None:
    try:
        return int(value.__index__())
    except TypeError:  # an array has the method, and refuses to be a number
        return None


def position_bounds(rubric: Rubric, max_turns: int) -> tuple[list[float], list[float]]:
    """The lowest and the highest P_t that a dialogue can come to, per axis, in rubric points."""
    lowest, highest = [], []
    for weights, up, down in zip(IEDR_WEIGHTS.values(), rubric.progress, rubric.regress, strict=True):
        lowest.append(-IEDR_MAX_LEVEL * sum(weights) + max_turns * (min(up) + min(down)))
        highest.append(max_turns * (max(up) + max(down)))
    return lowest, highest


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _names(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, nested in value.items():
            yield f"{prefix}{name}"
            yield from _names(nested, f"{prefix}{name}.")
    elif isinstance(value, (list, tuple)):
        for nested in value:
            yield from _names(nested, prefix)
