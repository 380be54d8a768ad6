"""Every token carries the value of its turn, and no other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.mapo.tokens import to_tokens, to_tokens_from_mask, to_tokens_from_spans

DTYPES = (np.float16, np.float32, np.float64, np.int64)


class Response(NamedTuple):
    """Turns laid out as tokens, by loops."""

    values: Any
    lengths: Any
    gaps: Any
    ids: Any
    expected: Any


def laid_out(values: Any, lengths: Any, gaps: Any, width: int) -> Response:
    ids = np.full((len(values), width), -1)
    expected = np.zeros((len(values), width), values.dtype)
    for row, turns in enumerate(values):
        at = 0
        for turn, value in enumerate(turns):
            at += gaps[row, turn]
            for token in range(at, at + lengths[row, turn]):
                ids[row, token], expected[row, token] = turn, value
            at += lengths[row, turn]
    return Response(values, lengths, gaps, ids, expected)


@st.composite
def responses(draw: st.DrawFn, shortest: int = 0, gap: int = 0) -> Response:
    """Turns of at least ``shortest`` tokens, with at least ``gap`` tokens before each."""
    rows, turns = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    count = rows * turns
    numbers = draw(st.lists(st.integers(-50, 50), min_size=count, max_size=count))
    values = np.array(numbers, draw(st.sampled_from(DTYPES))).reshape(rows, turns)
    shape = {"min_size": count, "max_size": count}
    lengths = np.array(draw(st.lists(st.integers(shortest, 4), **shape)), np.int64).reshape(rows, turns)
    gaps = np.array(draw(st.lists(st.integers(gap, 3), **shape)), np.int64).reshape(rows, turns)
    width = int((lengths + gaps).sum(1).max(initial=0)) + draw(st.integers(0, 3))
    return laid_out(values, lengths, gaps, width)


def same(found: Any, expected: Any) -> None:
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@given(responses())
def test_spans_put_each_value_on_the_tokens_of_its_turn(drawn: Response) -> None:
    width = drawn.expected.shape[1]
    same(to_tokens_from_spans(drawn.values, drawn.lengths, gaps=drawn.gaps, width=width), drawn.expected)


@given(responses())
def test_spans_without_gaps_stand_side_by_side_and_the_longest_row_sets_the_width(drawn: Response) -> None:
    width = int(drawn.lengths.sum(1).max(initial=0))
    close = laid_out(drawn.values, drawn.lengths, np.zeros_like(drawn.gaps), width)
    same(to_tokens_from_spans(drawn.values, drawn.lengths), close.expected)


@given(responses(), st.sampled_from((np.int8, np.int32, np.int64)))
def test_turn_numbers_put_each_value_on_the_tokens_of_its_turn(drawn: Response, dtype: Any) -> None:
    same(to_tokens(drawn.values, drawn.ids.astype(dtype)), drawn.expected)


@given(responses(), st.randoms(use_true_random=False))
def test_turn_numbers_may_stand_in_any_order(drawn: Response, random: Any) -> None:
    order = list(range(drawn.ids.shape[1]))
    random.shuffle(order)
    same(to_tokens(drawn.values, drawn.ids[:, order]), drawn.expected[:, order])


@given(responses(shortest=1, gap=1), st.sampled_from((np.bool_, np.uint8, np.int64, np.float32)))
def test_each_run_of_ones_is_the_next_turn(drawn: Response, dtype: Any) -> None:
    found = to_tokens_from_mask(drawn.values, (drawn.ids >= 0).astype(dtype))
    same(found.values, drawn.expected)
    assert not found.truncated.any()


@given(responses(shortest=1, gap=1), st.data())
def test_a_response_that_is_cut_says_how_many_turns_lost_all_tokens(drawn: Response, data: Any) -> None:
    width = data.draw(st.integers(0, drawn.ids.shape[1]))
    happened = np.array([data.draw(st.integers(0, len(turns))) for turns in drawn.values], np.intp)
    ids = np.where(drawn.ids < happened[:, None], drawn.ids, -1)[:, :width]
    found = to_tokens_from_mask(drawn.values, ids >= 0, happened)
    same(found.values, np.where(ids >= 0, drawn.expected[:, :width], 0).astype(drawn.values.dtype))
    left = [len(set(row.tolist()) - {-1}) for row in ids]
    assert (found.truncated == happened - np.array(left, np.intp)).all()


@given(responses(shortest=1, gap=1))
def test_arrays_may_be_time_major_and_read_only(drawn: Response) -> None:
    values, lengths, gaps, ids = (np.array(x, order="F") for x in drawn[:4])
    for array in (values, lengths, gaps, ids):
        array.setflags(write=False)
    width = ids.shape[1]
    same(to_tokens_from_spans(values, lengths, gaps=gaps, width=width), drawn.expected)
    same(to_tokens(values, ids), drawn.expected)
    same(to_tokens_from_mask(values, ids >= 0).values, drawn.expected)


def test_runs_that_touch_across_rows_belong_to_their_own_rows() -> None:
    found = to_tokens_from_mask([[1.0, 2.0], [3.0, 4.0]], [[0, 1, 0, 1], [1, 0, 0, 1]])
    assert found.values.tolist() == [[0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 0.0, 4.0]]
    assert to_tokens([[1.0], [3.0]], [[-1, 0], [0, -1]]).tolist() == [[0.0, 1.0], [3.0, 0.0]]


def test_an_empty_reply_takes_no_token_and_shifts_no_other_turn() -> None:
    values = np.array([[1.0, 2.0, 3.0]])
    assert to_tokens_from_spans(values, [[1, 0, 2]], gaps=[[0, 1, 1]]).tolist() == [[1.0, 0.0, 0.0, 3.0, 3.0]]
    assert to_tokens(values, [[0, -1, -1, 2, 2]]).tolist() == [[1.0, 0.0, 0.0, 3.0, 3.0]]


def test_a_value_that_is_not_a_number_stays_on_its_own_tokens() -> None:
    found = to_tokens_from_spans([[np.nan, 2.0]], [[2, 2]], width=5)
    np.testing.assert_array_equal(found, [[np.nan, np.nan, 2.0, 2.0, 0.0]])


VALUES = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("convert", "arguments", "error", "sentence"),
    [
        (to_tokens_from_spans, ([1.0], [1]), ValueError, r"values of shape \(rows, turns\), got shape \(1,\)"),
        (to_tokens_from_spans, (VALUES, [[1], [2]]), ValueError, r"lengths of shape \(2, 2\) as values have"),
        (to_tokens_from_spans, (VALUES, [[1, 1], [1, -1]]), ValueError, "row 1, turn 1: expected lengths of 0 or more"),
        (to_tokens_from_spans, (VALUES, [[1.0, 1.0], [1.0, 1.0]]), TypeError, "lengths to be whole numbers, got float"),
        (to_tokens, (VALUES, [[0, 1]]), ValueError, r"turn_ids of shape \(2, tokens\)"),
        (to_tokens, (VALUES, [[0, 1], [0, 2]]), ValueError, "row 1, token 1: expected a turn number below 2, or -1"),
        (to_tokens, (VALUES, [[0, 1], [-2, 0]]), ValueError, "row 1, token 0: .* got -2"),
        (to_tokens, (VALUES, [[0.0, 1.0], [0.0, 1.0]]), TypeError, "turn_ids to be whole numbers, got float64"),
        (to_tokens_from_mask, (VALUES, [[1, 0], [0, 2]]), ValueError, "row 1, token 1: expected a mask of 0 and 1"),
        (to_tokens_from_mask, (VALUES, [[1, 0], [0, np.nan]]), ValueError, "row 1, token 1: .* got nan"),
        (to_tokens_from_mask, (VALUES, [[1] * 5, [1, 0, 1, 0, 1]]), ValueError, "row 1: expected at most 2 runs"),
        (to_tokens_from_mask, (VALUES, [[1, 0, 1]] * 2, [2, 1]), ValueError, "row 1: expected at most 1 runs"),
        (to_tokens_from_mask, (VALUES, [[1], [1]], [1, 3]), ValueError, "row 1: expected turns within 0 and 2"),
        (to_tokens_from_mask, (VALUES, [[1], [1]], [1]), ValueError, r"turns of shape \(2,\), one number a row"),
        (to_tokens_from_mask, (VALUES, [[1], [1]], [1.0, 1.0]), TypeError, "turns to be whole numbers"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(convert: Any, arguments: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        convert(*arguments)


def test_a_row_wider_than_the_response_is_refused() -> None:
    with pytest.raises(ValueError, match=r"row 1: expected turns of at most 4 tokens in all .* got 5"):
        to_tokens_from_spans(VALUES, [[2, 2], [2, 2]], gaps=[[0, 0], [0, 1]], width=4)
