from __future__ import annotations

import dataclasses
import random
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from empa_gym.agents.answers import Direction, DirectorMove
from empa_gym.agents.null import NullJudge
from empa_gym.agents.protocols import Cast
from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.dialogue.state import DialogueState
from empa_gym.envs.empa import EmpaEnv
from empa_gym.epm import EPMParams
from empa_gym.errors import AnswerError, ExtensionError, ModelError
from empa_gym.scenarios import get_scenario, select_scenarios
from tests.dialogue.scripted import ASKING, SECRET, WORSE, Fails, ScriptedActor, ScriptedDirector, scripted

TYPES = {
    "scenario": str,
    "seed": int,
    "turn": int,
    "outcome": str,
    "success": bool,
    "end_kind": str,
    "judged": bool,
    "reward_valid": bool,
    "reward_span": int,
    "error": str,
    "reply_truncated": bool,
    "messages": list,
}
LATENT_TYPES = {
    "levels": np.ndarray,
    "energy": float,
    "distance": float,
    "alignment": float,
    "director_move": str,
    "evidence": str,
}
ENDLESS = {"rules_end": False, "max_turns": 12}


def env_of(cast: Any = "null", **arguments: Any) -> EmpaEnv:
    return EmpaEnv(**{"cast": cast, "scenarios": "values-rite", "rules": ENDLESS, **arguments})


def steps(env: EmpaEnv, count: int, seed: int = 1) -> list[tuple[dict[str, Any], float, bool, bool, dict[str, Any]]]:
    env.reset(seed=seed)
    taken = []
    for _ in range(count):
        taken.append(env.step("I hear you"))
        if taken[-1][2] or taken[-1][3]:
            break
    return taken


# ---- reset


def test_reset_gives_the_opening_and_a_neutral_info() -> None:
    observation, info = env_of(scripted()).reset(seed=0)
    assert observation == {"message": "message 0 after 0 refusals", "turn": 0}
    assert info["messages"] == [{"role": "user", "content": observation["message"]}]
    assert (info["outcome"], info["judged"], info["reward_valid"], info["reward_span"]) == ("running", False, False, 0)


def test_a_seed_begins_the_stream_anew_and_reset_without_one_goes_on_in_it() -> None:
    one, other = env_of(scenarios="starter"), env_of(scenarios="starter")
    chain = [env.reset(seed=5 if first else None)[1] for env in (one, other) for first in (True, False, False)]
    assert chain[:3] == chain[3:]
    assert len({info["seed"] for info in chain}) == 3
    assert len({one.reset()[1]["scenario"] for _ in range(200)}) == 12


def test_an_option_chooses_the_scenario_and_does_not_shift_the_stream() -> None:
    env = env_of(scenarios="starter")
    drawn = env.reset(seed=5)[1]
    named = env.reset(seed=5, options={"scenario": drawn["scenario"]})[1]
    assert named == drawn
    other = env.reset(seed=5, options={"scenario": "home-notice"})[1]
    assert (other["scenario"], other["seed"]) == ("home-notice", drawn["seed"])
    assert env.reset(options={})[1]["seed"] == _second_of(env_of(scenarios="starter"))


def _second_of(env: EmpaEnv) -> Any:
    env.reset(seed=5)
    return env.reset()[1]["seed"]


def test_an_option_sets_the_seed_of_the_dialogue() -> None:
    info = env_of().reset(seed=0, options={"seed": np.int64(77)})[1]
    assert info["seed"] == 77
    assert type(info["seed"]) is int


