"""Vector environments among processes, threads and signals: workers of Gymnasium's own, pickles, Ctrl-C, the end."""

from __future__ import annotations

import asyncio
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import VectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

import empa_gym  # noqa: F401  (registers the ids)
from empa_gym.envs.vector import EmpaVectorEnv
from tests.clients.loopback import Asked, Loopback, Told
from tests.clients.players import speaks

IDS = sorted(name for name, spec in gym.registry.items() if str(spec.entry_point).startswith("empa_gym"))
KEY = "sk-marked-key-4711"
SHORT = {"base": "training", "min_turns": 2, "max_turns": 4}
SAID = ("I hear you.", "\U0001f642 d\u00e9j\u00e0 \x00", "")
SLOTS = len(SAID)
PATIENCE = 30
"""Seconds until a process that should end is given up."""

WORKERS = """
import sys
import gymnasium as gym
from gymnasium.utils.env_checker import data_equivalence
import empa_gym

if __name__ == "__main__":
    name, context = sys.argv[1:]
    given = {"num_envs": 2, "rules": {"base": "training", "min_turns": 2, "max_turns": 4}}
    theirs = gym.make_vec(name, vectorization_mode="async", vector_kwargs={"context": context}, **given)
    ours = gym.make_vec(name, **given)
    texts = hasattr(ours.single_action_space, "max_length")
    one, other = ours.reset(seed=1), theirs.reset(seed=1)
    assert data_equivalence(one, other, exact=True), (one, other)
    kept = other[0]
    for step in range(9):
        said = (f"reply {step}", ("\\U0001f642 d\\u00e9j\\u00e0 \\x00", "")[step % 2]) if texts else [step % 3, 1]
        one, other = ours.step(said), theirs.step(said)
        assert data_equivalence(one, other, exact=True), (step, one, other)
        assert other[0] in theirs.observation_space
    assert data_equivalence(kept, ours.reset(seed=1)[0], exact=True), "what was seen before has changed"
    theirs.close()
    ours.close()
    print("equal")
"""

PLAYS = """
import sys
import gymnasium as gym
import empa_gym

how, url, transport = sys.argv[1:]
model = {"model": "tiny", "base_url": url, "api_key_env": "", "transport": transport, "deadline": 900, "timeout": 900}
cast = dict.fromkeys(("actor", "director", "judge"), model)
rules = {"base": "training", "min_turns": 2, "max_turns": 4}
envs = gym.make_vec("EMPA-LLM-v0", num_envs=3, cast=cast, rules=rules)
envs.reset(seed=1)
before = envs.get_attr("state")
print("begun", flush=True)
if how == "raises":
    raise OSError("a mistake of the loop's author")
try:
    envs.step(["I hear you, lantern."] * 3)
except KeyboardInterrupt:
    assert envs.get_attr("state") == before
    if how == "interrupted":
        raise
print("over", flush=True)
"""


def hangs(asked: Asked) -> Told:
    """No first byte, for longer than any test waits, for what speaks of a lantern."""
    return speaks(asked)._replace(pause=20 * PATIENCE) if b"lantern" in asked.body else speaks(asked)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """The model that EMPA-LLM-v0 asks; its answers depend on the question alone."""
    with Loopback(hangs) as loopback:
        monkeypatch.setenv("EMPA_MODEL", "tiny")
        monkeypatch.setenv("EMPA_BASE_URL", loopback.url)
        monkeypatch.setenv("EMPA_API_KEY_ENV", "MY_KEY")
        monkeypatch.setenv("MY_KEY", KEY)
        yield loopback


def asking(**more: Any) -> EmpaVectorEnv:
    envs = gym.make_vec("EMPA-LLM-v0", num_envs=SLOTS, rules=SHORT, **more)
    assert isinstance(envs, EmpaVectorEnv)
    return envs


def same(one: Any, other: Any) -> bool:
    return bool(data_equivalence(one, other, exact=True))


