"""``empa-gym doctor`` says what an endpoint can do, and how steadily a judge rates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from empa_gym.cli.consistency import Trial, measure
from empa_gym.cli.fixed_replies import KINDS, MOMENTS
from tests.cli.conftest import Cli
from tests.clients.loopback import Asked, Loopback, Told, completion, refusal, told
from tests.clients.players import speaks

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
    assert "policy" in done.out


def test_an_endpoint_that_never_answers_is_unhealthy(cli: Cli, server: Loopback) -> None:
    server.script = lambda _: refusal(401, f"bad key {KEY}")
    done = cli("doctor")
    assert done.code == 1
    assert "failed" in done.out
    assert "401" in done.out
    assert KEY not in done.out + done.err
    assert len(server.asked) == 1


def test_a_cast_without_a_model_has_nothing_to_check(cli: Cli) -> None:
    done = cli("doctor", "offline")
    assert done.code == 2
    assert "asks no model" in done.err


def test_the_embedded_judge_rates_the_fixed_replies_alike_each_time(cli: Cli) -> None:
    done = cli("doctor", "offline", "--judge", "--json")
    assert done.code == 0, done.err
    (rated,) = (row["judge"] for row in json.loads(done.out))
    assert (rated["rated"], rated["failed"]) == (120, 0)
    assert rated["same"] == rated["agreement"] == 1.0
    assert rated["ordered"] > 0.7
    assert rated["worth"][0] < rated["worth"][2]


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
