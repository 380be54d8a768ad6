from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.utils.env_checker import data_equivalence as same

import empa_gym
from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.registration import IDS, STRATEGY_IDS, register_envs
from empa_gym.errors import AnswerError, BudgetExceeded, ExtensionError, ModelError, RecordError, ScenarioError

REPLIES = ("That sounds hard.", "", "What was that like for you?", "d\u00e9j\u00e0 \U0001f642", "Just cheer up.") * 3
ALL = pytest.mark.parametrize("name", sorted({*IDS} - {"EMPA-LLM-v0"}))
"""EMPA-LLM-v0 needs a model, and stands in test_llm_env.py."""


def rollout(env: gym.Env[Any, Any], replies: tuple[str, ...] = REPLIES) -> list[Any]:
    """Every step until the dialogue ends or the replies do."""
    taken: list[Any] = []
    for reply in replies:
        taken.append(env.step(reply))
        if taken[-1][2] or taken[-1][3]:
            break
    return taken


def test_every_registered_id_of_this_package_is_tested_here() -> None:
    ours = [name for name, spec in gym.registry.items() if str(spec.entry_point).startswith("empa_gym")]
    assert sorted(ours) == sorted({*IDS, *STRATEGY_IDS})  # the latter stand in tests/wrappers


def test_registering_again_changes_nothing_and_warns_of_nothing() -> None:
    before = {name: gym.spec(name) for name in IDS}
    register_envs()
    assert {name: gym.spec(name) for name in IDS} == before


@ALL
def test_gymnasiums_checker_finds_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gym.make(name).unwrapped)


@ALL
@pytest.mark.parametrize("reveal_state", [False, True])
def test_two_envs_with_one_seed_live_through_the_same(name: str, reveal_state: bool) -> None:
    one, other = (gym.make(name, reveal_state=reveal_state) for _ in range(2))
    for seed in (4, None):
        assert same(one.reset(seed=seed), other.reset(seed=seed))
        assert same(rollout(one), rollout(other))


@ALL
def test_sampled_actions_stay_within_the_spaces(name: str) -> None:
    env = gym.make(name, reveal_state=True)
    observation, _ = env.reset(seed=1)
    env.action_space.seed(1)
    for _ in range(60):
        assert observation in env.observation_space
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            observation, _ = env.reset()


@ALL
def test_a_pickle_taken_in_mid_dialogue_goes_on_as_the_env_does(name: str) -> None:
    env = gym.make(name, reveal_state=True)
    env.reset(seed=2)
    rollout(env, REPLIES[:3])
    again = pickle.loads(pickle.dumps(env))
    assert same(rollout(env, REPLIES[3:7]), rollout(again, REPLIES[3:7]))
    assert same(env.reset(), again.reset())


@ALL
def test_a_deep_copy_forks_the_dialogue(name: str) -> None:
    env = gym.make(name, reveal_state=True)
    env.reset(seed=2)
    rollout(env, REPLIES[:3])
    here = env.unwrapped.state  # type: ignore[attr-defined]
    agreeing, differing, idle = (copy.deepcopy(env) for _ in range(3))
    ends = [fork.step(reply) for fork, reply in ((agreeing, "I hear you."), (differing, "Get over it."))]
    assert not same(ends[0], ends[1])
    assert env.unwrapped.state is here  # type: ignore[attr-defined]
    assert same(env.step("I hear you."), ends[0])
    assert idle.unwrapped.state is here
    draws = [fork.reset() for fork in (agreeing, idle, env)]
    assert same(draws[0], draws[1])
    assert same(draws[0], draws[2])


def test_a_fork_has_its_own_randomness_and_shares_what_holds_no_dialogue() -> None:
    env = EmpaEnv()
    env.reset(seed=0)
    fork = copy.deepcopy(env)
    fork.reset()
    fork.action_space.seed(3)
    assert fork.np_random is not env.np_random
    assert fork.action_space is not env.action_space
    assert (fork.cast, fork.reward) == (env.cast, env.reward)
    assert fork.cast is env.cast


