"""Policies x scenarios x seeds, played one after the other in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from empa_gym.agents.protocols import Policy
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label
from empa_gym.drive import Complete, no_model, run
from empa_gym.errors import ExtensionError
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
    on_broken: Callable[[Job, ExtensionError], None] | None = None,
) -> Iterator[EpisodeRecord]:
    """Play the jobs in order and yield each record as soon as its dialogue is over.

    Args:
        jobs: what to play.
        policies: who answers, by name.
        game: what it is played by.
        reward: the name of ``game.reward`` in the records.
        complete: answers the requests of cast and policy.
        on_broken: is told of a dialogue that the code of a policy, a role or the reward broke off; it is
            then recorded as unfinished and the next one is played. Without it the error is raised.

    Raises:
        ValueError: a role of the cast does not speak a scenario's language.
        ExtensionError: somebody's code broke, and there is no ``on_broken``.
        KeyError: a job names a policy that is not there.
    """
    for job in jobs:
        keep = on_broken is not None
        flow = play(job.scenario, job.seed, policies[job.policy], game, member=job.member, keep_broken=keep)
        episode = run(flow, complete)
        if episode.broken and on_broken:
            on_broken(job, episode.broken)
        yield record_episode(episode, Label(job.policy, reward, job.member), game)
