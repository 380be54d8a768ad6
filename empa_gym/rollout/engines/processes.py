"""The engine of several processes on this machine, for casts and policies that need the processor.

Each worker is a process that is started afresh ("spawn"), so that no thread, lock or loop of this one is torn on the
way. What it plays must therefore pickle, and a script must begin its work under ``if __name__ == "__main__":``.
"""

from __future__ import annotations

import multiprocessing
import os
import weakref
from collections.abc import Iterable
from typing import Any

from empa_gym.clients.governor import Governor
from empa_gym.rollout.engines import process_crew
from empa_gym.rollout.engines.base import OnBroken, Records, Work
from empa_gym.rollout.engines.lending import Counter, divided
from empa_gym.rollout.engines.pipe import Begin
from empa_gym.rollout.engines.player import client_of, governor_of, refuse_missing_keys
from empa_gym.rollout.engines.process_crew import ProcessCrew, Worker, end_all
from empa_gym.rollout.engines.sending import pack_work
from empa_gym.rollout.engines.serving import Serving, records_of
from empa_gym.rollout.jobs import Job

AHEAD = 1
"""Jobs that lie ready beside the one that a worker plays, where no model is waited for."""
METHODS = ("spawn", "forkserver")


class ProcessEngine:
    """Plays in processes of this machine. They stay for the next play, until the engine is closed.

    Args:
        workers: how many; None for one on each core that this process may use.
        method: how a process is started: "spawn", afresh; or "forkserver", where there is one: copied from a process
            that has read this package and does nothing else, which takes some 20 ms instead of a second.

    Raises:
        ValueError: no worker, or another method; "fork" would copy locks that other threads hold.
    """

    def __init__(self, workers: int | None = None, method: str = "spawn") -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be at least 1, got {workers}")
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
        self.workers = workers or usable_cores()
        self._context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            self._context.set_forkserver_preload(["__main__", process_crew.__name__])
        self._resting: list[Worker] = []
        self._governor: Governor | None = None
        self._serving: weakref.WeakSet[Serving] = weakref.WeakSet()
        self._finalizer = weakref.finalize(self, end_all, self._resting)

    def play(self, jobs: Iterable[Job], work: Work, on_broken: OnBroken | None = None) -> Records:
        """The record of each job, in the order in which dialogues end; see :class:`~.base.Engine`.

        A worker that dies is replaced, and what it was playing is played again by another one. A dialogue that
        no worker survives is recorded as unfinished, with :class:`~empa_gym.errors.WorkerDied`.

        Raises:
            ValueError: a part of the work does not pickle.
            ConfigError: the key of a model is not there.
            WorkerDied: a worker could not begin.
        """
        refuse_missing_keys(work)
        self._governor = governor_of(work, self._governor)
        asks = client_of(work, self._governor) is not None
        share = divided(work.limits, self.workers)
        begin = Begin(pack_work(work), on_broken is not None, share)
        crew = ProcessCrew(self._context, self._resting, begin, Counter(self._governor))
        hand, playing = (work.at_once, work.at_once) if asks else (1 + AHEAD, 1)
        serving = Serving(crew, jobs, self.workers, hand=hand, playing=playing)
        self._serving.add(serving)
        return Records(records_of(serving, work, on_broken), serving.stop)

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        for serving in tuple(self._serving):
            serving.stop()
        end_all(self._resting)


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
