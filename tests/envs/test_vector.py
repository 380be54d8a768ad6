"""EmpaVectorEnv gives what SyncVectorEnv gives, and guards what SyncVectorEnv does not."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.wrappers import TimeLimit

from empa_gym.clients import ScriptedClient
from empa_gym.dialogue.state import DialogueState
from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.vector import EmpaVectorEnv
from tests.dialogue.scripted import ASKING
from tests.envs.fitful import FITFUL, fitful_model

SLOTS = 4
REPLIES = ("That sounds hard.", "", "Just cheer up.", "What was that like for you?", "d\u00e9j\u00e0 \U0001f642", "no")
SHORT = {"base": "training", "min_turns": 2, "max_turns": 9}
MODES = pytest.mark.parametrize("mode", list(AutoresetMode), ids=lambda mode: mode.value)
CASTS = pytest.mark.parametrize("cast", [FITFUL, ASKING, "offline"], ids=["fails by itself", "asks a model", "offline"])
Taken = tuple[Any, ...]


def arguments(cast: Any = "offline", **more: Any) -> dict[str, Any]:
    on_model_error = "raise" if cast == "offline" else "hold"
    return {"cast": cast, "rules": SHORT, "reveal_state": True, "on_model_error": on_model_error, **more}


def native(mode: AutoresetMode, given: dict[str, Any], slots: int = SLOTS, **more: Any) -> EmpaVectorEnv:
    envs = EmpaVectorEnv(slots, autoreset_mode=mode, **more, **given)
    if given["cast"] is ASKING:
        envs.client = ScriptedClient(fitful_model)
    return envs


def single(given: dict[str, Any]) -> EmpaEnv:
    env = EmpaEnv(**given)
    if given["cast"] is ASKING:
        env.complete = ScriptedClient(fitful_model).complete
    return env


def stock(mode: AutoresetMode, given: dict[str, Any], slots: int = SLOTS) -> SyncVectorEnv[Any, Any]:
    made: list[Callable[[], Any]] = [lambda: single(given)] * slots
    return SyncVectorEnv(made, autoreset_mode=mode)


def same(one: Any, other: Any) -> bool:
    return bool(data_equivalence(one, other, exact=True))


def replies(step: int, slots: int = SLOTS) -> tuple[str, ...]:
    return tuple(REPLIES[(step * 7 + slot * (step % 5)) % len(REPLIES)] for slot in range(slots))


def next_step(envs: VectorEnv[Any, Any, Any], step: int, over: Any) -> list[Taken]:
    """One step; where dialogues are over under DISABLED, a reset of these before it."""
    taken: list[Taken] = []
    if envs.metadata["autoreset_mode"] is AutoresetMode.DISABLED and over.any():
        taken.append(envs.reset(options={"reset_mask": over.copy()}))
    return [*taken, envs.step(replies(step))]


@MODES
@CASTS
def test_a_thousand_steps_with_random_ends_and_failures_are_those_of_gymnasiums_own(
    cast: Any, mode: AutoresetMode
) -> None:
    ours, theirs = native(mode, arguments(cast)), stock(mode, arguments(cast))
    assert same(ours.reset(seed=11), theirs.reset(seed=11))
    over, outcomes, held = np.zeros(SLOTS, dtype=bool), set(), 0
    for step in range(1000 if cast != "offline" else 300):
        one, other = next_step(ours, step, over), next_step(theirs, step, over)
        assert same(one, other), step
        *_, terminated, truncated, infos = one[-1]
        over = terminated | truncated
        ended = infos["final_info"]["outcome"] if "final_info" in infos else infos["outcome"]
        outcomes |= set(ended[over])
        held += sum(map(bool, infos["error"]))
    if cast != "offline":
        assert outcomes >= {"turn_limit", "model_error", "recovered"}, outcomes
        assert held > 50


@MODES
def test_a_step_limit_from_outside_is_gymnasiums_time_limit(mode: AutoresetMode) -> None:
    ours = native(mode, arguments(FITFUL), max_episode_steps=3)
    theirs = SyncVectorEnv([lambda: TimeLimit(single(arguments(FITFUL)), 3)] * SLOTS, autoreset_mode=mode)
    assert same(ours.reset(seed=2), theirs.reset(seed=2))
    over = np.zeros(SLOTS, dtype=bool)
    for step in range(60):
        one, other = next_step(ours, step, over), next_step(theirs, step, over)
        assert same(one, other), step
        over = one[-1][2] | one[-1][3]


def test_seeds_may_be_listed_and_streams_go_on_without_one() -> None:
    ours, theirs = native(AutoresetMode.DISABLED, arguments()), stock(AutoresetMode.DISABLED, arguments())
    for seed in ([5, 3, 5, 1], None, 7, [None, 2, None, 2]):
        assert same(ours.reset(seed=seed), theirs.reset(seed=seed))  # type: ignore[arg-type]
    assert ours.np_random_seed == theirs.np_random_seed
    assert [stream.random() for stream in ours.np_random] == [stream.random() for stream in theirs.np_random]


def test_what_ended_is_the_final_observation_and_what_begins_is_the_observation() -> None:
    envs = native(AutoresetMode.SAME_STEP, arguments("null", rules={**SHORT, "max_turns": 3}))
    envs.reset(seed=0)
    for _ in range(2):
        *_, infos = envs.step(["yes"] * SLOTS)
        assert "final_info" not in infos
    observed, rewards, _, truncated, infos = envs.step(["yes"] * SLOTS)
    assert truncated.all()
    assert rewards.shape == (SLOTS,)
    assert [final["turn"] for final in infos["final_obs"]] == [3] * SLOTS
    assert infos["final_info"]["outcome"].tolist() == ["turn_limit"] * SLOTS
    assert observed["turn"].tolist() == infos["turn"].tolist() == [0] * SLOTS
    assert infos["outcome"].tolist() == ["running"] * SLOTS
    assert all(len(messages) == 6 for messages in infos["final_info"]["messages"])


def test_a_mask_resets_some_and_stays_in_the_callers_dict() -> None:
    envs = native(AutoresetMode.DISABLED, arguments())
    before, _ = envs.reset(seed=0)
    stepped, *_ = envs.step(replies(0))
    options = {"reset_mask": np.array([False, True, False, True]), "scenario": "home-notice"}
    after, infos = envs.reset(seed=9, options=options)
    assert list(options) == ["reset_mask", "scenario"]
    assert after["turn"].tolist() == [1, 0, 1, 0]
    assert [after["message"][slot] == stepped["message"][slot] for slot in range(SLOTS)] == [True, False, True, False]
    assert infos["_scenario"].tolist() == [False, True, False, True]
    assert infos["scenario"].tolist() == [None, "home-notice", None, "home-notice"]
    assert before["turn"].tolist() == [0] * SLOTS


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"reset_mask": [True] * SLOTS}, TypeError),
        ({"reset_mask": np.ones(SLOTS, dtype=int)}, TypeError),
        ({"reset_mask": np.ones(SLOTS + 1, dtype=bool)}, ValueError),
        ({"reset_mask": np.zeros(SLOTS, dtype=bool)}, ValueError),
        ({"mask": np.ones(SLOTS, dtype=bool)}, ValueError),
    ],
)
def test_options_that_do_not_fit_are_refused_and_change_nothing(options: Any, error: type[Exception]) -> None:
    envs = native(AutoresetMode.DISABLED, arguments())
    envs.reset(seed=0)
    states = envs.get_attr("state")
    with pytest.raises(error, match=r"reset_mask|unknown options"):
        envs.reset(options=options)
    assert envs.get_attr("state") == states


@pytest.mark.parametrize(
    ("actions", "error", "says"),
    [
        ("text", TypeError, "expected a sequence of 4 replies, got str"),
        (7, TypeError, "expected a sequence of 4 replies, got int"),
        (("yes",) * 3, ValueError, "expected a reply for each of the 4 slots, got 3"),
        (("yes", "yes", "yes", 7), TypeError, "expected a reply .str., got int"),
    ],
)
def test_replies_that_do_not_fit_are_refused_before_anything_is_played(
    actions: Any, error: type[Exception], says: str
) -> None:
    envs = native(AutoresetMode.NEXT_STEP, arguments())
    envs.reset(seed=0)
    states = envs.get_attr("state")
    with pytest.raises(error, match=says):
        envs.step(actions)
    assert envs.get_attr("state") == states


def test_replies_may_come_as_an_array() -> None:
    envs, others = (native(AutoresetMode.NEXT_STEP, arguments()) for _ in range(2))
    assert same(envs.reset(seed=0), others.reset(seed=0))
    assert same(envs.step(np.array(replies(1))), others.step(list(replies(1))))


@pytest.mark.parametrize("seed", [[1, 2], -1, 1.5, "one", [1, 2, 3, -4]])
def test_seeds_that_do_not_fit_are_refused(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"seed"):
        native(AutoresetMode.NEXT_STEP, arguments()).reset(seed=seed)


@pytest.mark.parametrize(
    "wrong", [{"num_envs": 0}, {"autoreset_mode": "Later"}, {"max_episode_steps": 0}, {"lanes": 3}, {"rewards": "idr"}]
)
def test_arguments_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        EmpaVectorEnv(**wrong)


def test_a_dialogue_that_is_over_is_not_stepped_when_nobody_resets_it() -> None:
    envs = native(AutoresetMode.DISABLED, arguments("null", rules={**SHORT, "max_turns": 2}))
    with pytest.raises(ResetNeeded, match="call reset"):
        envs.step(replies(0))
    with pytest.raises(ResetNeeded, match="slot 1 has no dialogue yet"):
        envs.reset(options={"reset_mask": np.array([True, False, False, False])})
    envs.reset(seed=0)
    envs.step(replies(0))
    envs.step(replies(1))
    with pytest.raises(ResetNeeded, match=r"slots \[0, 1, 2, 3\] are over.*reset_mask"):
        envs.step(replies(2))
    envs.reset(options={"reset_mask": np.array([True, False, True, True])})
    with pytest.raises(ResetNeeded, match=r"slots \[1\] are over"):
        envs.step(replies(2))


def test_after_close_it_says_so() -> None:
    envs = native(AutoresetMode.NEXT_STEP, arguments())
    envs.close()
    envs.close()
    for act in (envs.reset, lambda: envs.step(replies(0))):
        with pytest.raises(ClosedEnvironmentError, match="was closed"):
            act()


@CASTS
@pytest.mark.parametrize("twin", [copy.deepcopy, lambda envs: pickle.loads(pickle.dumps(envs))], ids=["copy", "pickle"])
def test_a_copy_or_a_pickle_in_mid_dialogue_goes_on_as_the_env_does(cast: Any, twin: Any) -> None:
    envs = native(AutoresetMode.NEXT_STEP, arguments(cast))
    envs.reset(seed=3)
    for step in range(12):
        envs.step(replies(step))
    again = twin(envs)
    for step in range(12, 40):
        assert same(envs.step(replies(step)), again.step(replies(step)))
    assert same(envs.reset(), again.reset())


def test_every_slot_may_fork_from_one_moment() -> None:
    envs = native(AutoresetMode.DISABLED, arguments())
    envs.reset(seed=3)
    envs.step(replies(1))
    state = envs.envs[2].state
    assert isinstance(state, DialogueState)
    observed, infos = envs.reset(options={"state": state})
    assert set(observed["message"]) == {state.message}
    assert set(infos["seed"]) == {state.seed}
    *_, infos = envs.step(["I hear you.", "I hear you.", "Get over it.", "no"])
    assert infos["messages"][0] == infos["messages"][1] != infos["messages"][2]


def test_the_spaces_hold_what_is_seen_and_nothing_is_handed_out_twice() -> None:
    envs = native(AutoresetMode.SAME_STEP, arguments(FITFUL))
    before, _ = envs.reset(seed=1)
    kept = copy.deepcopy(before)
    envs.action_space.seed(1)
    for _ in range(50):
        observed, *_ = envs.step(envs.action_space.sample())
        assert observed in envs.observation_space
        assert observed["deficit"].dtype == np.float32
    assert same(before, kept)


def test_attributes_of_slots_are_read_set_and_called() -> None:
    envs = native(AutoresetMode.NEXT_STEP, arguments(render_mode="ansi"))
    envs.reset(seed=0)
    assert [state.turn for state in envs.get_attr("state")] == [0] * SLOTS
    assert envs.call("render") == envs.render()
    assert all(isinstance(text, str) for text in envs.render())
    envs.set_attr("on_stage", [1, 2, 3, 4])
    assert envs.get_attr("on_stage") == (1, 2, 3, 4)
    envs.set_attr("on_stage", True)
    assert envs.get_attr("on_stage") == (True,) * SLOTS
    with pytest.raises(ValueError, match="a value for each of the 4 slots"):
        envs.set_attr("on_stage", [1])


def test_a_slot_does_not_move_alone() -> None:
    envs = native(AutoresetMode.NEXT_STEP, arguments())
    envs.reset(seed=0)
    with pytest.raises(RuntimeError, match="reset_mask"):
        envs.envs[0].reset()
    with pytest.raises(RuntimeError, match="make an EmpaEnv"):
        envs.envs[0].step("yes")


def test_one_env_does_not_carry_its_mode_to_others() -> None:
    first = EmpaVectorEnv(1, autoreset_mode="SameStep")
    assert first.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert "autoreset_mode" not in EmpaVectorEnv.metadata
    assert "autoreset_mode" not in VectorEnv.metadata
    assert EmpaVectorEnv(1).metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def test_people_watch_every_dialogue_as_in_gymnasiums_own(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for make in (native, stock):
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
            envs: Any = make(mode, arguments("null", rules={**SHORT, "max_turns": 2}, render_mode="human"), 2)
            envs.reset(seed=1)
            for step in range(3):
                envs.step(replies(step, 2))
            shown.append(sorted(capsys.readouterr().out.splitlines()))
    assert shown[:2] == shown[2:]
    assert any("is over" in line for line in shown[0])


def test_gymnasium_makes_it_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        envs = gym.make_vec("EMPA-v0", num_envs=3, autoreset_mode="SameStep", scenarios=["home-notice"])
        assert isinstance(envs, EmpaVectorEnv)
        assert envs.spec is not None
        again = gym.make_vec(envs.spec)
    assert isinstance(again, EmpaVectorEnv)
    assert (again.num_envs, again.autoreset_mode) == (3, AutoresetMode.SAME_STEP)
    assert same(envs.reset(seed=1), again.reset(seed=1))
    assert "autoreset_mode" in envs.spec.to_json()


@pytest.mark.parametrize("name", ["EMPA-v0", "EMPA-Train-v0"])
def test_an_id_made_natively_gives_what_gymnasiums_own_gives(name: str) -> None:
    ours = gym.make_vec(name, num_envs=3)
    theirs = gym.make_vec(name, num_envs=3, vectorization_mode="sync")
    assert isinstance(ours, EmpaVectorEnv)
    assert same(ours.reset(seed=5), theirs.reset(seed=5))
    for step in range(60):
        assert same(ours.step(replies(step, 3)), theirs.step(replies(step, 3)))
