"""The judge's part of a turn: rate what waits, move the position, see whether a rule ends the dialogue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.agents.answers import Assessment
from empa_gym.agents.protocols import Judge
from empa_gym.agents.views import Exchange, JudgeView
from empa_gym.chat import Flow
from empa_gym.dialogue.answering import rated
from empa_gym.dialogue.asking import ask, found, place_of
from empa_gym.dialogue.rules import Rules, missing
from empa_gym.dialogue.state import DialogueState
from empa_gym.epm import Ending, EPMParams, Point, Rubric, frame, setback_now, success_now, thresholds, turn_limit
from empa_gym.errors import AnswerError, BudgetExceeded, ModelError
from empa_gym.outcome import Outcome

MAX_HELD = 3
"""So many failed judgements in a row end a dialogue as MODEL_ERROR."""


class Judgement(NamedTuple):
    """What the judge's part came to: an assessment and its point, or why there is none.

    Attributes:
        span: how many turns the assessment covers; 0 without one.
        error: the cause when the judge was asked in vain.
        ending: how the dialogue ends for want of a judgement, else None.
    """

    assessment: Assessment | None = None
    point: Point | None = None
    span: int = 0
    error: str = ""
    ending: Ending | None = None


NOT_DUE = Judgement()


def judge_window(state: DialogueState, exchanges: tuple[Exchange, ...], judge: Judge, rules: Rules) -> Flow[Judgement]:
    """Rate the turns since the last judgement, when K of them wait or the dialogue is at its limit."""
    turn, window, epm = len(exchanges), state.pending + 1, rules.epm
    if window < epm.eval_every and turn < epm.max_turns:
        return NOT_DUE
    view = JudgeView(state.scenario, exchanges, window, state.assessments, state.seed, turn)
    try:
        assessment = yield from ask(judge, "judge", view, rated)
    except (ModelError, BudgetExceeded) as failed:
        error, outcome = missing("judge", failed, rules)
        fatal = outcome is Outcome.BUDGET or held_out(state, rules)
        return Judgement(error=error, ending=Ending(outcome) if fatal else None)
    shift = worth(assessment, judge, rules.rubric)
    point = frame(state.deficit).move(state.point, shift, turn, current_direction=epm.current_direction)
    return Judgement(assessment, point, window)


def worth(assessment: Assessment, judge: Judge, rubric: Rubric) -> NDArray[np.float64]:
    """v_t in rubric points, shape (axes,): what the judge's levels are worth.

    Raises:
        AnswerError: the levels are not those of the rubric.
    """
    try:
        shift = rubric.points(assessment.levels)
    except (TypeError, ValueError) as unfit:
        problem = str(unfit)
    else:
        if shift.shape == (len(rubric.axes),):
            return shift
        problem = f"these come to points of shape {shift.shape}"
    expected = found(f"a pair of levels for each of the {len(rubric.axes)} axes", assessment.levels)
    raise AnswerError("judge", place_of(judge), f"gave no fit answer: {expected}; {problem}")


def held_out(state: DialogueState, rules: Rules) -> bool:
    """Whether a failed judgement ends the dialogue: under "truncate", or as the third in a row."""
    before = state.turns[-(MAX_HELD - 1) :]
    third = len(before) == MAX_HELD - 1 and all(turn.judge_failed for turn in before)
    return rules.on_model_error == "truncate" or third


def end_by_rules(points: tuple[Point, ...], turn: int, epm: EPMParams) -> Ending | None:
    """The first rule that ends the dialogue: success, setback, turn limit.

    The rules look at judged points only, so an unjudged turn can end by the turn limit alone.
    """
    if points[-1].turn < turn:
        return turn_limit(turn, epm)
    limits = thresholds(points[0].distance, epm.alpha)
    return success_now(points, epm, limits) or setback_now(points, epm, limits) or turn_limit(turn, epm)


def end_without_success(points: tuple[Point, ...], turn: int, epm: EPMParams) -> Ending | None:
    """The first rule but success that ends the dialogue after a judged turn."""
    return setback_now(points, epm, thresholds(points[0].distance, epm.alpha)) or turn_limit(turn, epm)
