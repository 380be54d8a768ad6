"""A crowd that is cancelled ends for whoever listens, however early or late that is."""

from __future__ import annotations

import asyncio
import threading

from empa_gym.rollout.crowd import Crowd


async def never(number: int) -> int:
    await asyncio.sleep(3600)
    return number


def test_a_crowd_that_is_cancelled_at_once_ends() -> None:
    for _ in range(50):
        crowd = Crowd(range(4), never, 2)
        crowd.cancel()
        assert list(crowd) == []


def test_a_listener_that_waits_is_let_go() -> None:
    crowd = Crowd(range(4), never, 2)
    threading.Timer(0.05, crowd.cancel).start()
    assert list(crowd) == []
