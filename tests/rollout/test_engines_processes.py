"""Several processes play what one would: the same records, each once, whatever dies; and nothing stays behind."""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from empa_gym.agents.casting import cast_from
from empa_gym.agents.llm import llm_cast
from empa_gym.agents.null import null_cast
from empa_gym.agents.protocols import Policy
from empa_gym.clients import Limits, ModelConfig
from empa_gym.clients.wiring import TapeSettings
from empa_gym.dialogue.record import EpisodeRecord, to_line
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.errors import ConfigError, ExtensionError, RecordError, TapeMiss, WorkerDied
from empa_gym.outcome import Outcome
from empa_gym.policies import make_policy
from empa_gym.rollout.engines import Engine, InlineEngine, Work, make_engine
from empa_gym.rollout.engines.process_crew import Worker
from empa_gym.rollout.engines.processes import ProcessEngine
from empa_gym.rollout.jobs import Job, plan_jobs
from empa_gym.rollout.play import Game
from empa_gym.scenarios import select_scenarios
from tests.clients.loopback import Loopback
from tests.clients.players import speaks
from tests.rollout.engine_players import Buggy, Counts, Kills, KillsOnce, Odd, Plain, Unmakeable

TWO = select_scenarios(["health-knee", "values-rite"])
SHORT = Rules(EPMParams.endless(4), on_model_error="hold")
NULL = Game(null_cast(), SHORT)
LLM = Game(llm_cast(), SHORT)
ROOT = Path(__file__).resolve().parents[2]


def work(policy: Policy, game: Game = NULL) -> Work:
    return Work({"p": policy}, game)


def jobs(count: int) -> list[Job]:
    """Jobs that differ in their member."""
    return [Job("p", TWO[member % 2], 7, member) for member in range(count)]


def asking(url: str, policy: Policy, **more: object) -> Work:
    """A cast and a policy that ask an endpoint."""
    transport = "fast" if importlib.util.find_spec("pyreqwest") else "openai"
    model = ModelConfig("tiny", url, "", transport=transport, pause=0.002)
    roles = dict.fromkeys(("actor", "director", "judge"), model)
    return Work({"p": policy}, LLM, models=roles, policy_models={"p": model}, at_once=4, **more)  # type: ignore[arg-type]


def lines(records: Iterator[EpisodeRecord]) -> list[str]:
    """In an order that does not depend on when a dialogue ended; without the time that models took."""
    return sorted(to_line(record).partition('"usage"')[0] for record in records)


def members(records: Iterator[EpisodeRecord]) -> Counter[int]:
    return Counter(record.member for record in records)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    assert done()


