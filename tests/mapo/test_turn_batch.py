"""How a TurnBatch is made, what it refuses, and what each line of its contract means for the advantages."""

from __future__ import annotations

import copy
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from empa_gym.mapo import TurnBatch, batch_advantages, gae, mixed_advantages, monte_carlo_returns, turn_advantages

RAGGED = [[1.0, 0.5, 2.0], [], [3.0]]
MASK = [[True, True, True], [False, False, False], [True, False, False]]


def test_ragged_rewards_become_rectangles() -> None:
    batch = TurnBatch.from_ragged(RAGGED, ["b", "a", "b"])
    assert batch.rewards.tolist() == [[1.0, 0.5, 2.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]]
    assert batch.mask.tolist() == MASK
    assert batch.valid.tolist() == MASK
    assert batch.group.tolist() == [0, 1, 0]
    assert (batch.span == 1).all()
    assert batch.complete.tolist() == [True, True, True]
    assert batch.lengths.tolist() == [3, 0, 1]
    assert len(batch) == 3
    assert batch.rewards.dtype == np.float64


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_make_the_same_batch_as_ragged_rows_in_either_memory_order(order: Any) -> None:
    ragged = TurnBatch.from_ragged(
        [[1.0, 2.0], [4.0]],
        ["x", "y"],
        valid=[[False, True], [True]],
        span=[[1, 2], [3]],
        complete=[True, False],
        dtype=np.float32,
    )
    padded = TurnBatch.from_arrays(
        np.array([[1.0, 2.0], [4.0, math.nan]], np.float32, order=order),
        np.array([[True, True], [True, False]], order=order),
        np.array([7, 3]),
        valid=np.array([[False, True], [True, True]]),
        span=[[1, 2], [3, 0]],
        complete=[1, 0],
    )
    for name in ("mask", "valid", "group", "span", "complete", "lengths", "known", "paid"):
        assert getattr(ragged, name).tolist() == getattr(padded, name).tolist(), name
    assert ragged.rewards.dtype == padded.rewards.dtype == np.float32


@pytest.mark.parametrize(
    "labels",
    [
        ["b", "a", "b", "a"],
        [("scenario", 7), ("scenario", 8), ("scenario", 7), ("scenario", 8)],
        [-5, 12, -5, 12],
        np.array([9, 2, 9, 2]),
        np.array(["b", "a", "b", "a"]),
        np.array([1.5, 0.5, 1.5, 0.5]),
        iter("baba"),
        [None, "a", None, "a"],
    ],
    ids=str,
)
def test_labels_of_any_hashable_kind_are_numbered_in_order_of_first_appearance(labels: Any) -> None:
    assert TurnBatch.from_ragged([[1.0]] * 4, labels).group.tolist() == [0, 1, 0, 1]


def test_whole_numbers_become_float64_and_float32_stays() -> None:
    mask = [[True]]
    assert TurnBatch.from_arrays([[1]], mask, [0]).rewards.dtype == np.float64
    assert TurnBatch.from_arrays(np.ones((1, 1), np.float16), mask, [0]).rewards.dtype == np.float64
    assert TurnBatch.from_arrays(np.ones((1, 1), np.float32), mask, [0]).rewards.dtype == np.float32
    assert TurnBatch.from_ragged([[1, 2]], [0]).rewards.dtype == np.float64


def test_a_batch_keeps_its_own_arrays() -> None:
    rewards, mask, complete = np.ones((2, 2)), np.ones((2, 2), np.bool_), np.ones(2, np.bool_)
    group, valid, span = np.zeros(2, np.intp), np.ones((2, 2), np.bool_), np.ones((2, 2), np.int64)
    batch = TurnBatch.from_arrays(rewards, mask, group, valid, span, complete)
    for given in (rewards, mask, group, valid, span, complete):
        given[...] = 0
    assert batch.rewards.all()
    assert batch.mask.all()
    assert batch.valid.all()
    assert batch.complete.all()
    assert (batch.span == 1).all()


