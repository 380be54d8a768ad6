"""Diagnostics are what a hand or a loop would count."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.mapo import TurnBatch, mixed_advantages
from empa_gym.mapo.baselines import grpo, mt_grpo
from empa_gym.mapo.diagnostics import continuation, diagnose, effective_turns
from empa_gym.testing.strategies import turn_batches

OPTIONS = st.fixed_dictionaries(
    {
        "gamma": st.sampled_from((0.0, 0.5, 1.0)),
        "turn_weight": st.sampled_from((0.0, 0.25, 1.0)),
        "turn_scope": st.sampled_from(("shortest", "alive", "absorbing")),
        "lone_survivor": st.sampled_from(("drop", "keep")),
        "std": st.sampled_from(("population", "none")),
    }
).map(lambda drawn: {**drawn, "batch_weight": 1 - drawn["turn_weight"]})
EXACT = (0.0, 1.0)
"""Offsets that leave float32 moments far from the tie tolerance."""


def share(flags: list[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def close(found: float | None, expected: float | None, tolerance: float = 1e-6) -> bool:
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= tolerance * (1 + abs(expected))


@given(turn_batches(offsets=EXACT), OPTIONS)
def test_rows_and_turns_are_counted(batch: TurnBatch, options: Any) -> None:
    found, mixed = diagnose(batch, **options), mixed_advantages(batch, **options)
    known = batch.known.tolist()
    groups = set(batch.group.tolist())
    taking_part = {group: sum(k > 0 for k, g in zip(known, batch.group, strict=True) if g == group) for group in groups}
    assert (found.rows, found.groups) == (len(batch), len(groups))
    assert found.idle_rows == sum(k == 0 for k in known)
    assert found.lone_rows == sum(count == 1 for count in taking_part.values())
    assert found.turns == sum(batch.mask.ravel().tolist())
    assert found.known_turns == sum(known)
    assert found.loss_turns == sum(mixed.mask.ravel().tolist())
    assert close(found.dropped_turns, 1 - found.loss_turns / sum(known) if sum(known) else None)


@given(turn_batches(offsets=EXACT), OPTIONS)
def test_ties_are_counted_among_what_is_compared(batch: TurnBatch, options: Any) -> None:
    found, mixed = diagnose(batch, **options), mixed_advantages(batch, **options)
    returns: Any = mixed.returns
    tied: dict[int, list[bool]] = defaultdict(list)
    for group in set(batch.group.tolist()):
        rows = [row for row in range(len(batch)) if batch.group[row] == group and batch.known[row]]
        for turn in range(batch.rewards.shape[1]):
            voters = [returns[row, turn] for row in rows if turn < batch.known[row]]
            if options["turn_scope"] == "absorbing":
                voters += [0.0 for row in rows if turn >= batch.lengths[row]]
            if len(voters) > 1 and any(mixed.mask[row, turn] for row in rows):
                tied[group].append(len(set(voters)) == 1)
    assert close(found.tied_turns, share([one for group in tied.values() for one in group]))
    assert close(found.tied_groups, share([all(group) for group in tied.values()]))


@given(turn_batches(offsets=EXACT))
def test_groups_of_equal_totals_are_those_that_grpo_learns_nothing_from(batch: TurnBatch) -> None:
    credit = grpo(batch).values
    equal = []
    for group in set(batch.group.tolist()):
        rows = (batch.group == group) & (batch.known > 0)
        if rows.sum() > 1:
            equal.append(not credit[rows].any())
    assert close(diagnose(batch).equal_totals, share(equal))


@given(turn_batches(offsets=EXACT), OPTIONS)
def test_the_parts_are_described_where_they_enter_the_loss(batch: TurnBatch, options: Any) -> None:
    found, mixed = diagnose(batch, **options), mixed_advantages(batch, **options)
    inside = mixed.mask
    if not inside.any():
        assert (found.correlation, found.variance, found.best_weights, found.least_variance) == (None,) * 4
        return
    one, two = (np.asarray(part)[inside].astype(np.float64) for part in (mixed.turn, mixed.batch))
    assert close(found.variance, float(mixed.values[inside].astype(np.float64).var()))
    if one.std() > 1e-3 and two.std() > 1e-3:
        assert close(found.correlation, float(np.corrcoef(one, two)[0, 1]), 1e-5)
    if found.best_weights is None or found.least_variance is None:
        assert (one - two).std() <= 2e-2 * (one.std() + two.std())
        return
    mixes = [float((w * one + (1 - w) * two).var()) for w in np.linspace(0, 1, 101)]
    assert found.least_variance <= min(mixes) + 1e-5 * (1 + max(mixes))
    weight, other = found.best_weights
    assert 0 <= weight <= 1
    assert close(weight + other, 1.0)
    assert close(found.least_variance, float((weight * one + other * two).var()))


@given(turn_batches(offsets=EXACT), OPTIONS)
def test_dropped_credit_is_what_stood_on_the_turns_that_left(batch: TurnBatch, options: Any) -> None:
    found, mixed = diagnose(batch, **options), mixed_advantages(batch, **options)
    scope = "absorbing" if options["turn_scope"] == "absorbing" else "alive"
    every = mixed_advantages(batch, **{**options, "turn_scope": scope, "lone_survivor": "keep"})
    assert not (mixed.mask & ~every.mask).any()
    np.testing.assert_allclose(every.values[mixed.mask], mixed.values[mixed.mask], atol=1e-5)
    size = np.abs(every.values.astype(np.float64))
    assert close(found.dropped_credit, float(size[~mixed.mask].sum() / size.sum()) if size.any() else None)


@given(turn_batches(offsets=EXACT), OPTIONS)
def test_effective_turns_lie_between_one_and_the_turns_of_the_loss(batch: TurnBatch, options: Any) -> None:
    mixed = mixed_advantages(batch, **options)
    size = effective_turns(mixed)
    assert size == diagnose(batch, **options).effective_turns
    if mixed.values.any():
        assert 1 - 1e-9 <= size <= mixed.mask.sum() + 1e-9
        assert close(effective_turns(mixed._replace(values=3 * mixed.values)), size)
    else:
        assert size == 0


@given(turn_batches(offsets=EXACT), OPTIONS)
def test_continuation_is_the_correlation_with_one_more_turn(batch: TurnBatch, options: Any) -> None:
    mixed = mixed_advantages(batch, **options)
    found = continuation(batch, mixed)
    expected = []
    for group in range(batch.group.max() + 1):
        pairs = [
            (float(mixed.values[row, turn]), float(turn + 1 < batch.lengths[row]))
            for row, turn in np.argwhere(mixed.mask).tolist()
            if batch.group[row] == group
        ]
        one, two = zip(*pairs, strict=True) if pairs else ((), ())
        varies = len(set(two)) > 1 and max(one) - min(one) > 1e-3 * max(map(abs, one))
        by_group = found.by_group[group]
        if varies:
            assert close(by_group, statistics.correlation(one, two), 1e-4)
        if np.isfinite(by_group):
            expected.append(by_group)
    assert close(found.mean, statistics.fmean(expected) if expected else None)
    error = statistics.stdev(expected) / math.sqrt(len(expected)) if len(expected) > 1 else None
    assert close(found.error, error)


def test_a_small_batch_gives_these_numbers() -> None:
    batch = TurnBatch.from_ragged(
        [[1.0, 3.0], [1.0, 1.0, 5.0], [2.0], [], [4.0, 4.0], [4.0, 4.0]],
        ["a", "a", "b", "b", "c", "c"],
    )
    found = diagnose(batch, gamma=0.0)
    assert (found.rows, found.groups, found.idle_rows, found.lone_rows) == (6, 3, 1, 1)
    assert (found.turns, found.known_turns, found.loss_turns) == (10, 10, 9)
    assert found.dropped_turns == pytest.approx(0.1)
    assert found.tied_turns == 3 / 4
    assert found.tied_groups == 1 / 2
    assert found.equal_totals == 1 / 2
    size = np.abs(np.array([1.0, 3, 1, 1, 5, 2, 4, 4, 4, 4]) - 2.9) / np.std([1.0, 3, 1, 1, 5, 2, 4, 4, 4, 4]) / 2
    rest = size.sum() - size[1] - size[3] + abs(size[1] + 0.5) + abs(0.5 + size[3])
    assert found.dropped_credit == pytest.approx(size[4] / rest, rel=1e-6)


def test_weights_of_least_variance_follow_from_the_moments() -> None:
    batch = TurnBatch.from_ragged([[0.0], [2.0], [10.0], [10.0]], ["a", "a", "b", "b"])
    found = diagnose(batch, std="none")
    # Turn part -1, 1, 0, 0: V1 = 1/2. Batch part -5.5, -3.5, 4.5, 4.5: V2 = 83/4. C = (5.5 - 3.5) / 4 = 1/2 = V1.
    assert found.correlation == pytest.approx(0.5 / math.sqrt(0.5 * 83 / 4))
    assert found.best_weights == pytest.approx((1.0, 0.0))
    assert found.least_variance == pytest.approx(0.5)
    assert found.variance == pytest.approx(0.25 * (0.5 + 83 / 4 + 1))


def test_halves_are_best_when_the_parts_vary_alike() -> None:
    batch = TurnBatch.from_ragged([[0.0, 1.0], [2.0, 0.5], [1.0, 4.0], [3.0, 0.0]], "aabb")
    found = diagnose(batch, gamma=1.0, eps=0.0)
    assert found.best_weights == pytest.approx((0.5, 0.5))
    assert found.least_variance == pytest.approx(found.variance)
    assert found.variance == pytest.approx((1 + (found.correlation or 0)) / 2)


def test_credit_that_is_summed_from_centred_rewards_pays_for_ending() -> None:
    """Every dialogue earns 1 a turn but one, in which ending early is as good as going on: 3 at once."""
    batch = TurnBatch.from_ragged([[3.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]] * 2, "aaaabbbb")
    paid = continuation(batch, mt_grpo(batch, std="none"))
    plain = continuation(batch, grpo(batch))
    assert paid.mean is not None
    assert paid.mean < -0.2
    assert paid.error == 0
    assert plain.mean is None
    assert np.isnan(plain.by_group).all()


def test_effective_turns_of_unequal_credit() -> None:
    batch = TurnBatch.from_ragged([[1.0, 3.0, 7.0], [1.0, 1.0, 1.0]], "aa")
    found = mixed_advantages(batch, gamma=0.0, turn_weight=1.0, batch_weight=0.0, std="none")
    assert effective_turns(found) == pytest.approx((2 * (0 + 1 + 3)) ** 2 / (2 * (0 + 1 + 9)))


def test_a_batch_without_anything_to_learn_from_has_no_shares() -> None:
    found = diagnose(TurnBatch.from_ragged([[], []], ["a", "b"]))
    assert (found.rows, found.loss_turns, found.effective_turns) == (2, 0, 0.0)
    assert {found.dropped_turns, found.dropped_credit, found.tied_turns, found.tied_groups} == {None}
    assert {found.equal_totals, found.correlation, found.variance, found.best_weights} == {None}
    assert (found.continuation.mean, found.continuation.error) == (None, None)
    assert "-, -" in str(found)


def test_the_table_shows_every_figure_in_one_column() -> None:
    batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0, 5.0]], ["a", "a"])
    lines = str(diagnose(batch, gamma=0.0)).splitlines()
    assert "turns dropped by scope          20.0%" in lines
    assert "turns                           5, 5 with a known return, 4 in the loss" in lines
    assert "correlation with one more turn  -0.939, standard error -" in lines
    assert {line[31] for line in lines} == {" "}


def test_an_unknown_option_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="turn_scope to be one of shortest, alive, absorbing; got 'all'"):
        diagnose(TurnBatch.from_ragged([[1.0]], "a"), turn_scope="all")  # type: ignore[arg-type]
