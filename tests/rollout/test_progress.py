"""Progress: counts, pace, what is left, why dialogues failed and what was spent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from empa_gym.cli.progress import said
from empa_gym.dialogue.record import EpisodeRecord, UsageRecord
from empa_gym.outcome import Outcome
from empa_gym.rollout import collect
from empa_gym.rollout.progress import Pace


@pytest.fixture(scope="module")
def record() -> EpisodeRecord:
    short = {"base": "training", "min_turns": 2, "max_turns": 3}
    return next(collect("generic", "health-knee", group_size=1, rules=short).records)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pace_and_the_time_left_follow_from_what_this_process_played(record: EpisodeRecord) -> None:
    clock = Clock()
    pace = Pace(planned=10, earlier=4, clock=clock)
    clock.now += 2.0
    first = pace.note(record)
    assert (first.done, first.left, first.turns, first.seconds) == (1, 5, 3, 2.0)
    assert (first.dialogues_per_second, first.turns_per_second, first.seconds_left) == (0.5, 1.5, 10.0)
    clock.now += 2.0
    assert pace.note(record).seconds_left == 8.0


def test_before_the_first_dialogue_nothing_is_said_about_the_end(record: EpisodeRecord) -> None:
    still = Pace(10, 0, Clock()).note(record)
    assert (still.seconds, still.dialogues_per_second, still.seconds_left) == (0.0, 0.0, None)


def test_failures_are_counted_by_cause_and_spending_is_added_up(record: EpisodeRecord) -> None:
    pace = Pace(10)
    used = (UsageRecord("judge", 3, 1, 0, 100, 20, 0.25), UsageRecord("policy", 3, 0, 0, 50, 10, 0.5))
    down = replace(record, outcome=Outcome.MODEL_ERROR, error="judge: timed out", usage=used)
    for one in (record, down, replace(down, error="policy: no route"), down):
        progress = pace.note(one)
    assert progress.causes == {"judge: timed out": 2, "policy: no route": 1}
    assert (progress.done, progress.failed) == (4, 3)
    assert (progress.calls, progress.tokens, progress.cost) == (21, 540, 2.25)


def test_an_earlier_progress_does_not_change(record: EpisodeRecord) -> None:
    pace = Pace(10)
    down = replace(record, outcome=Outcome.MODEL_ERROR, error="judge: timed out")
    first = pace.note(down)
    pace.note(down)
    assert first.causes == {"judge: timed out": 1}


def test_the_line_on_the_terminal_says_pace_failures_and_spending(record: EpisodeRecord) -> None:
    clock = Clock()
    pace = Pace(10, 0, clock)
    clock.now += 2.0
    used = (UsageRecord("judge", 3, 1, 0, 1000, 200, 0.25),)
    down = replace(record, outcome=Outcome.MODEL_ERROR, error="judge: timed out", usage=used)
    assert said(pace.note(down)) == (
        "0.5 dialogues/s; 1.5 turns/s; 1 failed, 1 by judge: timed out; 4 calls, 1,200 tokens, cost 0.25; "
        "generic x health-knee"
    )
    assert said(Pace(1, 0, Clock()).note(record)) == "0 dialogues/s; 0 turns/s; generic x health-knee"
