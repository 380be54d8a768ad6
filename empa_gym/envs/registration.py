"""The ids under which Gymnasium makes the environments of this package."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

ENTRY_POINT = "empa_gym.envs.empa:EmpaEnv"
VECTOR_ENTRY_POINT = "empa_gym.envs.vector:EmpaVectorEnv"
IDS: dict[str, dict[str, Any]] = {
    "EMPA-v0": {"rules": "published", "reward": "idr", "scenarios": "starter"},
    "EMPA-Train-v0": {"rules": "training", "reward": {"idr": "zone"}, "scenarios": "starter-train"},
    "EMPA-LLM-v0": {"rules": "published", "reward": "idr", "scenarios": "starter", "cast": "llm"},
}
"""EMPA-v0 plays by the benchmark's rules and pays the paper's reward. EMPA-Train-v0 is short and measures to
the target zone, as the authors' training code does: the distance to the origin punishes a policy that crosses
into the positive before ``min_turns``. EMPA-LLM-v0 is EMPA-v0 with a cast that chat models play: those that the
environment variables EMPA_MODEL, EMPA_BASE_URL and EMPA_API_KEY_ENV name, unless ``cast`` says otherwise."""
NONDETERMINISTIC = frozenset({"EMPA-LLM-v0"})
"""A model may answer the same question differently; with a tape it does not."""


def register_envs() -> None:
    """Register the ids; an id that is there already is left alone."""
    for name, kwargs in IDS.items():
        if name not in gym.registry:
            gym.register(
                id=name,
                entry_point=ENTRY_POINT,
                vector_entry_point=VECTOR_ENTRY_POINT,
                kwargs=kwargs,
                nondeterministic=name in NONDETERMINISTIC,
            )
