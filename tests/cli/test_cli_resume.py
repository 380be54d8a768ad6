"""``empa-gym run --resume``: the same run goes on, another is refused, what failed is retried when asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from empa_gym import collect
from empa_gym.rollout.ledger import read_run
from tests.cli.conftest import Cli
from tests.cli.test_cli_failures import PATIENCE, started, wait_for_lines

RUN = ("run", "--policy", "generic", "random", "--scenarios", "health-knee", "values-rite", "--seeds", 2)
RULES = ("--rules", '{"base": "training", "min_turns": 2, "max_turns": 3}', "--name", "a")


@pytest.fixture
def folder(cli: Cli, tmp_path: Path) -> Path:
    """A run that was stopped in its fourth of eight dialogues."""
    assert cli(*RUN, *RULES).code == 0
    folder = tmp_path / "runs" / "a"
    file = folder / "records.jsonl"
    (tmp_path / "whole").write_bytes(file.read_bytes())
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:3]) + lines[3][:50])
    (folder / "summary.json").unlink()
    return folder


def test_a_run_goes_on_with_the_settings_of_its_folder(cli: Cli, tmp_path: Path, folder: Path) -> None:
    done = cli("run", "--resume", folder)
    assert done.code == 0
    assert done.err == f"empa-gym: {folder}: a torn line of 50 bytes was cut off, as when a run was killed\n"
    assert (folder / "records.jsonl").read_bytes() == (tmp_path / "whole").read_bytes()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["planned"], summary["finished"], summary["interrupted"]) == (8, 8, False)
    again = cli("run", "--resume", folder, *RULES[:2], "--seeds", 2)
    assert (again.code, again.err) == (0, "")
    assert (folder / "records.jsonl").read_bytes() == (tmp_path / "whole").read_bytes()


CHANGES = {
    "a rule": (("--rules", "training"), "rules.max_turns: 3 in the folder, 15 asked"),
    "the cast": (("--cast", "null"), 'cast.actor.name: "empa_gym.agents.offline.actor:OfflineActor" in the folder'),
    "the policies": (("--policy", "generic"), 'policies: ["generic", "random"] in the folder, ["generic"] asked'),
    "the seeds": (("--seeds", 3), "seeds: 2 in the folder, 3 asked"),
    "the reward": (("--reward", "energy"), 'reward.name: "idr" in the folder, "energy" asked'),
    "a name": (("--name", "b"), "leave out --name"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_run_is_refused_with_what_differs(cli: Cli, folder: Path, change: str) -> None:
    given, said = CHANGES[change]
    done = cli("run", "--resume", folder, *given)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert said in done.err
    assert not (folder / "summary.json").exists()


def test_a_folder_that_cannot_go_on_says_why(cli: Cli, tmp_path: Path, folder: Path) -> None:
    assert "it holds no settings.json" in cli("run", "--resume", tmp_path / "nowhere").err
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    (folder / "settings.json").write_text(json.dumps({**settings, "arguments": None}), encoding="utf-8")
    assert "made by an older release, or not by this command" in cli("run", "--resume", folder).err
    assert "name the run with --resume FOLDER" in cli("run", "--retry-failed").err


LIMPS = """
import pathlib
from empa_gym.errors import ModelError


class Limps:
    def reply(self, view):
        if view.turn == 2 and not pathlib.Path("mended").exists():
            raise ModelError("no route")
        return "So the shoes stayed in the bag?"
        yield
"""


def test_failed_dialogues_are_counted_and_retried_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "limps_for_resume.py").write_text(LIMPS)
    done = cli("run", "--policy", "generic", "limps_for_resume:Limps", *RUN[4:], *RULES)
    folder = tmp_path / "runs" / "a"
    assert "run --resume runs/a --retry-failed" in done.out
    assert rows(cli, folder) == [("generic", 4, 4), ("limps_for_resume:Limps", 4, 0)]
    assert "after 1 turn" in cli("show", folder, "--policy", "limps_for_resume:Limps").out
    kept = (folder / "records.jsonl").read_bytes()
    (tmp_path / "mended").touch()
    cli("run", "--resume", folder)
    assert rows(cli, folder) == [("generic", 4, 4), ("limps_for_resume:Limps", 4, 0)]
    assert cli("run", "--resume", folder, "--retry-failed").code == 0
    assert rows(cli, folder) == [("generic", 4, 4), ("limps_for_resume:Limps", 4, 4)]
    assert (folder / "records.jsonl").read_bytes().startswith(kept)
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["failures"] == []


def rows(cli: Cli, folder: Path) -> list[tuple[Any, ...]]:
    found = json.loads(cli("score", folder, "--json").out)
    return [(row["model"], row["dialogues"], row["scored"]) for row in found]


def test_several_processes_play_the_same_run(cli: Cli, tmp_path: Path) -> None:
    assert cli(*RUN, *RULES).code == 0
    assert cli(*RUN, *RULES[:3], "b", "--engine", "processes", "--workers", 2).code == 0
    one, other = ((tmp_path / "runs" / name / "records.jsonl").read_bytes().splitlines() for name in "ab")
    assert sorted(one) == sorted(other)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_after_ctrl_c_the_run_goes_on_and_comes_to_the_same(cli: Cli, tmp_path: Path) -> None:
    given = ("run", "--policy", "random", "--seeds", "12", "--rules", "training")
    program = started(tmp_path, *given, "--name", "a")
    wait_for_lines(tmp_path / "runs" / "a" / "records.jsonl", 20, program)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=PATIENCE)
    assert (program.returncode, err) == (130, "")
    assert "empa-gym run --resume runs/a" in out
    assert cli("run", "--resume", "runs/a").code == 0
    assert cli(*given, "--name", "b").code == 0
    one, other = ((tmp_path / "runs" / name / "records.jsonl").read_bytes().splitlines() for name in "ab")
    assert sorted(one) == sorted(other)


def test_a_collection_of_the_library_is_scored_and_shown(cli: Cli, tmp_path: Path) -> None:
    short = {"base": "training", "min_turns": 2, "max_turns": 3}
    collect("random", ["health-knee"], group_size=3, rules=short, folder=tmp_path / "c")
    assert rows(cli, tmp_path / "c") == [("random", 3, 3)]
    assert "after 3 turns" in cli("show", tmp_path / "c", "--index", 3).out
    assert "not by this command" in cli("run", "--resume", tmp_path / "c").err


FULL = """
import resource, sys
from empa_gym.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""


def test_a_full_disk_stops_a_run_with_a_sentence_and_the_rest_is_played_later(tmp_path: Path, cli: Cli) -> None:
    plan = ["run", "--policy", "empty", "--seeds", "2", "--name", "full"]
    stopped = subprocess.run(
        [sys.executable, "-c", FULL, *plan], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert stopped.returncode == 5, stopped.stderr
    assert "go on with: empa-gym run --resume runs/full" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert 0 < len(list(read_run(tmp_path / "runs/full/records.jsonl"))) < 24
    assert cli("run", "--resume", "runs/full").code == 0
    assert len(list(read_run(tmp_path / "runs/full/records.jsonl"))) == 24
