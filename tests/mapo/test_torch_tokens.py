"""Turns become tokens on tensors as they do on arrays."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym import mapo
from empa_gym.mapo import tokens

torch = pytest.importorskip("torch")
twin = import_module("empa_gym.mapo.torch")


class Spans(NamedTuple):
    """Values (B, T), tokens of each turn, and tokens before each."""

    values: np.ndarray
    lengths: np.ndarray
    gaps: np.ndarray


@st.composite
def spans(draw: st.DrawFn, empty: bool = True) -> Spans:
    rows, turns = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return Spans(
        rng.normal(size=(rows, turns)).astype(dtype),
        rng.integers(0 if empty else 1, 5, (rows, turns)),
        rng.integers(0 if empty else 1, 4, (rows, turns)),
    )


def tensor(array: np.ndarray) -> Any:
    return torch.from_numpy(array)


def same(ours: Any, theirs: np.ndarray) -> None:
    assert ours.numpy().dtype == theirs.dtype
    np.testing.assert_array_equal(ours.numpy(), theirs)


@settings(max_examples=150, deadline=None)
@given(spans(), st.booleans(), st.one_of(st.none(), st.integers(0, 5)), st.booleans())
def test_tokens_from_spans_are_those_of_the_arrays(found: Spans, gaps: bool, spare: int | None, check: bool) -> None:
    between = found.gaps if gaps else None
    needed = (found.lengths + found.gaps * gaps).sum(1).max(initial=0)
    width = None if spare is None else int(needed) + spare
    same(
        twin.to_tokens_from_spans(
            tensor(found.values),
            tensor(found.lengths),
            gaps=None if between is None else tensor(between),
            width=width,
            check=check,
        ),
        tokens.to_tokens_from_spans(found.values, found.lengths, gaps=between, width=width),
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 12), st.integers(0, 10_000), st.booleans())
def test_tokens_from_turn_numbers_are_those_of_the_arrays(
    rows: int, turns: int, width: int, seed: int, check: bool
) -> None:
    rng = np.random.default_rng(seed)
    values, ids = rng.normal(size=(rows, turns)), rng.integers(-1, turns, (rows, width))
    same(twin.to_tokens(tensor(values), tensor(ids), check=check), tokens.to_tokens(values, ids))
    same(twin.to_tokens(tensor(values), tensor(ids.astype(np.int32))), tokens.to_tokens(values, ids))


@settings(max_examples=150, deadline=None)
@given(spans(empty=False), st.integers(0, 12), st.sampled_from([np.bool_, np.int64, np.float32]), st.booleans())
def test_tokens_from_a_mask_and_what_was_cut_are_those_of_the_arrays(
    found: Spans, cut: int, kind: Any, told: bool
) -> None:
    mask = tokens.to_tokens_from_spans(np.ones(found.values.shape), found.lengths, gaps=found.gaps)
    mask = mask[:, : max(0, mask.shape[1] - cut)].astype(kind)
    turns = np.full(len(mask), found.values.shape[1]) if told else None
    ours = twin.to_tokens_from_mask(tensor(found.values), tensor(mask), None if turns is None else tensor(turns))
    theirs = tokens.to_tokens_from_mask(found.values, mask, turns)
    same(ours.values, theirs.values)
    same(ours.truncated, theirs.truncated)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_the_type_of_the_values_is_kept(dtype: Any) -> None:
    values = torch.tensor([[0.5, -1.0]], dtype=dtype)
    expected = torch.tensor([[0.5, 0.5, 0.0, -1.0]], dtype=dtype)
    ids, lengths, gaps = torch.tensor([[0, 0, -1, 1]]), torch.tensor([[2, 1]]), torch.tensor([[0, 1]])
    for found in (
        twin.to_tokens(values, ids),
        twin.to_tokens_from_spans(values, lengths, gaps=gaps),
        twin.to_tokens_from_mask(values, ids >= 0).values,
    ):
        assert found.dtype == dtype
        assert torch.equal(found, expected)


def test_the_mask_of_the_loss_becomes_a_mask_of_tokens() -> None:
    found = twin.to_tokens(torch.tensor([[True, False]]), torch.tensor([[0, 0, -1, 1]]))
    assert found.tolist() == [[True, True, False, False]]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["token-mean", "seq-mean-token-mean"]))
def test_from_rewards_to_gradient_tensors_say_what_arrays_say(seed: int, aggregation: str) -> None:
    """The gradient of the loss at a token is -A times its share of the loss, with A from the arrays."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 4, 6)
    mask = np.arange(3) < lengths[:, None]
    rewards, group = rng.integers(-16, 17, (6, 3)) / 8, np.arange(6) % 2
    written = rng.integers(1, 4, (6, 3)) * mask
    ids = tokens.to_tokens_from_spans(np.arange(1, 4) * mask, written, gaps=np.full((6, 3), 1)) - 1
    credit = mapo.mixed_advantages(mapo.TurnBatch.from_arrays(rewards, mask, group))
    advantages, counted = tokens.to_tokens(credit.values, ids), tokens.to_tokens(credit.mask, ids)
    if aggregation == "token-mean":
        share = counted / max(counted.sum(), 1)
    else:
        share = counted / np.maximum(counted.sum(1, keepdims=True), 1) / max(counted.any(1).sum(), 1)

    ours = twin.mixed_advantages(twin.TurnBatch.from_arrays(tensor(rewards), tensor(mask), tensor(group)))
    logprobs = tensor(-rng.random(ids.shape)).requires_grad_()
    twin.on_policy_loss(
        logprobs,
        twin.to_tokens(ours.values, tensor(ids)),
        twin.to_tokens(ours.mask, tensor(ids)),
        aggregation=aggregation,
    ).loss.backward()
    np.testing.assert_allclose(logprobs.grad.numpy(), -advantages * share, rtol=0, atol=1e-12)