@pytest.mark.parametrize("again", [lambda batch: pickle.loads(pickle.dumps(batch)), copy.copy, copy.deepcopy])
def test_a_copied_or_pickled_batch_has_the_same_advantages(again: Any) -> None:
    batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0, 5.0], [2.0]], [0, 0, 1], dtype=np.float32)
    before = mixed_advantages(batch)
    after = mixed_advantages(again(batch))
    for one, two in zip(before, after, strict=True):
        assert one.tobytes() == two.tobytes()


def test_the_estimators_change_nothing_in_the_batch() -> None:
    batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0]], [0, 0], span=[[1, 2], [1, 1]])
    names = ("rewards", "mask", "valid", "group", "span", "complete", "lengths", "known", "paid")
    kept = {name: getattr(batch, name).copy() for name in names}
    for estimate in (mixed_advantages, turn_advantages, batch_advantages, monte_carlo_returns):
        first = estimate(batch)[0].copy()
        assert (estimate(batch)[0] == first).all()
    gae(batch, np.zeros((2, 2)))
    assert all((getattr(batch, name) == kept[name]).all() for name in names)


NAN_AT_1_1 = [[1.0, 2.0], [1.0, math.nan]]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TurnBatch.from_ragged(NAN_AT_1_1, "aa"), "row 1, turn 1: expected a finite reward"),
        (lambda: TurnBatch.from_ragged([[math.inf]], "a"), "row 0, turn 0: expected a finite reward"),
        (lambda: TurnBatch.from_ragged([[1.0], [1.0]], "a"), "expected 2 group labels, one per row, got 1"),
        (lambda: TurnBatch.from_ragged([[1.0], [1.0]], "aa", valid=[[True], []]), "row 1: expected valid of 1 turns"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", valid=[]), "expected valid of 1 rows"),
        (lambda: TurnBatch.from_ragged([[1.0], []], "aa", span=[[1], [1]]), "row 1: expected span of 0 turns"),
        (lambda: TurnBatch.from_ragged([[1.0], [1.0]], "aa", span=[[1], [0]]), "row 1, turn 0: expected a span of 1"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", complete=[True, True]), "expected complete of shape"),
        (lambda: TurnBatch.from_arrays([1.0], [True], "a"), "expected rewards of shape"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True, True]], "a"), "expected mask of shape"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], "a", valid=[True]), "expected valid of shape"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], "a", span=[[1, 1]]), "expected span of shape"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], "ab"), "expected 1 group labels, one per row, got 2"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], np.arange(2)), "expected 1 group labels"),
        (
            lambda: TurnBatch.from_arrays([[1.0, 2.0]] * 2, [[True, True], [False, True]], "ab"),
            "row 1: expected a mask",
        ),
        (lambda: TurnBatch.from_arrays([[1.0] * 3], [[True, False, True]], "a"), "row 0: expected a mask"),
        (lambda: TurnBatch.from_arrays(NAN_AT_1_1, np.ones((2, 2)), "ab"), "row 1, turn 1: expected a finite reward"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], "a", span=[[-1]]), "row 0, turn 0: expected a span of 1"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], "a", span=[[1.5]]), "row 0.*span"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", span=[[1.5]]), "row 0.*span"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", dtype=np.float16), "float32 or.*float64"),
    ],
)
def test_what_is_not_fit_is_refused_with_a_sentence_that_names_the_row(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gamma": 1.1}, "gamma within"),
        ({"gamma": -0.1}, "gamma within"),
        ({"gamma": math.nan}, "gamma within"),
        ({"eps": -1.0}, "eps of 0 or more"),
        ({"eps": math.nan}, "eps of 0 or more"),
        ({"turn_weight": 0.7}, "sum to 1"),
        ({"turn_weight": 1.5, "batch_weight": -0.5}, "0 or more"),
        ({"turn_weight": math.nan}, "turn_weight"),
        ({"turn_scope": "longest"}, "turn_scope to be one of shortest, alive, absorbing; got 'longest'"),
        ({"baseline": "median"}, "baseline to be one of"),
        ({"std": "robust"}, "std to be one of"),
        ({"batch_scope": "all"}, "batch_scope to be one of"),
        ({"lone_survivor": "spare"}, "lone_survivor to be one of"),
        ({"moments": "float16"}, "moments to be one of"),
    ],
    ids=str,
)
def test_an_option_that_there_is_not_is_refused_with_those_that_there_are(options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mixed_advantages(TurnBatch.from_ragged([[1.0]], "a"), **options)


def test_gae_refuses_values_that_do_not_fit_and_names_the_row() -> None:
    batch = TurnBatch.from_ragged([[1.0, 1.0], [1.0]], "aa")
    with pytest.raises(ValueError, match=r"expected values of shape \(2, 2\)"):
        gae(batch, [[0.0]])
    with pytest.raises(ValueError, match=r"expected bootstrap of shape \(2,\)"):
        gae(batch, np.zeros((2, 2)), bootstrap=[0.0])
    with pytest.raises(ValueError, match="row 1: expected finite values"):
        gae(batch, [[0.0, 0.0], [math.nan, 0.0]])
    assert np.isfinite(gae(batch, [[0.0, 0.0], [0.0, math.nan]]).advantages).all()


@pytest.mark.parametrize(
    "batch",
    [
        TurnBatch.from_ragged([], []),
        TurnBatch.from_ragged([[]], ["a"]),
        TurnBatch.from_ragged([[], [1.0]], ["a", "a"]),
        TurnBatch.from_ragged([[1.0]], ["a"]),
        TurnBatch.from_ragged([[1.0, 2.0]], ["a"], valid=[[False, False]]),
        TurnBatch.from_ragged([[1.0, 2.0], [3.0]], ["a", "a"], complete=[False, False]),
        TurnBatch.from_arrays(np.ones((2, 4), np.float32), np.zeros((2, 4)), ["a", "b"]),
    ],
    ids=["no row", "no turn", "one row without a turn", "one turn", "nothing valid", "nothing complete", "all padding"],
)
@pytest.mark.parametrize("scope", ["shortest", "alive", "absorbing"])
def test_batches_with_next_to_nothing_in_them_have_turn_part_0(batch: TurnBatch, scope: Any) -> None:
    found = mixed_advantages(batch, turn_scope=scope)
    assert found.turn is not None
    assert found.values.shape == found.mask.shape == batch.rewards.shape
    assert np.isfinite(found.values).all()
    assert not found.turn.any()
    assert not found.mask[:, batch.known.max(initial=0) :].any()
    assert gae(batch, np.zeros(batch.rewards.shape)).advantages.shape == batch.rewards.shape


def test_an_invalid_turn_counts_0_in_returns_and_is_paid_for_by_the_catch_up() -> None:
    batch = TurnBatch.from_ragged(
        [[9.0, 6.0], [1.0, 2.0]], "aa", valid=[[False, True], [True, True]], span=[[1, 2], [1, 1]]
    )
    found = mixed_advantages(batch, gamma=0.5)
    assert found.returns is not None
    assert found.turn is not None
    assert found.batch is not None
    assert found.returns.tolist() == [[3.0, 6.0], [2.0, 2.0]]
    assert found.mask.all()
    assert found.turn[:, 0] == pytest.approx([1.0, -1.0])
    # Immediate rewards by turn: 6 / 2 = 3, 1 and 2; the invalid turn has none.
    spread = math.sqrt(2 / 3)
    assert found.batch == pytest.approx(np.array([[0.0, 1 / spread], [-1 / spread, 0.0]]))


def test_a_turn_behind_the_last_valid_one_neither_votes_nor_trains() -> None:
    valid = [[True, False], [True, True], [True, True]]
    batch = TurnBatch.from_ragged([[1.0, 7.0], [2.0, 4.0], [3.0, 8.0]], "aaa", valid=valid)
    found = mixed_advantages(batch, gamma=0.0)
    assert found.returns is not None
    assert found.turn is not None
    assert found.mask.tolist() == valid
    assert found.returns[0].tolist() == [1.0, 0.0]
    assert found.turn[:, 1] == pytest.approx([0.0, -1.0, 1.0])


def test_the_shortest_dialogue_is_counted_in_turns_that_happened_not_in_valid_ones() -> None:
    batch = TurnBatch.from_ragged([[1.0, 2.0, 3.0], [1.0, 5.0]], "aa", valid=[[True] * 3, [True, False]])
    assert mixed_advantages(batch, lone_survivor="keep").mask.tolist() == [[True, True, False], [True, False, False]]
    assert mixed_advantages(batch, lone_survivor="drop").mask.tolist() == [[True, False, False], [True, False, False]]


def test_incomplete_rows_and_rows_without_a_turn_do_not_count_in_the_shortest_dialogue() -> None:
    rewards = [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [], [50.0]]
    batch = TurnBatch.from_ragged(rewards, "aaaa", complete=[True, True, True, False])
    alone = TurnBatch.from_ragged(rewards[:2], "aa")
    found, wanted = mixed_advantages(batch), mixed_advantages(alone)
    assert found.mask[:2].all()
    assert not found.mask[2:].any()
    assert found.values[:2] == pytest.approx(wanted.values)
    assert found.returns is not None
    assert not found.returns[2:].any()


def test_with_fewer_than_two_complete_siblings_the_turn_part_is_0_and_the_batch_part_trains() -> None:
    batch = TurnBatch.from_ragged([[1.0, 5.0], [2.0, 2.0]], "aa", complete=[True, False])
    found = mixed_advantages(batch)
    assert found.turn is not None
    assert found.mask.tolist() == [[True, True], [False, False]]
    assert not found.turn.any()
    assert found.values[0] == pytest.approx([-0.5, 0.5])


def test_a_lone_survivor_is_dropped_or_kept_with_turn_part_0() -> None:
    batch = TurnBatch.from_ragged([[1.0, 5.0], [2.0]], "aa")
    for scope in ("alive", "shortest"):
        assert not mixed_advantages(batch, turn_scope=scope).mask[0, 1]
    kept = mixed_advantages(batch, turn_scope="alive", lone_survivor="keep")
    assert kept.turn is not None
    assert kept.mask[0, 1]
    assert kept.turn[0, 1] == 0.0
    absorbing = mixed_advantages(batch, turn_scope="absorbing")
    assert absorbing.turn is not None
    assert absorbing.turn[:, 1] == pytest.approx([1.0, 0.0])
    assert absorbing.mask.tolist() == [[True, True], [True, False]]


def test_a_row_that_takes_no_part_is_no_absorbed_zero() -> None:
    batch = TurnBatch.from_ragged([[1.0, 5.0], [2.0, 3.0], [4.0]], "aaa", valid=[[True] * 2, [True] * 2, [False]])
    found = turn_advantages(batch, gamma=0.0, turn_scope="absorbing")
    assert found.values[:, 1] == pytest.approx([1.0, -1.0, 0.0])


def test_siblings_with_equal_returns_get_exactly_0() -> None:
    batch = TurnBatch.from_ragged([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1]], "aaa")
    found = mixed_advantages(batch, gamma=1.0)
    assert found.returns is not None
    assert found.turn is not None
    assert len(set(found.returns[:, 0].tolist())) > 1
    assert not found.turn[:, 0].any()