def pids_in(file: Path) -> set[int]:
    return {int(line.split()[2]) for line in file.read_text().splitlines()} if file.exists() else set()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Two workers that are quick to be replaced, since tests kill them."""
    two = quick()
    yield two
    two.close()


def quick() -> ProcessEngine:
    return ProcessEngine(2, "forkserver" if sys.platform.startswith("linux") else "spawn")


def test_processes_that_are_started_afresh_play_the_same() -> None:
    two = make_engine("processes", workers=2)
    assert lines(two.play(jobs(8), work(Plain()))) == lines(InlineEngine().play(jobs(8), work(Plain())))
    two.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows the signals that a process blocks")
def test_ctrl_c_does_not_reach_a_worker_even_before_it_has_begun() -> None:
    worker = Worker(multiprocessing.get_context("spawn"))
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    blocked = int(next(line for line in status.splitlines() if line.startswith("SigBlk")).split()[1], 16)
    assert blocked >> (signal.SIGINT - 1) & 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ()), "it stays withheld from this process"
    worker.end()


def test_two_processes_give_the_records_of_one_bit_for_bit(engine: Engine, tmp_path: Path) -> None:
    played = Work({name: make_policy(name) for name in ("supporter", "random")}, Game(cast_from("offline"), SHORT))
    planned = plan_jobs(played.policies, TWO, range(3))
    assert lines(engine.play(planned, played)) == lines(InlineEngine().play(planned, played))
    file = tmp_path / "begun"
    assert members(engine.play(jobs(30), work(Counts(file, 0.01)))) == Counter(range(30))
    assert len(pids_in(file)) == 2, "one worker played everything"


def test_the_first_worker_that_is_ready_does_not_take_everything(tmp_path: Path) -> None:
    file = tmp_path / "begun"
    with Loopback(speaks) as server:
        asked = asking(server.url, Counts(file))._replace(at_once=32)
        fresh = quick()
        assert members(fresh.play(iter(jobs(32)), asked)) == Counter(range(32))
        fresh.close()
    begun = Counter(line.split()[2] for line in file.read_text().splitlines())
    assert min(begun.values()) >= 8
    assert len(begun) == 2


def test_processes_stay_for_the_next_play(engine: Engine, tmp_path: Path) -> None:
    begun = [tmp_path / "one", tmp_path / "two"]
    for file in begun:
        list(engine.play(jobs(20), work(Counts(file, 0.01))))
    assert pids_in(begun[0]) == pids_in(begun[1])


def test_no_jobs_give_no_records_and_start_no_process() -> None:
    with_nobody = ProcessEngine(2)
    assert list(with_nobody.play([], work(Plain()))) == []


def test_dialogues_with_models_are_the_same_in_processes(engine: Engine) -> None:
    with Loopback(speaks) as server:
        asked = asking(server.url, Plain(model=True))
        assert lines(engine.play(jobs(12), asked)) == lines(InlineEngine().play(jobs(12), asked))


@pytest.mark.parametrize("model", [False, True], ids=["no model", "models"])
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(engine: Engine, tmp_path: Path, model: bool) -> None:
    policy = KillsOnce(tmp_path, 3, 11, model=model)
    with Loopback(speaks) as server:
        asked = asking(server.url, policy) if model else work(policy)
        told: list[object] = []
        again = lines(engine.play(jobs(16), asked, lambda job, error: told.append(error)))
        assert again == lines(InlineEngine().play(jobs(16), asked))
    assert told == []
    assert {mark.name for mark in tmp_path.iterdir()} == {"3", "11"}


@pytest.mark.parametrize("model", [False, True], ids=["no model", "models"])
def test_a_dialogue_that_no_worker_survives_is_named_and_the_others_are_played(engine: Engine, model: bool) -> None:
    told: list[tuple[int, ExtensionError]] = []
    with Loopback(speaks) as server:
        policy = Kills(2, model=model)
        asked = asking(server.url, policy) if model else work(policy)
        records = list(engine.play(jobs(8), asked, lambda job, error: told.append((job.member, error))))
    assert members(iter(records)) == Counter(range(8))
    lost = next(record for record in records if record.member == 2)
    assert (lost.outcome, lost.turns) == (Outcome.RUNNING, ())
    assert "worker was killed by signal 9 (SIGKILL) each time it played this dialogue" in lost.error
    assert [(member, type(error), str(error)) for member, error in told] == [(2, WorkerDied, lost.error)]
    assert {record.outcome for record in records if record.member != 2} == {Outcome.TURN_LIMIT}


def test_without_somebody_to_tell_such_a_dialogue_ends_the_run(engine: Engine) -> None:
    with pytest.raises(WorkerDied, match="each time it played this dialogue"):
        list(engine.play(jobs(4), work(Kills(2))))


def test_broken_code_is_told_with_its_traceback_as_in_one_process(engine: Engine) -> None:
    told: list[ExtensionError] = []
    records = engine.play(jobs(3), work(Buggy()), lambda job, error: told.append(error))
    assert lines(records) == lines(InlineEngine().play(jobs(3), work(Buggy()), lambda job, error: None))
    assert {str(error) for error in told} == {"policy tests.rollout.engine_players:Buggy raised KeyError: 'three'"}
    assert all('raise KeyError("three")' in str(error.__cause__) for error in told)
    with pytest.raises(ExtensionError, match="raised KeyError"):
        list(engine.play(jobs(3), work(Buggy())))


def test_an_error_that_does_not_pickle_comes_with_its_words(engine: Engine) -> None:
    with pytest.raises(ExtensionError, match="OddError: this is odd"):
        list(engine.play(jobs(1), work(Odd())))


def test_what_does_not_pickle_is_named_before_anything_is_played() -> None:
    class Local(Plain):
        """A class that no worker can import."""

    with pytest.raises(ValueError, match=r"the policy 'p' cannot be sent to a worker.*at the top of a module"):
        ProcessEngine(2).play(jobs(1), work(Local()))
    with pytest.raises(ValueError, match="the reward cannot be sent"):
        ProcessEngine(2).play(jobs(1), work(Plain(), NULL._replace(reward=lambda before, after: 0.0)))


def test_what_a_worker_cannot_make_is_told_at_once(engine: Engine) -> None:
    with pytest.raises(ValueError, match="a worker cannot make what it was sent: ValueError: invalid literal"):
        list(engine.play(jobs(1), work(Unmakeable())))


def test_settings_that_cannot_work_are_refused_by_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    locked = asking("http://127.0.0.1:9/v1", Plain(), tape=TapeSettings(str(tmp_path / "none"), "replay_or_fail"))
    with pytest.raises(RecordError, match="none"):
        ProcessEngine(2).play(jobs(1), locked)
    keyed = ModelConfig("tiny", "http://127.0.0.1:9/v1", "NO_SUCH_KEY")
    with pytest.raises(ConfigError, match="judge: api_key_env: the environment variable NO_SUCH_KEY holds no key"):
        ProcessEngine(2).play(jobs(1), Work({"p": Plain()}, LLM, models={"judge": keyed}))
    with pytest.raises(ValueError, match="workers must be at least 1"):
        ProcessEngine(0)
    with pytest.raises(ValueError, match="spawn, forkserver, got 'fork'"):
        ProcessEngine(2, "fork")


def test_a_tape_is_recorded_by_several_processes_and_replayed_by_one(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "run.tape"
    with Loopback(speaks) as server:
        asked = asking(server.url, Plain(model=True), tape=TapeSettings(str(file)))
        recorded = lines(engine.play(jobs(12), asked))
        calls = len(server.asked)
        assert len(file.read_bytes().splitlines()) == calls
        assert lines(engine.play(jobs(12), asked)) == recorded
        assert len(server.asked) == calls, "an answer on the tape was asked again"
    replay = asked._replace(tape=TapeSettings(str(file), "replay_or_fail"))
    assert lines(InlineEngine().play(jobs(12), replay)) == recorded
    with pytest.raises(TapeMiss, match="has no call at"):
        list(engine.play(jobs(14), replay))


@pytest.mark.parametrize("ceiling", [{"calls": 100}, {"calls": 100, "requests_per_minute": 1e6}])
def test_a_ceiling_holds_over_all_processes_to_the_call(ceiling: dict[str, float]) -> None:
    with Loopback(speaks) as server:
        asked = asking(server.url, Plain(model=True), limits=Limits(**ceiling))  # type: ignore[arg-type]
        two = quick()
        records = list(two.play(jobs(20), asked))
        two.close()
        assert len(server.asked) == 100
    assert Outcome.BUDGET in {record.outcome for record in records} <= {Outcome.BUDGET, Outcome.TURN_LIMIT}
    assert members(iter(records)) == Counter(range(20))


@pytest.mark.parametrize("make", [InlineEngine, lambda: quick()], ids=["one process", "processes"])
def test_an_engine_heeds_the_limits_of_each_work_and_counts_on_under_the_same(make: Callable[[], Engine]) -> None:
    with Loopback(speaks) as server:
        free = asking(server.url, Plain(model=True))
        bound = free._replace(limits=Limits(calls=20))
        with contextlib.closing(make()) as engine:
            list(engine.play(jobs(1), free))
            before = len(server.asked)
            for _ in range(2):
                records = list(engine.play(jobs(2), bound))
                assert len(server.asked) == before + 20
            assert {record.outcome for record in records} == {Outcome.BUDGET}


def test_a_ceiling_holds_when_workers_are_killed(tmp_path: Path) -> None:
    with Loopback(speaks) as server:
        asked = asking(server.url, KillsOnce(tmp_path, 3, 9, model=True), limits=Limits(calls=100))
        two = quick()
        records = list(two.play(jobs(20), asked))
        two.close()
        assert 90 <= len(server.asked) <= 100, "calls under way at a death may have been counted without being sent"
    assert members(iter(records)) == Counter(range(20))


def test_calls_at_once_hold_over_all_processes() -> None:
    with Loopback(speaks, delay=0.01) as server:
        asked = asking(server.url, Plain(model=True), limits=Limits(by_role={"judge": 1}, concurrency=3))
        two = quick()
        assert len(list(two.play(jobs(8), asked))) == 8
        two.close()
        assert server.most <= 3 * 3 + 1


def test_closing_early_ends_every_process_at_once(tmp_path: Path) -> None:
    file = tmp_path / "begun"
    two = quick()
    records = two.play(jobs(1000), work(Counts(file, 0.01)))
    next(records)
    wait_until(lambda: len(pids_in(file)) == 2)
    records.close()  # type: ignore[attr-defined]
    assert not any(map(alive, pids_in(file)))
    played = len(file.read_text().splitlines())
    assert played < 1000
    assert members(two.play(jobs(3), work(Plain()))) == Counter(range(3)), "the engine can be used again"
    two.close()


def rested(tmp_path: Path) -> tuple[ProcessEngine, set[int]]:
    """An engine that has played, and the processes that wait for its next play."""
    two = quick()
    list(two.play(jobs(12), work(Counts(tmp_path / "begun", 0.01))))
    pids = pids_in(tmp_path / "begun")
    assert all(map(alive, pids))
    return two, pids


def test_a_closed_engine_leaves_no_process(tmp_path: Path) -> None:
    two, pids = rested(tmp_path)
    two.close()
    assert not any(map(alive, pids))


def test_a_forgotten_engine_leaves_no_process(tmp_path: Path) -> None:
    two, pids = rested(tmp_path)
    del two
    assert not any(map(alive, pids))


def test_an_engine_that_another_thread_closes_ends_the_loop_over_its_records(tmp_path: Path) -> None:
    two = quick()
    records = two.play(jobs(1000), work(Counts(tmp_path / "begun", 0.01)))
    next(records)
    closing = threading.Timer(0.1, two.close)
    closing.start()
    assert len(list(records)) < 999
    closing.join()
    assert not any(map(alive, pids_in(tmp_path / "begun")))


def test_no_more_is_played_than_is_taken(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("empa_gym.rollout.engines.serving.MOST_UNREAD", 5)
    file = tmp_path / "begun"
    records = engine.play(jobs(40), work(Counts(file)))
    next(records)
    wait_until(lambda: len(file.read_text().splitlines()) >= 5)
    time.sleep(0.2)
    assert len(file.read_text().splitlines()) <= 1 + 5 + 2 * 2, "more lie ready than may, and two in each hand"
    assert len(list(records)) == 39


SCRIPT = """
import signal
import sys
from pathlib import Path
from tests.rollout.engine_players import Counts
from tests.rollout.test_engines_processes import jobs, work
from empa_gym.rollout.engines.processes import ProcessEngine

