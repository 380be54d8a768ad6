"""Stable-Baselines3 trains on EMPA-Strategy-v0: through its own checker, its own vectors and our batched one."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

sb3 = pytest.importorskip("stable_baselines3", reason="needs stable-baselines3: make sb3")

from stable_baselines3.common.env_checker import check_env  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env  # noqa: E402
from stable_baselines3.common.vec_env import VecMonitor  # noqa: E402

from empa_gym.integrations.sb3 import SB3VecEnv, sb3_vec_env  # noqa: E402

NAME = "EMPA-Strategy-v0"


@pytest.mark.parametrize("features", ["text", "state", "both"])
@pytest.mark.filterwarnings("error")
def test_sb3s_checker_finds_nothing(features: str) -> None:
    check_env(gym.make(NAME, features=features))


def test_our_vector_shows_and_pays_what_sb3s_own_does() -> None:
    ours, theirs = sb3_vec_env(NAME, 3), make_vec_env(NAME, 3)
    for env in (ours, theirs):
        env.seed(5)
    np.testing.assert_array_equal(ours.reset(), theirs.reset())
    draw, ended = np.random.default_rng(0), 0
    for _ in range(50):
        actions = draw.integers(13, size=3)
        (seen, paid, done, infos), (their_seen, their_paid, their_done, their_infos) = (
            ours.step(actions),
            theirs.step(actions),
        )
        np.testing.assert_array_equal(done, their_done)
        np.testing.assert_array_equal(paid, their_paid)
        np.testing.assert_array_equal(seen, their_seen)
        for one, other in zip(infos, their_infos, strict=True):
            assert one["TimeLimit.truncated"] == other["TimeLimit.truncated"]
            assert ("terminal_observation" in one) == ("terminal_observation" in other)
            if "terminal_observation" in one:
                ended += 1
                np.testing.assert_array_equal(one["terminal_observation"], other["terminal_observation"])
                assert (one["outcome"], one["turn"]) == (other["outcome"], other["turn"])
    assert ended > 3


@pytest.mark.parametrize("make", [lambda: VecMonitor(sb3_vec_env(NAME, 4)), lambda: make_vec_env(NAME, 2)])
def test_ppo_makes_an_update(make: Any) -> None:
    model = sb3.PPO("MlpPolicy", make(), n_steps=16, batch_size=16, n_epochs=2, device="cpu", seed=0)
    before = model.policy.action_net.weight.detach().clone()
    model.learn(128)
    assert not before.equal(model.policy.action_net.weight)
    assert model.ep_info_buffer[0]["l"] >= 8


def test_dqn_makes_an_update() -> None:
    model = sb3.DQN("MlpPolicy", gym.make(NAME), learning_starts=32, train_freq=4, device="cpu", seed=0)
    before = [one.detach().clone() for one in model.q_net.parameters()]
    model.learn(100)
    assert any(not old.equal(new) for old, new in zip(before, model.q_net.parameters(), strict=True))


def test_attributes_and_methods_of_slots_are_reached() -> None:
    env = sb3_vec_env(NAME, 3, render_mode="ansi")
    env.reset()
    assert [rules.epm.max_turns for rules in env.get_attr("rules")] == [15] * 3
    pictures = env.env_method("render", indices=[0, 2])
    assert pictures == [env.get_images()[0], env.get_images()[2]]
    assert all(isinstance(one, str) for one in pictures)
    env.close()


def test_text_is_refused_in_a_sentence() -> None:
    with pytest.raises(TypeError, match="use EMPA-Strategy-v0"):
        sb3_vec_env("EMPA-v0", 2)
    with pytest.raises(ValueError, match="SAME_STEP"):
        SB3VecEnv(gym.make_vec(NAME, 2))