def test_an_option_forks_from_a_state() -> None:
    env, other = env_of(scripted()), env_of(scripted(), scenarios="home-notice")
    steps(env, 3)
    kept = env.state
    observation, info = other.reset(options={"state": kept})
    assert other.state is kept
    assert (observation["turn"], info["turn"], info["scenario"], info["judged"]) == (3, 3, "values-rite", False)
    assert [env.step(reply)[0] for reply in ("no", "yes")] == [other.step(reply)[0] for reply in ("no", "yes")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"persona": "x"}, r"unknown options \['persona'\]; the options of reset are scenario, seed, state"),
        ({"scenario": "nobody"}, "no scenario 'nobody' in this environment; there are values-rite"),
        ({"scenario": "../values-rite"}, "no scenario"),
        (5, "options must be a dict or None, got 5; the options of reset are scenario, seed, state"),
        ("seed", "options must be a dict or None, got 'seed'"),
        ({1: 2, "b": 3}, r"unknown options \[1, 'b'\]"),
        ({"scenario": ["values-rite"]}, "no scenario"),
        ({"seed": -1}, "whole number of at least 0, got -1"),
        ({"seed": True}, "whole number of at least 0, got True"),
        ({"seed": 1.5}, "whole number"),
        ({"seed": np.array([1, 2])}, "whole number"),
        ({"state": "turn 3"}, "must be a DialogueState, got str"),
    ],
)
def test_an_option_that_does_not_fit_is_refused_with_what_would(options: Any, words: str) -> None:
    env = env_of()
    env.reset(seed=0)
    before = env.state
    with pytest.raises(ValueError, match=words):
        env.reset(options=options)
    assert env.state is before


def test_a_fork_takes_a_running_state_alone_and_within_the_turn_limit() -> None:
    env, short = env_of(), env_of(rules={"rules_end": False, "max_turns": 3})
    steps(env, 3)
    with pytest.raises(ValueError, match="fewer than 3 turns, got one of 3 turns that is running"):
        short.reset(options={"state": env.state})
    with pytest.raises(ValueError, match="give it alone"):
        env.reset(options={"state": env.state, "seed": 3})
    steps(env, 12)
    with pytest.raises(ValueError, match="12 turns that is turn_limit"):
        env.reset(options={"state": env.state})


def test_reset_in_the_middle_leaves_nothing_behind() -> None:
    env, fresh = env_of(scripted()), env_of(scripted())
    steps(env, 7)
    assert env.reset(seed=3) == fresh.reset(seed=3)
    assert env.step("no") == fresh.step("no")


# ---- step


def test_step_before_reset_and_after_the_end_is_refused_with_what_to_do() -> None:
    env = env_of()
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step("hello")
    steps(env, 12)
    with pytest.raises(ResetNeeded, match=r"the dialogue is over \(turn_limit\); call reset"):
        env.step("hello")


@pytest.mark.parametrize("reply", [None, 3, b"hello", ["hello"], {"reply": "hello"}])
def test_a_reply_that_is_no_text_is_refused_and_the_dialogue_stays(reply: Any) -> None:
    env = env_of()
    env.reset(seed=0)
    with pytest.raises(TypeError, match="str"):
        env.step(reply)
    assert env.state.turn == 0
    env.step(np.str_("numpy text is text"))
    assert type(env.state.turns[-1].reply) is str


def test_a_reply_over_the_limit_is_cut_and_judged_as_it_stands() -> None:
    cast = scripted()
    env = env_of(cast, max_reply_chars=10)
    env.reset(seed=0)
    assert env.step("x" * 10)[4]["reply_truncated"] is False
    info = env.step("x" * 11)[4]
    assert info["reply_truncated"] is True
    assert info["messages"][-2]["content"] == cast.judge.views[-1].exchanges[-1].reply == "x" * 10  # type: ignore[attr-defined]
    assert EmpaEnv(cast="null").action_space.max_length == 8192


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    env = env_of()
    env.reset(seed=0)
    info = env.step("so \ud83d sad \udc00 but \ud83d\ude42")[4]
    assert info["messages"][-2]["content"] == "so \ufffd sad \ufffd but \U0001f642"


@dataclasses.dataclass
class Says:
    """Says one thing every turn."""

    message: str

    def speak(self, view: Any) -> Any:
        return self.message
        yield


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("\ud800 hi", "\ufffd hi"),
        ("\ud83d\ude42", "\U0001f642"),
        ("x" * 100_000, "x" * 8192),
        ("line\n\x1b[2J", "line\n\x1b[2J"),
    ],
    ids=["half a pair", "a pair", "long", "control"],
)
def test_a_message_is_the_same_in_the_observation_the_info_the_state_and_what_the_roles_see(
    said: str, heard: str
) -> None:
    cast = dataclasses.replace(scripted(), actor=Says(said))
    env = env_of(cast)
    begun, first = env.reset(seed=0)
    observation, _, _, _, info = env.step("I hear you")
    assert begun["message"] == observation["message"] == heard
    assert [m["content"] for m in (*first["messages"], *info["messages"]) if m["role"] == "user"] == [heard] * 3
    assert env.state.message == cast.judge.views[-1].exchanges[-1].message == heard  # type: ignore[attr-defined]
    assert observation in env.observation_space