@pytest.mark.parametrize("context", ["fork", "spawn"])
@pytest.mark.parametrize("name", IDS)
@pytest.mark.usefixtures("server")
def test_every_id_gives_through_worker_processes_what_it_gives_natively(
    name: str, context: str, tmp_path: Path
) -> None:
    """In a process of its own, since this one may have threads, which a fork does not carry over."""
    script = tmp_path / "workers.py"
    script.write_text(WORKERS)
    run = subprocess.run(
        [sys.executable, str(script), name, context], capture_output=True, text=True, check=False, timeout=120
    )
    assert run.stdout.strip() == "equal", run.stderr[-2000:]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.usefixtures("server")
def test_every_id_is_made_natively_and_vector_wrappers_go_around_it(name: str) -> None:
    envs = gym.make_vec(name, num_envs=2, rules=SHORT, render_mode="rgb_array")
    assert isinstance(envs.unwrapped, EmpaVectorEnv)
    counted: VectorEnv[Any, Any, Any] = RecordEpisodeStatistics(envs)
    counted.reset(seed=1)
    counted.action_space.seed(1)
    lengths = [counted.step(counted.action_space.sample())[4].get("episode", {}).get("l") for _ in range(5)]
    assert [each is not None for each in lengths].count(True) >= 1
    frames = counted.render()
    assert frames is not None
    assert len(frames) == 2
    counted.close()


def test_a_pickle_in_mid_dialogue_asks_its_models_again_and_holds_no_key(server: Loopback) -> None:
    envs = asking()
    envs.reset(seed=3)
    envs.step(SAID)
    packed = pickle.dumps(envs)
    assert KEY.encode() not in packed
    again = pickle.loads(packed)
    for _ in range(6):
        assert same(envs.step(SAID), again.step(SAID))
    assert same(envs.reset(seed=4), again.reset(seed=4))
    envs.close()
    again.close()
    assert server.asked


def test_inside_the_running_loop_of_a_notebook_it_steps_as_outside_of_one(server: Loopback) -> None:
    def taken() -> list[Any]:
        envs = asking()
        seen: list[Any] = [envs.reset(seed=3), envs.step(SAID), envs.step(SAID)]
        envs.close()
        return seen

    async def cell() -> list[Any]:
        await asyncio.sleep(0)
        return taken()

    assert same(asyncio.run(cell()), taken())
    assert server.asked


def begun(how: str, server: Loopback, transport: str = "openai") -> subprocess.Popen[str]:
    """A process that has begun its dialogues."""
    process = subprocess.Popen(
        [sys.executable, "-c", PLAYS, how, server.url, transport],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def waits_for_lanterns(server: Loopback) -> None:
    """Until a step hangs at the endpoint in every slot."""
    for _ in range(PATIENCE * 100):
        if sum(b"lantern" in asked.body for asked in server.asked) >= SLOTS:
            return
        time.sleep(0.01)
    raise AssertionError("the step never came to the endpoint")


def soon_without_connections(server: Loopback) -> bool:
    for _ in range(1000):
        if not server.connections:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("transport", ["openai", "fast"])
@pytest.mark.parametrize("how", ["caught", "interrupted"])
def test_ctrl_c_ends_a_step_at_once_and_the_process_quietly(how: str, transport: str, server: Loopback) -> None:
    pytest.importorskip("pyreqwest" if transport == "fast" else "openai")
    process = begun(how, server, transport)
    waits_for_lanterns(server)
    process.send_signal(signal.SIGINT)
    told, complained = process.communicate(timeout=PATIENCE)
    if how == "caught":
        assert (process.returncode, told, complained) == (0, "over\n", "")
    else:
        assert process.returncode == -signal.SIGINT
        assert complained.rstrip().endswith("KeyboardInterrupt")
        assert complained.count("Traceback") == 1, complained
    assert soon_without_connections(server)


def test_a_process_whose_loop_raises_ends_quietly_without_closing(server: Loopback) -> None:
    process = begun("raises", server)
    _, complained = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert complained.rstrip().endswith("OSError: a mistake of the loop's author")
    assert complained.count("Traceback") == 1, complained
    assert soon_without_connections(server)
