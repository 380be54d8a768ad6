"""The stories of the public cards: one JSON list, an object a card, with four stages, an outcome and an episode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from empa_gym.errors import ScenarioError
from empa_gym.scenarios import Stage

Text = Annotated[str, Field(min_length=1)]


class _FilePart(BaseModel):
    """An object of the file: values are never guessed from another type, unknown fields are skipped."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", str_strip_whitespace=True)


class _Stage(_FilePart):
    title: Text = Field(alias="标题")
    text: Text = Field(alias="内容")


class Story(_FilePart):
    """The story of one card.

    Attributes:
        name: the card's id in the public files.
        parts: the stages by their names in the file, 阶段1 ... 阶段4.
        outcome: where the story leaves the person.
        episode: a small scene beside the plot.
    """

    name: Text = Field(alias="剧本编号")
    parts: Annotated[dict[Annotated[str, Field(pattern=r"^阶段\d+$")], _Stage], Field(min_length=3, max_length=5)] = (
        Field(alias="故事的经过")
    )
    outcome: Text = Field(alias="故事的结果")
    episode: Text = Field(alias="故事的插曲")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in the order of their numbers, without lines: only an LLM actor can tell them."""
        ordered = sorted(self.parts.items(), key=lambda item: int(item[0].removeprefix("阶段")))
        return tuple(Stage(stage.title, stage.text) for _, stage in ordered)


_LIST: TypeAdapter[list[object]] = TypeAdapter(list[object])


def read_stories(path: str | Path) -> tuple[tuple[Story, ...], tuple[ScenarioError, ...]]:
    """The stories of a file, and what is wrong with those of them that cannot be read.

    Raises:
        ScenarioError: the file cannot be read, or is no JSON list.
    """
    try:
        entries = _LIST.validate_json(Path(path).read_bytes())
    except OSError as error:
        raise ScenarioError(str(path), "", f"expected a readable file, found: {error}") from None
    except ValidationError as error:
        raise ScenarioError(str(path), "", f"expected a JSON list of stories, found: {_first(error)}") from None
    stories: list[Story] = []
    unread: list[ScenarioError] = []
    for index, entry in enumerate(entries):
        try:
            stories.append(Story.model_validate(entry))
        except ValidationError as error:
            unread.append(ScenarioError(str(path), _place(index, entry), _first(error)))
    return tuple(stories), tuple(unread)


def _place(index: int, entry: object) -> str:
    """The entry's number, and its id when it has one."""
    name = entry.get("剧本编号") if isinstance(entry, dict) else None
    return f"{index} ({name})" if isinstance(name, str) else str(index)


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, in a sentence."""
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    found = "nothing" if first["type"] == "missing" else f"{first['input']!r:.60}"
    return f"{field or 'the file'}: {first['msg']}, found {found}"
