"""docs/mapo/published_rewards.md shows what the committed file holds; with the recordings at hand, what they say."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.published import data_folder, needs_data

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
published = importlib.import_module("published_rewards")
tables = importlib.import_module("bias_tables")

HELD: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / "published_rewards.json").read_text("utf-8"))
TURNS = 45


def test_the_page_shows_the_committed_figures() -> None:
    page = (ROOT / "docs" / "mapo" / "published_rewards.md").read_text("utf-8")
    assert tables.filled(page, published.tables(HELD)) == page


def test_the_file_holds_figures_by_turn_over_all_dialogues_and_nothing_of_one() -> None:
    for distance in published.DISTANCES:
        for name, figures in HELD[distance].items():
            lists = {key: value for key, value in figures.items() if isinstance(value, list)}
            assert all(len(value) == TURNS for value in lists.values())
            assert set(lists) == (set() if name == "parts" else {"mean", "spread", "within"})
    assert len(HELD["reached"]) == TURNS
    assert min(HELD["reached"]) > 1


def test_the_first_twelve_turns_are_reached_by_all() -> None:
    assert HELD["reached"][: published.REACHED_BY_ALL] == [HELD["dialogues"]] * published.REACHED_BY_ALL
    assert HELD["reached"][published.REACHED_BY_ALL] < HELD["dialogues"]


def test_what_the_page_says_of_the_recordings_is_in_the_figures() -> None:
    reward, whole = HELD["origin"]["reward"], HELD["origin"]["return 1"]
    assert whole["range"] > 2 * reward["range"]
    assert whole["spread"][0] > 2 * whole["spread"][11]
    assert whole["spread_ratio"] > 2
    assert reward["mean"][0] > 0 > reward["mean"][11]
    assert reward["drift"] < 4 * whole["drift"] < 0
    assert reward["explained_early"] > 10 * whole["explained_early"]
    assert reward["explained_own"] > 2 * whole["explained_own"]
    assert HELD["origin"]["return 0.85"]["explained_own"] > reward["explained_own"]


def test_the_turn_explains_all_of_what_only_it_decides_and_nothing_of_noise_that_it_does_not() -> None:
    mask = np.ones((4, 3), np.bool_)
    assert published.explained(np.tile([1.0, 2.0, 4.0], (4, 1)), mask) == 1.0
    assert abs(published.explained(np.array([[1.0, -1.0], [-1.0, 1.0]]), mask[:2, :2])) < 1e-12


@needs_data
def test_the_committed_figures_are_those_of_the_recordings() -> None:
    measured = published.measured(data_folder())
    for distance in published.DISTANCES:
        assert leaves(measured[distance]).keys() == leaves(HELD[distance]).keys()
        np.testing.assert_allclose(
            np.array(list(leaves(measured[distance]).values()), np.float64),
            np.array([leaves(HELD[distance])[key] for key in leaves(measured[distance])], np.float64),
            atol=2e-4,
        )
    for key in ("dialogues", "groups", "reached"):
        assert measured[key] == HELD[key]


def leaves(tree: Any, path: str = "") -> dict[str, float | None]:
    """Every number of nested figures by its path."""
    if isinstance(tree, (dict, list)):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {key: number for name, branch in items for key, number in leaves(branch, f"{path}/{name}").items()}
    return {path: tree}
