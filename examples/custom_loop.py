"""Your own loop: make the environment, answer the person, look at what each reply was worth.

Run it:  python examples/custom_loop.py
"""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym

import empa_gym


@dataclass
class Args:
    """What to change first."""

    env: str = "EMPA-v0"
    seed: int = 7
    dialogues: int = 3


def answer(message: str, turn: int) -> str:
    """Your policy goes here. This one gives back the person's last sentence and asks on."""
    sentences = [part.strip() for part in message.split(".") if part.strip()]
    last = sentences[-1] if sentences else "that"
    questions = ("What was that like?", "What stays with you from it?", "How long has it been so?")
    return f'You say "{last}". {questions[turn % len(questions)]}'


def main(args: Args) -> None:
    env = gym.make(args.env)
    print(f"empa_gym {empa_gym.__version__}, {args.env}")
    for number in range(args.dialogues):
        # The first reset fixes the stream of scenarios; the later ones go on in it.
        observation, info = env.reset(seed=args.seed if number == 0 else None)
        total, over = 0.0, False
        while not over:
            reply = answer(observation["message"], observation["turn"])
            observation, reward, terminated, truncated, info = env.step(reply)
            # A turn whose judgement failed pays 0.0 and says so; a learner would mask it.
            total += float(reward) if info["reward_valid"] else 0.0
            over = terminated or truncated
        print(f"{info['scenario']:<20} {info['outcome']:<12} {info['turn']:>3} turns   return {total:+7.2f}")
    env.close()


if __name__ == "__main__":
    main(Args())
