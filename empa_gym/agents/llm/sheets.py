"""From what a role may see to the plain values that its prompt is rendered from."""

from __future__ import annotations

from functools import lru_cache

from empa_gym.agents.answers import Direction
from empa_gym.agents.views import ActorView, DirectorView, JudgeView
from empa_gym.epm.axes import AXES
from empa_gym.prompts.sheets import (
    ActorSheet,
    DirectorSheet,
    JudgeSheet,
    Life,
    MemoryText,
    PastMove,
    Person,
    StageText,
    Triple,
)
from empa_gym.scenarios.scenario import PerAxis, Period, Priorities, Scenario


def judge_sheet(view: JudgeView) -> JudgeSheet:
    """The condensed persona and the dialogue; no plot, no earlier judgements."""
    return JudgeSheet(person_of(view.scenario), view.exchanges, view.window)


def actor_sheet(view: ActorView) -> ActorSheet:
    """The person, the dialogue, and of the plot only what the director has let out."""
    person = person_of(view.scenario)
    if view.direction is None:
        return ActorSheet(person, view.exchanges, told=_let_out(view.scenario, view.past), move="observe")
    now = _let_out(view.scenario, (view.direction,))
    before = tuple(part for part in _let_out(view.scenario, view.past) if part not in now)
    axis = view.direction.axis.value if view.direction.axis else ""
    return ActorSheet(person, view.exchanges, before, now, view.direction.move.value, axis, view.direction.guidance)


def director_sheet(view: DirectorView) -> DirectorSheet:
    """The whole story, the dialogue, the state, and the director's own moves."""
    scenario = view.scenario
    return DirectorSheet(
        person=person_of(scenario),
        exchanges=view.exchanges,
        stages=tuple(_stage(scenario, index) for index in range(len(scenario.stages))),
        memories=tuple(_memory(scenario, period) for period in Period),
        outcome=scenario.outcome,
        episode=scenario.episode,
        turns_left=view.turns_left,
        start=scenario.deficit,
        position=view.position,
        energy=view.energy,
        needed=view.threshold,
        rating=view.assessment.levels if view.assessment else None,
        told_stages=tuple(index + 1 for index in view.revealed_stages),
        told_periods=tuple(dict.fromkeys(period.value for period in view.revealed_periods)),
        moves=tuple(_past_move(turn, move) for turn, move in enumerate(view.past, 1)),
        may_end=view.success_holds,
    )


@lru_cache(maxsize=256)
def person_of(scenario: Scenario) -> Person:
    """Who the person of a scenario is."""
    persona, depth = scenario.persona, scenario.depth
    return Person(
        name=persona.name,
        age=persona.age,
        gender=persona.gender,
        occupation=persona.occupation,
        manner=persona.manner,
        character=persona.character,
        hidden_line=scenario.experience.hidden_line,
        threshold=scenario.threshold.value,
        needs=_each(scenario.needs),
        priorities=_grades(scenario.priorities),
        topic=scenario.topic,
        trigger=scenario.trigger,
        wish=scenario.wish,
        goal=scenario.experience.goal,
        vision=scenario.experience.vision,
        stated=tuple(feeling.value for feeling in depth.stated) if depth else (),
        unstated=depth.unstated.value if depth else "",
        barrier=depth.barrier if depth else (),
    )


def _each(texts: PerAxis) -> Triple:
    cognitive, affective, proactive = (texts[axis] for axis in AXES)
    return cognitive, affective, proactive


def _grades(priorities: Priorities) -> Triple:
    cognitive, affective, proactive = (priorities[axis].value for axis in AXES)
    return cognitive, affective, proactive


def _stage(scenario: Scenario, index: int) -> StageText:
    stage = scenario.stages[index]
    return StageText(index + 1, stage.title, stage.text)


def _memory(scenario: Scenario, period: Period) -> MemoryText:
    return MemoryText(period.value, scenario.experience.memory(period))


def _let_out(scenario: Scenario, moves: tuple[Direction, ...]) -> tuple[StageText | MemoryText, ...]:
    """The stages and memories that these moves let out, in order, each once."""
    parts: list[StageText | MemoryText] = []
    for move in moves:
        if move.stage is not None:
            parts.append(_stage(scenario, move.stage))
        if move.period is not None:
            parts.append(_memory(scenario, move.period))
    return tuple(dict.fromkeys(parts))


def _past_move(turn: int, move: Direction) -> PastMove:
    stage = str(move.stage + 1) if move.stage is not None else ""
    period = move.period.value if move.period else ""
    axis = move.axis.value if move.axis else ""
    return PastMove(turn, move.move.value, tuple(filter(None, (stage, period, axis))), move.refused)


def life_of(scenario: Scenario) -> Life:
    """How the person of a scenario grew up."""
    told = scenario.experience
    return Life(told.childhood, told.adolescence, told.early_adulthood, told.present)
