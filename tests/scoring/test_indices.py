"""The nine indices in closed form, and what padding, order and units may not change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.epm import MDEP_PR
from empa_gym.outcome import Outcome
from empa_gym.scoring import UNSCORED, Batch, Indices, Trajectory, epmq, indices, stack

START = (-11.0, 0.0, 0.0)
"""d_0 = 10, n0 = 11, v* = (1, 0, 0)."""
Form = tuple[tuple[int, int], ...]
NOTHING: Form = ((0, 0),) * 3
DECODED: Form = ((1, 0), (0, 0), (0, 0))
REFRAMED: Form = ((2, 0), (0, 0), (0, 0))
IGNORED: Form = ((0, -1), (0, 0), (0, 0))


def dialogue(*forms: Form, start: tuple[float, ...] = START, turns: int | None = None) -> Trajectory:
    """A dialogue that moves as the published key says its levels do."""
    shifts = np.array([MDEP_PR.points(form) for form in forms]).reshape(-1, 3)
    positions = np.vstack([start, np.array(start) + shifts.cumsum(0)])
    return Trajectory(positions, forms, Outcome.TURN_LIMIT, len(forms) if turns is None else turns)


def only(trajectory: Trajectory) -> Indices:
    return Indices(*[float(index[0]) for index in indices(stack([trajectory]))])


def test_a_straight_dialogue_scores_as_computed_by_hand() -> None:
    """Three reframings: P = -8, -5, -2; d_T = 1; E = 9; M = 4, T = 3; six levels in all."""
    found = only(dialogue(REFRAMED, REFRAMED, REFRAMED))
    assert found == pytest.approx(
        Indices(
            RDI=95.0,
            Etot=100 * 9 / 12,
            Snet=100 * 6 / 15,
            rho=100 * 3 / 2.5,
            Sproj=100 * (9 / 4) / 2.5,
            tau=100.0,
            Rpos=75.0,
            Align=(3 / 4 + 1) / 2 * 100,
            Pen=100.0,
        )
    )


def test_a_detour_with_a_regression_scores_as_computed_by_hand() -> None:
    """+3, -2, +1: P = -8, -10, -9; path 6 over displacement 2; E = 2; levels 2 - 1 + 1; M = 4, T = 3."""
    found = only(dialogue(REFRAMED, IGNORED, DECODED))
    assert found == pytest.approx(
        Indices(
            RDI=(100 * 2 / 10 + 100) / 2,
            Etot=100 * 2 / 12,
            Snet=100 * 2 / 15,
            rho=100 * (2 / 3) / 2.5,
            Sproj=100 * (2 / 4) / 2.5,
            tau=0.0,
            Rpos=50.0,
            Align=(1 / 4 + 1) / 2 * 100,
            Pen=(3 - 1 / 4) / 3 * 100,
        )
    )


def test_tau_falls_from_100_at_a_straight_path_to_0_at_three_times_its_length() -> None:
    half_again = only(dialogue(REFRAMED, REFRAMED, IGNORED, REFRAMED, DECODED))
    assert half_again.tau == pytest.approx((3 - 12 / 8) / 2 * 100)


def test_a_dialogue_that_never_moves_scores_one_third() -> None:
    still = indices(stack([dialogue(*[NOTHING] * 12)]))
    assert only(dialogue(*[NOTHING] * 12)) == pytest.approx(Indices(50, 0, 0, 0, 0, 100, 0, 50, 100))
    assert epmq(still).epmq == pytest.approx(100 / 3)


def test_a_path_that_returns_to_its_start_counts_as_straight() -> None:
    there_and_back: Form = ((1, 0), (0, 0), (0, 0))
    twice: Form = ((0, -1), (0, 0), (0, 0))
    assert only(dialogue(there_and_back, there_and_back, twice)).tau == 100.0


def test_falling_scores_stay_at_their_floor() -> None:
    worst: Form = ((0, -2), (0, -2), (0, -2))
    found = only(dialogue(*[worst] * 12))
    assert (found.RDI, found.Etot, found.Snet, found.rho, found.Sproj, found.Rpos, found.Pen) == (0,) * 7
    assert found.Align == pytest.approx((-4 / math.sqrt(66) * 12 / 13 + 1) / 2 * 100)


def test_a_start_inside_the_zone_has_half_an_rdi_and_a_unit_of_one() -> None:
    found = only(dialogue(DECODED, start=(-1.0, 0.0, 0.0)))
    assert (found.RDI, found.Etot, found.Snet) == pytest.approx((50.0, 100 / 1.2, 100 / 1.5))


def test_rho_divides_by_the_turns_and_sproj_by_the_points_with_turn_0() -> None:
    found = only(dialogue(REFRAMED, NOTHING, turns=6))
    assert found.rho == pytest.approx(100 * 3 / 6 / 2.5)
    assert found.Sproj == pytest.approx(100 * 3 / 3 / 2.5)
    assert only(Trajectory([START], [], Outcome.TURN_LIMIT, 0)).rho == 0.0


def test_a_shift_at_right_angles_to_the_way_is_no_gain_whatever_the_floats_say() -> None:
    for a, b, c in [(17, 18, 13), (18, 23, 27), (7, 15, 14), (19, 15, 19), (21, 20, 19)]:
        start = np.array([-a, -b, -c], dtype=float)
        across = start + np.array([(0, 0, 0), (b, -a, 0), (b, c - a, -b), (0, 0, 0)])
        trajectory = Trajectory(across, np.zeros((3, 3, 2), int), Outcome.TURN_LIMIT, 3)
        assert only(trajectory).Rpos == 0.0


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(0, 2**31))
def test_a_dialogue_scores_the_same_alone_and_beside_longer_ones(lengths: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    each = [
        dialogue(*map(tuple, (generator.integers(0, 3, (length, 3, 2)) * [1, -1]).tolist()), start=(-17, -18, -13))
        for length in lengths
    ]
    together = indices(stack(each))
    for row, one in enumerate(each):
        assert [float(index[row]) for index in together] == pytest.approx(list(only(one)), abs=1e-9)


def test_what_stands_in_the_padding_does_not_count() -> None:
    batch = stack([dialogue(REFRAMED), dialogue(REFRAMED, IGNORED, DECODED)])
    clean = indices(batch)
    batch.positions[0, 2:] = 99.0
    batch.levels[0, 1:] = -2
    assert all(np.array_equal(a, b) for a, b in zip(indices(batch), clean, strict=True))


@pytest.mark.parametrize("axes", [2, 5])
def test_other_numbers_of_axes_are_scored_by_the_same_formulas(axes: int) -> None:
    positions = np.linspace(-3, 0, 4)[:, None] * np.ones(axes)
    levels = np.tile([1, 0], (3, axes, 1))
    found = only(Trajectory(positions, levels, Outcome.RECOVERED, 3, "geometric"))
    assert found.RDI == 100.0
    assert found.Etot == pytest.approx(100 * 3 / (1.2 * 2))
    assert (found.tau, found.Rpos, found.Pen) == pytest.approx((100.0, 75.0, 100.0))


def test_no_dialogue_has_no_score_rather_than_zero() -> None:
    empty = Batch(np.zeros((0, 3, 3)), np.zeros((0, 2, 3, 2)), np.zeros((0, 3), bool), np.zeros(0, int))
    assert all(math.isnan(figure) for figure in UNSCORED)
    assert epmq(indices(empty)) is UNSCORED
    with pytest.raises(ValueError, match="at least one dialogue"):
        stack([])


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"dialogue 1: expected positions of shape \(M, 3\), got \(2, 2\)"):
        stack([dialogue(DECODED), Trajectory(np.ones((2, 2)), np.zeros((1, 2, 2)), Outcome.TURN_LIMIT, 1)])
    with pytest.raises(ValueError, match=r"dialogue 0: expected levels of shape \(1, 3, 2\), got \(2, 3, 2\)"):
        stack([dialogue(DECODED)._replace(levels=np.zeros((2, 3, 2)))])
    batch = stack([dialogue(DECODED, DECODED)])
    with pytest.raises(ValueError, match="levels, mask and turns of shapes"):
        indices(batch._replace(turns=np.array([2, 2])))
    for mask in ([True, False, True], [False, False, False]):
        with pytest.raises(ValueError, match="True from turn 0 on"):
            indices(batch._replace(mask=np.array([mask])))


def test_a_zero_deficit_is_refused() -> None:
    with pytest.raises(ValueError, match="deficit other than zero"):
        only(dialogue(DECODED, start=(0.0, 0.0, 0.0)))
