"""The third party's reading of a path, in closed form."""

from __future__ import annotations

import math

import pytest

from empa_gym.epm import trajectory_summary


def test_a_straight_way_to_balance_is_perfectly_aligned_and_stable() -> None:
    summary = trajectory_summary([(-3, -4), (-1.5, -2), (0, 0)])
    assert summary == pytest.approx((1.0, 5.0, 0.0, 1.0))


def test_impact_sums_every_step_and_stability_is_the_spread_of_the_angles() -> None:
    summary = trajectory_summary([(-2, 0), (-1, 0), (-1, 1), (-1, 1)])
    assert summary.alignment == pytest.approx(1 / math.sqrt(2))
    assert summary.impact == pytest.approx(2.0)
    assert summary.stability == pytest.approx(math.pi / 4)
    assert summary.composite == pytest.approx(0.4 / math.sqrt(2) + 0.3 * 1.0 + 0.3 * 0.75)


def test_a_path_that_never_moves_has_no_alignment_and_no_impact() -> None:
    assert trajectory_summary([(-2, 0, 0)])[:3] == (0.0, 0.0, 0.0)
    assert trajectory_summary([(-2, 0, 0)] * 3)[:3] == (0.0, 0.0, 0.0)


def test_weights_choose_the_composite() -> None:
    assert trajectory_summary([(-2, 0), (0, 0), (2, 0)], (0, 1, 0)).composite == pytest.approx(2.0)


def test_a_path_of_another_shape_or_without_a_deficit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected positions of shape"):
        trajectory_summary([-1.0, 0.0])
    with pytest.raises(ValueError, match="deficit other than zero"):
        trajectory_summary([(0, 0), (1, 1)])
