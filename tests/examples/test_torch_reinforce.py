"""The torch example learns, and what it needs is installed wherever the tests run from the dev extra."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "torch_reinforce.py"
BRIEF = {"people": 1, "learning_rate": 0.3}


def curve(**changes: Any) -> list[float]:
    torch = pytest.importorskip("torch")
    example = runpy.run_path(str(EXAMPLE))
    with torch.random.fork_rng():
        return list(example["learn"](example["Args"](**{**BRIEF, **changes})))


def test_the_dev_extra_brings_torch_so_that_nothing_is_skipped_there() -> None:
    dev = re.search(r"^dev = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M | re.S)
    assert dev is not None
    assert re.search(r'"torch==[\d.]+"', dev.group(1))


def test_the_return_rises_with_learning_and_not_without() -> None:
    learned, idle = curve(seed=2, updates=5), curve(seed=2, updates=5, learning_rate=0.0)
    assert learned[0] == idle[0]
    assert sum(learned[-3:]) > sum(idle[-3:]) + 9


def test_a_seed_decides_the_whole_run() -> None:
    assert curve(seed=3, updates=2) == curve(seed=3, updates=2)


def test_it_prints_a_line_for_each_update(capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    example = runpy.run_path(str(EXAMPLE))
    with torch.random.fork_rng():
        example["main"](example["Args"](updates=1, people=1, members=2))
    assert re.fullmatch(r"update  0  mean return +[+-]\d+\.\d\d\n", capsys.readouterr().out)
