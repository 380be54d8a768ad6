"""The physics holds for any deficit, any path and any number of axes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from empa_gym.epm import (
    alignment,
    current_recovery_direction,
    energy,
    energy_gain,
    frame,
    in_zone,
    origin_distance,
    projection,
    recovery_direction,
    zone_distance,
)

AXES = st.sampled_from([1, 2, 3, 5])
PEOPLE = settings(deadline=None, max_examples=100, derandomize=True)


@st.composite
def paths(draw: st.DrawFn, turns: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """A deficit and some shifts, in whole rubric points."""
    axes = draw(AXES)
    deficit = draw(arrays(np.float64, axes, elements=st.integers(-27, 0).map(float)))
    assume(deficit.any())
    return deficit, draw(arrays(np.float64, (turns, axes), elements=st.integers(-5, 3).map(float)))


@st.composite
def rotations(draw: st.DrawFn, axes: int) -> np.ndarray:
    """An orthogonal matrix: plane rotations one after another, and a change of sign."""
    matrix = np.diag(draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=axes, max_size=axes)))
    for first in range(axes - 1):
        angle = draw(st.floats(0, 2 * math.pi))
        turn = np.eye(axes)
        turn[first, first] = turn[first + 1, first + 1] = math.cos(angle)
        turn[first, first + 1], turn[first + 1, first] = -math.sin(angle), math.sin(angle)
        matrix = matrix @ turn
    return matrix


@PEOPLE
@given(paths())
def test_energy_is_the_work_of_all_shifts_and_follows_from_the_position(path: tuple[np.ndarray, np.ndarray]) -> None:
    deficit, shifts = path
    here = frame(tuple(deficit.tolist()))
    point, work = here.start(), 0.0
    for turn, shift in enumerate(shifts, 1):
        point = here.move(point, shift, turn)
        work += point.energy_gain
        assert point.energy == pytest.approx(work, abs=1e-9)
        assert point.energy == pytest.approx(np.dot(point.position, -deficit) / here.norm + here.norm, abs=1e-9)
    assert point.position == tuple(deficit + shifts.sum(0))


@PEOPLE
@given(paths())
def test_a_point_by_point_walk_measures_what_the_array_functions_measure(path: tuple[np.ndarray, np.ndarray]) -> None:
    deficit, shifts = path
    here = frame(tuple(deficit.tolist()))
    points = [here.start()]
    for turn, shift in enumerate(shifts, 1):
        points.append(here.move(points[-1], shift, turn))
    positions = np.array([point.position for point in points])
    for name, measured in {
        "energy": energy(positions, deficit),
        "projection": projection(positions, deficit),
        "distance": origin_distance(positions),
        "energy_gain": energy_gain(np.diff(positions, axis=0, prepend=deficit[None]), recovery_direction(deficit)),
        "alignment": alignment(np.diff(positions, axis=0, prepend=deficit[None]), recovery_direction(deficit)),
    }.items():
        assert [getattr(point, name) for point in points] == pytest.approx(measured.tolist(), abs=1e-9), name


@PEOPLE
@given(st.data())
def test_turning_the_axes_changes_no_measure_but_the_zone(data: st.DataObject) -> None:
    deficit, shifts = data.draw(paths())
    turned = data.draw(rotations(len(deficit)))
    positions = deficit + shifts.cumsum(0)
    for measure in (energy, projection):
        assert np.allclose(measure(positions @ turned.T, turned @ deficit), measure(positions, deficit), atol=1e-8)
    assert np.allclose(origin_distance(positions @ turned.T), origin_distance(positions), atol=1e-8)
    moved = alignment(shifts @ turned.T, recovery_direction(turned @ deficit))
    assert np.allclose(moved, alignment(shifts, recovery_direction(deficit)), atol=1e-8)


@PEOPLE
@given(arrays(np.float64, (6, 3), elements=st.floats(-50, 50)))
def test_zone_distance_is_never_negative_and_zero_in_the_zone_alone(positions: np.ndarray) -> None:
    distance = zone_distance(positions)
    assert np.all(distance >= 0)
    assert np.all(distance[in_zone(positions)] == 0)
    far = (positions < -1 - 1e-6).any(-1)
    assert np.all(distance[far] > 0)


@pytest.mark.parametrize(
    ("position", "distance"),
    [((-1, -1, -1), 0.0), ((-4, -5, -1), 5.0), ((-4, 9, -5), 5.0), ((7, 7, 7), 0.0), ((-2, 0), 1.0)],
)
def test_zone_distance_counts_only_what_is_lacking_beyond_the_zone(
    position: tuple[float, ...], distance: float
) -> None:
    assert float(zone_distance(position)) == pytest.approx(distance)


@PEOPLE
@given(paths())
def test_alignment_is_a_cosine_and_zero_for_a_turn_that_moves_nothing(path: tuple[np.ndarray, np.ndarray]) -> None:
    deficit, shifts = path
    cosine = alignment(shifts, recovery_direction(deficit))
    assert np.all(np.abs(cosine) <= 1 + 1e-12)
    assert np.all(cosine[~shifts.any(-1)] == 0)
    assert float(alignment(-deficit, recovery_direction(deficit))) == pytest.approx(1.0)


@pytest.mark.parametrize("axes", [2, 5])
def test_two_and_five_axes_go_from_deficit_to_balance(axes: int) -> None:
    here = frame((-2.0,) * axes)
    end = here.move(here.start(), np.full(axes, 2.0), 1)
    assert end.position == (0.0,) * axes
    assert end.energy == pytest.approx(2 * math.sqrt(axes))
    assert (end.distance, end.alignment) == pytest.approx((0.0, 1.0))


def test_a_deficit_of_zero_is_refused_in_one_clear_sentence() -> None:
    for attempt in (lambda: frame((0.0, 0.0, 0.0)), lambda: energy([1.0, 0.0], [0.0, 0.0])):
        with pytest.raises(ValueError, match="expected a deficit other than zero"):
            attempt()


def test_the_current_direction_follows_the_deficit_that_is_left() -> None:
    here = frame((-3.0, 0.0, -4.0))
    first = here.move(here.start(), np.array([3.0, 0.0, 0.0]), 1, current_direction=True)
    assert first.energy_gain == pytest.approx(3 * 0.6)
    second = here.move(first, np.array([2.0, 0.0, 1.0]), 2, current_direction=True)
    assert second.energy_gain == pytest.approx(1.0)
    assert second.alignment == pytest.approx(1 / math.sqrt(5))
    assert second.energy == here.move(first, np.array([2.0, 0.0, 1.0]), 2).energy


def test_the_current_direction_is_zero_at_balance() -> None:
    here = frame((-3.0, 0.0, -4.0))
    balance = here.move(here.start(), np.array([3.0, 0.0, 4.0]), 1)
    beyond = here.move(balance, np.array([1.0, 1.0, 1.0]), 2, current_direction=True)
    assert (beyond.energy_gain, beyond.alignment) == (0.0, 0.0)
    assert current_recovery_direction((0.0, 0.0)).tolist() == [0.0, 0.0]


def test_a_shared_frame_cannot_be_changed_by_its_users() -> None:
    with pytest.raises(ValueError, match="read-only"):
        frame((-1.0, -2.0, -2.0)).direction[0] = 9.0
