"""Rewards by name. Each is a function of two states: before and after one judged turn.

``before.point`` is the last *judged* point, so a reward over held turns covers all of them and the
incremental ones telescope exactly. :func:`pay` never asks a reward about a turn without a judgement.

| name | r_t | source |
|---|---|---|
| idr | D_{t-1} - D_t, D the origin distance (default) or the zone distance | MAPO, section 4.1; its training code |
| absolute | -D_t | MAPO, the ablation that shows why it is worse |
| energy | delta_E_t = v_t . v* | EMPA |
| score_sum | sum of v_t over the axes | EMPA |
| potential | gamma^span Phi(P_t) - Phi(P_{t-1}), Phi = a / (a + norm of P) | MAPO, training code (a = 9) |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, runtime_checkable

from empa_gym.dialogue.state import DialogueState
from empa_gym.epm import Point, zone_distance

Distance = Callable[[Point], float]


@runtime_checkable
class RewardFn(Protocol):
    """What a judged turn pays."""

    def __call__(self, before: DialogueState, after: DialogueState) -> float:
        """The reward of the judged turn that led from ``before`` to ``after``."""
        ...


def from_origin(point: Point) -> float:
    """||P||, in rubric points."""
    return point.distance


def from_zone(point: Point) -> float:
    """Distance to the target zone, in rubric points; crossing balance costs nothing."""
    return float(zone_distance(point.position))


DISTANCES: dict[str, Distance] = {"origin": from_origin, "zone": from_zone}


def pay(reward: RewardFn, before: DialogueState, after: DialogueState) -> float:
    """What a turn pays: the reward of a judged turn, exactly 0.0 for one without a judgement."""
    return float(reward(before, after)) if after.turns[-1].judged else 0.0


def idr(distance: str = "origin") -> RewardFn:
    """Incremental distance reward: D_{t-1} - D_t; over an episode it telescopes to D_0 - D_T."""
    return partial(_idr, _distance(distance))


def absolute(distance: str = "origin") -> RewardFn:
    """Absolute distance reward: -D_t; depends on history, the paper shows why it is worse."""
    return partial(_absolute, _distance(distance))


def energy() -> RewardFn:
    """delta_E_t = v_t . v*: work along the way to balance."""
    return _energy


def score_sum() -> RewardFn:
    """Sum of v_t over the axes."""
    return _score_sum


def potential(a: float = 9.0, gamma: float = 0.99) -> RewardFn:
    """Potential-based shaping: gamma^span Phi(P_t) - Phi(P_{t-1}) with Phi = a / (a + ||P||).

    Args:
        a: half the mean initial distance is the authors' advice; they use 9.
        gamma: the discount of the learner, per turn; ``span`` is how many turns the judgement covers.

    Raises:
        ValueError: ``a`` is not positive, or gamma outside (0, 1].
    """
    if not a > 0 or not 0 < gamma <= 1:
        raise ValueError(f"potential needs a > 0 and 0 < gamma <= 1, got a={a!r} and gamma={gamma!r}")
    return partial(_potential, a, gamma)


# Functions of this module, not closures, so that an environment pickles with its reward.


def _idr(measure: Distance, before: DialogueState, after: DialogueState) -> float:
    return measure(before.point) - measure(after.point)


def _absolute(measure: Distance, before: DialogueState, after: DialogueState) -> float:
    return -measure(after.point)


def _energy(before: DialogueState, after: DialogueState) -> float:
    return after.point.energy_gain


def _score_sum(before: DialogueState, after: DialogueState) -> float:
    return sum(after.point.shift)


def _potential(a: float, gamma: float, before: DialogueState, after: DialogueState) -> float:
    discount: float = gamma ** after.turns[-1].span
    return discount * a / (a + after.point.distance) - a / (a + before.point.distance)


REWARDS: dict[str, Callable[..., RewardFn]] = {
    "idr": idr,
    "absolute": absolute,
    "energy": energy,
    "score_sum": score_sum,
    "potential": potential,
}


def make_reward(reward: str | Mapping[str, Any] | RewardFn) -> RewardFn:
    """The reward that a name, a small dict, or a function stands for.

    Args:
        reward: ``"idr"``; ``{"idr": "zone"}``; ``{"potential": {"a": 9.0, "gamma": 0.99}}``; or a RewardFn.

    Raises:
        ValueError: unknown name or option; the message lists what there is.
    """
    if not isinstance(reward, (str, Mapping)):
        if callable(reward):
            return reward
        raise ValueError(f"expected a reward's name, a dict or a function, got {reward!r}")
    chosen: Mapping[str, Any] = {reward: {}} if isinstance(reward, str) else reward
    if len(chosen) != 1 or next(iter(chosen)) not in REWARDS:
        raise ValueError(f"expected one of the rewards {', '.join(REWARDS)}, got {reward!r}")
    name, option = next(iter(chosen.items()))
    if not isinstance(option, (str, Mapping)):
        raise ValueError(f"expected the options of reward {name!r} as a name or a dict, got {option!r}")
    options = {"distance": option} if isinstance(option, str) else dict(option)
    try:
        return REWARDS[name](**options)
    except TypeError as error:
        raise ValueError(f"reward {name!r} does not take {sorted(options)}: {error}") from None


def _distance(name: str) -> Distance:
    if name not in DISTANCES:
        raise ValueError(f"unknown distance {name!r}; the distances are {', '.join(DISTANCES)}")
    return DISTANCES[name]
