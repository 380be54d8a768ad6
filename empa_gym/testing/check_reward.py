"""What a RewardFn must satisfy, as one call for your own tests."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from collections.abc import Mapping, Sequence
from types import CellType, FunctionType
from typing import Any

from empa_gym.dialogue.asking import place_of
from empa_gym.dialogue.rewards import RewardFn, make_reward, pay
from empa_gym.dialogue.state import DialogueState
from empa_gym.scenarios import Scenario, select_scenarios
from empa_gym.testing.routes import Route, routes, same_ends, same_ends_sooner

STORIES = ("health-knee", "values-rite")
"""Shipped scenarios that a reward is tried on; the routes add a deficit that can be walked to balance exactly."""
EQUAL = 1e-9
"""Totals of two routes may differ by rounding: this share of what was added up."""


def check_reward(
    reward: RewardFn | str | Mapping[str, Any],
    *,
    telescopes: bool = False,
    gamma: float = 1.0,
    scenarios: str | Scenario | Sequence[str | Scenario] = STORIES,
) -> None:
    """Assert what every reward must satisfy, over dialogues that lead it into each corner.

    Every judged turn pays a plain finite number, the same turn pays the same in any order of asking, and the states are
    not changed. A held turn pays exactly 0.0: ``pay`` sees to that and never asks the function. A copy of the reward is
    asked too, which shares no memory with it, so what it made up once and kept is found out; what it keeps in a global
    of its module is not, nor what happens behind turn 45.

    Args:
        reward: the function, or what :func:`empa_gym.dialogue.make_reward` takes.
        telescopes: whether it claims that sum_t gamma^t r_t depends on the first and the last position alone, and
            below gamma 1 on the number of turns, as an incremental distance (gamma 1) and a potential-based reward
            (its own gamma) do.
        gamma: the discount per turn under which it telescopes.
        scenarios: whom the dialogues are with, as for :func:`empa_gym.select_scenarios`.

    Raises:
        AssertionError: a sentence that names the reward, the dialogue and the turn, what was expected and what came.

    >>> check_reward("idr", telescopes=True)
    >>> check_reward(lambda before, after: 1.0 / after.point.distance)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    AssertionError: reward ... raised ZeroDivisionError at turn 4 of "to balance exactly, and a stay there": ...
    """
    function = make_reward(reward)
    other = _without_memory(function)
    for scenario in select_scenarios(scenarios):
        # A copy, since a reward that changes what it is shown must not change the shipped scenario for the next test.
        own = pickle.loads(pickle.dumps(scenario))
        for route in routes(own):
            _check_numbers(function, route)
            _check_sameness(function, other, route)
        if telescopes:
            _check_telescoping(function, own, gamma)


def _check_numbers(reward: RewardFn, route: Route) -> None:
    """A plain finite number on judged turns, 0.0 on held ones, nothing changed."""
    for before, after in route.steps:
        shown = pickle.dumps((before, after))
        if not after.turns[-1].judged:
            _require(pay(reward, before, after) == 0.0, reward, route, after, "expected 0.0 for a held turn")
            continue
        amount = _asked(reward, route, before, after)
        _require(
            type(amount) in (float, int),
            reward,
            route,
            after,
            f"expected a plain float, got {amount!r} of type {type(amount).__name__}; return float(...)",
        )
        _require(math.isfinite(amount), reward, route, after, f"expected a finite number, got {amount!r}")
        _require(
            pickle.loads(shown) == (before, after),
            reward,
            route,
            after,
            "expected the states to be left as they are, found that the reward changed one; work on a copy",
        )


def _without_memory(reward: RewardFn) -> RewardFn:
    """A copy that remembers nothing of what the reward is asked from now on; the reward itself if it has none."""
    bare: Any = inspect.unwrap(reward)  # behind a cache
    try:
        if not isinstance(bare, FunctionType):
            return copy.deepcopy(reward)
        cells = tuple(CellType(copy.deepcopy(cell.cell_contents)) for cell in bare.__closure__ or ())
        defaults = copy.deepcopy(bare.__defaults__)
        other = FunctionType(bare.__code__, bare.__globals__, bare.__name__, defaults, cells)
        other.__kwdefaults__ = copy.deepcopy(bare.__kwdefaults__)
    except Exception:  # it holds something that cannot be copied, such as a lock: it is asked itself
        return reward
    return other


def _check_sameness(reward: RewardFn, other: RewardFn, route: Route) -> None:
    """The same turn pays the same: asked again, backwards, by a copy, and with equal states that are other objects."""
    first = [_asked(reward, route, *step) for step in route.judged]
    again = [_asked(reward, route, *step) for step in reversed(route.judged)][::-1]
    copies = [_asked(reward, route, *pickle.loads(pickle.dumps(step))) for step in route.judged]
    others = [_asked(other, route, *step) for step in reversed(route.judged)][::-1]
    for (_, after), one, two, three, four in zip(route.judged, first, again, copies, others, strict=True):
        _require(
            one == two == three == four,
            reward,
            route,
            after,
            f"expected one reward for one turn, got {one!r}, asked again {two!r}, with equal states {three!r}, "
            f"from a copy of the reward {four!r}; "
            f"a reward may use nothing but the two states: no counter, no clock, no random number, no memory",
        )


def _check_telescoping(reward: RewardFn, scenario: Scenario, gamma: float) -> None:
    """Routes with common ends have one total; without a discount also those of other lengths."""
    straight, *others = same_ends(scenario)
    if gamma == 1.0:
        others += same_ends_sooner(scenario)
    expected, size = _total(reward, straight, gamma)
    for route in others:
        total, gross = _total(reward, route, gamma)
        _require(
            abs(total - expected) <= EQUAL * (1.0 + size + gross),
            reward,
            route,
            route.states[-1],
            f"expected the total reward to telescope, that is {expected:.9g} as on the route "
            f'"{straight.name}" between the same positions, got {total:.9g} (gamma {gamma})',
        )


def _total(reward: RewardFn, route: Route, gamma: float) -> tuple[float, float]:
    """sum_t gamma^t r_t with t the turn that the reward's judgement begins at, and the same of |r_t|."""
    paid = [(before.point.turn, _asked(reward, route, before, after)) for before, after in route.judged]
    return math.fsum(gamma**t * r for t, r in paid), math.fsum(gamma**t * abs(r) for t, r in paid)


def _asked(reward: RewardFn, route: Route, before: DialogueState, after: DialogueState) -> Any:
    try:
        return reward(before, after)
    except Exception as error:  # a reward is anybody's function and may raise anything
        what = f"raised {type(error).__name__} at turn {after.turn} of {route.name!r}: {error}"
        raise AssertionError(f"reward {place_of(reward)} {what}") from error


def _require(holds: bool, reward: RewardFn, route: Route, after: DialogueState, problem: str) -> None:
    if not holds:
        raise AssertionError(f"reward {place_of(reward)}, turn {after.turn} of {route.name!r}: {problem}")
