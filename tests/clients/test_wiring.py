"""One client from settings: models, ceilings, tape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from empa_gym.chat import ChatRequest, Message
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.governor import Governor
from empa_gym.clients.limits import Limits
from empa_gym.clients.tape import Tape
from empa_gym.clients.wiring import limits_from, open_client, tape_settings
from empa_gym.errors import BudgetExceeded, ConfigError, TapeMiss
from tests.clients.loopback import Loopback


def question(turn: int = 1) -> ChatRequest:
    return ChatRequest("actor", (Message("user", "How are you?"),), turn)


def test_nobody_is_asked_where_no_role_has_a_model() -> None:
    assert open_client({}) is None
    assert open_client({}, tape="run.tape") is None


def test_a_tape_and_ceilings_stand_around_the_models(server: Loopback, tmp_path: Path) -> None:
    models = {"actor": ModelConfig("tiny", server.url, "")}
    governor = Governor(limits_from({"calls": 1}))
    client = open_client(models, tmp_path / "run.tape", governor)
    assert client is not None
    first = client.complete(question())
    assert client.complete(question()) == first
    with pytest.raises(BudgetExceeded):
        client.complete(question(turn=2))
    assert len(server.asked) == 1
    client.close()


def test_a_replay_needs_no_model_no_key_and_no_network(tmp_path: Path) -> None:
    (tmp_path / "run.tape").touch()
    models = {"actor": ModelConfig("tiny", "http://127.0.0.1:9/v1", "NO_SUCH_KEY")}
    client = open_client(models, {"path": str(tmp_path / "run.tape"), "mode": "replay_or_fail"})
    assert isinstance(client, Tape)
    assert client.inner is None
    with pytest.raises(TapeMiss):
        client.complete(question())


@pytest.mark.parametrize(
    ("tape", "words"),
    [
        ({"path": "a", "mode": "rewind"}, "tape: mode: .*'record', 'replay' or 'replay_or_fail'.*'rewind'"),
        ({"file": "a"}, "tape: path: Field required"),
        ({"path": "a", "speed": 2}, "tape: speed"),
        ({"path": 3}, "tape: path"),
    ],
)
def test_a_tapes_settings_that_are_off_are_refused(tape: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        tape_settings(tape)


@pytest.mark.parametrize(
    ("ceilings", "words"),
    [
        ({"calls": -1}, "ceilings: calls"),
        ({"euros": 3}, "ceilings: euros"),
        (7, "expected a table such as"),
        ({"by_role": {"jugde": 2}}, "jugde.*expected one of the roles actor, director, judge, policy"),
    ],
)
def test_ceilings_that_are_off_are_refused(ceilings: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        limits_from(ceilings)


def test_limits_are_taken_as_they_are() -> None:
    assert limits_from(None) == Limits()
    assert limits_from(Limits(calls=3)) == limits_from({"calls": 3})


def test_a_ceiling_on_cost_is_refused_where_a_model_has_no_price() -> None:
    model = ModelConfig("some-model", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match=r"ceiling on cost needs prices.*judge"):
        open_client({"judge": model}, None, Governor(Limits(cost=1.0)))
