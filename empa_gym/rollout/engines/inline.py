"""The engine of one process: one dialogue after the other, or many at once on one event loop where models answer."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from empa_gym.clients.base import ChatClient
from empa_gym.clients.governor import Governor
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.crowd import Crowd
from empa_gym.rollout.engines.base import OnBroken, Records, Work
from empa_gym.rollout.engines.player import Played, Player, client_of, governor_of, refuse_missing_keys
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
        self._under_way: list[_Playing] = []

    def play(self, jobs: Iterable[Job], work: Work, on_broken: OnBroken | None = None) -> Records:
        """The record of each job, in the order in which dialogues end; see :class:`~.base.Engine`."""
        own = None if self._client is not None else self._open(work)
        player = Player(work, self._client or own, keep_broken=on_broken is not None)
        many = work.at_once > 1 and (self._client or own) is not None
        playing = _Playing(player, jobs, work.at_once if many else 0)
        return Records(self._records(playing, own, on_broken), playing.cancel)

    def close(self) -> None:
        """Cancel what is under way, and close the connections that this engine opened."""
        for playing in tuple(self._under_way):
            playing.cancel()
        while self._opened:
            self._opened.pop().close()

    def _open(self, work: Work) -> ChatClient | None:
        refuse_missing_keys(work)
        if not self._given_governor:
            self._governor = governor_of(work, self._governor)
        return client_of(work, self._governor)

    def _records(
        self, playing: _Playing, own: ChatClient | None, on_broken: OnBroken | None
    ) -> Generator[EpisodeRecord, None, None]:
        """The records; the play's own client, which connects when it is first asked, is closed with it."""
        opened = [] if own is None else [own]
        self._under_way.append(playing)
        self._opened += opened
        try:
            for job, record, broken in playing.results():
                if broken and on_broken:
                    on_broken(job, broken)
                yield record
        finally:
            self._under_way.remove(playing)
            for client in opened:
                self._release(client)

    def _release(self, client: ChatClient) -> None:
        """Close a client, unless :meth:`close` has."""
        if client in self._opened:
            self._opened.remove(client)
            client.close()


class _Playing:
    """One play: at once, on the loop of the calls, or one dialogue after the other.

    Args:
        player: plays.
        jobs: what it plays.
        at_once: how many; 0 for one after the other, in the thread that takes the results.
    """

    def __init__(self, player: Player, jobs: Iterable[Job], at_once: int) -> None:
        self._player, self._jobs, self._at_once = player, jobs, at_once
        self._crowd: Crowd[Job, Played] | None = None
        self._cancelled = False

    def results(self) -> Iterator[Played]:
        """What was played, until it ends or is cancelled."""
        if self._at_once:
            self._crowd = Crowd(self._left(), self._player.aplay, self._at_once)
            if self._cancelled:
                self._crowd.cancel()  # whoever cancelled could not see it yet
            yield from self._crowd
        else:
            yield from map(self._player.play, self._left())

    def cancel(self) -> None:
        """End it, from any thread."""
        self._cancelled = True
        if self._crowd is not None:
            self._crowd.cancel()

    def _left(self) -> Iterator[Job]:
        for job in self._jobs:
            if self._cancelled:
                return
            yield job
