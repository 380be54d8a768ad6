"""The ids under which Gymnasium makes the environments of this package."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

ENTRY_POINT = "empa_gym.envs.empa:EmpaEnv"
VECTOR_ENTRY_POINT = "empa_gym.envs.vector:EmpaVectorEnv"
STRATEGY_ENTRY_POINT = "empa_gym.wrappers.strategy_env:strategy_env"
STRATEGY_VECTOR_ENTRY_POINT = "empa_gym.wrappers.strategy_env:strategy_vector_env"
IDS: dict[str, dict[str, Any]] = {
    "EMPA-v0": {"rules": "published", "reward": "idr", "scenarios": "starter"},
    "EMPA-Train-v0": {"rules": "training", "reward": {"idr": "zone"}, "scenarios": "starter-train"},
    "EMPA-LLM-v0": {"rules": "published", "reward": "idr", "scenarios": "starter", "cast": "llm"},
}
"""EMPA-v0 plays by the benchmark's rules and pays the paper's reward. EMPA-Train-v0 is short and measures to
the target zone, as the authors' training code does: the distance to the origin punishes a policy that crosses
into the positive before ``min_turns``. EMPA-LLM-v0 is EMPA-v0 with a cast that chat models play: those that the
environment variables EMPA_MODEL, EMPA_BASE_URL and EMPA_API_KEY_ENV name, unless ``cast`` says otherwise."""
STRATEGY_IDS: dict[str, dict[str, Any]] = {"EMPA-Strategy-v0": {**IDS["EMPA-Train-v0"], "features": "text"}}
"""EMPA-Strategy-v0 is EMPA-Train-v0 with a strategy for an action and numbers for an observation."""
NONDETERMINISTIC = frozenset({"EMPA-LLM-v0"})
"""A model may answer the same question differently; with a tape it does not."""


def register_envs() -> None:
    """Register the ids; an id that is there already is left alone."""
    for name, kwargs in IDS.items():
        _register(name, kwargs, ENTRY_POINT, VECTOR_ENTRY_POINT)
    for name, kwargs in STRATEGY_IDS.items():
        _register(name, kwargs, STRATEGY_ENTRY_POINT, STRATEGY_VECTOR_ENTRY_POINT)


def _register(name: str, kwargs: dict[str, Any], entry_point: str, vector_entry_point: str) -> None:
    if name not in gym.registry:
        gym.register(
            id=name,
            entry_point=entry_point,
            vector_entry_point=vector_entry_point,
            kwargs=kwargs,
            nondeterministic=name in NONDETERMINISTIC,
        )
