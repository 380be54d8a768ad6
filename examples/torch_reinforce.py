"""Learn from dialogues with plain torch: which strategy should answer this turn?

A linear policy chooses, turn by turn, whether the person is listened to, comforted from stock, praised, advised or met
with silence. Members of a group meet the same person from the same start; credit comes from mixed_advantages. The
dialogues run on the embedded cast, without a key or a network.

Run it:  python examples/torch_reinforce.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import gymnasium as gym
import torch
from torch.distributions import Categorical
from torch.nn.utils.rnn import pad_sequence

import empa_gym
from empa_gym.mapo import torch as mapo
from empa_gym.policies.supporter import compose

STRATEGIES = {
    "listen": "",  # written for each turn by the supporter
    "stock": "I hear you. It's okay to feel that way.",
    "praise": "You are wonderful. I am sure that you will be fine.",
    "advise": "You should make a list today and start with the first point tomorrow.",
    "silence": "...",
}


@dataclass
class Args:
    """What to change first."""

    env: str = "EMPA-Train-v0"
    seed: int = 0
    updates: int = 16
    people: int = 5
    members: int = 8
    gamma: float = 0.99
    learning_rate: float = 0.1
    entropy_weight: float = 0.02


class Step(NamedTuple):
    """One turn: what the policy saw and chose, and what came of it."""

    seen: torch.Tensor
    choice: int
    reward: float
    valid: bool
    span: int


def play(env: gym.Env, policy: torch.nn.Module, person: int, member: int) -> tuple[list[Step], bool]:
    """One dialogue from the start that ``person`` fixes, and whether it came to an end of its own."""
    steps: list[Step] = []
    over = False
    _, info = env.reset(seed=person)
    while not over:
        seen = torch.zeros(1 + len(STRATEGIES))  # how far the dialogue is, and what answered before
        seen[0] = len(steps) / 15
        if steps:
            seen[1 + steps[-1].choice] = 1
        choice = int(Categorical(logits=policy(seen)).sample())
        messages = tuple(empa_gym.Message(**message) for message in info["messages"])
        view = empa_gym.PolicyView(messages, info["seed"], member, len(steps) + 1)
        reply = list(STRATEGIES.values())[choice] or compose(view)
        _, reward, terminated, truncated, info = env.step(reply)
        steps.append(Step(seen, choice, float(reward), info["reward_valid"], info["reward_span"]))
        over = terminated or truncated
    return steps, empa_gym.Outcome(info["outcome"]).scored


def learn(args: Args) -> Iterator[tuple[float, list[float]]]:
    """After each update, of the dialogues it learned from: the mean return, and how often each strategy answered."""
    torch.manual_seed(args.seed)
    env = gym.make(args.env)
    policy = torch.nn.Linear(1 + len(STRATEGIES), len(STRATEGIES))
    torch.nn.init.zeros_(policy.weight)
    optimiser = torch.optim.Adam(policy.parameters(), lr=args.learning_rate)
    for update in range(args.updates):
        people = [1000 * args.seed + update * args.people + number for number in range(args.people)]
        group = [person for person in people for _ in range(args.members)]
        played = [play(env, policy, person, number % args.members) for number, person in enumerate(group)]
        episodes = [steps for steps, _ in played]
        batch = mapo.TurnBatch.from_ragged(
            [[step.reward for step in steps] for steps in episodes],
            group,
            valid=[[step.valid for step in steps] for steps in episodes],
            span=[[step.span for step in steps] for steps in episodes],
            complete=[complete for _, complete in played],
        )
        credit = mapo.mixed_advantages(batch, gamma=args.gamma)
        seen = pad_sequence([torch.stack([step.seen for step in steps]) for steps in episodes], batch_first=True)
        choices = pad_sequence([torch.tensor([step.choice for step in steps]) for steps in episodes], batch_first=True)
        chances = Categorical(logits=policy(seen))
        result = mapo.on_policy_loss(
            chances.log_prob(choices),
            credit.values,
            credit.mask,
            entropy=chances.entropy(),
            entropy_weight=args.entropy_weight,
        )
        optimiser.zero_grad()
        result.loss.backward()
        optimiser.step()
        shares = torch.bincount(choices[batch.mask], minlength=len(STRATEGIES)) / batch.mask.sum()
        yield float(batch.paid.sum(1).mean()), shares.tolist()
    env.close()


def main(args: Args) -> None:
    print("update   return   " + "  ".join(f"{name:>7}" for name in STRATEGIES))
    for update, (value, shares) in enumerate(learn(args)):
        print(f"{update:>6} {value:+8.2f}   " + "  ".join(f"{share:7.0%}" for share in shares))


if __name__ == "__main__":
    main(Args())
