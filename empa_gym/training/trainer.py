"""One step of training, on one screen: gather dialogues, turn rewards into credit, credit into a gradient.

gather groups -> TurnBatch -> advantages (B, T) -> tokens (R, L) -> loss -> step
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from empa_gym.agents.casting import casting_from
from empa_gym.dialogue.rewards import idr, make_reward
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams, rules_from
from empa_gym.mapo import Advantages, TurnBatch
from empa_gym.mapo.torch import PolicyLoss, clipped_loss, on_policy_loss
from empa_gym.rollout.play import Game
from empa_gym.scenarios import select_scenarios
from empa_gym.training.algorithms import estimator_named
from empa_gym.training.config import TrainConfig
from empa_gym.training.evaluating import Evaluation, evaluate
from empa_gym.training.gathering import Start, gather, turn_batch
from empa_gym.training.learner import Learner, Sample
from empa_gym.training.metrics import StepMetrics, measured

START_SEEDS = 2**31
"""Training dialogues have seeds below this."""


class Credit(NamedTuple):
    """Drawn tokens and what they are credited with, one row per reply, padded to the longest.

    Attributes:
        advantages: (R, L) the advantage of the turn, at every token of its reply.
        counted: (R, L) the tokens that enter the loss.
        drawn: (R, L) log-probs when they were drawn.
        tokens: how many enter the loss, in the whole batch.
    """

    advantages: Tensor
    counted: Tensor
    drawn: Tensor
    tokens: int

    def rows(self, chosen: slice) -> Credit:
        """Some of the replies; ``tokens`` stays that of the batch."""
        return Credit(self.advantages[chosen], self.counted[chosen], self.drawn[chosen], self.tokens)


class Trainer:
    """Trains a policy; ``step`` is the whole algorithm.

    Args:
        config: what to do.
        learner: the policy.

    Attributes:
        done: steps that were made.
        optimiser: Adam.

    Raises:
        ValueError: scenarios, rules, reward or cast name nothing.
    """

    def __init__(self, config: TrainConfig, learner: Learner) -> None:
        self.config, self.learner, self.done = config, learner, 0
        cast = casting_from(config.cast).cast
        self.game = Game(cast, Rules(rules_from(config.rules), on_model_error="hold"), make_reward(config.reward))
        self.benchmark = Game(cast, Rules(EPMParams(), on_model_error="hold"), idr())
        self.scenarios, self.held_out = select_scenarios(config.scenarios), select_scenarios(config.held_out)
        self.estimate = estimator_named(config.algo)
        self.optimiser = torch.optim.Adam(learner.network.parameters(), lr=config.learning_rate)
        self.reference = copy.deepcopy(learner) if config.kl_weight else None

    def step(self) -> StepMetrics:
        """Gather dialogues and learn from them once."""
        began = time.perf_counter()
        dialogues = gather(self.learner, self.starts(), self.config.members, self.game)
        gathered = time.perf_counter()
        batch = turn_batch(dialogues)
        advantages = self.estimate(batch, self.config.gamma)
        samples = [sample for dialogue in dialogues for sample in dialogue.samples]
        credit = to_replies(advantages, batch, samples)
        credited = time.perf_counter()
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.learning_rate_at(self.done)
        for _ in range(self.config.epochs):
            loss, norm = self.update(samples, credit)
        seconds = (gathered - began, credited - gathered, time.perf_counter() - credited)
        self.done += 1
        return measured(self.done, dialogues, batch, advantages, loss, norm, seconds)

    def starts(self) -> list[Start]:
        """Where the groups of the present step begin; addressed by seed and step, so that a resumed run draws alike."""
        draw = np.random.default_rng([self.config.seed, self.done])
        chosen = draw.integers(len(self.scenarios), size=self.config.groups)
        seeds = draw.integers(START_SEEDS, size=self.config.groups)
        return [Start(self.scenarios[one], int(seed)) for one, seed in zip(chosen, seeds, strict=True)]

    def update(self, samples: Sequence[Sample], credit: Credit) -> tuple[PolicyLoss, float]:
        """One pass: loss, gradient, step. Returns the loss and the gradient's norm before it was scaled down."""
        self.optimiser.zero_grad()
        size = self.config.micro_batch or len(samples)
        parts = []
        for begin in range(0, len(samples), size):
            chosen = slice(begin, begin + size)
            parts.append(self.loss(samples[chosen], credit.rows(chosen)))
            parts[-1].loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.learner.network.parameters(), self.config.max_grad_norm)
        self.optimiser.step()
        return added_up(parts), float(norm)

    def loss(self, samples: Sequence[Sample], credit: Credit) -> PolicyLoss:
        """The loss of one pass, a mean over tokens: on-policy for a single one (MAPO, Eq. 6), clipped for several."""
        scores = self.learner.score(samples)
        width, device = scores.logprobs.shape[1], scores.logprobs.device
        advantages, counted, drawn = (one[:, :width].to(device) for one in credit[:3])
        reference = None
        if self.reference is not None:
            with torch.no_grad():
                reference = self.reference.score(samples).logprobs
        loss: Callable[..., PolicyLoss] = partial(
            clipped_loss if self.config.epochs > 1 else on_policy_loss,
            divisor=max(1, credit.tokens),
            entropy=scores.entropy,
            entropy_weight=self.config.entropy_weight,
            reference_logprobs=reference,
            kl_weight=self.config.kl_weight,
        )
        before = (drawn,) if self.config.epochs > 1 else ()
        return loss(scores.logprobs, *before, advantages, counted)

    def evaluate(self) -> Evaluation:
        """How good the policy is now, on scenarios it was not trained on, under the benchmark's rules."""
        return evaluate(self.learner, self.held_out, self.config.evaluation_seeds, self.benchmark)


