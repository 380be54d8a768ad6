"""A crowd that is cancelled ends for whoever listens, however early or late that is."""

from __future__ import annotations

import asyncio
import threading

import pytest

from empa_gym.errors import ExtensionError
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


async def breaks(number: int) -> int:
    if number == 2:
        raise ERRORS.pop()
    return number


ERRORS: list[BaseException] = []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit(), KeyError("x")])
def test_whatever_a_job_raises_is_raised_to_the_listener_and_the_loop_lives_on(error: BaseException) -> None:
    ERRORS.append(error)
    with pytest.raises(type(error)):
        list(Crowd(range(4), breaks, 2))
    assert sorted(Crowd(range(2), breaks, 2)) == [0, 1]


def test_a_job_that_cancels_itself_is_told_from_an_end_that_the_listener_wanted() -> None:
    ERRORS.append(asyncio.CancelledError())
    with pytest.raises(ExtensionError, match="though nobody had cancelled the work"):
        list(Crowd(range(4), breaks, 2))
