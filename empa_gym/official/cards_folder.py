"""A user's own copy of the public benchmark, read as scenarios: cards, stories, categories and ratings together.

The layout is that of the public files: ``cases/*.md``, ``scenarios/character_stories.json`` and
``case_metadata.json``, and elsewhere, where the user has them, result files with the initial ratings. What cannot be
read, and what a card lacks to be played, is listed by file and reason, and never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from empa_gym.errors import ScenarioError
from empa_gym.official.cards import Card, read_card
from empa_gym.official.cards_ratings import Ratings, gather_ratings
from empa_gym.official.cards_stories import Story, read_stories
from empa_gym.official.results import result_files
from empa_gym.scenarios import Category, Scenario

CARDS, STORIES, METADATA = "cases/*.md", "scenarios/character_stories.json", "case_metadata.json"
LANGUAGE = "zh"
CATEGORIES = {
    "生涯发展": Category.CAREER,
    "人际关系": Category.RELATIONSHIPS,
    "身心健康": Category.HEALTH,
    "生活状况": Category.LIVING,
    "休闲娱乐": Category.LEISURE,
    "观念认同": Category.VALUES,
}
"""The categories as the public files call them; they name one for their official cards alone."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class OfficialScenarios:
    """What was read.

    Attributes:
        scenarios: those that have all they need to be played, by an LLM cast that speaks Chinese.
        cards: every card that could be read, also those without a story, a category or ratings.
        lacking: for each card that is no scenario, what it lacks.
        unread: what could not be read, by file and place.
    """

    scenarios: tuple[Scenario, ...]
    cards: tuple[Card, ...]
    lacking: tuple[ScenarioError, ...]
    unread: tuple[ScenarioError, ...]


class _Sampled(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
    script_id: Annotated[str, Field(min_length=1)]
    category: str


class _Metadata(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
    sampled_cases: tuple[_Sampled, ...]


def official(folder: str | Path, results: str | Path | None = None) -> OfficialScenarios:
    """The scenarios of a copy of the public benchmark.

    The id of a scenario is that of its card with "-" for "_", since ids here hold no "_"; its title is the card's
    own id.

    Args:
        folder: its data folder, which holds ``cases/``, ``scenarios/`` and ``case_metadata.json``.
        results: a folder of result files, for the ratings; without one no card has any.

    Raises:
        ScenarioError: there is no card in the folder, or the stories or the metadata cannot be read at all.
    """
    folder = Path(folder)
    files = sorted(folder.glob(CARDS))
    if not files:
        raise ScenarioError(str(folder), "", f"expected cards in {CARDS}, found none")
    cards, unread = _read_all(files, read_card)
    stories, unread_stories = read_stories(folder / STORIES)
    ratings, unread_ratings = gather_ratings(result_files(results) if results is not None else ())
    told = {story.name: story for story in stories}
    categories = _categories(folder / METADATA)
    made, lacking = _read_all(cards, lambda card: _scenario(card, told, categories, ratings))
    return OfficialScenarios(made, cards, lacking, (*unread, *unread_stories, *unread_ratings))


Source = TypeVar("Source")


def _read_all(
    sources: Iterable[Source], read: Callable[[Source], Item]
) -> tuple[tuple[Item, ...], tuple[ScenarioError, ...]]:
    """What could be read of each, and the errors of the others."""
    found: list[Item] = []
    errors: list[ScenarioError] = []
    for source in sources:
        try:
            found.append(read(source))
        except ScenarioError as error:
            errors.append(error)
    return tuple(found), tuple(errors)


def _categories(path: Path) -> dict[str, Category]:
    """The category of each card that the metadata name.

    Raises:
        ScenarioError: the file cannot be read, or names a category that is not one of the six.
    """
    try:
        sampled = _Metadata.model_validate_json(path.read_bytes()).sampled_cases
    except OSError as error:
        raise ScenarioError(str(path), "", f"expected a readable file, found: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ScenarioError(str(path), ".".join(map(str, first["loc"])), f"expected: {first['msg']}") from None
    for one in sampled:
        if one.category not in CATEGORIES:
            expected = ", ".join(CATEGORIES)
            raise ScenarioError(str(path), one.script_id, f"expected one of {expected}, found {one.category!r}")
    return {one.script_id: CATEGORIES[one.category] for one in sampled}


def _scenario(
    card: Card, stories: dict[str, Story], categories: dict[str, Category], ratings: dict[str, Ratings]
) -> Scenario:
    """The scenario of a card.

    Raises:
        ScenarioError: it has no story, no category, or no ratings, and names all that it lacks; or something that it
            has does not fit a scenario.
    """
    story, category, rated = stories.get(card.name), categories.get(card.name), ratings.get(card.name)
    if story is None or category is None or rated is None:
        parts = (("story", story), ("category", category), ("ratings", rated))
        missing = " and no ".join(name for name, part in parts if part is None)
        raise ScenarioError(card.file, card.name, f"the card can be read, but has no {missing}, so it is no scenario")
    try:
        return _built(card, story, category, rated)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ScenarioError(card.file, card.name, f"{field}: expected: {first['msg']}") from None


def _built(card: Card, story: Story, category: Category, rated: Ratings) -> Scenario:
    """A scenario for an LLM cast: no voice, and stages without lines."""
    return Scenario(
        id=card.name.replace("_", "-"),
        version=1,
        language=LANGUAGE,
        title=card.name,
        category=category,
        persona=card.persona,
        threshold=card.threshold,
        priorities=card.stated.priorities,
        ratings=rated.by_item,
        topic=card.topic,
        wish=card.wish,
        needs=card.stated.needs,
        experience=card.experience,
        trigger=card.trigger,
        stages=story.stages,
        outcome=story.outcome,
        episode=story.episode,
    )
