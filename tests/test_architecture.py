"""The house keeps its rules: floors, no import inside a function, print only in the CLI, small functions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "empa_gym"
FLOORS = {
    "errors": -1,  # imports nothing, so that everything may raise from it
    "chat": 0,
    "loading": 0,
    "outcome": 0,
    "drive": 1,
    "epm": 1,
    "mapo": 1,
    "clients": 2,
    "scoring": 2,
    "scenarios": 2,
    "prompts": 2,
    "agents": 3,
    "policies": 4,
    "dialogue": 5,
    "official": 6,
    "quality": 6,
    "rollout": 6,
    "envs": 6,
    "probes": 7,
    "wrappers": 7,
    "pipeline": 8,
    "training": 8,
    "integrations": 9,
    "report": 9,
    "testing": 9,
    "cli": 10,
}
LOWEST = -1
TOP = {"__init__"}
"""Files that may import from any floor."""
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
HOUSE = (ROOT / "docs" / "design" / "house.md").read_text(encoding="utf-8")
"""Findings that stay, each with its reason."""
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(node: ast.AST) -> list[str]:
    """The rooms of this package that an import statement names."""
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        modules = [node.module] if node.module != "empa_gym" else [f"empa_gym.{name.name}" for name in node.names]
    elif isinstance(node, ast.Import):
        modules = [name.name for name in node.names]
    else:
        return []
    return [module.split(".")[1] for module in modules if module.startswith("empa_gym.")]


def upward_imports(path: Path) -> list[str]:
    here = room_of(path)
    return [
        f"{path.name}:{getattr(node, 'lineno', 0)} {here} -> {there}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for there in imported_rooms(node)
        if there != here and FLOORS.get(there, LOWEST) >= FLOORS[here]
    ]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    doc = ast.get_docstring(function, clean=False)
    return (function.end_lineno or 0) - function.lineno - (doc.count("\n") + 1 if doc else 0)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_file_has_a_floor_and_imports_only_from_lower_ones(path: Path) -> None:
    if room_of(path) in TOP:
        return
    assert room_of(path) in FLOORS, f"{path}: a room without a floor"
    assert upward_imports(path) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_function_hides_an_import(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = [
        f"{path.name}:{node.lineno}"
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_only_the_cli_prints(path: Path) -> None:
    if room_of(path) == "cli":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert [call.lineno for call in calls if call.func.id == "print"] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_and_functions_stay_short_or_say_why(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(ROOT))
    assert text.count("\n") <= LONGEST_FILE or name in HOUSE, f"{name} is long: shorten it, or give the reason"
    for function in functions(ast.parse(text)):
        mentioned = f"{name} {function.name}" in HOUSE
        assert code_lines(function) <= LONGEST_FUNCTION or mentioned, f"{name}: {function.name} is long"


def test_the_walk_itself_sees_an_upward_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule can fail: a planted violation is found."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    (tmp_path / "epm.py").write_text("from empa_gym.dialogue import turn\n", encoding="utf-8")
    assert upward_imports(tmp_path / "epm.py") == ["epm.py:1 epm -> dialogue"]
