"""score and replay on the public benchmark's results, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.published import (
    DIALOGUES,
    MODELS,
    OFFICIAL_FILES,
    made_up,
    needs_data,
    official_results,
    published_table,
    write_recordings,
    write_result,
)

BACKWARD = [[0, -1, 0, 0, 0, 0]] * 12
"""A dialogue that goes the wrong way in each of its twelve turns."""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two models' folders with invented numbers, among files that are no results."""
    folder = tmp_path / "results"
    write_result(folder / "worse", made_up(BACKWARD, "Direction Collapse"))
    write_result(folder / "worse", made_up(BACKWARD, "Direction Collapse", "script_002"))
    write_result(folder / "better", made_up([[1, 0, 0, 0, 0, 0]] * 12, "Positional Victory"))
    (folder / "worse" / "notes.txt").write_text("not a result")
    (folder / "summary.json").write_text("{}")
    return folder


def test_models_are_scored_and_replayed_by_folder(cli: Any, results: Path) -> None:
    scores = json.loads(cli("score", results, "--json").out)
    assert [(row["model"], row["dialogues"], row["passed"]) for row in scores] == [("better", 1, 1), ("worse", 2, 0)]
    rows = json.loads(cli("replay", results, "--json").out)
    assert [(row["model"], row["verdict"], row["agrees"]) for row in rows] == [
        ("better", "positional", True),
        ("worse", "collapse", True),
        ("worse", "collapse", True),
    ]


def test_one_models_folder_and_one_file_are_read_too(cli: Any, results: Path) -> None:
    assert len(json.loads(cli("replay", results / "worse", "--json").out)) == 2
    assert len(json.loads(cli("replay", results / "worse" / "script_001_result.json", "--json").out)) == 1


def test_a_malformed_result_is_one_sentence(cli: Any, results: Path) -> None:
    file = results / "worse" / "script_002_result.json"
    file.write_text(file.read_text().replace('"total_turns"', '"turns_total"'))
    for command in ("score", "replay"):
        done = cli(command, results)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert str(file) in done.err
        assert "total_turns" in done.err


@needs_data
def test_the_published_recordings_replay_and_score_on_the_command_line(cli: Any, tmp_path: Path) -> None:
    write_recordings(tmp_path / "written")
    rows = json.loads(cli("replay", "written", "--json").out)
    assert (len(rows), sum(row["agrees"] for row in rows)) == (DIALOGUES, DIALOGUES)
    scores = json.loads(cli("score", "written", "--json").out)
    assert len(scores) == MODELS
    for row in scores:
        assert list(row.values())[5:] == pytest.approx(published_table()[row["model"]], abs=0.02), row["model"]


@needs_data
def test_the_official_files_replay_and_score_on_the_command_line(cli: Any) -> None:
    rows = json.loads(cli("replay", official_results(), "--rules", "published", "--json").out)
    assert (len(rows), sum(row["agrees"] for row in rows)) == (OFFICIAL_FILES, OFFICIAL_FILES)
    scores = json.loads(cli("score", official_results(), "--json").out)
    assert sum(row["scored"] for row in scores) == OFFICIAL_FILES
