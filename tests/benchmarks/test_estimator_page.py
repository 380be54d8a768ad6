"""docs/mapo/estimators.md shows what the committed file holds, and the file what the package does."""

from __future__ import annotations

import importlib
import math
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
bias = importlib.import_module("estimator_bias")
tables = importlib.import_module("bias_tables")
games = importlib.import_module("enumerable_games")

ROWS = tables.rows_of(ROOT / "benchmarks" / "results" / "estimator_bias.json")
PAGES = sorted((ROOT / "docs" / "mapo").glob("*.md"))
ENDS_ONLY = ("kept", "bias", "bias_discounted", "variance")
KEY = ("game", "estimator", "n", "gamma", "per")


def test_the_page_shows_the_committed_figures() -> None:
    page = (ROOT / "docs" / "mapo" / "estimators.md").read_text("utf-8")
    assert tables.filled(page, tables.bias_tables(ROWS)) == page


@pytest.mark.parametrize("name", ["leave", "drill"])
def test_the_committed_figures_are_what_the_package_yields(name: str) -> None:
    held = {tuple(row[key] for key in KEY): row for row in ROWS if row["game"] == name}
    found = {tuple(row[key] for key in KEY): row for row in bias.table([games.GAMES[name]])}
    assert found.keys() == held.keys()
    for key, row in found.items():
        for figure in ENDS_ONLY:
            assert math.isclose(row[figure], held[key][figure], rel_tol=1e-4, abs_tol=1e-9), (key, figure)


def test_every_game_size_and_discount_is_in_the_file() -> None:
    names = {one.label for one in bias.estimators()}
    expected = {
        (game, name, n, gamma)
        for game in games.GAMES
        for name in names
        for n in (2, 3, 4)
        for gamma in (1.0, 0.99, 0.85)
    }
    assert {(row["game"], row["estimator"], row["n"], row["gamma"]) for row in ROWS} == expected


def test_a_page_without_the_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="'plain'"):
        tables.filled("no markers", {"plain": "| a |"})


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_picture_and_page_that_is_named_is_there(page: Path) -> None:
    named = [link for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")) if "://" not in link]
    assert named
    assert [link for link in named if not (page.parent / link).is_file()] == []