@pytest.mark.parametrize("said", ["", " \n"])
def test_an_actor_that_says_nothing_is_named_and_the_dialogue_before_stays(said: str) -> None:
    env = env_of(dataclasses.replace(scripted(), actor=Says("hello")))
    env.reset(seed=0)
    before = env.state
    env.cast = dataclasses.replace(env.cast, actor=Says(said))
    for broken in (lambda: env.step("I hear you"), lambda: env.reset(seed=1)):
        with pytest.raises(AnswerError, match=r"actor .*:Says gave no fit answer: expected a message, found a blank"):
            broken()
        assert env.state is before


@pytest.mark.parametrize("message", ["", "\ud800", "x" * 9000])
def test_a_state_whose_message_no_actor_can_have_said_is_no_fork(message: str) -> None:
    env = env_of()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="the option state must hold a message"):
        env.reset(options={"state": dataclasses.replace(env.state, message=message)})


@pytest.mark.parametrize("reply", ["", "   ", "\n\t", "\x00", "\u3042\u3044"])
def test_a_blank_or_odd_reply_is_a_turn(reply: str) -> None:
    env = env_of()
    env.reset(seed=0)
    info = env.step(reply)[4]
    assert (info["turn"], info["messages"][-2]["content"]) == (1, reply)


def test_the_reward_is_the_distance_won_and_plain_python() -> None:
    for env in (env_of(scripted()), env_of(scripted(), reward={"idr": "zone"})):
        for observation, reward, terminated, truncated, _ in steps(env, 12):
            assert observation in env.observation_space
            assert [type(value) for value in (reward, terminated, truncated)] == [float, bool, bool]
    env = env_of(scripted())
    taken = steps(env, 12)
    total = sum(reward for _, reward, *_ in taken)
    assert total == pytest.approx(env.state.points[0].distance - env.state.point.distance)


def test_any_function_of_two_states_is_a_reward() -> None:
    def constant(before: DialogueState, after: DialogueState) -> float:
        return 10.0 * before.turn + after.turn

    assert [taken[1] for taken in steps(env_of(reward=constant), 3)] == [1.0, 12.0, 23.0]


def test_a_reward_that_raises_leaves_the_dialogue_as_it_was() -> None:
    def broken(before: DialogueState, after: DialogueState) -> float:
        raise ZeroDivisionError

    env = env_of(reward=broken)
    env.reset(seed=0)
    with pytest.raises(ExtensionError, match=r"reward .*broken raised ZeroDivisionError") as caught:
        env.step("hello")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert env.state.turn == 0


@pytest.mark.parametrize("on_model_error", ["raise", "hold", "truncate"])
@pytest.mark.parametrize("role", ["judge", "director", "actor"])
def test_a_role_that_breaks_is_named_and_the_same_step_may_be_called_again(role: str, on_model_error: str) -> None:
    def bug() -> Any:
        return KeyError("mood")

    failing = Fails([2], bug)
    env = env_of(scripted(**{role: failing}), on_model_error=on_model_error)
    env.reset(seed=0)
    env.step("hello")
    before = env.state
    with pytest.raises(ExtensionError, match=rf"{role} .* raised KeyError: 'mood'"):
        env.step("hello")
    assert env.state is before
    failing.turns = ()
    assert env.step("hello")[4]["turn"] == 2


# ---- info


@pytest.mark.parametrize("reveal_state", [False, True])
def test_info_has_the_same_keys_and_types_in_every_call(reveal_state: bool) -> None:
    types = TYPES | LATENT_TYPES if reveal_state else TYPES
    cast = scripted({2: WORSE}, judge=Fails({3}), director=Fails({4}), actor=Fails({6}))
    env = env_of(cast, reveal_state=reveal_state, on_model_error="hold")
    infos = [env.reset(seed=0)[1]] + [taken[4] for taken in steps(env, 12)]
    assert len(infos) == 7
    for info in infos:
        assert {key: type(value) for key, value in info.items()} == types


