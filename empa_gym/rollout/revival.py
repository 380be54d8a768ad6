"""A recorded dialogue brought back: the frozen state before any of its turns, exactly as it was played.

A record holds what was said, judged and directed. Positions are not taken from it: they are computed anew from the
levels, through the rules that the record names, and must come out as they stand there. So a record that was edited,
that belongs to another scenario or that other rules made is refused, and never gone on from.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from empa_gym.agents.answers import Assessment
from empa_gym.agents.casting import cast_from
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import Exchange
from empa_gym.dialogue.cueing import may_go_on
from empa_gym.dialogue.judging import end_by_rules, end_without_success
from empa_gym.dialogue.record import EpisodeRecord, Levels, TurnRecord
from empa_gym.dialogue.recording import content_hash
from empa_gym.dialogue.rewards import RewardFn, make_reward
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.epm import MDEP_PR, EPMParams, Frame, Point, Rubric, frame
from empa_gym.errors import RecordError
from empa_gym.rollout.play import Game
from empa_gym.scenarios import Scenario

CLOSE = 1e-9
"""Figures agree within this share or this many points: another machine may round the last digit otherwise."""


def state_before(
    record: EpisodeRecord, turn: int, scenario: Scenario, rubric: Rubric = MDEP_PR, source: str = "record"
) -> DialogueState:
    """The state that a recorded dialogue was in before one of its turns.

    Args:
        record: the dialogue.
        turn: t, from 1; one more than were played where the record ends with a message that nobody answered.
        scenario: the one that was played.
        rubric: what the judge's levels were worth.
        source: where the record stands, for the error message.

    Raises:
        ValueError: the dialogue has no such turn.
        RecordError: the record does not agree with the scenario, or with its own rules; says where.
    """
    return states_until(record, turn, scenario, rubric, source)[-1]


def states_until(
    record: EpisodeRecord, turn: int, scenario: Scenario, rubric: Rubric = MDEP_PR, source: str = "record"
) -> tuple[DialogueState, ...]:
    """The states before turn 1, 2, ... up to the one before ``turn``; see :func:`state_before`.

    Raises:
        ValueError, RecordError: as there.
    """
    last = len(record.turns) + bool(record.unanswered)
    if isinstance(turn, bool) or not isinstance(turn, int) or not 1 <= turn <= last:
        raise ValueError(f"expected a turn from 1 to {last}, as many as this dialogue has, got {turn!r}")
    return tuple(itertools.islice(unfolded(record, scenario, rubric, source), turn))


def unfolded(
    record: EpisodeRecord, scenario: Scenario, rubric: Rubric = MDEP_PR, source: str = "record"
) -> Iterator[DialogueState]:
    """The states before each turn, oldest first; a last one where a message was left unanswered.

    Raises:
        RecordError: the record does not agree with the scenario, or, when it comes to that turn, with its own rules.
    """
    _refuse_another_scenario(record, scenario, source)
    points: tuple[Point, ...] = (frame(scenario.deficit).start(),)
    turns: tuple[Turn, ...] = ()
    for number, told in enumerate(record.turns, 1):
        yield DialogueState(scenario, record.seed, told.message, points, turns)
        if number < len(record.turns) or record.unanswered:
            points = _points_after(points, number, told, record.rules, rubric, f"{source}, turn {number}")
            turns = (*turns, turn_of(told))
    if record.unanswered:
        yield DialogueState(scenario, record.seed, record.unanswered, points, turns)


def game_of(
    record: EpisodeRecord, cast: str | Mapping[str, Any] | Cast = "offline", reward: RewardFn | None = None
) -> Game:
    """What a recorded dialogue was played by, so that it can be gone on with.

    Args:
        record: gives the rules.
        cast: a cast, or what it is made from, since a record holds no more than its names.
        reward: needed where the run's reward was a function and has no name.

    Raises:
        ValueError: the reward is no name, and no function is given.
    """
    if reward is None:
        try:
            reward = make_reward(json.loads(record.reward) if record.reward.startswith("{") else record.reward)
        except ValueError:
            raise ValueError(
                f"the record's reward {record.reward!r} is no reward's name: give the function as reward=..."
            ) from None
    return Game(cast_from(cast), Rules(record.rules, record.on_model_error), reward)


def turn_of(told: TurnRecord) -> Turn:
    """The turn as it stood in the dialogue's state."""
    return Turn(
        exchange=Exchange(told.message, told.reply),
        assessment=None if told.levels is None else Assessment(told.levels, told.evidence),
        span=told.span,
        direction=told.direction,
        error=told.error,
        judge_failed=told.judge_failed,
        reply_truncated=told.reply_truncated,
    )


def _refuse_another_scenario(record: EpisodeRecord, scenario: Scenario, source: str) -> None:
    if record.scenario != scenario.id:
        raise RecordError(source, "scenario", f"expected scenario {record.scenario!r}, found {scenario.id!r}")
    found = content_hash(scenario)
    if record.scenario_hash != found:
        raise RecordError(
            source,
            "scenario_hash",
            f"this dialogue was played with another text of scenario {scenario.id!r}: expected the hash "
            f"{record.scenario_hash}, found {found}; give the scenario as it was, version {record.scenario_version}",
        )
    if record.deficit != scenario.deficit:
        raise RecordError(source, "deficit", f"expected {scenario.deficit}, found {record.deficit}")


def _points_after(
    points: tuple[Point, ...], number: int, told: TurnRecord, epm: EPMParams, rubric: Rubric, place: str
) -> tuple[Point, ...]:
    """The judged points after a turn that did not end the dialogue, computed anew."""
    window = number - points[-1].turn
    due = window >= epm.eval_every or number >= epm.max_turns
    if due != (told.judged or told.judge_failed):
        raise RecordError(place, "levels", f"the rules say that the judge is {'' if due else 'not '}asked here")
    if told.levels is not None:
        if told.span != window:
            raise RecordError(
                place, "span", f"expected {window}, the turns since the last judgement; found {told.span}"
            )
        point = _moved(frame(points[0].position), points[-1], number, told.levels, epm, rubric, place)
        _refuse_other_figures(point, told, place)
        points = (*points, point)
    ending = end_by_rules(points, number, epm)
    if ending is not None and may_go_on(ending, epm):
        ending = end_without_success(points, number, epm)
    if ending is not None:
        raise RecordError(
            place, "outcome", f"the rules end the dialogue here as {ending.outcome.value}, and the record goes on"
        )
    return points


def _moved(
    measured: Frame,
    before: Point,
    number: int,
    levels: Levels,
    epm: EPMParams,
    rubric: Rubric,
    place: str,
) -> Point:
    try:
        shift = rubric.points(levels)
    except (TypeError, ValueError) as unfit:
        raise RecordError(place, "levels", str(unfit)) from None
    return measured.move(before, shift, number, current_direction=epm.current_direction)


def _refuse_other_figures(point: Point, told: TurnRecord, place: str) -> None:
    pairs = {
        "shift": (point.shift, told.shift),
        "position": (point.position, told.position),
        "energy": ((point.energy,), (told.energy,)),
        "alignment": ((point.alignment,), (told.alignment,)),
    }
    for name, (computed, recorded) in pairs.items():
        if not _agree(computed, recorded):
            raise RecordError(
                place, name, f"the levels and the rules of the record come to {computed}, found {recorded}"
            )


def _agree(computed: Sequence[float], recorded: Sequence[float | None] | None) -> bool:
    return (
        recorded is not None
        and len(computed) == len(recorded)
        and all(
            other is not None and math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
            for one, other in zip(computed, recorded, strict=True)
        )
    )