ROUNDED = [[1e6, 0.1, 0.2, -1e6, 0.3], [0.3, -1e6, 0.1, 1e6, 0.2], [0.6]]
"""Each sums to 0.6; the large numbers that cancel stand behind T_min but for rounding that reaches the first turn."""


def test_what_is_rounding_is_told_by_later_turns_too_that_nobody_compares() -> None:
    found = mixed_advantages(TurnBatch.from_ragged(ROUNDED, "aaa"), gamma=1.0)
    assert found.returns is not None
    assert found.turn is not None
    assert found.mask.sum() == 3
    assert len(set(found.returns[:, 0].tolist())) > 1
    assert not found.turn.any()


def test_moments_are_float64_unless_asked_otherwise() -> None:
    rewards = (2.0**20 + np.arange(64).reshape(32, 2) / 8).astype(np.float32)
    batch = TurnBatch.from_arrays(rewards, np.ones(rewards.shape), np.zeros(32, int))
    exact = TurnBatch.from_arrays(rewards.astype(np.float64), np.ones(rewards.shape), np.zeros(32, int))
    wanted = batch_advantages(exact, std="none").values
    found = batch_advantages(batch, std="none").values
    assert found.dtype == np.float32
    # 2^20 * 1e-5 = 10.5 > std = 2.3: rewards in float32 that lie so close are called equal.
    assert not found.any()
    assert wanted.any()