def test_a_gradient_flows_from_tokens_to_their_turn() -> None:
    values = torch.tensor([[0.5, -1.0]], requires_grad=True)
    twin.to_tokens(values, torch.tensor([[0, 0, -1, 1]])).sum().backward()
    assert values.grad.tolist() == [[2.0, 1.0]]


VALUES = torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "sentence"),
    [
        ("to_tokens", (VALUES, torch.tensor([[0], [3]])), ValueError, "row 1, token 0: "),
        ("to_tokens", (VALUES, torch.tensor([[0], [-2]])), ValueError, "row 1, token 0: "),
        ("to_tokens", (VALUES, torch.tensor([[0]])), ValueError, "expected turn_ids of shape"),
        ("to_tokens", (VALUES, torch.tensor([[0.0], [0.0]])), TypeError, "whole numbers"),
        ("to_tokens", (VALUES[0], torch.tensor([[0]])), ValueError, "expected values of shape"),
        ("to_tokens", (VALUES.bfloat16(), torch.tensor([[0], [9]])), ValueError, "row 1, token 0: "),
        ("to_tokens_from_spans", (VALUES, torch.tensor([[1, 1, 1], [1, 1, -1]])), ValueError, "row 1, turn 2: "),
        (
            "to_tokens_from_spans",
            (VALUES, torch.ones(2, 2, dtype=torch.int64)),
            ValueError,
            "expected lengths of shape",
        ),
        ("to_tokens_from_spans", (VALUES, torch.ones(2, 3)), TypeError, "whole numbers"),
        ("to_tokens_from_mask", (VALUES[:, :1], torch.tensor([[1, 0, 0], [1, 0, 1]])), ValueError, "row 1: "),
        ("to_tokens_from_mask", (VALUES, torch.tensor([[1, 0], [1, 2]])), ValueError, "row 1, token 1: "),
        ("to_tokens_from_mask", (VALUES, torch.ones(2, 2), torch.tensor([1, 4])), ValueError, "row 1: "),
        ("to_tokens_from_mask", (VALUES, torch.ones(2, 2), torch.ones(2)), TypeError, "whole numbers"),
        ("to_tokens_from_mask", (VALUES, torch.ones(3, 2)), ValueError, "expected response_mask of shape"),
    ],
)
def test_errors_are_those_of_the_arrays(name: str, arguments: tuple[Any, ...], error: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        getattr(twin, name)(*arguments)


def test_a_width_too_small_names_the_row() -> None:
    with pytest.raises(ValueError, match="row 1: "):
        twin.to_tokens_from_spans(VALUES, torch.tensor([[1, 1, 0], [1, 1, 1]]), width=2)


def test_the_host_never_waits_for_the_device_when_nothing_is_checked() -> None:
    """Meta tensors hold no numbers: whatever asks for one fails."""
    values = torch.empty(2, 3, device="meta")
    counts = torch.empty(2, 3, dtype=torch.int64, device="meta")
    ids = torch.empty(2, 9, dtype=torch.int64, device="meta")
    assert twin.to_tokens(values, ids, check=False).shape == (2, 9)
    assert twin.to_tokens_from_mask(values, ids, check=False).values.shape == (2, 9)
    assert twin.to_tokens_from_spans(values, counts, gaps=counts, width=9, check=False).shape == (2, 9)
