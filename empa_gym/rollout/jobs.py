"""What is to be played: one job a dialogue, in the order in which they begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from empa_gym.clients.addressed import DialogueAddress
from empa_gym.rollout.play import Start
from empa_gym.rollout.seeds import dialogue_seed
from empa_gym.scenarios import Scenario


class GroupLabel(NamedTuple):
    """What the siblings of a group share: their dialogues differ by nothing else than the replies."""

    policy: str
    scenario: str
    seed: int


class Job(NamedTuple):
    """One dialogue to be played: who answers whom, with which seed; ``member`` of its group.

    ``start`` is where it is taken up, None to open it. ``key`` goes into its record: the hash of all that it
    follows from, "" where nobody keeps account.
    """

    policy: str
    scenario: Scenario
    seed: int
    member: int = 0
    start: Start | None = None
    key: str = ""

    @property
    def address(self) -> DialogueAddress:
        """Which dialogue of its run."""
        return DialogueAddress(self.scenario.id, self.seed, self.member, self.policy)

    @property
    def group(self) -> GroupLabel:
        """What it shares with its siblings."""
        return GroupLabel(self.policy, self.scenario.id, self.seed)


def plan_jobs(policies: Iterable[str], scenarios: Sequence[Scenario], run_seeds: Iterable[int]) -> list[Job]:
    """Every dialogue of a run, in the order in which it is played.

    The policy varies fastest and the seed slowest, so that a run that is stopped early has played
    nearly the same dialogues with every policy.
    """
    names = tuple(policies)
    return [
        Job(policy, scenario, dialogue_seed(run_seed, scenario.id))
        for run_seed in run_seeds
        for scenario in scenarios
        for policy in names
    ]


def plan_groups(policy: str, scenarios: Sequence[Scenario], run_seeds: Iterable[int], size: int) -> list[Job]:
    """Every dialogue of a collection, group after group.

    A group is ``size`` dialogues that share scenario and seed, so that cast and opening are the same; their members
    0, 1, ... tell the policy's randomness apart, and with it their replies.
    """
    return [job._replace(member=member) for job in plan_jobs([policy], scenarios, run_seeds) for member in range(size)]
