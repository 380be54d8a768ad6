from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym import drive
from empa_gym.agents.answers import Assessment, Direction, DirectorMove
from empa_gym.agents.null import NullDirector, NullJudge, null_cast
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.dialogue.rewards import DISTANCES, REWARDS, make_reward, pay
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.epm import EPMParams
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.outcome import Outcome
from tests.dialogue.scripted import (
    ASKING,
    SCENARIO,
    SECRET,
    WORSE,
    AskingJudge,
    Fails,
    Levels,
    ScriptedActor,
    ScriptedDirector,
    ScriptedJudge,
    opened,
    played,
    scripted,
    turn,
)

STABLE = settings(deadline=None, derandomize=True)
HOLD = Rules(EPMParams.endless(12), "hold")
END = Direction(DirectorMove.END, guidance="that is enough")
LEVEL = st.tuples(st.integers(0, 2), st.integers(-2, 0))
LEVELS = st.tuples(LEVEL, LEVEL, LEVEL)


def telescoped(states: list[DialogueState], distance: str) -> float:
    reward = make_reward({"idr": distance})
    return math.fsum(pay(reward, before, after) for before, after in pairwise(states))


def test_a_dialogue_opens_with_the_actors_message_and_nothing_judged() -> None:
    state = opened(scripted())
    assert state.message == "message 0 after 0 refusals"
    assert (state.turn, len(state.points), state.outcome) == (0, 1, Outcome.RUNNING)
    assert state.point.position == SCENARIO.deficit


def test_a_turn_is_judged_then_directed_then_answered() -> None:
    cast = scripted(moves={1: Direction(DirectorMove.REVEAL_STAGE, stage=0)})
    after = turn(opened(cast), cast, HOLD, "no")
    (played_turn,) = after.turns
    assert (played_turn.message, played_turn.reply) == ("message 0 after 0 refusals", "no")
    assert (played_turn.judged, played_turn.span) == (True, 1)
    assert after.point.shift == (1.0, 1.0, 1.0)
    assert isinstance(cast.actor, ScriptedActor)
    assert cast.actor.views[-1].direction == played_turn.direction == Direction(DirectorMove.REVEAL_STAGE, stage=0)
    assert after.message == "message 1 after 1 refusals"


def test_once_a_rule_ends_the_dialogue_nobody_is_asked_for_more() -> None:
    cast = scripted({t: WORSE for t in range(1, 20)})
    states = played(cast, Rules(EPMParams(min_turns=5)))
    assert (states[-1].outcome, states[-1].turn, states[-1].message) == (Outcome.COLLAPSED, 5, "")
    assert isinstance(cast.director, ScriptedDirector)
    assert isinstance(cast.actor, ScriptedActor)
    assert (len(cast.director.views), len(cast.actor.views)) == (4, 5)


@STABLE
@given(
    script=st.dictionaries(st.integers(1, 12), LEVELS),
    failing=st.sets(st.integers(1, 12)),
    every=st.integers(1, 4),
    distance=st.sampled_from(sorted(DISTANCES)),
)
def test_idr_telescopes_to_the_distance_covered_whenever_the_judge_fails(
    script: dict[int, Levels], failing: set[int], every: int, distance: str
) -> None:
    states = played(scripted(script, judge=Fails(failing)), Rules(EPMParams.endless(12, eval_every=every), "hold"))
    measure = DISTANCES[distance]
    assert telescoped(states, distance) == pytest.approx(measure(states[0].point) - measure(states[-1].point), abs=1e-9)


@STABLE
@given(failing=st.sets(st.integers(1, 12)), gamma=st.floats(0.5, 1.0))
def test_potential_rewards_telescope_in_discounted_time_across_held_turns(failing: set[int], gamma: float) -> None:
    states = played(scripted(judge=Fails(failing)), HOLD)
    reward, total = make_reward({"potential": {"gamma": gamma}}), 0.0
    for before, after in pairwise(states):
        total += gamma**before.point.turn * pay(reward, before, after)
    first, last = (9.0 / (9.0 + state.point.distance) for state in (states[0], states[-1]))
    assert total == pytest.approx(gamma ** states[-1].point.turn * last - first, abs=1e-9)


@pytest.mark.parametrize("name", sorted(REWARDS))
def test_a_held_turn_pays_exactly_nothing_and_the_next_one_covers_both(name: str) -> None:
    cast = scripted(judge=Fails({2}))
    _, first, held, caught_up, *_ = played(cast, HOLD)
    reward = make_reward(name)
    assert pay(reward, first, held) == 0.0
    assert (held.turns[-1].judged, held.turns[-1].span, held.point) == (False, 0, first.point)
    assert held.turns[-1].error == f"judge: {SECRET}"
    assert (caught_up.turns[-1].span, caught_up.turns[-1].error, caught_up.point.turn) == (2, "", 3)
    assert isinstance(cast.judge, ScriptedJudge)
    assert cast.judge.views[2].window == 2
    assert pay(reward, held, caught_up) == float(reward(first, caught_up))


