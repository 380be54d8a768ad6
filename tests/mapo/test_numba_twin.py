"""The compiled estimators are what the definition says, as the numpy ones are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym import mapo as plain
from empa_gym.mapo import TurnBatch
from empa_gym.testing.strategies import turn_batches
from tests.mapo.test_properties import GAMMAS, OPTIONS, assert_as_defined, changed
from tests.mapo.test_turn_batch import ROUNDED

compiled: Any = pytest.importorskip(
    "empa_gym.mapo.numba", reason="the compiled estimators need numba: pip install 'empa-gym[numba]'"
)
# What is compiled at a first call counts in no deadline.
slow = settings(deadline=None)


@settings(slow, max_examples=400)
@given(
    batch=turn_batches(max_rows=20),
    gamma=GAMMAS,
    options=OPTIONS,
    turn_weight=st.sampled_from((0.0, 0.3, 0.5, 1.0)),
    eps=st.sampled_from((0.0, 1e-8, 0.1)),
)
def test_every_option_is_what_the_definition_says(
    batch: TurnBatch, gamma: float, options: dict[str, Any], turn_weight: float, eps: float
) -> None:
    given_options = {"gamma": gamma, "turn_weight": turn_weight, "batch_weight": 1 - turn_weight, "eps": eps}
    found = compiled.mixed_advantages(batch, **options, **given_options)
    assert_as_defined(found, batch, options, **given_options)


@settings(slow, max_examples=200)
@given(batch=turn_batches(max_rows=20), options=OPTIONS, rows=st.sampled_from((1, 3, 8)))
def test_work_that_is_cut_into_tiles_is_what_the_definition_says(
    batch: TurnBatch, options: dict[str, Any], rows: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "TILE", rows)
        assert_as_defined(compiled.mixed_advantages(batch, **options), batch, options)


@settings(slow, max_examples=100)
@given(batch=turn_batches(), options=OPTIONS, gamma=GAMMAS)
def test_values_without_the_parts_are_the_same_values(batch: TurnBatch, options: dict[str, Any], gamma: float) -> None:
    lean = compiled.mixed_advantages(batch, gamma=gamma, parts=False, **options)
    full = compiled.mixed_advantages(batch, gamma=gamma, **options)
    assert (lean.returns, lean.turn, lean.batch) == (None, None, None)
    assert lean.values.tobytes() == full.values.tobytes()
    assert np.array_equal(lean.mask, full.mask)


@settings(slow, max_examples=100)
@given(batch=turn_batches(), options=OPTIONS, trash=st.sampled_from((1e9, np.nan, -np.inf)))
def test_what_is_masked_invalid_or_incomplete_changes_no_bit(
    batch: TurnBatch, options: dict[str, Any], trash: float
) -> None:
    read = batch.valid & batch.complete[:, None]
    other = changed(batch, rewards=np.where(read, batch.rewards, trash).astype(batch.rewards.dtype), valid=read)
    found = [compiled.mixed_advantages(one, **options) for one in (batch, other)]
    assert [field.tobytes() for field in found[0]] == [field.tobytes() for field in found[1]]


@settings(slow, max_examples=100)
@given(batch=turn_batches(dtype=np.float64, offsets=(0.0,)), options=OPTIONS, gamma=GAMMAS)
def test_each_part_alone_is_that_of_numpy(batch: TurnBatch, options: dict[str, Any], gamma: float) -> None:
    turn = {name: value for name, value in options.items() if name != "batch_scope"}
    immediate = {name: options[name] for name in ("std", "batch_scope", "moments")}
    lean = options["moments"] == "float32"  # numpy then computes in it; the compiled twin always in float64
    returns = (1e-6 if lean else 1e-9) * (1 + np.abs(batch.paid).sum(initial=0))
    for one, two in (
        (compiled.turn_advantages(batch, gamma=gamma, **turn), plain.turn_advantages(batch, gamma=gamma, **turn)),
        (compiled.batch_advantages(batch, **immediate), plain.batch_advantages(batch, **immediate)),
    ):
        assert np.array_equal(one.mask, two.mask)
        assert np.allclose(one.values, two.values, rtol=0, atol=1e-4 if lean else 1e-9)
        assert np.allclose(one.returns, two.returns, rtol=0, atol=returns)


@pytest.mark.parametrize("labels", [np.arange(800) // 8, np.arange(800) % 100], ids=["neighbours", "apart"])
def test_large_batches_in_either_memory_order_are_those_of_numpy(labels: Any) -> None:
    draw = np.random.default_rng(0)
    mask = np.arange(30) < draw.integers(0, 31, 800)[:, None]
    batch = TurnBatch.from_arrays(draw.normal(size=mask.shape).astype(np.float32), mask, labels)
    for one, two in zip(compiled.mixed_advantages(batch), plain.mixed_advantages(batch), strict=True):
        assert one.dtype == two.dtype
        assert np.allclose(one, two, rtol=0, atol=2e-5)


def test_what_is_rounding_is_told_by_later_turns_too_that_nobody_compares() -> None:
    found = compiled.mixed_advantages(TurnBatch.from_ragged(ROUNDED, "aaa"), gamma=1.0)
    assert len(set(found.returns[:, 0].tolist())) > 1
    assert not found.turn.any()


def test_an_unknown_option_is_refused_as_numpy_refuses_it() -> None:
    with pytest.raises(ValueError, match="turn_scope to be one of shortest, alive, absorbing"):
        compiled.mixed_advantages(TurnBatch.from_ragged([[1.0]], "a"), turn_scope="longest")


def test_the_names_and_arguments_are_those_of_numpy() -> None:
    for name in compiled.__all__:
        assert getattr(compiled, name).__kwdefaults__ == getattr(plain, name).__kwdefaults__
