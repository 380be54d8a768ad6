"""Many pieces of asynchronous work at once, for a caller that is not asynchronous."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Generic, TypeVar

from empa_gym.clients.background import BACKGROUND
from empa_gym.errors import ExtensionError

Job = TypeVar("Job")
Result = TypeVar("Result")


class _Broke(Exception):
    """A job raised something, which is the argument; on the loop a bare KeyboardInterrupt would end its thread."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class Crowd(Generic[Job, Result]):
    """Jobs under way, whose results are iterated over once, in the order in which they end.

    The work runs on the loop that the clients of this process share. When the caller stops to listen, or a
    job fails, the others are cancelled. An iteration raises what a job raised, also a KeyboardInterrupt.

    Args:
        jobs: begun in this order.
        do: does one.
        at_once: how many run at once, at most.
    """

    def __init__(self, jobs: Iterable[Job], do: Callable[[Job], Awaitable[Result]], at_once: int) -> None:
        self._waiting = iter(jobs)
        self._do = do
        self._cancelled = False
        self._done: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._work = asyncio.run_coroutine_threadsafe(self._all(at_once), BACKGROUND.loop())

    def __iter__(self) -> Iterator[Result]:
        try:
            while (result := self._done.get()) is not None:
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self.cancel()

    def cancel(self) -> None:
        """End the work, from any thread; whoever waits for a result then gets the end."""
        self._cancelled = True
        self._work.cancel()

    async def _all(self, at_once: int) -> None:
        """Do the jobs and put down each result, perhaps an error, and None at the end."""
        workers = [asyncio.ensure_future(self._one_after_the_other()) for _ in range(at_once)]
        try:
            await asyncio.gather(*workers)
        except _Broke as broke:
            self._done.put(broke.error)
        except Exception as error:  # of the iterable of jobs
            self._done.put(error)
        finally:
            self._cancelled = True
            for worker in workers:
                worker.cancel()
            self._done.put(None)

    async def _one_after_the_other(self) -> None:
        for job in self._waiting:
            try:
                result = await self._do(job)
            except asyncio.CancelledError as error:
                if self._cancelled:
                    raise
                raise _Broke(_cancelled_by_itself(error)) from error
            except BaseException as error:  # whatever a job raises is the caller's
                raise _Broke(error) from error
            self._done.put(result)
            await asyncio.sleep(0)  # a job that never waits must not keep the others, or an end, from their turn


def _cancelled_by_itself(error: asyncio.CancelledError) -> ExtensionError:
    problem = "raised asyncio.CancelledError, though nobody had cancelled the work; raise another error"
    known = ExtensionError("code that was awaited", "", problem)
    known.__cause__ = error
    return known