def test_messages_are_plain_new_and_ready_for_a_chat_template() -> None:
    env = env_of(scripted())
    taken = steps(env, 12)
    for turn, (observation, *_, info) in enumerate(taken, 1):
        running = info["outcome"] == "running"
        messages = info["messages"]
        assert [m["role"] for m in messages] == ["user", "assistant"] * turn + ["user"] * running
        assert not running or messages[-1]["content"] == observation["message"]
    taken[2][4]["messages"][0]["content"] = "changed by the caller"
    taken[2][4]["messages"].clear()
    assert len(taken[3][4]["messages"]) == 9
    assert env.state.turns[0].message == "message 0 after 0 refusals"


def test_the_latent_state_is_shown_only_when_it_is_asked_for() -> None:
    cast = scripted({1: ((2, 0), (0, -1), (1, 0))}, {1: Direction(DirectorMove.END)})
    shown, hidden = env_of(cast, reveal_state=True), env_of(cast)
    assert set(hidden.observation_space.keys()) == {"message", "turn"}
    assert not set(LATENT_TYPES) & set(hidden.reset(seed=1)[1])
    observation, *_, info = steps(shown, 1)[0]
    assert observation["deficit"].tolist() == list(shown.state.point.position)
    assert observation["deficit"].dtype == np.float32
    assert (info["levels"].tolist(), info["levels"].dtype) == ([[2, 0], [0, -1], [1, 0]], np.int8)
    assert (info["energy"], info["distance"]) == (shown.state.point.energy, shown.state.point.distance)
    assert info["director_move"] == "end (refused)"


def test_the_observed_deficit_stays_within_its_space_in_the_worst_and_best_dialogue() -> None:
    for levels in (((0, -2),) * 3, ((2, 0),) * 3):
        env = env_of(scripted({turn: levels for turn in range(1, 13)}), reveal_state=True, scenarios="starter")
        for observation, *_ in steps(env, 12):
            assert observation in env.observation_space


def test_nothing_that_differs_between_runs_stands_in_info() -> None:
    assert [taken[4] for taken in steps(env_of(scripted()), 5)] == [taken[4] for taken in steps(env_of(scripted()), 5)]


# ---- outcomes


@pytest.mark.parametrize(
    ("cast", "rules", "outcome", "terminated", "success", "kinds"),
    [
        (scripted(), "published", "recovered", True, True, {"geometric", "positional"}),
        (scripted({t: WORSE for t in range(1, 46)}), "published", "collapsed", True, False, {""}),
        (
            scripted({t: ((1, 0) if t % 3 else (0, -1), (0, 0), (0, 0)) for t in range(1, 46)}),
            "published",
            "oscillated",
            True,
            False,
            {""},
        ),
        (scripted(), {"min_turns": 4, "max_turns": 4}, "turn_limit", False, False, {""}),
        (
            scripted(moves={t: Direction(DirectorMove.END) for t in range(1, 46)}),
            {"director_ends": True},
            "ended_by_director",
            True,
            True,
            {""},
        ),
        (scripted(actor=Fails({3})), "published", "model_error", False, False, {""}),
    ],
)
def test_each_outcome_sets_its_flags(
    cast: Cast, rules: Any, outcome: str, terminated: bool, success: bool, kinds: set[str]
) -> None:
    *before, last = steps(env_of(cast, rules=rules, on_model_error="hold"), 45)
    assert not any(taken[2] or taken[3] for taken in before)
    assert (last[2], last[3]) == (terminated, not terminated)
    assert (last[4]["outcome"], last[4]["success"]) == (outcome, success)
    assert last[4]["end_kind"] in kinds
    assert last[0]["message"] == ""


# ---- failures of models


def test_a_held_turn_says_so_and_the_next_one_covers_it() -> None:
    env = env_of(scripted(judge=Fails({2})), on_model_error="hold")
    fields = ("judged", "reward_valid", "reward_span", "error")
    taken = steps(env, 3)
    assert [tuple(info[field] for field in fields) for *_, info in taken] == [
        (True, True, 1, ""),
        (False, False, 0, f"judge: {SECRET}"),
        (True, True, 2, ""),
    ]
    assert taken[1][1] == 0.0


