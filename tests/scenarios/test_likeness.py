"""How much text two scenarios share."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from empa_gym.scenarios import Scenario, get_scenario, select_scenarios
from empa_gym.scenarios.likeness import closest, runs, share, texts

STARTER = select_scenarios("starter")


def test_a_scenario_shares_everything_with_itself_and_next_to_nothing_with_another() -> None:
    one, other = get_scenario("health-knee"), get_scenario("career-handover")
    assert share(one, one) == 1.0
    assert 0.0 <= share(one, other) < 0.02


def test_the_share_is_the_same_both_ways() -> None:
    for one, other in itertools.pairwise(STARTER):
        assert share(one, other) == share(other, one)


def test_a_copy_with_one_line_exchanged_loses_the_runs_of_that_line_alone() -> None:
    one = get_scenario("health-knee")
    other = dataclasses.replace(one, outcome="Quite another outcome than before stands here now.")
    lost = len(runs(one) - runs(other))
    assert 0 < lost <= len(one.outcome.split())
    assert share(one, other) == pytest.approx(len(runs(one) & runs(other)) / min(len(runs(one)), len(runs(other))))


def test_no_run_crosses_from_one_text_into_the_next() -> None:
    one = get_scenario("health-knee")
    first, second = list(texts(one))[1:3]
    seam = tuple(f"{first} {second}".lower().replace(".", "").replace(",", "").split())
    joint = len(first.split()) - 2
    assert seam[joint : joint + 4] not in runs(one)


def test_letters_of_either_case_are_the_same_text() -> None:
    one = get_scenario("health-knee")
    assert share(one, dataclasses.replace(one, topic=one.topic.upper())) == 1.0


def test_the_index_finds_what_comparing_all_pairs_finds() -> None:
    few = STARTER[:5]
    found = closest(few)
    for position, one in enumerate(few):
        shares = [share(one, other) if other is not one else -1.0 for other in few]
        assert found.share[position] == pytest.approx(max(shares))
        assert shares[int(found.which[position])] == pytest.approx(max(shares))


def test_a_planted_copy_is_found_in_another_list() -> None:
    copy = dataclasses.replace(STARTER[3], id="a-copy", title="Another Title")
    found = closest([copy], STARTER)
    assert int(found.which[0]) == 3
    assert found.share[0] > 0.99


def test_nothing_to_compare_with_is_refused() -> None:
    empty: tuple[Scenario, ...] = ()
    for left, right in ((STARTER[:1], None), (empty, STARTER), (STARTER, empty)):
        with pytest.raises(ValueError, match="at least one"):
            closest(left, right)


def test_the_shipped_scenarios_share_next_to_nothing() -> None:
    assert np.all(closest(STARTER).share < 0.05)
