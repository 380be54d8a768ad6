"""Jobs out, records in: the loop that keeps workers busy, wherever they are, until every job has its record."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sized
from typing import NamedTuple, TypeAlias

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label
from empa_gym.errors import ExtensionError, WorkerDied
from empa_gym.rollout.engines.base import OnBroken, Work
from empa_gym.rollout.engines.crew import Crew, Died, Ended, Failed, News
from empa_gym.rollout.engines.handout import Handout
from empa_gym.rollout.engines.player import Played
from empa_gym.rollout.engines.sending import unpack_error
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.play import Episode, record_episode, unopened

MOST_UNREAD = 1_000
"""Records that wait for whoever takes them; with more, no new dialogue is begun."""
STARTING = 10.0
"""Seconds for which those that are ready leave a part of the jobs to those that are about to be."""
PATIENCE = 2.0
"""Seconds after which one who stops does not wait for the loop, but ends the workers himself."""


class GivenUp(NamedTuple):
    """A job that killed its workers, and how the last one ended."""

    job: Job
    how: str


Result: TypeAlias = "Played | GivenUp"


class Serving:
    """Serves a crew in a thread of its own, so that workers never wait for whoever takes the records.

    Args:
        crew: the workers.
        jobs: what they are to play.
        workers: how many there shall be.
        hand, playing: see :class:`~.handout.Handout`.
    """

    def __init__(self, crew: Crew, jobs: Iterable[Job], workers: int, *, hand: int, playing: int) -> None:
        self._crew = crew
        self._workers = min(workers, len(jobs)) if isinstance(jobs, Sized) else workers
        self._hand, self._handout = hand, Handout(jobs, hand, playing)
        self._starting: set[int] = set()
        self._until = 0.0
        self._ready: dict[int, int] = {}  # how many jobs each worker holds
        self._results: queue.SimpleQueue[Result | Exception | None] = queue.SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, name="empa-gym-serving", daemon=True)

    def results(self) -> Iterator[Result]:
        """What became of the jobs, as they end. Closing the iterator, or :meth:`stop`, ends the workers.

        Raises:
            Exception: what ended the run.
        """
        try:
            self._thread.start()
            while (result := self._results.get()) is not None:
                if isinstance(result, Exception):
                    raise result
                if self._results.qsize() == MOST_UNREAD - 1:
                    self._crew.wake()  # there is room again
                yield result
        finally:
            self.stop()

    def stop(self) -> None:
        """End the workers, from any thread; whoever waits for a result gets no more."""
        self._stopped = True
        if self._thread.ident is None:
            return  # it ends before it begins
        self._crew.wake()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():  # it waits for a worker that takes nothing any more
            self._crew.end()
            self._thread.join()

    def _serve(self) -> None:
        try:
            if self._handout.unplayed and not self._stopped:
                self._starting = {self._crew.hire() for _ in range(self._workers)}
                self._until = time.monotonic() + STARTING
            while not (self._stopped or self._handout.finished):
                for news in self._crew.news():
                    self._hear(news)
                self._give_out()
        except Exception as error:  # also of the iterable of jobs; it is raised where the records are taken
            self._results.put(error)
        finally:
            if self._stopped or not self._handout.finished:
                self._crew.end()
            else:
                self._crew.rest()
            self._results.put(None)

    def _hear(self, news: News) -> None:
        if isinstance(news, Ended):
            self._ready[news.worker] -= 1
            job = self._handout.ended(news.worker, news.number)
            broken = unpack_error(news.broken) if news.broken else None
            assert broken is None or isinstance(broken, ExtensionError)
            self._results.put(Played(job, news.record, broken))
        elif isinstance(news, Failed):
            raise unpack_error(news.error)
        elif isinstance(news, Died):
            self._bury(news)
        else:
            self._starting.discard(news.worker)
            self._ready[news.worker] = 0

    def _bury(self, news: Died) -> None:
        """Take back what a dead worker had, and put another one in its place."""
        if not news.begun:
            raise WorkerDied("worker", "", news.how)
        self._starting.discard(news.worker)
        self._ready.pop(news.worker, None)
        for job in self._handout.died(news.worker):
            self._results.put(GivenUp(job, news.how))
        if self._handout.unplayed:
            self._crew.hire()

    def _give_out(self) -> None:
        """One job to each worker in turn, those with the fewest first, until their hands are full."""
        room = self._room()
        given = True
        while given and self._results.qsize() < MOST_UNREAD:
            given = False
            for worker in sorted(self._ready, key=self._ready.__getitem__):
                task = self._handout.give(worker) if self._ready[worker] < room else None
                if task is not None:
                    self._ready[worker] += 1
                    self._crew.give(worker, task)
                    given = True

    def _room(self) -> int:
        """How many jobs a worker may hold now: the first one that is ready does not take them all."""
        if self._starting and time.monotonic() < self._until:
            return max(1, self._hand // self._workers)
        return self._hand


def records_of(serving: Serving, work: Work, on_broken: OnBroken | None) -> Generator[EpisodeRecord, None, None]:
    """The record of each job, as dialogues end; see :meth:`~.base.Engine.play`."""
    results = serving.results()
    try:
        for result in results:
            job, record, broken = _given_up(result, work) if isinstance(result, GivenUp) else result
            if broken and on_broken is None:
                raise broken
            if broken and on_broken:
                on_broken(job, broken)
            yield record
    finally:
        results.close()  # type: ignore[attr-defined]


def _given_up(lost: GivenUp, work: Work) -> Played:
    """The record of a dialogue that no worker survives: nothing was played of it."""
    job = lost.job
    error = WorkerDied("worker", "", f"{lost.how} each time it played this dialogue, so that it is given up")
    state, rewards = (job.start.state, job.start.rewards) if job.start else (unopened(job.scenario, job.seed), ())
    episode = Episode(state, rewards, str(error), error)
    record = record_episode(episode, Label(job.policy, work.reward, job.member), work.game)
    return Played(job, record, error)