def test_three_failed_judgements_in_a_row_end_as_an_outage() -> None:
    states = played(scripted(judge=Fails({2, 3, 5, 6, 7})), HOLD)
    assert (states[-1].outcome, states[-1].turn, states[-1].message) == (Outcome.MODEL_ERROR, 7, "")
    assert not states[-1].outcome.scored
    assert all(state.outcome is Outcome.RUNNING for state in states[:-1])


def test_unjudged_turns_between_do_not_count_as_failures() -> None:
    rules = Rules(EPMParams.endless(12, eval_every=3), "hold")
    states = played(scripted(judge=Fails({3, 4})), rules)
    assert (states[-1].outcome, states[5].turns[-1].span) == (Outcome.TURN_LIMIT, 5)


def test_a_director_that_fails_counts_as_observing_and_the_turn_says_so() -> None:
    state = played(scripted(director=Fails({1})), HOLD, 1)[-1]
    assert state.turns[-1].direction == Direction(DirectorMove.OBSERVE)
    assert state.turns[-1].error == f"director: {SECRET}"
    assert (state.outcome, state.message, state.turns[-1].judged) == (
        Outcome.RUNNING,
        "message 1 after 0 refusals",
        True,
    )


def test_an_actor_that_fails_ends_the_dialogue_and_the_judged_turn_still_pays() -> None:
    states = played(scripted(actor=Fails({2})), HOLD)
    last = states[-1]
    assert (last.outcome, last.turn, last.message) == (Outcome.MODEL_ERROR, 2, "")
    assert last.turns[-1].judged
    assert pay(make_reward("score_sum"), states[-2], last) == 3.0
    assert last.turns[-1].error == f"actor: {SECRET}"


def test_causes_of_several_roles_are_all_kept() -> None:
    state = played(scripted(judge=Fails({1}), director=Fails({1})), HOLD, 1)[-1]
    assert state.turns[-1].error == f"judge: {SECRET}; director: {SECRET}"


def test_the_text_of_an_error_never_enters_the_dialogue() -> None:
    states = played(scripted(judge=Fails({1, 2, 4}), director=Fails({3, 4}), actor=Fails({6})), HOLD)
    assert SECRET not in str([state.messages for state in states])


@pytest.mark.parametrize("role", ["judge", "director", "actor"])
def test_raise_lets_the_error_through_and_the_same_step_may_be_taken_again(role: str) -> None:
    away = iter([True, False])

    def complete(request: ChatRequest) -> ChatReply:
        if request.role == role and request.turn == 1 and next(away, False):
            raise ModelError("away", role=role)
        return ChatReply("[1, 0]")

    before = drive.run(open_dialogue(SCENARIO, 1, ASKING), complete)
    with pytest.raises(ModelError, match="away"):
        drive.run(take_turn(before, "hello", ASKING, Rules()), complete)
    after = drive.run(take_turn(before, "hello", ASKING, Rules()), complete)
    assert (before.turn, after.turn) == (0, 1)
    assert after == drive.run(take_turn(before, "hello", ASKING, Rules()), complete)


@pytest.mark.parametrize("role", ["judge", "director", "actor"])
def test_truncate_ends_the_dialogue_at_the_first_failure(role: str) -> None:
    cast = scripted(**{role: Fails({3})})
    last = played(cast, Rules(EPMParams.endless(12), "truncate"))[-1]
    assert (last.outcome, last.turn, last.message) == (Outcome.MODEL_ERROR, 3, "")
    assert last.turns[-1].judged is (role != "judge")
    assert last.turns[-1].error == f"{role}: {SECRET}"


@pytest.mark.parametrize("on_model_error", ["raise", "hold", "truncate"])
@pytest.mark.parametrize("role", ["judge", "director", "actor"])
def test_a_spent_budget_ends_the_dialogue_whatever_is_done_about_errors(role: str, on_model_error: str) -> None:
    spent = Fails({2}, lambda: BudgetExceeded("100 of 100 calls are used"))
    rules = Rules(EPMParams.endless(12), on_model_error)  # type: ignore[arg-type]
    last = played(scripted(**{role: spent}), rules)[-1]
    assert (last.outcome, last.turn, last.outcome.scored) == (Outcome.BUDGET, 2, False)
    assert last.turns[-1].error == f"{role}: 100 of 100 calls are used"


