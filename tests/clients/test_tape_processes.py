"""Several processes share a tape, and some of them are killed: no line is lost, and none is there twice."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from empa_gym.clients.scripted import ScriptedClient
from empa_gym.clients.tape import Tape
from tests.clients.tape_recorder import Recorder, question

ROOT = Path(__file__).resolve().parents[2]
CALLS = 60
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is killed by a POSIX signal")


def played(tape: Path, *recorders: Recorder) -> tuple[list[int], list[list[str]]]:
    """Let these processes record at once; returns the exit code of each, and what each was answered."""
    command = [sys.executable, "-m", "tests.clients.tape_recorder", str(tape), *map(str, recorders)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, timeout=60, check=True)
    codes, said = json.loads(done.stdout)
    return codes, said


def turns_on(tape: Path) -> dict[str, list[int]]:
    """The turns of each recorder, in the order of the lines, every one of which is whole."""
    turns: dict[str, list[int]] = collections.defaultdict(list)
    for line in tape.read_bytes().splitlines():
        call = json.loads(line)
        turns[call["policy"]].append(call["turn"])
    return dict(turns)


def test_no_line_is_lost_or_doubled_though_some_are_killed_in_a_line_and_others_open_the_tape(tmp_path: Path) -> None:
    tape = tmp_path / "run.tape"
    steady = [Recorder("a", CALLS), Recorder("b", CALLS)]
    killed = [Recorder("killed early", 9, "torn"), Recorder("killed late", CALLS // 2, "torn")]
    codes, said = played(tape, *steady, *killed, Recorder("opens it", 3 * CALLS, "reopen"))
    assert codes == [0, 0, -signal.SIGKILL, -signal.SIGKILL, 0]
    Tape(tape, inner=ScriptedClient([]))
    assert turns_on(tape) == {one.name: list(range(one.calls - (one.way == "torn"))) for one in (*steady, *killed)}
    replayed = Tape(tape, "replay_or_fail")
    for one, answers in zip(steady, said, strict=False):
        assert [replayed.complete(question(one.name, turn)).text for turn in range(CALLS)] == answers


def test_processes_that_ask_the_same_have_one_answer_each_and_all_the_same(tmp_path: Path) -> None:
    tape = tmp_path / "run.tape"
    _, (one, other) = played(tape, Recorder("same", CALLS), Recorder("same", CALLS))
    assert one == other
    assert turns_on(tape) == {"same": list(range(CALLS))}


def test_what_another_has_recorded_since_is_not_asked_again(tmp_path: Path) -> None:
    one, other = (Tape(tmp_path / "run.tape", inner=ScriptedClient([name])) for name in ("first", "second"))
    replaying = Tape(tmp_path / "run.tape", "replay_or_fail")
    assert one.complete(question("a", 1)).text == "first"
    assert other.complete(question("a", 1)).text == replaying.complete(question("a", 1)).text == "first"
    assert other.counts == (1, 0)


def test_a_torn_line_of_one_that_was_killed_is_taken_off_by_the_next_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "run.tape"
    tape = Tape(path, inner=ScriptedClient(["first", "second"]))
    tape.complete(question("a", 1))
    with path.open("ab") as lines:
        lines.write(b'{"scenario": "torn')
    tape.complete(question("a", 2))
    assert turns_on(path) == {"a": [1, 2]}
