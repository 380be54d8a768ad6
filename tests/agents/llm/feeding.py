"""Views of a small dialogue, and feeding a flow by hand: no loop, no mocks."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TypeVar

from hypothesis import strategies as st

from empa_gym.agents import ActorView, Direction, DirectorMove, DirectorView, Exchange, JudgeView
from empa_gym.chat import ChatReply, ChatRequest, Flow, ToolCall
from empa_gym.epm.axes import Axis
from empa_gym.scenarios import Period, Scenario, get_scenario

Result = TypeVar("Result")

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
ENGLISH = get_scenario("career-handover")
SCENARIOS = {"en": ENGLISH, "zh": dataclasses.replace(ENGLISH, language="zh")}
EXCHANGES = (
    Exchange("My bridge belongs to Jonas now.", "You trained him, and now his initials stand where yours stood."),
    Exchange("Everybody was kind about it.", "So there is nobody to be angry with, and that leaves you alone with it."),
    Exchange("I said thank you.", "You thanked them for taking it away, and you still hear the words."),
)
PAST = (
    Direction(DirectorMove.REVEAL_STAGE, stage=0, guidance="Tell of the breakfast."),
    Direction(DirectorMove.REVEAL_MEMORY, period=Period.CHILDHOOD, guidance="Your mother's drawings."),
)
PRESSING = Direction(DirectorMove.TURNING_POINT, stage=1, axis=Axis.AFFECTIVE, guidance="Let it slip, then be quiet.")


def judge_view(language: str = "en", exchanges: tuple[Exchange, ...] = EXCHANGES, window: int = 1) -> JudgeView:
    return JudgeView(SCENARIOS[language], exchanges, window, (), 7, len(exchanges))


def actor_view(
    language: str = "en",
    exchanges: tuple[Exchange, ...] = EXCHANGES,
    direction: Direction | None = PRESSING,
    past: tuple[Direction, ...] = PAST,
) -> ActorView:
    return ActorView(SCENARIOS[language], exchanges, direction, past, 7, len(exchanges))


def director_view(
    language: str = "en", exchanges: tuple[Exchange, ...] = EXCHANGES, success_holds: bool = False
) -> DirectorView:
    scenario: Scenario = SCENARIOS[language]
    return DirectorView(
        scenario, exchanges, None, (-15.0, -9.0, -12.0), 6.5, 31.2, PAST, success_holds, 7, len(exchanges), 42
    )


def filled(**levels: tuple[int, int]) -> dict[str, Any]:
    """A judge's form: levels per axis, quotes from the last reply of :data:`EXCHANGES`."""
    form: dict[str, Any] = {}
    words = "You thanked them for taking it away"
    for axis in Axis:
        up, down = levels.get(axis.value, (0, 0))
        form[axis.value] = {
            "progress": {
                "quote": words if up else "",
                "reasoning": "It fits.",
                "level": up,
            },
            "regression": {"quote": "", "reasoning": "It passes by the hospital.", "level": down},
        }
    return form


def with_value(form: Any, path: list[int], value: Any) -> Any:
    """A copy of nested dicts in which a value stands at the place that the path leads to."""
    if not path or not isinstance(form, dict) or not form:
        return value
    name = list(form)[path[0] % len(form)]
    return {**form, name: with_value(form[name], path[1:], value)}


def answered(form: object) -> ChatReply:
    return ChatReply(form if isinstance(form, str) else json.dumps(form))


def called(name: str, arguments: object) -> ChatReply:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ChatReply("", tool_calls=(ToolCall(name, text),), finish="tool_calls")


def feed(flow: Flow[Result], *replies: ChatReply) -> tuple[Result, list[ChatRequest]]:
    """What the flow returns when it is sent these replies, and what it asked; it must ask for each of them."""
    asked: list[ChatRequest] = []
    waiting = iter(replies)
    request = next(flow)
    while True:
        assert isinstance(request, ChatRequest)
        asked.append(request)
        reply = next(waiting, None)
        assert reply is not None, "the flow asked for more than these replies"
        try:
            request = flow.send(reply)
        except StopIteration as stop:
            assert next(waiting, None) is None, "the flow returned before all replies were sent"
            return stop.value, asked
