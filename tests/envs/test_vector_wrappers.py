"""Gymnasium's own vector wrappers and worker processes do with our text what they do with numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import (
    ClipReward,
    DictInfoToList,
    FilterObservation,
    FlattenObservation,
    RecordEpisodeStatistics,
    RecordVideo,
)

from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.tensors import numpy_to_torch
from empa_gym.envs.vector import EmpaVectorEnv
from tests.envs.fitful import FITFUL

SLOTS = 3
SHORT = {"base": "training", "min_turns": 2, "max_turns": 5}
GIVEN: dict[str, Any] = {"cast": FITFUL, "rules": SHORT, "on_model_error": "hold", "reveal_state": True}
MODES = pytest.mark.parametrize("mode", list(AutoresetMode), ids=lambda mode: mode.value)


def both(mode: AutoresetMode, **more: Any) -> tuple[EmpaVectorEnv, SyncVectorEnv[Any, Any]]:
    given = {**GIVEN, **more}
    single: Any = lambda: EmpaEnv(**given)  # noqa: E731
    return EmpaVectorEnv(SLOTS, autoreset_mode=mode, **given), SyncVectorEnv([single] * SLOTS, autoreset_mode=mode)


def timeless(infos: dict[str, Any]) -> dict[str, Any]:
    """The infos without the seconds that an episode took."""
    if "episode" in infos:
        infos = {**infos, "episode": {name: values for name, values in infos["episode"].items() if name != "t"}}
    return infos


@MODES
@pytest.mark.filterwarnings("ignore:.*autoreset:UserWarning")
def test_statistics_of_episodes_are_those_over_gymnasiums_own(mode: AutoresetMode) -> None:
    ours, theirs = (RecordEpisodeStatistics(envs) for envs in both(mode))
    ours.reset(seed=1)
    theirs.reset(seed=1)
    over = np.zeros(SLOTS, dtype=bool)
    for step in range(60):
        if mode is AutoresetMode.DISABLED and over.any():
            ours.env.reset(options={"reset_mask": over})
            theirs.env.reset(options={"reset_mask": over})
            for each in (ours, theirs):
                each.episode_returns[over], each.episode_lengths[over], each.prev_dones[over] = 0, 0, False
        one, other = (each.step([f"reply {step}"] * SLOTS) for each in (ours, theirs))
        assert data_equivalence(one[:4], other[:4], exact=True)
        assert data_equivalence(timeless(one[4]), timeless(other[4]), exact=True)
        over = one[2] | one[3]
    assert ours.episode_count > 20
    assert list(ours.return_queue) == list(theirs.return_queue)
    assert list(ours.length_queue) == list(theirs.length_queue)


def test_a_partial_reset_leaves_the_statistics_of_the_others() -> None:
    envs = RecordEpisodeStatistics(both(AutoresetMode.DISABLED)[0])
    envs.reset(seed=1)
    envs.step(["yes"] * SLOTS)
    envs.reset(options={"reset_mask": np.array([True, False, False])})
    assert envs.episode_lengths.tolist() == [0, 1, 1]


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_other_wrappers_see_the_same(mode: AutoresetMode) -> None:
    def wrapped(envs: Any) -> Any:
        if mode is not AutoresetMode.SAME_STEP:  # there Gymnasium's wrappers of observations refuse every env
            envs = FlattenObservation(FilterObservation(envs, ["deficit", "turn"]))
        return DictInfoToList(ClipReward(envs, -1.0, 1.0))

    ours, theirs = map(wrapped, both(mode))
    assert data_equivalence(ours.reset(seed=3), theirs.reset(seed=3), exact=True)
    for step in range(20):
        one, other = (each.step([f"reply {step}"] * SLOTS) for each in (ours, theirs))
        assert data_equivalence(one, other, exact=True)


def test_every_slot_is_in_the_video(tmp_path: Path) -> None:
    pytest.importorskip("moviepy")
    inner, _ = both(AutoresetMode.NEXT_STEP, render_mode="rgb_array")
    envs = RecordVideo(inner, str(tmp_path / "videos"), episode_trigger=lambda episode: True)
    envs.reset(seed=0)
    for _ in range(8):
        envs.step(["yes"] * SLOTS)
    envs.close()
    files = list(tmp_path.glob("videos/*.mp4"))
    assert files
    assert all(file.stat().st_size > 1000 for file in files)


def test_numbers_become_tensors_and_text_stays_text() -> None:
    pytest.importorskip("array_api_compat", reason="pip install 'gymnasium[torch]' for NumpyToTorch")
    torch = pytest.importorskip("torch")
    plain, inner = (EmpaVectorEnv(SLOTS, autoreset_mode="SameStep", **GIVEN) for _ in range(2))
    envs = numpy_to_torch(inner)
    expected, _ = plain.reset(seed=2)
    observed, infos = envs.reset(seed=2)
    for step in range(12):
        assert observed["message"] == expected["message"]
        assert torch.equal(observed["deficit"], torch.from_numpy(expected["deficit"]))
        assert infos["scenario"].dtype == object
        expected, paid, *_ = plain.step([f"reply {step}"] * SLOTS)
        observed, rewards, terminated, _, infos = envs.step(tuple([f"reply {step}"] * SLOTS))
        assert torch.equal(rewards, torch.from_numpy(paid))
        assert terminated.dtype == torch.bool
    numbers = numpy_to_torch(gym.make_vec("CartPole-v1", num_envs=2, vectorization_mode="sync"))
    assert numbers.reset(seed=0)[0].shape == (2, 4)


WORKERS = """
import sys
import gymnasium as gym
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AsyncVectorEnv
import empa_gym

def made():
    return empa_gym.EmpaEnv(rules={"base": "training", "max_turns": 4, "min_turns": 2}, reveal_state=True)

if __name__ == "__main__":
    context, mode = sys.argv[1:]
    theirs = AsyncVectorEnv([made] * 3, context=context, autoreset_mode=mode)
    ours = empa_gym.envs.vector.EmpaVectorEnv(
        3, autoreset_mode=mode, rules={"base": "training", "max_turns": 4, "min_turns": 2}, reveal_state=True
    )
    one, other = ours.reset(seed=1), theirs.reset(seed=1)
    assert data_equivalence(one, other, exact=True), (one, other)
    for step in range(14):
        said = (f"reply {step}", "\\U0001f642 d\\u00e9j\\u00e0 \\x00", "")
        one, other = ours.step(said), theirs.step(said)
        assert data_equivalence(one, other, exact=True), (step, one, other)
        assert other[0] in theirs.observation_space
    theirs.close()
    print("equal")
"""


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_worker_processes_with_shared_memory_deliver_what_the_native_env_does(
    context: str, mode: str, tmp_path: Path
) -> None:
    """In a process of its own, since this one may have threads, which a fork does not carry over."""
    script = tmp_path / "workers.py"
    script.write_text(WORKERS.replace("import empa_gym\n", "import empa_gym\nimport empa_gym.envs.vector\n", 1))
    run = subprocess.run([sys.executable, str(script), context, mode], capture_output=True, text=True, timeout=120)
    assert run.stdout.strip() == "equal", run.stderr[-2000:]
