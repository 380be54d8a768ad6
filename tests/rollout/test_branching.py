"""From one moment of a recorded dialogue: other continuations of the same state, and nothing else changes."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.casting import cast_from
from empa_gym.agents.llm import llm_cast
from empa_gym.agents.protocols import Policy
from empa_gym.agents.views import PolicyView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.clients import ScriptedClient
from empa_gym.clients.tape import Tape
from empa_gym.clients.tape_lines import Address, address_of
from empa_gym.dialogue.record import EpisodeRecord, from_line, to_line
from empa_gym.dialogue.rewards import energy
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.errors import ExtensionError, ModelError, RecordError, TapeMiss
from empa_gym.outcome import Outcome
from empa_gym.policies import make_policy
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Game, Job, rollout
from empa_gym.rollout.branching import BRANCH_STRIDE, Branches, branch, first_member_of, plan_branches
from empa_gym.rollout.engines import InlineEngine, Work
from empa_gym.scenarios import get_scenario
from tests.clients.players import sound
from tests.dialogue.scripted import Fails, scripted

KNEE = get_scenario("health-knee")
OFFLINE = Game(cast_from("offline"), Rules(EPMParams.training(), "hold"))
ASKING = Game(llm_cast(), Rules(EPMParams.endless(6), "hold"))
SAID = ["I hear you.", "Just cheer up.", "What was that like?"]


def played(game: Game = OFFLINE, policy: Policy | str = "random", member: int = 0, **more: Any) -> EpisodeRecord:
    """A recorded dialogue, once through JSON."""
    player = make_policy(policy) if isinstance(policy, str) else policy
    name = policy if isinstance(policy, str) else "mine"
    (record,) = rollout([Job(name, KNEE, 11, member)], {name: player}, game, **more)
    return from_line(to_line(record))


@dataclasses.dataclass
class Fitful:
    """Says who and when it is; fails, or breaks, at one turn of some members."""

    turn: int = 0
    members: tuple[int, ...] = ()
    error: Exception = dataclasses.field(default_factory=lambda: ModelError("away"))

    def reply(self, view: PolicyView) -> Flow[str]:
        if view.turn == self.turn and view.member in self.members:
            raise self.error
        return f"member {view.member} in turn {view.turn}"
        yield


def test_a_group_of_eight_shares_what_was_and_differs_in_what_comes() -> None:
    record = played()
    branches = branch(record, 4, "random", k=8)
    assert branches.first_turn == 4
    assert [len(each) for each in branches.continuations] == [1] * 8
    assert {one.turns[:3] for one in branches.records} == {record.turns[:3]}
    assert {one.turns[3].message for one in branches.records} == {record.turns[3].message}
    assert len(set(branches.replies)) == 8
    assert [one.turns[3].reply for one in branches.records] == list(branches.replies)
    assert record.turns[3].reply not in branches.replies
    assert len({one.turns[4:] for one in branches.records}) == 8
    assert all(one.outcome.scored for one in branches.records)
    assert [one.member - branches.records[0].member for one in branches.records] == list(range(8))
    assert branch(record, 4, "random", k=8) == branches
    other = dataclasses.replace(record, seed=record.seed + 1)
    assert branch(other, 4, "random", k=8).replies != branches.replies


@pytest.mark.parametrize("turn", [1, 2, 5])
@pytest.mark.parametrize("member", [0, 3])
def test_the_records_own_member_says_again_what_it_said(turn: int, member: int) -> None:
    record = played(member=member)
    assert branch(record, turn, "random", k=1, first_member=member).records == (record,)


def test_no_branch_draws_what_a_sibling_or_another_branch_draws() -> None:
    siblings = [played(member=member, policy=Fitful()) for member in range(4)]
    apart = [branch(one, turn, Fitful(), k=4, name="mine").records for one in siblings for turn in (1, 2, 5)]
    deeper = [branch(one, 6, Fitful(), k=4, name="mine").records for one in apart[0]]
    members = [one.member for one in (*siblings, *itertools.chain(*apart, *deeper))]
    assert len(set(members)) == len(members) == 4 + 3 * 16 + 16
    assert first_member_of(siblings[3], 2) == 400_020_000


def test_a_branch_is_a_record_to_branch_from() -> None:
    first = branch(played(), 3, "random", k=2).records[1]
    again = branch(from_line(to_line(first)), 5, "random", k=1, first_member=first.member)
    assert again.records == (first,)


def test_each_given_reply_is_given_and_then_the_policy_goes_on() -> None:
    record = played()
    branches = branch(record, 3, "random", replies=SAID, continuations=2)
    assert branches.replies == tuple(SAID)
    assert [one.member - branches.records[0].member for one in branches.records] == list(range(6))
    for reply, pair in zip(SAID, branches.continuations, strict=True):
        one, other = pair
        assert one.turns[2] == other.turns[2]
        assert one.turns[2].reply == reply
        assert one.turns[3].message == other.turns[3].message
        assert [turn.reply for turn in one.turns[3:]] != [turn.reply for turn in other.turns[3:]]


def test_equal_replies_are_heard_judged_and_answered_alike() -> None:
    branches = branch(played(), 2, "random", replies=["I hear you.", "Shut up.", "I hear you."], horizon=1)
    one, rude, same = branches.records
    assert (one.turns, one.unanswered) == (same.turns, same.unanswered)
    assert one.turns[1].levels != rude.turns[1].levels


def test_a_given_reply_is_cut_and_cleaned_as_any_other() -> None:
    small = OFFLINE._replace(max_reply_chars=5)
    (one,) = branch(played(small), 2, "random", replies=["so \ud83d much"], game=small, horizon=1).records
    assert (one.turns[1].reply, one.turns[1].reply_truncated) == ("so \ufffd ", True)


def test_a_horizon_stops_unfinished_and_without_an_error() -> None:
    record = played()
    branches = branch(record, 2, "random", k=3, horizon=2)
    assert {len(one.turns) for one in branches.records} == {3}
    assert {(one.outcome, one.error) for one in branches.records} == {(Outcome.RUNNING, "")}
    whole = branch(record, 2, "random", k=3)
    for short, long in zip(branches.records, whole.records, strict=True):
        assert short.turns[:2] == long.turns[:2]
        assert short.turns[2].reply == long.turns[2].reply


def test_a_horizon_waits_for_the_judgement_of_its_last_turn() -> None:
    windows = Game(cast_from("offline"), Rules(EPMParams.endless(12, eval_every=4), "hold"))
    branches = branch(played(windows), 3, "random", k=3, horizon=3, game=windows)
    assert {len(one.turns) for one in branches.records} == {8}
    assert all(one.turns[-1].judged for one in branches.records)


def test_a_policy_that_fails_at_the_branch_leaves_its_place_empty_and_the_others_whole() -> None:
    record = played(policy=Fitful())
    branches = branch(record, 4, Fitful(4, (2,)), k=3, name="mine", first_member=1)
    failed = branches.continuations[1][0]
    assert branches.replies == ("member 1 in turn 4", None, "member 3 in turn 4")
    assert (failed.outcome, failed.error, failed.turns) == (Outcome.MODEL_ERROR, "policy: away", record.turns[:3])
    assert failed.unanswered == record.turns[3].message
    steady = branch(record, 4, Fitful(), k=3, name="mine", first_member=1)
    assert branches.records[::2] == steady.records[::2]


def test_a_message_that_was_left_unanswered_is_answered_by_a_branch() -> None:
    record = played(policy=Fitful(5, (0,)))
    assert (record.outcome, len(record.turns)) == (Outcome.MODEL_ERROR, 4)
    again = branch(record, 5, Fitful(), k=1, first_member=0, name="mine")
    assert again.records == (played(policy=Fitful()),)


def test_held_turns_and_failures_of_the_cast_are_those_of_any_dialogue() -> None:
    struck = Game(scripted(judge=Fails((3, 6)), director=Fails((4,))), Rules(EPMParams.endless(8), "hold"))
    record = played(struck)
    branches = branch(record, 4, "random", k=4, game=struck)
    for one in branches.records:
        assert [turn.span for turn in one.turns] == [1, 1, 0, 2, 1, 0, 2, 1]
        assert one.turns[3].error == "director: upstream said: HTTP 503 at 10.1.2.3"
        drop = [sum(x * x for x in position) ** 0.5 for position in (one.positions[0], one.positions[-1])]
        assert one.episode_return == pytest.approx(drop[0] - drop[1])
    silent = struck._replace(cast=scripted(judge=Fails(range(5, 99))))
    ended = branch(record, 4, "random", k=2, game=silent)
    assert {(one.outcome, len(one.turns)) for one in ended.records} == {(Outcome.MODEL_ERROR, 7)}


def test_code_that_breaks_is_raised_unless_somebody_wants_to_be_told() -> None:
    record = played(policy=Fitful())
    broken = Fitful(5, (2,), KeyError("mood"))
    with pytest.raises(ExtensionError, match=r"policy .*:Fitful raised KeyError: 'mood'"):
        branch(record, 4, broken, k=3, first_member=1)
    told: list[int] = []
    branches = branch(record, 4, broken, k=3, first_member=1, on_broken=lambda job, error: told.append(job.member))
    assert told == [2]
    assert [len(one.turns) for one in branches.records][1] == 4
    assert branches.records[1].error.endswith("KeyError: 'mood'")


# ---- with models


def asked(record: EpisodeRecord, client: Any, at_once: int = 1) -> Branches:
    return branch(
        record, 3, LLMPolicy(), replies=SAID, continuations=2, game=ASKING, name="mine", client=client, at_once=at_once
    )


def test_with_models_branches_are_the_same_one_by_one_and_at_once_and_count_their_own_calls_alone() -> None:
    record = played(ASKING, LLMPolicy(), client=ScriptedClient(sound))
    one_by_one = asked(record, ScriptedClient(sound))
    assert asked(record, ScriptedClient(sound), at_once=4) == one_by_one
    for one in one_by_one.records:
        assert one.turns[:2] == record.turns[:2]
        assert {used.role: used.calls for used in one.usage} == {"actor": 3, "director": 3, "judge": 4, "policy": 3}


def test_every_call_has_an_address_of_its_own_so_that_a_tape_plays_the_branches_again(tmp_path: Path) -> None:
    record = played(ASKING, LLMPolicy(), client=ScriptedClient(sound))
    addresses: list[Address] = []

    def heard(request: ChatRequest) -> ChatReply:
        addresses.append(address_of(request))
        return sound(request)

    recorded = asked(record, Tape(tmp_path / "branches.tape", inner=ScriptedClient(heard)), at_once=3)
    assert len(set(addresses)) == len(addresses) == sum(used.calls for one in recorded.records for used in one.usage)
    replay = Tape(tmp_path / "branches.tape", "replay_or_fail")
    assert asked(record, replay) == recorded
    with pytest.raises(TapeMiss):
        branch(record, 4, LLMPolicy(), k=1, game=ASKING, name="mine", client=replay)


# ---- plans, for other engines


def test_a_plan_is_played_by_any_engine_and_gathered_in_any_order() -> None:
    record = played()
    plan = plan_branches(record, 4, "random", OFFLINE, replies=SAID, continuations=2, first_member=1)
    records = list(InlineEngine().play(plan.all_jobs, Work({"random": make_policy("random")}, OFFLINE)))
    assert plan.gather(reversed(records)) == branch(record, 4, "random", replies=SAID, continuations=2, first_member=1)
    with pytest.raises(ValueError, match=r"expected a record of each member, found none of \[1, 2\]"):
        plan.gather(records[2:])


# ---- what is refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "give either replies, or k"),
        ({"replies": SAID, "k": 2}, "give either replies, or k"),
        ({"replies": []}, "at least one reply"),
        ({"replies": "I hear you."}, "expected replies as a list of str"),
        ({"replies": ["yes", 3]}, "expected replies as a list of str"),
        ({"k": 0}, "k must be a whole number of at least 1, got 0"),
        ({"k": 2, "continuations": 2}, "continuations needs replies: branch with k first"),
        ({"replies": SAID, "continuations": 0}, "continuations must be a whole number of at least 1"),
        ({"k": 1, "horizon": 0}, "horizon must be a whole number of at least 1"),
        ({"k": 1, "first_member": -1}, "first_member"),
        ({"k": BRANCH_STRIDE + 1}, "expected at most 10000 continuations"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises((ValueError, TypeError), match=says):
        branch(played(), 2, "random", **arguments)


def test_another_cast_other_rules_and_another_reward_are_refused_with_what_differs() -> None:
    record = played()
    with pytest.raises(RecordError, match=r"cast: judge: '.*OfflineJudge' in the record, '.*NullJudge' here"):
        branch(record, 2, "random", k=1, game=OFFLINE._replace(cast=cast_from({"judge": "null"})))
    longer = OFFLINE._replace(rules=Rules(EPMParams.training(max_turns=20), "hold"))
    with pytest.raises(RecordError, match="rules: max_turns: 15 in the record, 20 here"):
        branch(record, 2, "random", k=1, game=longer)
    with pytest.raises(RecordError, match=r"record, turn 1: reward: 'idr' paid .* in the record, and this reward pays"):
        branch(record, 2, "random", k=1, game=OFFLINE._replace(reward=energy()))
    with pytest.raises(ValueError, match="no scenario 'elsewhere'"):
        branch(dataclasses.replace(record, scenario="elsewhere"), 2, "random", k=1)
