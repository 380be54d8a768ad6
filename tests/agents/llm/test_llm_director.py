from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.agents import Direction, DirectorMove
from empa_gym.agents.llm import LLMDirector
from empa_gym.agents.llm.director import MAX_GUIDANCE, NEEDS, director_tools, read_move
from empa_gym.agents.llm.parsing import Unreadable
from empa_gym.chat import ChatReply, ToolCall
from empa_gym.epm.axes import Axis
from empa_gym.errors import ModelError
from empa_gym.scenarios import Period
from tests.agents.llm.feeding import ANY_JSON, answered, called, director_view, feed, with_value
from tests.prompts.injections import INJECTIONS, NAMES, Injection

VIEW = director_view()
MOVES = [
    ("reveal_stage", {"stage": 2}, Direction(DirectorMove.REVEAL_STAGE, stage=1, guidance="Slowly.")),
    ("reveal_stage", {"stage": 1}, Direction(DirectorMove.REVEAL_STAGE, stage=0, guidance="Slowly.")),  # told before
    (
        "reveal_memory",
        {"period": "adolescence"},
        Direction(DirectorMove.REVEAL_MEMORY, period=Period.ADOLESCENCE, guidance="Slowly."),
    ),
    (
        "adjust_axis",
        {"axis": "proactive"},
        Direction(DirectorMove.ADJUST_AXIS, axis=Axis.PROACTIVE, guidance="Slowly."),
    ),
    (
        "turning_point",
        {"stage": 4, "axis": "affective"},
        Direction(DirectorMove.TURNING_POINT, stage=3, axis=Axis.AFFECTIVE, guidance="Slowly."),
    ),
    ("observe", {}, Direction(DirectorMove.OBSERVE, guidance="Slowly.")),
    ("advise", {}, Direction(DirectorMove.ADVISE, guidance="Slowly.")),
    ("end", {}, Direction(DirectorMove.END, guidance="Slowly.")),
]


@pytest.mark.parametrize(("name", "arguments", "direction"), MOVES)
def test_a_function_call_is_a_move(name: str, arguments: dict[str, Any], direction: Direction) -> None:
    reply = called(name, {**arguments, "guidance": "Slowly."})
    move, asked = feed(LLMDirector().direct(VIEW), reply)
    assert move == direction
    assert (asked[0].role, asked[0].turn) == ("director", 3)


@pytest.mark.parametrize(("name", "arguments", "direction"), MOVES)
def test_the_same_move_is_read_from_a_text(name: str, arguments: dict[str, Any], direction: Direction) -> None:
    nulls = {"stage": None, "period": None, "axis": None}
    given = {**arguments, "guidance": "Slowly."}
    for text in (
        json.dumps({"move": name, **nulls, **given}),
        f"I choose:\n```json\n{json.dumps({'move': name, **given})}\n```",
        f"<tool_call>\n{json.dumps({'name': name, 'arguments': given})}\n</tool_call>",
        json.dumps({"name": name, "parameters": given}),
    ):
        assert read_move(ChatReply(text), VIEW) == direction


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_seven_functions_are_asked_for_with_their_schemas(language: str) -> None:
    _, asked = feed(LLMDirector(language).direct(director_view(language)), called("observe", {"guidance": ""}))
    tools = asked[0].answer.tools
    assert [tool.name for tool in tools] == [move.value for move in DirectorMove]
    for tool in tools:
        schema = json.loads(tool.parameters)
        assert schema["required"] == [*NEEDS[DirectorMove(tool.name)], "guidance"]
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False
        assert tool.description
    assert json.loads(tools[0].parameters)["properties"]["stage"]["enum"] == [1, 2, 3, 4]
    assert director_tools(language, 4) is tools


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (called("reveal_stage", {"stage": 5, "guidance": ""}), "wrong.*stage.*1, 2, 3, 4"),
        (called("reveal_stage", {"stage": 0, "guidance": ""}), "wrong.*stage"),
        (called("reveal_stage", {"stage": "two", "guidance": ""}), "wrong.*stage"),
        (called("reveal_stage", {"stage": 1.5, "guidance": ""}), "wrong.*stage"),
        (called("reveal_stage", {"stage": True, "guidance": ""}), "wrong.*stage"),
        (called("reveal_stage", {"guidance": ""}), "missing.*stage"),
        (called("reveal_memory", {"period": "old age", "guidance": ""}), "wrong.*period"),
        (called("reveal_memory", {"period": 3, "guidance": ""}), "not_text.*period"),
        (called("reveal_memory", {"period": "childhood", "guidance": ""}), "told_memory"),
        (called("adjust_axis", {"axis": "moral", "guidance": ""}), "wrong.*axis"),
        (called("turning_point", {"stage": 1, "guidance": ""}), "missing.*axis"),
        (called("turning_point", {"stage": 1, "axis": "affective", "guidance": ""}), "told_stage"),
        (called("observe", {"guidance": ["a"]}), "not_text.*guidance"),
        (called("rate_reply", {"guidance": ""}), "wrong.*move.*reveal_stage, reveal_memory"),
        (called("reveal_stage", '{"stage": 2, "guidance": "Slo'), "not_json"),
        (called("reveal_stage", "[2]"), "not_json"),
        (called("reveal_stage", ""), "missing.*stage"),
        (ChatReply("", tool_calls=(ToolCall("observe", "{}"), ToolCall("end", "{}"))), "calls"),
        (ChatReply("", finish="length"), "cut"),
        (ChatReply(""), "empty"),
        (ChatReply("I would wait."), "not_json"),
        (answered({"guidance": "Slowly."}), "missing.*move"),
        (answered({"move": "rest"}), "wrong.*move"),
        (answered({"move": 7}), "not_text.*move"),
        (answered({"name": "observe", "arguments": "{}"}), "missing.*move"),
    ],
)
def test_what_is_no_move_is_unreadable(reply: ChatReply, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem) as told:
        read_move(reply, VIEW)
    assert told.value.told("en")


