"""One event loop in a thread of its own, so that a client's one asynchronous path serves blocking callers too."""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Job(Generic[Result]):
    """Work that can be called off from another thread at any moment, even while it is being handed over."""

    def __init__(self, work: Coroutine[Any, Any, Result]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._called_off = False
        self._cancel: Callable[[], object] | None = None

    async def done(self) -> Result:
        """What the work returns."""
        task = asyncio.current_task()
        assert task is not None
        with self._lock:
            self._cancel = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel)
            called_off = self._called_off
        if called_off:
            self._work.close()
            raise asyncio.CancelledError
        try:
            return await self._work
        finally:
            with self._lock:
                self._cancel = None

    def cancel(self) -> None:
        """End the work; nothing when it has ended."""
        with self._lock:
            self._called_off = True
            if self._cancel is not None:
                self._cancel()


class Background:
    """An event loop that runs in a daemon thread; it starts when it is first needed.

    A process that was forked starts its own: threads do not survive a fork.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._process = 0

    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop of this process."""
        if self._process != os.getpid():
            self._lock = threading.Lock()  # the parent's may have been held at the fork
            self._loop, self._process = None, os.getpid()
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="empa-gym-calls", daemon=True)
                self._thread.start()
            return self._loop

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine returns; blocks. An interruption of the caller cancels the work.

        Raises:
            RuntimeError: it is called on this loop, which would wait for itself.
        """
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError(
                "a blocking call on the loop of the calls would wait for itself; await acomplete instead"
            )
        job = Job(work)
        try:
            return asyncio.run_coroutine_threadsafe(job.done(), self.loop()).result()
        except BaseException:
            job.cancel()
            raise


BACKGROUND = Background()
"""Shared by all clients of a process, so that they share connections and wake each other cheaply."""


def run_in_background(work: Coroutine[Any, Any, Result]) -> Result:
    """What the coroutine returns, run on the shared loop; blocks. Works inside a running loop too."""
    return BACKGROUND.run(work)
