"""The initial ratings of the public cards, taken from result files: the nine IEDR levels that fixed P_0."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from empa_gym.epm.rubric import initial_deficit
from empa_gym.errors import ScenarioError

ITEMS = tuple(f"{axis}.{item}" for axis in "CAP" for item in (1, 2, 3))
"""The nine items, in order."""


class Ratings(NamedTuple):
    """The nine levels of one card, in the order of ITEMS, and the file they were read from."""

    name: str
    levels: tuple[int, ...]
    file: str

    @property
    def by_item(self) -> dict[str, int]:
        """The levels as a scenario holds them."""
        return dict(zip(ITEMS, self.levels, strict=True))


class _FilePart(BaseModel):
    """An object of the file: values are never guessed from another type, unknown fields are skipped."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _Details(_FilePart):
    filled_iedr: dict[str, object]


class _Epj(_FilePart):
    iedr_details: _Details


class _Result(_FilePart):
    script_id: Annotated[str, Field(min_length=1)]
    epj: _Epj


def read_ratings(path: str | Path) -> Ratings:
    """The ratings that a result file holds.

    Raises:
        ScenarioError: the file cannot be read, or a level is missing or outside 0..3.
    """
    try:
        result = _Result.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        raise ScenarioError(str(path), "", f"expected a readable file, found: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ScenarioError(str(path), ".".join(map(str, first["loc"])), f"expected: {first['msg']}") from None
    filled = result.epj.iedr_details.filled_iedr
    levels = {item: level for item in ITEMS if isinstance(level := filled.get(item), int)}
    try:
        initial_deficit(levels)
    except ValueError as error:
        raise ScenarioError(str(path), "epj.iedr_details.filled_iedr", str(error)) from None
    return Ratings(result.script_id, tuple(levels[item] for item in ITEMS), str(path))


def gather_ratings(files: Iterable[Path]) -> tuple[dict[str, Ratings], tuple[ScenarioError, ...]]:
    """The ratings of each card, and what is wrong with files that give none; files that disagree give none."""
    found: dict[str, Ratings] = {}
    unread: list[ScenarioError] = []
    disputed: set[str] = set()
    for file in files:
        try:
            ratings = read_ratings(file)
        except ScenarioError as error:
            unread.append(error)
            continue
        first = found.setdefault(ratings.name, ratings)
        if first.levels != ratings.levels:
            disputed.add(ratings.name)
            unread.append(
                ScenarioError(ratings.file, ratings.name, f"expected the ratings of {first.file}, found others")
            )
    return {name: ratings for name, ratings in found.items() if name not in disputed}, tuple(unread)