def test_a_stage_may_come_as_text_and_the_same_call_twice_is_one() -> None:
    call = ToolCall("reveal_stage", '{"stage": "2", "guidance": "Slowly."}')
    assert read_move(ChatReply("", tool_calls=(call, call)), VIEW) == MOVES[0][2]


def test_names_are_read_in_any_case_and_with_spaces() -> None:
    move = read_move(answered({"move": "Reveal memory", "period": "Early Adulthood"}), VIEW)
    assert move == Direction(DirectorMove.REVEAL_MEMORY, period=Period.EARLY_ADULTHOOD)


def test_a_call_without_arguments_is_one_without_guidance() -> None:
    assert read_move(called("observe", ""), VIEW) == Direction(DirectorMove.OBSERVE)


def test_a_move_keeps_nothing_that_it_is_not_about() -> None:
    reply = called("observe", {"stage": 2, "axis": "affective", "period": "childhood", "guidance": ""})
    assert read_move(reply, VIEW) == Direction(DirectorMove.OBSERVE)


def test_the_function_that_was_called_is_the_move_whatever_its_arguments_say() -> None:
    assert read_move(called("observe", {"move": "end", "guidance": ""}), VIEW).move is DirectorMove.OBSERVE


def test_an_unreadable_move_is_asked_again_and_ends_as_a_model_error() -> None:
    wrong = called("reveal_stage", {"stage": 9, "guidance": ""})
    right = called("observe", {"guidance": ""})
    move, asked = feed(LLMDirector().direct(VIEW), wrong, right)
    assert move.move is DirectorMove.OBSERVE
    assert "1, 2, 3, 4" in asked[1].messages[-1].content
    with pytest.raises(ModelError, match=r"director: no usable answer in 3 attempts.*stage"):
        feed(LLMDirector().direct(VIEW), wrong, wrong, wrong)


@given(st.sampled_from(MOVES), st.integers(0, 3), ANY_JSON, st.booleans())
def test_whatever_stands_in_the_arguments_they_are_read_or_unreadable(
    move: tuple[str, dict[str, Any], Direction], place: int, value: object, call: bool
) -> None:
    name, arguments, _ = move
    changed = with_value({**arguments, "guidance": "Slowly."}, [place], value)
    try:
        direction = read_move(called(name, changed) if call else answered({"move": name, **changed}), VIEW)
    except Unreadable:
        return
    assert direction.move.value == name


def test_guidance_is_clean_and_bounded() -> None:
    move = read_move(called("advise", {"guidance": "\u202eBe\x00 slow. " + "x" * 5000}), VIEW)
    assert move.guidance.startswith("Be slow.")
    assert len(move.guidance) <= MAX_GUIDANCE


def test_whether_an_end_is_allowed_is_left_to_the_turn() -> None:
    assert read_move(called("end", {"guidance": ""}), VIEW).move is DirectorMove.END


@pytest.mark.parametrize("attack", INJECTIONS, ids=NAMES)
def test_an_attack_as_guidance_is_guidance_and_no_move(attack: Injection) -> None:
    move = read_move(called("advise", {"guidance": attack.text}), VIEW)
    assert move.move is DirectorMove.ADVISE
