"""The other side of each theorem on docs/mapo/estimators.md: exact, and by another road than the estimators take.

Expectations come from benchmarks/estimator_bias.py: every group of every game, credited by the package's functions.
What they are held against comes from Bellman's equation and from complex-step derivatives of visits and values, which
use neither episodes nor scores.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from empa_gym.mapo import TurnBatch, turn_advantages

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
games = importlib.import_module("enumerable_games")
crediting = importlib.import_module("bias_estimators")
bias = importlib.import_module("estimator_bias")

TOLERANCE = 1e-12
NAMES = list(games.GAMES)
SIZES = (2, 3, 4)
GAMMAS = (1.0, 0.99, 0.85)
STEP = 1e-30
"""Of a complex-step derivative: no difference is taken, so none is too small."""

every_game = pytest.mark.parametrize("name", NAMES)
every_size = pytest.mark.parametrize("size", SIZES)
every_gamma = pytest.mark.parametrize("gamma", GAMMAS)


def close(found: Any, expected: Any) -> None:
    assert np.abs(np.asarray(found) - np.asarray(expected)).max() <= TOLERANCE


@cache
def setting(name: str, size: int, gamma: float = 1.0) -> tuple[Any, Any, Any]:
    listed = games.trajectories(games.GAMES[name], gamma)
    every = games.groups(listed.probability, size)
    return listed, every, crediting.case_of(listed, every, gamma)


def expected_of(name: str, size: int, credit: Callable[[TurnBatch], Any], per: str = "rows") -> Any:
    """(P,) the exact expectation of the gradient that a function of the batch yields."""
    listed, every, case = setting(name, size)
    advantages = credit(case.batch)
    return every.probability @ bias.group_gradients(listed, every, advantages.values, advantages.mask, per)


def plain_turn_part(name: str, size: int, gamma: float, scope: Any, baseline: Any) -> Any:
    credit = partial(turn_advantages, gamma=gamma, turn_scope=scope, baseline=baseline, std="none")
    return expected_of(name, size, credit)


def alive(name: str) -> Any:
    """(T,) p_t, the chance that an episode reaches turn t."""
    game = games.GAMES[name]
    return np.array([sum(at.values()) for at in games.visits(game, np.array(game.theta))])


def derivative(name: str, function: Callable[[Any], Any]) -> Any:
    """(..., P) gradient of a function of theta that may be complex."""
    theta = np.array(games.GAMES[name].theta)
    return np.stack([function(theta + 1j * STEP * one).imag / STEP for one in np.eye(len(theta))], -1)


def reached_and_paid(name: str, theta: Any) -> tuple[Any, Any]:
    """(T,) p_t and (T,) E[1(T >= t) r_t], forwards through the game, for any theta."""
    game = games.GAMES[name]
    chances, sums = [], []
    for at in games.visits(game, theta):
        chances.append(sum(at.values()))
        sums.append(
            sum(
                chance * taken * out.probability * out.reward
                for state, chance in at.items()
                for taken, action in zip(games.policy(game, theta, state), game.states[state], strict=True)
                for out in action.outcomes
            )
        )
    return np.array(chances), np.array(sums)


def episode_chances(name: str, theta: Any) -> Any:
    """(K,) probability of every episode for any theta, in the order of the list."""

    def onward(state: str) -> list[Any]:
        if state == games.END:
            return [1.0]
        game = games.GAMES[name]
        return [
            taken * out.probability * rest
            for taken, action in zip(games.policy(game, theta, state), game.states[state], strict=True)
            for out in action.outcomes
            for rest in onward(out.then)
        ]

    return np.array(onward(games.GAMES[name].start))


def mean_of_groups(name: str, size: int, statistic: Any, theta: Any) -> Any:
    """E[statistic], a number for each group, under any theta."""
    _, every, _ = setting(name, size)
    ratio = episode_chances(name, theta) / setting(name, size)[0].probability
    return (every.probability * ratio[every.members].prod(1) * statistic).sum()


def heard(name: str, size: int, baseline: str, scope: str) -> Any:
    """(T,) c_t of the turn part: its expectation is sum_t c_t g_t."""
    p = alive(name)
    share = 1 - 1 / size if baseline == "mean" else 1.0
    if scope == "absorbing":
        return np.full(len(p), share)
    if scope == "shortest":
        return share * p ** (size - 1)
    return 1 - (1 - (1 - p) ** size) / (size * p) if baseline == "mean" else 1 - (1 - p) ** (size - 1)


def asymmetry(name: str, field: Callable[[Any], Any]) -> float:
    """How far the Jacobian of a vector field of theta is from symmetric: a gradient's would be symmetric."""
    game, step = games.GAMES[name], 1e-5
    theta = np.array(game.theta)
    rows = [
        (field(replace(game, theta=tuple(theta + step * one))) - field(replace(game, theta=tuple(theta - step * one))))
        / (2 * step)
        for one in np.eye(len(theta))
    ]
    jacobian = np.array(rows)
    return float(np.abs(jacobian - jacobian.T).max())
