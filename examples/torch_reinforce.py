"""Learn which strategy answers a turn, in plain torch: groups of dialogues, mixed advantages, one gradient step.

Run it:  python examples/torch_reinforce.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import gymnasium as gym
import torch
from torch.distributions import Categorical
from torch.nn.utils.rnn import pad_sequence

import empa_gym
from empa_gym.mapo import torch as mapo


@dataclass
class Args:
    """What to change first."""

    env: str = "EMPA-Strategy-v0"
    seed: int = 0
    updates: int = 10
    people: int = 3
    members: int = 8
    learning_rate: float = 0.2


def play(env: gym.Env, policy: torch.nn.Module, person: int) -> tuple[torch.Tensor, torch.Tensor, list[float], bool]:
    """What was seen (T, n), chosen (T,) and paid in one dialogue, and whether it came to an end of its own."""
    seen, chosen, paid, over = [torch.tensor(env.reset(seed=person)[0])], [], [], False
    while not over:
        chosen.append(Categorical(logits=policy(seen[-1])).sample())
        state, reward, terminated, truncated, info = env.step(int(chosen[-1]))
        seen.append(torch.tensor(state))
        paid.append(float(reward))
        over = terminated or truncated
    return torch.stack(seen[:-1]), torch.stack(chosen), paid, empa_gym.Outcome(info["outcome"]).scored


def learn(args: Args) -> Iterator[float]:
    """The mean return of the dialogues that each update learned from."""
    torch.manual_seed(args.seed)
    env = gym.make(args.env)
    policy = torch.nn.Linear(env.observation_space.shape[0], int(env.action_space.n))
    optimiser = torch.optim.Adam(policy.parameters(), lr=args.learning_rate)
    people = [args.seed + number for number in range(args.people) for _ in range(args.members)]
    for _ in range(args.updates):
        seen, chosen, paid, complete = zip(*(play(env, policy, person) for person in people), strict=True)
        credit = mapo.mixed_advantages(mapo.TurnBatch.from_ragged(paid, people, complete=complete))
        chances = Categorical(logits=policy(pad_sequence(seen, batch_first=True)))
        logprobs = chances.log_prob(pad_sequence(chosen, batch_first=True))
        optimiser.zero_grad()
        mapo.on_policy_loss(logprobs, credit.values, credit.mask).loss.backward()
        optimiser.step()
        yield sum(map(sum, paid)) / len(paid)


def main(args: Args) -> None:
    for update, value in enumerate(learn(args)):
        print(f"update {update:2}  mean return {value:+7.2f}")


if __name__ == "__main__":
    main(Args())
