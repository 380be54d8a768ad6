"""The forms that a model fills in. What a model may write for a field stands here; how it is asked, in the prompts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from empa_gym.agents.llm.parsing import text_or_none, whole_number

Words = Annotated[str, BeforeValidator(text_or_none)]
Progress = Annotated[Literal[0, 1, 2], BeforeValidator(whole_number)]
Regression = Annotated[Literal[0, -1, -2], BeforeValidator(whole_number)]
Need = Annotated[Literal[0, 1, 2, 3], BeforeValidator(whole_number)]


# In each form the reasons come first: a model writes in this order, so it decides after it has looked.
class ProgressForm(BaseModel):
    """A level of progress and why."""

    quote: Words
    reasoning: Words
    level: Progress


class RegressionForm(BaseModel):
    """A level of regression and why."""

    quote: Words
    reasoning: Words
    level: Regression


class AxisForm(BaseModel):
    """Both levels of an axis."""

    progress: ProgressForm
    regression: RegressionForm


class JudgeForm(BaseModel):
    """The rubric of a turn (MDEP-PR)."""

    cognitive: AxisForm
    affective: AxisForm
    proactive: AxisForm


class NeedForm(BaseModel):
    """A level of need and why."""

    quote: Words
    reasoning: Words
    level: Need


class CognitiveNeeds(BaseModel):
    """C.1 to C.3."""

    situation: NeedForm
    depth: NeedForm
    priority: NeedForm


class AffectiveNeeds(BaseModel):
    """A.1 to A.3."""

    intensity: NeedForm
    accessibility: NeedForm
    priority: NeedForm


class ProactiveNeeds(BaseModel):
    """P.1 to P.3."""

    agency: NeedForm
    value: NeedForm
    priority: NeedForm


class IEDRForm(BaseModel):
    """The nine items of the initial deficit."""

    cognitive: CognitiveNeeds
    affective: AffectiveNeeds
    proactive: ProactiveNeeds


class MoveForm(BaseModel):
    """The director's move as JSON text; what the function does not need is null or left out."""

    move: str
    stage: Annotated[Any, BeforeValidator(whole_number)] = None
    period: str | None = None
    axis: str | None = None
    guidance: Words = ""
