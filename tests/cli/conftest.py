"""The command line as a caller sees it: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from empa_gym.cli import main


class Done(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command in an empty folder, on a terminal of 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*args: object) -> Done:
        capsys.readouterr()
        try:
            code = main([str(arg) for arg in args])
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def small_run(cli: Cli, tmp_path: Path) -> Path:
    """The folder of a run: three policies, two scenarios, two seeds, short rules."""
    rules = '{"base": "training", "max_turns": 8}'
    done = cli(
        *("run", "--policy", "supporter", "generic,empty", "--scenarios", "health-knee", "values-rite"),
        *("--seeds", 2, "--rules", rules, "--name", "small"),
    )
    assert done.code == 0, done.err
    return tmp_path / "runs" / "small"
