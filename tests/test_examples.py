"""Every example runs as a reader would run it, and uses public names only."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SHOWN = {
    "custom_loop.py": "turns   return",
    "custom_reward.py": "words   reward",
    "custom_judge.py": "asks the person to go on",
    "branching.py": "a group of 8 from turn 3",
    "collect_groups.py": "row for row the records",
    "llm_cast.py": "replayed from the tape: the same",
}
"""A piece of what each example prints."""


def test_every_example_is_listed_here() -> None:
    assert {example.name for example in EXAMPLES} >= set(SHOWN)


@pytest.mark.parametrize("example", [ROOT / "examples" / name for name in SHOWN], ids=list(SHOWN))
def test_an_example_runs_without_a_warning(example: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "EMPA_MODEL": ""}
    done = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert SHOWN[example.name] in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_an_example_uses_public_names_and_begins_with_its_arguments(example: Path) -> None:
    tree = ast.parse(example.read_text(encoding="utf-8"))
    imported = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        if node.module != "__future__"
    ]
    assert [name for name in imported if name.startswith("_")] == []
    defined = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assert defined[0] == "Args"
