"""Your own tests of your own reward: the contract in one call, and a property over drawn dialogues.

Run it:  pip install 'empa-gym[testing]' pytest && python -m pytest examples/test_your_reward.py
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given

from empa_gym.dialogue import DialogueState, RewardFn
from empa_gym.epm import Point
from empa_gym.mapo import TurnBatch, mixed_advantages
from empa_gym.testing import check_reward, strategies


@dataclass
class Args:
    """What to change first."""

    weakest_axis: float = 0.5
    scenarios: str = "starter-train"


def gap(point: Point, weakest_axis: float) -> float:
    """What is still missing: the distance to balance, and on top of it the deficit of the weakest axis."""
    return point.distance + weakest_axis * max(0.0, -min(point.position))


def closing_the_gap(weakest_axis: float) -> RewardFn:
    """A reward r_t = gap_{t-1} - gap_t: nobody is to be left behind on one axis."""

    def reward(before: DialogueState, after: DialogueState) -> float:
        return gap(before.point, weakest_axis) - gap(after.point, weakest_axis)

    return reward


def test_the_reward_keeps_the_contract() -> None:
    args = Args()
    check_reward(closing_the_gap(args.weakest_axis), telescopes=True, scenarios=args.scenarios)


@given(strategies.trajectories(max_turns=15))
def test_nothing_is_missing_at_balance_alone(points: tuple[Point, ...]) -> None:
    for point in points:
        assert (gap(point, Args().weakest_axis) == 0.0) == (not any(point.position))


@given(strategies.turn_batches(dtype=np.float64))
def test_what_a_trainer_gets_is_finite(batch: TurnBatch) -> None:
    assert np.isfinite(mixed_advantages(batch).values).all()
