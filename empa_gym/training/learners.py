"""Which policy is trained: the small one, or a causal language model from a local folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from empa_gym.loading import load
from empa_gym.training.learner import Learner
from empa_gym.training.small import SmallPolicy

SMALL = "small"


def make_learner(policy: str, seed: int, settings: Mapping[str, Any]) -> Learner:
    """The policy that a name stands for.

    Args:
        policy: "small", or the folder of a causal language model (extra ``lm``).
        seed: of its first parameters, where it has none yet.
        settings: further arguments of :class:`~empa_gym.training.causal_lm.CausalLMPolicy`.

    Raises:
        ValueError: the name stands for nothing, or a setting does not fit.
        MissingExtra: transformers is not installed.
    """
    if policy == SMALL:
        if settings:
            raise ValueError(f"the small policy takes no settings, got {', '.join(settings)}")
        return SmallPolicy(seed)
    if not (Path(policy) / "config.json").is_file():
        raise ValueError(f"expected a policy to train: {SMALL}, or the folder of a language model; got {policy!r}")
    learner: Learner = load("empa_gym.training.causal_lm", "lm").CausalLMPolicy(policy, seed, **settings)
    return learner
