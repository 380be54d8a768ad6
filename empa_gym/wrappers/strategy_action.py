"""The action as a strategy: a whole number says what to do, and the wrapper writes the reply in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box, Dict, Discrete
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from empa_gym.agents.views import PolicyView
from empa_gym.chat import Message
from empa_gym.policies.strategies import STRATEGIES, strategy_reply

Recency = NDArray[np.float32]


class Seat(NamedTuple):
    """What somebody who chooses strategies has before them: one dialogue, and what was chosen in it.

    Attributes:
        messages: the dialogue so far; the last is the seeker's while it runs.
        seed: the dialogue's.
        chosen: the strategies so far, as actions, oldest first.
    """

    messages: tuple[Message, ...]
    seed: int
    chosen: tuple[int, ...] = ()

    def moved(self, info: Mapping[str, Any], action: int) -> Seat:
        """The seat after a step that did ``action``."""
        return seated(info)._replace(chosen=(*self.chosen, action))

    def reply(self, action: int) -> str:
        """What the strategy says now."""
        view = PolicyView(self.messages, self.seed, 0, len(self.chosen) + 1)
        return strategy_reply(STRATEGIES[action], view)

    @property
    def recency(self) -> Recency:
        """How fresh each strategy is, shape (strategies,): 1 chosen just now, 1/2 the turn before, ...; 0 never."""
        fresh = np.zeros(len(STRATEGIES), dtype=np.float32)
        for age, action in enumerate(reversed(self.chosen), 1):
            fresh[action] = max(fresh[action], 1 / age)
        return fresh


def seated(info: Mapping[str, Any]) -> Seat:
    """The seat at the dialogue that an info tells of, before any choice."""
    return Seat(tuple(Message(one["role"], one["content"]) for one in info["messages"]), int(info["seed"]))


def recency_space() -> Box:
    """The space of :attr:`Seat.recency`."""
    return Box(0.0, 1.0, (len(STRATEGIES),), dtype=np.float32)


class StrategyAction(gym.Wrapper[dict[str, Any], Any, dict[str, Any], Any], gym.utils.RecordConstructorArgs):
    """Takes the index of a strategy and replies in words; see :class:`~empa_gym.policies.strategies.Strategy`.

    **Action**: Discrete(13). **Observation**: the environment's, and ``recency``, how fresh each strategy is. **Info**:
    unchanged; the reply stands in ``messages``. The words are deterministic for the dialogue's seed.

    Args:
        env: an EmpaEnv, wrapped or not, whose action is a text.

    Raises:
        ResetNeeded: a step before the first reset.
        ValueError: an action that names no strategy.
    """

    def __init__(self, env: gym.Env[dict[str, Any], Any]) -> None:
        gym.utils.RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.action_space = Discrete(len(STRATEGIES))
        self.observation_space = Dict({**_spaces(env.observation_space), "recency": recency_space()})
        self._seat: Seat | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin a dialogue; see :meth:`EmpaEnv.reset <empa_gym.envs.empa.EmpaEnv.reset>`."""
        seen, info = self.env.reset(seed=seed, options=options)
        self._seat = seated(info)
        return {**seen, "recency": self._seat.recency}, info

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Reply as the strategy says."""
        if self._seat is None:
            raise ResetNeeded("there is no dialogue yet; call reset() first")
        chosen = chosen_strategy(action)
        seen, reward, terminated, truncated, info = self.env.step(self._seat.reply(chosen))
        self._seat = self._seat.moved(info, chosen)
        return {**seen, "recency": self._seat.recency}, float(reward), terminated, truncated, info


class VectorStrategyAction(VectorWrapper):
    """:class:`StrategyAction` over a vector environment, in every autoreset mode.

    Args:
        env: a vector environment of EmpaEnvs.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        super().__init__(env)
        self.single_action_space = Discrete(len(STRATEGIES))
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.single_observation_space = Dict({**_spaces(env.single_observation_space), "recency": recency_space()})
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._seats: list[Seat | None] = [None] * self.num_envs
        self._ended = np.zeros(self.num_envs, dtype=np.bool_)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin a dialogue in every slot, or in those of ``options["reset_mask"]``."""
        seen, infos = self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]
        begun = np.ones(self.num_envs, bool) if not options else options.get("reset_mask", np.ones(self.num_envs, bool))
        for index in np.flatnonzero(begun).tolist():
            self._seats[index] = seated(row_of(infos, index))
            self._ended[index] = False
        return self._with_recency(seen), infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Reply in every slot as its strategy says; under NEXT_STEP an ended slot begins another dialogue."""
        seats = [seat for seat in self._seats if seat is not None]
        if len(seats) < self.num_envs:
            raise ResetNeeded("there are no dialogues yet; call reset() first")
        begins = self._ended & (self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP)
        chosen = [chosen_strategy(action) for action in actions]
        replies = ["" if begins[index] else seat.reply(chosen[index]) for index, seat in enumerate(seats)]
        seen, rewards, terminated, truncated, infos = self.env.step(replies)
        self._ended = terminated | truncated
        over = self._ended & (self.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP)
        for index, seat in enumerate(seats):
            info = row_of(infos, index)
            if over[index]:
                final = seat.moved(info["final_info"], chosen[index])
                infos["final_obs"][index] = {**infos["final_obs"][index], "recency": final.recency}
            fresh = begins[index] or over[index]
            self._seats[index] = seated(info) if fresh else seat.moved(info, chosen[index])
        return self._with_recency(seen), rewards, terminated, truncated, infos

    def _with_recency(self, seen: dict[str, Any]) -> dict[str, Any]:
        none = np.zeros(len(STRATEGIES), dtype=np.float32)
        return {**seen, "recency": np.stack([none if seat is None else seat.recency for seat in self._seats])}


def chosen_strategy(action: Any) -> int:
    """The action as an index of a strategy.

    Raises:
        ValueError: it names none.
    """
    count = len(STRATEGIES)
    if not isinstance(action, (int, np.integer, np.ndarray)) or np.ndim(action) or not 0 <= int(action) < count:
        raise ValueError(f"expected the index of a strategy, 0 to {count - 1}, got {action!r}")
    return int(action)


def row_of(infos: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The info of one slot, out of a vector environment's."""
    return {
        name: row_of(value, index) if isinstance(value, Mapping) else value[index]
        for name, value in infos.items()
        if not name.startswith("_")
    }


def _spaces(space: gym.Space[Any]) -> dict[str, gym.Space[Any]]:
    """The parts of an observation space of this package.

    Raises:
        TypeError: it has none.
    """
    if not isinstance(space, Dict):
        raise TypeError(f"expected an EmpaEnv, whose observation is a Dict, got one with {space}")
    return dict(space.spaces)
