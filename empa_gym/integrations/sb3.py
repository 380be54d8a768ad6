"""Stable-Baselines3: many dialogues as one of its vectorised environments (extra ``sb3``).

    from stable_baselines3 import PPO
    from empa_gym.integrations.sb3 import sb3_vec_env

    model = PPO("MlpPolicy", sb3_vec_env("EMPA-Strategy-v0", 8))
    model.learn(20_000)

SB3 has no space for text, so the environment must be one of numbers, as ``EMPA-Strategy-v0`` is. Its advantages are its
own (GAE): rewards that are not valid enter them as 0.0, so train with a cast that does not fail, or with "truncate".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn

from empa_gym.wrappers.strategy_action import row_of


def sb3_vec_env(id: str = "EMPA-Strategy-v0", count: int = 8, **arguments: Any) -> SB3VecEnv:
    """So many dialogues of a registered id at once, for SB3.

    The slots share a cast and wait for its models together, where it has any.

    Args:
        id: an id whose spaces SB3 knows.
        count: how many dialogues.
        **arguments: of the environment, as for ``gym.make``.

    Raises:
        ValueError: an argument is unknown or outside its range.
        TypeError: the id's spaces hold text.
    """
    return SB3VecEnv(gym.make_vec(id, count, "vector_entry_point", autoreset_mode=AutoresetMode.SAME_STEP, **arguments))


class SB3VecEnv(VecEnv):
    """A Gymnasium vector environment in SAME_STEP mode, as SB3 wants one.

    Args:
        env: the environment; its observation must be a Box.

    Raises:
        ValueError: it is not in SAME_STEP mode.
        TypeError: its observation is no Box.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        if env.metadata.get("autoreset_mode") is not AutoresetMode.SAME_STEP:
            raise ValueError("SB3 begins the next dialogue in the step that ends one: use autoreset_mode SAME_STEP")
        if not isinstance(env.single_observation_space, gym.spaces.Box):
            raise TypeError(
                f"SB3 has no policy for {env.single_observation_space}; use EMPA-Strategy-v0, or the wrappers "
                "StrategyAction and StateObservation"
            )
        self._env = env
        self._actions: Any = None
        self.render_mode = env.render_mode
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> VecEnvObs:
        """Begin a dialogue in every slot, from the seeds that were set last."""
        seeds = self._seeds if any(seed is not None for seed in self._seeds) else None
        seen, infos = self._env.reset(seed=seeds)
        self.reset_infos = [row_of(infos, index) for index in range(self.num_envs)]
        self._reset_seeds()
        return seen  # type: ignore[no-any-return]

    def step_async(self, actions: np.ndarray[Any, Any]) -> None:
        """Take the actions of the next step."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Make the step; of a dialogue that ended, ``terminal_observation`` is its last observation."""
        seen, rewards, terminated, truncated, infos = self._env.step(self._actions)
        done = terminated | truncated
        told = []
        for index in range(self.num_envs):
            row = row_of(infos, index)
            if done[index]:
                row = {**row["final_info"], "terminal_observation": row["final_obs"]}
            told.append({**row, "TimeLimit.truncated": bool(truncated[index] and not terminated[index])})
        return seen, rewards.astype(np.float32), done, told

    def close(self) -> None:
        """Give connections back."""
        self._env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute of the slots."""
        values = self._env.unwrapped.get_attr(attr_name)  # type: ignore[attr-defined]
        return [values[index] for index in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of slots to one value."""
        for index in self._get_indices(indices):
            setattr(self._env.unwrapped.envs[index], attr_name, value)  # type: ignore[attr-defined]

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """What a method of the slots returns."""
        slots = self._env.unwrapped.envs  # type: ignore[attr-defined]
        return [
            getattr(slots[index], method_name)(*method_args, **method_kwargs) for index in self._get_indices(indices)
        ]

    def env_is_wrapped(
        self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: VecEnvIndices = None
    ) -> list[bool]:
        """Whether slots are wrapped one by one: never, since the vector environment is wrapped as a whole."""
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[Any]:
        """A picture of each dialogue; the environment must have been made with ``render_mode="rgb_array"``."""
        return list(self._env.render() or ())
