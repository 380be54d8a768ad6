"""The reward maths holds its properties over random ragged batches, against a definition in loops."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from empa_gym.epm import Point
from empa_gym.mapo import (
    Advantages,
    TurnBatch,
    batch_advantages,
    gae,
    layout,
    memory,
    mixed_advantages,
    monte_carlo_returns,
    scan,
    turn_advantages,
)
from empa_gym.testing.strategies import turn_batches
from tests.mapo.definition import allowed, coarser, defined, rows_of

SCOPES = ("shortest", "alive", "absorbing")
GAMMAS = st.sampled_from((0.0, 0.5, 0.85, 0.99, 1.0))
CHOICES = {
    "turn_scope": SCOPES,
    "baseline": ("mean", "leave_one_out"),
    "std": ("population", "sample", "none"),
    "batch_scope": ("batch", "group"),
    "lone_survivor": ("drop", "keep"),
    "moments": ("float64", "float32"),
}
COMBINATIONS = [dict(zip(CHOICES, chosen, strict=True)) for chosen in itertools.product(*CHOICES.values())]
OPTIONS = st.sampled_from(COMBINATIONS)
FULL = turn_batches(dtype=np.float64, even_lengths=True, missing=False)
WHOLE = turn_batches(dtype=np.float64, missing=False)


def changed(batch: TurnBatch, **fields: Any) -> TurnBatch:
    """The batch with other contents."""
    kept = {name: getattr(batch, name) for name in ("rewards", "mask", "group", "valid", "span", "complete")}
    return TurnBatch.from_arrays(**{**kept, **fields})


def by_definition(batch: TurnBatch, options: dict[str, Any], **more: Any) -> Any:
    renamed = {("moments_in" if name == "moments" else name): value for name, value in options.items()}
    return defined(batch, **renamed, **more)


def assert_as_defined(found: Advantages, batch: TurnBatch, options: dict[str, Any], **more: Any) -> None:
    """Every field of the result is within rounding of the definition."""
    wanted = by_definition(batch, options, **more)
    dtype = coarser(options["moments"], batch.rewards.dtype)
    assert np.array_equal(found.mask, wanted.mask)
    largest = np.abs(wanted.returns).max(initial=0) + np.abs(batch.paid).max(initial=0) * batch.rewards.shape[1]
    assert found.returns is not None
    assert found.turn is not None
    assert found.batch is not None
    assert np.all(np.abs(found.returns - wanted.returns) <= allowed(0, dtype) * (1 + largest))
    assert np.all(np.abs(found.turn - wanted.turn) <= allowed(wanted.turn_scale, dtype))
    assert np.all(np.abs(found.batch - wanted.batch) <= allowed(wanted.batch_scale, dtype))
    assert np.all(np.abs(found.values - wanted.values) <= allowed(wanted.turn_scale + wanted.batch_scale, dtype))
    assert {field.dtype for field in (found.values, found.returns, found.turn, found.batch)} == {batch.rewards.dtype}


@pytest.mark.parametrize("options", COMBINATIONS, ids=lambda options: "-".join(options.values()))
@settings(max_examples=12)
@given(batch=turn_batches(), gamma=GAMMAS, turn_weight=st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_every_combination_of_options_is_what_the_definition_says(
    options: dict[str, Any], batch: TurnBatch, gamma: float, turn_weight: float
) -> None:
    weights: dict[str, Any] = {"turn_weight": turn_weight, "batch_weight": 1 - turn_weight}
    found = mixed_advantages(batch, gamma=gamma, **options, **weights)
    assert_as_defined(found, batch, options, gamma=gamma, **weights)


@settings(max_examples=300)
@given(
    batch=turn_batches(max_rows=24, max_turns=20), gamma=GAMMAS, options=OPTIONS, eps=st.sampled_from((0.0, 1e-8, 0.1))
)
def test_large_batches_and_any_eps_are_what_the_definition_says(
    batch: TurnBatch, gamma: float, options: dict[str, Any], eps: float
) -> None:
    event(f"rows {min(3, len(batch))}, turns {min(3, batch.rewards.shape[1])}")
    assert_as_defined(mixed_advantages(batch, gamma=gamma, eps=eps, **options), batch, options, gamma=gamma, eps=eps)


CUTS = (
    (layout, "BLOCK_NUMBERS"),
    (layout, "SPARE_PLACES"),
    (memory, "BAND_NUMBERS"),
    (scan, "SMALL_PRODUCT"),
    (scan, "COLUMNS"),
)


@settings(max_examples=200)
@given(batch=turn_batches(max_rows=24), gamma=GAMMAS, options=OPTIONS, numbers=st.sampled_from((1, 16, 64)))
def test_work_that_is_cut_into_many_blocks_is_what_the_definition_says(
    batch: TurnBatch, gamma: float, options: dict[str, Any], numbers: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module, name in CUTS:
            patch.setattr(module, name, numbers)
        assert_as_defined(mixed_advantages(changed(batch), gamma=gamma, **options), batch, options, gamma=gamma)


LAYOUTS = {
    "even groups side by side": np.repeat(np.arange(1000), 8),
    "even groups, shuffled": np.random.default_rng(1).permutation(np.repeat(np.arange(1000), 8)),
    "uneven groups, shuffled": np.random.default_rng(2).integers(0, 3000, 8000) // 3,
    "uneven groups side by side": np.sort(np.random.default_rng(2).integers(0, 3000, 8000) // 3),
}


@pytest.mark.parametrize("ragged", [False, True], ids=["whole", "ragged"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("group", LAYOUTS.values(), ids=list(LAYOUTS))
def test_a_group_among_thousands_of_rows_is_what_the_definition_says_of_it_alone(
    group: Any, order: Any, ragged: bool
) -> None:
    draw = np.random.default_rng(3)
    shape = (8000, 30)
    lengths = draw.integers(0, 31, 8000) if ragged else np.full(8000, 30)
    fields = {
        "rewards": np.array(draw.integers(-128, 129, shape) / 8, np.float64 if ragged else np.float32, order=order),
        "mask": np.arange(30) < lengths[:, None],
        "valid": draw.random(shape) < 0.9 if ragged else np.ones(shape, np.bool_),
        "complete": draw.random(8000) < 0.95 if ragged else np.ones(8000, np.bool_),
        "group": group,
    }
    scopes = {"batch_scope": "group", "turn_scope": "alive" if ragged else "shortest", "moments": "float64"}
    found = mixed_advantages(TurnBatch.from_arrays(**fields), **scopes)
    for label in draw.choice(group, 25):
        rows = np.flatnonzero(group == label)
        alone = TurnBatch.from_arrays(**{name: array[rows] for name, array in fields.items()})
        assert_as_defined(Advantages(*(field[rows] for field in found)), alone, scopes)


@settings(max_examples=200)
@given(batch=turn_batches(), gamma=GAMMAS, options=OPTIONS)
def test_values_without_the_parts_are_the_same_values(batch: TurnBatch, gamma: float, options: dict[str, Any]) -> None:
    lean = mixed_advantages(batch, gamma=gamma, parts=False, **options)
    full = mixed_advantages(batch, gamma=gamma, **options)
    assert (lean.returns, lean.turn, lean.batch) == (None, None, None)
    assert np.array_equal(lean.mask, full.mask)
    dtype = coarser(options["moments"], batch.rewards.dtype)
    assert np.allclose(lean.values, full.values, rtol=0, atol=1e-5 if dtype == "float32" else 1e-12)


@settings(max_examples=200)
@given(batch=turn_batches(), gamma=GAMMAS, options=OPTIONS)
def test_each_part_alone_is_the_mix_with_all_the_weight_on_it(
    batch: TurnBatch, gamma: float, options: dict[str, Any]
) -> None:
    turn_options = {name: value for name, value in options.items() if name != "batch_scope"}
    turn = turn_advantages(batch, gamma=gamma, **turn_options)
    mixed = mixed_advantages(batch, gamma=gamma, turn_weight=1.0, batch_weight=0.0, **options)
    assert np.array_equal(turn.mask, mixed.mask)
    assert np.array_equal(turn.values, mixed.values)
    assert turn.batch is not None
    assert not turn.batch.any()
    batch_options = {name: options[name] for name in ("std", "batch_scope", "moments")}
    alone = batch_advantages(batch, **batch_options)
    keep = {**options, "turn_scope": "absorbing", "lone_survivor": "keep"}
    mixed = mixed_advantages(batch, gamma=gamma, turn_weight=0.0, batch_weight=1.0, **keep)
    assert np.array_equal(alone.mask, mixed.mask)
    assert np.array_equal(alone.mask, np.arange(batch.rewards.shape[1]) < batch.known[:, None])
    assert np.array_equal(alone.values, mixed.values)
    assert alone.turn is not None
    assert not alone.turn.any()


@settings(max_examples=200)
@given(batch=turn_batches(), gamma=GAMMAS)
def test_returns_are_discounted_sums_and_0_where_nothing_is_known(batch: TurnBatch, gamma: float) -> None:
    found = monte_carlo_returns(batch, gamma)
    assert found.dtype == batch.rewards.dtype
    for i, row in enumerate(rows_of(batch)):
        wanted = [row.worth(t, gamma) if t < row.known else 0.0 for t in range(batch.rewards.shape[1])]
        size = 1 + sum(abs(r) for r, valid in zip(row.rewards, row.valid, strict=True) if valid)
        assert found[i] == pytest.approx(wanted, abs=allowed(0, str(found.dtype)) * size)


@settings(max_examples=200)
@given(
    batch=turn_batches(),
    gamma=st.sampled_from((0.5, 0.9, 1.0)),
    lam=st.sampled_from((0.0, 0.6, 0.95, 1.0)),
    seed=st.integers(0, 99),
    cut=st.booleans(),
)
def test_gae_is_the_sum_of_discounted_one_step_errors(
    batch: TurnBatch, gamma: float, lam: float, seed: int, cut: bool
) -> None:
    width = batch.rewards.shape[1]
    drawn = np.random.default_rng(seed).integers(-64, 65, (len(batch), width + 1)) / 8
    values, after = drawn[:, :width].tolist(), drawn[:, width].tolist() if cut else None
    found = gae(batch, drawn[:, :width], gamma=gamma, lam=lam, bootstrap=after)
    for i, row in enumerate(rows_of(batch)):
        paid = [r if valid else 0.0 for r, valid in zip(row.rewards, row.valid, strict=True)]
        following = [*values[i][1 : row.known], after[i] if after else 0.0]
        errors = [paid[t] + gamma * following[t] - values[i][t] for t in range(row.known)]
        size = 1 + sum(map(abs, errors))
        for t in range(width):
            wanted = math.fsum((gamma * lam) ** (k - t) * errors[k] for k in range(t, row.known))
            assert found.advantages[i, t] == pytest.approx(wanted, abs=allowed(0, str(batch.rewards.dtype)) * size)
            target = wanted + values[i][t] if t < row.known else 0.0
            assert found.targets[i, t] == pytest.approx(target, abs=allowed(0, str(batch.rewards.dtype)) * size)


@settings(max_examples=200)
@given(batch=turn_batches(), options=OPTIONS, gamma=GAMMAS, trash=st.sampled_from((1e9, math.nan, -math.inf)))
def test_what_is_masked_invalid_or_incomplete_changes_no_bit(
    batch: TurnBatch, options: dict[str, Any], gamma: float, trash: float
) -> None:
    read = batch.valid & batch.complete[:, None]
    other = changed(batch, rewards=np.where(read, batch.rewards, trash).astype(batch.rewards.dtype), valid=read)
    for one, two in zip(
        mixed_advantages(batch, gamma=gamma, **options),
        mixed_advantages(other, gamma=gamma, **options),
        strict=True,
    ):
        assert np.array_equal(one, two)
        assert one.tobytes() == two.tobytes()
    assert np.array_equal(monte_carlo_returns(batch, gamma), monte_carlo_returns(other, gamma))


@settings(max_examples=100)
@given(batch=turn_batches(), options=OPTIONS, trash=st.sampled_from((1e9, -1e9)))
def test_known_rewards_of_incomplete_rows_change_no_bit(
    batch: TurnBatch, options: dict[str, Any], trash: float
) -> None:
    other = changed(batch, rewards=np.where(batch.complete[:, None], batch.rewards, trash).astype(batch.rewards.dtype))
    for one, two in zip(mixed_advantages(batch, **options), mixed_advantages(other, **options), strict=True):
        assert one.tobytes() == two.tobytes()


@settings(max_examples=200)
@given(
    batch=turn_batches(dtype=np.float64, offsets=(0.0, 1.0)), options=OPTIONS, extra=st.integers(1, 5), data=st.data()
)
def test_padding_and_the_order_of_rows_change_nothing(
    batch: TurnBatch, options: dict[str, Any], extra: int, data: st.DataObject
) -> None:
    options = {**options, "moments": "float64"}
    order = np.array(data.draw(st.permutations(range(len(batch)))))
    fields = {name: getattr(batch, name) for name in ("rewards", "mask", "group", "valid", "span", "complete")}
    wide = {name: np.pad(fields[name], ((0, 0), (0, extra))) for name in ("rewards", "mask", "valid", "span")}
    other = TurnBatch.from_arrays(**{name: array[order] for name, array in {**fields, **wide}.items()})
    turns = batch.rewards.shape[1]
    for one, two in zip(mixed_advantages(batch, **options), mixed_advantages(other, **options), strict=True):
        assert not two[:, turns:].any()
        assert np.allclose(one[order], two[:, :turns], rtol=0, atol=1e-12 * (1 + np.abs(batch.paid).max(initial=0)))


@settings(max_examples=200)
@given(batch=turn_batches(dtype=np.float64), scope=st.sampled_from(SCOPES), gamma=GAMMAS)
def test_among_siblings_the_turn_part_has_mean_0_and_std_1_unless_they_tie(
    batch: TurnBatch, scope: Any, gamma: float
) -> None:
    found = mixed_advantages(batch, gamma=gamma, eps=0.0, turn_scope=scope)
    wanted = defined(batch, gamma=gamma, eps=0.0, turn_scope=scope)
    assert found.turn is not None
    for (group, t), voters in wanted.voters.items():
        part = found.turn[voters, t]
        if not voters or not found.mask[voters, t].all() or np.isinf(wanted.turn_scale[voters, t]).any():
            continue
        slack = allowed(wanted.turn_scale[voters, t].max(), "float64")
        assert abs(part.mean()) <= slack
        assert part.std() == pytest.approx(
            0.0 if (int(np.flatnonzero(batch.group == group)[0]), t) in wanted.tied else 1.0, abs=slack
        )


@settings(max_examples=100)
@given(batch=turn_batches(dtype=np.float64), scale=st.floats(1e-3, 1e3), options=OPTIONS, gamma=GAMMAS)
def test_a_positive_scale_changes_no_value(
    batch: TurnBatch, scale: float, options: dict[str, Any], gamma: float
) -> None:
    assume(options["std"] != "none")
    options = {**options, "moments": "float64", "gamma": gamma, "eps": 0.0}
    wanted = by_definition(batch, options)
    one = mixed_advantages(batch, **options)
    two = mixed_advantages(changed(batch, rewards=batch.paid * scale), **options)
    assert np.array_equal(one.mask, two.mask)
    slack = allowed(wanted.turn_scale + wanted.batch_scale, "float64")
    assert np.all(np.abs(one.values - two.values) <= slack)


@settings(max_examples=150)
@given(batch=turn_batches(dtype=np.float64), scope=st.sampled_from(SCOPES), gamma=GAMMAS)
def test_leave_one_out_is_n_over_n_minus_1_times_the_mean_baseline(batch: TurnBatch, scope: Any, gamma: float) -> None:
    options: dict[str, Any] = {"gamma": gamma, "turn_scope": scope, "std": "none"}
    mean = turn_advantages(batch, baseline="mean", **options)
    other = turn_advantages(batch, baseline="leave_one_out", **options)
    assert mean.turn is not None
    assert other.turn is not None
    assert np.array_equal(mean.mask, other.mask)
    for (_, t), voters in defined(batch, **options).voters.items():
        n = len(voters)
        if n > 1:
            ratio = n / (n - 1)
            size = 1 + np.abs(batch.paid).sum(1).max()
            assert np.allclose(other.turn[voters, t], ratio * mean.turn[voters, t], rtol=0, atol=1e-12 * size)


@settings(max_examples=150)
@given(batch=WHOLE, scope=st.sampled_from(("shortest", "alive")), shift=st.integers(-80, 80), data=st.data())
def test_at_gamma_0_a_shift_of_a_groups_rewards_changes_no_turn_part(
    batch: TurnBatch, scope: Any, shift: int, data: st.DataObject
) -> None:
    group = data.draw(st.integers(0, int(batch.group.max())))
    moved = changed(batch, rewards=batch.paid + (batch.group == group)[:, None] * shift / 8)
    options: dict[str, Any] = {"gamma": 0.0, "turn_scope": scope}
    wanted, other = defined(batch, **options), defined(moved, **options)
    one, two = turn_advantages(batch, **options), turn_advantages(moved, **options)
    assert one.turn is not None
    assert two.turn is not None
    assert np.all(np.abs(one.turn - two.turn) <= allowed(wanted.turn_scale + other.turn_scale, "float64"))


def test_under_absorbing_a_shift_does_change_the_turn_part_since_an_ended_dialogue_counts_as_0() -> None:
    one = TurnBatch.from_ragged([[1.0, 2.0], [1.0, 4.0], [1.0]], ["a"] * 3)
    two = TurnBatch.from_ragged([[11.0, 12.0], [11.0, 14.0], [11.0]], ["a"] * 3)
    at_one, at_two = [turn_advantages(batch, gamma=0.0, turn_scope="absorbing").values[:2, 1] for batch in (one, two)]
    assert at_one == pytest.approx([0.0, math.sqrt(1.5)])
    assert at_two == pytest.approx([10 / math.sqrt(344), 16 / math.sqrt(344)])


@settings(max_examples=200)
@given(batch=turn_batches(dtype=np.float64), options=OPTIONS, gamma=GAMMAS, weight=st.floats(0.0, 1.0))
def test_the_variance_of_the_mix_is_that_of_its_weighted_parts(
    batch: TurnBatch, options: dict[str, Any], gamma: float, weight: float
) -> None:
    found = mixed_advantages(batch, gamma=gamma, turn_weight=weight, batch_weight=1 - weight, **options)
    assume(found.mask.sum() > 1)
    assert found.turn is not None
    assert found.batch is not None
    turn, immediate = found.turn[found.mask], found.batch[found.mask]
    covariance = ((turn - turn.mean()) * (immediate - immediate.mean())).mean()
    wanted = weight**2 * turn.var() + (1 - weight) ** 2 * immediate.var() + 2 * weight * (1 - weight) * covariance
    size = 1 + np.abs(turn).max() ** 2 + np.abs(immediate).max() ** 2
    assert found.values[found.mask].var() == pytest.approx(wanted, abs=1e-6 * size)


@settings(max_examples=200)
@given(batch=FULL, gamma=GAMMAS, weight=st.floats(0.0, 1.0))
def test_with_equal_lengths_the_variance_of_the_mix_is_at_most_1(batch: TurnBatch, gamma: float, weight: float) -> None:
    wanted = defined(batch, gamma=gamma)
    scale = (wanted.turn_scale + wanted.batch_scale).max()
    assume(not wanted.tied and np.isfinite(scale) and batch.paid.std() > 0)
    found = mixed_advantages(batch, gamma=gamma, turn_weight=weight, batch_weight=1 - weight, eps=0.0)
    assert found.turn is not None
    assert found.batch is not None
    assert found.mask.all()
    rho = (found.turn * found.batch).mean()
    variance = found.values.var()
    slack = 10 * allowed(scale, "float64")
    assert variance == pytest.approx(weight**2 + (1 - weight) ** 2 + 2 * weight * (1 - weight) * rho, abs=slack)
    assert variance <= 1 + slack


def by_route(shifts: list[tuple[int, ...]], start: tuple[float, ...], dtype: Any) -> Any:
    """Incremental distance rewards of a walk."""
    positions = np.array([start, *(np.array(start) + np.cumsum(shifts, axis=0))], np.float64)
    distances = np.sqrt((positions**2).sum(1))
    return (distances[:-1] - distances[1:]).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("moments", ["float64", "float32"])
@settings(max_examples=150)
@given(
    shifts=st.lists(st.tuples(*[st.integers(-5, 3)] * 3), min_size=1, max_size=30),
    start=st.tuples(*[st.integers(-27, 0).map(float)] * 3),
    back=st.booleans(),
    data=st.data(),
)
def test_siblings_that_reach_one_position_by_different_routes_get_0(
    dtype: Any, moments: Any, shifts: list[tuple[int, ...]], start: tuple[float, ...], back: bool, data: st.DataObject
) -> None:
    if back:
        shifts = [*shifts, tuple(-sum(axis) for axis in zip(*shifts, strict=True))]
    routes = [data.draw(st.permutations(shifts)) for _ in range(4)]
    batch = TurnBatch.from_ragged([by_route(route, start, dtype) for route in routes], ["a"] * 4, dtype=dtype)
    for scope in SCOPES:
        found = mixed_advantages(batch, gamma=1.0, turn_scope=scope, moments=moments)
        assert found.turn is not None
        assert not found.turn[:, 0].any()


def test_a_point_of_the_physics_pays_its_distances_exactly() -> None:
    """The walk above is the sandbox's own: its distances are those of a Point."""
    start = Point(0, (-3.0, 0.0, -4.0), (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, -5.0, 5.0)
    assert by_route([(3, 0, 4)], start.position, np.float64).tolist() == [start.distance]
