"""Policies x scenarios x seeds, played in this process: one after the other, or many at once where models answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from empa_gym.agents.protocols import Policy
from empa_gym.chat import Flow
from empa_gym.clients.addressed import Addressed, RoleUsage
from empa_gym.clients.base import ChatClient
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label
from empa_gym.drive import arun, run
from empa_gym.errors import ExtensionError
from empa_gym.rollout.crowd import as_they_end
from empa_gym.rollout.play import Episode, Game, play, record_episode
from empa_gym.rollout.seeds import dialogue_seed
from empa_gym.scenarios import Scenario


class Job(NamedTuple):
    """One dialogue to be played: who answers whom, with which seed; ``member`` of its group."""

    policy: str
    scenario: Scenario
    seed: int
    member: int = 0


class Played(NamedTuple):
    """A dialogue that was played, and what its calls used."""

    job: Job
    episode: Episode
    usage: tuple[RoleUsage, ...] = ()


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
    client: ChatClient | None = None,
    at_once: int = 1,
    on_broken: Callable[[Job, ExtensionError], None] | None = None,
) -> Iterator[EpisodeRecord]:
    """Play the jobs and yield each record as soon as its dialogue is over.

    Args:
        jobs: what to play.
        policies: who answers, by name.
        game: what it is played by.
        reward: the name of ``game.reward`` in the records.
        client: answers the requests of cast and policies; None where nobody asks.
        at_once: with a client, how many dialogues are played at once; records then come in the order in
            which dialogues end, and hold the same as when they are played one by one.
        on_broken: is told of a dialogue that the code of a policy, a role or the reward broke off; it is
            then recorded as unfinished and the next one is played. Without it the error is raised.

    Raises:
        ValueError: a role of the cast does not speak a scenario's language.
        ExtensionError: somebody's code broke, and there is no ``on_broken``.
        TapeMiss: a tape is replayed that does not hold a call.
        KeyError: a job names a policy that is not there.
    """

    def flow_of(job: Job) -> Flow[Episode]:
        keep = on_broken is not None
        return play(job.scenario, job.seed, policies[job.policy], game, member=job.member, keep_broken=keep)

    for job, episode, usage in _played(jobs, flow_of, client, at_once):
        if episode.broken and on_broken:
            on_broken(job, episode.broken)
        yield record_episode(episode, Label(job.policy, reward, job.member), game, usage)


def _played(
    jobs: Iterable[Job], flow_of: Callable[[Job], Flow[Episode]], client: ChatClient | None, at_once: int
) -> Iterator[Played]:
    """The dialogues as they end."""
    if client is None:
        return (Played(job, run(flow_of(job))) for job in jobs)
    asked = client  # known to be there, also within what follows

    def alone(job: Job) -> Played:
        own = Addressed(asked, job.scenario.id, job.seed, job.member, job.policy)
        return Played(job, run(flow_of(job), own.complete), own.usage)

    async def among_others(job: Job) -> Played:
        own = Addressed(asked, job.scenario.id, job.seed, job.member, job.policy)
        return Played(job, await arun(flow_of(job), own.acomplete), own.usage)

    if at_once <= 1:
        return map(alone, jobs)
    return as_they_end(jobs, among_others, at_once)
