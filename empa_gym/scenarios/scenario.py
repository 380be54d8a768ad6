"""Scenario: one person, one story, and everything the cast needs to play it. Frozen and validated."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass

from empa_gym.epm.axes import Axis
from empa_gym.epm.rubric import initial_deficit
from empa_gym.scenarios.kinds import Category, Difficulty, Feeling, Grade, Period, difficulty

_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)

Text = Annotated[str, StringConstraints(min_length=1)]
Line = Annotated[str, StringConstraints(min_length=3)]
"""What the embedded actor may say word for word, in the first person."""
ScenarioId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Rating = Annotated[int, Field(ge=0, le=3, strict=True)]
LINES = 4
"""What the embedded actor needs to tell a stage from more than one side."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class PerAxis:
    """One text for each axis."""

    cognitive: Text
    affective: Text
    proactive: Text

    def __getitem__(self, axis: Axis) -> str:
        return str(getattr(self, axis.value))


@dataclass(frozen=True, slots=True, config=_STRICT)
class Priorities:
    """How much each axis matters to this person."""

    cognitive: Grade
    affective: Grade
    proactive: Grade

    def __getitem__(self, axis: Axis) -> Grade:
        grade: Grade = getattr(self, axis.value)
        return grade


@dataclass(frozen=True, slots=True, config=_STRICT)
class Persona:
    """Who the person is.

    Attributes:
        manner: how they come across and talk.
        character: what they are like underneath.
    """

    name: Text
    age: Annotated[int, Field(ge=1, le=120, strict=True)]
    gender: Text
    occupation: Text
    manner: Text
    character: Text


@dataclass(frozen=True, slots=True, config=_STRICT)
class Experience:
    """A life in seven texts, told in the third person.

    Attributes:
        hidden_line: how they grew into who they are; the person would not say it outright.
    """

    childhood: Text
    adolescence: Text
    early_adulthood: Text
    hidden_line: Text
    present: Text
    goal: Text
    vision: Text

    def memory(self, period: Period) -> str:
        """The text of one period."""
        return str(getattr(self, period.value))


@dataclass(frozen=True, slots=True, config=_STRICT)
class Stage:
    """One stretch of the plot, held by the director until it is revealed.

    Attributes:
        text: what happens, in the third person.
        lines: what the person says about it, in the first person, each a new angle; at least LINES of them
            in a scenario with a voice.
    """

    title: Text
    text: Text
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, config=_STRICT)
class Depth:
    """What lies below the surface: what the embedded judge can recognise as being deeply met.

    Attributes:
        stated: families of feeling that the person names.
        unstated: the one family that they do not name.
        core: words of the conflict that the matter is really about (cognitive).
        barrier: words of the belief that holds them back (proactive).
        strengths: words of what they have done or still do (proactive).
    """

    stated: Annotated[tuple[Feeling, ...], Field(min_length=1)]
    unstated: Feeling
    core: Annotated[tuple[Text, ...], Field(min_length=6)]
    barrier: Annotated[tuple[Text, ...], Field(min_length=4)]
    strengths: Annotated[tuple[Text, ...], Field(min_length=4)]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Memories:
    """What the person says of each period, in the first person."""

    childhood: Annotated[tuple[Line, ...], Field(min_length=2)]
    adolescence: Annotated[tuple[Line, ...], Field(min_length=2)]
    early_adulthood: Annotated[tuple[Line, ...], Field(min_length=2)]
    present: Annotated[tuple[Line, ...], Field(min_length=2)]

    def __getitem__(self, period: Period) -> tuple[str, ...]:
        lines: tuple[str, ...] = getattr(self, period.value)
        return lines


@dataclass(frozen=True, slots=True, config=_STRICT)
class Pressing:
    """How the person asks for what an axis gives."""

    cognitive: Annotated[tuple[Line, ...], Field(min_length=3)]
    affective: Annotated[tuple[Line, ...], Field(min_length=3)]
    proactive: Annotated[tuple[Line, ...], Field(min_length=3)]

    def __getitem__(self, axis: Axis) -> tuple[str, ...]:
        lines: tuple[str, ...] = getattr(self, axis.value)
        return lines


