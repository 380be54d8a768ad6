"""The example of a user's own tests passes, and fails when the reward in it is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "test_your_reward.py"
CLAIM = "gap(before.point, weakest_axis) - gap(after.point, weakest_axis)"


def outcome_of(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """pytest on one file, as a reader runs it."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        "--rootdir",
        str(folder),
        str(file),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


def test_the_example_passes(tmp_path: Path) -> None:
    done = outcome_of(EXAMPLE, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_a_reward_that_does_not_telescope_fails_it(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert CLAIM in text
    broken = tmp_path / "test_broken_reward.py"
    broken.write_text(text.replace(CLAIM, "-gap(after.point, weakest_axis)"), encoding="utf-8")
    done = outcome_of(broken, tmp_path)
    assert "1 failed, 2 passed" in done.stdout
    assert "expected the total reward to telescope" in done.stdout
