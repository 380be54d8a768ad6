"""Nothing that was played is lost, and every failure is told: broken policies, killed and interrupted runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from empa_gym.dialogue.record import read_records

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
"""Seconds after which a program that should have moved on is given up."""
POLICIES = """
import json


class Fine:
    def reply(self, view):
        return "What was that like?"
        yield


class Fragile(Fine):
    def reply(self, view):
        return {1: "yes", 2: "go on"}[view.turn]
        yield


class Silent(Fine):
    def reply(self, view):
        return None
        yield


class Loose(Fine):
    def reply(self, view):
        return "no generator"


class Odd(Fine):
    def reply(self, view):
        raise ValueError("half a pair \\ud83d, [bold]brackets[/bold] and\\nlines")
        yield


class Exits(Fine):
    def reply(self, view):
        raise SystemExit(0)
        yield


class Rating:
    def assess(self, view):
        return {"C": 1}
        yield
"""


@pytest.fixture
def policies(tmp_path: Path) -> str:
    """The name of a module of policies, some of them broken; each test has its own."""
    name = f"mine{hash(str(tmp_path)) % 10**8}"
    (tmp_path / f"{name}.py").write_text(POLICIES, encoding="utf-8")
    return name


SMALL = ("--scenarios", "health-knee", "values-rite", "--seeds", 1, "--rules", "training", "--name", "r")


def test_a_broken_policy_costs_nobody_elses_dialogues_and_every_failure_is_counted(
    cli: Any, tmp_path: Path, policies: str
) -> None:
    done = cli("run", "--policy", f"{policies}:Fragile", "generic", *SMALL)
    folder = tmp_path / "runs" / "r"
    cause = f"policy {policies}:Fragile raised KeyError: 3"
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert (
        f"2 of 4 dialogues broke off on an error in a program, not in a model, and count as failed; the first: {cause}"
        in done.err
    )
    assert "Traceback" not in done.err + done.out
    assert "Why dialogues failed" in done.out
    assert f"2 {cause}" in " ".join(done.out.split())
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["failures"] == [{"model": f"{policies}:Fragile", "verdict": "none", "cause": cause, "dialogues": 2}]
    counts = [(row["dialogues"], row["scored"], row["failed"], row["epmq"] is None) for row in summary["models"]]
    assert counts == [(2, 0, 2, True), (2, 2, 0, False)]
    assert [len(record.turns) for record in read_records(folder / "failures.jsonl")] == [2, 2]


def test_the_traceback_lies_in_the_run_folder_once(cli: Any, tmp_path: Path, policies: str) -> None:
    cli("run", "--policy", f"{policies}:Fragile", *SMALL)
    log = (tmp_path / "runs" / "r" / "errors.log").read_text()
    assert 'return {1: "yes", 2: "go on"}[view.turn]' in log
    assert log.count("KeyError: 3\n\nThe above exception") == 1
    assert log.startswith(f"{policies}:Fragile with health-knee, seed ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Silent", "gave no fit answer: expected a text (str), found NoneType: None"),
        ("Loose", "gave no flow: expected a generator, found str: 'no generator'"),
        ("Exits", "raised SystemExit: 0"),
        ("Odd", "raised ValueError: half a pair"),
    ],
)
def test_every_kind_of_broken_policy_leaves_a_summary_and_readable_records(
    cli: Any, tmp_path: Path, policies: str, name: str, said: str
) -> None:
    done = cli("run", "--policy", f"{policies}:{name}", f"{policies}:Fine", *SMALL)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert f"policy {policies}:{name} {said}" in done.err
    summary = json.loads((tmp_path / "runs" / "r" / "summary.json").read_text())
    assert said in summary["failures"][0]["cause"]
    scores = json.loads(cli("score", "runs/r", "--json").out)
    assert [(row["scored"], row["failed"]) for row in scores] == [(0, 2), (2, 0)]
    shown = " ".join(cli("show", "runs/r", "--policy", f"{policies}:{name}").out.split())
    assert "broken off after 0 turns, return +0.00" in shown
    assert f"failed policy {policies}:{name} {said}" in shown
    assert all(row["agrees"] for row in json.loads(cli("replay", "runs/r", "--json").out))


def test_a_broken_judge_is_named_and_the_turns_before_are_kept(cli: Any, tmp_path: Path, policies: str) -> None:
    cast = json.dumps({"judge": f"{policies}:Rating"})
    done = cli("run", "--policy", "generic", "--cast", cast, *SMALL)
    assert done.code == 3
    assert f"judge {policies}:Rating gave no fit answer: expected an Assessment, found dict: {{'C': 1}}" in done.err


def test_a_failed_model_is_told_with_its_cause_and_is_no_broken_program(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "down_for_failures.py").write_text(
        "from empa_gym.errors import ModelError\n"
        "class Down:\n    def reply(self, view):\n        raise ModelError('no route')\n        yield\n"
    )
    done = cli("run", "--policy", "down_for_failures:Down", *SMALL)
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert "policy: no route" in done.out
    summary = json.loads((tmp_path / "runs" / "r" / "summary.json").read_text())
    assert [(row["verdict"], row["cause"], row["dialogues"]) for row in summary["failures"]] == [
        ("model_error", "policy: no route", 2)
    ]
    assert not (tmp_path / "runs" / "r" / "errors.log").exists()


def test_a_scenario_that_the_cast_cannot_play_is_refused_before_a_folder_is_made(cli: Any, tmp_path: Path) -> None:
    knee = (ROOT / "empa_gym" / "scenarios" / "starter" / "health-knee.json").read_text()
    (tmp_path / "knee.json").write_text(knee.replace('"language": "en"', '"language": "fr"'))
    done = cli("run", "--policy", "generic", "--scenarios", "knee.json")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "'fr'" in done.err
    assert not (tmp_path / "runs").exists()


# ---- killed and interrupted


def started(tmp_path: Path, *args: str, prelude: str = "") -> subprocess.Popen[str]:
    code = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"{prelude}\nfrom empa_gym.cli import main\nsys.exit(main())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_lines(file: Path, count: int, program: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not file.exists() or file.read_bytes().count(b"\n") < count:
        assert program.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_a_killed_run_can_be_scored_shown_and_replayed_and_the_torn_line_is_told(cli: Any, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "long"
    program = started(tmp_path, "run", "--seeds", "5000", "--policy", "generic", "--name", "long")
    wait_for_lines(folder / "records.jsonl", 3, program)
    program.kill()
    program.communicate(timeout=PATIENCE)
    file = folder / "records.jsonl"
    whole = file.read_bytes()
    lines = whole[: whole.rindex(b"\n") + 1]
    file.write_bytes(lines + lines.splitlines()[0][:-40])
    count = lines.count(b"\n")
    assert not (folder / "summary.json").exists()
    for command in (("score", "--json"), ("show",), ("replay", "--json")):
        done = cli(command[0], folder, *command[1:])
        assert done.code == 0, done.err
        assert (
            done.err
            == f"empa-gym: {file}:{count + 1}: the last line is torn, as when a run was killed; it is left out\n"
        )
    row = json.loads(cli("score", folder, "--json").out)[0]
    assert row["dialogues"] == count
    assert f"only {count} of 60000 planned dialogues" in " ".join(cli("score", folder).out.split())


SWALLOWS = """
import os, signal
from empa_gym.policies import POLICIES
class Swallows:
    def reply(self, view):
        if view.turn == 3:
            try:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(10**7):
                    pass
            except KeyboardInterrupt:
                raise ValueError("KeyboardInterrupt:") from None
        return "yes"
        yield
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_stops_a_run_also_where_a_library_turns_it_into_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "swallows.py").write_text(SWALLOWS)
    program = started(tmp_path, "run", "--policy", "generic", "swallows:Swallows", "--name", "long")
    out, err = program.communicate(timeout=PATIENCE)
    summary = json.loads((tmp_path / "runs" / "long" / "summary.json").read_text())
    assert (program.returncode, err) == (130, "")
    assert (summary["finished"], summary["interrupted"], summary["failures"]) == (1, True, [])
    assert "Interrupted: 1 of 72 dialogues came to an end; what was played is kept." in out


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_while_a_record_is_written_keeps_the_record(tmp_path: Path) -> None:
    prelude = (
        "import os\nfrom empa_gym.dialogue import record\nfrom empa_gym.rollout import ledger\n"
        "write = record.to_line\n"
        "def pressed(one):\n"
        "    try:\n        os.kill(os.getpid(), signal.SIGINT)\n        return write(one)\n"
        "    except KeyboardInterrupt:\n        raise ValueError('Error serializing to JSON') from None\n"
        "ledger.to_line = pressed\n"
    )
    program = started(tmp_path, "run", "--policy", "generic", "--name", "long", prelude=prelude)
    out, err = program.communicate(timeout=PATIENCE)
    assert (program.returncode, err) == (130, "")
    assert json.loads((tmp_path / "runs" / "long" / "summary.json").read_text())["interrupted"]
    assert "Interrupted: 0 of 36" in out


def test_an_error_that_holds_what_a_model_wrote_does_not_steer_the_terminal(cli: Any, tmp_path: Path) -> None:
    body = "raise ValueError('bad \\x1b[2J \\u202e \\x00')\n        yield\n"
    (tmp_path / "steers.py").write_text(f"class Steers:\n    def reply(self, view):\n        {body}")
    done = cli("run", "--policy", "steers:Steers", "--scenarios", "health-knee", "--seeds", 1, "--name", "a")
    log = (tmp_path / "runs" / "a" / "errors.log").read_text()
    assert done.code == 3
    for text in (done.out + done.err, log):
        assert not set(text) & set("\x1b\u202e\x00")
        assert "bad \\x1b[2J \\u202e \\x00" in " ".join(text.split())
