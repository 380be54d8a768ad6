"""A bucket keeps a rate, a window finds out what an endpoint bears."""

from __future__ import annotations

import itertools

import pytest

from empa_gym.clients.pacing import Bucket, Window


def test_a_bucket_spreads_a_minutes_share_evenly() -> None:
    bucket, now, passed = Bucket(120.0), 0.0, []
    while now < 60.0:
        now += bucket.wait(1.0, now)
        bucket.take(1.0)
        passed.append(now)
    assert 120 <= len(passed) <= 122  # two a second, and the two that it held
    assert all(later - earlier >= 0.499 for earlier, later in itertools.pairwise(passed[2:]))


def test_a_bucket_lets_a_large_amount_through_and_then_waits_it_off() -> None:
    bucket = Bucket(60.0)
    assert bucket.wait(30.0, 0.0) == 0.0
    bucket.take(30.0)
    assert bucket.wait(1.0, 0.0) == pytest.approx(30.0)
    bucket.take(-10.0)
    assert bucket.wait(1.0, 0.0) == pytest.approx(20.0)


def test_a_window_grows_with_each_answer_while_it_is_used_up_and_creeps_once_it_was_refused() -> None:
    window = Window(4)
    for _ in range(16):
        while not window.full:
            window.enter()
        window.leave(0, answered=True, throttled=False)
    assert window.size == 20
    window.leave(0, answered=False, throttled=True)
    for _ in range(12):
        while not window.full:
            window.enter()
        window.leave(1, answered=True, throttled=False)
    assert window.size == 11


def test_a_window_that_is_not_used_up_does_not_grow() -> None:
    window = Window(4)
    for _ in range(100):
        window.leave(window.enter(), answered=True, throttled=False)
    assert window.size == 4


def test_a_window_halves_once_for_all_refusals_of_a_round() -> None:
    window = Window(64)
    for halvings in [window.enter() for _ in range(64)]:
        window.leave(halvings, answered=False, throttled=True)
    assert (window.size, window.running) == (32, 0)
    window.leave(window.enter(), answered=False, throttled=True)
    assert window.size == 16


def test_a_window_never_closes() -> None:
    window = Window(2)
    for _ in range(10):
        window.leave(window.enter(), answered=False, throttled=True)
    assert window.size == 1