@ALL
def test_a_spec_travels_as_json(name: str) -> None:
    changed = {"cast": {"judge": "null"}, "reward": {"potential": {"a": 5.0}}, "rules": {"base": "release"}}
    spec = gym.make(name, scenarios=["home-notice"], reveal_state=True, **changed).spec
    assert spec is not None
    again = EnvSpec.from_json(spec.to_json())
    assert again.kwargs == json.loads(json.dumps(spec.kwargs))
    one, other = gym.make(again), gym.make(spec)
    assert same(one.reset(seed=1), other.reset(seed=1))
    assert same(rollout(one, REPLIES[:4]), rollout(other, REPLIES[:4]))


def test_the_two_ids_differ_in_rules_reward_and_scenarios() -> None:
    main, training = (gym.make(name).unwrapped for name in ("EMPA-v0", "EMPA-Train-v0"))
    assert isinstance(main, EmpaEnv)
    assert isinstance(training, EmpaEnv)
    assert (main.rules.epm.min_turns, main.rules.epm.max_turns, len(main.scenarios)) == (12, 45, 12)
    assert (training.rules.epm.min_turns, training.rules.epm.max_turns, len(training.scenarios)) == (8, 15, 8)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vectorised_envs_deliver_what_single_ones_do(mode: str) -> None:
    context = {"context": "spawn"} if mode == "async" else {}
    envs = gym.make_vec("EMPA-v0", num_envs=2, vectorization_mode=mode, vector_kwargs=context)
    singles = [gym.make("EMPA-v0") for _ in range(2)]
    try:
        observed, infos = envs.reset(seed=3)
        expected = [env.reset(seed=3 + index) for index, env in enumerate(singles)]
        for reply in (*REPLIES[:4], "\U0001f642 \x00 end"):
            assert tuple(observed["message"]) == tuple(obs["message"] for obs, *_ in expected)
            assert list(infos["messages"]) == [info["messages"] for *_, info in expected]
            observed, rewards, _, _, infos = envs.step((reply, reply + " And you?"))
            expected = [env.step(text) for env, text in zip(singles, (reply, reply + " And you?"), strict=True)]
            assert np.array_equal(rewards, [taken[1] for taken in expected])
    finally:
        envs.close()


def test_what_breaks_in_a_worker_process_is_told_as_it_is_here() -> None:
    def broken(before: Any, after: Any) -> float:
        raise KeyError("price")

    envs = gym.make_vec(
        "EMPA-v0",
        num_envs=2,
        vectorization_mode="async",
        vector_kwargs={"context": "spawn"},
        reward=broken,
        cast="null",
    )
    try:
        envs.reset(seed=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Gymnasium logs the worker's traceback as a warning
            with pytest.raises(ExtensionError, match=r"^reward .*broken raised KeyError: 'price'$"):
                envs.step(("yes", "yes"))
    finally:
        envs.close(terminate=True)


@pytest.mark.parametrize(
    "error",
    [
        ExtensionError("judge", "a:B", "broke"),
        AnswerError("judge", "a:B", "gave 3"),
        ModelError("away", "judge"),
        ModelError(KeyError("away")),
        ScenarioError("f.json", "title", "expected a text"),
        RecordError("r.jsonl", "", "torn"),
        BudgetExceeded("spent"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_made_anew_from_its_value_or_its_pickle_says_the_same(error: Exception) -> None:
    assert str(type(error)(error)) == str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout


def test_importing_the_package_loads_no_heavy_part() -> None:
    heavy = {"torch", "openai", "matplotlib", "PIL", "moviepy", "rich", "scipy"}
    loaded = run_python("import sys, empa_gym; print(*sys.modules)").split()
    assert heavy & set(loaded) == set()


def test_an_id_is_found_by_the_module_prefix_alone() -> None:
    out = run_python("import gymnasium as gym; print(gym.make('empa_gym:EMPA-Train-v0').reset(seed=0)[1]['outcome'])")
    assert out.strip() == "running"


def test_every_public_name_is_there() -> None:
    assert sorted(empa_gym.__all__, key=str.lower) == sorted(set(empa_gym.__all__), key=str.lower)
    assert all(getattr(empa_gym, name) is not None for name in empa_gym.__all__)
    assert empa_gym.EmpaEnv is EmpaEnv
    with pytest.raises(AttributeError, match="no attribute 'EmpaEnvironment'"):
        empa_gym.EmpaEnvironment  # type: ignore[attr-defined]  # noqa: B018
