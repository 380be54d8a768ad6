"""Whatever dies and whenever: each job is played or given up once, and only a job that kills is given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.rollout.engines.handout import Handout
from empa_gym.rollout.jobs import Job
from empa_gym.scenarios import select_scenarios

SCENARIO = select_scenarios(["health-knee"])[0]


def jobs(count: int) -> list[Job]:
    return [Job("p", SCENARIO, seed) for seed in range(count)]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_every_job_is_played_or_given_up_once_and_only_a_killer_is_given_up(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 12), "jobs")
    killers = data.draw(st.sets(st.integers(0, max(0, count - 1)), max_size=3), "killers") if count else set()
    playing = data.draw(st.sampled_from([1, 4]), "playing")
    handout = Handout(jobs(count), playing + 1, playing)
    played: Counter[int] = Counter()
    given_up: Counter[int] = Counter()
    workers, hired = {0: {}, 1: {}}, 2  # type: ignore[var-annotated]
    while not handout.finished:
        worker = data.draw(st.sampled_from(sorted(workers)), "worker")
        task = handout.give(worker)
        if task is not None:
            workers[worker][task.number] = task.job
            continue
        if not workers[worker]:
            continue
        begun = list(workers[worker].items())[:playing]
        if any(job.seed in killers for _, job in begun):
            del workers[worker]
            workers[hired], hired = {}, hired + 1
            given_up.update(job.seed for job in handout.died(worker))
        else:
            number, job = data.draw(st.sampled_from(begun), "ends")
            del workers[worker][number]
            assert handout.ended(worker, number) == job
            played[job.seed] += 1
    assert given_up == Counter(dict.fromkeys(killers, 1))
    assert played == Counter(dict.fromkeys(set(range(count)) - killers, 1))


def test_a_job_that_is_played_alone_is_given_up_at_the_second_death() -> None:
    handout = Handout(jobs(2), 2, 1)
    assert [handout.give(1), handout.give(1)] != [None, None]
    assert handout.died(1) == []
    task = handout.give(2)
    assert task is not None
    assert (task.job.seed, task.deaths) == (0, 1)
    assert [job.seed for job in handout.died(2)] == [0]
    last = handout.give(3)
    assert last is not None
    assert (last.job.seed, last.deaths) == (1, 0)


def test_jobs_that_saw_two_deaths_are_played_alone() -> None:
    handout = Handout(jobs(5), 2, 2)
    for worker in (1, 2):
        assert [task.job.seed for task in (handout.give(worker), handout.give(worker)) if task] == [0, 1]
        assert handout.died(worker) == []
    alone = handout.give(3)
    assert alone is not None
    assert alone.suspect
    assert handout.give(3) is None, "a suspect has company"
    handout.give(4)
    handout.ended(3, alone.number)
    other = handout.give(3)
    assert other is not None
    assert not other.suspect


def test_a_suspect_waits_for_a_worker_with_empty_hands() -> None:
    handout = Handout(jobs(4), 2, 2)
    busy = handout.give(0)
    for worker in (1, 2):
        assert handout.give(worker)
        assert handout.give(worker)
        handout.died(worker)
    assert handout.give(0) is None
    assert busy is not None
    handout.ended(0, busy.number)
    alone = handout.give(0)
    assert alone is not None
    assert alone.suspect


def test_a_job_is_taken_when_there_is_a_place_for_it() -> None:
    taken: list[int] = []

    def endless() -> Iterator[Job]:
        while True:
            taken.append(len(taken))
            yield Job("p", SCENARIO, taken[-1])

    handout = Handout(endless(), 3, 1)
    while handout.give(1):
        pass
    assert taken == [0, 1, 2]
    assert not handout.finished
