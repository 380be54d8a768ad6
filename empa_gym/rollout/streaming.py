"""A collection under way: its groups, each as soon as its last member is over, for loops with and without await."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import NamedTuple

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.errors import EmpaError
from empa_gym.rollout.engines import Engine, OnBroken, Work
from empa_gym.rollout.engines.base import Cancellable
from empa_gym.rollout.folder import RunSettings, open_folder
from empa_gym.rollout.groups import Gathering, Group
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.ledger import Ledger, address_of
from empa_gym.rollout.progress import OnProgress, Pace
from empa_gym.rollout.rollouts import Rollouts


class Playing(NamedTuple):
    """What is played, and where; ``own_engine``: it is closed at the end. ``on_broken`` as for an engine."""

    jobs: list[Job]
    work: Work
    engine: Engine
    own_engine: bool = True
    on_broken: OnBroken | None = None


class Keeping(NamedTuple):
    """The folder that keeps the dialogues; whether to go on with it, and to play failed ones again."""

    folder: Path
    settings: RunSettings
    resume: bool = False
    retry_failed: bool = False


class GroupStream:
    """The groups of a collection, in the order in which they are complete. Nothing is played before it is asked for.

    Each loop over it plays the collection: with a folder that is there already a second one needs ``resume``.

    Args:
        playing: what, and where.
        keeping: the folder, None for none.
        on_progress: is told after each dialogue how far the run has come, in the thread that plays.
    """

    def __init__(self, playing: Playing, keeping: Keeping | None, on_progress: OnProgress | None = None) -> None:
        self._playing = playing
        self._keeping = keeping
        self._on_progress = on_progress
        self._loops: list[_Loop] = []

    def __iter__(self) -> Generator[Group, None, None]:
        """Play on whenever the next group is asked for; closing the iterator ends what is under way."""
        return self._groups(_Loop())

    async def __aiter__(self) -> AsyncIterator[Group]:
        """Play in a thread, without waiting for whoever takes the groups; leaving the loop ends what is under way."""
        loop, found = asyncio.get_running_loop(), asyncio.Queue[Group | BaseException | None]()

        def tell(one: Group | BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(found.put_nowait, one)

        mine = _Loop()
        thread = threading.Thread(target=self._play, args=(mine, tell), name="empa-gym-groups", daemon=True)
        thread.start()
        try:
            while (one := await found.get()) is not None:
                if isinstance(one, BaseException):
                    raise one
                yield one
        finally:
            mine.stop()
            await asyncio.shield(asyncio.to_thread(thread.join))

    def stop(self) -> None:
        """End what is under way, from any thread; the loops over this stream end. An engine that was given goes on."""
        for loop in tuple(self._loops):
            loop.stop()

    def collect(self) -> Rollouts:
        """Play to the end. With a folder the groups are read from it when they are asked for."""
        if self._keeping is None:
            groups = {group.label: group for group in self}
            order = dict.fromkeys(job.group for job in self._playing.jobs)
            return Rollouts(tuple(groups[label] for label in order if label in groups))
        for _ in self:
            pass
        return Rollouts.from_folder(self._keeping.folder)

    def _play(self, loop: _Loop, tell: Callable[[Group | BaseException | None], None]) -> None:
        """Tell of each group, perhaps of an error, and of None at the end."""
        try:
            with closing(self._groups(loop)) as groups:
                for group in groups:
                    tell(group)
        except BaseException as error:  # it is raised in the loop that listens
            tell(error)
        finally:
            tell(None)

    def _groups(self, loop: _Loop) -> Generator[Group, None, None]:
        self._loops.append(loop)
        try:
            with self._ledger() or nullcontext() as ledger:
                gathering = Gathering(self._playing.jobs)
                for record in self._records(ledger, loop):
                    group = gathering.add(record)
                    if group is not None:
                        yield group
        finally:
            self._loops.remove(loop)
            if self._playing.own_engine and not self._loops:
                self._playing.engine.close()

    def _ledger(self) -> Ledger | None:
        if self._keeping is None:
            return None
        folder, settings, resume, _ = self._keeping
        return open_folder(folder, settings, resume=resume)

    def _records(self, ledger: Ledger | None, loop: _Loop) -> Iterator[EpisodeRecord]:
        """The dialogues that the folder holds, then the others as they end; each is kept before it is yielded."""
        left = jobs = self._playing.jobs
        if ledger is not None and self._keeping is not None:
            left = ledger.left(jobs, retry_failed=self._keeping.retry_failed)
            again = {job.address for job in left}
            entries = (ledger.index.find(job.address) for job in jobs if job.address not in again)
            yield from (entry.read() for entry in entries if entry is not None)
        pace = Pace(len(jobs), len(jobs) - len(left))
        for record in loop.played(left, self._playing):
            if ledger is not None and not ledger.keep(record):
                continue  # it was finished before: an engine may play a dialogue twice, and tell both
            if self._on_progress is not None:
                self._on_progress(pace.note(record))
            yield record


class _Loop:
    """One loop over a stream: what it plays ends with it, and nothing else does."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._records: Iterator[EpisodeRecord] | None = None

    def stop(self) -> None:
        """End it, from any thread. An engine whose plays cannot be cancelled ends what it had begun."""
        self._stopped.set()
        if isinstance(self._records, Cancellable):
            self._records.cancel()

    def played(self, jobs: list[Job], playing: Playing) -> Iterator[EpisodeRecord]:
        """The records of the jobs; closing it ends what is under way.

        Raises:
            EmpaError: the engine ended before all were played, and nobody had stopped this loop.
        """
        missing = {job.address for job in jobs}
        self._records = records = playing.engine.play(self._until_stopped(jobs), playing.work, playing.on_broken)
        try:
            if self._stopped.is_set():
                return
            for record in records:
                missing.discard(address_of(record))
                yield record
        finally:
            end = getattr(records, "close", None)
            if end is not None:
                end()
        if missing and not self._stopped.is_set():
            raise EmpaError(_fewer(len(jobs), len(missing)))

    def _until_stopped(self, jobs: list[Job]) -> Iterator[Job]:
        for job in jobs:
            if self._stopped.is_set():
                return
            yield job


def _fewer(planned: int, missing: int) -> str:
    return (
        f"expected {planned} dialogues from the engine, got {planned - missing}: it was closed while it played, or it "
        "loses dialogues; play again, with folder=... and resume=True to go on with those that were over"
    )