def test_an_actor_that_fails_truncates_and_the_reward_stays_valid() -> None:
    last = steps(env_of(scripted(actor=Fails({2})), on_model_error="hold"), 5)[-1]
    assert (last[2], last[3], last[4]["outcome"]) == (False, True, "model_error")
    assert last[4]["reward_valid"]
    assert last[1] > 0


def test_raise_is_the_default_and_leaves_the_dialogue_as_it_was() -> None:
    env = env_of(ASKING)
    with pytest.raises(ModelError, match="no chat model"):
        env.reset(seed=0)
    env = env_of(scripted(judge=Fails({2})))
    env.reset(seed=0)
    env.step("hello")
    before = env.state
    with pytest.raises(ModelError):
        env.step("hello")
    assert env.state is before


def test_a_completion_given_to_the_env_answers_a_cast_that_asks() -> None:
    def complete(request: ChatRequest) -> ChatReply:
        return ChatReply("[1, 0]" if request.role == "judge" else f"{request.role} {request.turn}")

    env = env_of(ASKING)
    env.complete = complete
    env.reset(seed=0)
    observation, _, _, _, info = env.step("hello")
    assert (observation["message"], info["judged"]) == ("actor 1", True)


# ---- independence


def test_a_dialogue_does_not_change_with_other_envs_beside_it_or_with_global_randomness() -> None:
    def one(beside: bool) -> list[Any]:
        env = EmpaEnv(scenarios="starter")
        others = [EmpaEnv(scenarios="starter"), EmpaEnv(scenarios="starter", rules="training")] if beside else []
        trace: list[Any] = [env.reset(seed=11)]
        for other in others:
            other.reset(seed=11)
        for turn in range(8):
            if beside:
                np.random.seed(turn)
                random.seed(turn)
                for index, other in enumerate(others):
                    other.step(f"something else {index} {turn}")
            trace.append(env.step(f"That sounds hard. What was it like, turn {turn}?"))
        return trace

    assert one(beside=False) == one(beside=True)


def test_no_global_randomness_is_used_or_changed() -> None:
    random.seed(0)
    np.random.seed(0)
    before = (random.getstate(), np.random.get_state()[1].tolist())  # type: ignore[index,union-attr]
    steps(EmpaEnv(scenarios="starter"), 5)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index,union-attr]


# ---- arguments


