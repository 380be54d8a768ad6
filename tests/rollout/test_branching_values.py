"""What a reply was worth: mean progress less its siblings', with an error that is absent where it is not known."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.agents.casting import cast_from
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.mapo import TurnBatch
from empa_gym.outcome import Outcome
from empa_gym.policies import make_policy
from empa_gym.rollout import Game, Job, rollout
from empa_gym.rollout.branching import Branches, branch
from empa_gym.rollout.counterfactual import (
    LONE,
    UNKNOWN,
    UNREPEATED,
    ReplyValue,
    branch_batch,
    progress_of,
    reply_values,
)
from empa_gym.scenarios import get_scenario
from tests.dialogue.scripted import Fails, scripted

FIVE = Rules(EPMParams.endless(5), "hold")
GAME = Game(cast_from("offline"), FIVE)
HELD = Game(scripted(judge=Fails((4, 5))), FIVE)
FIRST = 3


def played(game: Game = GAME) -> EpisodeRecord:
    (record,) = rollout([Job("random", get_scenario("health-knee"), 11)], {"random": make_policy("random")}, game)
    return record


RECORD = played()


def paying(*rewards: float) -> EpisodeRecord:
    """A dialogue of five turns, judged in each, that pays these from the branch on."""
    later = [
        dataclasses.replace(turn, reward=paid) for turn, paid in zip(RECORD.turns[FIRST - 1 :], rewards, strict=True)
    ]
    return dataclasses.replace(RECORD, turns=(*RECORD.turns[: FIRST - 1], *later))


def worth(*progress: Sequence[float]) -> Branches:
    """Branches whose continuations came to this progress, reply after reply."""
    records = tuple(tuple(paying(0.0, total, 0.0) for total in each) for each in progress)
    return Branches(FIRST, tuple(f"reply {place}" for place in range(len(progress))), records)


FAILED = dataclasses.replace(paying(9.0, 9.0, 9.0), outcome=Outcome.MODEL_ERROR, error="policy: away")


def test_a_value_is_the_mean_progress_less_that_of_the_other_replies() -> None:
    values = reply_values(worth([1.0, 3.0], [5.0, 5.0], [-1.0, 3.0]))
    assert [value.progress for value in values] == [2.0, 5.0, 1.0]
    assert [value.value for value in values] == [2.0 - 3.0, 5.0 - 1.5, 1.0 - 3.5]
    # Variances of the three means: 2/2, 0, 8/2; those of the siblings count a quarter.
    errors = [math.sqrt(1 + (0 + 4) / 4), math.sqrt(0 + (1 + 4) / 4), math.sqrt(4 + (1 + 0) / 4)]
    assert [value.standard_error for value in values] == pytest.approx(errors)
    assert {(value.known, value.failed, value.note) for value in values} == {(2, 0, "")}


@given(st.lists(st.lists(st.floats(-9, 9), min_size=2, max_size=4), min_size=2, max_size=5), st.floats(-9, 9))
@settings(max_examples=50, deadline=None)
def test_values_add_up_to_nothing_and_do_not_change_when_all_do_better(
    progress: list[list[float]], more: float
) -> None:
    values = reply_values(worth(*progress))
    assert math.fsum(value.value for value in values if value.value is not None) == pytest.approx(0.0, abs=1e-9)
    raised = reply_values(worth(*[[each + more for each in one] for one in progress]))
    for value, other in zip(values, raised, strict=True):
        assert value.value == pytest.approx(other.value, abs=1e-9)
        assert value.standard_error == pytest.approx(other.standard_error, abs=1e-6)


def test_the_error_is_that_of_the_value_over_many_repetitions() -> None:
    draw = np.random.default_rng(0)
    spread, values, errors = (0.5, 2.0, 4.0), [], []
    for _ in range(400):
        first = reply_values(worth(*[draw.normal(0.0, scale, 6).tolist() for scale in spread]))[0]
        assert first.value is not None
        assert first.standard_error is not None
        values.append(first.value)
        errors.append(first.standard_error**2)
    assert np.mean(errors) == pytest.approx(np.var(values), rel=0.15)


def test_without_repetitions_the_error_is_absent_and_it_says_so() -> None:
    for value in reply_values(worth([1.0], [2.0])):
        assert value.standard_error is None
        assert value.note == UNREPEATED
    assert [value.value for value in reply_values(worth([1.0], [2.0]))] == [-1.0, 1.0]
    assert reply_values(worth([1.0, 2.0, 3.0], [2.0]))[0].standard_error is None


def test_a_failed_continuation_is_left_out_and_never_counts_as_nothing() -> None:
    whole = worth([1.0, 3.0], [5.0, 7.0])
    struck = whole._replace(continuations=((*whole.continuations[0], FAILED), (FAILED, *whole.continuations[1])))
    for value, expected in zip(reply_values(struck), reply_values(whole), strict=True):
        assert value == expected._replace(failed=1)


def test_a_reply_without_a_known_continuation_has_no_value_and_is_nobodys_sibling() -> None:
    branches = worth([1.0, 3.0], [5.0, 7.0], [0.0])._replace()
    continuations = (*branches.continuations[:2], (FAILED, FAILED))
    values = reply_values(branches._replace(continuations=continuations))
    assert values[2] == ReplyValue("reply 2", None, None, None, 0, 2, UNKNOWN)
    assert list(values[:2]) == list(reply_values(worth([1.0, 3.0], [5.0, 7.0])))
    (alone,) = reply_values(worth([1.0, 3.0]))
    assert alone == ReplyValue("reply 0", None, None, 2.0, 2, 0, LONE)


def test_what_was_paid_before_the_branch_is_no_progress_and_later_pay_is_discounted() -> None:
    assert progress_of(paying(1.0, 2.0, 4.0), FIRST) == 7.0
    assert progress_of(paying(1.0, 2.0, 4.0), FIRST, gamma=0.5) == 1.0 + 1.0 + 1.0
    assert reply_values(worth([4.0], [2.0]), gamma=0.5)[0].value == 1.0
    with pytest.raises(ValueError, match="gamma must lie in"):
        reply_values(worth([1.0]), gamma=0.0)


def test_progress_is_not_known_where_the_last_turns_were_not_judged_or_nothing_was_played() -> None:
    lost = played(HELD)
    assert lost.outcome is Outcome.TURN_LIMIT
    assert progress_of(lost, FIRST) is None
    assert progress_of(FAILED, FIRST) is None
    assert progress_of(RECORD, len(RECORD.turns) + 1) is None
    broken = dataclasses.replace(RECORD, outcome=Outcome.RUNNING, error="policy raised KeyError")
    assert progress_of(broken, FIRST) is None


def test_with_the_usual_reward_progress_is_the_way_that_was_gone_since_the_branch() -> None:
    branches = branch(RECORD, FIRST, "random", replies=["I hear you.", "Cheer up."], continuations=3, horizon=2)
    for record in branches.records:
        start, end = (math.dist((0, 0, 0), record.positions[place]) for place in (FIRST - 1, -1))
        assert progress_of(record, FIRST) == pytest.approx(start - end)
    assert all(value.known == 3 for value in reply_values(branches))


def test_a_loss_sees_the_turns_from_the_branch_on_alone() -> None:
    branches = worth([1.0, 3.0], [5.0])
    branches = branches._replace(continuations=(branches.continuations[0], (*branches.continuations[1], FAILED)))
    batch = branch_batch(branches)
    expected = TurnBatch.from_ragged(
        [[0.0, 1.0, 0.0], [0.0, 3.0, 0.0], [0.0, 5.0, 0.0], [9.0] * 3], "aaaa", complete=[True, True, True, False]
    )
    for name in ("rewards", "mask", "valid", "group", "span", "complete", "lengths"):
        assert np.array_equal(getattr(batch, name), getattr(expected, name)), name


def test_a_held_turn_and_a_window_that_began_before_the_branch_keep_their_masks_and_spans() -> None:
    held = Game(scripted(judge=Fails((2, 3))), FIVE)
    batch = branch_batch(branch(played(held), FIRST, "random", k=2, game=held))
    assert batch.valid.tolist() == [[False, True, True]] * 2
    assert batch.span.tolist() == [[1, 3, 1]] * 2
    assert batch.complete.all()
    lost = branch_batch(branch(played(HELD), FIRST, "random", k=2, game=HELD, horizon=1))
    assert (lost.rewards.shape, lost.complete.tolist()) == ((2, 1), [True, True])