def test_with_an_interval_the_judge_rates_windows_and_the_rest_waits_without_error() -> None:
    cast = scripted()
    states = played(cast, Rules(EPMParams.endless(8, eval_every=3)))
    assert [t.span for t in states[-1].turns] == [0, 0, 3, 0, 0, 3, 0, 2]
    assert {t.error for t in states[-1].turns} == {""}
    assert isinstance(cast.judge, ScriptedJudge)
    assert [(view.turn, view.window) for view in cast.judge.views] == [(3, 3), (6, 3), (8, 2)]
    assert [point.turn for point in states[-1].points] == [0, 3, 6, 8]


def test_an_unjudged_turn_can_end_by_the_turn_limit_alone() -> None:
    cast = scripted({t: WORSE for t in range(1, 30)})
    rules = Rules(EPMParams(min_turns=1, max_turns=30, eval_every=2))
    last = played(cast, rules)[-1]
    assert (last.outcome, last.turn) == (Outcome.COLLAPSED, 10)


def test_the_turn_limit_counts_turns_that_were_held() -> None:
    last = played(scripted(judge=Fails({11, 12})), HOLD)[-1]
    assert (last.outcome, last.turn, last.point.turn) == (Outcome.TURN_LIMIT, 12, 10)


def test_endless_rules_end_at_their_limit_alone() -> None:
    for levels in (WORSE, ((2, 0),) * 3):
        last = played(scripted({t: levels for t in range(1, 60)}), Rules(EPMParams.endless(50)))[-1]
        assert (last.outcome, last.turn) == (Outcome.TURN_LIMIT, 50)


def test_an_end_that_no_rule_allows_is_refused_recorded_and_played_as_observing() -> None:
    cast = scripted(moves={1: END})
    state = turn(opened(cast), cast, Rules())
    assert state.outcome is Outcome.RUNNING
    assert state.turns[-1].direction == dataclasses.replace(END, refused=True)
    assert isinstance(cast.actor, ScriptedActor)
    assert cast.actor.views[-1].direction == Direction(DirectorMove.OBSERVE)


class PlainJudge:
    """Fails before it could ask anything: a plain method, no generator."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        raise ModelError("no line to the model")


def test_a_role_that_fails_before_its_first_request_is_held_like_any_other() -> None:
    cast = dataclasses.replace(scripted(), judge=PlainJudge())
    state = turn(opened(cast), cast, Rules(on_model_error="hold"))
    assert (state.outcome, state.turns[-1].error) == (Outcome.RUNNING, "judge: no line to the model")
    with pytest.raises(ModelError):
        turn(opened(cast), cast, Rules())


def test_by_default_a_success_ends_the_dialogue_without_the_director() -> None:
    cast = scripted()
    last = played(cast, Rules())[-1]
    assert (last.outcome, last.end_kind in ("geometric", "positional")) == (Outcome.RECOVERED, True)
    assert isinstance(cast.director, ScriptedDirector)
    assert not any(view.success_holds for view in cast.director.views)


def test_a_director_that_may_end_is_asked_once_success_holds_and_ends_the_dialogue() -> None:
    at = played(scripted(), Rules())[-1].turn
    cast = scripted(moves={3: END, at: END})
    states = played(cast, Rules(EPMParams(director_ends=True)))
    last = states[-1]
    assert (last.outcome, last.turn, last.end_kind, last.message) == (Outcome.ENDED_BY_DIRECTOR, at, "", "")
    refused = last.turns[2].direction
    assert refused is not None
    assert refused.refused
    assert last.turns[-1].direction == END
    assert isinstance(cast.director, ScriptedDirector)
    assert [view.turn for view in cast.director.views if view.success_holds] == [at]


def test_a_director_that_may_end_may_also_go_on_until_the_limit() -> None:
    states = played(scripted(), Rules(EPMParams(director_ends=True)))
    assert (states[-1].outcome, states[-1].turn) == (Outcome.TURN_LIMIT, 45)


def test_a_role_refuses_a_scenario_in_a_language_that_it_does_not_speak() -> None:
    class Shy(NullJudge):
        language = "en"

    cast = Cast(ScriptedActor(), NullDirector(), Shy())
    elsewhere = dataclasses.replace(SCENARIO, language="fr")
    with pytest.raises(ValueError, match=r"judge .*'en'.*'values-rite'.*'fr'"):
        opened(cast, elsewhere)
    assert opened(null_cast(), elsewhere).scenario.language == "fr"


def test_an_unreadable_vote_is_asked_for_again_within_the_turn() -> None:
    asked: list[int] = []

    def complete(request: ChatRequest) -> ChatReply:
        asked.append(request.attempt)
        return ChatReply("what?" if not request.attempt and request.messages[-1].content == "0" else "[2, 1]")

    cast = Cast(ScriptedActor(), NullDirector(), AskingJudge())
    after = drive.run(take_turn(opened(cast), "hello", cast), complete)
    assert asked == [0, 0, 0, 1]
    assert after.turns[-1].judged
