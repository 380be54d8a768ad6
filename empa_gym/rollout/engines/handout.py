"""Which job is where: not begun, in the hands of a worker, or done. No process, no clock, no waiting.

A worker may die with jobs in its hands. They go to another one, and none is lost. Which of them killed it nobody
can see from outside when several were played at once; so a job that was there at two deaths is played alone the
next time, and one that has seen two deaths, the last of them alone, is given up. An innocent job, which only
happened to be there, comes through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from empa_gym.rollout.jobs import Job

MOST_DEATHS = 2
"""Deaths of its worker after which a job is under suspicion."""


class Task(NamedTuple):
    """A job under a number of its own, and how many workers died while they played it."""

    number: int
    job: Job
    deaths: int = 0

    @property
    def suspect(self) -> bool:
        """Whether it must be played alone."""
        return self.deaths >= MOST_DEATHS


class Handout:
    """Hands each job to one worker at a time, in their order.

    Args:
        jobs: what is to be played; taken when there is a place for it.
        hand: how many jobs a worker holds, at most.
        playing: how many of these, the oldest, it plays at once; the others wait there so that it is never idle.
    """

    def __init__(self, jobs: Iterable[Job], hand: int, playing: int) -> None:
        self._jobs = enumerate(jobs)
        self._all_taken = False
        self._again: deque[Task] = deque()
        self._hands: dict[int, dict[int, Task]] = {}
        self._hand, self._playing = hand, playing

    @property
    def finished(self) -> bool:
        """Whether nothing is left: no job waits, none is in a hand."""
        return not any(self._hands.values()) and not self._waits()

    @property
    def unplayed(self) -> bool:
        """Whether a job waits for a worker."""
        return self._waits()

    def give(self, worker: int) -> Task | None:
        """The next job for a worker; None when it may have none, or none waits."""
        hand = self._hands.setdefault(worker, {})
        if len(hand) >= self._hand or any(task.suspect for task in hand.values()) or not self._waits():
            return None
        if self._again[0].suspect and hand:
            return None
        task = self._again.popleft()
        hand[task.number] = task
        return task

    def ended(self, worker: int, number: int) -> Job:
        """The job that a worker has played."""
        return self._hands[worker].pop(number).job

    def died(self, worker: int) -> list[Job]:
        """Take the jobs of a dead worker back.

        Returns:
            Those that are given up.
        """
        hand = list(self._hands.pop(worker, {}).values())
        played = [task._replace(deaths=task.deaths + 1) for task in hand[: self._playing]]
        given_up = [task for task in played if task.suspect and len(played) == 1]
        self._again.extendleft(reversed([*(task for task in played if task not in given_up), *hand[self._playing :]]))
        return [task.job for task in given_up]

    def _waits(self) -> bool:
        """Whether a job waits, in ``_again``; looks for the next one."""
        if not self._again and not self._all_taken:
            taken = next(self._jobs, None)
            if taken is None:
                self._all_taken = True
            else:
                self._again.append(Task(*taken))
        return bool(self._again)
