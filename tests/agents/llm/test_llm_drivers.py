"""Whole dialogues of the LLM cast: every driver comes to the same, whatever the model does."""

from __future__ import annotations

import asyncio
import json
import pickle
import re
import zlib
from collections.abc import Sequence

import pytest

from empa_gym.agents.llm import llm_cast
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.chat import ChatReply, ChatRequest, ToolCall
from empa_gym.clients.scripted import ScriptedClient
from empa_gym.dialogue.rules import Rules
from empa_gym.drive import arun, run, run_batch
from empa_gym.epm import EPMParams
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.outcome import Outcome
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Episode, Game, play
from tests.agents.llm.feeding import SCENARIOS, filled

SEEDS = range(6)
GAME = Game(llm_cast(), Rules(EPMParams.endless(8), on_model_error="hold"))


def sound(request: ChatRequest) -> ChatReply:
    """What a model that keeps to the forms answers; other words in every dialogue and turn."""
    draw = zlib.crc32(repr((request.role, request.turn, request.messages)).encode())
    if request.role == "judge":
        quote = re.findall(r"^S[0-9]+\| (.*)$", request.messages[-1].content, re.MULTILINE)[-1]
        form = filled(cognitive=(draw % 3, -(draw // 3 % 3)), affective=(draw // 9 % 3, 0))
        for axis in form.values():
            axis["progress"]["quote"] = quote
        return ChatReply(json.dumps(form))
    if request.role == "director":
        tool = request.answer.tools[draw % 2 * 4]  # a stage, or observe
        arguments = {"stage": draw // 2 % 4 + 1, "guidance": "Slowly."}
        return ChatReply("", tool_calls=(ToolCall(tool.name, json.dumps(arguments)),), finish="tool_calls")
    return ChatReply(f"{request.role} says {draw} on turn {request.turn}")


def faulty(request: ChatRequest) -> ChatReply | ModelError:
    """A model of which a quarter of the answers is broken in one way or another."""
    draw = zlib.crc32(repr(request).encode())
    broken = (
        ChatReply(""),
        ChatReply("I cannot.", finish="refusal"),
        ChatReply("And then", finish="length"),
        ChatReply('{"cognitive": {"progress": 2}}'),
        ChatReply("", tool_calls=(ToolCall("rate", "{"),)),
        ModelError("the server is down", role=request.role),
    )
    return broken[draw // 100 % len(broken)] if draw % 100 < 25 else sound(request)


async def all_at_once(client: ScriptedClient) -> list[Episode]:
    return list(
        await asyncio.gather(*(arun(play(SCENARIOS["en"], s, LLMPolicy(), GAME), client.acomplete) for s in SEEDS))
    )


def in_rounds(client: ScriptedClient) -> list[Episode]:
    def complete_many(requests: Sequence[ChatRequest]) -> list[ChatReply | ModelError | BudgetExceeded]:
        answers: list[ChatReply | ModelError | BudgetExceeded] = []
        for request in requests:
            try:
                answers.append(client.complete(request))
            except ModelError as error:
                answers.append(error)
        return answers

    episodes = run_batch([play(SCENARIOS["en"], seed, LLMPolicy(), GAME) for seed in SEEDS], complete_many)
    return [one for one in episodes if isinstance(one, Episode)]


@pytest.mark.parametrize("model", [sound, faulty])
def test_every_driver_plays_the_same_dialogues(model: object) -> None:
    script = model if callable(model) else sound
    one_by_one = [run(play(SCENARIOS["en"], s, LLMPolicy(), GAME), ScriptedClient(script).complete) for s in SEEDS]
    assert asyncio.run(all_at_once(ScriptedClient(script))) == one_by_one
    assert in_rounds(ScriptedClient(script)) == one_by_one
    errors = [turn.error for episode in one_by_one for turn in episode.state.turns if turn.error]
    failed = [episode for episode in one_by_one if episode.state.outcome is Outcome.MODEL_ERROR]
    assert bool(errors or failed) == (model is faulty)


def test_an_unreadable_judgement_is_held_and_never_a_number() -> None:
    def silent_judge(request: ChatRequest) -> ChatReply:
        return ChatReply("2, 2, 2") if request.role == "judge" and request.turn == 3 else sound(request)

    episode = run(play(SCENARIOS["en"], 1, LLMPolicy(), GAME), ScriptedClient(silent_judge).complete)
    third = episode.state.turns[2]
    assert third.assessment is None
    assert "no usable answer in 3 attempts" in third.error
    assert episode.rewards[2] == 0.0
    assert episode.state.turns[3].span == 2
    assert not any("attempts" in message.content for message in episode.state.messages)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_roles_may_be_mixed_with_embedded_ones_and_play_in_their_language(language: str) -> None:
    cast = llm_cast(language, judge=OfflineJudge()) if language == "en" else llm_cast(language)
    client = ScriptedClient(sound)
    episode = run(
        play(SCENARIOS[language], 1, LLMPolicy(language), Game(cast, Rules(EPMParams.endless(3)))), client.complete
    )
    assert episode.state.outcome is Outcome.TURN_LIMIT
    asked = {request.role for request in client.requests}
    assert asked == {"actor", "director", "policy"} | (set() if language == "en" else {"judge"})


def test_a_scenario_in_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'en' alone.*'zh'"):
        run(play(SCENARIOS["zh"], 1, LLMPolicy(), GAME), ScriptedClient(sound).complete)


def test_a_cast_pickles() -> None:
    assert pickle.loads(pickle.dumps(llm_cast("zh"))).judge.language == "zh"
