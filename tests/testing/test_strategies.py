"""What the strategies draw is what the package can meet, and the corners are really drawn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from empa_gym import drive, open_dialogue
from empa_gym.agents.casting import cast_from
from empa_gym.epm import MDEP_PR, Point, energy, frame, origin_distance
from empa_gym.mapo import TurnBatch, mixed_advantages
from empa_gym.scenarios import Scenario
from empa_gym.testing import strategies
from empa_gym.testing.strategies import deficits, levels, ratings, scenarios, trajectories, turn_batches

SEARCH = settings(max_examples=5000, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


@given(levels())
def test_levels_have_points(drawn: tuple[tuple[int, int], ...]) -> None:
    assert MDEP_PR.points(drawn).shape == (3,)


@pytest.mark.parametrize("corner", [((2, 0),) * 3, ((0, -2),) * 3, ((2, -2), (0, 0), (1, -1))])
def test_every_corner_of_the_levels_can_be_drawn(corner: tuple[tuple[int, int], ...]) -> None:
    assert find(levels(), lambda drawn: drawn == corner, settings=SEARCH) == corner


@given(deficits())
def test_deficits_are_those_of_the_rubric(drawn: tuple[float, ...]) -> None:
    assert all(least <= lack <= 0 and lack == int(lack) for least, lack in zip((-21, -27, -27), drawn, strict=True))
    assert frame(drawn).norm > 0


@given(trajectories(max_turns=12))
def test_trajectories_add_up(points: tuple[Point, ...]) -> None:
    start = points[0].position
    turns = [point.turn for point in points]
    assert turns == sorted(set(turns))
    assert points[-1].position == tuple(start + np.sum([point.shift for point in points], 0))
    for point in points:
        assert point.energy == pytest.approx(float(energy(point.position, start)), abs=1e-9)
        assert point.distance == pytest.approx(float(origin_distance(point.position)))


@given(trajectories(min_turns=3, max_turns=5, held=False))
def test_without_held_turns_every_turn_has_a_point(points: tuple[Point, ...]) -> None:
    assert [point.turn for point in points] == list(range(len(points)))
    assert 3 <= points[-1].turn <= 5


@settings(max_examples=30)
@given(scenarios())
def test_a_drawn_scenario_can_be_played(scenario: Scenario) -> None:
    state = drive.run(open_dialogue(scenario, 7, cast_from("offline")))
    assert state.message
    assert any(state.deficit)


@given(first=ratings(), second=ratings())
def test_ratings_are_the_nine_items(first: dict[str, int], second: dict[str, int]) -> None:
    assert first.keys() == second.keys()
    assert len(first) == 9


@given(turn_batches())
def test_batches_are_fit_for_the_estimators(batch: TurnBatch) -> None:
    assert np.isfinite(mixed_advantages(batch).values).all()


@given(turn_batches(even_lengths=True, missing=False, dtype=np.float32, max_rows=8, max_turns=4))
def test_even_batches_are_whole(batch: TurnBatch) -> None:
    assert batch.rewards.dtype == np.float32
    assert batch.valid.all()
    assert batch.complete.all()
    assert 2 <= len(batch) <= 8
    assert 1 <= batch.rewards.shape[1] <= 4
    assert len(set(np.bincount(batch.group).tolist())) == 1


@given(turn_batches(dtype=np.float64, offsets=(1000.0,)))
def test_rewards_are_eighths_around_their_offset(batch: TurnBatch) -> None:
    known = batch.rewards[batch.valid] - 1000.0
    assert (np.abs(known) <= 16).all()
    assert (known * 8 == np.round(known * 8)).all()


def out_of_order(batch: TurnBatch) -> bool:
    return bool((np.diff(batch.group) < 0).any())


CORNERS: dict[str, Callable[[TurnBatch], Any]] = {
    "a row without a turn among others": lambda batch: 0 in batch.lengths and batch.lengths.any(),
    "groups out of order": out_of_order,
    "unequal groups": lambda batch: len(set(np.bincount(batch.group).tolist())) > 1,
    "a group of one beside another": lambda batch: 1 in np.bincount(batch.group) and len(batch) > 2,
    "an invalid turn before a valid one": lambda batch: (~batch.valid[:, :-1] & batch.valid[:, 1:]).any(),
    "an invalid last turn": lambda batch: (batch.mask & ~batch.valid).any() and (batch.known < batch.lengths).any(),
    "a long span": lambda batch: (batch.span > 1).any(),
    "an incomplete row": lambda batch: not batch.complete.all() and batch.complete.any(),
    "no turn at all": lambda batch: batch.rewards.shape[1] == 0,
    "float32": lambda batch: batch.rewards.dtype == np.float32,
    "time-major memory": lambda batch: batch.rewards.flags.fnc,
}


@pytest.mark.parametrize("corner", CORNERS.values(), ids=list(CORNERS))
def test_every_corner_of_a_batch_is_drawn(corner: Callable[[TurnBatch], Any]) -> None:
    find(turn_batches(), corner, settings=SEARCH)


WITHOUT_HYPOTHESIS = """
import sys
sys.modules["hypothesis"] = None
import empa_gym.testing
empa_gym.testing.check_reward("idr", scenarios="health-knee")
from empa_gym.errors import MissingExtra
try:
    from empa_gym.testing import strategies
except MissingExtra as error:
    print(error)
"""


def test_without_hypothesis_rewards_are_still_checked_and_strategies_say_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_HYPOTHESIS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "pip install 'empa-gym[testing]'" in done.stdout
    assert "hypothesis" in done.stdout


def test_the_extra_that_the_message_names_brings_hypothesis() -> None:
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'testing = ["hypothesis' in text


def test_every_public_strategy_is_one() -> None:
    for name in strategies.__all__:
        assert isinstance(getattr(strategies, name)(), st.SearchStrategy)
