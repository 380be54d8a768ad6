"""Dialogue games so small that every trajectory can be listed: what estimators are held against.

In each game the policy's choices decide how long an episode lasts. A policy is a softmax over the actions of a state;
two states may share their parameters. States are named, hold the turn, and are never visited twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import factorial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
END = ""


class Outcome(NamedTuple):
    """What an action may lead to; ``then`` is the next state, END when the episode is over."""

    probability: float
    reward: float
    then: str


class Action(NamedTuple):
    """A choice: the number of its logit in theta, and what may come of it."""

    parameter: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Game:
    """A finite game.

    Attributes:
        name: one word.
        says: one line for the table.
        theta: (P,) logits of the policy that is measured.
        turns: T, the longest episode.
        states: the actions of each state; the first is where an episode begins.
    """

    name: str
    says: str
    theta: tuple[float, ...]
    turns: int
    states: Mapping[str, tuple[Action, ...]]

    @property
    def start(self) -> str:
        """The state of turn 1."""
        return next(iter(self.states))


class Trajectories(NamedTuple):
    """Every episode that has a chance.

    Attributes:
        probability: (K,), sums to 1.
        rewards: (K, T), 0 behind the end.
        mask: (K, T) the turn happened.
        scores: (K, T, P) gradient of log pi of the action taken, 0 behind the end.
        values: (K, T) V of the state of each turn at gamma, 0 behind the end.
    """

    probability: Numbers
    rewards: Numbers
    mask: Numbers
    scores: Numbers
    values: Numbers


class Groups(NamedTuple):
    """Every group of N independent episodes, each set listed once.

    Attributes:
        members: (M, N) trajectory numbers, not decreasing.
        probability: (M,) of the set in any order, sums to 1.
    """

    members: NDArray[np.intp]
    probability: Numbers


def policy(game: Game, theta: Numbers, state: str) -> Numbers:
    """(A,) probabilities of the actions; theta may be complex, for derivatives by a complex step."""
    weights = np.exp(theta[[action.parameter for action in game.states[state]]])
    chances: Numbers = weights / weights.sum()
    return chances


def scores(game: Game, state: str) -> Numbers:
    """(A, P) gradients of the log-probability of each action: one-hot minus the policy."""
    theta = np.array(game.theta)
    chances, table = policy(game, theta, state), np.zeros((len(game.states[state]), len(theta)))
    for row, action in enumerate(game.states[state]):
        table[row, action.parameter] += 1
        for other, chance in zip(game.states[state], chances, strict=True):
            table[row, other.parameter] -= chance
    return table


def values(game: Game, theta: Numbers, gamma: float) -> dict[str, tuple[Numbers, Numbers]]:
    """(V, Q (A,)) of every state, backwards from the end (Bellman's equation)."""
    found: dict[str, tuple[Numbers, Numbers]] = {END: (np.zeros(()), np.zeros(0))}
    for state in reversed(list(game.states)):
        worth = np.array(
            [
                sum(out.probability * (out.reward + gamma * found[out.then][0]) for out in action.outcomes)
                for action in game.states[state]
            ]
        )
        found[state] = (policy(game, theta, state) @ worth, worth)
    return found


def visits(game: Game, theta: Numbers) -> list[dict[str, Numbers]]:
    """For each turn the chance of being in each state, forwards from the start."""
    turns: list[dict[str, Numbers]] = [{game.start: np.ones(())}]
    for _ in range(1, game.turns):
        after: dict[str, Numbers] = {}
        for state, chance in turns[-1].items():
            for taken, action in zip(policy(game, theta, state), game.states[state], strict=True):
                for out in action.outcomes:
                    if out.then != END:
                        after[out.then] = after.get(out.then, np.zeros(())) + chance * taken * out.probability
        turns.append(after)
    return turns


def turn_gradients(game: Game, gamma: float) -> Numbers:
    """(T, P) g_t = E[1(T >= t) grad log pi(a_t) G_t], from visits and values: no trajectory is listed.

    The gradient of the undiscounted return is the sum of g_t at gamma 1; that of the discounted one is the sum of
    gamma^(t-1) g_t.
    """
    theta = np.array(game.theta)
    worth = values(game, theta, gamma)
    rows = [
        sum(
            chance * (policy(game, theta, state) * worth[state][1]) @ scores(game, state)
            for state, chance in at.items()
        )
        for at in visits(game, theta)
    ]
    return np.array([np.zeros(len(theta)) + row for row in rows])


def true_gradient(game: Game, gamma: float = 1.0) -> Numbers:
    """(P,) the gradient of E[sum_t gamma^(t-1) r_t]."""
    gradient: Numbers = gamma ** np.arange(game.turns) @ turn_gradients(game, gamma)
    return gradient


def trajectories(game: Game, gamma: float = 1.0) -> Trajectories:
    """Every episode with its probability, rewards and scores."""
    listed = list(_episodes(game, game.start))
    wide = (len(listed), game.turns)
    rewards, mask, worth = np.zeros(wide), np.zeros(wide, np.bool_), np.zeros(wide)
    table = np.zeros((*wide, len(game.theta)))
    value = values(game, np.array(game.theta), gamma)
    for row, (_, steps) in enumerate(listed):
        for turn, (state, action, reward) in enumerate(steps):
            rewards[row, turn], mask[row, turn], worth[row, turn] = reward, True, value[state][0]
            table[row, turn] = scores(game, state)[action]
    return Trajectories(np.array([chance for chance, _ in listed]), rewards, mask, table, worth)


def _episodes(game: Game, state: str) -> Iterator[tuple[float, list[tuple[str, int, float]]]]:
    """(probability, (state, action, reward) by turn) of every way to go on from a state."""
    if state == END:
        yield 1.0, []
        return
    for number, taken in enumerate(policy(game, np.array(game.theta), state)):
        for out in game.states[state][number].outcomes:
            for chance, rest in _episodes(game, out.then):
                yield float(taken) * out.probability * chance, [(state, number, out.reward), *rest]


def groups(probability: Numbers, size: int) -> Groups:
    """Every set of N trajectories, with the number of orders that it may come in."""
    members = np.array(list(combinations_with_replacement(range(len(probability)), size)), np.intp)
    orders = np.full(len(members), float(factorial(size)))
    run = np.ones(len(members))
    for place in range(1, size):
        run = np.where(members[:, place] == members[:, place - 1], run + 1, 1)
        orders /= run
    return Groups(members, orders * probability[members].prod(1))


def _sure(parameter: int, reward: float, then: str = END) -> Action:
    return Action(parameter, (Outcome(1.0, reward, then),))


def _leave() -> Game:
    states = {
        "1": (_sure(0, 0.7, "2"), _sure(1, 0.2)),
        "2": (_sure(2, -0.5, "3"), _sure(3, 1.1)),
        "3": (_sure(4, 0.9), _sure(5, -0.4)),
    }
    return Game("leave", "stay or end, fixed rewards", (0.3, 0.0, -0.4, 0.0, 0.2, 0.0), 3, states)


def _chance() -> Game:
    talk = (Outcome(0.6, 1.0, "warm"), Outcome(0.4, -0.5, "cold"))
    warm = (Outcome(0.75, 1.25, "late warm"), Outcome(0.25, -0.25, "late cold"))
    cold = (Outcome(0.5, 0.5, "late warm"), Outcome(0.5, -1.0, "late cold"))
    states = {
        "first": (Action(0, talk), _sure(1, 0.3)),
        "warm": (Action(2, warm), _sure(3, 0.5)),
        "cold": (Action(4, cold), _sure(5, -0.2)),
        "late warm": (Action(6, (Outcome(0.5, 2.0, END), Outcome(0.5, -1.0, END))), _sure(7, 0.1)),
        "late cold": (Action(8, (Outcome(0.5, 1.0, END), Outcome(0.5, -2.0, END))), _sure(9, 0.0)),
    }
    theta = (0.2, 0.0, 0.4, 0.0, -0.3, 0.0, 0.5, 0.0, -0.6, 0.0)
    return Game("chance", "stay or end, random rewards and moods", theta, 3, states)


def _long() -> Game:
    """Two ways to stay and one to end, four turns; the last turn ends anyhow."""
    pay = {1: (0.5, -0.25, 0.1), 2: (0.75, -0.5, 0.6), 3: (-1.0, 0.25, 0.4), 4: (1.5, -0.75, 0.0)}
    states = {
        str(turn): tuple(
            _sure(3 * (turn - 1) + choice, amount, str(turn + 1) if turn < 4 and choice < 2 else END)
            for choice, amount in enumerate(amounts)
        )
        for turn, amounts in pay.items()
    }
    theta = (0.3, 0.1, 0.0, -0.2, 0.4, 0.0, 0.5, -0.1, 0.0, 0.2, 0.3, 0.0)
    return Game("long", "two ways to stay, one to end, horizon 4", theta, 4, states)


def _goal() -> Game:
    """Rewards are drops in distance, as in IDR: listening is sure, pressing is a gamble, arrival ends the episode."""
    reachable = {1: (3,), 2: (1, 2, 5), 3: (1, 3, 4, 7)}
    states = {}
    for turn, distances in reachable.items():
        for left in distances:

            def go(chance: float, to: int, left: int = left, turn: int = turn) -> Outcome:
                return Outcome(chance, left - to, END if to == 0 or turn == 3 else f"{turn + 1}, {to} left")

            gamble = Action(0, (go(0.55, max(left - 2, 0)), go(0.45, left + 2)))
            states[f"{turn}, {left} left"] = (gamble, Action(1, (go(1.0, left - 1),)))
    return Game("goal", "arrival ends it, rewards are drops in distance", (0.4, 0.0), 3, states)


def _drill() -> Game:
    """One pair of parameters for every turn, as a network has: staying costs at first and pays at the end."""
    states = {
        "1": (_sure(0, -0.4, "2"), _sure(1, 0.5)),
        "2": (_sure(0, -0.4, "3"), _sure(1, 0.5)),
        "3": (_sure(0, -0.4, "4"), _sure(1, 0.5)),
        "4": (_sure(0, 6.0), _sure(1, 0.5)),
    }
    return Game("drill", "stay or end, the same parameters at every turn, horizon 4", (-0.2, 0.0), 4, states)


GAMES = {game.name: game for game in (_leave(), _chance(), _long(), _goal(), _drill())}
