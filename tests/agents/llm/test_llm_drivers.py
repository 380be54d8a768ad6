"""Whole dialogues of the LLM cast: every driver comes to the same, whatever the model does."""

from __future__ import annotations

import asyncio
import json
import pickle
import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from empa_gym.agents.llm import llm_cast
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.chat import ChatReply, ChatRequest, Flow, ToolCall
from empa_gym.clients.base import ChatClient, complete_many
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect
from empa_gym.clients.scripted import ScriptedClient
from empa_gym.dialogue.record import from_line, to_line
from empa_gym.dialogue.recording import Label
from empa_gym.dialogue.rules import Rules
from empa_gym.drive import arun, run, run_batch
from empa_gym.epm import EPMParams
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.outcome import Outcome
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Episode, Game, play
from empa_gym.rollout.play import record_episode
from empa_gym.scenarios import select_scenarios
from tests.agents.llm.feeding import SCENARIOS, filled
from tests.clients.asking import LEAN
from tests.clients.loopback import FAULTS, Asked, Loopback, Script, Told
from tests.clients.players import speaks

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


TIMED = ("slow first byte", "stall mid-body", "trickle")
"""Faults that end by a clock; whether one is met could depend on the machine."""


def crooked() -> Script:
    """A quarter of the answers is a fault: the same for the same question, whoever drives."""
    names, asked_before = [name for name in FAULTS if name not in TIMED], Counter[bytes]()

    def script(asked: Asked) -> Told:
        draw = zlib.crc32(b"%d" % asked_before[asked.body] + asked.body)
        asked_before[asked.body] += 1
        return FAULTS[names[draw // 100 % len(names)]] if draw % 100 < 25 else speaks(asked)

    return script


def recorded(server: Loopback, drive: Callable[[list[Flow[Episode]], ChatClient], list[Any]]) -> list[str]:
    """The records of a dialogue of each of six people, by one driver, but for the seconds that a failure took."""
    game = GAME._replace(rules=Rules(EPMParams.endless(4), on_model_error="hold"))
    settings = ModelConfig("tiny", server.url, "", transport=LEAN, pause=0.002, attempts=3, deadline=60.0)
    server.script, client = crooked(), connect(settings)
    flows = [play(person, 1, LLMPolicy(), game) for person in select_scenarios("starter")[:6]]
    records = [record_episode(episode, Label("tiny", "idr"), game) for episode in drive(flows, client)]
    client.close()
    return [re.sub(r"attempts in [0-9.]+ s", "attempts", to_line(record)) for record in records]


def test_every_driver_makes_the_same_records_whatever_the_endpoint_does() -> None:
    async def at_once(flows: list[Flow[Episode]], client: ChatClient) -> list[Episode]:
        return await asyncio.gather(*(arun(flow, client.acomplete) for flow in flows))

    with Loopback() as server:
        one_by_one = recorded(server, lambda flows, client: [run(flow, client.complete) for flow in flows])
        assert recorded(server, lambda flows, client: asyncio.run(at_once(flows, client))) == one_by_one
        assert recorded(server, lambda flows, client: run_batch(flows, partial(complete_many, client))) == one_by_one
    played = [from_line(line) for line in one_by_one]
    assert {record.outcome for record in played} == {Outcome.TURN_LIMIT, Outcome.MODEL_ERROR}
    assert any(turn.error for record in played for turn in record.turns)


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
