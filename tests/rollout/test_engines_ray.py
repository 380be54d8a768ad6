"""Ray actors play what one process would: the same records, each once, whatever dies; limits hold for all of them."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="needs Ray, which pins gymnasium; `make ray` runs this in an environment of its own")

import ray

from empa_gym.agents.casting import cast_from
from empa_gym.clients import Limits, ModelConfig
from empa_gym.errors import BudgetExceeded, ConfigError, ExtensionError, WorkerDied
from empa_gym.outcome import Outcome
from empa_gym.policies import make_policy
from empa_gym.rollout import collect
from empa_gym.rollout.engines import InlineEngine, Work, make_engine
from empa_gym.rollout.engines.ray import RayEngine
from empa_gym.rollout.jobs import plan_jobs
from empa_gym.rollout.play import Game
from empa_gym.rollout.ray_feed import Feed, find_feed, start_feed
from tests.clients.loopback import Asked, Loopback, Told
from tests.clients.players import speaks
from tests.rollout.engine_players import Buggy, Counts, Kills, KillsOnce, Plain
from tests.rollout.test_engines_processes import (
    LLM,
    SHORT,
    TWO,
    alive,
    asking,
    jobs,
    lines,
    members,
    pids_in,
    wait_until,
    work,
)

TWO_NAMES = ("health-knee", "values-rite")
SHORT_BY_NAME = {"base": "training", "min_turns": 2, "max_turns": 3}
CLUSTER = {
    "num_cpus": 2,
    "object_store_memory": 100 * 2**20,
    "include_dashboard": False,
    "log_to_driver": False,
    "_node_ip_address": "127.0.0.1",
}


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two CPUs on this machine; it talks to nobody else."""
    os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    ray.init(**CLUSTER)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def engine(cluster: None) -> Iterator[RayEngine]:
    two = make_engine("ray", workers=2)
    assert isinstance(two, RayEngine)
    yield two
    two.close()


def test_two_actors_give_the_records_of_one_process_bit_for_bit(engine: RayEngine, tmp_path: Path) -> None:
    played = Work({name: make_policy(name) for name in ("supporter", "random")}, Game(cast_from("offline"), SHORT))
    planned = plan_jobs(played.policies, TWO, range(3))
    assert lines(engine.play(planned, played)) == lines(InlineEngine().play(planned, played))
    file = tmp_path / "begun"
    assert members(engine.play(jobs(30), work(Counts(file, 0.01)))) == Counter(range(30))
    assert len(pids_in(file)) == 2, "one worker played everything"


def test_dialogues_with_models_are_the_same_on_the_cluster(engine: RayEngine) -> None:
    with Loopback(speaks) as server:
        asked = asking(server.url, Plain(model=True))
        assert lines(engine.play(jobs(12), asked)) == lines(InlineEngine().play(jobs(12), asked))


@pytest.mark.parametrize("model", [False, True], ids=["no model", "models"])
def test_an_actor_that_is_killed_loses_nothing_and_doubles_nothing(
    engine: RayEngine, tmp_path: Path, model: bool
) -> None:
    policy = KillsOnce(tmp_path, 3, 11, model=model)
    with Loopback(speaks) as server:
        asked = asking(server.url, policy) if model else work(policy)
        again = lines(engine.play(jobs(16), asked, lambda job, error: None))
        assert {mark.name for mark in tmp_path.iterdir()} == {"3", "11"}
        assert again == lines(InlineEngine().play(jobs(16), asked))


def test_a_dialogue_that_no_actor_survives_is_named_and_the_others_are_played(engine: RayEngine) -> None:
    told: list[tuple[int, type[ExtensionError]]] = []
    records = list(engine.play(jobs(6), work(Kills(2)), lambda job, error: told.append((job.member, type(error)))))
    assert members(iter(records)) == Counter(range(6))
    assert told == [(2, WorkerDied)]
    assert {record.outcome for record in records if record.member != 2} == {Outcome.TURN_LIMIT}
    lost = next(record for record in records if record.member == 2)
    assert "each time it played this dialogue" in lost.error


