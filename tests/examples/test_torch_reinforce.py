"""The torch example learns, and what it needs is installed wherever the tests run from the dev extra."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "torch_reinforce.py"
BRIEF = {"people": 2, "members": 8, "learning_rate": 0.3}


def curve(**changes: Any) -> list[tuple[float, list[float]]]:
    torch = pytest.importorskip("torch")
    example = runpy.run_path(str(EXAMPLE))
    with torch.random.fork_rng():
        return list(example["learn"](example["Args"](**{**BRIEF, **changes})))


def test_the_dev_extra_brings_torch_so_that_nothing_is_skipped_there() -> None:
    dev = re.search(r"^dev = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M | re.S)
    assert dev is not None
    assert re.search(r'"torch==[\d.]+"', dev.group(1))


def test_it_learns_to_listen_and_the_return_rises() -> None:
    learned = curve(seed=0, updates=7)
    returns, listening = [value for value, _ in learned], [shares[0] for _, shares in learned]
    assert sum(returns[-2:]) / 2 > returns[0] + 20
    assert listening[0] < 0.5
    assert listening[-1] > 0.8


def test_a_seed_decides_the_whole_run() -> None:
    assert curve(seed=3, updates=2) == curve(seed=3, updates=2)


def test_it_prints_a_line_for_each_update(capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    example = runpy.run_path(str(EXAMPLE))
    with torch.random.fork_rng():
        example["main"](example["Args"](updates=1, people=1, members=2))
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split() == ["update", "return", "listen", "stock", "praise", "advise", "silence"]
    assert line.split()[0] == "0"
