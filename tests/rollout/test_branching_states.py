"""The state before a recorded turn is the one that was played; a record that does not agree is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from empa_gym import drive
from empa_gym.agents.answers import Direction, DirectorMove
from empa_gym.agents.casting import cast_from
from empa_gym.agents.protocols import Cast
from empa_gym.clients import ScriptedClient
from empa_gym.dialogue.record import EpisodeRecord, TurnRecord, from_line, to_line
from empa_gym.dialogue.recording import Label, record_dialogue
from empa_gym.dialogue.replies import take_reply
from empa_gym.dialogue.rewards import idr, pay
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.epm import EPMParams
from empa_gym.errors import BudgetExceeded, RecordError
from empa_gym.outcome import Outcome
from empa_gym.rollout.revival import game_of, state_before, unfolded
from empa_gym.scenarios import get_scenario
from tests.dialogue.scripted import ASKING, SCENARIO, WORSE, Fails, scripted
from tests.envs.fitful import FITFUL, fitful_model

REPLIES = ("That sounds hard.", "", "Just cheer up.", "What was it like?", "déjà \U0001f642 \ud83d", "long " * 9)
END = Direction(DirectorMove.END)
LONG = EPMParams(min_turns=2, max_turns=20)
ASKED = dataclasses.replace(LONG, director_ends=True)
BEST = dict.fromkeys(range(99), ((2, 0), (2, 0), (2, 0)))


def hold(**rules: Any) -> Rules:
    return Rules(EPMParams(**{"min_turns": 2, "max_turns": 14, **rules}), "hold")


def played(cast: Cast, rules: Rules, seed: int = 7, turns: int = 99) -> tuple[list[DialogueState], EpisodeRecord]:
    """The states of a dialogue, the opening first, and its record, once through JSON."""
    complete = ScriptedClient(fitful_model).complete if cast is ASKING else drive.no_model
    states, rewards = [drive.run(open_dialogue(SCENARIO, seed, cast), complete)], []
    while not states[-1].outcome.ended and len(rewards) < turns:
        reply = take_reply(REPLIES[(len(rewards) * 5 + seed) % len(REPLIES)], 40)
        flow = take_turn(states[-1], reply.text, cast, rules, reply_truncated=reply.truncated)
        states.append(drive.run(flow, complete))
        rewards.append(pay(idr(), states[-2], states[-1]))
    record = record_dialogue(states[-1], rewards, Label("someone", "idr"), cast, rules)
    return states, from_line(to_line(record))


CASES: dict[str, tuple[Callable[[], Cast], Rules]] = {
    "embedded cast": (lambda: cast_from("offline"), hold()),
    "windows of three": (lambda: cast_from("offline"), hold(eval_every=3)),
    "held turns": (lambda: scripted({4: WORSE}, judge=Fails((2, 3, 7))), hold()),
    "held windows": (lambda: scripted(judge=Fails((4, 5, 8))), hold(eval_every=2, rules_end=False)),
    "failed director turns": (lambda: scripted(director=Fails((1, 3, 4))), hold()),
    "failed actor": (lambda: scripted(actor=Fails((5,))), hold()),
    "refused ends": (lambda: scripted(moves={1: END, 3: Direction(DirectorMove.END, guidance="now")}), hold()),
    "a director who may end": (lambda: scripted(BEST, {3: END, 14: END}), Rules(ASKED, "hold")),
    "a success that goes on": (lambda: scripted(BEST), Rules(ASKED, "hold")),
    "the current direction": (lambda: scripted({2: WORSE, 5: WORSE}), hold(current_direction=True)),
    "three lost judgements": (lambda: scripted(judge=Fails((4, 5, 6))), hold()),
    "a spent budget": (lambda: scripted(judge=Fails((5,), lambda: BudgetExceeded("10 of 10 calls"))), hold()),
    "truncated by a failure": (lambda: scripted(director=Fails((4,))), Rules(LONG, "truncate")),
    "one judgement of the whole": (lambda: cast_from("offline"), hold(eval_every=14)),
    "a model behind every role": (lambda: ASKING, hold(eval_every=2)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_state_before_every_turn_is_the_one_that_was_played(name: str) -> None:
    cast, rules = CASES[name]
    states, record = played(cast(), rules)
    running = [state for state in states if not state.outcome.ended]
    assert len(running) > 3
    assert [state_before(record, turn, SCENARIO) for turn in range(1, len(running) + 1)] == running
    assert list(unfolded(record, SCENARIO)) == running


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_cast_of_many_moods_is_brought_back_whatever_failed(every: int) -> None:
    ends = set()
    for seed in range(40):
        states, record = played(FITFUL, hold(eval_every=every), seed)
        assert list(unfolded(record, SCENARIO)) == [state for state in states if not state.outcome.ended]
        ends.add(record.outcome)
    assert ends >= {Outcome.MODEL_ERROR, Outcome.TURN_LIMIT}


def test_a_dialogue_goes_on_from_a_revived_state_as_it_did() -> None:
    states, record = played(cast_from("offline"), hold())
    for number, turn in enumerate(record.turns, 1):
        state = state_before(record, number, SCENARIO)
        flow = take_turn(state, turn.reply, cast_from("offline"), hold(), reply_truncated=turn.reply_truncated)
        assert drive.run(flow) == states[number]


def test_a_message_that_nobody_answered_is_a_turn_to_begin_from() -> None:
    states, record = played(scripted(), hold(), turns=5)
    assert state_before(record, 6, SCENARIO) == states[-1]
    failed = dataclasses.replace(record, outcome=Outcome.MODEL_ERROR, error="policy: away")
    assert state_before(failed, 6, SCENARIO) == states[-1]


@pytest.mark.parametrize("turn", [0, -1, 7, True, 1.0, None])
def test_a_turn_that_is_not_there_is_refused(turn: Any) -> None:
    _, record = played(scripted(), hold(), turns=5)
    with pytest.raises(ValueError, match="expected a turn from 1 to 6"):
        state_before(record, turn, SCENARIO)


def edited(record: EpisodeRecord, number: int, **changes: Any) -> EpisodeRecord:
    turns: list[TurnRecord] = list(record.turns)
    turns[number - 1] = dataclasses.replace(turns[number - 1], **changes)
    return dataclasses.replace(record, turns=tuple(turns))


SILENT: dict[str, Any] = dict.fromkeys(("levels", "shift", "position", "energy", "alignment")) | {"span": 0}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"levels": WORSE}, "record, turn 2: shift: the levels and the rules of the record come to"),
        ({"position": (-1.0, -2.0, -3.0)}, "record, turn 2: position: .*come to"),
        ({"energy": 1e-6}, "record, turn 2: energy: .*come to"),
        ({"alignment": 0.5}, "record, turn 2: alignment: .*come to"),
        ({"levels": ((1, 0), (1, 0))}, "record, turn 2: levels"),
        ({"levels": ((9, 0), (1, 0), (1, 0))}, "record, turn 2: levels"),
        ({"span": 2}, "record, turn 2: span: expected 1, the turns since the last judgement; found 2"),
        (SILENT, "record, turn 2: levels: the rules say that the judge is asked here"),
    ],
)
def test_a_record_whose_figures_do_not_follow_from_it_is_refused(changes: dict[str, Any], says: str) -> None:
    _, record = played(scripted(), hold(), turns=5)
    with pytest.raises(RecordError, match=says):
        state_before(edited(record, 2, **changes), 4, SCENARIO)


def test_what_stands_after_the_turn_is_not_looked_at() -> None:
    states, record = played(scripted(), hold(), turns=5)
    assert state_before(edited(record, 4, levels=WORSE), 4, SCENARIO) == states[3]


def test_a_record_under_other_rules_is_refused() -> None:
    _, record = played(scripted(BEST), Rules(EPMParams(max_turns=20, rules_end=False), "hold"))
    assert len(list(unfolded(record, SCENARIO))) == 20
    ended_early = r"outcome: the rules end the dialogue here as recovered, and the record goes on"
    with pytest.raises(RecordError, match=ended_early):
        list(unfolded(dataclasses.replace(record, rules=LONG), SCENARIO))
    with pytest.raises(RecordError, match=r"turn 1: levels: the rules say that the judge is not asked here"):
        list(unfolded(dataclasses.replace(record, rules=EPMParams(eval_every=2)), SCENARIO))


def test_another_scenario_or_another_text_of_it_is_refused() -> None:
    _, record = played(scripted(), hold(), turns=3)
    with pytest.raises(RecordError, match="scenario: expected scenario 'values-rite', found 'health-knee'"):
        state_before(record, 1, get_scenario("health-knee"))
    revised = dataclasses.replace(SCENARIO, title=SCENARIO.title + "!")
    with pytest.raises(
        RecordError, match=r"another text of scenario 'values-rite': expected the hash \w{16}, found \w{16}"
    ):
        state_before(record, 1, revised)


def test_a_game_is_made_from_the_record_and_the_cast_and_a_reward_without_a_name_is_asked_for() -> None:
    _, record = played(scripted(), hold(), turns=1)
    game = game_of(record, "null")
    assert game.rules == hold()
    zone = game_of(dataclasses.replace(record, reward='{"idr": "zone"}'))
    states = list(unfolded(played(scripted(), hold(), turns=2)[1], SCENARIO))
    assert pay(zone.reward, states[0], states[1]) != pay(game.reward, states[0], states[1])
    named = dataclasses.replace(record, reward="mine:reward")
    with pytest.raises(ValueError, match=r"'mine:reward' is no reward's name: give the function as reward="):
        game_of(named)
    assert game_of(named, reward=idr("zone")).reward is not None
