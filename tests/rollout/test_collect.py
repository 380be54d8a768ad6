"""``collect`` and ``stream``: groups share their start, come as they are complete, and become a batch of turns."""

from __future__ import annotations

import asyncio
import gc
import inspect
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from empa_gym.agents.answers import Assessment
from empa_gym.agents.llm import llm_cast
from empa_gym.agents.null import NullActor, NullDirector
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import JudgeView, PolicyView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.clients import ScriptedClient
from empa_gym.dialogue.record import EpisodeRecord, to_line
from empa_gym.errors import ConfigError, ModelError
from empa_gym.mapo import TurnBatch, mixed_advantages
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Group, Progress, Rollouts, collect, messages, stream, turn_batch
from empa_gym.rollout.engines import InlineEngine
from tests.clients.players import sound

TWO = ["health-knee", "values-rite"]
SHORT = {"base": "training", "min_turns": 2, "max_turns": 3}


def small(policy: Any = "random", **more: Any) -> Rollouts:
    return collect(policy, TWO, **{"group_size": 3, "rules": SHORT, **more})


# ---- groups


def test_members_of_a_group_share_the_start_and_differ_by_the_policys_own_chance() -> None:
    rollouts = small(groups=2)
    assert [group.scenario for group in rollouts.groups] == [*TWO, *TWO]
    assert len({group.seed for group in rollouts.groups}) == 4
    for group in rollouts.groups:
        assert [record.member for record in group.records] == [0, 1, 2]
        assert {(record.scenario, record.seed) for record in group.records} == {(group.scenario, group.seed)}
        assert len({record.turns[0].message for record in group.records}) == 1
        assert len({record.turns[0].reply for record in group.records}) > 1


def test_the_same_arguments_give_the_same_rollouts_and_another_seed_other_ones() -> None:
    assert list(small().records) == list(small().records)
    assert list(small(seed=1).records) != list(small().records)
    assert list(small(groups=2, seed=0).groups)[2:] == list(small(seed=1).groups)


def test_a_dialogue_does_not_depend_on_the_size_of_its_group() -> None:
    assert [group.records[0] for group in small(group_size=1).groups] == [g.records[0] for g in small().groups]


def test_the_defaults_are_those_of_the_training_environment() -> None:
    rollouts = collect("generic", "health-knee", group_size=1)
    record = next(rollouts.records)
    assert (record.rules.min_turns, record.rules.max_turns, record.reward) == (8, 15, '{"idr": "zone"}')


def test_a_groups_returns_are_those_of_its_records_and_none_where_one_failed() -> None:
    group = small(Down(member=2, turn=2)).groups[0]
    whole = [record.episode_return for record in group.records]
    assert group.returns == (whole[0], whole[1], None)
    assert group.complete == (True, True, False)
    assert group.turn_batch().rewards.shape == (3, 3)


# ---- what failed, held and was not judged


class Down:
    """A policy whose model fails for one member from a turn on."""

    def __init__(self, member: int, turn: int) -> None:
        self.member, self.turn = member, turn

    def reply(self, view: PolicyView) -> Flow[str]:
        if (view.member, view.turn) >= (self.member, self.turn) and view.member == self.member:
            raise ModelError("no route to host")
        return f"reply {view.turn} of {view.member}"
        yield


