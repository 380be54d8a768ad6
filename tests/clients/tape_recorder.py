"""Processes that record on one tape at once, of which some are killed in the middle of a line.

python -m tests.clients.tape_recorder TAPE NAME:CALLS:WAY ...

WAY is "" for one that records, "torn" for one that is killed while it writes its last line, "reopen" for one that
opens the tape so many times and asks nothing. Prints a list of the exit codes, and of what each was answered.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple

from empa_gym.chat import ChatRequest, Message
from empa_gym.clients.scripted import ScriptedClient
from empa_gym.clients.tape import Tape


class Recorder(NamedTuple):
    """What one process does."""

    name: str
    calls: int
    way: str = ""

    def __str__(self) -> str:
        """As on the command line."""
        return ":".join(map(str, self))


def question(name: str, turn: int) -> ChatRequest:
    """What one recorder asks in a turn, longer than one page of a file."""
    return ChatRequest("judge", (Message("user", f"{name} on turn {turn}. " * 400),), turn, policy=name)


def half_a_line(tape: int, line: bytes) -> int:
    """Writes the first half of a line, and is killed."""
    os.writev(tape, [line[: len(line) // 2]])
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def answers(path: Path, recorder: Recorder) -> list[str]:
    """What a recorder is answered."""
    inner = ScriptedClient(lambda request: f"{os.getpid()} heard {recorder.name} on turn {request.turn}")
    if recorder.way == "reopen":
        return [repr(Tape(path, inner=inner)) for _ in range(recorder.calls)]
    tape, said = Tape(path, inner=inner), []
    for turn in range(recorder.calls):
        if recorder.way == "torn" and turn == recorder.calls - 1:
            os.write = half_a_line  # type: ignore[assignment]
        said.append(tape.complete(question(recorder.name, turn)).text)
    return said


def started(path: Path, recorder: Recorder, said: Path) -> int:
    """The id of a process that plays a recorder; a fork, so that all begin at once."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        said.write_text(json.dumps(answers(path, recorder)), encoding="utf-8")
        code = 0
    finally:
        os._exit(code)


def main(path: Path, recorders: list[Recorder]) -> None:
    files = [path.with_name(f"said by {number}") for number in range(len(recorders))]
    processes = [started(path, one, said) for one, said in zip(recorders, files, strict=True)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes]
    said = [json.loads(file.read_text(encoding="utf-8")) if file.exists() else [] for file in files]
    sys.stdout.write(json.dumps([codes, said]))


if __name__ == "__main__":
    given = [text.split(":") for text in sys.argv[2:]]
    main(Path(sys.argv[1]), [Recorder(name, int(calls), way) for name, calls, way in given])
