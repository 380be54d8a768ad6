"""Many pieces of asynchronous work at once, for a caller that is not asynchronous."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Generic, TypeVar

from empa_gym.clients.background import BACKGROUND

Job = TypeVar("Job")
Result = TypeVar("Result")


class Crowd(Generic[Job, Result]):
    """Jobs under way, whose results are iterated over once, in the order in which they end.

    The work runs on the loop that the clients of this process share. When the caller stops to listen, or a
    job fails, the others are cancelled. An iteration raises what a job raised.

    Args:
        jobs: begun in this order.
        do: does one.
        at_once: how many run at once, at most.
    """

    def __init__(self, jobs: Iterable[Job], do: Callable[[Job], Awaitable[Result]], at_once: int) -> None:
        self._done: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._work = asyncio.run_coroutine_threadsafe(_all(jobs, do, at_once, self._done), BACKGROUND.loop())

    def __iter__(self) -> Iterator[Result]:
        try:
            while (result := self._done.get()) is not None:
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self._work.cancel()

    def cancel(self) -> None:
        """End the work, from any thread; whoever waits for a result then gets the end."""
        self._work.cancel()


def as_they_end(jobs: Iterable[Job], do: Callable[[Job], Awaitable[Result]], at_once: int) -> Iterator[Result]:
    """The results of the jobs, in the order in which they end; see :class:`Crowd`.

    Raises:
        Exception: what a job raised.
    """
    return iter(Crowd(jobs, do, at_once))


async def _all(
    jobs: Iterable[Job],
    do: Callable[[Job], Awaitable[Result]],
    at_once: int,
    done: queue.SimpleQueue[Result | BaseException | None],
) -> None:
    """Do the jobs and put down each result, perhaps an error, and None at the end."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            done.put(await do(job))
            await asyncio.sleep(0)  # a job that never waits must not keep the others, or an end, from their turn

    workers = [asyncio.ensure_future(work()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    except Exception as error:  # whatever a job raises is the caller's
        done.put(error)
    finally:
        for worker in workers:
            worker.cancel()
        done.put(None)
