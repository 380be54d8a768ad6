"""Advantages for the token arrays that your trainer holds: in the shape of TRL, and in the shape of verl.

Needs numpy alone. In TRL a subclass of GRPOTrainer replaces ``out["advantages"]`` by such an array in
``_generate_and_score_completions``; in verl ``in_verl`` below is the body of a function under
``register_adv_est``. Turns outside of the loss get 0. Where a trainer lets you choose the tokens that it
averages over, ``to_tokens(credit.mask, turn_ids)`` names those of the loss. With tensors, take the same names
from ``empa_gym.mapo.torch``.

Run it:  python examples/mapo_in_your_trainer.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo import TurnBatch, mixed_advantages
from empa_gym.mapo.tokens import to_tokens, to_tokens_from_mask

Array = NDArray[Any]


@dataclass
class Args:
    """What to change first."""

    seed: int = 0
    prompts: int = 2
    num_generations: int = 4
    fewest_turns: int = 2
    most_turns: int = 4
    gamma: float = 0.99


class Rollout(NamedTuple):
    """What a rollout function of TRL keeps of one dialogue."""

    turn_ids: list[int]
    """One for each token of the completion: 0, 1, ... in the replies, -1 in the person's messages and the template."""
    turn_rewards: list[float]


def in_trl(rollouts: list[Rollout], num_generations: int, gamma: float) -> Array:
    """(B, C) advantages. TRL keeps the generations of a prompt side by side, and lets extra lists travel along."""
    group = [row // num_generations for row in range(len(rollouts))]
    batch = TurnBatch.from_ragged([rollout.turn_rewards for rollout in rollouts], group)
    turn_ids = np.full((len(rollouts), max(len(rollout.turn_ids) for rollout in rollouts)), -1)
    for row, rollout in enumerate(rollouts):
        turn_ids[row, : len(rollout.turn_ids)] = rollout.turn_ids
    return to_tokens(mixed_advantages(batch, gamma=gamma).values, turn_ids)


def in_verl(token_level_rewards: Array, response_mask: Array, index: Array, gamma: float) -> Array:
    """(bs, L) advantages. verl's rows come in any order; a turn's reward stands on its last token.

    Arguments as verl gives them to an estimator, as arrays; ``index`` holds the prompt's uid.
    """
    written = response_mask.astype(bool)
    begins = written.copy()
    begins[:, 1:] &= ~written[:, :-1]
    turns = begins.sum(1)  # every run of ones is a turn
    number = np.where(written, begins.cumsum(1) - 1, 0)
    rewards = np.zeros((len(written), turns.max(initial=0)))
    np.add.at(rewards, (np.arange(len(written))[:, None], number), token_level_rewards * written)
    happened = np.arange(rewards.shape[1]) < turns[:, None]
    credit = mixed_advantages(TurnBatch.from_arrays(rewards, happened, index), gamma=gamma)
    return to_tokens_from_mask(credit.values, response_mask, turns).values


def dialogues(args: Args) -> list[Rollout]:
    """Stands in for your rollouts: each turn is some tokens of the person and some of the policy."""
    draw = np.random.default_rng(args.seed)
    rollouts = []
    for _ in range(args.prompts * args.num_generations):
        turn_ids: list[int] = []
        turns = int(draw.integers(args.fewest_turns, args.most_turns + 1))
        for turn in range(turns):
            turn_ids += [turn] * int(draw.integers(1, 4)) + [-1] * int(draw.integers(1, 3))
        rollouts.append(Rollout(turn_ids, draw.integers(-8, 9, turns).astype(float).tolist()))
    return rollouts


def as_verl(rollouts: list[Rollout], num_generations: int) -> tuple[Array, Array, Array]:
    """The same dialogues as token_level_rewards, response_mask and index."""
    shape = len(rollouts), max(len(rollout.turn_ids) for rollout in rollouts)
    rewards, mask = np.zeros(shape), np.zeros(shape, np.int64)
    for row, (turn_ids, turn_rewards) in enumerate(rollouts):
        mask[row, : len(turn_ids)] = np.array(turn_ids) >= 0
        for turn, reward in enumerate(turn_rewards):
            rewards[row, len(turn_ids) - 1 - turn_ids[::-1].index(turn)] = reward
    return rewards, mask, np.array([f"prompt-{row // num_generations}" for row in range(len(rollouts))], object)


def main(args: Args) -> None:
    rollouts = dialogues(args)
    trl = in_trl(rollouts, args.num_generations, args.gamma)
    rewards, mask, index = as_verl(rollouts, args.num_generations)
    order = np.random.default_rng(args.seed).permutation(len(rollouts))  # verl promises no order
    verl = in_verl(rewards[order], mask[order], index[order], args.gamma)
    for row, rollout in enumerate(rollouts):
        cells = [f"{trl[row, token]:+5.2f}" if turn >= 0 else "  .  " for token, turn in enumerate(rollout.turn_ids)]
        print(f"{index[row]:<9} {' '.join(cells)}")
    print(f"tokens {mask.sum()}, largest difference between the two shapes {np.abs(trl[order] - verl).max():.1e}")


if __name__ == "__main__":
    main(Args())
