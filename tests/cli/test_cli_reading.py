"""score, replay, show and scenarios, on our own records and on what is no record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from empa_gym import __version__
from empa_gym.cli import main as command
from empa_gym.cli.replay import RULES
from empa_gym.dialogue.record import read_records, to_line

ROOT = Path(__file__).resolve().parents[2]
COUNTS = ["dialogues", "scored", "failed", "passed"]
INDICES = ["RDI", "Etot", "Snet", "rho", "Sproj", "tau", "Rpos", "Align", "Pen"]
SCORE_KEYS = ["model", *COUNTS, *INDICES, "outcome", "efficiency", "stability", "epmq"]
REPLAY_KEYS = ["model", "scenario", "recorded_turn", "recorded_verdict", "turn", "verdict", "agrees"]


def test_score_gives_one_object_a_model_with_its_keys_in_order(cli: Any, small_run: Path) -> None:
    rows = json.loads(cli("score", small_run, "--json").out)
    assert [row["model"] for row in rows] == ["supporter", "generic", "empty"]
    assert all(list(row) == SCORE_KEYS for row in rows)
    assert [row["dialogues"] for row in rows] == [4, 4, 4]


def test_score_agrees_with_the_runs_own_summary(cli: Any, small_run: Path) -> None:
    rows = json.loads(cli("score", small_run, "--json").out)
    models = json.loads((small_run / "summary.json").read_text())["models"]
    assert [{key: model[key] for key in SCORE_KEYS} for model in models] == rows


def test_score_reads_a_folder_of_runs_a_run_and_a_file_alike(cli: Any, small_run: Path) -> None:
    texts = [cli("score", path, "--json").out for path in (small_run.parent, small_run, small_run / "records.jsonl")]
    assert json.loads(texts[0]) == json.loads(texts[1]) == json.loads(texts[2])


def test_runs_beside_each_other_are_told_apart(cli: Any, small_run: Path) -> None:
    cli("run", "--policy", "empty", "--scenarios", "health-knee", "--seeds", 1, "--name", "other")
    models = [row["model"] for row in json.loads(cli("score", small_run.parent, "--json").out)]
    assert models == ["other/empty", "small/supporter", "small/generic", "small/empty"]


def test_too_few_finished_dialogues_carry_a_warning(cli: Any, small_run: Path) -> None:
    file = small_run / "records.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:7]))
    assert "Warning, empty: only 2 of 4 planned dialogues are scored" in " ".join(cli("score", small_run).out.split())


def test_a_run_that_was_stopped_at_once_scores_null(cli: Any, small_run: Path) -> None:
    (small_run / "records.jsonl").write_text("")
    rows = json.loads(cli("score", small_run, "--json").out)
    assert [(row["scored"], row["epmq"]) for row in rows] == [(0, None)] * 3


def test_replay_agrees_with_every_record_under_its_own_rules(cli: Any, small_run: Path) -> None:
    rows = json.loads(cli("replay", small_run, "--json").out)
    assert len(rows) == 12
    assert all(list(row) == REPLAY_KEYS for row in rows)
    assert [row for row in rows if not row["agrees"]] == []
    assert "All 12 dialogues end in the recorded turn" in cli("replay", small_run).out


def test_replay_under_other_rules_says_where_they_differ(cli: Any, small_run: Path) -> None:
    rows = json.loads(cli("replay", small_run, "--rules", "published", "--json").out)
    limited = [row for row in rows if row["recorded_verdict"] == "turn_limit"]
    assert limited
    assert {(row["turn"], row["verdict"], row["agrees"]) for row in limited} == {(8, "none", False)}
    assert "Dialogues that end otherwise" in cli("replay", small_run, "--rules", "release").out


def test_replay_knows_no_other_rules(cli: Any, small_run: Path) -> None:
    done = cli("replay", small_run, "--rules", "mine")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert all(name in done.err for name in RULES)


def test_show_is_a_transcript_with_levels_position_and_reward(cli: Any, small_run: Path) -> None:
    record = next(read_records(small_run / "records.jsonl"))
    done = cli("show", small_run, "--evidence")
    said = " ".join(done.out.split())
    first = record.turns[0]
    assert f"{record.scenario} with {record.policy}, seed {record.seed}" in said
    assert " ".join(first.reply.split()[:8]) in said
    assert f"energy {first.energy:.1f} reward {first.reward:+.2f}" in said
    assert first.evidence[0].rule in said
    assert f"after {len(record.turns)} turns, return {record.episode_return:+.2f}" in said
    assert "Dialogue 1 of 12" in said
    assert max(map(len, done.out.splitlines())) <= 100


def test_show_chooses_by_policy_scenario_and_index(cli: Any, small_run: Path) -> None:
    done = cli("show", small_run, "--policy", "generic", "--scenario", "values-rite", "--index", 2)
    chosen = [
        r for r in read_records(small_run / "records.jsonl") if (r.policy, r.scenario) == ("generic", "values-rite")
    ]
    assert f"values-rite with generic, seed {chosen[1].seed}" in done.out


def test_show_prints_square_brackets_as_they_were_said(cli: Any, small_run: Path) -> None:
    file = small_run / "records.jsonl"
    text = file.read_text().splitlines()[0]
    record = json.loads(text)
    record["turns"][0]["reply"] = "[bold]loud[/bold] [/]"
    file.write_text(json.dumps(record) + "\n")
    assert "[bold]loud[/bold] [/]" in cli("show", small_run).out


STEERING = "\x1b[2J\x07\x00\u202e\x9b1m\r[/b]"
SHOWN = "\\x1b[2J\\x07\\x00\\u202e\\x9b1m\\r[/b]"


@pytest.fixture
def hostile(small_run: Path) -> Path:
    """A run whose records hold in every text what steers a terminal and what looks like markup."""
    file = small_run / "records.jsonl"
    records = [json.loads(line) for line in file.read_text().splitlines()[:3]]
    for record in records:
        record |= {key: record[key] + STEERING for key in ("scenario", "policy", "reward")}
        record |= {"unanswered": STEERING, "error": STEERING, "outcome": "model_error", "end_kind": STEERING}
        for turn in record["turns"]:
            turn |= {"message": STEERING, "reply": STEERING, "error": STEERING}
            for why in turn["evidence"]:
                why |= {"rule": STEERING, "quote": STEERING, "reasoning": STEERING}
    (small_run / "settings.json").unlink()
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return small_run


@pytest.mark.parametrize(
    "args",
    [["show", "--evidence"], ["score"], ["replay"], ["replay", "--rules", "release"], ["show", "--policy", STEERING]],
    ids=["show", "score", "replay", "replay otherwise", "error"],
)
def test_no_record_steers_the_terminal_it_is_read_on(
    cli: Any, hostile: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    done = cli(args[0], hostile, *args[1:])
    assert not set(done.out + done.err) & set(STEERING[:1] + "\x07\x00\u202e\x9b\r")
    assert SHOWN in done.out + done.err


def test_a_scenario_file_does_not_steer_the_terminal(cli: Any, tmp_path: Path) -> None:
    scenario = json.loads((ROOT / "empa_gym" / "scenarios" / "starter" / "health-knee.json").read_text())
    scenario["title"] = scenario["persona"]["name"] = scenario["wish"] = STEERING.rstrip("\r") + "."
    name = "\x1b[2J.json"
    (tmp_path / name).write_text(json.dumps(scenario))
    done = [cli("scenarios", action, name) for action in ("list", "show", "validate")]
    done.append(cli("scenarios", "validate", "\x1b[3J.json"))
    assert [one.code for one in done] == [0, 0, 0, 2]
    assert not set("".join(one.out + one.err for one in done)) & set("\x1b\x07\x00\u202e\x9b\r")
    assert "\\x1b[2J.json" in done[2].out


@pytest.mark.parametrize("name", ["score", "replay", "show"])
def test_what_is_not_there_is_one_sentence(cli: Any, tmp_path: Path, name: str) -> None:
    for path in ("nowhere", tmp_path, "nowhere.jsonl"):
        done = cli(name, path)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("empa-gym: ")
        assert done.err.count("\n") == 1
        assert "expected" in done.err


@pytest.mark.parametrize("name", ["score", "replay", "show"])
def test_a_malformed_record_names_file_line_and_field(cli: Any, small_run: Path, name: str) -> None:
    file = small_run / "records.jsonl"
    lines = file.read_text().splitlines()
    lines[4] = lines[4].replace('"seed":', '"sead":', 1)
    file.write_text("\n".join(lines) + "\n")
    done = cli(name, small_run)
    assert done.code == 2
    assert f"{file}:5: seed: expected" in done.err


def test_a_choice_that_matches_nothing_lists_what_there_is(cli: Any, small_run: Path) -> None:
    done = cli("show", small_run, "--policy", "nobody")
    assert done.code == 2
    assert "the policies are supporter, generic, empty" in done.err
    assert cli("show", small_run, "--index", 13).code == 2


def test_scenarios_are_listed_shown_and_checked(cli: Any, tmp_path: Path) -> None:
    assert cli("scenarios", "list").out.count("\n") == 14
    shown = cli("scenarios", "show", "health-knee")
    assert "health-knee" in shown.out
    assert "cognitive -9, affective -16, proactive -25" in shown.out
    valid = ROOT / "empa_gym" / "scenarios" / "starter" / "health-knee.json"
    (tmp_path / "bad.json").write_text(valid.read_text().replace('"high"', '"huge"', 1))
    done = cli("scenarios", "validate", valid, "bad.json", "none.json")
    assert done.code == 2
    assert f"valid  {valid}" in done.out
    assert [line.split(":")[1].strip() for line in done.err.splitlines()] == ["bad.json", "none.json"]
    assert cli("scenarios", "show", "nobody").code == 2


def test_validate_names_every_field_that_is_wrong_on_a_line_of_its_own(cli: Any, tmp_path: Path) -> None:
    scenario = json.loads((ROOT / "empa_gym" / "scenarios" / "starter" / "health-knee.json").read_text())
    scenario["threshold"], scenario["persona"]["age"] = "huge", "old"
    del scenario["wish"]
    (tmp_path / "bad.json").write_text(json.dumps(scenario))
    (tmp_path / "none.json").write_text(json.dumps(scenario | {"ratings": dict.fromkeys(scenario["ratings"], 0)}))
    done = cli("scenarios", "validate", "bad.json")
    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert [line.split(": ")[1:3] for line in lines] == [
        ["bad.json", "persona.age"],
        ["bad.json", "threshold"],
        ["bad.json", "wish"],
    ]
    assert "found: 'huge'" in lines[1]
    assert lines[2].endswith("found: nothing")
    told = cli("scenarios", "show", "bad.json")
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert "(and 2 more; 'empa-gym scenarios validate bad.json' lists them)" in told.err


def test_a_scenario_that_is_wrong_as_a_whole_says_so_in_our_words(cli: Any, tmp_path: Path) -> None:
    scenario = json.loads((ROOT / "empa_gym" / "scenarios" / "starter" / "health-knee.json").read_text())
    scenario["ratings"] = dict.fromkeys(scenario["ratings"], 0)
    (tmp_path / "flat.json").write_text(json.dumps(scenario))
    err = cli("scenarios", "validate", "flat.json").err
    assert err == "empa-gym: flat.json: ratings: expected a deficit on at least one axis, found all levels 0\n"


def test_one_dialogue_is_one_dialogue(cli: Any, tmp_path: Path) -> None:
    short = '{"rules_end": false, "max_turns": 1}'
    names = ("--policy", "empty", "--scenarios", "health-knee", "--name", "a")
    played = cli("run", *names, "--seeds", 1, "--rules", short)
    assert "\n1 dialogue in " in played.out
    assert "All 1" not in cli("replay", "runs/a").out
    assert "The one dialogue ends in the recorded turn with the recorded verdict." in cli("replay", "runs/a").out
    assert "after 1 turn, return" in cli("show", "runs/a").out
    assert "--index must be 1, as one dialogue matches, got 2" in cli("show", "runs/a", "--index", 2).err


def test_the_version_is_told(cli: Any) -> None:
    done = cli("--version")
    assert (done.code, done.out) == (0, f"empa-gym {__version__}\n")


def test_a_command_that_is_not_there_is_one_sentence(cli: Any) -> None:
    for args in ((), ("dance",), ("scenarios",)):
        done = cli(*args)
        assert (done.code, done.err.count("\n")) == (2, 1)


def test_traceback_shows_where_an_error_came_from(cli: Any) -> None:
    with pytest.raises(ValueError, match="expected records"):
        command(["--traceback", "score", "nowhere"])


@pytest.mark.skipif(os.name != "posix", reason="closes a pipe as head does")
@pytest.mark.parametrize("args", [["show"], ["score", "--json"], ["replay", "--json"]], ids=" ".join)
def test_a_reader_that_goes_away_makes_no_noise(small_run: Path, args: list[str]) -> None:
    file = small_run / "records.jsonl"
    file.write_text(file.read_text() * 40)  # more than a pipe holds
    code = "import sys; from empa_gym.cli import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command_line = [sys.executable, "-c", code, args[0], str(small_run), *args[1:]]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        err = program.stderr.read()
    assert (program.returncode, err) == (1, b"")


def test_a_terminal_that_knows_ascii_alone_shows_replacements(small_run: Path) -> None:
    file = small_run / "records.jsonl"
    record = json.loads(file.read_text().splitlines()[0])
    record["turns"][0]["reply"] = "caf\u00e9 \U0001f642"
    file.write_text(json.dumps(record) + "\n")
    code = "import sys; from empa_gym.cli import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-c", code, "show", str(small_run)], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"caf? ?" in done.stdout


def test_a_record_read_and_written_again_is_the_same_line(small_run: Path) -> None:
    lines = (small_run / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert [to_line(record) for record in read_records(small_run / "records.jsonl")] == lines


@pytest.mark.parametrize("columns", ["60", "72", "80", "100"])
def test_no_figure_is_clipped_on_a_narrow_terminal(
    cli: Any, small_run: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = cli("score", small_run)
    assert "\u2026" not in done.out
    assert max(map(len, done.out.splitlines())) <= int(columns)
    row = json.loads(cli("score", small_run, "--json").out)[0]
    assert f"{row['epmq']:.1f}" in done.out
    assert done.out.count("supporter") >= 2
    assert "energy" in done.out


def test_every_kind_of_ending_has_room(cli: Any, small_run: Path) -> None:
    file = small_run / "records.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    outcomes = ["collapsed", "stalled", "oscillated", "ended_by_director", "turn_limit", "budget", "model_error"]
    changed = [{**line, "outcome": outcome, "end_kind": ""} for line, outcome in zip(lines, outcomes, strict=False)]
    file.write_text("".join(json.dumps(line) + "\n" for line in changed))
    out = " ".join(cli("score", small_run).out.split())
    for word in ("collapse", "stalled", "oscillation", "director", "turn limit", "budget", "model error"):
        assert word in out


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"schema": 1, "scena'])
def test_a_file_without_one_finished_dialogue_is_a_sentence(cli: Any, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "torn.jsonl").write_bytes(content)
    done = cli("score", tmp_path / "torn.jsonl")
    assert done.code == 2
    assert "at least one finished dialogue" in done.err


def test_json_that_is_nested_too_deeply_is_a_sentence(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    done = cli("scenarios", "validate", tmp_path / "deep.json")
    assert done.code == 2
    assert "nested too deeply" in done.err + done.out
