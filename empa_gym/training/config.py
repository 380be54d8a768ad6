"""What a training run is asked to do: one frozen value, checked when it is made."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from empa_gym.errors import ConfigError
from empa_gym.training.algorithms import estimator_named

Positive = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TrainConfig:
    """A training run.

    Attributes:
        algo: which advantages (:data:`~empa_gym.training.algorithms.ALGORITHMS`).
        steps: updates of the policy's samples; each gathers ``groups`` x ``members`` dialogues.
        groups: starts of a step; each is a scenario and a seed.
        members: dialogues from each start, at least 2 for estimators that compare siblings.
        epochs: passes over the dialogues of a step; one is on-policy (MAPO, Eq. 6), more use the clipped loss.
        gamma: discount per turn.
        learning_rate: of Adam, at its height.
        warmup: steps until that height; from there it falls along a cosine.
        floor: the share of the learning rate that is left at the end.
        entropy_weight: of the entropy bonus.
        kl_weight: of the KL to the policy that training began with (k3); 0 leaves it out.
        max_grad_norm: gradients of a larger norm are scaled down to it.
        seed: of starts and first parameters.
        scenarios: what is trained on.
        held_out: what is evaluated on, under the published rules and the best single reply of each turn.
        evaluate_every: steps between evaluations; the first and the last step are always evaluated.
        evaluation_seeds: dialogues per held-out scenario.
        rules, reward, cast: as those of :class:`~empa_gym.envs.empa.EmpaEnv`.
        checkpoint_every: steps between checkpoints.
        micro_batch: replies of one forward and backward pass; None for all at once. Passes add up to the same gradient.
        model: settings of a language model, as ``{"max_tokens": 64, "lora": 8}``; see
            :class:`~empa_gym.training.causal_lm.CausalLMPolicy`.

    Raises:
        ConfigError: through :func:`config_from`, a field is unknown or not what it must be.
    """

    algo: str = "mapo"
    steps: Positive = 100
    groups: Positive = 16
    members: Positive = 8
    epochs: Positive = 1
    gamma: Annotated[float, Field(ge=0, le=1)] = 0.99
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 3e-3
    warmup: Annotated[int, Field(ge=0)] = 5
    floor: Annotated[float, Field(ge=0, le=1)] = 0.1
    entropy_weight: Weight = 0.01
    kl_weight: Weight = 0.0
    max_grad_norm: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    seed: Annotated[int, Field(ge=0)] = 0
    scenarios: Any = "starter-train"
    held_out: Any = "starter-test"
    evaluate_every: Positive = 25
    evaluation_seeds: Positive = 5
    rules: Any = "training"
    reward: Any = Field(default_factory=lambda: {"idr": "zone"})
    cast: Any = "offline"
    checkpoint_every: Positive = 10
    micro_batch: Positive | None = None
    model: dict[str, Any] = Field(default_factory=dict)

    @field_validator("algo")
    @classmethod
    def _known(cls, name: str) -> str:
        estimator_named(name)
        return name

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0: a linear warm-up, then half a cosine down to the floor."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / (self.warmup + 1)
        progress = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.learning_rate * (self.floor + (1 - self.floor) * (1 + math.cos(math.pi * progress)) / 2)


_CONFIG: TypeAdapter[TrainConfig] = TypeAdapter(TrainConfig)


def config_from(data: dict[str, Any], source: str = "training") -> TrainConfig:
    """The configuration that plain data holds.

    Raises:
        ConfigError: a field is unknown or not what it must be; names it.

    >>> config_from({"algo": "grpo", "steps": 10}).members
    8
    """
    try:
        return _CONFIG.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(source, field, f"{first['msg']}, found {first.get('input')!r:.60}") from None


def config_data(config: TrainConfig) -> dict[str, Any]:
    """The configuration as plain data, which :func:`config_from` reads."""
    data: dict[str, Any] = _CONFIG.dump_python(config, mode="json")
    return data
