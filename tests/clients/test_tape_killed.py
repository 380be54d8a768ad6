"""A recorded run is killed in the middle: on the same tape it goes on, and no answer that arrived is paid twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from empa_gym.dialogue.record import read_records
from tests.clients.loopback import FAULTS, Asked, Loopback, Told
from tests.clients.players import speaks

ROOT = Path(__file__).resolve().parents[2]
RULES = '{"base": "training", "max_turns": 3, "min_turns": 2}'
AT_ONCE = 3
DIALOGUES = 6
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a run is killed by a POSIX signal")


def falls_silent(answers: int) -> Loopback:
    """An endpoint that gives so many answers, and keeps every later call waiting."""

    def script(asked: Asked) -> Told:
        return speaks(asked) if asked.index < answers else FAULTS["slow first byte"]

    return Loopback(script)


def started(server: Loopback, folder: Path, name: str) -> subprocess.Popen[bytes]:
    """A recorded run in a process of its own."""
    model = {"model": "tiny", "base_url": server.url, "api_key_env": ""}
    cast = json.dumps({"director": "offline", "actor": model, "judge": model})
    command = [sys.executable, "-m", "empa_gym.cli", "run", "--cast", cast, "--policy", "generic", "--tape", "run.tape"]
    command += ["--scenarios", "health-knee", "values-rite", "--rules", RULES, "--seeds", str(DIALOGUES // 2)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, "--at-once", str(AT_ONCE), "--name", name], cwd=folder, env=environment, stdout=subprocess.PIPE
    )


def killed_when_all_wait(run: subprocess.Popen[bytes], server: Loopback) -> None:
    """Kill a run when every dialogue of it waits for the endpoint, so that whatever was answered was used."""
    limit = time.monotonic() + 60
    while server.waiting < AT_ONCE and run.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    assert server.waiting == AT_ONCE
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)
    assert run.returncode == -signal.SIGKILL


def test_after_kill_9_only_the_calls_that_were_under_way_are_asked_again(tmp_path: Path) -> None:
    answers, tape = 14, tmp_path / "run.tape"
    with falls_silent(answers) as server:
        killed_when_all_wait(started(server, tmp_path, "killed"), server)
        kept = tape.read_bytes()
        assert kept.count(b"\n") == answers
        under_way = [asked.body for asked in server.asked[answers:]]
        server.script = speaks
        resumed = started(server, tmp_path, "resumed")
        resumed.communicate(timeout=60)
        assert resumed.returncode == 0
    assert tape.read_bytes().startswith(kept)
    calls = tape.read_bytes().count(b"\n")
    assert len(under_way) == AT_ONCE
    assert len(server.asked) == calls + AT_ONCE
    asked_again = [asked.body for asked in server.asked[answers + AT_ONCE :]]
    assert all(asked_again.count(body) >= under_way.count(body) for body in under_way)
    records = list(read_records(tmp_path / "runs" / "resumed" / "records.jsonl"))
    assert len(records) == DIALOGUES
    assert sum(used.calls for record in records for used in record.usage) == calls
