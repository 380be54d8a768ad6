"""What a reply was worth: play a dialogue, go back to one of its turns, and try other replies from there.

Every continuation begins at the same frozen state. The seeker, the director and the judge are those of the same
seed, so what differs is what was replied.

Run it:  python examples/branching.py
"""

from __future__ import annotations

from dataclasses import dataclass

from empa_gym.agents.casting import cast_from
from empa_gym.dialogue import Rules
from empa_gym.epm import EPMParams
from empa_gym.mapo import monte_carlo_returns
from empa_gym.policies import make_policy
from empa_gym.rollout import Game, branch, branch_batch, plan_jobs, reply_values, rollout
from empa_gym.scenarios import select_scenarios


@dataclass
class Args:
    """What to change first."""

    scenario: str = "home-notice"
    policy: str = "random"
    turn: int = 3
    replies: tuple[str, ...] = (
        "You found the notice on your own door. What went through you when you read it?",
        "At least you have time to look for something else.",
        "I see.",
    )
    continuations: int = 8
    seed: int = 3


def main(args: Args) -> None:
    game = Game(cast_from("offline"), Rules(EPMParams.training(), on_model_error="hold"))
    jobs = plan_jobs([args.policy], select_scenarios(args.scenario), [args.seed])
    (record,) = rollout(jobs, {args.policy: make_policy(args.policy)}, game)
    print(f"{record.scenario}: {record.outcome.value} after {len(record.turns)} turns")
    print(f"turn {args.turn}, the person: {record.turns[args.turn - 1].message}\n")

    # Each reply is given at that turn; then the policy goes on, as another member each time.
    branches = branch(record, args.turn, args.policy, replies=args.replies, continuations=args.continuations)
    for worth in reply_values(branches):
        print(f"{worth.value:+7.2f} +- {worth.standard_error:.2f}   {worth.reply}")

    # Without replies the policy writes its own: a group for training, from the middle of a dialogue.
    group = branch(record, args.turn, args.policy, k=8)
    batch = branch_batch(group)
    print(f"\na group of {len(batch)} from turn {group.first_turn}, {batch.rewards.shape[1]} turns at most")
    print("returns from there:", " ".join(f"{each:+.1f}" for each in monte_carlo_returns(batch, gamma=1.0)[:, 0]))


if __name__ == "__main__":
    main(Args())