def test_the_spread_is_of_a_population_or_of_a_sample() -> None:
    batch = TurnBatch.from_ragged([[1.0], [3.0]], "aa")
    assert turn_advantages(batch).values.ravel() == pytest.approx([-1.0, 1.0])
    assert turn_advantages(batch, std="sample").values.ravel() == pytest.approx([-math.sqrt(0.5), math.sqrt(0.5)])
    assert turn_advantages(batch, std="none").values.ravel() == pytest.approx([-1.0, 1.0])
    assert turn_advantages(batch, std="none", baseline="leave_one_out").values.ravel() == pytest.approx([-2.0, 2.0])
    assert turn_advantages(batch, eps=1.0).values.ravel() == pytest.approx([-0.5, 0.5])


def test_immediate_rewards_are_compared_across_the_batch_or_within_a_group() -> None:
    batch = TurnBatch.from_ragged([[1.0, 3.0], [11.0, 13.0]], "ab")
    assert batch_advantages(batch, batch_scope="group").values == pytest.approx(np.array([[-1.0, 1.0]] * 2))
    spread = math.sqrt(26)
    assert batch_advantages(batch).values == pytest.approx(np.array([[-6.0, -4.0], [4.0, 6.0]]) / spread)


def test_turns_behind_the_shortest_dialogue_still_count_in_the_batch_moments() -> None:
    batch = TurnBatch.from_ragged([[1.0, 7.0], [1.0]], "aa")
    found = mixed_advantages(batch, turn_weight=0.0, batch_weight=1.0)
    assert found.mask.tolist() == [[True, False], [True, False]]
    assert found.values[:, 0] == pytest.approx([-2 / math.sqrt(8)] * 2)


