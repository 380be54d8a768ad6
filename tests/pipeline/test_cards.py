"""The card counts what is there, states the terms, and says whose data it is."""

from __future__ import annotations

import dataclasses

import pytest

from empa_gym.pipeline import Detail, Screened, Tally, dataset_card
from empa_gym.pipeline.cards import BAR, NO_LICENCE, Origin
from empa_gym.scenarios import Category, get_scenario, select_scenarios

STARTER = select_scenarios("starter")


def rows(card: str, first: str) -> list[list[str]]:
    """The cells of the rows that begin with this text."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in card.splitlines() if "|" in line]
    return [line for line in lines if line[0] == first]


@pytest.mark.parametrize("category", Category)
def test_each_category_is_counted(category: Category) -> None:
    count = sum(one.category is category for one in STARTER)
    (row, grid) = rows(dataset_card(STARTER, "starter"), category.value)
    assert row == [category.value, str(count), f"{count / len(STARTER):.0%}", "#" * BAR]
    assert sum(map(int, grid[1:4])) == sum(map(int, grid[4:])) == count


def test_axis_difficulty_and_threshold_each_add_up_to_all() -> None:
    card = dataset_card(STARTER, "starter")
    for kinds in (("cognitive", "affective", "proactive"), ("easy", "medium", "hard", "very hard")):
        shares = [rows(card, kind)[0] for kind in kinds]
        assert sum(int(row[1]) for row in shares) == len(STARTER)
    threshold = card.partition("## Threshold")[2].partition("\n## ")[0]
    assert sum(int(rows(threshold, grade)[0][1]) for grade in ("low", "medium", "high")) == len(STARTER)


def test_a_set_without_a_licence_says_so() -> None:
    assert f"licence: {NO_LICENCE}\n" in dataset_card(STARTER, "starter")
    assert "licence: CC-BY-4.0 of us\n" in dataset_card(STARTER, "starter", "CC-BY-4.0\nof us")


def test_screening_and_origin_are_told_where_they_are_known() -> None:
    assert "Not screened" in dataset_card(STARTER, "starter")
    screened = [Screened("a", Tally(1, 1, 1), Tally(0, 1, 1)), Screened("b", Tally(0, 1, 1), Tally(0, 1, 1))]
    card = dataset_card(STARTER, "starter", origin=Origin({Detail.PHONE: 7}, screened))
    assert [rows(card, verdict)[0][1] for verdict in ("kept", "too hard", "too easy", "unknown")] == [
        "1",
        "1",
        "0",
        "0",
    ]
    assert rows(card, "phone") == [["phone", "7"]]
    assert "No transcript is stored" in " ".join(card.split())


def test_a_crisis_is_noted() -> None:
    marked = dataclasses.replace(get_scenario("health-knee"), crisis="Touches | addiction.\nTake care.")
    assert rows(dataset_card([marked], "one"), "health-knee") == [["health-knee", "Touches / addiction. Take care."]]


def test_a_card_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one scenario"):
        dataset_card([], "nothing")
