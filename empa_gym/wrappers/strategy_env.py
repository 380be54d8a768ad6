"""``EMPA-Strategy-v0``: the sandbox for agents that choose a strategy and see numbers, as SB3 and RLlib want it."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium.vector import VectorEnv

from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.vector import EmpaVectorEnv
from empa_gym.wrappers.state_observation import Features, StateObservation, VectorStateObservation
from empa_gym.wrappers.strategy_action import StrategyAction, VectorStrategyAction


def strategy_env(features: Features = "text", **arguments: Any) -> gym.Env[Any, Any]:
    """An EmpaEnv whose action is a strategy and whose observation is a Box.

    Args:
        features: "text", "state" or "both"; the last two reveal the latent state to the agent.
        **arguments: those of :class:`~empa_gym.envs.empa.EmpaEnv`.

    Raises:
        ValueError: an argument is unknown or outside its range.
    """
    return StateObservation(StrategyAction(EmpaEnv(**_revealed(features, arguments))), features)


def strategy_vector_env(features: Features = "text", **arguments: Any) -> VectorEnv[Any, Any, Any]:
    """:func:`strategy_env` over many dialogues at once.

    Args:
        features: as there.
        **arguments: those of :class:`~empa_gym.envs.vector.EmpaVectorEnv`.
    """
    return VectorStateObservation(VectorStrategyAction(EmpaVectorEnv(**_revealed(features, arguments))), features)


def _revealed(features: Features, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an environment that shows what the features need; a contradiction is left to be refused."""
    return arguments if features == "text" else {"reveal_state": True, **arguments}
