"""A replay ends a recorded dialogue by the rules alone and says whether the record agrees."""

from __future__ import annotations

import pytest

from empa_gym.epm import EPMParams
from empa_gym.outcome import Outcome
from empa_gym.scoring import Recording, replay

DEFICIT = (-10.0, 0.0, 0.0)
KEYS = ["model", "scenario", "recorded_turn", "recorded_verdict", "turn", "verdict", "agrees"]


def recording(
    gains: list[float], outcome: Outcome, kind: str = "", every: int = 1, turns: int | None = None
) -> Recording:
    judged = range(every, every * len(gains) + 1, every)
    shifts = [(gain, 0.0, 0.0) for gain in gains]
    return Recording("m", "s", DEFICIT, shifts, judged, judged[-1] if turns is None else turns, outcome, kind)


SUCCESS = [0.0] * 11 + [10.0]


def test_a_record_that_ends_as_the_rules_say_agrees() -> None:
    row = replay(recording(SUCCESS, Outcome.RECOVERED, "geometric"), EPMParams())
    assert row == ("m", "s", 12, "geometric", 12, "geometric", True)
    assert list(row._asdict()) == KEYS


def test_the_turn_is_the_one_in_which_the_rules_end_it_also_when_the_record_goes_on() -> None:
    row = replay(recording([*SUCCESS, 1.0, 1.0], Outcome.RECOVERED, "geometric"), EPMParams())
    assert row[2:] == (14, "geometric", 12, "geometric", False)


def test_where_no_rule_fires_the_verdict_is_none_and_the_turn_is_the_last() -> None:
    row = replay(recording([1.0] * 5, Outcome.RECOVERED, "positional"), EPMParams())
    assert row[2:] == (5, "positional", 5, "none", False)


def test_an_unfinished_record_agrees_when_no_rule_fires() -> None:
    assert replay(recording([1.0] * 5, Outcome.RUNNING), EPMParams())[2:] == (5, "none", 5, "none", True)


def test_another_verdict_in_the_same_turn_does_not_agree() -> None:
    assert not replay(recording(SUCCESS, Outcome.RECOVERED, "positional"), EPMParams()).agrees


def test_what_a_director_or_an_outage_ended_is_none() -> None:
    for outcome, word in ((Outcome.ENDED_BY_DIRECTOR, "director"), (Outcome.MODEL_ERROR, "model_error")):
        assert replay(recording([1.0] * 5, outcome), EPMParams())[2:] == (5, word, 5, "none", False)


def test_the_turn_limit_counts_turns_without_a_judgement_too() -> None:
    held = recording([1.0] * 4, Outcome.TURN_LIMIT, turns=15)
    assert replay(held, EPMParams.training())[2:] == (15, "turn_limit", 15, "turn_limit", True)
    silent = Recording("m", "s", DEFICIT, (), (), 15, Outcome.TURN_LIMIT)
    assert replay(silent, EPMParams.training()).agrees


def test_judgements_beyond_the_turn_limit_of_the_rules_are_not_looked_at() -> None:
    row = replay(recording([1.0] * 10, Outcome.RECOVERED, "geometric", every=2), EPMParams(max_turns=15, eval_every=2))
    assert row[2:] == (20, "geometric", 15, "turn_limit", False)


def test_shifts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected shifts of shape \(2, 3\), one for each judged turn"):
        replay(recording([1.0], Outcome.RUNNING)._replace(judged_turns=(1, 2)), EPMParams())
