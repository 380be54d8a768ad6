"""Result files of the public layout: read, refused with a sentence, replayed and scored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from empa_gym.epm import EPMParams
from empa_gym.errors import RecordError
from empa_gym.official import read_result, read_results, replay, result_files
from empa_gym.outcome import Outcome
from empa_gym.scoring import summarise
from tests.published import made_up, write_result

ADVANCE = [1, 0, 0, 0, 0, 0]
BOTH = [1, -1, 0, 0, 0, -1]
REACHED = "EPM v2.0 Success: Geometric Victory (reached near origin)"
Content = dict[str, Any]


def recovered(script: str = "script_001") -> Content:
    return made_up([ADVANCE] * 9 + [None, None, ADVANCE], REACHED, script)


def test_a_file_gives_the_numbers_of_its_dialogue(tmp_path: Path) -> None:
    record = read_result(write_result(tmp_path / "some-model", made_up([ADVANCE, BOTH, None], "Reached max turns (3)")))
    assert (record.model, record.scenario, record.turns, record.eval_every) == ("some-model", "script_001", 3, 1)
    assert record.deficit == (-10.0, 0.0, 0.0)
    assert record.positions == ((-10, 0, 0), (-9, 0, 0), (-10, 0, -2), (-10, 0, -2))
    assert record.shifts == ((1, 0, 0), (-1, 0, -2), (0, 0, 0))
    assert record.levels == (((1, 0), (0, 0), (0, 0)), ((1, -1), (0, 0), (0, -1)), None)
    assert record.outcome is Outcome.TURN_LIMIT


def test_an_absent_level_counts_as_zero_and_an_absent_form_as_a_turn_without_movement(tmp_path: Path) -> None:
    content = made_up([ADVANCE, None, BOTH], "Reached max turns (3)")
    points = content["epj"]["trajectory"]
    del points[1]["mdep_analysis"]["C_Neg_level"]
    points[1]["mdep_analysis"]["C_neg_level"] = -1
    points[2]["mdep_analysis"] = None
    points[3]["mdep_analysis"]["A_Prog_level"] = None
    record = read_result(write_result(tmp_path, content))
    assert record.levels[0] == ((1, 0), (0, 0), (0, 0))
    assert record.levels[1] is None
    assert np.asarray(record.trajectory.levels)[1].tolist() == [[0, 0]] * 3
    assert np.asarray(record.trajectory.positions).shape == (4, 3)


@pytest.mark.parametrize(
    ("reason", "outcome", "kind"),
    [
        ("EPM v2.0 Success: Positional Victory (crossed)", Outcome.RECOVERED, "positional"),
        ("EPM v2.0 Success: Geometric Victory (reached)", Outcome.RECOVERED, "geometric"),
        ("Failure: 5 turns (Direction Collapse), Persistent Regression (70%)", Outcome.COLLAPSED, ""),
        ("Failure: Stagnation, Persistent Regression (70%)", Outcome.STALLED, ""),
        ("Failure: Vector Oscillation (total change 50, net change 2)", Outcome.OSCILLATED, ""),
        ("Reached max turns (45), timeout", Outcome.TURN_LIMIT, ""),
    ],
)
def test_the_verdict_is_read_from_the_reason(tmp_path: Path, reason: str, outcome: Outcome, kind: str) -> None:
    record = read_result(write_result(tmp_path, made_up([ADVANCE], reason)))
    assert (record.outcome, record.end_kind) == (outcome, kind)


def test_the_recorded_dialogue_is_replayed_under_the_rules_that_are_asked_for(tmp_path: Path) -> None:
    record = read_result(write_result(tmp_path / "m", recovered()))
    published = replay(record, EPMParams.published())
    assert published == ("m", "script_001", 12, "geometric", 12, "geometric", True)
    assert replay(record, EPMParams(min_turns=20))[4:] == (12, "none", False)
    assert replay(record, EPMParams(min_turns=7, max_turns=7))[4:] == (7, "turn_limit", False)


def test_a_replay_takes_the_interval_of_the_record(tmp_path: Path) -> None:
    """Ten judgements that lead nowhere are an oscillation for K = 2; for K = 1 it takes twelve."""
    content = made_up([ADVANCE, [1, -1, 0, 0, 0, 0]] * 5, "Vector Oscillation (...)")
    content["total_turns"], content["epj"]["K"] = 20, 2
    for point in content["epj"]["trajectory"]:
        point["turn"] *= 2
    record = read_result(write_result(tmp_path, content))
    assert (record.eval_every, record.trajectory.turns) == (2, 20)
    assert replay(record, EPMParams.published())[2:] == (20, "oscillation", 20, "oscillation", True)


def test_one_file_a_models_folder_and_a_folder_of_folders_are_read(tmp_path: Path) -> None:
    file = write_result(tmp_path / "b-model", recovered("script_002"))
    write_result(tmp_path / "b-model", recovered("script_001"))
    write_result(tmp_path / "a-model", recovered("script_003"))

    def read(path: Path) -> list[tuple[str, list[str]]]:
        return [(one.model, [record.scenario for record in one.dialogues]) for one in read_results(path)]

    assert read(file) == [("b-model", ["script_002"])]
    assert read(tmp_path / "b-model") == [("b-model", ["script_001", "script_002"])]
    assert read(tmp_path) == [("a-model", ["script_003"]), ("b-model", ["script_001", "script_002"])]


def test_a_folder_is_called_by_its_own_name_from_inside_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_result(tmp_path / "some-model", recovered())
    monkeypatch.chdir(tmp_path / "some-model")
    assert [one.model for one in read_results(".")] == ["some-model"]
    assert [one.model for one in read_results("script_001_result.json")] == ["some-model"]


def test_other_files_in_the_folders_are_skipped(tmp_path: Path) -> None:
    write_result(tmp_path / "m", recovered())
    for name in ("summary.json", "epmq_table.csv", "script_001_result.json.bak", "script_001.md", "notes.txt"):
        (tmp_path / "m" / name).write_text("not a result", encoding="utf-8")
        (tmp_path / name).write_text("not a result", encoding="utf-8")
    (tmp_path / "m" / "script_009_result.json").mkdir()
    (tmp_path / "empty").mkdir()
    assert [file.name for file in result_files(tmp_path)] == ["script_001_result.json"]
    assert len(read_results(tmp_path)) == 1


def test_a_folder_without_result_files_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="a folder of such folders; found no such file in it"):
        read_results(tmp_path)
    with pytest.raises(RecordError, match="found nothing there"):
        read_results(tmp_path / "absent")


def test_a_run_that_did_not_go_through_is_failed_and_never_scored(tmp_path: Path) -> None:
    write_result(tmp_path / "m", recovered() | {"script_id": "script_001"})
    write_result(tmp_path / "m", {"script_id": "script_002", "status": "error", "total_turns": 4, "epj": None})
    (results,) = read_results(tmp_path)
    assert results.dialogues[1].outcome is Outcome.MODEL_ERROR
    summary = summarise("m", [record.trajectory for record in results.dialogues])
    assert (summary.dialogues, summary.scored, summary.failed, summary.passed) == (2, 1, 1, 1)
    assert replay(results.dialogues[1], EPMParams())[2:] == (4, "model_error", 4, "none", False)


def set_point(number: int, **fields: object) -> Callable[[Content], None]:
    return lambda content: content["epj"]["trajectory"][number].update(fields)


def set_form(number: int, **fields: object) -> Callable[[Content], None]:
    return lambda content: content["epj"]["trajectory"][number]["mdep_analysis"].update(fields)


@pytest.mark.parametrize(
    ("spoil", "field", "words"),
    [
        (lambda c: c.pop("total_turns"), "total_turns", "expected, found nothing"),
        (lambda c: c.update(total_turns="12"), "total_turns", "valid integer, found '12'"),
        (lambda c: c.update(total_turns=13), "epj.trajectory", "one point for each of the 13 turns"),
        (lambda c: c.update(termination_reason="it rained"), "termination_reason", "found 'it rained'"),
        (lambda c: c.update(epj=None), "epj", "found nothing"),
        (lambda c: c["epj"].pop("trajectory"), "epj.trajectory", "found nothing"),
        (lambda c: c["epj"]["trajectory"].pop(4), "epj.trajectory", "found turns"),
        (lambda c: c["epj"]["trajectory"].pop(0), "epj.trajectory.0.turn", "expected the start, turn 0, found 1"),
        (lambda c: c["epj"].update(P_0_initial_deficit=[-9, 0, 0]), "epj.P_0_initial_deficit", "first position"),
        (lambda c: c["epj"]["trajectory"][2].pop("v_t"), "epj.trajectory.2.v_t", "found nothing"),
        (set_point(2, P_t=[1, 2]), "epj.trajectory.2.P_t.2", "found nothing"),
        (set_point(2, P_t=[1, 2, "x"]), "epj.trajectory.2.P_t.2", "found 'x'"),
        (set_point(2, P_t=[-8, 0, 1]), "epj.trajectory.2.P_t", "expected P_(t-1) + v_t = [-8.0, 0.0, 0.0]"),
        (set_point(2, v_t=[2, 0, 0]), "epj.trajectory.2.v_t", "the levels of its form come to [1.0, 0.0, 0.0]"),
        (set_point(10, v_t=[1, 0, 0]), "epj.trajectory.10.v_t", "a turn without a form moves [0.0, 0.0, 0.0]"),
        (set_point(2, mdep_analysis="good"), "epj.trajectory.2.mdep_analysis", "found 'good'"),
        (set_form(2, C_Prog_level=3), "epj.trajectory.2.mdep_analysis.C_Prog_level", "found 3"),
        (set_form(2, C_Neg_level=1), "epj.trajectory.2.mdep_analysis.C_Neg_level", "found 1"),
        (set_form(2, A_Prog_level="high"), "epj.trajectory.2.mdep_analysis.A_Prog_level", "found 'high'"),
    ],
)
def test_a_malformed_file_is_refused_naming_file_and_field(
    tmp_path: Path, spoil: Callable[[Content], object], field: str, words: str
) -> None:
    content = recovered()
    spoil(content)
    write_result(tmp_path / "m", content)
    with pytest.raises(RecordError) as caught:
        read_results(tmp_path)
    assert caught.value.file.endswith("m/script_001_result.json")
    assert caught.value.field == field
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_start_without_a_deficit_is_refused(tmp_path: Path) -> None:
    content = made_up([ADVANCE], REACHED)
    content["epj"] |= {"P_0_initial_deficit": [0, 0, 0]}
    content["epj"]["trajectory"] = [
        {"turn": 0, "P_t": [0, 0, 0], "v_t": [0, 0, 0]},
        {"turn": 1, "P_t": [0, 0, 0], "v_t": [0, 0, 0]},
    ]
    with pytest.raises(RecordError, match="a deficit other than zero"):
        read_result(write_result(tmp_path, content))


@pytest.mark.parametrize("turns", [(2, 2), (4, 2), (2, 9)])
def test_turns_that_do_not_rise_to_the_last_are_refused(tmp_path: Path, turns: tuple[int, int]) -> None:
    content = made_up([ADVANCE, ADVANCE], REACHED)
    content["total_turns"], content["epj"]["K"] = 4, 2
    for point, turn in zip(content["epj"]["trajectory"][1:], turns, strict=True):
        point["turn"] = turn
    with pytest.raises(RecordError, match="expected rising turns from 1 to 4"):
        read_result(write_result(tmp_path, content))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"total_turns": NaN}', "\x00", "[" * 5000, '{"total_turns": 1e400}']
)
def test_what_is_no_result_file_at_all_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "script_001_result.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"script_001_result\.json"):
        read_results(file)


def test_bytes_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "script_001_result.json"
    file.write_bytes(json.dumps(recovered()).encode("utf-16"))
    with pytest.raises(RecordError, match="expected JSON"):
        read_results(tmp_path)
