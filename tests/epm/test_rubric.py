"""The scoring keys keep their bounds and refuse what is off their scale."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.epm import IEDR_WEIGHTS, MDEP_PR, Rubric, initial_deficit

ITEMS = [f"{axis}.{item}" for axis in IEDR_WEIGHTS for item in (1, 2, 3)]
STABLE = settings(deadline=None, derandomize=True)


def test_each_pair_of_levels_is_worth_what_the_published_key_says() -> None:
    up, down = (0, 1, 3), {"C": (0, -2, -4), "A": (0, -2, -5), "P": (0, -2, -5)}
    for prog, neg in itertools.product(range(3), range(3)):
        assert MDEP_PR.points(((prog, -neg),) * 3).tolist() == [up[prog] + down[axis][neg] for axis in "CAP"]


@STABLE
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 0)), min_size=3, max_size=3))
def test_a_turn_moves_each_axis_between_the_worst_regress_and_the_best_progress(levels: list[tuple[int, int]]) -> None:
    points = MDEP_PR.points(tuple(levels))
    assert np.all(points <= 3)
    assert np.all(points >= [-4, -5, -5])


def test_many_turns_are_worth_the_same_as_each_alone() -> None:
    levels = np.random.default_rng(0).integers(0, 3, (4, 6, 3, 2)) * [1, -1]
    points = MDEP_PR.points(levels)
    assert points.shape == (4, 6, 3)
    assert all(np.array_equal(points[i, j], MDEP_PR.points(levels[i, j])) for i in range(4) for j in range(6))


@pytest.mark.parametrize("level", [(3, 0), (-1, 0), (0, 1), (0, -3)])
def test_a_level_off_its_scale_is_refused_and_names_the_axis(level: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"A: expected progress 0\.\.2 and regression -2\.\.0"):
        MDEP_PR.points(((0, 0), level, (0, 0)))


def test_levels_of_another_shape_or_kind_are_refused() -> None:
    for wrong in (np.zeros((2, 2), int), np.zeros((3, 2)), np.zeros((3,), int)):
        with pytest.raises(ValueError, match="whole numbers of shape"):
            MDEP_PR.points(wrong)


@STABLE
@given(st.fixed_dictionaries({item: st.integers(0, 3) for item in ITEMS}))
def test_an_initial_deficit_lies_within_its_published_bounds(ratings: dict[str, int]) -> None:
    deficit = np.array(initial_deficit(ratings))
    assert np.all(deficit <= 0)
    assert np.all(deficit >= [-21, -27, -27])


def test_the_highest_ratings_reach_the_bounds() -> None:
    assert initial_deficit(dict.fromkeys(ITEMS, 3)) == (-21.0, -27.0, -27.0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"C.1": 4}, "C.1 must be a whole number"), ({"C.1": True}, "C.1 must be"), ({"X.1": 1}, "unknown")],
)
def test_ratings_that_are_off_are_refused(changed: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        initial_deficit(dict.fromkeys(ITEMS, 1) | changed)


@pytest.mark.parametrize("axes", [2, 5])
def test_another_rubric_may_have_any_number_of_axes(axes: int) -> None:
    rubric = Rubric(tuple("VWXYZ"[:axes]), ((0.0, 1.5),) * axes, ((0.0, -0.5),) * axes)
    assert rubric.points(((1, -1),) * axes).tolist() == [1.0] * axes


def test_a_rubric_whose_tables_do_not_match_its_axes_is_refused() -> None:
    with pytest.raises(ValueError, match="regress needs one non-empty row"):
        Rubric(("X", "Y"), ((0.0,), (0.0,)), ((0.0,),))
