"""The engine of one process: one dialogue after the other, or many at once on one event loop where models answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from empa_gym.clients.base import ChatClient
from empa_gym.clients.governor import Governor
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.crowd import Crowd
from empa_gym.rollout.engines.base import OnBroken, Work
from empa_gym.rollout.engines.player import Played, Player, client_of, governor_of
from empa_gym.rollout.jobs import Job


class InlineEngine:
    """Plays in this process.

    Args:
        client: answers all requests, in the place of the models of the work.
        governor: what the calls of the work's models pass; None: one with the work's limits, which counts on as long
            as the engine plays under the same ones.
    """

    def __init__(self, client: ChatClient | None = None, governor: Governor | None = None) -> None:
        self._client = client
        self._governor, self._given_governor = governor, governor is not None
        self._opened: list[ChatClient] = []
        self._crowds: list[Crowd[Job, Played]] = []

    def play(self, jobs: Iterable[Job], work: Work, on_broken: OnBroken | None = None) -> Iterator[EpisodeRecord]:
        """The record of each job, in the order in which dialogues end; see :class:`~.base.Engine`."""
        client = self._client if self._client is not None else self._open(work)
        return self._records(jobs, work, client, on_broken)

    def close(self) -> None:
        """Cancel what is under way, and close the connections that this engine opened."""
        for crowd in tuple(self._crowds):
            crowd.cancel()
        while self._opened:
            self._opened.pop().close()

    def _open(self, work: Work) -> ChatClient | None:
        if not self._given_governor:
            self._governor = governor_of(work, self._governor)
        client = client_of(work, self._governor)
        if client is not None:
            self._opened.append(client)
        return client

    def _records(
        self, jobs: Iterable[Job], work: Work, client: ChatClient | None, on_broken: OnBroken | None
    ) -> Iterator[EpisodeRecord]:
        player = Player(work, client, keep_broken=on_broken is not None)
        many = client is not None and work.at_once > 1
        for job, record, broken in self._crowd(jobs, player, work.at_once) if many else map(player.play, jobs):
            if broken and on_broken:
                on_broken(job, broken)
            yield record

    def _crowd(self, jobs: Iterable[Job], player: Player, at_once: int) -> Iterator[Played]:
        crowd = Crowd(jobs, player.aplay, at_once)
        self._crowds.append(crowd)
        try:
            yield from crowd
        finally:
            self._crowds.remove(crowd)
