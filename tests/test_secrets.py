"""A marked key appears nowhere: no file, log, repr, traceback with its locals, pickle, spec or output holds it.

The endpoint does its worst: it puts the key into every error, and into every third answer.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec
from rich.console import Console
from rich.traceback import Traceback

from empa_gym.chat import ChatRequest, Message
from empa_gym.cli import main
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect
from empa_gym.clients.governor import Governor
from empa_gym.envs.vector import EmpaVectorEnv
from empa_gym.errors import EmpaError
from tests.clients.asking import TRANSPORTS
from tests.clients.loopback import FAULTS, Asked, Loopback, Told, completion, told
from tests.clients.players import speaks

MARK = "sk-marked-"
KEY = MARK + "key-1234567890"
RULES = {"base": "training", "max_turns": 3, "min_turns": 2}
SHORT = ("--scenarios", "health-knee", "--seeds", "2", "--rules", json.dumps(RULES))


def indiscreet(asked: Asked) -> Told:
    """An endpoint that repeats the key wherever it can."""
    if asked.index % 5 == 4:
        return told({"error": {"message": f"the key {KEY} is tired", "code": KEY}}, 400)
    if asked.index % 3 == 2 and "response_format" not in asked.json and "tools" not in asked.json:
        return told(completion(f"You sent me Bearer {KEY}, number {asked.index}."))
    return speaks(asked)


class Endpoint(NamedTuple):
    """The server, and the settings of a model behind it."""

    server: Loopback
    model: dict[str, Any]

    @property
    def cast(self) -> dict[str, Any]:
        """A cast of which the director is offline."""
        return {"defaults": self.model, "actor": {}, "judge": {}}


@pytest.fixture(params=TRANSPORTS)
def endpoint(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """The endpoint, with each way of carrying bytes."""
    monkeypatch.setenv("MY_KEY", KEY)
    with Loopback(indiscreet) as server:
        yield Endpoint(
            server, {"model": "tiny", "base_url": server.url, "api_key_env": "MY_KEY", "transport": request.param}
        )


def all_about(error: BaseException) -> str:
    """What any way of showing an error could show, with the locals of every frame."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(shown.format()) + repr(error) + str(error) + repr(pickle.dumps(error))


def shown_by_rich(error: BaseException) -> str:
    """The same as rich shows it, which looks into the locals; slow."""
    shown = io.StringIO()
    trace = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=10_000
    )
    Console(file=shown, width=500).print(trace)
    return shown.getvalue()


def leaks(*texts: object) -> list[str]:
    """The surroundings of each mark in these texts."""
    found = [text if isinstance(text, str) else repr(text) for text in texts]
    return [text[max(0, text.find(MARK) - 200) :][:300] for text in found if MARK in text]


def caught(does: Callable[[], object]) -> BaseException | None:
    """The error that something raises, with the frames that it came through."""
    try:
        does()
    except (EmpaError, asyncio.CancelledError, TimeoutError, KeyboardInterrupt, ValueError, gym.error.Error) as error:
        return error
    return None


def played(env: gym.Env[Any, Any], seed: int) -> list[Any]:
    """All that an agent sees of a dialogue."""
    seen: list[Any] = [env.reset(seed=seed)]
    while len(seen) == 1 or not (seen[-1][2] or seen[-1][3]):
        seen.append(env.step("I hear you."))
    return seen


def files_in(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()]


