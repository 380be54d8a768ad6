"""The shipped scenarios, and how scenario files are read: one JSON file each, checked field by field."""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from empa_gym.errors import ScenarioError
from empa_gym.scenarios.scenario import SCENARIO, Scenario

FOLDER = Path(__file__).with_name("starter")

STARTER_TRAIN = (
    "career-retraining",
    "career-handover",
    "friends-silence",
    "health-diagnosis",
    "health-knee",
    "home-notice",
    "leisure-sketchbook",
    "values-rite",
)
STARTER_TEST = (
    "family-orchard",
    "home-far-city",
    "leisure-sighting",
    "values-pass-mark",
)
SPLITS: dict[str, tuple[str, ...]] = {
    "starter-train": STARTER_TRAIN,
    "starter-test": STARTER_TEST,
    "starter": tuple(sorted(STARTER_TRAIN + STARTER_TEST)),
}
"""Fixed lists of scenario ids by name."""

_FORMS = "a split's name, a scenario's id, a .json file, a folder of them, or a Scenario"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def load_scenario(path: str | Path) -> Scenario:
    """Read one scenario from a JSON file.

    Raises:
        ScenarioError: the file is absent, is no JSON, or a field is not what it must be; names the
            file, the first such field, what was expected and what was found.
    """
    return _valid(read_scenario(path))


def read_scenario(path: str | Path) -> Scenario | tuple[ScenarioError, ...]:
    """One scenario from a JSON file, or everything that is wrong with the file, field by field."""
    try:
        text = _json_text(Path(path))
    except ScenarioError as unreadable:
        return (unreadable,)
    return _checked(text, str(path))


def parse_scenario(text: str, source: str = "scenario") -> Scenario:
    """Read one scenario from JSON text; ``source`` stands in the error message.

    Raises:
        ScenarioError: a field is not what it must be.
    """
    return _valid(_checked(text, source))


def _json_text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or a path that no system has
        raise ScenarioError(str(path), "", f"expected a readable UTF-8 file, found: {error}") from None
    try:
        json.loads(text)
    except RecursionError:
        raise ScenarioError(str(path), "", "expected a scenario, found JSON that is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ScenarioError(str(path), f"line {error.lineno}", f"expected JSON, found: {error.msg}") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise ScenarioError(str(path), "", f"expected a scenario, found JSON that cannot be read: {error}") from None
    return text


def _checked(text: str, source: str) -> Scenario | tuple[ScenarioError, ...]:
    try:
        return SCENARIO.validate_json(text)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    return tuple(ScenarioError(source, ".".join(map(str, one["loc"])), _problem(one)) for one in problems)


def _problem(one: ErrorDetails) -> str:
    """What was expected and what was found, in a sentence."""
    if one["type"] == "value_error":  # a sentence of our own
        return str(one["ctx"]["error"])
    found = "nothing" if one["type"] == "missing" else f"{one['input']!r:.80}"
    return f"expected: {one['msg']}; found: {found}"


def _valid(read: Scenario | tuple[ScenarioError, ...]) -> Scenario:
    """The scenario; else raises the first problem, which says how many more there are."""
    if isinstance(read, Scenario):
        return read
    first, *more = read
    if more:
        file = shlex.quote(first.file)
        rest = f" (and {len(more)} more; 'empa-gym scenarios validate {file}' lists them)"
        first = ScenarioError(first.file, first.field, first.problem + rest)
    raise first


def scenario_to_json(scenario: Scenario) -> str:
    """The JSON text of a scenario, as :func:`parse_scenario` reads it."""
    return SCENARIO.dump_json(scenario, indent=2, exclude_none=True).decode()


@functools.cache
def get_scenario(name: str) -> Scenario:
    """The shipped scenario of that id.

    Raises:
        ValueError: no such scenario; the message lists those that there are.
    """
    if not _NAME.fullmatch(name) or name not in SPLITS["starter"]:
        raise ValueError(f"no scenario {name!r}; the shipped ones are {', '.join(SPLITS['starter'])}")
    return load_scenario(FOLDER / f"{name}.json")


def select_scenarios(which: str | Scenario | Sequence[str | Scenario]) -> tuple[Scenario, ...]:
    """The scenarios that a name, a list of names, or a list of Scenarios stands for.

    Args:
        which: the name of a split, a scenario's id, a ``.json`` file, a folder of them, a Scenario, or several.

    Raises:
        ValueError: nothing is named so, or the list is empty.
        ScenarioError: a file is not a valid scenario.

    >>> [s.id for s in select_scenarios("starter-test")]
    ['family-orchard', 'home-far-city', 'leisure-sighting', 'values-pass-mark']
    """
    if not isinstance(which, (str, Scenario, Sequence)):
        raise ValueError(f"scenarios must be {_FORMS}, or a list of these; got {which!r:.80}")
    chosen = tuple(s for one in which for s in _one(one)) if not isinstance(which, (str, Scenario)) else _one(which)
    if not chosen:
        raise ValueError(f"scenarios must be at least one, got none from {which!r:.80}")
    return chosen


def _one(which: str | Scenario) -> tuple[Scenario, ...]:
    if isinstance(which, Scenario):
        return (which,)
    if not isinstance(which, str) or not which.strip():
        raise ValueError(f"each of scenarios must be {_FORMS}; got {which!r:.80}")
    if which in SPLITS:
        return tuple(get_scenario(name) for name in SPLITS[which])
    path = Path(which)
    if path.suffix == ".json":
        return (load_scenario(path),)
    if path.is_dir():
        return tuple(load_scenario(file) for file in sorted(path.glob("*.json")))
    if _NAME.fullmatch(which) and which in SPLITS["starter"]:
        return (get_scenario(which),)
    raise ValueError(
        f"expected a split ({', '.join(SPLITS)}), a scenario id, a .json file or a folder of them, got {which!r}; "
        f"the shipped ids are {', '.join(SPLITS['starter'])}"
    )