def test_results_share_no_memory_with_the_batch_or_with_each_other() -> None:
    batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0]], [0, 0])
    inputs = [batch.rewards, batch.mask, batch.valid, batch.complete, batch.paid, batch.lengths]
    for estimate in (mixed_advantages, turn_advantages, batch_advantages):
        found = list(estimate(batch))
        pairs = [(one, two) for i, one in enumerate(found) for two in [*found[i + 1 :], *inputs]]
        assert not any(np.shares_memory(one, two) for one, two in pairs)
    assert not np.shares_memory(monte_carlo_returns(batch, 0.0), batch.paid)


def test_a_result_stays_when_others_are_computed_in_the_same_and_in_other_threads() -> None:
    batches = [
        TurnBatch.from_arrays(np.random.default_rng(i).normal(size=(400, 20)), np.ones((400, 20)), np.arange(400) // 8)
        for i in range(4)
    ]
    kept = [mixed_advantages(batch).values for batch in batches]
    copies = [values.copy() for values in kept]
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda batch: mixed_advantages(batch).values, batches * 20))
    assert all((values == copy).all() for values, copy in zip(kept, copies, strict=True))
    assert all((values == copies[i % 4]).all() for i, values in enumerate(again))


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint64])
def test_labels_of_any_width_and_many_rows_are_the_same_groups(dtype: type[np.integer[Any]]) -> None:
    span = 100 if np.dtype(dtype).itemsize == 1 else 3000
    labels = np.repeat(np.arange(-span if np.dtype(dtype).kind == "i" else 0, span), 2)
    found = TurnBatch.from_arrays(np.zeros((len(labels), 1)), np.ones((len(labels), 1)), labels.astype(dtype)).group
    assert np.array_equal(found, np.repeat(np.arange(len(labels) // 2), 2))


ONE = TurnBatch.from_ragged([[1.0]], "a")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mixed_advantages(ONE, gamma="1"), "expected gamma to be a number, got '1'"),
        (lambda: mixed_advantages(ONE, gamma=None), "expected gamma to be a number, got None"),
        (lambda: mixed_advantages(ONE, gamma=[0.9]), r"expected gamma to be a number, got \[0.9\]"),
        (lambda: mixed_advantages(ONE, eps="small"), "expected eps to be a number"),
        (lambda: mixed_advantages(ONE, turn_weight="all"), "expected turn_weight to be a number"),
        (lambda: monte_carlo_returns(ONE, gamma="1"), "expected gamma to be a number"),
        (lambda: gae(ONE, [[0.0]], lam=None), "expected lam to be a number"),
        (lambda: TurnBatch.from_ragged([1.0, 2.0], "aa"), "expected rewards to be one sequence for each dialogue"),
        (lambda: TurnBatch.from_ragged([[[1.0], [2.0]]], "a"), r"row 0, turn 0: expected rewards .* got \[1.0\]"),
        (lambda: TurnBatch.from_ragged([[[1.0]]], "a"), r"row 0, turn 0: expected rewards .* got \[1.0\]"),
        (lambda: TurnBatch.from_ragged([[1.0], ["2"]], "aa"), "row 1, turn 0: expected rewards to be numbers, got '2'"),
        (lambda: TurnBatch.from_ragged(["12"], "a"), "row 0, turn 0: expected rewards to be numbers, got '1'"),
        (lambda: TurnBatch.from_ragged([[1.0, None]], "a"), "row 0, turn 1: .* got None"),
        (lambda: TurnBatch.from_ragged([[10**400]], "a"), r"row 0, turn 0: .* got 1000000000"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", valid=[["False"]]), "row 0, turn 0: expected valid .* 'False'"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", complete=["False"]), "expected complete to be numbers, got"),
        (lambda: TurnBatch.from_arrays([[1.0]], [["False"]], "a"), "expected mask to be numbers, got an array of"),
        (lambda: TurnBatch.from_arrays([["1"]], [[True]], "a"), "expected rewards to be numbers, got an array of"),
        (lambda: TurnBatch.from_arrays([[1j]], [[True]], "a"), "expected rewards to be numbers, got an array of"),
        (lambda: TurnBatch.from_arrays([[None]], [[True]], "a"), "expected rewards to be numbers, got an array of"),
    ],
)
def test_what_is_no_number_is_refused_in_a_sentence(make: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        make()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mixed_advantages(ONE, turn_scope=["alive"]), r"expected turn_scope to be one of .* got \['alive'\]"),
        (lambda: mixed_advantages(ONE, std=None), "expected std to be one of .* got None"),
        (lambda: TurnBatch.from_ragged([[1.0]], "a", span=[[10**30]]), "row 0, turn 0: expected a span .* got 1e"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[True]], "a", span=[[math.inf]]), "row 0, turn 0: .* got inf"),
        (lambda: TurnBatch.from_arrays([[1.0]], [[math.nan]], "a"), "expected mask to be True or False, found nan"),
        (lambda: TurnBatch.from_arrays([[1.0], [1.0, 2.0]], [[True]], "ab"), "rows of one length; from_ragged"),
    ],
)
def test_odd_options_spans_and_shapes_are_refused_in_a_sentence(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_numbers_of_numpy_in_ragged_rows_are_numbers() -> None:
    rows: list[Any] = [[np.float32(1.0), np.int64(2), True], np.array([0.5]), (3,)]
    batch = TurnBatch.from_ragged(rows, "abc")
    assert batch.rewards.tolist() == [[1.0, 2.0, 1.0], [0.5, 0.0, 0.0], [3.0, 0.0, 0.0]]


def test_what_is_hidden_in_a_masked_array_is_refused_instead_of_counted() -> None:
    hidden = np.ma.array([[1.0, 99.0]], mask=[[False, True]])
    with pytest.raises(TypeError, match="masked"):
        TurnBatch.from_arrays(hidden, [[True, True]], ["a"])


def test_a_reward_whose_square_would_not_fit_is_refused_with_its_row() -> None:
    with pytest.raises(ValueError, match="row 1, turn 0"):
        TurnBatch.from_ragged([[1.0], [1e200]], ["a", "a"])


def test_the_arrays_of_a_batch_cannot_be_changed_behind_its_back() -> None:
    batch = TurnBatch.from_ragged([[1.0], [2.0]], ["a", "a"])
    with pytest.raises(ValueError, match="read-only"):
        batch.rewards[0, 0] = 100.0


def test_a_bootstrap_that_is_not_finite_is_refused_with_its_row() -> None:
    batch = TurnBatch.from_ragged([[1.0], [2.0]], ["a", "a"])
    with pytest.raises(ValueError, match="row 1"):
        gae(batch, np.zeros((2, 1)), bootstrap=[0.0, math.nan])
