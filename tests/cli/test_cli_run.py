"""``empa-gym run`` plays, prints, and keeps what is finished."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from empa_gym.dialogue.record import read_records
from empa_gym.epm import EPMParams

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test runner in the background may have it ignored
from empa_gym.cli import main
sys.exit(main())
"""
PATIENCE = 60
"""Seconds after which a program that should have moved on is given up."""


def test_a_run_leaves_settings_records_and_a_summary(small_run: Path) -> None:
    assert sorted(file.name for file in small_run.iterdir()) == ["records.jsonl", "settings.json", "summary.json"]
    records = list(read_records(small_run / "records.jsonl"))
    assert Counter(record.policy for record in records) == {"supporter": 4, "generic": 4, "empty": 4}
    assert {record.rules for record in records} == {EPMParams.training(max_turns=8)}
    assert len({record.seed for record in records}) == 4
    settings = json.loads((small_run / "settings.json").read_text())
    assert settings["policies"] == ["supporter", "generic", "empty"]
    assert settings["rules"] == {"base": "training", "max_turns": 8}


def test_the_summary_tells_the_same_as_the_records(small_run: Path) -> None:
    summary = json.loads((small_run / "summary.json").read_text())
    records = list(read_records(small_run / "records.jsonl"))
    assert (summary["planned"], summary["finished"], summary["interrupted"]) == (12, 12, False)
    first = summary["models"][0]
    mine = [record for record in records if record.policy == "supporter"]
    paid = sum(record.episode_return for record in mine) / 4
    assert first["model"] == "supporter"
    assert first["return_paid"] == pytest.approx(paid)
    assert first["return_origin"] == pytest.approx(paid), "the default reward is the one by origin distance"
    assert first["mean_turns"] == sum(len(record.turns) for record in mine) / 4
    assert sum(first["outcomes"].values()) == 4


def test_a_run_prints_scores_endings_and_what_to_do_next(cli: Any) -> None:
    done = cli("run", "--scenarios", "health-knee", "--seeds", 1, "--cast", "null", "--name", "a")
    for word in ("EPM-Q", "outcome", "effic.", "stabil.", "passed", "turns", "origin", "zone", "energy", "supporter"):
        assert word in done.out
    assert "empa-gym show runs/a" in done.out
    assert "empa-gym score runs/a" in done.out
    assert (done.code, done.err) == (0, "")


def test_no_line_is_wider_than_the_terminal(cli: Any) -> None:
    done = cli("run", "--scenarios", "starter-test", "--policy", "supporter", "stuffed-template", "--seeds", 1)
    assert max(map(len, done.out.splitlines())) <= 100
    assert "\u2026" not in done.out


def test_two_runs_of_one_plan_write_the_same_records(cli: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        cli("run", "--scenarios", "health-knee", "--policy", "supporter", "random", "--seeds", 1, "--name", name)
    texts = [(tmp_path / "runs" / name / "records.jsonl").read_text() for name in ("a", "b")]
    assert texts[0] == texts[1] != ""


def test_a_run_never_writes_over_another(cli: Any, small_run: Path) -> None:
    before = {file.name: file.read_bytes() for file in small_run.iterdir()}
    done = cli("run", "--cast", "null", "--name", "small")
    assert done.code == 2
    assert "runs/small exists already" in done.err
    assert {file.name: file.read_bytes() for file in small_run.iterdir()} == before


def test_runs_without_a_name_get_different_folders(cli: Any, tmp_path: Path) -> None:
    for _ in range(2):
        assert cli("run", "--scenarios", "health-knee", "--cast", "null", "--policy", "empty", "--seeds", 1).code == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_a_policy_of_ones_own_can_be_named(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "mine_for_run.py").write_text(
        "class Mine:\n    def reply(self, view):\n        return 'So the door stays shut?'\n        yield\n"
    )
    name = "mine_for_run:Mine"
    done = cli("run", "--policy", name, "--scenarios", "health-knee", "--seeds", 1, "--name", "own")
    assert done.code == 0, done.err
    records = list(read_records(tmp_path / "runs" / "own" / "records.jsonl"))
    assert {turn.reply for record in records for turn in record.turns} == {"So the door stays shut?"}


def test_a_policy_whose_model_is_down_is_counted_and_warned_about(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "down_for_run.py").write_text(
        "from empa_gym.errors import ModelError\n"
        "class Down:\n    def reply(self, view):\n        raise ModelError('no route')\n        yield\n"
    )
    done = cli("run", "--policy", "down_for_run:Down", "--scenarios", "health-knee", "--seeds", 2, "--name", "own")
    assert done.code == 4
    assert "no dialogue of down_for_run:Down is scored" in done.err
    assert "none of 2 planned dialogues is scored" in done.out
    model = json.loads((tmp_path / "runs" / "own" / "summary.json").read_text())["models"][0]
    assert (model["scored"], model["failed"], model["epmq"], model["return_paid"]) == (0, 2, None, None)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--policy", "nobody"], "no policy 'nobody'; there are supporter"),
        (["--policy", "json:dumps"], "'json:dumps' is no policy"),
        (["--scenarios", "nowhere"], "got 'nowhere'"),
        (["--scenarios", "health-knee", "starter"], "health-knee twice"),
        (["--cast", "cinema"], "unknown cast 'cinema'"),
        (["--rules", "mine"], "unknown rules 'mine'"),
        (["--rules", '{"turns": 3}'], "unknown rules ['turns']"),
        (["--reward", "gold"], "'gold'"),
        (["--reward", "{gold"], "expected a name or JSON"),
        (["--seeds", "0"], "--seeds must be at least 1"),
        (["--seeds", "many"], "invalid int value"),
        (["--name", "a/b"], "got 'a/b'"),
        (["--surprise"], "unrecognized arguments"),
    ],
)
def test_bad_arguments_are_one_sentence_and_leave_nothing_behind(
    cli: Any, tmp_path: Path, args: list[str], said: str
) -> None:
    done = cli("run", *args)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert not (tmp_path / "runs").exists()


def started(tmp_path: Path, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished_lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT as a terminal does")
def test_ctrl_c_keeps_and_scores_the_finished_dialogues(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "long"
    program = started(tmp_path, "run", "--seeds", "5000", "--policy", "generic", "--name", "long")
    give_up = time.monotonic() + PATIENCE
    while finished_lines(folder / "records.jsonl") < 3 and time.monotonic() < give_up and program.poll() is None:
        time.sleep(0.02)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=PATIENCE)
    assert program.returncode == 130, err
    assert err == ""
    records = list(read_records(folder / "records.jsonl"))
    summary = json.loads((folder / "summary.json").read_text())
    assert len(records) >= 3
    assert (summary["finished"], summary["interrupted"]) == (len(records), True)
    assert f"Interrupted: {len(records)} of 60000 dialogues came to an end; what was played is kept." in out
    assert "EPM-Q" in out
