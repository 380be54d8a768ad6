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

import math
from collections.abc import Callable, Mapping
from functools import partial
from numbers import Real
from typing import Any, Protocol, runtime_checkable

from empa_gym.dialogue.asking import cause_of, found, place_of
from empa_gym.dialogue.state import DialogueState
from empa_gym.epm import Point, zone_distance
from empa_gym.errors import AnswerError, ExtensionError

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
    """What a turn pays: the reward of a judged turn, exactly 0.0 for one without a judgement.

    Raises:
        AnswerError: the reward is no finite number; names the function.
        ExtensionError: the function raised an error, which is the cause.
    """
    if not after.turns[-1].judged:
        return 0.0
    try:
        amount = reward(before, after)
    except Exception as error:  # a reward is anybody's function and may raise anything
        raise ExtensionError("reward", place_of(reward), f"raised {cause_of(error)}") from error
    number = amount if type(amount) is float and math.isfinite(amount) else finite(amount)
    if number is not None:
        return number
    raise AnswerError("reward", place_of(reward), f"gave no fit answer: {found('a finite number', amount)}")


def finite(amount: object) -> float | None:
    """The number as a float, None when it is none or is not finite; numpy's scalars are numbers, its arrays not."""
    if not isinstance(amount, (float, Real)):
        return None
    try:
        number = float(amount)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


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
    if not all(isinstance(number, (int, float)) for number in (a, gamma)) or not a > 0 or not 0 < gamma <= 1:
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
        raise ValueError(f"reward must be a reward's name, a dict or a function, got {reward!r:.80}")
    chosen: Mapping[str, Any] = {reward: {}} if isinstance(reward, str) else reward
    if len(chosen) != 1 or next(iter(chosen)) not in REWARDS:
        raise ValueError(f"reward must be one of {', '.join(REWARDS)}, or a dict with one of them; got {reward!r:.80}")
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
