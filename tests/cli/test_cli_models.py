"""``empa-gym run`` with chat models: casts and policies from files, ceilings, a tape, and kill -9 in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from empa_gym.clients.tape_lines import Address
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.ledger import read_run
from tests.cli.conftest import Cli
from tests.clients.loopback import Loopback
from tests.clients.players import speaks

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-marked-key-0815"
RULES = '{"base": "training", "max_turns": 4, "min_turns": 2}'
SHORT = ("--scenarios", "health-knee", "values-rite", "--rules", RULES)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("MY_KEY", KEY)
    with Loopback(speaks) as loopback:
        yield loopback


@pytest.fixture
def cast(server: Loopback, tmp_path: Path) -> Path:
    """A cast's file of which the director is offline."""
    path = tmp_path / "cast.toml" if sys.version_info >= (3, 11) else tmp_path / "cast.json"
    models: dict[str, Any] = {"model": "tiny", "base_url": server.url, "api_key_env": "MY_KEY"}
    if path.suffix == ".toml":
        settings = "\n".join(f"{name} = {json.dumps(value)}" for name, value in models.items())
        path.write_text(f'director = "offline"\n[defaults]\n{settings}\n[actor]\n[judge]\n', encoding="utf-8")
    else:
        data = {"director": "offline", "defaults": models, "actor": {}, "judge": {}}
        path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.fixture
def policy(server: Loopback, tmp_path: Path) -> Path:
    (tmp_path / "prompt.txt").write_text("Listen first.", encoding="utf-8")
    path = tmp_path / "listener.json"
    settings = {"model": "other", "base_url": server.url, "api_key_env": "MY_KEY", "system_file": "prompt.txt"}
    path.write_text(json.dumps({**settings, "prices": {"prompt": 1.0, "completion": 2.0}}), encoding="utf-8")
    return path


def records(folder: Path) -> list[EpisodeRecord]:
    found = read_run(folder / "records.jsonl")
    return sorted(found, key=lambda record: (record.policy, record.scenario, record.seed))


def test_a_cast_and_a_policy_from_files_play_and_are_accounted_for(
    cli: Cli, server: Loopback, cast: Path, policy: Path, tmp_path: Path
) -> None:
    done = cli("run", "--cast", cast, "--policy", policy, "generic", "--seeds", 2, "--name", "a", *SHORT)
    assert done.code == 0, done.err
    played = records(tmp_path / "runs" / "a")
    assert {record.policy for record in played} == {"listener", "generic"}
    assert {record.cast.judge for record in played} == {"llm:tiny"}
    assert {record.cast.director for record in played} == {"empa_gym.agents.offline.director:OfflineDirector"}
    assert sum(used.calls for record in played for used in record.usage) == len(server.asked)
    prompts = [asked.json["messages"][0]["content"] for asked in server.asked if asked.json["model"] == "other"]
    assert set(prompts) == {"Listen first."}
    assert "Calls of chat models" in done.out
    summary = json.loads((tmp_path / "runs" / "a" / "summary.json").read_text(encoding="utf-8"))
    roles = {(row["policy"], row["role"]) for row in summary["usage"]}
    assert roles == {(name, role) for name in ("generic", "listener") for role in ("actor", "judge")} | {
        ("listener", "policy")
    }
    assert sum(row["cost"] for row in summary["usage"]) == pytest.approx(len(prompts) * (100 * 1.0 + 10 * 2.0) / 1e6)
    settings = json.loads((tmp_path / "runs" / "a" / "settings.json").read_text(encoding="utf-8"))
    assert settings["models"]["listener"]["model"] == "other"
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert [text for text in (*texts, done.out, done.err) if KEY in text] == []


