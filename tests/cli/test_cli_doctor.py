"""``empa-gym doctor`` says what an endpoint can do, and how steadily a judge rates."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from empa_gym.cli.consistency import Trial, measure
from empa_gym.cli.fixed_replies import KINDS, MOMENTS
from tests.cli.conftest import Cli
from tests.clients.loopback import Asked, Loopback, Told, completion, finished, refusal, told
from tests.clients.players import quoted, rated, speaks

KEY = "sk-marked-key-0815"
FORM = '{"word": "sparrow", "letters": 7}'


def able(asked: Asked) -> Told:
    """An endpoint that does all that is asked."""
    body = asked.json
    if "tools" in body:
        call = {"id": "1", "type": "function", "function": {"name": "note", "arguments": FORM}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return told(completion(choices=[{"index": 0, "finish_reason": "tool_calls", "message": message}]))
    if "response_format" in body:
        return told(completion(FORM)) if "letters" in body["messages"][0]["content"] else speaks(asked)
    return told(completion(f"seed {body['seed']}" if "seed" in body else f"sparrow {asked.index}"))


def plain(asked: Asked) -> Told:
    """An endpoint that knows neither schemas nor tools, counts nothing, and never repeats itself."""
    body = asked.json
    if "tools" in body or body.get("response_format", {}).get("type") == "json_schema":
        return refusal(400, "unknown field")
    data = completion(FORM if "response_format" in body else f"sparrow {asked.index}")
    return told({name: value for name, value in data.items() if name != "usage"})


def deaf(asked: Asked) -> Told:
    """An endpoint that takes every field and heeds none."""
    return told(completion("I would rather not."))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("MY_KEY", KEY)
    with Loopback(able) as loopback:
        monkeypatch.setenv("EMPA_MODEL", "tiny")
        monkeypatch.setenv("EMPA_BASE_URL", loopback.url)
        monkeypatch.setenv("EMPA_API_KEY_ENV", "MY_KEY")
        yield loopback


def results(cli: Cli, *arguments: object) -> dict[str, Any]:
    done = cli("doctor", *arguments, "--json")
    assert done.code == 0, done.err
    (checked,) = json.loads(done.out)
    return {name: found["result"] for name, found in checked.items() if isinstance(found, dict)}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (able, {"schema": "yes", "json mode": "yes", "tools": "yes", "seed": "yes", "usage": "yes"}),
        (plain, {"schema": "no", "json mode": "yes", "tools": "no", "seed": "no", "usage": "no"}),
        (deaf, {"schema": "no", "json mode": "no", "tools": "no", "seed": "yes", "usage": "yes"}),
    ],
)
def test_it_says_what_an_endpoint_can_do_in_a_few_calls(
    cli: Cli, server: Loopback, script: Any, expected: dict[str, str]
) -> None:
    server.script = script
    found = results(cli)
    assert found.pop("answers") == "yes"
    assert found.pop("latency").endswith(" s")
    assert found == expected
    assert len(server.asked) <= 12


def test_one_model_is_checked_once_and_the_key_is_not_shown(cli: Cli, server: Loopback) -> None:
    done = cli("doctor")
    assert done.code == 0
    assert f"tiny at {server.url}: actor, director, judge" in " ".join(done.out.split())
    assert len(server.asked) == 6
    assert KEY not in done.out + done.err


def test_a_policys_file_is_checked_as_well(cli: Cli, server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "listener.json").write_text('{"model": "other", "system": "Listen."}', encoding="utf-8")
    done = cli("doctor", tmp_path / "listener.json")
    assert done.code == 0, done.err
    assert "other at" in done.out
    assert "It can play the policy; how well is another question." in done.out


def test_an_endpoint_that_never_answers_is_unhealthy(cli: Cli, server: Loopback) -> None:
    server.script = lambda _: refusal(401, f"bad key {KEY}")
    done = cli("doctor")
    assert done.code == 1
    assert "failed" in done.out
    assert "401" in done.out
    assert KEY not in done.out + done.err
    assert len(server.asked) == 1


def thinks(asked: Asked) -> Told:
    """An endpoint whose model thinks in tags before it answers."""
    shaped = "tools" in asked.json or "response_format" in asked.json
    thought = "<think>one word, it says</think>"
    return told(completion(f"{thought}{FORM if shaped else 'sparrow'}"))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (able, "It has what every role needs"),
        (plain, "it refuses a JSON schema; JSON mode is used instead"),
        (plain, "it refuses tools; JSON mode is used instead"),
        (plain, "it does not count tokens; ceilings on tokens and cost go by an estimate"),
        (plain, "got different answers; only a tape repeats a run"),
        (deaf, "it takes a JSON schema, and answers in another shape"),
        (deaf, "It keeps to no shape, so a judge or a director has to be asked in words"),
        (thinks, "it says 'sparrow', after thinking in tags, which is left out"),
        (thinks, "it takes a JSON schema, and its answer has the shape"),
    ],
)
def test_what_it_found_is_said_in_words(cli: Cli, server: Loopback, script: Any, said: str) -> None:
    server.script = script
    done = cli("doctor")
    assert (done.code, done.err) == (0, "")
    assert said in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(401, "bad key"), "HTTP 401: bad key; the key was taken from the environment variable MY_KEY"),
        (refusal(404, "no model"), "HTTP 404: no model; look at model (tiny) and base_url, which often ends in /v1"),
        (Told(404, b"<html></html>"), "HTTP 404; look at model (tiny) and base_url"),
        (Told(200, b"<html>A router</html>"), "the endpoint answered with something else than a chat completion"),
        (told(completion("")), "there is an answer, but no word in it; finish 'stop'"),
        (finished("length", "<think>one word"), "no word in it; max_tokens is too small for it"),
    ],
)
def test_an_endpoint_that_cannot_play_is_told_with_what_to_look_at(
    cli: Cli, server: Loopback, answer: Told, said: str
) -> None:
    server.script = lambda _: answer
    done = cli("doctor")
    assert (done.code, done.err) == (1, "")
    assert said in " ".join(done.out.split())
    assert "It cannot play" in done.out


def test_a_key_that_is_not_set_and_a_port_that_is_closed_are_told_by_name(
    cli: Cli, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MY_KEY")
    assert "the environment variable MY_KEY holds no key" in " ".join(cli("doctor").out.split())
    assert server.asked == []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        done = cli("doctor", json.dumps({"actor": {"base_url": f"http://{host}/v1", "api_key_env": ""}}))
    assert done.code == 1
    assert f"nothing listens at {host}" in " ".join(done.out.split())


def test_what_is_no_cast_is_one_sentence(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMPA_MODEL", raising=False)
    for arguments, said in (
        ((), "name the model, or set EMPA_MODEL"),
        (("nowhere.toml",), "nowhere.toml"),
        (("offline", "--rounds", 1), "--rounds must be at least 2"),
        (('{"judge": {"model": "a", "base_url": "localhost:8000"}}',), "http://localhost:8000/v1"),
    ):
        done = cli("doctor", *arguments)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert said in done.err


def test_a_cast_without_a_model_has_nothing_to_check(cli: Cli) -> None:
    done = cli("doctor", "offline")
    assert done.code == 2
    assert "asks no model" in done.err


def test_the_embedded_judge_rates_the_fixed_replies_alike_each_time(cli: Cli) -> None:
    done = cli("doctor", "offline", "--judge", "--json")
    assert done.code == 0, done.err
    (found,) = (row["judge"] for row in json.loads(done.out))
    assert (found["rated"], found["failed"]) == (120, 0)
    assert found["same"] == found["agreement"] == 1.0
    assert found["ordered"] > 0.7
    assert found["worth"][0] < found["worth"][2]


def test_a_models_judgements_are_measured(cli: Cli, server: Loopback) -> None:
    done = cli("doctor", "--judge")
    assert done.code == 0, done.err
    assert "120 judgements, 0 failed" in done.out
    assert "all levels the same in every round: 100% of the replies" in done.out


def test_judgements_that_never_come_are_said(cli: Cli, server: Loopback) -> None:
    server.script = deaf
    done = cli("doctor", "--judge", "--rounds", 2)
    assert done.code == 1
    assert "0 judgements, 80 failed" in done.out
    assert "the first failure: judge: no usable answer" in " ".join(done.out.split())
    assert "rounds agree" not in done.out, "there is nothing to agree on"


def test_a_judge_that_wavers_is_seen_to_waver(cli: Cli, server: Loopback) -> None:
    """It gives one more point on each call, so no reply has the same levels in all rounds."""

    def wavers(asked: Asked) -> Told:
        body = asked.json
        if "response_format" not in body or "letters" in body["messages"][0]["content"]:
            return able(asked)
        return told(completion(rated(asked.index, quoted(body["messages"][-1]["content"]))))

    server.script = wavers
    done = cli("doctor", "--judge", "--json")
    assert done.code == 0, done.err
    (found,) = [row["judge"] for row in json.loads(done.out) if "judge" in row]
    assert (found["rated"], found["failed"], found["same"]) == (120, 0, 0.0)
    assert 0.3 < found["agreement"] < 0.9
    assert 0.2 < found["ordered"] < 0.8


def test_a_judge_whose_model_does_not_answer_is_not_asked_about_forty_replies(cli: Cli, server: Loopback) -> None:
    server.script = lambda _: refusal(401, "no such key")
    done = cli("doctor", "--judge")
    assert (done.code, len(server.asked)) == (1, 1)
    assert done.err == "empa-gym: the 40 replies were not rated, because the judge's model does not answer\n"


def test_there_are_forty_different_replies_two_of_each_kind_for_each_moment() -> None:
    replies = [reply for moment in MOMENTS for kind in moment.replies for reply in kind]
    assert len(set(replies)) == len(replies) == 40
    assert all(len(moment.replies) == len(KINDS) for moment in MOMENTS)


def test_agreement_and_order_are_what_they_are_called() -> None:
    none, some = ((0, 0), (0, 0), (0, 0)), ((1, 0), (0, 0), (0, 0))
    trials = [
        Trial(0, 0, (none, none)),
        Trial(0, 1, (none, some)),
        Trial(0, 2, (some, None)),
        Trial(1, 3, (none, none)),
    ]
    found = measure(trials)
    assert (found.rated, found.failed) == (7, 1)
    assert found.same == pytest.approx(2 / 3)
    assert found.agreement == pytest.approx(17 / 18)
    assert found.ordered == 1.0
    assert measure([Trial(0, 0, (some,)), Trial(0, 1, (some,)), Trial(0, 2, (none,))]).ordered == pytest.approx(0.5 / 3)
    assert measure([Trial(0, 0, (None,))]).ordered is None
