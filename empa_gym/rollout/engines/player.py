"""Plays single jobs: what every engine does in the end, wherever it does it."""

from __future__ import annotations

import dataclasses
import os
from typing import NamedTuple

from empa_gym.chat import Flow
from empa_gym.clients.addressed import Addressed, RoleUsage
from empa_gym.clients.base import ChatClient
from empa_gym.clients.governor import Governor
from empa_gym.clients.limits import UNBOUNDED
from empa_gym.clients.wiring import open_client
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label
from empa_gym.drive import arun, run
from empa_gym.errors import ConfigError, ExtensionError
from empa_gym.rollout.engines.base import Work
from empa_gym.rollout.engines.guarding import GuardedClient
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.play import Episode, play, record_episode
from empa_gym.scenarios import Scenario


def client_of(work: Work, governor: Governor | None) -> ChatClient | None:
    """The client that answers the requests of a work; None where nobody asks.

    Raises:
        ConfigError, RecordError, MissingExtra: as :func:`~empa_gym.clients.wiring.open_client`.
    """
    tape = None if work.tape is None else dataclasses.asdict(work.tape)
    return open_client(work.models, tape, governor, work.policy_models)


def governor_of(work: Work, before: Governor | None) -> Governor:
    """The governor of a work: the one before, which counts on, where the limits are the same."""
    limits = work.limits or UNBOUNDED
    return before if before is not None and before.limits == limits else Governor(limits)


def refuse_missing_keys(work: Work, place: str = "") -> None:
    """Refuse a work whose models need a key that is not there; a tape may answer without one.

    Args:
        work: what is to be played.
        place: where it is not there, for example " on the node 10.0.0.7".

    Raises:
        ConfigError: names the variable of the environment.
    """
    if work.tape is not None:
        return
    for name, model in {**work.models, **work.policy_models}.items():
        if model.api_key_env and not os.environ.get(model.api_key_env):
            problem = f"the environment variable {model.api_key_env} holds no key{place}; set it there"
            raise ConfigError(name, "api_key_env", f"{problem}, or set api_key_env to '' where none is needed")


class Played(NamedTuple):
    """A job that was played: its record, and the error of the code that broke it off, if any did."""

    job: Job
    record: EpisodeRecord
    broken: ExtensionError | None = None


class Player:
    """Plays jobs of one work.

    Args:
        work: what they share.
        client: answers the requests; None where nobody asks.
        keep_broken: record a dialogue that somebody's code broke off as unfinished, instead of raising the error.
    """

    def __init__(self, work: Work, client: ChatClient | None, *, keep_broken: bool) -> None:
        self._work = work
        self._client = None if client is None else GuardedClient(client)
        self._keep_broken = keep_broken
        self._scenarios: dict[Scenario, Scenario] = {}

    def play(self, job: Job) -> Played:
        """Play one job; blocks.

        Raises:
            ValueError, ExtensionError, TapeMiss, KeyError: as :meth:`~.base.Engine.play`.
        """
        if self._client is None:
            return self._played(job, run(self._flow(job)))
        own = Addressed(self._client, job.scenario.id, job.seed, job.member, job.policy)
        return self._played(job, run(self._flow(job), own.complete), own.usage)

    async def aplay(self, job: Job) -> Played:
        """Play one job on the running event loop; needs a client."""
        assert self._client is not None
        own = Addressed(self._client, job.scenario.id, job.seed, job.member, job.policy)
        return self._played(job, await arun(self._flow(job), own.acomplete), own.usage)

    def _flow(self, job: Job) -> Flow[Episode]:
        work = self._work
        # Jobs that were sent here each bring a scenario of their own; caches find one that is the same object at once.
        scenario = self._scenarios.setdefault(job.scenario, job.scenario)
        return play(
            scenario,
            job.seed,
            work.policies[job.policy],
            work.game,
            member=job.member,
            keep_broken=self._keep_broken,
            start=job.start,
        )

    def _played(self, job: Job, episode: Episode, usage: tuple[RoleUsage, ...] = ()) -> Played:
        label = Label(job.policy, self._work.reward, job.member, job.key)
        return Played(job, record_episode(episode, label, self._work.game, usage), episode.broken)
