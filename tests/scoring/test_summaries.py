"""A summary counts what there is, scores what may be scored, and says when that is too little."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from empa_gym.outcome import Outcome
from empa_gym.scoring import EPMQ, Trajectory, epmq, indices, score_row, stack, summarise

COUNTS = ["model", "dialogues", "scored", "failed", "passed"]
INDICES = ["RDI", "Etot", "Snet", "rho", "Sproj", "tau", "Rpos", "Align", "Pen"]
KEYS = [*COUNTS, *INDICES, "outcome", "efficiency", "stability", "epmq"]
START = np.array([-3.0, -4.0, 0.0])


def ended(outcome: Outcome, kind: str = "", gained: int = 4, turns: int = 2, played: int | None = None) -> Trajectory:
    """A dialogue of two judged turns that moves the second axis so far in each."""
    positions = START + np.outer(np.arange(3), [0.0, gained, 0.0])
    return Trajectory(positions, np.zeros((2, 3, 2), int), outcome, turns, kind, played)


RECOVERED = ended(Outcome.RECOVERED, "positional")
COLLAPSED = ended(Outcome.COLLAPSED, gained=-2)


def test_the_row_of_a_summary_has_the_promised_keys_in_order() -> None:
    row = score_row(summarise("supporter", [RECOVERED, COLLAPSED]))._asdict()
    assert list(row) == KEYS
    assert (row["model"], row["dialogues"], row["scored"], row["failed"], row["passed"]) == ("supporter", 2, 2, 0, 1)
    assert json.loads(json.dumps(row, allow_nan=False)) == row


def test_the_score_is_the_mean_over_dialogues_in_three_dimensions() -> None:
    score = summarise("supporter", [RECOVERED, COLLAPSED]).score
    parts = [epmq(indices(stack([one]))) for one in (RECOVERED, COLLAPSED)]
    assert score[:9] == pytest.approx([(a + b) / 2 for a, b in zip(parts[0][:9], parts[1][:9], strict=True)])
    assert score.outcome == pytest.approx((score.RDI + score.Etot + score.Snet) / 3)
    assert score.efficiency == pytest.approx((score.rho + score.Sproj + score.tau) / 3)
    assert score.stability == pytest.approx((score.Rpos + score.Align + score.Pen) / 3)
    assert score.epmq == pytest.approx(0.4 * score.outcome + 0.2 * score.efficiency + 0.4 * score.stability)


@pytest.mark.parametrize("outcome", [Outcome.MODEL_ERROR, Outcome.BUDGET, Outcome.RUNNING])
def test_an_outage_is_counted_as_failed_and_moves_no_figure(outcome: Outcome) -> None:
    alone, beside = summarise("m", [COLLAPSED]), summarise("m", [COLLAPSED, ended(outcome, gained=0)])
    assert (beside.dialogues, beside.scored, beside.failed, beside.passed) == (2, 1, 1, 0)
    assert beside.score == alone.score
    assert (beside.mean_turns, beside.returns) == (alone.mean_turns, alone.returns)


def test_a_dialogue_in_which_nothing_was_judged_is_not_scored() -> None:
    unjudged = Trajectory([START], [], Outcome.TURN_LIMIT, 0, "", 2)
    summary = summarise("m", [RECOVERED, unjudged])
    assert (summary.scored, summary.failed) == (1, 1)


@pytest.mark.parametrize("dialogues", [[], [ended(Outcome.MODEL_ERROR)], [ended(Outcome.BUDGET)] * 3])
def test_a_run_without_a_scored_dialogue_has_no_figures_rather_than_zeros(dialogues: list[Trajectory]) -> None:
    summary = summarise("m", dialogues, planned=3)
    row = score_row(summary)
    assert row[1:5] == (len(dialogues), 0, len(dialogues), 0)
    assert all(figure is None for figure in row[5:])
    assert all(math.isnan(figure) for figure in (*summary.score, *summary.returns, summary.mean_turns))
    assert summary.warning == "none of 3 planned dialogues is scored: there is no score"


def test_under_nine_tenths_of_the_planned_dialogues_carry_a_warning() -> None:
    outage = ended(Outcome.MODEL_ERROR)
    assert summarise("m", [RECOVERED] * 9 + [outage]).warning == ""
    assert "only 8 of 10 planned dialogues" in summarise("m", [RECOVERED] * 8 + [outage] * 2).warning
    assert "only 8 of 10 planned dialogues" in summarise("m", [RECOVERED] * 8, planned=10).warning


def test_passed_counts_every_success_and_outcomes_every_verdict() -> None:
    dialogues = [
        RECOVERED,
        ended(Outcome.RECOVERED, "geometric"),
        ended(Outcome.ENDED_BY_DIRECTOR),
        COLLAPSED,
        COLLAPSED,
        ended(Outcome.MODEL_ERROR),
    ]
    summary = summarise("m", dialogues)
    assert summary.passed == 3
    assert dict(summary.outcomes) == {"collapse": 2, "director": 1, "geometric": 1, "model_error": 1, "positional": 1}


def test_mean_turns_counts_turns_played_and_not_only_judged_ones() -> None:
    dialogues = [ended(Outcome.TURN_LIMIT, played=9), ended(Outcome.TURN_LIMIT)]
    assert summarise("m", dialogues).mean_turns == (9 + 2) / 2


def test_returns_stand_side_by_side_and_differ_once_balance_is_crossed() -> None:
    """From (-3, -4, 0) to (-3, 4, 0): back at distance 5, but the second axis no longer lacks anything."""
    returns = summarise("m", [RECOVERED]).returns
    assert returns.origin == pytest.approx(0.0)
    assert returns.zone == pytest.approx(math.hypot(2, 3) - 2)
    assert returns.energy == pytest.approx(8 * 0.8)


def test_epmq_has_a_field_for_each_figure_of_the_row() -> None:
    assert list(EPMQ._fields) == KEYS[5:]
