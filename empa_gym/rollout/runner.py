"""Policies x scenarios x seeds, played one after the other in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from empa_gym.agents.protocols import Policy
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label
from empa_gym.drive import Complete, no_model, run
from empa_gym.rollout.play import Game, play, record_episode
from empa_gym.rollout.seeds import dialogue_seed
from empa_gym.scenarios import Scenario


class Job(NamedTuple):
    """One dialogue to be played: who answers whom, with which seed; ``member`` of its group."""

    policy: str
    scenario: Scenario
    seed: int
    member: int = 0


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


def rollout(
    jobs: Iterable[Job],
    policies: Mapping[str, Policy],
    game: Game,
    *,
    reward: str = "idr",
    complete: Complete = no_model,
) -> Iterator[EpisodeRecord]:
    """Play the jobs in order and yield each record as soon as its dialogue is over.

    Args:
        jobs: what to play.
        policies: who answers, by name.
        game: what it is played by.
        reward: the name of ``game.reward`` in the records.
        complete: answers the requests of cast and policy.

    Raises:
        ValueError: a role of the cast does not speak a scenario's language.
        KeyError: a job names a policy that is not there.
    """
    for job in jobs:
        episode = run(play(job.scenario, job.seed, policies[job.policy], game, member=job.member), complete)
        yield record_episode(episode, Label(job.policy, reward, job.member), game)
