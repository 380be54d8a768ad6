"""The public benchmark's own files, and the 300 recordings written in their layout: replayed and scored."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from empa_gym.epm import EPMParams
from empa_gym.official import ModelResults, read_results, replay
from empa_gym.scoring import ReplayRow, score_row, summarise
from tests.published import (
    DIALOGUES,
    MODELS,
    OFFICIAL_FILES,
    level_array,
    needs_data,
    official_results,
    published_table,
    recordings,
    write_recordings,
)

pytestmark = needs_data


def rows(results: tuple[ModelResults, ...], params: EPMParams) -> list[ReplayRow]:
    return [replay(record, params) for model in results for record in model.dialogues]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write_recordings(folder)
    return folder


def test_three_hundred_written_result_files_replay_to_three_hundred_rows_that_agree(written: Path) -> None:
    found = rows(read_results(written), EPMParams.published())
    assert (len(found), sum(row.agrees for row in found)) == (DIALOGUES, DIALOGUES)


def test_written_result_files_score_as_the_published_table_says(written: Path) -> None:
    table, results = published_table(), read_results(written)
    assert len(results) == MODELS
    for one in results:
        row = score_row(summarise(one.model, [record.trajectory for record in one.dialogues]))
        assert row[1:4] == (30, 30, 0)
        assert row[5:] == pytest.approx(table[one.model], abs=0.02), one.model


def test_one_models_folder_scores_as_it_does_among_the_others(written: Path) -> None:
    (alone,) = read_results(written / "seed-1.6")
    assert [one for one in read_results(written) if one.model == "seed-1.6"] == [alone]


def test_the_release_rules_lose_the_oscillations_and_rename_some_geometric_ends(written: Path) -> None:
    found = rows(read_results(written), EPMParams.release())
    changed = Counter((row.recorded_verdict, row.verdict) for row in found if not row.agrees)
    assert changed[("oscillation", "none")] == 9
    assert set(changed) == {("oscillation", "none"), ("geometric", "positional")}
    assert all(row.turn == row.recorded_turn for row in found)


def test_all_official_files_are_read_and_agree() -> None:
    results = read_results(official_results())
    found = rows(results, EPMParams.published())
    assert (len(found), sum(row.agrees for row in found)) == (OFFICIAL_FILES, OFFICIAL_FILES)
    assert {row.verdict for row in found} == {"positional", "geometric", "collapse", "oscillation", "turn_limit"}
    assert [one.model for one in results] == sorted(path.name for path in official_results().iterdir())


def test_official_files_hold_the_numbers_of_the_recordings() -> None:
    compared = absent_forms = 0
    for one in read_results(official_results()):
        recorded = {dialogue["script_id"]: dialogue for dialogue in recordings().get(one.model, [])}
        for record in one.dialogues:
            absent_forms += record.levels.count(None)
            if record.scenario not in recorded:
                continue
            compared += 1
            turns = recorded[record.scenario]["turns"]
            assert [list(position) for position in record.positions[1:]] == [turn["P_t"] for turn in turns]
            levels = [level_array(turn).tolist() for turn in turns]
            assert np.asarray(record.trajectory.levels).tolist() == levels
    assert absent_forms == 3
    assert compared == OFFICIAL_FILES


def test_official_files_score_without_an_outage() -> None:
    for one in read_results(official_results()):
        summary = summarise(one.model, [record.trajectory for record in one.dialogues])
        assert summary.scored == summary.dialogues == len(one.dialogues)
        assert summary.warning == ""
