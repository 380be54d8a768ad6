"""The director that a chat model plays: one function call of seven, or the same as JSON text."""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache, partial
from typing import Any, TypeVar

from empa_gym.agents.answers import Direction, DirectorMove
from empa_gym.agents.llm.asking import ask_readably
from empa_gym.agents.llm.forms import MoveForm
from empa_gym.agents.llm.parsing import Unreadable, checked, json_object, whole_text
from empa_gym.agents.llm.sheets import director_sheet
from empa_gym.agents.views import DirectorView
from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Flow, Tool
from empa_gym.epm.axes import AXES, Axis
from empa_gym.prompts.fence import clean
from empa_gym.prompts.rendering import director_prompt
from empa_gym.prompts.templates import known, word
from empa_gym.scenarios.scenario import Period

NEEDS: dict[DirectorMove, tuple[str, ...]] = {
    DirectorMove.REVEAL_STAGE: ("stage",),
    DirectorMove.REVEAL_MEMORY: ("period",),
    DirectorMove.ADJUST_AXIS: ("axis",),
    DirectorMove.TURNING_POINT: ("stage", "axis"),
    DirectorMove.OBSERVE: (),
    DirectorMove.ADVISE: (),
    DirectorMove.END: (),
}
"""What each function is about; each takes guidance for the actor as well."""
MAX_GUIDANCE = 1_000
"""Characters of guidance that reach the actor."""

Kind = TypeVar("Kind", bound=Enum)


class LLMDirector:
    """Directs by asking a model.

    Args:
        language: of the prompt, "en" or "zh"; scenarios in another one are refused.

    Raises:
        ValueError: there are no prompts in that language.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = known(language)

    def direct(self, view: DirectorView) -> Flow[Direction]:
        """One move for the next message. Whether an ``end`` is allowed is the turn's to say.

        Raises:
            ModelError: the model failed, or gave no move that could be read.
        """
        answer = AnswerFormat("move", tools=director_tools(self.language, len(view.scenario.stages)))
        prompt = director_prompt(self.language, director_sheet(view))
        request = ChatRequest("director", prompt, view.turn, answer=answer)
        return (yield from ask_readably(request, self.language, partial(read_move, view=view)))


@lru_cache(maxsize=32)
def director_tools(language: str, stages: int) -> tuple[Tool, ...]:
    """The seven functions for a plot of so many stages.

    They are the same in every turn, so that an endpoint can cache the prompt that begins with them.
    """
    allowed: dict[str, dict[str, Any]] = {
        "stage": {"type": "integer", "enum": list(range(1, stages + 1))},
        "period": {"type": "string", "enum": [period.value for period in Period]},
        "axis": {"type": "string", "enum": [axis.value for axis in AXES]},
        "guidance": {"type": "string"},
    }
    tools = []
    for move, needs in NEEDS.items():
        names = (*needs, "guidance")
        parameters = {
            "type": "object",
            "properties": {name: {**allowed[name], "description": word(language, "parameter", name)} for name in names},
            "required": list(names),
            "additionalProperties": False,
        }
        schema = json.dumps(parameters, ensure_ascii=False)
        tools.append(Tool(move.value, word(language, "tool", move.value), schema))
    return tuple(tools)


def read_move(reply: ChatReply, view: DirectorView) -> Direction:
    """The move that a model's answer holds, called as a function or written as JSON.

    Raises:
        Unreadable: there is none or more than one, it lacks what it is about, or that is not there.
    """
    form = checked(MoveForm, _called(reply) if reply.tool_calls else _written(reply))
    move = _one_of(DirectorMove, "move", form.move)
    needs = NEEDS[move]
    direction = Direction(
        move,
        stage=_stage(form.stage, len(view.scenario.stages)) if "stage" in needs else None,
        period=_one_of(Period, "period", form.period) if "period" in needs else None,
        axis=_one_of(Axis, "axis", form.axis) if "axis" in needs else None,
        guidance=clean(form.guidance).strip()[:MAX_GUIDANCE],
    )
    if direction.period is not None and direction.period in view.revealed_periods:
        raise Unreadable("told_memory")
    if move is DirectorMove.TURNING_POINT and direction.stage in view.revealed_stages:
        raise Unreadable("told_stage")
    return direction


def _called(reply: ChatReply) -> dict[str, Any]:
    """The one call as a move. The same call twice is one."""
    if len(set(reply.tool_calls)) > 1:
        raise Unreadable("calls")
    call = reply.tool_calls[0]
    arguments = json_object(call.arguments, ("guidance",)) if call.arguments.strip() else {}
    return {**arguments, "move": call.name}


def _written(reply: ChatReply) -> dict[str, Any]:
    """The move in a text: the form that the prompt asks for, or a call that the model wrote out."""
    written = json_object(whole_text(reply), ("move", "name"))
    arguments = written.get("arguments", written.get("parameters"))
    if "move" not in written and isinstance(arguments, dict):
        return {**arguments, "move": written.get("name")}
    return written


def _stage(number: object, stages: int) -> int:
    """The index of a stage from its number."""
    if number is None:
        raise Unreadable("missing", "stage")
    if not isinstance(number, int) or not 1 <= number <= stages:
        raise Unreadable("wrong", "stage", ", ".join(map(str, range(1, stages + 1))))
    return number - 1


def _one_of(kinds: type[Kind], field: str, value: str | None) -> Kind:
    if value is None:
        raise Unreadable("missing", field)
    name = "_".join(value.lower().split())
    for kind in kinds:
        if kind.value == name:
            return kind
    raise Unreadable("wrong", field, ", ".join(str(kind.value) for kind in kinds))