def test_an_environment_and_whatever_it_writes_or_raises_hold_no_key(
    endpoint: Endpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    env = gym.make("EMPA-LLM-v0", cast=endpoint.cast, rules=RULES, tape=str(tmp_path / "run.tape"))
    seen = [repr(played(env, seed)) for seed in range(2) if caught(lambda seed=seed: played(env, seed)) is None]
    errors = [error for seed in range(2, 7) if (error := caught(lambda seed=seed: played(env, seed)))]
    assert errors
    texts = [*seen, *map(all_about, errors), repr(env), repr(env.unwrapped), repr(vars(env.unwrapped))]
    texts += [repr(pickle.dumps(env.unwrapped)), env.spec.to_json() if env.spec else "", caplog.text]
    texts += [*files_in(tmp_path), *capfd.readouterr()]
    assert "[key]" in "".join(texts), "the endpoint never repeated the key"
    assert leaks(*texts) == []
    env.close()


def test_many_environments_hold_no_key(endpoint: Endpoint, tmp_path: Path) -> None:
    envs = EmpaVectorEnv(3, cast=endpoint.cast, rules=RULES, tape=str(tmp_path / "run.tape"), on_model_error="hold")
    seen: list[Any] = [error if (error := caught(lambda: envs.reset(seed=1))) else "reset"]
    seen += [caught(lambda: seen.append(envs.step(("I hear you.",) * 3))) for _ in range(6)]
    texts = [all_about(one) if isinstance(one, BaseException) else repr(one) for one in seen]
    texts += [repr(envs), repr(vars(envs)), repr(pickle.dumps(envs)), *files_in(tmp_path)]
    assert leaks(*texts) == []
    envs.close()


def test_a_key_given_in_the_wrong_place_is_not_repeated_by_make(endpoint: Endpoint) -> None:
    wrong: list[dict[str, Any]] = [
        {"cast": {"defaults": {**endpoint.model, "api_key_env": KEY}, "judge": {}}},
        {"cast": {"defaults": {**endpoint.model, "api_key": KEY}, "judge": {}}},
        {"cast": {"defaults": {**endpoint.model, "base_url": f"http://u:{KEY}@127.0.0.1/v1"}, "judge": {}}},
        {"api_key": KEY},
    ]
    for arguments in wrong:
        error = caught(lambda arguments=arguments: gym.make("EMPA-LLM-v0", **arguments))
        assert error is not None
        assert leaks(str(error), repr(error), *map(str, error.args), "".join(traceback.format_exception(error))) == []


def test_a_spec_of_a_spec_holds_the_name_of_the_key_alone(endpoint: Endpoint) -> None:
    env = gym.make("EMPA-LLM-v0", cast=endpoint.cast)
    assert env.spec is not None
    spec = EnvSpec.from_json(env.spec.to_json())
    assert "MY_KEY" in spec.to_json()
    assert leaks(spec.to_json(), repr(spec), spec.pprint(disable_print=True), pickle.dumps(spec)) == []


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_commands_print_write_and_log_no_key(
    command: str,
    endpoint: Endpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    policy = tmp_path / "mine.json"
    policy.write_text(json.dumps(endpoint.model), encoding="utf-8")
    cast = json.dumps(endpoint.cast)
    lines = {
        "run": [("run", "--cast", cast, "--policy", str(policy), *SHORT, "--tape", "run.tape", "--name", "a")],
        "doctor": [("doctor", cast), ("doctor", cast, "--json"), ("doctor", str(policy))],
    }
    for line in lines[command]:
        assert main([*line]) in (0, 1, 4)  # 4: no dialogue of a policy could be scored
    if command == "run":
        assert main(["show", "runs/a"]) in (0, 2)
        assert {path.name for path in (tmp_path / "runs" / "a").iterdir()} >= {"records.jsonl", "summary.json"}
    printed = capsys.readouterr()
    assert endpoint.server.asked
    assert leaks(printed.out, printed.err, caplog.text, *files_in(tmp_path)) == []


QUESTION = ChatRequest("judge", (Message("user", "How are you?"),))


@pytest.mark.parametrize("fault", ["slow first byte", "reset", "truncated JSON"])
def test_a_call_that_is_broken_off_shows_no_key_in_the_locals_of_its_frames(fault: str, endpoint: Endpoint) -> None:
    endpoint.server.script = lambda _: FAULTS[fault]
    settings = ModelConfig(**{**endpoint.model, "timeout": 0.1, "attempts": 1})
    client = connect(settings, Governor())

    async def cancelled() -> None:
        try:
            await asyncio.wait_for(client.acomplete(QUESTION), 0.05)
        finally:
            await client.aclose()

    errors = [caught(lambda: client.complete(QUESTION)), caught(lambda: asyncio.run(cancelled()))]
    assert all(errors)
    assert leaks(*(all_about(error) for error in errors if error)) == []
    assert leaks(client, pickle.dumps(client), vars(client)) == []
    client.close()


def test_a_traceback_with_locals_that_rich_shows_holds_no_key(endpoint: Endpoint) -> None:
    endpoint.server.script = lambda _: told({"error": {"message": f"bad key {KEY}"}}, 401)
    client = connect(ModelConfig(**endpoint.model))
    error = caught(lambda: client.complete(QUESTION))
    client.close()
    assert error is not None
    assert leaks(shown_by_rich(error)) == []