def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
    for record in ProcessEngine(2).play(jobs(100_000), work(Counts(Path(sys.argv[1]), 1000))):
        pass

GUARD
"""


def started(tmp_path: Path, guard: str) -> subprocess.Popen[bytes]:
    """A script that plays on and on, in a session of its own."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("GUARD", guard))
    command = [sys.executable, str(script), str(tmp_path / "begun")]
    places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, start_new_session=True, env={**os.environ, "PYTHONPATH": places}
    )


GUARDED = 'if __name__ == "__main__":\n    main()'


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=["kill", "term", "ctrl-c"])
def test_no_process_outlives_the_one_that_started_it(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, GUARDED) as script:
        wait_until(lambda: len(pids_in(tmp_path / "begun")) == 2)
        if number is signal.SIGINT:
            os.killpg(script.pid, number)  # as a terminal does
        else:
            script.send_signal(number)
        _, said = script.communicate(timeout=60)
    wait_until(lambda: not any(map(alive, pids_in(tmp_path / "begun"))))
    assert said.count(b"Traceback") == (number is signal.SIGINT), "a worker spoke"


def test_a_script_without_a_guard_is_told_what_to_do(tmp_path: Path) -> None:
    with started(tmp_path, "main()") as script:
        _, said = script.communicate(timeout=120)
    assert script.returncode == 1
    assert b"must start its work under if __name__ == '__main__':" in said.splitlines()[-1]
