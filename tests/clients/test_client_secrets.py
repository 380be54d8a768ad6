"""The key appears nowhere but in the header of a request."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback

import pytest

from empa_gym.clients.config import ModelConfig, cast_configs, model_config
from empa_gym.clients.governor import Governor
from empa_gym.errors import AuthenticationFailed, ConfigError, ModelError
from tests.clients.asking import KEY, KEY_NAME, Ask, client, question
from tests.clients.loopback import FAULTS, Loopback, Told, always, refusal, told

ECHOES = {
    "refused": refusal(401, f"Incorrect API key provided: {KEY}."),
    "where it is cut": refusal(400, "x" * 295 + KEY),
    "where it is cut, with status 200": told({"error": {"message": "x" * 295 + KEY}}),
    "plain": Told(500, f"Authorization: Bearer {KEY}".encode()),
    "in the code": refusal(400, "no", KEY),
    "with status 200": told({"error": {"message": f"key {KEY} is blocked"}}),
    **{name: FAULTS[name] for name in ("reset", "stall mid-body", "wrong schema", "truncated JSON", "429")},
}


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__cause__), *chain(error.__context__)]


@pytest.mark.parametrize("name", list(ECHOES))
def test_no_error_log_or_trace_knows_the_key(
    name: str,
    server: Loopback,
    transport: str,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script = always(ECHOES[name])
    with pytest.raises(ModelError) as caught:
        ask(client(server.url, transport, timeout=0.06, attempts=2), question())
    everything = [str(one) + repr(one) + repr(vars(one)) for one in chain(caught.value)]
    everything += ["".join(traceback.format_exception(caught.value)), caplog.text, *capfd.readouterr()]
    everything += [repr(pickle.dumps(caught.value))]
    assert not any(KEY[:6] in text for text in everything)
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_an_answer_that_repeats_the_key_is_taken_without_it(server: Loopback, transport: str, ask: Ask) -> None:
    content = f"You sent me Bearer {KEY}, and I say it back."
    server.script = always(told({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}))
    reply = ask(client(server.url, transport), question())
    assert "I say it back" in reply.text
    assert KEY[:6] not in repr(reply)


def test_no_repr_or_pickle_of_a_client_knows_the_key(server: Loopback, transport: str) -> None:
    asked = client(server.url, transport, Governor())
    asked.complete(question())
    assert KEY not in repr(asked) + repr(vars(asked)) + repr(asked.config)
    assert KEY.encode() not in pickle.dumps(asked) + pickle.dumps(asked.config)
    assert KEY not in repr(copy.deepcopy(asked))
    asked.close()


def test_a_missing_key_is_named_by_its_variable(
    server: Loopback, transport: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_NAME)
    with pytest.raises(AuthenticationFailed, match=KEY_NAME):
        ask(client(server.url, transport), question())
    assert server.count == 0


def test_a_key_that_is_no_header_is_refused_without_repeating_it(
    server: Loopback, transport: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_NAME, f"{KEY}\r\nX: y")
    with pytest.raises(AuthenticationFailed) as caught:
        ask(client(server.url, transport), question())
    assert KEY not in str(caught.value)


def test_an_endpoint_without_keys_gets_none_of_ours(server: Loopback, transport: str, ask: Ask) -> None:
    asked = client(server.url, transport)
    open_one = type(asked)(ModelConfig("tiny", server.url, "", transport=asked.config.transport))
    ask(open_one, question())
    assert KEY not in str(server.asked[0].headers)


@pytest.mark.parametrize(
    "fields",
    [
        {"api_key_env": KEY},
        {"base_url": f"http://user:{KEY}@localhost/v1"},
        {"base_url": f"http://localhost/v1?key={KEY}"},
        {"api_key": KEY},
        {"extra_body": {"api_key": KEY}},
        {"timeout": KEY},
    ],
)
def test_a_key_in_the_settings_is_refused_and_not_repeated(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        model_config({"model": "tiny", **fields})
    with pytest.raises(ConfigError) as in_a_cast:
        cast_configs({"judge": {"model": "tiny", **fields}})
    for error in (*chain(caught.value), *chain(in_a_cast.value)):
        assert KEY not in str(error) + repr(error)
