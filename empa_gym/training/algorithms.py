"""Which advantage estimator a run trains with, by name; all of them stand in :mod:`empa_gym.mapo`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from empa_gym.mapo import Advantages, TurnBatch, dr_grpo, grpo, mixed_advantages, reinforce_pp, rloo

Estimator = Callable[[TurnBatch, float], Advantages]
"""Takes rewards and gamma. Estimators of the whole dialogue's outcome do not read gamma."""


def _mixed(batch: TurnBatch, gamma: float, *, turn_weight: float, batch_weight: float) -> Advantages:
    return mixed_advantages(batch, gamma=gamma, turn_weight=turn_weight, batch_weight=batch_weight)


ALGORITHMS: Mapping[str, Estimator] = MappingProxyType(
    {
        "mapo": partial(_mixed, turn_weight=0.5, batch_weight=0.5),
        "turn-only": partial(_mixed, turn_weight=1.0, batch_weight=0.0),
        "batch-only": partial(_mixed, turn_weight=0.0, batch_weight=1.0),
        "grpo": lambda batch, gamma: grpo(batch),
        "dr_grpo": lambda batch, gamma: dr_grpo(batch),
        "rloo": lambda batch, gamma: rloo(batch),
        "reinforce++": lambda batch, gamma: reinforce_pp(batch, gamma=gamma),
    }
)
"""The names of the field. Their defaults are the papers'; ``mapo`` is the mix of MAPO, section 4."""


def estimator_named(name: str) -> Estimator:
    """The estimator of that name.

    Raises:
        ValueError: there is none; lists those that there are.
    """
    if name not in ALGORITHMS:
        raise ValueError(f"expected an algorithm ({', '.join(ALGORITHMS)}), got {name!r}")
    return ALGORITHMS[name]
