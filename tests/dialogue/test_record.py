"""A record holds a dialogue exactly, and says where a file of records is wrong."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.agents.answers import OBSERVE, Assessment, Direction, DirectorMove, Evidence
from empa_gym.agents.null import NullActor, NullDirector, null_cast
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow
from empa_gym.dialogue.record import (
    CastNames,
    EpisodeRecord,
    TurnRecord,
    from_line,
    read_records,
    to_line,
)
from empa_gym.dialogue.recording import Label, content_hash, name_of, record_dialogue
from empa_gym.dialogue.rewards import idr, pay
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.drive import run
from empa_gym.epm import Axis, EPMParams, rules_from
from empa_gym.errors import ModelError, RecordError
from empa_gym.outcome import Outcome
from empa_gym.scenarios import Period, get_scenario

KNEE = get_scenario("health-knee")


class FailsOnThirds:
    """A judge that rates every turn (2, 0), (1, -1), (0, 0) and fails at each third one."""

    name = "fails-on-thirds"

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        if view.turn % 3 == 0:
            raise ModelError("no answer", role="judge")
        why = (
            Evidence(Axis.COGNITIVE, 2, "reframe", view.exchanges[-1].reply, "because"),
            Evidence(Axis.AFFECTIVE, 1, "feeling", "sad"),
            Evidence(Axis.AFFECTIVE, -1, "hasty", ""),
        )
        return Assessment(((2, 0), (1, -1), (0, 0)), why)
        yield


def played(turns: int = 7, replies: str = "I hear \u201cyou\u201d \U0001f642\u2028\n") -> EpisodeRecord:
    cast = Cast(NullActor(), NullDirector(), FailsOnThirds())
    rules = Rules(EPMParams.endless(turns), on_model_error="hold")
    state, rewards, reward = run(open_dialogue(KNEE, 5, cast)), [], idr("zone")
    while not state.outcome.ended:
        before, state = state, run(take_turn(state, replies, cast, rules))
        rewards.append(pay(reward, before, state))
    return record_dialogue(state, rewards, Label("parrot", "idr"), cast, rules)


finite = st.floats(allow_nan=False, allow_infinity=False)
vectors = st.tuples(finite, finite, finite)
words = st.text(max_size=20)
directions = st.one_of(
    st.none(),
    st.builds(Direction, st.just(DirectorMove.REVEAL_STAGE), st.integers(0, 4), guidance=words),
    st.builds(Direction, st.just(DirectorMove.REVEAL_MEMORY), st.none(), st.sampled_from(Period)),
    st.builds(Direction, st.just(DirectorMove.END), refused=st.booleans()),
)
evidence = st.builds(Evidence, st.sampled_from(Axis), st.integers(-2, 2), words, words, words)


@st.composite
def turn_records(draw: st.DrawFn) -> TurnRecord:
    judged = draw(st.booleans())
    levels = tuple((draw(st.integers(0, 2)), draw(st.integers(-2, 0))) for _ in range(3))
    measures = (levels, draw(vectors), draw(vectors), draw(finite), draw(finite))
    shown = measures if judged else (None,) * 5
    return TurnRecord(
        message=draw(words),
        reply=draw(words),
        levels=shown[0],
        evidence=tuple(draw(st.lists(evidence, max_size=3))),
        shift=shown[1],
        position=shown[2],
        energy=shown[3],
        alignment=shown[4],
        reward=draw(finite),
        valid=judged,
        span=draw(st.integers(1, 9)) if judged else 0,
        direction=draw(directions),
        error=draw(words),
        judge_failed=draw(st.booleans()),
        reply_truncated=draw(st.booleans()),
    )


@st.composite
def records(draw: st.DrawFn) -> EpisodeRecord:
    return replace(
        played(1),
        seed=draw(st.integers(0, 2**31 - 1)),
        policy=draw(words),
        rules=draw(st.sampled_from([rules_from("release"), EPMParams.endless(9, eval_every=3)])),
        deficit=draw(vectors),
        turns=tuple(draw(st.lists(turn_records(), max_size=4))),
        unanswered=draw(words),
        outcome=draw(st.sampled_from(Outcome)),
        error=draw(words),
    )


@settings(max_examples=60, deadline=None)
@given(records())
def test_a_record_comes_back_from_its_line_exactly(record: EpisodeRecord) -> None:
    line = to_line(record)
    assert "\n" not in line
    assert from_line(line) == record


def test_a_played_dialogue_is_recorded_turn_by_turn() -> None:
    record = played()
    first, third = record.turns[0], record.turns[2]
    assert [turn.judged for turn in record.turns] == [True, True, False, True, True, False, True]
    assert first.levels == ((2, 0), (1, -1), (0, 0))
    assert first.shift == (3.0, -1.0, 0.0)
    assert first.position == tuple(a + b for a, b in zip(KNEE.deficit, first.shift, strict=True))
    assert [why.rule for why in first.evidence] == ["reframe", "feeling", "hasty"]
    assert (third.levels, third.reward, third.valid, third.judge_failed) == (None, 0.0, False, True)
    assert third.error == "judge: no answer"
    assert record.turns[3].span == 2
    null = "empa_gym.agents.null"
    assert record.cast == CastNames(f"{null}:NullActor", f"{null}:NullDirector", "fails-on-thirds")
    assert (record.scenario, record.scenario_version) == (KNEE.id, KNEE.version)
    assert record.scenario_hash == content_hash(KNEE)
    assert from_line(to_line(record)) == record


def test_held_turns_are_no_points_of_the_trajectory() -> None:
    trajectory = played().trajectory
    assert len(trajectory.positions) == 6
    assert len(trajectory.levels) == 5
    assert (trajectory.turns, trajectory.length) == (5, 7)
    assert played().recording.judged_turns == (1, 2, 4, 5, 7)


def test_the_same_dialogue_writes_the_same_line() -> None:
    assert to_line(played()) == to_line(played())


def test_another_text_of_a_scenario_has_another_hash() -> None:
    assert content_hash(KNEE) != content_hash(replace(KNEE, wish=KNEE.wish + " And soon."))


def test_a_record_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        played(1).policy = "other"  # type: ignore[misc]


def test_a_name_is_the_parts_own_or_where_it_is_defined() -> None:
    assert name_of(FailsOnThirds()) == "fails-on-thirds"
    assert name_of(NullActor()) == name_of(NullActor) == "empa_gym.agents.null:NullActor"


def test_a_reward_that_is_not_finite_is_refused() -> None:
    state = run(take_turn(run(open_dialogue(KNEE, 1, null_cast())), "yes", null_cast()))
    with pytest.raises(ValueError, match="expected a finite reward for each of the 1 turns"):
        record_dialogue(state, [math.nan], Label("p", "r"), null_cast(), Rules())


def test_a_turn_judged_by_half_is_refused() -> None:
    with pytest.raises(ValueError, match="all or none"):
        replace(played(1).turns[0], position=None)


@pytest.fixture
def lines() -> list[str]:
    return [to_line(played(turns)) for turns in (2, 3, 4)]


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def test_a_torn_last_line_is_left_out(tmp_path: Path, lines: list[str]) -> None:
    for cut in (1, len(lines[2]) // 2, len(lines[2]) - 1):
        file = write(tmp_path / "r.jsonl", "\n".join([*lines[:2], lines[2][:cut]]))
        assert [len(record.turns) for record in read_records(file)] == [2, 3]


def test_a_torn_last_line_is_told_to_whoever_wants_to_know(tmp_path: Path, lines: list[str]) -> None:
    told: list[str] = []
    torn = write(tmp_path / "torn.jsonl", "\n".join([*lines[:2], lines[2][:50]]))
    assert len(list(read_records(torn, told.append))) == 2
    assert told == [f"{torn}:3: the last line is torn, as when a run was killed; it is left out"]
    list(read_records(write(tmp_path / "whole.jsonl", "\n".join(lines)), told.append))
    assert len(told) == 1


def test_half_a_surrogate_pair_from_any_role_does_not_cost_the_record() -> None:
    half = "so \ud83d sad"
    turns = (
        replace(
            played(1).turns[0],
            message=half,
            evidence=(Evidence(Axis.AFFECTIVE, 1, "feeling", half, half),),
            direction=Direction(DirectorMove.ADVISE, guidance=half),
            error=half,
        ),
    )
    record = replace(played(1), turns=turns, unanswered=half, error=half)
    again = from_line(to_line(record))
    assert again == from_line(to_line(again))
    whole = "so \ufffd sad"
    assert (again.error, again.unanswered, again.turns[0].message, again.turns[0].error) == (whole,) * 4
    assert again.turns[0].evidence == (Evidence(Axis.AFFECTIVE, 1, "feeling", whole, whole),)
    assert again.turns[0].direction == Direction(DirectorMove.ADVISE, guidance=whole)
    assert again.rules == record.rules


@pytest.mark.parametrize("text", ["[" * 100_000, '{"schema":' * 5000, "9" * 5000, '"\\ud83d"'])
def test_json_that_no_record_holds_is_a_sentence_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecordError, match=r"r\.jsonl:1: "):
        list(read_records(write(tmp_path / "r.jsonl", text + "\n")))


def test_a_letter_torn_in_two_is_left_out_too(tmp_path: Path, lines: list[str]) -> None:
    whole = "\n".join(lines).encode()
    file = tmp_path / "r.jsonl"
    file.write_bytes(whole[: whole.rindex("\U0001f642".encode()) + 2])
    assert [len(record.turns) for record in read_records(file)] == [2, 3]


def test_a_whole_last_line_needs_no_line_end(tmp_path: Path, lines: list[str]) -> None:
    assert [len(record.turns) for record in read_records(write(tmp_path / "r.jsonl", "\n".join(lines)))] == [2, 3, 4]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("seed", "five", "seed"),
        ("seed", "5", "seed"),
        ("seed", -1, "seed"),
        ("schema", 2, "schema"),
        ("outcome", "won", "outcome"),
        ("rules", {"min_turns": 0}, "rules"),
        ("turns", [{"message": 3}], "turns.0.message"),
        ("surprise", 1, "surprise"),
    ],
)
def test_a_malformed_line_names_file_line_and_field(
    tmp_path: Path, lines: list[str], field: str, value: object, named: str
) -> None:
    bad = json.dumps({**json.loads(lines[1]), field: value})
    file = write(tmp_path / "r.jsonl", "\n".join([lines[0], bad, lines[2]]) + "\n")
    with pytest.raises(RecordError) as caught:
        list(read_records(file))
    assert str(caught.value).startswith(f"{file}:2: {named}")


def test_a_whole_but_malformed_last_line_is_an_error(tmp_path: Path, lines: list[str]) -> None:
    file = write(tmp_path / "r.jsonl", lines[0] + "\n{}\n")
    with pytest.raises(RecordError, match="jsonl:2: schema"):
        list(read_records(file))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"nowhere\.jsonl: expected a readable file of records"):
        list(read_records(tmp_path / "nowhere.jsonl"))


def test_an_observing_director_is_recorded() -> None:
    assert played(2).turns[0].direction == OBSERVE