def to_replies(advantages: Advantages, batch: TurnBatch, samples: Sequence[Sample]) -> Credit:
    """The credit of every token: that of its turn.

    Args:
        advantages: of the turns, (B, T).
        batch: the dialogues; its mask says which turns were played, in the order of ``samples``.
        samples: the replies, dialogue after dialogue, turn after turn.
    """
    longest = max(len(sample.tokens) for sample in samples)
    played = np.asarray(batch.mask)
    lengths = torch.tensor([len(sample.tokens) for sample in samples])
    written = torch.arange(longest) < lengths[:, None]
    credit = torch.from_numpy(np.asarray(advantages.values)[played]).float()
    counts = torch.from_numpy(np.asarray(advantages.mask)[played])
    drawn = torch.tensor([[*one.logprobs, *[0.0] * (longest - len(one.logprobs))] for one in samples])
    counted = counts[:, None] & written
    return Credit(credit[:, None] * written, counted, drawn, int(counted.sum()))


def added_up(parts: Sequence[PolicyLoss]) -> PolicyLoss:
    """The loss of a pass that was made in parts: their losses add up, their means are weighed by their tokens."""
    weights = torch.stack([part.tokens.float() for part in parts])
    share = weights / weights.sum().clamp(min=1)

    def mean(values: Sequence[Tensor | None]) -> Tensor | None:
        known = [value for value in values if value is not None]
        return torch.stack(known) @ share.to(known[0]) if known else None

    return PolicyLoss(
        loss=torch.stack([part.loss.detach() for part in parts]).sum(),
        policy=torch.stack([part.policy for part in parts]).sum(),
        kl=mean([part.kl for part in parts]),
        entropy=mean([part.entropy for part in parts]),
        clip_fraction=torch.stack([part.clip_fraction for part in parts]) @ share,
        clip_fraction_low=torch.stack([part.clip_fraction_low for part in parts]) @ share,
        drift=torch.stack([part.drift for part in parts]) @ share,
        tokens=weights.sum(),
    )
