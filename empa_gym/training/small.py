"""The small policy: a recurrent network that composes a reply phrase by phrase; trained from scratch in minutes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from empa_gym.agents.views import PolicyView, rng
from empa_gym.training.learner import Sample, Scores
from empa_gym.training.phrases import END, FEATURES, MOST, PHRASES, seen, written

WIDTH = 64


class PhraseNetwork(nn.Module):
    """p(phrase | what was seen, the phrases before): a GRU cell that begins from the features.

    Args:
        width: of its hidden state.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.begin = nn.Sequential(nn.Linear(FEATURES, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh())
        self.embed = nn.Embedding(len(PHRASES), width)
        self.cell = nn.GRUCell(width, width)
        self.head = nn.Linear(width, len(PHRASES))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def step(self, hidden: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """The next hidden state (R, width) and the log-probs of the next phrase (R, V), after ``tokens`` (R,)."""
        hidden = self.cell(self.embed(tokens), hidden)
        return hidden, torch.log_softmax(self.head(hidden), dim=-1)


class SmallPolicy:
    """Draws phrases until END, or five of them; see :class:`~empa_gym.training.learner.Learner`.

    Before training every phrase is as likely as any other.

    Args:
        seed: of the first parameters; no global stream is touched.
        width: of the network's hidden state.
    """

    name = "small"

    def __init__(self, seed: int = 0, width: int = WIDTH) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network: nn.Module = PhraseNetwork(width)

    @torch.no_grad()
    def draw(self, views: Sequence[PolicyView], greedy: bool = False) -> list[Sample]:
        """A reply to each of several dialogues."""
        network = self.network
        assert isinstance(network, PhraseNetwork)
        context = torch.from_numpy(np.stack([seen(view) for view in views]))
        chances = np.stack([rng(view.seed, view.member, view.turn, "policy").random(MOST) for view in views])
        hidden, last = network.begin(context), torch.full((len(views),), END)
        drawn, logprobs = [], []
        for position in range(MOST):
            hidden, table = network.step(hidden, last)
            last = table.argmax(-1) if greedy else inverted(table, torch.from_numpy(chances[:, position]))
            drawn.append(last)
            logprobs.append(table.gather(-1, last[:, None])[:, 0])
        tokens, scores = torch.stack(drawn, 1).tolist(), torch.stack(logprobs, 1).tolist()
        lengths = [row.index(END) + 1 if END in row else MOST for row in tokens]
        return [
            Sample(written(view, row[:length]), tuple(row[:length]), tuple(score[:length]), seen_there)
            for view, row, score, length, seen_there in zip(views, tokens, scores, lengths, context, strict=True)
        ]

    def score(self, samples: Sequence[Sample]) -> Scores:
        """Log-probabilities and entropies of drawn replies under the present parameters, with gradient."""
        network = self.network
        assert isinstance(network, PhraseNetwork)
        longest = max(len(sample.tokens) for sample in samples)
        tokens = torch.tensor([[*sample.tokens, *[END] * (longest - len(sample.tokens))] for sample in samples])
        hidden, last = (
            network.begin(torch.stack([sample.context for sample in samples])),
            tokens.new_full((len(samples),), END),
        )
        logprobs, entropy = [], []
        for position in range(longest):
            hidden, table = network.step(hidden, last)
            last = tokens[:, position]
            logprobs.append(table.gather(-1, last[:, None])[:, 0])
            entropy.append(-(table.exp() * table).sum(-1))
        return Scores(torch.stack(logprobs, 1), torch.stack(entropy, 1))


def inverted(logprobs: Tensor, chances: Tensor) -> Tensor:
    """The outcome that each number in [0, 1) draws from its row of log-probs (R, V): inverse transform sampling."""
    heaps = logprobs.double().exp().cumsum(-1)
    return torch.searchsorted(heaps, (chances * heaps[:, -1])[:, None], right=True)[:, 0].clamp(
        max=logprobs.shape[-1] - 1
    )
