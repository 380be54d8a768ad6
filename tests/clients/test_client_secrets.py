"""The key appears nowhere but in the header of a request."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import traceback

import pytest

from empa_gym.clients.config import ModelConfig, cast_configs, model_config
from empa_gym.clients.governor import Governor
from empa_gym.errors import AuthenticationFailed, ConfigError, ModelError
from tests.clients.asking import KEY, KEY_NAME, Ask, client, question
from tests.clients.loopback import FAULTS, Loopback, Told, always, completion, refusal, told

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


def spelled(text: str) -> str:
    """The text with every letter as JSON may escape it."""
    return "".join(f"\\u{ord(letter):04X}" for letter in text)


SPELLED: dict[str, bytes] = {
    "in the text": json.dumps(completion("KEY")).encode(),
    "in JSON that is the text": json.dumps(completion(json.dumps({"said": "KEY"}))).encode(),
    "in parts": json.dumps(
        completion(choices=[{"message": {"content": [{"text": "I say KE"}, {"text": "Y back"}]}}])
    ).encode(),
    "in a tool's arguments": json.dumps(
        completion(
            choices=[
                {"message": {"tool_calls": [{"function": {"name": "KEY", "arguments": json.dumps({"said": "KEY"})}}]}}
            ]
        )
    ).encode(),
    "in an error where it is cut": json.dumps({"error": {"message": "x" * 295 + "KEY", "code": "KEY"}}).encode(),
}


def decoded(text: str) -> str:
    """A text with its escapes resolved, also those within those."""
    for _ in range(3):
        text = re.sub(r"\\+u(00[0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return text


@pytest.mark.parametrize("place", SPELLED)
@pytest.mark.parametrize("way", ["plain", "escaped"])
def test_a_key_in_any_spelling_of_json_is_hidden(
    place: str, way: str, server: Loopback, transport: str, ask: Ask
) -> None:
    parts = {b"KEY": KEY, b"KE": KEY[:4], b"Y back": KEY[4:] + " back"}
    body = SPELLED[place]
    for name, text in parts.items():
        body = body.replace(name, (spelled(text) if way == "escaped" else text).encode())
    if "arguments" in place and way == "escaped":  # one more backslash, for JSON within JSON
        head, _, tail = body.partition(b"said")
        body = head + b"said" + tail.replace(b"\\u", b"\\\\u")
    server.script = always(Told(body=body))
    try:
        shown = repr(ask(client(server.url, transport, attempts=1), question()))
    except ModelError as error:
        shown = str(error)
    assert KEY[:6] not in decoded(shown)
    assert "[key]" in shown or "cut" in place


def test_a_key_with_a_slash_is_found_behind_its_backslash(
    server: Loopback, transport: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_NAME, "sk/marked/4711")
    server.script = always(Told(body=json.dumps(completion("KEY.")).replace("KEY", r"sk\/marked\/4711").encode()))
    assert ask(client(server.url, transport), question()).text == "[key]."


def test_a_key_that_was_changed_is_sent_from_then_on_and_the_old_one_still_hidden(
    server: Loopback, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, new = client(server.url, transport), "sk-second-4712"
    server.script = always(told(completion(f"{KEY} and {new}")))
    assert asked.complete(question()).text == f"[key] and {new}"
    monkeypatch.setenv(KEY_NAME, new)
    assert asked.complete(question()).text == "[key] and [key]"
    asked.close()
    assert [one.headers["authorization"] for one in server.asked] == [f"Bearer {KEY}", f"Bearer {new}"]


@pytest.mark.parametrize("blanks", ["{} ", " {}", "{}\n", "\t{}\r\n"])
def test_blanks_around_a_key_are_not_sent(
    blanks: str, server: Loopback, transport: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_NAME, blanks.format(KEY))
    assert ask(client(server.url, transport), question()).usage.retries == 0
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


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
