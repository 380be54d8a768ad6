"""The baselines are their papers' formulas, on rows and turns that may be missing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from empa_gym.mapo import Advantages, TurnBatch, gae, monte_carlo_returns, turn_advantages
from empa_gym.mapo.baselines import dr_grpo, grpo, mt_grpo, ppo, reinforce_pp, reinforce_pp_baseline, rloo
from empa_gym.testing.strategies import turn_batches

STDS = ("population", "sample", "none")
TIE = {"float64": 1e-11, "float32": 1e-5}
CLOSE = {"float64": 1e-10, "float32": 2e-5}


class Compared(NamedTuple):
    """A number, what it is compared with, and the size of what was added up to it."""

    place: Any
    bin: Hashable
    number: float
    scale: float


def standardised(numbers: Iterable[Compared], std: str, eps: float, tie: float) -> dict[Any, tuple[float, float]]:
    """(number - mean) / (std + eps) by place, and how much rounding is enlarged."""
    bins: dict[Hashable, list[Compared]] = defaultdict(list)
    for one in numbers:
        bins[one.bin].append(one)
    found = {}
    for siblings in bins.values():
        count = len(siblings)
        mean = math.fsum(one.number for one in siblings) / count
        squares = math.fsum((one.number - mean) ** 2 for one in siblings)
        largest = max(one.scale for one in siblings)
        equal = math.sqrt(squares / count) <= tie * largest
        by = 1.0 if std == "none" else math.sqrt(squares / (max(count - 1, 1) if std == "sample" else count)) + eps
        for one in siblings:
            found[one.place] = (0.0, 1.0) if equal else ((one.number - mean) / by, 1 + largest / by)
    return found


class Rows:
    """A batch as plain numbers."""

    def __init__(self, batch: TurnBatch) -> None:
        self.batch = batch
        self.tie = TIE[batch.rewards.dtype.name]
        self.group = batch.group.tolist()
        self.counted = (batch.valid & batch.complete[:, None]).tolist()
        self.rewards = batch.rewards.astype(np.float64).tolist()
        self.known = [max((t + 1 for t, one in enumerate(row) if one), default=0) for row in self.counted]

    def worth(self, row: int, turn: int, gamma: float = 1.0) -> float:
        later = [(t, r) for t, r in enumerate(self.rewards[row]) if t >= turn and self.counted[row][t]]
        return math.fsum(gamma ** (t - turn) * r for t, r in later)

    def totals(self) -> list[Compared]:
        rows = [row for row, known in enumerate(self.known) if known]
        scale = {row: max(abs(self.worth(row, turn)) for turn in range(self.known[row])) for row in rows}
        return [Compared(row, self.group[row], self.worth(row, 0), scale[row]) for row in rows]

    def alone(self, row: int) -> bool:
        return sum(self.group[row] == g and k > 0 for g, k in zip(self.group, self.known, strict=True)) == 1

    def places(self) -> list[tuple[int, int]]:
        return [(row, turn) for row, known in enumerate(self.known) for turn in range(known)]

    def returns(self, gamma: float) -> list[Compared]:
        found = [(place, self.worth(*place, gamma)) for place in self.places()]
        return [Compared(place, "batch", worth, abs(worth)) for place, worth in found]


def agrees(found: Advantages, rows: Rows, expected: Callable[[int, int], tuple[float, float]]) -> None:
    """Equal at every turn that votes; 0 and out of the loss elsewhere."""
    places = rows.places()
    voting = np.zeros(rows.batch.rewards.shape, np.bool_)
    close = CLOSE[rows.batch.rewards.dtype.name]
    for row, turn in places:
        voting[row, turn] = True
        value, enlarged = expected(row, turn)
        assert abs(found.values[row, turn] - value) <= close * (abs(value) + enlarged), (row, turn)
    assert (found.mask == voting).all()
    assert not found.values[~voting].any()
    assert found.values.dtype == rows.batch.rewards.dtype
    assert np.shape(found.returns) == rows.batch.rewards.shape
    assert (found.turn, found.batch) == (None, None)


@given(turn_batches(), st.sampled_from(STDS), st.sampled_from((0.0, 1e-6, 0.5)), st.booleans())
def test_grpo_standardises_totals_among_siblings(batch: TurnBatch, std: Any, eps: float, raw: bool) -> None:
    rows = Rows(batch)
    expected = standardised(rows.totals(), std, eps, rows.tie)

    def of(row: int, turn: int) -> tuple[float, float]:
        return (rows.worth(row, 0), 1.0) if raw and rows.alone(row) else expected[row]

    agrees(grpo(batch, std=std, eps=eps, singleton="raw" if raw else "zero"), rows, of)


@given(turn_batches(), st.booleans())
def test_dr_grpo_is_grpo_without_a_division(batch: TurnBatch, raw: bool) -> None:
    singleton: Any = "raw" if raw else "zero"
    found, expected = dr_grpo(batch, singleton=singleton), grpo(batch, std="none", singleton=singleton)
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.mask, expected.mask)


@given(turn_batches(), st.booleans())
def test_rloo_compares_each_total_with_the_mean_of_the_others(batch: TurnBatch, raw: bool) -> None:
    rows = Rows(batch)
    totals = {one.place: one for one in rows.totals()}
    tied = standardised(rows.totals(), "none", 0.0, rows.tie)

    def of(row: int, turn: int) -> tuple[float, float]:
        others = [one.number for place, one in totals.items() if rows.group[row] == one.bin and place != row]
        if not others:
            return (totals[row].number if raw else 0.0), 1.0
        above = totals[row].number - math.fsum(others) / len(others)
        return (above if tied[row][1] > 1 else 0.0), 1 + totals[row].scale

    agrees(rloo(batch, singleton="raw" if raw else "zero"), rows, of)


@given(turn_batches(), st.sampled_from(STDS), st.sampled_from((1.0, 0.5)))
def test_reinforce_pp_standardises_returns_over_the_batch(batch: TurnBatch, std: Any, gamma: float) -> None:
    rows = Rows(batch)
    expected = standardised(rows.returns(gamma), std, 1e-3, rows.tie)
    agrees(reinforce_pp(batch, gamma=gamma, std=std, eps=1e-3), rows, lambda row, turn: expected[row, turn])


@given(turn_batches(), st.sampled_from(STDS), st.booleans())
def test_reinforce_pp_with_a_baseline_centres_by_group_then_standardises_by_turn(
    batch: TurnBatch, std: Any, raw: bool
) -> None:
    rows = Rows(batch)
    totals = {one.place: one for one in rows.totals()}
    centred = {row: value for row, (value, _) in standardised(rows.totals(), "none", 0.0, rows.tie).items()}
    for row in totals:
        if raw and rows.alone(row):
            centred[row] = totals[row].number
    turns = [Compared(place, "batch", centred[place[0]], abs(totals[place[0]].number)) for place in rows.places()]
    expected = standardised(turns, std, 1e-3, rows.tie)
    found = reinforce_pp_baseline(batch, std=std, eps=1e-3, singleton="raw" if raw else "zero")
    agrees(found, rows, lambda row, turn: expected[row, turn])


@given(turn_batches(), st.sampled_from(STDS), st.sampled_from((1.0, 0.5)), st.booleans(), st.booleans())
def test_mt_grpo_sums_rewards_that_were_standardised_by_turn(
    batch: TurnBatch, std: Any, gamma: float, accumulate: bool, with_outcome: bool
) -> None:
    rows = Rows(batch)
    outcome = np.where(batch.known > 0, np.arange(len(batch)) % 3, np.nan)
    numbers = [
        Compared((row, turn), (rows.group[row], turn), rows.rewards[row][turn], abs(rows.rewards[row][turn]))
        for row, turn in rows.places()
        if rows.counted[row][turn]
    ]
    credit = standardised(numbers, std, 1e-2, rows.tie)
    taking_part = [row for row, known in enumerate(rows.known) if known]
    given_for = [Compared(row, rows.group[row], outcome[row], outcome[row]) for row in taking_part]
    outcomes = standardised(given_for, std, 1e-2, rows.tie)

    def of(row: int, turn: int) -> tuple[float, float]:
        later = [t for t in range(turn, rows.known[row] if accumulate else turn + 1) if rows.counted[row][t]]
        value = 2.0 * math.fsum(gamma ** (t - turn) * credit[row, t][0] for t in later)
        return value + with_outcome * outcomes[row][0], 1 + 2 * sum(credit[row, t][1] for t in later)

    how: Any = {"gamma": gamma, "accumulate": accumulate, "turn_weight": 2.0, "std": std, "eps": 1e-2}
    agrees(mt_grpo(batch, outcome=outcome if with_outcome else None, **how), rows, of)


@given(turn_batches(missing=False), st.sampled_from(STDS))
def test_a_turn_that_gets_its_own_reward_only_is_mapos_turn_part_without_a_future(batch: TurnBatch, std: Any) -> None:
    own = mt_grpo(batch, accumulate=False, std=std, eps=1e-3)
    part = turn_advantages(batch, gamma=0.0, turn_scope="alive", lone_survivor="keep", std=std, eps=1e-3)
    close = CLOSE[batch.rewards.dtype.name]
    scale = close * (1 + np.abs(batch.paid).max(initial=0)) * 1e3
    np.testing.assert_allclose(own.values, part.values, atol=scale if std != "none" else scale / 1e3)
    assert (own.mask == part.mask).all()


@given(turn_batches(), st.sampled_from((0.0, 0.5, 1.0)))
def test_ppo_without_whitening_is_gae(batch: TurnBatch, lam: float) -> None:
    values = np.arange(batch.rewards.size).reshape(batch.rewards.shape) / 4
    found, expected = ppo(batch, values, lam=lam, whiten=False), gae(batch, values, lam=lam)
    np.testing.assert_array_equal(found.values, expected.advantages)
    np.testing.assert_array_equal(found.returns, expected.targets)


@given(turn_batches())
def test_ppo_of_a_critic_that_knows_nothing_is_reinforce_pp(batch: TurnBatch) -> None:
    found = ppo(batch, np.zeros(batch.rewards.shape), gamma=0.5, lam=1.0, std="population", eps=1e-3)
    expected = reinforce_pp(batch, gamma=0.5, eps=1e-3)
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-4, atol=1e-4)


def test_ppo_of_a_critic_that_is_right_up_to_rounding_learns_nothing() -> None:
    batch = TurnBatch.from_ragged([[0.1, 0.2, 0.3], [0.7, 0.6]], "ab")
    exact = monte_carlo_returns(batch, 0.9)
    assert not ppo(batch, exact * (1 + 2e-16), gamma=0.9, lam=1.0).values.any()


@given(turn_batches(missing=False, dtype=np.float64))
def test_whitened_turns_have_mean_0_and_deviation_1(batch: TurnBatch) -> None:
    for estimate in (partial(reinforce_pp, gamma=1.0), reinforce_pp_baseline):
        found = estimate(batch, eps=0.0)
        inside = found.values[found.mask]
        assume(inside.any())
        assert abs(inside.mean()) <= 1e-6
        assert abs(inside.std() - 1) <= 1e-6


@pytest.mark.parametrize("estimate", [grpo, dr_grpo, rloo, reinforce_pp_baseline])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_siblings_that_reach_the_same_total_by_different_routes_get_0(estimate: Any, dtype: Any) -> None:
    routes = [[0.1, 0.2, -0.3], [-0.3, 0.1, 0.2], [0.2, -0.3, 0.1]]
    assert sum(routes[0]) != sum(routes[1])
    assert not estimate(TurnBatch.from_ragged(routes, "aaa", dtype=dtype)).values.any()


BATCH = TurnBatch.from_ragged([[1.0, 3.0], [2.0], [6.0, 0.0, 3.0], [5.0]], ["a", "a", "a", "b"])
"""Totals 4, 2, 9 and, alone, 5."""


def per_row(found: Advantages) -> Any:
    for values, length in zip(found.values, BATCH.lengths, strict=True):
        assert len(set(values[:length].tolist())) == 1
    return found.values[:, 0]


def test_outcome_estimators_give_these_numbers() -> None:
    spread = math.sqrt(26 / 3)
    same = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-12)
    same(per_row(dr_grpo(BATCH)), [-1, -3, 4, 0])
    same(per_row(rloo(BATCH)), [-1.5, -4.5, 6, 0])
    same(per_row(grpo(BATCH, std="population", eps=0.0)), [-1 / spread, -3 / spread, 4 / spread, 0])
    same(per_row(grpo(BATCH, eps=0.0)), np.array([-1, -3, 4, 0]) / math.sqrt(13))
    same(per_row(grpo(BATCH, eps=1.0)), np.array([-1, -3, 4, 0]) / (math.sqrt(13) + 1))
    for alone in (dr_grpo, rloo, grpo):
        assert per_row(alone(BATCH, singleton="raw"))[3] == 5
    assert grpo(BATCH).returns[:, 0].tolist() == [4, 2, 9, 5]


def test_whitening_counts_a_dialogue_as_often_as_it_has_turns() -> None:
    numbers = [-1, -1, -3, 4, 4, 4, 0]
    expected = (np.array([-1, -3, 4, 0]) - np.mean(numbers)) / np.std(numbers)
    np.testing.assert_allclose(per_row(reinforce_pp_baseline(BATCH, eps=0.0)), expected, rtol=1e-12)


def test_returns_are_discounted_by_turn_before_the_batch_is_whitened() -> None:
    batch = TurnBatch.from_ragged([[1.0, 4.0], [0.0]], "ab")
    expected = (np.array([3, 4, 0]) - 7 / 3) / np.std([3, 4, 0])
    found = reinforce_pp(batch, gamma=0.5, eps=0.0)
    np.testing.assert_allclose(found.values[found.mask], expected, atol=1e-12)


def test_mt_grpo_of_two_segments_is_the_papers() -> None:
    batch = TurnBatch.from_ragged([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]], "aaa")
    credit = mt_grpo(batch, outcome=[3.0, 1.0, 2.0], turn_weight=0.5, eps=0.0).values
    turn = np.array([2, -1, -1]) / 3 / math.sqrt(1 / 3)
    np.testing.assert_allclose(credit[:, 1], [1, -1, 0], atol=1e-12)
    np.testing.assert_allclose(credit[:, 0], np.array([1, -1, 0]) + 0.5 * turn, rtol=1e-12)


def test_accumulated_credit_pays_for_each_turn_its_distance_from_the_mean() -> None:
    batch = TurnBatch.from_ragged([[0.0, 1.0, 3.0], [0.0, 3.0, 1.0], [0.0]], "aaa")
    assert mt_grpo(batch, std="none").values.tolist() == [[0, 0, 1], [0, 0, -1], [0, 0, 0]]
    assert mt_grpo(batch, std="none", gamma=0.5).values.tolist() == [[-0.25, -0.5, 1], [0.25, 0.5, -1], [0, 0, 0]]
    assert mt_grpo(batch, std="none", accumulate=False).values.tolist() == [[0, -1, 1], [0, 1, -1], [0, 0, 0]]


def refusals() -> Sequence[Any]:
    return [
        (partial(grpo, singleton="mean"), "singleton to be one of zero, raw; got 'mean'"),
        (partial(rloo, singleton="drop"), "singleton to be one of zero, raw"),
        (partial(grpo, std="mad"), "std to be one of population, sample, none; got 'mad'"),
        (partial(reinforce_pp, eps=-1.0), "eps of 0 or more"),
        (partial(reinforce_pp, gamma=1.5), r"gamma within \[0, 1\]"),
        (partial(mt_grpo, gamma=-0.5), r"gamma within \[0, 1\]"),
        (partial(mt_grpo, outcome=[1.0]), r"outcome of shape \(4,\), one per row"),
        (partial(mt_grpo, outcome=[1.0, 2.0, np.inf, 0.0]), "row 2: expected a finite outcome .* got inf"),
        (partial(ppo, values=np.zeros((4, 3)), whiten=False, std="mad"), "std to be one of"),
        (partial(ppo, values=np.zeros((4, 2))), r"values of shape \(4, 3\)"),
    ]


@pytest.mark.parametrize(("estimate", "sentence"), refusals())
def test_an_option_that_means_nothing_is_refused_with_a_sentence(estimate: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        estimate(BATCH)
