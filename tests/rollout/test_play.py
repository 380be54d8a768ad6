"""A dialogue is played to its end, and no failure loses it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from empa_gym.agents.answers import Assessment
from empa_gym.agents.null import NullActor, NullDirector, NullJudge, null_cast
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import ActorView, JudgeView, PolicyView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.dialogue.rewards import idr
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.drive import arun, run, run_batch
from empa_gym.epm import EPMParams
from empa_gym.errors import AnswerError, BudgetExceeded, ExtensionError, ModelError
from empa_gym.outcome import Outcome
from empa_gym.rollout import Episode, Game, play
from empa_gym.scenarios import get_scenario

KNEE = get_scenario("health-knee")
SHORT = Rules(EPMParams.endless(4), on_model_error="hold")


@dataclass
class Says:
    """A policy that says one thing; from a turn on its model fails with an error."""

    text: str = "yes"
    fails_from: int = 99
    error: Exception | None = None

    def reply(self, view: PolicyView) -> Flow[str]:
        if view.turn >= self.fails_from and self.error:
            raise self.error
        return self.text
        yield


class Asks:
    """A policy that asks a model, with its address in the request."""

    def reply(self, view: PolicyView) -> Flow[str]:
        answer = yield ChatRequest("policy", view.messages, view.turn)
        assert isinstance(answer, ChatReply)
        return answer.text


class Warm:
    """A judge that gives progress on every axis."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        return Assessment(((1, 0), (1, 0), (1, 0)))
        yield


class Speechless:
    """An actor whose model is down."""

    def speak(self, view: ActorView) -> Flow[str]:
        raise ModelError("no route to host", role="actor")
        yield