def test_arguments_may_be_given_as_the_objects_that_they_stand_for() -> None:
    env = EmpaEnv(scenarios=[get_scenario("home-notice")], cast=scripted(), rules=EPMParams.training(), reward="energy")
    assert env.rules.epm.max_turns == 15
    assert env.scenarios == select_scenarios("home-notice")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"scenario": "home-notice"}, r"unknown arguments \['scenario'\]; the arguments are scenarios, cast, reward"),
        ({"scenarios": "nowhere"}, "starter-train"),
        ({"scenarios": []}, "scenarios must be at least one"),
        ({"scenarios": 5}, "scenarios must be a split's name, a scenario's id.*, or a list of these; got 5"),
        ({"scenarios": None}, "scenarios must be .* got None"),
        ({"scenarios": {"a": 1}}, "scenarios must be .* got {'a': 1}"),
        ({"scenarios": [5]}, "each of scenarios must be a split's name.* got 5"),
        ({"scenarios": ""}, "each of scenarios must be .* got ''"),
        ({"scenarios": b"starter"}, "each of scenarios must be .* got 115"),
        ({"scenarios": "a\0.json"}, "expected a readable UTF-8 file"),
        ({"cast": "broadway"}, "offline, null"),
        ({"cast": None}, "cast must be one of offline, null, a Cast, or a mapping from actor.* got None"),
        ({"cast": 42}, "cast must be one of offline, null.* got 42"),
        ({"cast": ["null"]}, "cast must be one of offline, null"),
        ({"cast": Cast}, "cast must be one of offline, null"),
        ({"cast": {"judge": 3}}, "unknown judge 3; the names are offline, null"),
        ({"cast": {"judge": None}}, "unknown judge None"),
        ({"cast": {"judge": ["null"]}}, "unknown judge"),
        ({"cast": {3: "null"}}, r"unknown roles \[3\]"),
        ({"cast": Cast(None, None, None)}, "NoneType cannot play the actor: expected a method 'speak', found none"),
        ({"reward": 3}, "reward must be a reward's name, a dict or a function, got 3"),
        ({"reward": None}, "reward must be a reward's name, a dict or a function, got None"),
        ({"reward": {}}, "reward must be one of idr"),
        ({"rules": 5}, "rules must be one of published, release, training, a dict.* got 5"),
        ({"rules": None}, "rules must be one of published.* got None"),
        ({"rules": ["published"]}, "rules must be one of published"),
        ({"rules": {"base": [1]}}, r"unknown rules \[1\]"),
        ({"rules": {1: 2, "b": 3}}, r"unknown rules \[1, 'b'\]"),
        ({"rules": {"alpha": "x"}}, r"alpha must lie in \[0, 1\), got 'x'"),
        ({"rules": {"oscillation": "no"}}, "oscillation must be true or false, got 'no'"),
        ({"rules": {"min_turns": 50}}, "no success is reachable: got min_turns=50 and max_turns=45"),
        ({"rules": {"max_turns": 10**30}}, "max_turns must be a whole number of at least 1 and at most"),
        ({"policy": "supporter"}, r"unknown arguments \['policy'\]; the arguments are scenarios, cast, reward"),
        ({"max_reply_chars": 10**30}, "max_reply_chars must be a whole number of at least 1 and at most"),
        ({"render_mode": ["human"]}, "render_mode must be one of None, 'human'"),
        ({"reward": "gold"}, "reward must be one of idr"),
        ({"rules": "house"}, "the rule sets are published, release, training"),
        ({"rules": {"max_turn": 3}}, "the fields are"),
        ({"on_model_error": "ignore"}, "'raise', 'hold', 'truncate'; got 'ignore'"),
        ({"reveal_state": "yes"}, "reveal_state must be one of False, True"),
        ({"max_reply_chars": 0}, "max_reply_chars must be a whole number of at least 1 and at most 2147483647, got 0"),
        ({"max_reply_chars": "8k"}, "max_reply_chars must be a whole number"),
        ({"render_mode": "video"}, "render_mode must be one of None, 'human', 'ansi', 'rgb_array'; got 'video'"),
    ],
)
def test_an_argument_that_is_off_is_refused_in_one_sentence(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        EmpaEnv(**arguments)
    if "render_mode" in arguments:
        return  # Gymnasium looks at it first
    with pytest.raises(ValueError, match=words):
        gym.make("EMPA-v0", **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"api_key": "sk-SECRET"},
        {"openai_api_key": "sk-SECRET"},
        {"cast": {"judge": {"api_key": "sk-SECRET"}}},
        {"cast": {"judge": [{"token": "sk-SECRET"}]}},
        {"cast": {"judge": [[{"api-key": "sk-SECRET"}]]}},
    ],
)
def test_a_secret_is_refused_and_never_printed(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="environment variable") as refused:
        gym.make("EMPA-v0", **arguments)
    assert "SECRET" not in f"{refused.value} {refused.value.__cause__} {refused.value.__context__}"


def test_a_scenario_without_words_for_the_embedded_actor_is_refused_when_the_env_is_made() -> None:
    mute = dataclasses.replace(get_scenario("values-rite"), voice=None)
    with pytest.raises(ValueError, match="scenario 'values-rite' has no voice"):
        EmpaEnv(scenarios=[mute])
    env_of("null", scenarios=[mute]).reset(seed=0)


def test_a_scenario_that_a_role_does_not_speak_is_refused_when_the_env_is_made_and_when_it_forks() -> None:
    class EnglishJudge(NullJudge):
        language = "en"

    french = dataclasses.replace(get_scenario("values-rite"), language="fr")
    cast = Cast(ScriptedActor(), ScriptedDirector(), EnglishJudge())
    with pytest.raises(ValueError, match=r"judge .*'values-rite'.*'fr'"):
        env_of(cast, scenarios=[french])
    elsewhere = env_of(scenarios=[french])
    elsewhere.reset(seed=0)
    with pytest.raises(ValueError, match=r"judge .*'values-rite'.*'fr'"):
        env_of(cast).reset(options={"state": elsewhere.state})
