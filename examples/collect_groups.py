"""Collect groups of dialogues, keep them, and turn their rewards into advantages.

Run it:  python examples/collect_groups.py
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from empa_gym import collect, stream
from empa_gym.mapo import mixed_advantages
from empa_gym.rollout import Progress, messages


@dataclass
class Args:
    """What to change first."""

    policy: str = "random"
    scenarios: str = "starter-test"
    group_size: int = 4
    seed: int = 0


def told(progress: Progress) -> None:
    """Say now and then how far it is; a callback may do anything."""
    if progress.done % 8 == 0:
        print(f"{progress.done} of {progress.planned} dialogues, {progress.failed} failed")


def main(args: Args) -> None:
    with tempfile.TemporaryDirectory() as runs:
        folder = Path(runs) / "first"
        # The same call again goes on where a killed one stopped; here it finds everything done.
        for _ in range(2):
            rollouts = collect(
                args.policy,
                args.scenarios,
                group_size=args.group_size,
                seed=args.seed,
                folder=folder,
                resume=True,
                on_progress=told,
            )
        batch = rollouts.turn_batch()
        advantages = mixed_advantages(batch)
        print(f"{len(rollouts)} dialogues in {len(rollouts.groups)} groups; ended as {dict(rollouts.outcomes)}")
        print(f"rewards {batch.rewards.shape}, advantages {advantages.values.shape}, row for row the records")
        record = next(rollouts.records)
        chat = messages(record)
        print(f"first record: {len(record.turns)} turns, {len(chat)} messages, return {record.episode_return:+.2f}")

    # A trainer that learns while others still play takes each group as soon as it is complete.
    for group in stream(args.policy, args.scenarios, group_size=args.group_size, seed=args.seed + 1):
        known = [amount for amount in group.returns if amount is not None]
        print(f"{group.scenario:<20} returns {min(known):+6.2f} to {max(known):+6.2f}")


if __name__ == "__main__":
    main(Args())
