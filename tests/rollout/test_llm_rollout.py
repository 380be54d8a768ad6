"""Runs with chat models: whatever the endpoint does, every dialogue ends typed, and a tape plays the run again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from empa_gym.agents.llm import llm_cast
from empa_gym.clients import Governor, Limits, ModelConfig, ScriptedClient
from empa_gym.clients.base import ChatClient
from empa_gym.clients.tape import Tape
from empa_gym.clients.wiring import open_client
from empa_gym.dialogue.record import EpisodeRecord, from_line, to_line
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.errors import TapeMiss
from empa_gym.outcome import Outcome
from empa_gym.policies import make_policy
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Game, Job, plan_jobs, rollout
from empa_gym.rollout.crowd import Crowd
from empa_gym.scenarios import select_scenarios
from tests.clients.loopback import FAULTS, Loopback, faults
from tests.clients.players import sound, speaks

TURNS = 4
GAME = Game(llm_cast(), Rules(EPMParams.endless(TURNS), on_model_error="hold"))
POLICIES = {"generic": make_policy("generic"), "tiny": LLMPolicy(), "other": LLMPolicy()}
SCENARIOS = select_scenarios(["health-knee", "values-rite"])
NO_LIMITS = Limits()
CALL = 1.0
"""Seconds that a call may take in all."""


def jobs(dialogues: int, *policies: str) -> list[Job]:
    return plan_jobs(policies, SCENARIOS, range(dialogues // len(SCENARIOS) // len(policies)))


def models(url: str, timeout: float = 10.0, deadline: float = 20.0) -> dict[str, ModelConfig]:
    quick = ModelConfig("tiny", url, "", pause=0.002, timeout=timeout, deadline=deadline, attempts=4)
    return dict.fromkeys(("actor", "director", "judge"), quick)


def client_of(url: str, tape: Path | None = None, limits: Limits = NO_LIMITS) -> ChatClient:
    made = open_client(models(url), tape, Governor(limits), {"tiny": models(url)["judge"]})
    assert made is not None
    return made


def run(client: ChatClient | None, planned: list[Job], at_once: int = 1) -> list[EpisodeRecord]:
    """The records, in an order that does not depend on when a dialogue ended."""
    records = rollout(planned, POLICIES, GAME, client=client, at_once=at_once)
    return sorted(records, key=lambda record: (record.policy, record.scenario, record.seed))


def lines(records: list[EpisodeRecord]) -> list[str]:
    return [to_line(record) for record in records]


@pytest.fixture
def faulty() -> Iterator[Loopback]:
    with Loopback(faults(dict.fromkeys(FAULTS, 0.03), seed=5, otherwise=speaks)) as loopback:
        yield loopback


def check_telescoping(record: EpisodeRecord) -> None:
    """The rewards add up to the way that was gone, however many turns were held."""
    deficits = [np.linalg.norm(position) for position in record.positions]
    assert record.episode_return == pytest.approx(deficits[0] - deficits[-1])


def test_every_dialogue_ends_typed_and_in_time_whatever_the_endpoint_does(faulty: Loopback, tmp_path: Path) -> None:
    planned = jobs(24, "generic", "tiny")
    began = time.monotonic()
    hasty = models(faulty.url, timeout=0.15, deadline=CALL)
    client = open_client(hasty, tmp_path / "run.tape", Governor(), {"tiny": hasty["judge"]})
    records = run(client, planned, at_once=12)
    calls = sum(used.calls + used.failed for record in records for used in record.usage)
    assert time.monotonic() - began < CALL * calls, "a call hung past its deadline"
    assert len(records) == len(planned)
    assert {record.outcome for record in records} <= {Outcome.TURN_LIMIT, Outcome.MODEL_ERROR}
    assert any(turn.error for record in records for turn in record.turns), "no fault ever became final"
    for record in records:
        assert record.error if record.outcome is Outcome.MODEL_ERROR else len(record.turns) == TURNS
        check_telescoping(record)
        assert from_line(to_line(record)) == record
    for at_once in (1, 7):
        assert lines(run(Tape(tmp_path / "run.tape", "replay_or_fail"), planned, at_once)) == lines(records)


def test_a_run_of_many_dialogues_at_once_holds_the_same_as_one_by_one() -> None:
    planned = jobs(12, "generic", "tiny", "other")
    alone = run(ScriptedClient(sound), planned)
    assert run(ScriptedClient(sound), planned, at_once=5) == alone
    assert {record.outcome for record in alone} == {Outcome.TURN_LIMIT}
    assert [used.calls for used in alone[0].usage] == [TURNS, TURNS - 1, TURNS]
    assert {used.role for used in alone[-1].usage} == {"actor", "director", "judge", "policy"}


def test_records_that_differ_in_waiting_alone_are_equal() -> None:
    planned = jobs(2, "generic")
    slow = ScriptedClient(lambda request: (r := sound(request))._replace(usage=r.usage._replace(seconds=9.0)))
    one, other = run(ScriptedClient(sound), planned), run(slow, planned)
    assert one == other
    assert lines(one) != lines(other)


def test_a_ceiling_is_kept_to_the_call_and_ends_dialogues_as_a_spent_budget() -> None:
    with Loopback(speaks) as server:
        records = run(client_of(server.url, limits=Limits(calls=100)), jobs(64, "generic"), at_once=64)
        assert len(server.asked) == 100
    assert len(records) == 64
    assert {record.outcome for record in records} <= {Outcome.BUDGET, Outcome.TURN_LIMIT}
    ended = [record for record in records if record.outcome is Outcome.BUDGET]
    assert len(ended) > 32
    assert all("the ceiling of 100 calls is reached" in record.error for record in ended)


def test_a_run_that_a_ceiling_stopped_is_replayed_and_goes_on_under_a_higher_one(tmp_path: Path) -> None:
    planned = jobs(8, "generic")
    with Loopback(speaks) as server:
        stopped = run(client_of(server.url, tmp_path / "run.tape", Limits(calls=30)), planned, at_once=4)
        assert lines(run(Tape(tmp_path / "run.tape", "replay_or_fail"), planned)) == lines(stopped)
        assert len(server.asked) == 30
        whole = run(client_of(server.url, tmp_path / "run.tape"), planned, at_once=4)
        assert {record.outcome for record in whole} == {Outcome.TURN_LIMIT}
        again = len(server.asked)
        assert lines(run(client_of(server.url, tmp_path / "run.tape"), planned)) == lines(whole)
        assert len(server.asked) == again == sum(used.calls for record in whole for used in record.usage)


def test_each_policy_asks_its_own_model(tmp_path: Path) -> None:
    with Loopback(speaks) as one, Loopback(speaks) as other:
        config = models(one.url)
        policies = {"tiny": models(one.url)["judge"], "other": models(other.url)["judge"]}
        client = open_client(config, tmp_path / "run.tape", None, policies)
        records = run(client, jobs(4, "tiny", "other"), at_once=4)
        assert {record.outcome for record in records} == {Outcome.TURN_LIMIT}
        assert len(other.asked) == 2 * TURNS


def test_a_call_that_a_tape_does_not_hold_stops_the_run(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "run.tape", inner=ScriptedClient(sound))
    run(tape, jobs(2, "generic"))
    for at_once in (1, 4):
        with pytest.raises(TapeMiss, match="has no call at"):
            run(Tape(tmp_path / "run.tape", "replay_or_fail"), jobs(4, "generic"), at_once)


def test_work_in_a_crowd_is_cancelled_when_nobody_listens_any_more() -> None:
    begun: list[int] = []

    async def do(number: int) -> int:
        begun.append(number)
        return number

    results = iter(Crowd(range(100_000), do, 2))
    assert next(results) in (0, 1)
    results.close()  # type: ignore[attr-defined]
    time.sleep(0.02)  # it may end the jobs that are under way
    count = len(begun)
    time.sleep(0.02)
    assert len(begun) == count < 100_000


def test_an_error_in_a_crowd_comes_out_and_the_rest_is_cancelled() -> None:
    async def do(number: int) -> int:
        if number == 3:
            raise KeyError("three")
        return number

    with pytest.raises(KeyError, match="three"):
        list(Crowd(range(10), do, 2))