def test_an_actor_that_died_while_it_rested_is_replaced(engine: RayEngine, tmp_path: Path) -> None:
    file = tmp_path / "begun"
    list(engine.play(jobs(20), work(Counts(file, 0.01))))
    for pid in pids_in(file):
        os.kill(pid, 9)
    assert members(engine.play(jobs(8), work(Plain()))) == Counter(range(8))


def test_broken_code_is_told_with_its_traceback(engine: RayEngine) -> None:
    told: list[ExtensionError] = []
    records = engine.play(jobs(3), work(Buggy()), lambda job, error: told.append(error))
    assert lines(records) == lines(InlineEngine().play(jobs(3), work(Buggy()), lambda job, error: None))
    assert all('raise KeyError("three")' in str(error.__cause__) for error in told)
    with pytest.raises(ExtensionError, match="raised KeyError"):
        list(engine.play(jobs(3), work(Buggy())))


def test_a_policy_of_a_notebook_can_be_sent(engine: RayEngine) -> None:
    class Local(Plain):
        """A class that no worker can import."""

    assert members(engine.play(jobs(4), work(Local()))) == Counter(range(4))


def test_a_key_that_a_node_does_not_have_is_told_at_once(engine: RayEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_OF_THE_DRIVER", "not-on-the-nodes")
    keyed = ModelConfig("tiny", "http://127.0.0.1:9/v1", "KEY_OF_THE_DRIVER")
    with pytest.raises(ConfigError, match="KEY_OF_THE_DRIVER holds no key on the node "):
        list(engine.play(jobs(1), Work({"p": Plain()}, LLM, models={"judge": keyed})))


def test_a_ceiling_holds_over_the_cluster_to_the_call_and_over_engines_that_share_it() -> None:
    with Loopback(speaks) as server:
        asked = asking(server.url, Plain(model=True), limits=Limits(calls=100))
        first, second = (RayEngine(1, governor="budget") for _ in range(2))
        records = list(first.play(jobs(5), asked))
        assert len(server.asked) < 100
        assert {record.outcome for record in records} == {Outcome.TURN_LIMIT}
        spent = list(second.play(jobs(20), asked))
        assert len(server.asked) == 100
        assert Outcome.BUDGET in {record.outcome for record in spent}
        first.close()
        second.close()


def test_what_a_killed_actor_had_been_lent_is_taken_back(tmp_path: Path) -> None:
    """It dies while it holds the only leave to ask; another one could never ask if that were not taken back."""
    killed: list[int] = []

    def kills(asked: Asked) -> Told:
        if not killed and (tmp_path / "begun").exists():
            killed.append(pids_in(tmp_path / "begun").pop())
            os.kill(killed[0], 9)
        return speaks(asked)

    with Loopback(kills) as server:
        one = RayEngine(1)
        asked = asking(server.url, Counts(tmp_path / "begun", model=True), limits=Limits(calls=500, concurrency=1))
        bounded = dataclasses.replace(asked.policy_models["p"], deadline=20.0)
        asked = asked._replace(models=dict.fromkeys(asked.models, bounded), policy_models={"p": bounded})
        records = list(one.play(jobs(4), asked, lambda job, error: None))
        one.close()
    assert len(killed) == 1
    assert {record.outcome for record in records} == {Outcome.TURN_LIMIT}


def test_a_folder_holds_two_hundred_dialogues_each_once_though_a_worker_was_killed(
    engine: RayEngine, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    given: dict[str, Any] = {"group_size": 20, "groups": 5, "cast": "null", "rules": SHORT_BY_NAME}
    on_ray = collect(KillsOnce(marks, 3), list(TWO_NAMES), engine=engine, folder=tmp_path / "run", **given)
    assert [mark.name for mark in marks.iterdir()] == ["3"]
    assert len(on_ray) == 200
    assert list(on_ray.records) == list(collect(KillsOnce(marks, 3), list(TWO_NAMES), **given).records)


def test_a_cluster_that_a_stream_began_outlives_the_thread_that_played_it() -> None:
    script = f"""
import asyncio, ray
from empa_gym.rollout import stream
from empa_gym.rollout.engines.ray import RayEngine

engine = RayEngine(1, init={CLUSTER!r})

async def play(seed):
    return [len(group.records) async for group in stream("random", ["health-knee"], seed=seed, engine=engine)]

for seed in range(2):
    assert asyncio.run(play(seed)) == [4]
assert ray.is_initialized()
engine.close()
assert not ray.is_initialized()
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_closing_early_ends_every_actor(engine: RayEngine, tmp_path: Path) -> None:
    file = tmp_path / "begun"
    records = engine.play(jobs(1000), work(Counts(file, 0.01)))
    next(records)
    wait_until(lambda: len(pids_in(file)) == 2)
    records.close()  # type: ignore[attr-defined]
    wait_until(lambda: not any(map(alive, pids_in(file))))
    assert len(file.read_text().splitlines()) < 1000


@ray.remote(num_cpus=0)
def takes(name: str) -> list[tuple[str, int, int]]:
    """A worker of a trainer: takes groups until there are no more."""
    return [(group.scenario, group.seed, len(group.records)) for group in find_feed(name)]


def test_workers_of_a_trainer_are_fed_each_group_once() -> None:
    feed = start_feed("groups", Plain(), ["health-knee", "values-rite"], group_size=3, groups=2, rounds=2, cast="null")
    taken = [group for groups in ray.get([takes.remote("groups") for _ in range(3)]) for group in groups]
    assert len(taken) == len(set(taken)) == 2 * 2 * 2
    assert {size for _, _, size in taken} == {3}
    assert feed.next_group() is None
    feed.close()


def test_what_ends_a_feed_is_raised_where_groups_are_asked_for() -> None:
    feed: Feed = start_feed("broken", Buggy(), ["health-knee"], cast="null")
    with pytest.raises(ExtensionError, match="raised KeyError"):
        feed.next_group()
    feed.close()
    with pytest.raises(ValueError, match="at least 1"):
        start_feed("none", Plain(), ahead=0)
    with pytest.raises(ValueError, match="nobody"):
        find_feed("nobody")


def test_what_a_feed_cannot_have_is_refused_in_sentences() -> None:
    with pytest.raises(ValueError, match="a folder holds one run: leave folder out"):
        start_feed("kept", Plain(), folder="runs")
    with pytest.raises(ValueError, match="an engine cannot be sent to the actor of a feed; give its name"):
        start_feed("sent", Plain(), engine=InlineEngine())
    feed = start_feed("taken", Plain(), ["health-knee"], cast="null")
    with pytest.raises(ValueError, match="the name 'taken' is taken in this cluster"):
        start_feed("taken", Plain(), ["health-knee"], cast="null")
    feed.close()


def test_a_feeds_ceiling_is_for_all_its_rounds_and_its_end_is_told() -> None:
    with Loopback(speaks) as server:
        cast: dict[str, Any] = {role: {} for role in ("actor", "director", "judge")}
        cast["defaults"] = {"base_url": server.url, "api_key_env": "", "model": "tiny"}
        given: dict[str, Any] = {"rules": SHORT_BY_NAME, "cast": cast, "ceilings": {"calls": 40}}
        feed = start_feed("poor", "random", ["health-knee"], group_size=2, rounds=None, **given)
        with pytest.raises(BudgetExceeded, match=r"the ceilings of this feed, \{'calls': 40\}, are used up, in round"):
            list(feed)
        assert len(server.asked) == 40
        feed.close()