class Silent:
    """A judge whose model is down."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        raise ModelError("no answer", role="judge")
        yield


def game(judge: object = None, actor: object = None) -> Game:
    return Game(Cast(actor or NullActor(), NullDirector(), judge or NullJudge()), SHORT)  # type: ignore[arg-type]


def test_a_dialogue_is_played_to_its_end_and_paid_turn_by_turn() -> None:
    episode = run(play(KNEE, 3, Says(), game(Warm())))
    start, end = episode.state.points[0].distance, episode.state.point.distance
    assert episode.state.outcome is Outcome.TURN_LIMIT
    assert len(episode.rewards) == 4
    assert sum(episode.rewards) == pytest.approx(start - end)
    assert episode.error == ""


def test_the_policy_sees_the_dialogue_its_seed_its_member_and_the_turn() -> None:
    seen: list[PolicyView] = []

    class Looks(Says):
        def reply(self, view: PolicyView) -> Flow[str]:
            seen.append(view)
            return f"reply {view.turn}"
            yield

    run(play(KNEE, 3, Looks(), game(), member=2))
    assert [(view.seed, view.member, view.turn) for view in seen] == [(3, 2, turn) for turn in (1, 2, 3, 4)]
    assert [message.content for message in seen[1].messages] == ["...", "reply 1", "..."]
    assert [message.role for message in seen[1].messages] == ["user", "assistant", "user"]


def test_a_policy_that_fails_ends_a_failed_dialogue_that_keeps_its_turns() -> None:
    episode = run(play(KNEE, 3, Says(fails_from=3, error=ModelError("timed out")), game(Warm())))
    assert episode.state.outcome is Outcome.MODEL_ERROR
    assert (episode.state.turn, len(episode.rewards)) == (2, 2)
    assert episode.error == "policy: timed out"
    assert episode.state.message == "..."


def test_a_spent_budget_ends_a_dialogue_as_budget() -> None:
    episode = run(play(KNEE, 3, Says(fails_from=2, error=BudgetExceeded("10 of 10 calls made")), game()))
    assert (episode.state.outcome, episode.error) == (Outcome.BUDGET, "10 of 10 calls made")


def test_an_actor_that_never_speaks_gives_a_failed_dialogue_without_turns() -> None:
    episode = run(play(KNEE, 3, Says(), game(actor=Speechless())))
    assert (episode.state.outcome, episode.state.turn, episode.rewards) == (Outcome.MODEL_ERROR, 0, ())
    assert "no route to host" in episode.error


def test_three_lost_judgements_end_a_dialogue_with_their_cause() -> None:
    episode = run(play(KNEE, 3, Says(), game(Silent())))
    assert (episode.state.outcome, episode.state.turn) == (Outcome.MODEL_ERROR, 3)
    assert "no answer" in episode.error
    assert episode.rewards == (0.0, 0.0, 0.0)


def test_a_reply_is_cut_and_cleaned_as_in_the_environment() -> None:
    small = Game(null_cast(), SHORT, idr(), max_reply_chars=3)
    turn = run(play(KNEE, 3, Says("a\ud83dlong reply"), small)).state.turns[0]
    assert (turn.reply, turn.reply_truncated) == ("a\ufffdl", True)


@pytest.mark.parametrize("reply", [None, b"yes", 3, ["yes"]])
def test_a_reply_that_is_no_text_is_the_policys_mistake(reply: Any) -> None:
    kind = type(reply).__name__
    with pytest.raises(AnswerError, match=rf"policy .*:Says gave no fit answer: expected a text \(str\), found {kind}"):
        run(play(KNEE, 3, Says(text=reply), game()))


def test_an_error_in_a_policy_is_raised_with_its_cause_and_named() -> None:
    bug = KeyError("mood")
    with pytest.raises(ExtensionError, match=r"policy .*:Says raised KeyError: 'mood'") as caught:
        run(play(KNEE, 3, Says(fails_from=2, error=bug), game()))
    assert caught.value.__cause__ is bug


@pytest.mark.parametrize("policy", [None, 3, "supporter"])
def test_what_is_no_policy_at_all_is_named(policy: Any) -> None:
    with pytest.raises(ExtensionError, match=r"policy builtins:\w+ raised AttributeError: .*reply"):
        run(play(KNEE, 3, policy, game()))


def test_a_broken_dialogue_keeps_its_turns_unfinished_when_it_is_to_be_kept() -> None:
    bug = KeyError("mood")
    episode = run(play(KNEE, 3, Says(fails_from=3, error=bug), game(Warm()), keep_broken=True))
    assert (episode.state.outcome, episode.state.turn, len(episode.rewards)) == (Outcome.RUNNING, 2, 2)
    assert episode.error.endswith(":Says raised KeyError: 'mood'")
    assert episode.broken is not None
    assert episode.broken.__cause__ is bug


def test_a_reward_that_breaks_leaves_out_the_turn_that_it_could_not_pay() -> None:
    def poor(before: DialogueState, after: DialogueState) -> float:
        return 1.0 if after.turn < 3 else float("nan")

    cast = Cast(NullActor(), NullDirector(), Warm())
    episode = run(play(KNEE, 3, Says(), Game(cast, SHORT, poor), keep_broken=True))
    assert (episode.state.turn, episode.rewards) == (2, (1.0, 1.0))
    assert "reward" in episode.error
    assert "expected a finite number, found float: nan" in episode.error


def test_three_drivers_play_the_same_dialogue() -> None:
    def complete(request: ChatRequest) -> ChatReply:
        return ChatReply(f"{request.role} {request.turn} after {len(request.messages)}")

    async def acomplete(request: ChatRequest) -> ChatReply:
        await asyncio.sleep(0)
        return complete(request)

    alone = run(play(KNEE, 3, Asks(), game(Warm())), complete)
    beside = asyncio.run(arun(play(KNEE, 3, Asks(), game(Warm())), acomplete))
    flows = [play(KNEE, seed, Asks(), game(Warm())) for seed in (3, 4)]
    batched = run_batch(flows, lambda requests: [complete(request) for request in requests])
    assert isinstance(batched[0], Episode)
    assert alone == beside == batched[0]
