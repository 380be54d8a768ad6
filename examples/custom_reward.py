"""Your own reward: any function of the dialogue before and after a judged turn.

This one pays for progress toward the target zone and charges for long replies.

Run it:  python examples/custom_reward.py
"""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym

from empa_gym.dialogue import DialogueState, RewardFn, make_reward


@dataclass
class Args:
    """What to change first."""

    env: str = "EMPA-v0"
    scenario: str = "health-knee"
    seed: int = 7
    free_words: int = 40
    price_per_word: float = 0.02


def brief_progress(free_words: int, price_per_word: float) -> RewardFn:
    """A reward r_t = d_{t-1} - d_t - price (words over the free ones), d the distance to the target zone."""
    progress = make_reward({"idr": "zone"})

    def reward(before: DialogueState, after: DialogueState) -> float:
        # Held turns are paid for together, so the words of every turn since the last judgement count.
        replies = [turn.reply for turn in after.turns[-after.turns[-1].span :]]
        over = sum(max(0, len(reply.split()) - free_words) for reply in replies)
        return progress(before, after) - price_per_word * over

    return reward


def main(args: Args) -> None:
    env = gym.make(args.env, reward=brief_progress(args.free_words, args.price_per_word))
    replies = {
        "short": "Nine Thursdays is a long time to carry that alone. What happens in you at the door?",
        "long": "Nine Thursdays is a long time to carry that alone. What happens in you at the door? " * 8,
    }
    for name, reply in replies.items():
        env.reset(seed=args.seed, options={"scenario": args.scenario})
        _, reward, *_ = env.step(reply)
        print(f"{name:<6} {len(reply.split()):>4} words   reward {reward:+.2f}")
    env.close()


if __name__ == "__main__":
    main(Args())