def test_a_run_is_replayed_from_its_tape_without_the_endpoint(
    cli: Cli, server: Loopback, cast: Path, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = ("run", "--cast", cast, "--policy", policy, "--seeds", 2, *SHORT, "--tape", tmp_path / "run.tape")
    assert cli(*asks, "--name", "first").code == 0
    asked = len(server.asked)
    monkeypatch.delenv("MY_KEY")
    done = cli(*asks, "--name", "again", "--tape-mode", "replay_or_fail")
    assert done.code == 0, done.err
    assert len(server.asked) == asked
    assert f"Of {asked} answers {asked} came from the tape" in done.out.replace("\n", " ")
    first, again = (tmp_path / "runs" / name for name in ("first", "again"))
    assert records(again) == records(first)
    assert sorted((again / "records.jsonl").read_bytes().splitlines()) == sorted(
        (first / "records.jsonl").read_bytes().splitlines()
    )
    more = cli(*asks, "--name", "more", "--tape-mode", "replay_or_fail", "--seed", 7)
    assert more.code == 2
    assert "has no call at" in more.err
    assert "Traceback" not in more.err


def test_a_ceiling_ends_a_run_cleanly(cli: Cli, server: Loopback, cast: Path, tmp_path: Path) -> None:
    done = cli(
        *("run", "--cast", cast, "--policy", "generic", "--seeds", 8, "--name", "a", *SHORT),
        *("--ceilings", '{"calls": 20}'),
    )
    assert done.code == 4, "all dialogues began, and none came to an end that can be scored"
    assert "no dialogue of generic is scored" in done.err
    assert "not played" not in done.err
    assert len(server.asked) == 20
    assert len(records(tmp_path / "runs" / "a")) == 16
    assert "the ceiling of 20 calls is reached" in " ".join(done.out.split())


BAD = {
    "no such file": (("--cast", "nowhere.json"), "nowhere.json: cannot be read: No such file"),
    "not a role": (("--cast", '{"critic": {"model": "a"}}'), "unknown roles"),
    "a key for a name": (("--cast", '{"judge": {"model": "a", "api_key_env": "sk-marked-key-0815"}}'), "api_key_env"),
    "no model": (("--policy", "llm"), "name the model, or set EMPA_MODEL"),
    "a tape for nobody": (("--tape", "run.tape"), "neither --cast nor --policy names one"),
    "a mode without a tape": (("--cast", "e.json", "--tape-mode", "replay_or_fail"), "name it with --tape"),
    "a cast for a tape": (("--cast", "e.json", "--tape", "e.json"), "a tape is no .json file"),
    "no JSON": (("--cast", "broken.json"), "broken.json: expected JSON, found an error at line 2, column 1"),
    "ceilings that are none": (("--ceilings", '{"euros": 1}'), "ceilings: euros"),
    "too few at once": (("--at-once", "0"), "--at-once must be at least 1"),
    "a policy's file as the cast": (("--cast", "a.json"), "expected a cast, found the settings of one model"),
    "a cast as a policy's file": (("--policy", "b.json"), "b.json: expected the settings of one model, found a cast"),
    "nobody who asks": (("--cast", '{"defaults": {"model": "a"}}'), "a cast with defaults alone asks no model"),
    "no key": (("--cast", "b.json"), "the environment variable NO_KEY holds no key for judge (a); set it"),
    "no key of a policy": (("--policy", "c.json"), "the environment variable NO_KEY holds no key for c (a); set it"),
    "no prompt": (("--policy", "d.json"), "expected a readable UTF-8 file with the system prompt, got 'p.txt'"),
    "the same file twice": (("--policy", "a.json", "a.json"), "once"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(cli: Cli, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMPA_MODEL", raising=False)
    (tmp_path / "a.json").write_text('{"model": "a"}', encoding="utf-8")
    (tmp_path / "broken.json").write_text('{"judge": \n', encoding="utf-8")
    (tmp_path / "e.json").write_text('{"judge": {"model": "a", "api_key_env": ""}}', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"judge": {"model": "a", "api_key_env": "NO_KEY"}}', encoding="utf-8")
    (tmp_path / "c.json").write_text('{"model": "a", "api_key_env": "NO_KEY"}', encoding="utf-8")
    (tmp_path / "d.json").write_text('{"model": "a", "system_file": "p.txt"}', encoding="utf-8")
    arguments, words = BAD[name]
    done = cli("run", *arguments)
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1
    assert KEY not in done.err
    assert not (tmp_path / "runs").exists()


def pointed_at(server: Loopback, cast: Path) -> Path:
    """The cast's file with another address in it."""
    text = cast.read_text(encoding="utf-8")
    url = next(part for part in text.split('"') if part.startswith("http"))
    cast.write_text(text.replace(url, server.url), encoding="utf-8")
    return cast


def started(cast: Path, folder: Path, name: str, *more: str) -> subprocess.Popen[bytes]:
    """A run of twelve dialogues, three at once, in a process of its own."""
    command = [sys.executable, "-m", "empa_gym.cli", "run", "--cast", str(cast), "--policy", "generic"]
    command += ["--seeds", "6", *SHORT, "--at-once", "3", "--name", name, *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MY_KEY": KEY}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def stopped(run: subprocess.Popen[bytes], server: Loopback, calls: int, how: signal.Signals) -> int:
    """Stop a run when the server has seen so many calls; returns its exit code."""
    limit = time.monotonic() + 60
    while len(server.asked) < calls and run.poll() is None and time.monotonic() < limit:
        time.sleep(0.005)
    assert run.poll() is None, "it ended before it could be stopped"
    run.send_signal(how)
    run.communicate(timeout=60)
    return run.returncode


def ended(run: subprocess.Popen[bytes]) -> None:
    """Wait until a run has come to its end."""
    _, complaint = run.communicate(timeout=60)
    assert run.returncode == 0, complaint.decode()


def test_ctrl_c_keeps_what_was_over_while_many_are_played(tmp_path: Path, cast: Path) -> None:
    with Loopback(speaks, delay=0.02) as slow:
        run = started(pointed_at(slow, cast), tmp_path, "a")
        assert stopped(run, slow, 60, signal.SIGINT) == 130
    assert 0 < len(records(tmp_path / "runs" / "a")) < 12
    assert json.loads((tmp_path / "runs" / "a" / "summary.json").read_text(encoding="utf-8"))["interrupted"]


def test_after_kill_9_the_same_tape_goes_on_and_nothing_is_paid_twice(tmp_path: Path, cast: Path) -> None:
    """The run is killed three times at arbitrary moments, then once played to its end, and once replayed."""
    with Loopback(speaks, delay=0.01) as slow:
        pointed_at(slow, cast)
        for number, calls in enumerate((5, 25, 45)):
            run = started(cast, tmp_path, str(number), "--tape", "run.tape")
            assert stopped(run, slow, calls, signal.SIGKILL) == -signal.SIGKILL
            with (tmp_path / "run.tape").open("ab") as tape:
                tape.write(b'{"scenario": "torn')
        ended(started(cast, tmp_path, "whole", "--tape", "run.tape"))
        kept = [json.loads(line) for line in (tmp_path / "run.tape").read_bytes().splitlines()]
        assert len({(*(line[name] for name in Address._fields), line["content"]) for line in kept}) == len(kept)
        # Lost is only what was under way when it was killed, at most --at-once calls each time.
        asked = len(slow.asked)
        assert 0 <= asked - len(kept) <= 3 * 3
        ended(started(cast, tmp_path, "again", "--tape", "run.tape", "--tape-mode", "replay_or_fail"))
        assert len(slow.asked) == asked
        ended(started(cast, tmp_path, "unharmed"))
    whole, again, unharmed = (records(tmp_path / "runs" / name) for name in ("whole", "again", "unharmed"))
    assert len(whole) == 12
    assert again == whole
    assert [record.turns for record in unharmed] == [record.turns for record in whole]
