"""What the README shows runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


def test_the_first_example_meets_the_person_and_is_rewarded() -> None:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[0], "README.md", "exec"), names)
    assert names["info"]["outcome"] == "running"
    assert names["reward"] > 0


def test_the_example_of_arguments_makes_an_environment() -> None:
    names: dict[str, Any] = {}
    exec(compile("import gymnasium as gym\nimport empa_gym\nenv = " + BLOCKS[1], "README.md", "exec"), names)
    assert names["env"].unwrapped.rules.epm.max_turns == 30


def test_the_example_of_an_endpoint_makes_an_environment_without_asking_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    roles = 'model = "some-model"\nbase_url = "http://127.0.0.1:9/v1"\nprices = { prompt = 1.0, completion = 2.0 }\n'
    (tmp_path / "cast.toml").write_text("".join(f"[{role}]\n{roles}" for role in ("actor", "director", "judge")))
    names: dict[str, Any] = {}
    exec(compile("import gymnasium as gym\nimport empa_gym\nenv = " + BLOCKS[2], "README.md", "exec"), names)
    assert names["env"].unwrapped.governor is not None


def test_the_example_of_advantages_credits_tokens_and_prints_a_diagnosis(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[3], "README.md", "exec"), names)
    assert names["tokens"].shape == (2, 5)
    assert names["tokens"][0, 2] == 0
    assert capsys.readouterr().out