class Lapses:
    """A judge that gives (1, 0, 0) each turn, and fails in turn 2 of every dialogue."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        if view.turn == 2:
            raise ModelError("no answer", role="judge")
        return Assessment(((1, 0), (0, 0), (0, 0)))
        yield


def test_the_batch_is_the_one_made_by_hand_with_held_turns_and_failed_members() -> None:
    cast = Cast(NullActor(), NullDirector(), Lapses())
    rollouts = collect(Down(member=1, turn=4), TWO, group_size=2, cast=cast, rules={**SHORT, "max_turns": 4})
    records = list(rollouts.records)
    assert [len(record.turns) for record in records] == [4, 3, 4, 3]
    rewards = np.zeros((4, 4))
    for row, record in enumerate(records):
        rewards[row, [0, 2]] = record.turns[0].reward, record.turns[2].reward
        rewards[row, 3:] = [turn.reward for turn in record.turns[3:]] or 0.0
    played, judged = [1, 1, 1, 1], [1, 0, 1, 1]
    shorter, until = [1, 1, 1, 0], [1, 0, 1, 0]
    by_hand = TurnBatch.from_arrays(
        rewards,
        np.array([played, shorter] * 2, bool),
        ["knee", "knee", "rite", "rite"],
        valid=np.array([judged, until] * 2, bool),
        span=np.array([[1, 1, 2, 1], [1, 1, 2, 1]] * 2),
        complete=[True, False] * 2,
    )
    batch = rollouts.turn_batch()
    for name in ("rewards", "mask", "valid", "group", "span", "complete"):
        assert np.array_equal(getattr(batch, name), getattr(by_hand, name)), name
    assert rewards[0, 0] != 0.0
    assert rollouts.failures == {"policy: no route to host": 2}
    assert rollouts.outcomes == {"turn_limit": 2, "model_error": 2}
    found = mixed_advantages(batch)
    assert not found.mask[[1, 3]].any(), "a failed dialogue trains nothing"


def test_a_batch_may_begin_at_a_later_turn_and_with_labels_of_its_own() -> None:
    records = list(small().records)
    whole, later = turn_batch(records), turn_batch(records, first_turn=2, groups=["a"] * 6)
    assert np.array_equal(later.rewards, whole.rewards[:, 1:])
    assert set(later.group.tolist()) == {0}
    each = turn_batch(records, first_turn=[1, 2, 3, 1, 1, 9])
    assert each.lengths.tolist() == [3, 2, 1, 3, 3, 0]
    for bad in (0, [1, 1], [0] * 6):
        with pytest.raises(ValueError, match="expected a first turn of at least 1 for each of 6 records"):
            turn_batch(records, first_turn=bad)


def test_messages_begin_and_end_with_who_spoke() -> None:
    record = small(Down(member=1, turn=2)).groups[0].records[1]
    said = messages(record)
    assert [one["role"] for one in said] == ["user", "assistant", "user"]
    assert [one["content"] for one in said] == [record.turns[0].message, record.turns[0].reply, record.unanswered]
    whole = messages(next(small().records))
    assert [one["role"] for one in whole] == ["user", "assistant"] * 3


# ---- streams


def test_a_stream_yields_each_group_as_it_is_complete() -> None:
    begun: list[str] = []

    class Tells(Down):
        def reply(self, view: PolicyView) -> Flow[str]:
            begun.append(f"{view.seed}")
            return "yes"
            yield

    groups = iter(stream(Tells(9, 9), TWO, group_size=3, rules=SHORT))
    assert begun == [], "nothing is played before it is asked for"
    first = next(groups)
    assert (first.scenario, len(set(begun))) == (TWO[0], 1)
    assert [group.scenario for group in groups] == TWO[1:]


def test_a_stream_and_a_collection_hold_the_same() -> None:
    async def gathered() -> list[Group]:
        return [group async for group in stream("random", TWO, group_size=3, rules=SHORT)]

    assert asyncio.run(gathered()) == list(stream("random", TWO, group_size=3, rules=SHORT)) == list(small().groups)


def test_it_works_inside_a_running_loop() -> None:
    """As in a notebook: a loop runs already, and the call blocks it."""

    async def cell() -> Rollouts:
        return small(client=ScriptedClient(sound), cast=llm_cast(), at_once=4)

    assert asyncio.run(cell()).outcomes == {"turn_limit": 6}


class Slow:
    """Answers as the scripted players do, after a while on the event loop; counts what it was asked."""

    def __init__(self, pause: float = 0.01) -> None:
        self.asked = 0
        self._inner, self._pause = ScriptedClient(sound), pause

    def complete(self, request: ChatRequest) -> ChatReply:
        raise AssertionError("dialogues at once are played on the loop")

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        self.asked += 1
        await asyncio.sleep(self._pause)
        return self._inner.complete(request)

    def close(self) -> None: ...
    async def aclose(self) -> None: ...


def settled(client: Slow) -> int:
    """What it was asked in all, when it is asked no more."""
    time.sleep(0.05)
    before = client.asked
    time.sleep(0.1)
    assert client.asked == before, "dialogues go on though nobody listens"
    return before


def test_leaving_an_asynchronous_stream_cancels_the_rest() -> None:
    client = Slow()

    async def one() -> Group:
        groups = aiter_of(client, 60)
        first = await anext(groups)
        await groups.aclose()
        return first

    assert len(asyncio.run(one()).records) == 2
    assert settled(client) < 60 * 2 * 2 * 8


def aiter_of(client: Slow, groups: int, at_once: int = 4) -> Any:
    made = stream(
        LLMPolicy(), TWO, group_size=2, groups=groups, rules=SHORT, cast=llm_cast(), client=client, at_once=at_once
    )
    return aiter(made)


def test_a_task_that_is_cancelled_while_it_waits_cancels_the_dialogues_at_once() -> None:
    client = Slow(pause=30.0)

    async def wait() -> float:
        task = asyncio.create_task(anext(aiter_of(client, 1)))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(wait()) < 10.0, "it waited for an answer that takes 30 s"
    assert client.asked == 4


def test_leaving_a_plain_loop_cancels_the_rest() -> None:
    client = Slow()
    played = {"rules": SHORT, "cast": llm_cast(), "client": client, "at_once": 4}
    for group in stream(LLMPolicy(), TWO, group_size=2, groups=60, **played):  # type: ignore[arg-type]
        assert len(group.records) == 2
        break
    gc.collect()
    assert settled(client) < 60 * 2 * 2 * 8


def test_an_error_comes_out_of_either_loop() -> None:
    class Odd:
        def reply(self, view: PolicyView) -> Flow[str]:
            raise KeyError("mood")
            yield

    async def gathered() -> list[Group]:
        return [group async for group in stream(Odd(), TWO, rules=SHORT)]

    for play in (lambda: list(stream(Odd(), TWO, rules=SHORT)), lambda: asyncio.run(gathered())):
        with pytest.raises(Exception, match="raised KeyError: 'mood'"):
            play()


# ---- models


def test_models_are_counted_by_role_and_many_at_once_give_the_same_as_one_by_one() -> None:
    told: list[Progress] = []
    given: dict[str, Any] = {"policy": LLMPolicy(), "cast": llm_cast(), "client": ScriptedClient(sound)}
    alone = small(**given, at_once=1)
    many = small(**given, at_once=6, on_progress=told.append)
    assert list(many.groups) == list(alone.groups)
    calls = {used.role: used.calls for used in many.usage}
    assert calls == {"actor": 6 * 3, "director": 6 * 2, "judge": 6 * 3, "policy": 6 * 3}
    assert told[-1].calls == sum(calls.values())
    assert told[-1].tokens == sum(used.prompt_tokens + used.completion_tokens for used in many.usage) > 0
    assert (told[-1].done, told[-1].left, told[-1].turns) == (6, 0, 18)


def test_the_policy_named_llm_plays_with_the_casts_model_for_it() -> None:
    cast = {"policy": {"model": "tiny", "base_url": "http://127.0.0.1:9/v1", "api_key_env": "", "attempts": 1}}
    rollouts = collect("llm", "health-knee", group_size=2, cast=cast)
    assert rollouts.outcomes == {"model_error": 2}
    assert rollouts.usage[0].role == "policy"


# ---- from disk


def test_a_folder_holds_the_same_and_is_read_one_group_at_a_time(tmp_path: Path) -> None:
    kept, held = small(folder=tmp_path, groups=2), small(groups=2)
    assert list(kept.groups) == list(held.groups)
    assert kept.groups[1:3] == held.groups[1:3]
    assert [to_line(record) for record in kept.records] == [to_line(record) for record in held.records]
    assert np.array_equal(kept.turn_batch().rewards, held.turn_batch().rewards)
    assert len(kept) == len(held) == 12
    del held
    before = records_in_memory()
    for group in kept.groups:
        assert len(group.records) == 3
        assert records_in_memory() - before <= 6, "this group, and the next one's"


def records_in_memory() -> int:
    gc.collect()
    return sum(type(one) is EpisodeRecord for one in gc.get_objects())


def test_a_run_that_is_under_way_can_be_read(tmp_path: Path) -> None:
    groups = iter(stream("random", TWO, group_size=3, rules=SHORT, folder=tmp_path))
    first = next(groups)
    assert list(Rollouts.from_folder(tmp_path).groups) == [first]
    groups.close()
    with pytest.raises(ValueError, match="at least one dialogue, found none"):
        Rollouts.from_folder(tmp_path / "nowhere")


def test_records_from_anywhere_make_rollouts() -> None:
    held = small()
    mixed = Rollouts.from_records(sorted(held.records, key=lambda record: -record.member))
    assert list(mixed.groups) == list(held.groups)


# ---- arguments

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no group": ({"group_size": 0}, "group_size must be a whole number of at least 1, got 0"),
    "half a group": ({"group_size": 1.5}, "group_size must be a whole number"),
    "no groups": ({"groups": 0}, "groups must be a whole number of at least 1"),
    "a negative seed": ({"seed": -1}, "seed must be a whole number of at least 0"),
    "nobody at once": ({"at_once": 0}, "at_once must be a whole number of at least 1"),
    "a policy's class": ({"policy": Down}, "policy must be an object with a method 'reply'"),
    "no policy": ({"policy": "nobody"}, "policy must be one of supporter, generic, random, llm"),
    "unknown scenarios": ({"scenarios": "nowhere"}, "expected a split"),
    "a scenario twice": ({"scenarios": [TWO[0], TWO[0]]}, "expected each scenario once, got health-knee twice"),
    "unknown rules": ({"rules": "mine"}, "unknown rules 'mine'"),
    "an unknown cast": ({"cast": "mine"}, "unknown cast 'mine'"),
    "an unknown reward": ({"reward": "mine"}, "reward must be one of"),
    "an unknown engine": ({"engine": "threads"}, "engine must be one of asyncio, processes, ray"),
    "a client elsewhere": (
        {"engine": "processes", "client": ScriptedClient(sound)},
        "a client answers in this process",
    ),
    "resume nothing": ({"resume": True}, "name it with folder"),
    "retry nothing": ({"retry_failed": True}, "it needs resume=True"),
    "odd ceilings": ({"ceilings": {"euros": 1}}, "ceilings: euros"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_before_anything_is_played(name: str) -> None:
    change, said = BAD[name]
    with pytest.raises((ValueError, ConfigError), match=said):
        stream(**{"policy": "random", "scenarios": TWO, **change})


def test_collect_and_stream_take_the_same() -> None:
    one, other = (inspect.signature(function).parameters for function in (collect, stream))
    assert one == other


def test_an_engine_of_ones_own_stays_open_and_is_used_again() -> None:
    closed: list[bool] = []

    class Mine(InlineEngine):
        def close(self) -> None:
            closed.append(True)
            super().close()

    engine = Mine()
    assert list(small(engine=engine).records) == list(small(engine=engine).records) == list(small().records)
    assert closed == []
