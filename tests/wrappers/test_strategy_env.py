"""EMPA-Strategy-v0: a strategy for an action, numbers for an observation, the same dialogue underneath."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.agents.views import PolicyView
from empa_gym.chat import Message
from empa_gym.policies.strategies import STRATEGIES, Strategy, strategy_reply
from empa_gym.wrappers import StateObservation, StrategyAction
from empa_gym.wrappers.state_observation import FEATURES, message_features
from empa_gym.wrappers.strategy_action import Seat

NAME = "EMPA-Strategy-v0"
ACTIONS = (0, 3, 3, 9, 12, 1, 4, 0, 5, 6, 2, 8, 7, 10, 11)


def played(env: gym.Env[Any, Any], seed: int = 5) -> list[Any]:
    """What an environment shows and pays while ACTIONS are done."""
    seen = [env.reset(seed=seed)[0]]
    for action in ACTIONS:
        observation, reward, terminated, truncated, _ = env.step(action)
        seen += [observation, reward, terminated, truncated]
        if terminated or truncated:
            break
    return seen


@pytest.mark.parametrize("features", FEATURES)
def test_gymnasiums_checker_finds_nothing_but_that_it_is_wrapped(features: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", ".*different from the unwrapped version")
        check_env(gym.make(NAME, features=features), skip_render_check=True)


@pytest.mark.parametrize("features", FEATURES)
def test_two_environments_with_one_seed_live_through_the_same(features: str) -> None:
    one, other = (played(gym.make(NAME, features=features)) for _ in range(2))
    np.testing.assert_equal(one, other)
    assert any(np.any(step != one[0]) for step in one[1::4]), "nothing ever changed"


def test_its_spec_makes_the_same_environment_again() -> None:
    env = gym.make(NAME, features="both", rules={"base": "training", "max_turns": 12})
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))  # type: ignore[union-attr]
    assert str(again) == str(env)
    np.testing.assert_equal(played(env), played(again))


@pytest.mark.parametrize("fork", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_fork_in_the_middle_goes_on_alike(fork: Any) -> None:
    env = gym.make(NAME)
    env.reset(seed=2)
    env.step(4)
    twin = fork(env)
    np.testing.assert_equal(env.step(1)[:4], twin.step(1)[:4])


def test_the_dialogue_underneath_is_that_of_the_words() -> None:
    env = gym.make(NAME)
    _, info = env.reset(seed=9)
    plain = gym.make("EMPA-Train-v0")
    plain.reset(seed=9)
    for turn, action in enumerate(ACTIONS, 1):
        messages = tuple(Message(one["role"], one["content"]) for one in info["messages"])
        reply = strategy_reply(STRATEGIES[action], PolicyView(messages, info["seed"], 0, turn))
        _, reward, terminated, truncated, info = env.step(action)
        _, paid, *ended, said = plain.step(reply)
        assert (reward, [terminated, truncated], info) == (paid, ended, said)
        if any(ended):
            break
    assert turn > 8


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("features", ["text", "both"])
def test_the_vector_twin_equals_gymnasiums_own_vector_step_for_step(mode: AutoresetMode, features: str) -> None:
    native = gym.make_vec(NAME, 3, "vector_entry_point", autoreset_mode=mode, features=features)
    stock = gym.make_vec(NAME, 3, "sync", vector_kwargs={"autoreset_mode": mode}, features=features)
    assert (native.observation_space, native.action_space) == (stock.observation_space, stock.action_space)
    np.testing.assert_array_equal(native.reset(seed=3)[0], stock.reset(seed=3)[0])
    draw, finals = np.random.default_rng(0), 0
    for _ in range(40):
        actions = draw.integers(len(STRATEGIES), size=3)
        (seen, paid, ended, cut, infos), theirs = native.step(actions), stock.step(actions)
        np.testing.assert_equal((seen, paid, ended, cut), theirs[:4])
        np.testing.assert_equal(list(infos.get("final_obs", ())), list(theirs[4].get("final_obs", ())))
        finals += int((ended | cut).sum())
        if mode is AutoresetMode.DISABLED and (ended | cut).any():
            again = {"reset_mask": ended | cut}
            np.testing.assert_array_equal(native.reset(options=again)[0], stock.reset(options=dict(again))[0])
    assert finals > 3, "no dialogue came to its end"


def test_the_latent_state_is_observed_only_where_it_was_asked_for() -> None:
    sizes = {features: gym.make(NAME, features=features).observation_space.shape for features in FEATURES}
    told = message_features("").size
    assert sizes == {"text": (1 + 13 + told,), "state": (1 + 13 + 3,), "both": (1 + 13 + told + 3,)}


def test_the_state_is_the_deficit_in_tens_of_points() -> None:
    env = gym.make(NAME, features="state")
    seen, _ = env.reset(seed=1)
    state = env.unwrapped.state  # type: ignore[attr-defined]
    np.testing.assert_allclose(seen[-3:] * 10, state.point.position, rtol=1e-6)


def test_features_that_need_the_latent_state_are_refused_where_it_is_hidden() -> None:
    with pytest.raises(ValueError, match="reveal_state=True"):
        gym.make(NAME, features="state", reveal_state=False)
    with pytest.raises(ValueError, match="features must be one of text, state, both"):
        gym.make(NAME, features="all")


def test_an_observation_without_a_turn_is_no_empa_env() -> None:
    with pytest.raises(ValueError, match="expected an EmpaEnv"):
        StateObservation(gym.make("CartPole-v1"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected an EmpaEnv"):
        StrategyAction(gym.make("CartPole-v1"))  # type: ignore[arg-type]


@pytest.mark.parametrize("action", [13, -1, "reflect", 1.0, None, np.array([1, 2])])
def test_an_action_that_names_no_strategy_is_refused(action: Any) -> None:
    env = gym.make(NAME, disable_env_checker=True)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="expected the index of a strategy, 0 to 12"):
        env.step(action)


def test_a_step_before_reset_says_so() -> None:
    with pytest.raises(ResetNeeded, match="call reset"):
        StrategyAction(gym.make("EMPA-v0")).step(0)
    with pytest.raises(ResetNeeded, match="call reset"):
        gym.make_vec(NAME, 2).step(np.array([0, 0]))


def test_recency_tells_how_fresh_each_strategy_is() -> None:
    seat = Seat((), 0, (2, 5, 2, 7))
    expected = np.zeros(13, np.float32)
    expected[[7, 2, 5]] = 1, 1 / 2, 1 / 3
    np.testing.assert_array_equal(seat.recency, expected)


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_the_features_of_any_message_lie_between_0_and_1(message: str) -> None:
    features = message_features(message)
    assert features.dtype == np.float32
    assert ((features >= 0) & (features <= 1)).all()
    assert features[:7].sum() == 1


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_has_something_to_say_in_every_turn_of_a_long_dialogue(strategy: Strategy) -> None:
    env = gym.make("EMPA-v0", rules={"base": "published", "rules_end": False})
    _, info = env.reset(seed=int(STRATEGIES.index(strategy)))
    replies = []
    for turn in range(1, 21):
        messages = tuple(Message(one["role"], one["content"]) for one in info["messages"])
        replies.append(strategy_reply(strategy, PolicyView(messages, info["seed"], 0, turn)))
        info = env.step(replies[-1])[4]
    assert all(len(reply.split()) > 4 for reply in replies)
    assert len(set(replies)) > 17