@dataclass(frozen=True, slots=True, config=_STRICT)
class Voice:
    """The person's own words, spoken by the embedded actor.

    Attributes:
        opening: the first message.
        threads: everyday detail of the matter, told when nothing new is revealed.
        met: short reactions to a reply that understood.
        moved: reactions to a reply that reached something unsaid.
        missed: pushback against a reply that passed by them.
        dismissed: pushback against a reply that made it small.
        lectured: pushback against unasked advice and instruction.
        repeated: reactions to hearing the same reply again.
        withdrawn: short lines of someone who closes up.
    """

    opening: Line
    threads: Annotated[tuple[Line, ...], Field(min_length=12)]
    met: Annotated[tuple[Line, ...], Field(min_length=8)]
    moved: Annotated[tuple[Line, ...], Field(min_length=5)]
    missed: Annotated[tuple[Line, ...], Field(min_length=6)]
    dismissed: Annotated[tuple[Line, ...], Field(min_length=6)]
    lectured: Annotated[tuple[Line, ...], Field(min_length=6)]
    repeated: Annotated[tuple[Line, ...], Field(min_length=6)]
    withdrawn: Annotated[tuple[Line, ...], Field(min_length=8)]
    pressing: Pressing
    memories: Memories


@dataclass(frozen=True, slots=True, config=_STRICT)
class Scenario:
    """One person, one story: what the actor, the director and the judge play from.

    Attributes:
        id: lower-case words joined by hyphens; the name under which it is chosen.
        version: grows with every change of content.
        threshold: how demanding the person is.
        ratings: the nine IEDR levels, ``{"C.1": 0..3, ...}``; they fix the initial deficit.
        topic: the opening matter.
        wish: what the person wants to get said.
        needs: what would feel like empathy to them, per axis.
        trigger: what set it off; the actor knows it from the start.
        outcome: where the story leaves them.
        episode: a small scene beside the plot.
        depth: what the embedded judge can recognise.
        voice: what the embedded actor says; None for scenarios that only an LLM actor can play.
        crisis: a note on use where the story touches self-harm, abuse or addiction; None elsewhere.
    """

    id: ScenarioId
    version: Annotated[int, Field(ge=1, strict=True)]
    language: Text
    title: Text
    category: Category
    persona: Persona
    threshold: Grade
    priorities: Priorities
    ratings: dict[str, Rating]
    topic: Text
    wish: Text
    needs: PerAxis
    experience: Experience
    trigger: Text
    stages: Annotated[tuple[Stage, ...], Field(min_length=3, max_length=5)]
    outcome: Text
    episode: Text
    depth: Depth | None = None
    voice: Voice | None = None
    crisis: Text | None = None

    def __post_init__(self) -> None:
        """Refuse ratings that are not the nine items or leave nothing to recover from, and a voice without words."""
        if not any(initial_deficit(self.ratings)):
            raise ValueError("ratings: expected a deficit on at least one axis, found all levels 0")
        few = next((index for index, stage in enumerate(self.stages) if len(stage.lines) < LINES), None)
        if self.voice is not None and few is not None:
            count = len(self.stages[few].lines)
            raise ValueError(f"stages.{few}.lines: expected at least {LINES} where there is a voice, found {count}")

    def __hash__(self) -> int:
        """By id and version: equal scenarios have equal hashes."""
        return hash((self.id, self.version))

    def __deepcopy__(self, memo: dict[int, object]) -> Scenario:
        """Itself: a frozen value is shared by every copy of an env."""
        return self

    @property
    def deficit(self) -> tuple[float, ...]:
        """P_0 in rubric points, order C, A, P."""
        return initial_deficit(self.ratings)

    @property
    def dominant_axis(self) -> Axis:
        """The axis with the largest need (the smallest P_0); the first of them where several tie."""
        deficit = self.deficit
        return tuple(Axis)[deficit.index(min(deficit))]

    @property
    def difficulty(self) -> Difficulty:
        """The band of ||P_0||."""
        return difficulty(sum(x * x for x in self.deficit) ** 0.5)


SCENARIO: TypeAdapter[Scenario] = TypeAdapter(Scenario)

__all__ = [
    "SCENARIO",
    "Category",
    "Depth",
    "Difficulty",
    "Experience",
    "Feeling",
    "Grade",
    "Memories",
    "PerAxis",
    "Period",
    "Persona",
    "Pressing",
    "Priorities",
    "Scenario",
    "Stage",
    "Voice",
    "difficulty",
]
