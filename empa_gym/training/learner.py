"""What the trainer asks of a policy: replies in batches, and the log-probabilities of the tokens that it drew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from empa_gym.agents.views import PolicyView


class Sample(NamedTuple):
    """One reply that was drawn.

    Attributes:
        text: as it enters the dialogue.
        tokens: as they were drawn, never made again from the text; at least one.
        logprobs: of each token when it was drawn, in nats.
        context: what they were drawn from, as :meth:`Learner.score` needs it: features, or the tokens of the prompt.
    """

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    context: Tensor


class Scores(NamedTuple):
    """What a policy thinks of tokens that were drawn, one row per reply, padded to the longest; float32.

    Attributes:
        logprobs: (R, L) of each token, with gradient, in nats.
        entropy: (R, L) of the distribution it was drawn from, in nats.
    """

    logprobs: Tensor
    entropy: Tensor


class Learner(Protocol):
    """A policy that can be trained.

    Attributes:
        network: whose parameters are trained.
    """

    network: torch.nn.Module

    def draw(self, views: Sequence[PolicyView], greedy: bool = False) -> list[Sample]:
        """A reply to each of several dialogues.

        Randomness is addressed by each view's seed, member and turn, so a reply depends neither on the order nor on
        what else is in the batch (but for the rounding of a batched matrix product).

        Args:
            views: the dialogues so far.
            greedy: take the most probable token each time.
        """
        ...

    def score(self, samples: Sequence[Sample]) -> Scores:
        """Log-probabilities and entropies of drawn replies under the present parameters, with gradient."""
        ...
