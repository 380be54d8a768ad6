"""What a step of training is reported by: one line of JSON, with None where there is nothing to report."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from empa_gym.mapo import Advantages, TurnBatch, continuation, diagnose, effective_turns
from empa_gym.mapo.torch import PolicyLoss
from empa_gym.training.gathering import Dialogue


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """One step.

    Attributes:
        step: counted from 1.
        episode_return: mean sum of rewards of the dialogues learned from.
        passed: share of them that ended in recovery.
        failed: how many could not be scored.
        outcomes: how they ended, by name.
        turns: their mean length; ``words`` and ``tokens`` the mean of a reply.
        loss: of the last pass; ``policy_loss`` without KL and entropy.
        gradient_norm: before it was scaled down.
        entropy: mean over tokens, in nats.
        kl: to the first policy, in nats; None without a KL weight.
        clip_fraction, drift: as :class:`~empa_gym.mapo.torch.PolicyLoss`.
        advantage_deviation: root mean square of the advantages in the loss.
        effective_turns: Kish's effective number of turns in the loss; ``loss_turns`` of so many.
        tied_groups: share of groups in which every compared return is equal.
        length_bias: correlation of advantage with one more turn; ``length_bias_error`` its standard error.
        gather_seconds, credit_seconds, learn_seconds: playing; advantages and tokens; forward, backward, optimiser.
    """

    step: int
    episode_return: float
    passed: float
    failed: int
    outcomes: dict[str, int]
    turns: float
    words: float
    tokens: float
    loss: float
    policy_loss: float
    gradient_norm: float
    entropy: float | None
    kl: float | None
    clip_fraction: float
    drift: float
    advantage_deviation: float
    effective_turns: float
    loss_turns: int
    tied_groups: float | None
    length_bias: float | None
    length_bias_error: float | None
    gather_seconds: float
    credit_seconds: float
    learn_seconds: float


def measured(
    step: int,
    dialogues: Sequence[Dialogue],
    batch: TurnBatch,
    advantages: Advantages,
    loss: PolicyLoss,
    gradient_norm: float,
    seconds: tuple[float, float, float],
) -> StepMetrics:
    """The metrics of a step."""
    states = [one.state for one in dialogues]
    replies = [sample for one in dialogues for sample in one.samples]
    values = advantages.values[advantages.mask]
    longer = continuation(batch, advantages)
    return StepMetrics(
        step=step,
        episode_return=fmean(sum(one.rewards) for one in dialogues),
        passed=fmean(state.outcome.success for state in states),
        failed=sum(not state.outcome.scored for state in states),
        outcomes=dict(Counter(state.outcome.value for state in states).most_common()),
        turns=fmean(state.turn for state in states),
        words=fmean(len(sample.text.split()) for sample in replies),
        tokens=fmean(len(sample.tokens) for sample in replies),
        loss=float(loss.loss.detach()),
        policy_loss=float(loss.policy),
        gradient_norm=gradient_norm,
        entropy=None if loss.entropy is None else float(loss.entropy),
        kl=None if loss.kl is None else float(loss.kl),
        clip_fraction=float(loss.clip_fraction),
        drift=float(loss.drift),
        advantage_deviation=math.sqrt(float((values**2).mean())) if values.size else 0.0,
        effective_turns=effective_turns(advantages),
        loss_turns=int(advantages.mask.sum()),
        tied_groups=diagnose(batch).tied_groups,
        length_bias=longer.mean,
        length_bias_error=longer.error,
        gather_seconds=round(seconds[0], 4),
        credit_seconds=round(seconds[1], 4),
        learn_seconds=round(seconds[2], 4),
    )
