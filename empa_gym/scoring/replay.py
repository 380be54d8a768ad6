"""A recorded dialogue judged again by a set of rules: does it end in the same turn, with the same verdict?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from empa_gym.epm import EPMParams, Point, ending, frame, thresholds, turn_limit
from empa_gym.outcome import Outcome, verdict


class Recording(NamedTuple):
    """What a replay needs of a dialogue.

    Attributes:
        model: what answered.
        scenario: whom it talked with.
        deficit: P_0 in rubric points, shape ``(axes,)``.
        shifts: v_t of each judged turn, shape ``(n, axes)``.
        judged_turns: the turns that were judged, n numbers.
        turns: how many turns were played.
        outcome: why it ended.
        end_kind: "geometric" or "positional" for a recovery, else "".
    """

    model: str
    scenario: str
    deficit: Sequence[float]
    shifts: ArrayLike
    judged_turns: Sequence[int]
    turns: int
    outcome: Outcome
    end_kind: str = ""


class ReplayRow(NamedTuple):
    """One object of ``replay --json``.

    Attributes:
        model: what answered.
        scenario: whom it talked with.
        recorded_turn: how many turns were played.
        recorded_verdict: how the record says it ended.
        turn: the turn in which the rules end it; the last one played where they end nothing.
        verdict: how the rules end it, "none" where they do not.
        agrees: whether turn and verdict are the recorded ones.
    """

    model: str
    scenario: str
    recorded_turn: int
    recorded_verdict: str
    turn: int
    verdict: str
    agrees: bool


def replay(recording: Recording, params: EPMParams) -> ReplayRow:
    """Move the recorded shifts through the physics, and stop where the rules first end the dialogue.

    The rules alone speak: what a director, a failed model or a spent budget ended is "none" here.

    Args:
        recording: the dialogue.
        params: the rules, with the interval K in which the dialogue was judged.

    Raises:
        ValueError: the shifts do not fit the deficit or the turns, or the deficit is zero.
    """
    turn, word = first_ending(recording, params)
    recorded = verdict(recording.outcome, recording.end_kind)
    agrees = (turn, word) == (recording.turns, recorded)
    return ReplayRow(recording.model, recording.scenario, recording.turns, recorded, turn, word, agrees)


def first_ending(recording: Recording, params: EPMParams) -> tuple[int, str]:
    """The first turn in which the rules end a dialogue, and their verdict; the last turn and "none" if never."""
    if not len(recording.judged_turns):
        return _limit(recording.turns, params)
    shifts = np.asarray(recording.shifts, dtype=np.float64)
    expected = (len(recording.judged_turns), len(recording.deficit))
    if shifts.shape != expected:
        raise ValueError(f"expected shifts of shape {expected}, one for each judged turn, got {shifts.shape}")
    measure = frame(tuple(map(float, recording.deficit)))
    limits = thresholds(measure.norm, params.alpha)
    points: list[Point] = [measure.start()]
    for turn, shift in zip(recording.judged_turns, shifts, strict=True):
        if turn > params.max_turns:
            break
        points.append(measure.move(points[-1], shift, turn, current_direction=params.current_direction))
        end = ending(points, params, limits)
        if end is not None:
            return turn, verdict(end.outcome, end.kind)
    return _limit(recording.turns, params)


def _limit(turns: int, params: EPMParams) -> tuple[int, str]:
    """The turn limit for a dialogue that no rule ended, when it was long enough; else its last turn and "none"."""
    end = turn_limit(turns, params)
    return (min(turns, params.max_turns), verdict(end.outcome)) if end else (turns, verdict(Outcome.RUNNING))
