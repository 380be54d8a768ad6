"""The form in which a model writes a scenario. How it is asked stands in the prompts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator

from empa_gym.agents.llm.forms import Words
from empa_gym.agents.llm.parsing import whole_number

Graded = Literal["low", "medium", "high"]


class PersonaForm(BaseModel):
    """Who the person is."""

    name: str
    age: Annotated[int, BeforeValidator(whole_number)]
    gender: str
    occupation: str
    manner: str
    character: str


class GradesForm(BaseModel):
    """How much each axis matters."""

    cognitive: Graded
    affective: Graded
    proactive: Graded


class NeedsForm(BaseModel):
    """One text for each axis."""

    cognitive: str
    affective: str
    proactive: str


class LifeForm(BaseModel):
    """A life in seven texts."""

    childhood: str
    adolescence: str
    early_adulthood: str
    hidden_line: str
    present: str
    goal: str
    vision: str


class StageForm(BaseModel):
    """A part of the story."""

    title: str
    text: str
    lines: list[str]


class ScenarioForm(BaseModel):
    """A scenario without id, version, language and ratings."""

    title: str
    category: Literal[
        "career development",
        "interpersonal relationships",
        "physical and mental health",
        "living conditions",
        "leisure",
        "values and identity",
    ]
    persona: PersonaForm
    threshold: Graded
    priorities: GradesForm
    topic: str
    wish: str
    needs: NeedsForm
    experience: LifeForm
    trigger: str
    stages: list[StageForm]
    outcome: str
    episode: str
    crisis: Words
