"""``empa-gym train``: it trains, shows how it went, goes on where it stopped, and answers mistakes in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="empa-gym train needs torch")
pytest.importorskip("matplotlib", reason="the picture of the curve needs matplotlib")

from empa_gym.cli.main import main

SMALL = ("groups=2", "members=3", "held_out=health-knee", "evaluation_seeds=1", "checkpoint_every=1")


def test_a_run_prints_its_evaluations_and_draws_its_curve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--steps", "2", "--out", str(tmp_path), "--name", "first", "--set", *SMALL]) == 0
    folder = tmp_path / "first"
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 1, 2, 2]
    said = capsys.readouterr().out
    assert "EPM-Q" in said
    assert str(folder) in said


def test_a_finished_run_that_is_resumed_has_nothing_left_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["train", "--steps", "1", "--out", str(tmp_path), "--name", "run", "--set", *SMALL])
    before = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    assert main(["train", "--resume", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == before
    assert capsys.readouterr().out.count("Held-out scenarios") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--algo", "ppo"], "expected an algorithm (mapo, "),
        (["--set", "members"], "--set takes FIELD=VALUE"),
        (["--set", "speed=3"], "speed"),
        (["--policy", "huge"], "expected a policy to train: small, or the folder"),
        (["--set", "scenarios=nowhere"], "nowhere"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--out", str(tmp_path), "--name", "run", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
