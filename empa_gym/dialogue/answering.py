"""What each role must answer: each check returns the answer, or raises TypeError with what is wrong about it."""

from __future__ import annotations

from typing import Any, TypeAlias

from empa_gym.agents.answers import OBSERVE, Assessment, Direction, DirectorMove, Evidence
from empa_gym.agents.views import ActorView, DirectorView
from empa_gym.dialogue.asking import MAX_FOUND, found
from empa_gym.dialogue.replies import take_message
from empa_gym.epm import Axis
from empa_gym.scenarios.scenario import Period

Fields: TypeAlias = dict[str, tuple[type, ...]]
"""What a field of an answer may be, by name."""
_NONE = type(None)
_EVIDENCE: Fields = {"axis": (Axis,), "level": (int,), "rule": (str,), "quote": (str,), "reasoning": (str,)}
_DIRECTION: Fields = {
    "move": (DirectorMove,),
    "stage": (int, _NONE),
    "period": (Period, _NONE),
    "axis": (Axis, _NONE),
    "guidance": (str,),
    "refused": (bool,),
}


def said(answer: Any, _: object) -> str:
    """The reply of a policy: a str."""
    if isinstance(answer, str):
        return answer
    raise TypeError(found("a text (str)", answer))


def spoken(answer: Any, view: ActorView) -> str:
    """The message of an actor as it enters the dialogue: cut and cleaned once, the same for all who see it.

    A model's blank answer is unreadable, and its agent asks again; one that comes through to here is a
    mistake of the actor's code.
    """
    message = take_message(said(answer, view))
    if message is None:
        raise TypeError(f"expected a message, found a blank one: {answer[:MAX_FOUND]!r}")
    return message


def rated(answer: Any, _: object) -> Assessment:
    """The assessment of a judge; what its levels must be is the rubric's to say."""
    if not isinstance(answer, Assessment):
        raise TypeError(found("an Assessment", answer))
    if not isinstance(answer.evidence, tuple):
        raise TypeError(found("evidence as a tuple of Evidence", answer.evidence))
    for why in answer.evidence:
        if not isinstance(why, Evidence):
            raise TypeError(found("evidence as a tuple of Evidence", why))
        texts = isinstance(why.rule, str) and isinstance(why.quote, str) and isinstance(why.reasoning, str)
        if not (texts and isinstance(why.axis, Axis) and isinstance(why.level, int)):
            _refuse_wrong_fields("evidence", why, _EVIDENCE)
    return answer


def directed(answer: Any, view: DirectorView) -> Direction:
    """The move of a director, about a stage that the scenario has."""
    if not isinstance(answer, Direction):
        raise TypeError(found("a Direction", answer))
    if answer is OBSERVE:
        return answer
    _refuse_wrong_fields("direction", answer, _DIRECTION)
    stages = len(view.scenario.stages)
    if answer.stage is not None and not 0 <= answer.stage < stages:
        raise TypeError(f"expected a stage from 0 to {stages - 1}, as many as the scenario has, found {answer.stage}")
    return answer


def _refuse_wrong_fields(name: str, answer: object, fields: Fields) -> None:
    for field, kinds in fields.items():
        value = getattr(answer, field)
        if not isinstance(value, kinds):
            expected = " or ".join("None" if kind is _NONE else kind.__name__ for kind in kinds)
            raise TypeError(found(f"{name}.{field} as {expected}", value))
