"""A blocking caller that is interrupted leaves no work behind, whenever it happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest

from empa_gym.clients.background import Background


class Work:
    """Work that never ends by itself, and says how it went."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    async def run(self) -> None:
        self.begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            self.ended.set()


@pytest.mark.parametrize("waits", [False, True])
def test_an_interruption_while_work_is_handed_over_calls_it_off(waits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    background, work, hand_over = Background(), Work(), asyncio.run_coroutine_threadsafe
    handed: list[Future[Any]] = []

    def interrupted(*arguments: Any) -> None:
        handed.append(hand_over(*arguments))
        if waits:
            work.begun.wait(5)
        raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        background.run(work.run())
    with pytest.raises(CancelledError):
        handed[0].result(5)
    assert work.ended.is_set() == work.begun.is_set()
    stop(background)


def test_an_interruption_while_waiting_calls_the_work_off(monkeypatch: pytest.MonkeyPatch) -> None:
    background, work = Background(), Work()
    result: Callable[..., Any] = Future.result

    def interrupted(future: Future[Any], timeout: float | None = None) -> Any:
        work.begun.wait(5)
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        background.run(work.run())
    monkeypatch.setattr(Future, "result", result)
    assert work.ended.wait(5)
    stop(background)


def test_what_the_work_returns_and_raises_reaches_the_caller() -> None:
    background = Background()

    async def seven() -> int:
        return 7

    async def fails() -> None:
        raise LookupError("gone")

    assert background.run(seven()) == 7
    with pytest.raises(LookupError, match="gone"):
        background.run(fails())
    stop(background)


def stop(background: Background) -> None:
    loop = background.loop()
    loop.call_soon_threadsafe(loop.stop)
    assert background._thread is not None
    background._thread.join(5)
    loop.close()
