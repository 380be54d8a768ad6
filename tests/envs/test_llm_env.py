"""EMPA-LLM-v0: chat models play the cast, and a tape plays it again without them."""

from __future__ import annotations

import copy
import itertools
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

from empa_gym.agents.llm import LLMActor, LLMDirector, LLMJudge, llm_cast
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients import ScriptedClient
from empa_gym.clients.tape import Tape
from empa_gym.envs.empa import EmpaEnv
from empa_gym.errors import BudgetExceeded, ConfigError, EmpaError, ModelError, TapeMiss
from tests.clients.loopback import Asked, Loopback, Told, refusal, told
from tests.clients.players import sound, speaks

KEY = "sk-marked-key-4711"
REPLIES = ("That sounds hard.", "", "What was that like for you?", "You kept it going, all winter long.")
SHORT = {"base": "training", "max_turns": 4, "min_turns": 2}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A model whose answers depend on the question alone, named by the environment."""
    with Loopback(speaks) as loopback:
        monkeypatch.setenv("EMPA_MODEL", "tiny")
        monkeypatch.setenv("EMPA_BASE_URL", loopback.url)
        monkeypatch.setenv("EMPA_API_KEY_ENV", "MY_KEY")
        monkeypatch.setenv("MY_KEY", KEY)
        yield loopback


def made(**arguments: Any) -> EmpaEnv:
    env = gym.make("EMPA-LLM-v0", **{"rules": SHORT, **arguments}).unwrapped
    assert isinstance(env, EmpaEnv)
    return env


def played(env: gym.Env[Any, Any], seed: int = 3) -> list[Any]:
    """All that an agent sees of a dialogue."""
    seen: list[Any] = [env.reset(seed=seed)]
    for reply in itertools.cycle(REPLIES):
        seen.append(env.step(reply))
        if seen[-1][2] or seen[-1][3]:
            return seen
    raise AssertionError


def test_gymnasiums_checker_finds_nothing(server: Loopback) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(made())
    assert server.asked
    assert gym.spec("EMPA-LLM-v0").nondeterministic


def test_models_play_a_whole_dialogue_and_their_usage_is_counted(server: Loopback) -> None:
    env = made(reveal_state=True)
    *_, last = played(env)
    assert last[4]["outcome"] in ("turn_limit", "stalled", "recovered", "collapsed")
    assert {used.role for used in env.usage} == {"actor", "director", "judge"}
    assert sum(used.calls for used in env.usage) == len(server.asked)
    assert all(used.prompt_tokens == 100 * used.calls for used in env.usage)
    assert not {key for key in last[4] if "usage" in key or "seconds" in key or "cost" in key}
    assert {dict(asked.headers)["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}
    assert env.governor is not None
    assert env.governor.spent.calls == len(server.asked)


def test_usage_is_of_the_dialogue_alone(server: Loopback) -> None:
    env = made()
    played(env)
    env.reset(seed=4)
    assert [(used.role, used.calls) for used in env.usage] == [("actor", 1)]


class Moody:
    """A model that never answers twice alike."""

    def __init__(self) -> None:
        self.count = itertools.count()

    def __call__(self, request: ChatRequest) -> ChatReply:
        reply = sound(request._replace(turn=1000 * next(self.count)))
        return reply if request.role != "judge" else sound(request)


def test_a_recorded_episode_is_replayed_exactly(tmp_path: Path) -> None:
    recording = made(cast=llm_cast())
    recording.complete = Tape(tmp_path / "run.tape", inner=ScriptedClient(Moody())).complete
    first = played(recording)
    assert played(made(cast=llm_cast(), tape={"path": str(tmp_path / "run.tape"), "mode": "replay_or_fail"})) == first
    replayed = made(cast=llm_cast(), tape={"path": str(tmp_path / "run.tape"), "mode": "replay_or_fail"})
    assert played(replayed) == first
    assert replayed.usage == recording.usage


def test_a_tape_in_the_arguments_makes_a_second_run_free(server: Loopback, tmp_path: Path) -> None:
    first = played(made(tape=str(tmp_path / "run.tape")))
    asked = len(server.asked)
    assert played(made(tape=str(tmp_path / "run.tape"))) == first
    assert len(server.asked) == asked


def test_what_a_tape_does_not_hold_is_loud_even_when_failures_are_held(server: Loopback, tmp_path: Path) -> None:
    played(made(tape=str(tmp_path / "run.tape")))
    replayed = made(tape={"path": str(tmp_path / "run.tape"), "mode": "replay_or_fail"}, on_model_error="hold")
    with pytest.raises(TapeMiss, match="has no call at"):
        replayed.reset(seed=99)
    replayed.reset(seed=3)
    before = replayed.state
    with pytest.raises(TapeMiss, match=r"another request at scenario .*message 2 \(user\) differs"):
        replayed.step("Something that was never said.")
    assert replayed.state is before


def test_the_spec_goes_through_json_and_makes_the_same_env(server: Loopback, tmp_path: Path) -> None:
    arguments = {
        "cast": {"defaults": {"model": "tiny", "base_url": server.url, "api_key_env": "MY_KEY"}, "judge": {}},
        "tape": {"path": str(tmp_path / "run.tape")},
        "ceilings": {"calls": 100, "by_role": {"judge": 2}},
    }
    env = gym.make("EMPA-LLM-v0", rules=SHORT, **arguments)
    spec = EnvSpec.from_json(env.spec.to_json()) if env.spec else None
    assert spec is not None
    assert spec.kwargs == json.loads(json.dumps(spec.kwargs))
    assert {name: spec.kwargs[name] for name in arguments} == arguments
    assert played(gym.make(spec)) == played(env)


def test_a_pickle_in_mid_dialogue_and_a_fork_go_on_as_the_env_does(server: Loopback, tmp_path: Path) -> None:
    env = made(tape=str(tmp_path / "run.tape"), ceilings={"calls": 500})
    env.reset(seed=1)
    env.step(REPLIES[0])
    again, fork = pickle.loads(pickle.dumps(env)), copy.deepcopy(env)
    assert fork.governor is env.governor
    assert fork.client is env.client
    assert again.step("Go on.") == fork.step("Go on.") == env.step("Go on.")
    assert [used.calls for used in again.usage] == [used.calls for used in env.usage]


def test_forks_share_connections_and_ceilings_and_count_apart(server: Loopback) -> None:
    env = made(ceilings={"calls": 500})
    env.reset(seed=1)
    fork = copy.deepcopy(env)
    assert (fork.client, fork.governor, fork.cast) == (env.client, env.governor, env.cast)
    assert fork.client is env.client
    fork.step("Go on.")
    assert sum(used.calls for used in fork.usage) > sum(used.calls for used in env.usage) == 1
    assert env.governor is not None
    assert env.governor.spent.calls == len(server.asked)


def test_a_ceiling_ends_the_dialogue_as_a_spent_budget(server: Loopback) -> None:
    *_, last = played(made(ceilings={"calls": 5}))
    assert last[4]["outcome"] == "budget"
    assert last[3]
    assert len(server.asked) == 5
    with pytest.raises(BudgetExceeded, match="ceiling of 0 calls"):
        made(ceilings={"calls": 0}).reset(seed=1)


def test_a_failed_step_may_be_called_again(server: Loopback, tmp_path: Path) -> None:
    env = made(tape=str(tmp_path / "run.tape"))
    first = env.reset(seed=1)
    server.script = lambda _: refusal(400, "not today")
    with pytest.raises(ModelError, match="not today"):
        env.step("Go on.")
    server.script = speaks
    second = env.step("Go on.")
    replayed = made(tape={"path": str(tmp_path / "run.tape"), "mode": "replay_or_fail"})
    assert replayed.reset(seed=1) == first
    with pytest.raises(ModelError, match="not today"):
        replayed.step("Go on.")
    assert replayed.step("Go on.") == second


def test_a_file_mixes_models_with_others(server: Loopback, tmp_path: Path) -> None:
    cast = tmp_path / "cast.json"
    cast.write_text(json.dumps({"actor": {"model": "tiny"}, "director": "llm", "judge": "offline"}), encoding="utf-8")
    env = made(cast=str(cast))
    kinds = [type(player) for player in (env.cast.actor, env.cast.director, env.cast.judge)]
    assert kinds == [LLMActor, LLMDirector, OfflineJudge]
    played(env)
    assert {used.role for used in env.usage} == {"actor", "director"}


def test_without_a_model_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMPA_MODEL", raising=False)
    with pytest.raises(ConfigError, match="name the model, or set EMPA_MODEL"):
        gym.make("EMPA-LLM-v0")


def test_a_judge_in_chinese_refuses_an_english_scenario() -> None:
    with pytest.raises(ValueError, match="speaks 'zh' alone"):
        made(cast={"judge": {"model": "tiny", "language": "zh"}})


def test_it_can_be_used_after_it_was_closed(server: Loopback) -> None:
    env = made()
    first = played(env)
    env.close()
    assert played(env) == first
    env.close()


def repeats_the_key(asked: Asked) -> Told:
    """An endpoint that puts the key into every error."""
    if asked.index % 3 == 1:
        return told({"error": {"message": f"your key {KEY} is tired", "code": "tired"}}, 400)
    return speaks(asked)


def test_the_key_stands_nowhere(server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    env = gym.make("EMPA-LLM-v0", rules=SHORT, tape=str(tmp_path / "run.tape"), on_model_error="hold")
    for seed in range(3):
        texts.append(repr(played(env, seed)))
    server.script = repeats_the_key
    for seed in range(3, 12):
        try:
            texts.append(repr(played(env, seed)))
        except EmpaError as error:
            texts += ["".join(traceback.format_exception(error)), repr(error), pickle.dumps(error).decode("latin-1")]
    inner = env.unwrapped
    assert isinstance(inner, EmpaEnv)
    texts += [repr(env), repr(inner.client), repr(inner.cast), repr(vars(inner)), repr(vars(inner.client))]
    texts += [pickle.dumps(inner).decode("latin-1"), env.spec.to_json() if env.spec else "", caplog.text]
    texts += [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert any("is tired" in text for text in texts)
    assert [text[:200] for text in texts if KEY in text] == []
    inner.close()


def test_the_llm_cast_has_its_three_players() -> None:
    cast = llm_cast()
    assert [type(player) for player in (cast.actor, cast.director, cast.judge)] == [LLMActor, LLMDirector, LLMJudge]
