"""The tensors say what the arrays say: every name, every option, both precisions."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym import mapo

torch = pytest.importorskip("torch")
twin = import_module("empa_gym.mapo.torch")
TorchDispatchMode = import_module("torch.utils._python_dispatch").TorchDispatchMode

SCALE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 2e-5}
"""What rounding may leave between two ways to compute a value, as a share of 1 + max |G| / std."""
EXACT_TIE = 1e-13
"""Of max |G|: a std below it in float64 is no spread at all."""
NEAR_TIE = 1e-4
"""Of max |G|: from here on no precision takes a spread for a tie."""
PRECISION = {np.float64: torch.float64, np.float32: torch.float32}
OPTIONS = st.fixed_dictionaries(
    {
        "gamma": st.sampled_from([0.0, 0.85, 0.99, 1.0]),
        "turn_scope": st.sampled_from(["shortest", "alive", "absorbing"]),
        "baseline": st.sampled_from(["mean", "leave_one_out"]),
        "std": st.sampled_from(["population", "sample", "none"]),
        "eps": st.sampled_from([1e-8, 1e-4, 0.0]),
        "batch_scope": st.sampled_from(["batch", "group"]),
        "lone_survivor": st.sampled_from(["drop", "keep"]),
        "moments": st.sampled_from(["float64", "float32"]),
    }
)


class Given(NamedTuple):
    """Arguments of ``from_arrays``."""

    rewards: np.ndarray
    mask: np.ndarray
    group: np.ndarray
    valid: np.ndarray
    span: np.ndarray
    complete: np.ndarray


@st.composite
def arguments(draw: st.DrawFn, dtypes: tuple[Any, ...] = (np.float64, np.float32)) -> Given:
    """Ragged rows in groups of any order and size, with turns that are not known, and wide spans."""
    rows, turns = draw(st.sampled_from([9, 12, 4, 2, 1, 0])), draw(st.sampled_from([4, 6, 3, 1, 0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lengths = rng.integers(0, turns + 1, rows) if draw(st.integers(0, 2)) else np.full(rows, turns)
    mask = np.arange(turns) < lengths[:, None]
    kinds = draw(st.sampled_from([256, 4, 1]))  # few kinds of rewards make ties
    offset = draw(st.sampled_from([0.0, 0.0, 1.5, -20.0]))
    rewards = (rng.integers(-kinds // 2, kinds // 2 + 1, (rows, turns)) / 8 + offset).astype(
        draw(st.sampled_from(dtypes))
    )
    known = rng.random((rows, turns)) < draw(st.sampled_from([1.0, 0.8, 0.3]))
    span = rng.integers(1, draw(st.sampled_from([2, 4])), (rows, turns))
    complete = rng.random(rows) < draw(st.sampled_from([1.0, 0.7, 0.5]))
    group = rng.integers(0, draw(st.integers(1, 4)), rows) * 7 - 3
    return Given(rewards, mask, group, mask & known, span, complete)


def pair(given: Given) -> tuple[Any, Any]:
    """The same batch as arrays and as tensors."""
    return mapo.TurnBatch.from_arrays(*given), twin.TurnBatch.from_arrays(*(torch.from_numpy(part) for part in given))


def scale(values: np.ndarray, std: str) -> float:
    """1 + max |G| / std of the values that vote; infinite where two precisions may differ on whether they tie."""
    largest, spread = np.abs(values).max(initial=0), values.std() if len(values) else 0.0
    if spread <= EXACT_TIE * largest or std == "none":
        return float(1 + largest)
    return float(1 + largest / spread) if spread > NEAR_TIE * largest else np.inf


def tolerance(batch: Any, options: dict[str, Any]) -> np.ndarray:
    """(B, T) what rounding may leave, group by group and turn by turn."""
    wide = mapo.TurnBatch.from_arrays(
        batch.rewards.astype(np.float64), batch.mask, batch.group, batch.valid, batch.span, batch.complete
    )
    returns = mapo.monte_carlo_returns(wide, options["gamma"])
    room = np.zeros(batch.rewards.shape)
    for group in set(batch.group.tolist()):
        rows = (batch.group == group) & (batch.known > 0)
        for turn in range(room.shape[1]):
            voting = turn < batch.known
            if options["turn_scope"] == "absorbing":
                voting = voting | (turn >= batch.lengths)
            room[rows, turn] = scale(returns[rows & voting, turn], options["std"])
        paid = wide.per_turn[rows][wide.counted[rows]]
        room[rows] = np.maximum(room[rows], scale(paid, options["std"]))
    room = np.maximum(room, scale(wide.per_turn[wide.counted], options["std"]))
    coarsest = min(batch.rewards.dtype, np.dtype(options["moments"]), key=lambda dtype: dtype.itemsize)
    return SCALE[coarsest] * room


def assert_same(ours: Any, theirs: Any, room: np.ndarray | float) -> None:
    for name, tensor, array in zip(theirs._fields, ours, theirs, strict=True):
        if array is None:
            assert tensor is None
            continue
        assert tensor.shape == array.shape
        assert not tensor.requires_grad
        apart = np.abs(tensor.numpy().astype(float) - array.astype(float))
        assert (apart <= room).all(), (name, apart.max(), tensor, array)


@settings(max_examples=400, deadline=None)
@given(arguments(), OPTIONS)
def test_mixed_advantages_are_those_of_the_arrays(given: Given, options: dict[str, Any]) -> None:
    arrays, tensors = pair(given)
    theirs, ours = mapo.mixed_advantages(arrays, **options), twin.mixed_advantages(tensors, **options)
    assert ours.values.dtype == PRECISION[arrays.rewards.dtype.type]
    np.testing.assert_array_equal(ours.mask.numpy(), theirs.mask)
    assert_same(ours, theirs, tolerance(arrays, options))


@settings(max_examples=60, deadline=None)
@given(arguments(), OPTIONS)
def test_each_part_alone_is_that_of_the_arrays(given: Given, options: dict[str, Any]) -> None:
    arrays, tensors = pair(given)
    turn_options = {name: value for name, value in options.items() if name != "batch_scope"}
    assert_same(
        twin.turn_advantages(tensors, **turn_options),
        mapo.turn_advantages(arrays, **turn_options),
        tolerance(arrays, options),
    )
    batch_options = {name: options[name] for name in ("std", "eps", "batch_scope", "moments")}
    assert_same(
        twin.batch_advantages(tensors, **batch_options),
        mapo.batch_advantages(arrays, **batch_options),
        tolerance(arrays, {**options, "gamma": 0.0, "turn_scope": "absorbing"}),
    )


@settings(max_examples=60, deadline=None)
@given(arguments(), st.floats(0, 1), st.floats(0, 1))
def test_weights_mix_the_parts_and_the_parts_can_be_left_out(given: Given, gamma: float, turn_weight: float) -> None:
    _, tensors = pair(given)
    options = {"gamma": gamma, "turn_weight": turn_weight, "batch_weight": 1 - turn_weight}
    full = twin.mixed_advantages(tensors, **options)
    lean = twin.mixed_advantages(tensors, **options, parts=False)
    mixed = turn_weight * full.turn + (1 - turn_weight) * full.batch
    torch.testing.assert_close(full.values, mixed, rtol=1e-5, atol=1e-5)
    assert torch.equal(lean.values, full.values)
    assert lean[2:] == (None, None, None)


@settings(max_examples=150, deadline=None)
@given(arguments(), st.sampled_from([0.0, 0.3, 0.9, 1.0]), st.sampled_from([0.0, 0.95, 1.0]), st.booleans())
def test_returns_and_critic_targets_are_those_of_the_arrays(
    given: Given, gamma: float, lam: float, bootstrapped: bool
) -> None:
    arrays, tensors = pair(given)
    rng = np.random.default_rng(0)
    room = 300 * SCALE[arrays.rewards.dtype]
    assert_same(
        mapo.GAE(twin.monte_carlo_returns(tensors, gamma), torch.zeros(1)),
        mapo.GAE(mapo.monte_carlo_returns(arrays, gamma), np.zeros(1)),
        room,
    )
    values = rng.integers(-9, 9, given.rewards.shape).astype(arrays.rewards.dtype)
    values[~mapo_votes(arrays)] = np.nan
    after = rng.normal(size=len(arrays)) if bootstrapped else None
    ours = twin.gae(
        tensors,
        torch.from_numpy(values).requires_grad_(),
        gamma=gamma,
        lam=lam,
        bootstrap=None if after is None else torch.from_numpy(after),
    )
    assert_same(ours, mapo.gae(arrays, values, gamma=gamma, lam=lam, bootstrap=after), room)


STDS = st.sampled_from(["population", "sample", "none"])
EPSILONS = st.sampled_from([1e-8, 1e-4])
SINGLETON = st.sampled_from(["zero", "raw"])
BASELINES = st.one_of(
    st.tuples(st.just("grpo"), st.fixed_dictionaries({"std": STDS, "eps": EPSILONS, "singleton": SINGLETON})),
    st.tuples(st.sampled_from(["dr_grpo", "rloo"]), st.fixed_dictionaries({"singleton": SINGLETON})),
    st.tuples(
        st.just("reinforce_pp"),
        st.fixed_dictionaries({"gamma": st.sampled_from([0.9, 1.0]), "std": STDS, "eps": EPSILONS}),
    ),
    st.tuples(
        st.just("reinforce_pp_baseline"),
        st.fixed_dictionaries({"std": STDS, "eps": EPSILONS, "singleton": SINGLETON}),
    ),
    st.tuples(
        st.just("mt_grpo"),
        st.fixed_dictionaries(
            {
                "gamma": st.sampled_from([0.9, 1.0]),
                "accumulate": st.booleans(),
                "outcome": st.booleans(),
                "turn_weight": st.sampled_from([1.0, 0.3]),
                "std": STDS,
                "eps": EPSILONS,
            }
        ),
    ),
    st.tuples(
        st.just("ppo"),
        st.fixed_dictionaries({"lam": st.sampled_from([0.95, 1.0]), "whiten": st.booleans(), "std": STDS}),
    ),
)


@settings(max_examples=300, deadline=None)
@given(arguments(dtypes=(np.float64,)), BASELINES, st.integers(0, 1000))
def test_baselines_are_those_of_the_arrays(given: Given, baseline: tuple[str, dict[str, Any]], seed: int) -> None:
    arrays, tensors = pair(given)
    name, options = baseline
    rng = np.random.default_rng(seed)
    extra: dict[str, Any] = {}
    if options.get("outcome") is not None:
        wanted = options["outcome"]
        options = {key: value for key, value in options.items() if key != "outcome"}
        extra = {"outcome": rng.integers(-9, 9, len(arrays)).astype(float)} if wanted else {}
    if name == "ppo":
        extra = {"values": rng.integers(-9, 9, given.rewards.shape).astype(float)}
    ours = getattr(twin, name)(tensors, **options, **{key: torch.from_numpy(value) for key, value in extra.items()})
    theirs = getattr(mapo, name)(arrays, **options, **extra)
    np.testing.assert_array_equal(ours.mask.numpy(), theirs.mask)
    # In float64 every spread here is far above rounding, or a tie; 1 / 1e-3 bounds max |x| / std.
    assert_same(ours, theirs, 1e-10 * 1e3 * (1 + np.abs(given.rewards).max(initial=0)))


def test_baselines_refuse_what_the_arrays_refuse() -> None:
    batch = twin.TurnBatch.from_ragged([[1.0]], ["a"])
    for name in ("grpo", "dr_grpo", "rloo", "reinforce_pp_baseline"):
        with pytest.raises(ValueError, match="expected singleton to be one of zero, raw; got 'keep'"):
            getattr(twin, name)(batch, singleton="keep")
    with pytest.raises(ValueError, match="expected std to be one of"):
        twin.reinforce_pp(batch, std="mad")
    with pytest.raises(ValueError, match="expected std to be one of"):
        twin.ppo(batch, torch.zeros(1, 1), std="mad", whiten=False)
    with pytest.raises(ValueError, match=r"expected outcome of shape \(1,\)"):
        twin.mt_grpo(batch, outcome=torch.zeros(2))


def mapo_votes(batch: Any) -> np.ndarray:
    return np.arange(batch.rewards.shape[1]) < batch.known[:, None]


@settings(max_examples=100, deadline=None)
@given(arguments())
def test_three_ways_to_make_a_batch_agree_with_the_arrays(given: Given) -> None:
    arrays, tensors = pair(given)
    moved = twin.to_torch(arrays)
    lengths = given.mask.sum(1)

    def ragged(values: np.ndarray) -> list[Any]:
        return [row[:length].tolist() for row, length in zip(values, lengths, strict=True)]

    listed = twin.TurnBatch.from_ragged(
        ragged(given.rewards),
        given.group.tolist(),
        ragged(given.valid),
        ragged(given.span),
        given.complete.tolist(),
        dtype=torch.float64,
    )
    back = twin.to_numpy(tensors)
    for name in ("rewards", "mask", "valid", "group", "complete", "known", "paid", "per_turn"):
        np.testing.assert_array_equal(getattr(back, name), getattr(arrays, name), err_msg=name)
    assert (back.span == arrays.span)[given.valid].all()
    for batch in (tensors, moved, listed):
        assert len(batch) == len(arrays)
        assert batch.groups >= len(set(given.group.tolist()))
        width = batch.rewards.shape[1]  # a ragged batch is as wide as its longest row
        for name in ("mask", "valid", "group", "complete", "lengths", "known", "counted", "paid"):
            expected = getattr(arrays, name)
            expected = expected[:, :width] if expected.ndim == 2 else expected
            np.testing.assert_array_equal(getattr(batch, name).numpy(), expected, err_msg=name)
        np.testing.assert_allclose(batch.per_turn.numpy(), arrays.per_turn[:, :width], rtol=1e-6)


@settings(max_examples=80, deadline=None)
@given(arguments(), OPTIONS, st.sampled_from([1e9, np.nan, np.inf, -np.inf]))
def test_what_is_not_known_is_not_read(given: Given, options: dict[str, Any], poison: float) -> None:
    poisoned = given._replace(rewards=np.where(given.valid, given.rewards, poison).astype(given.rewards.dtype))
    clean, dirty = (twin.mixed_advantages(pair(one)[1], **options) for one in (given, poisoned))
    for name, ours, theirs in zip(clean._fields, clean, dirty, strict=True):
        assert torch.equal(ours, theirs), name


ROUND_TRIPS = ["mixed_advantages", "grpo", "dr_grpo", "rloo", "reinforce_pp_baseline"]


@pytest.mark.parametrize("name", ROUND_TRIPS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("moments", ["float64", "float32"])
def test_siblings_that_come_back_by_different_routes_get_nothing(name: str, dtype: Any, moments: Any) -> None:
    """All rows end where they began, so their returns differ by rounding alone, and tie."""
    rng = np.random.default_rng(0)
    distance = rng.normal(size=(160, 8)) * 1e5
    distance[:, 0] = distance[:, -1] = 0
    rewards = torch.from_numpy(-np.diff(distance)).to(dtype)
    batch = twin.TurnBatch.from_arrays(rewards, torch.ones(160, 7), torch.arange(160) // 4)
    if name == "mixed_advantages":
        values = twin.mixed_advantages(batch, gamma=1.0, turn_weight=1.0, batch_weight=0.0, moments=moments).values
    else:
        values = getattr(twin, name)(batch).values
    assert (values[:, 0] == 0).all()
    later = twin.turn_advantages(batch, gamma=1.0, moments=moments).values[:, 1:]
    assert (later.abs() > 0.1).any()


def test_an_incomplete_row_shortens_nothing_and_an_unjudged_one_does() -> None:
    mask = torch.tensor([[1, 1], [1, 1], [1, 0]])
    cut = twin.TurnBatch.from_arrays(torch.ones(3, 2), mask, torch.zeros(3), complete=torch.tensor([True, True, False]))
    assert twin.mixed_advantages(cut).mask.tolist() == [[True, True], [True, True], [False, False]]
    unjudged = twin.TurnBatch.from_arrays(
        torch.ones(3, 2), mask, torch.zeros(3), valid=torch.tensor([[1, 1], [1, 1], [0, 0]])
    )
    assert twin.mixed_advantages(unjudged).mask.tolist() == [[True, False], [True, False], [False, False]]


def test_a_turn_that_did_not_happen_is_not_valid_whatever_is_said() -> None:
    batch = twin.TurnBatch.from_arrays(torch.ones(1, 2), torch.tensor([[1, 0]]), ["a"], valid=torch.ones(1, 2))
    assert batch.valid.tolist() == [[True, False]]
    assert batch.known.tolist() == [1]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_float32(dtype: Any) -> None:
    rewards = torch.randn(8, 5, generator=torch.Generator().manual_seed(0)).to(dtype)
    half = twin.TurnBatch.from_arrays(rewards, torch.ones(8, 5), torch.arange(8) // 4)
    single = twin.TurnBatch.from_arrays(rewards.float(), torch.ones(8, 5), torch.arange(8) // 4)
    found = twin.mixed_advantages(half).values
    assert found.dtype == torch.float32
    assert torch.equal(found, twin.mixed_advantages(single).values)


def test_whole_numbers_become_float64() -> None:
    batch = twin.TurnBatch.from_arrays(torch.tensor([[1, 2]]), torch.ones(1, 2), ["a"])
    assert batch.rewards.dtype == torch.float64


def test_advantages_are_constants_even_of_rewards_with_a_gradient() -> None:
    rewards = torch.ones(2, 2, requires_grad=True)
    batch = twin.TurnBatch.from_arrays(rewards, torch.ones(2, 2), torch.zeros(2))
    assert not any(part.requires_grad for part in twin.mixed_advantages(batch))


@pytest.mark.parametrize("turn_scope", ["shortest", "alive", "absorbing"])
@pytest.mark.parametrize("batch_scope", ["batch", "group"])
def test_the_host_never_waits_for_the_device(turn_scope: Any, batch_scope: Any) -> None:
    """Meta tensors hold no numbers: whatever asks for one fails."""
    flags = {"size": (6, 4), "device": "meta", "dtype": torch.bool}
    batch = twin.TurnBatch.from_arrays(
        torch.empty(6, 4, device="meta"),
        torch.empty(**flags),
        torch.empty(6, dtype=torch.int64, device="meta"),
        torch.empty(**flags),
        torch.empty(6, 4, dtype=torch.int64, device="meta"),
        torch.empty(6, dtype=torch.bool, device="meta"),
        check=False,
    )
    found = twin.mixed_advantages(batch, turn_scope=turn_scope, batch_scope=batch_scope, baseline="leave_one_out")
    assert found.values.is_meta
    assert twin.gae(batch, torch.empty(6, 4, device="meta"), check=False).targets.is_meta
    for name in ("grpo", "rloo", "reinforce_pp", "reinforce_pp_baseline", "mt_grpo"):
        assert getattr(twin, name)(batch).values.is_meta


class Calls(TorchDispatchMode):
    """Counts what is asked of the device."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def test_more_groups_or_rows_take_no_more_calls() -> None:
    counts = []
    for groups in (2, 200):
        group = torch.arange(4 * groups) % groups
        with Calls() as calls:
            batch = twin.TurnBatch.from_arrays(torch.ones(4 * groups, 5), torch.ones(4 * groups, 5), group)
            twin.mixed_advantages(batch, batch_scope="group")
        counts.append(calls.count)
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rewards": torch.ones(2)}, r"expected rewards of shape \(rows, turns\), got shape \(2,\)"),
        ({"mask": torch.ones(2, 2)}, r"expected mask of shape \(2, 3\) as the rewards have, got \(2, 2\)"),
        ({"valid": torch.ones(3, 3)}, r"expected valid of shape \(2, 3\)"),
        ({"span": torch.ones(3, 3)}, r"expected span of shape \(2, 3\)"),
        ({"complete": torch.ones(3)}, r"expected complete of shape \(2,\)"),
        ({"group": torch.ones(3)}, r"expected group of shape \(2,\)"),
        ({"group": ["a", "b", "c"]}, "expected 2 group labels, one per row, got 3"),
        ({"mask": torch.tensor([[1, 1, 1], [1, 0, 1]])}, "row 1: "),
        ({"rewards": torch.tensor([[1, 1, 1], [1, torch.nan, 1]])}, "row 1, turn 1: "),
        ({"span": torch.tensor([[1, 1, 0], [1, 1, 1]])}, "row 0, turn 2: "),
    ],
)
def test_a_wrong_batch_is_refused_in_the_words_of_the_arrays(change: dict[str, Any], sentence: str) -> None:
    given = {"rewards": torch.ones(2, 3), "mask": torch.ones(2, 3), "group": torch.zeros(2)}
    with pytest.raises(ValueError, match=sentence):
        twin.TurnBatch.from_arrays(**{**given, **change})


def test_unknown_options_and_shapes_are_refused() -> None:
    batch = twin.TurnBatch.from_ragged([[1.0]], ["a"])
    with pytest.raises(ValueError, match="expected turn_scope to be one of"):
        twin.mixed_advantages(batch, turn_scope="longest")
    with pytest.raises(ValueError, match="expected gamma within"):
        twin.monte_carlo_returns(batch, 1.1)
    with pytest.raises(ValueError, match="expected lam within"):
        twin.gae(batch, torch.zeros(1, 1), lam=-1.0)
    with pytest.raises(ValueError, match=r"expected values of shape \(1, 1\)"):
        twin.gae(batch, torch.zeros(1))
    with pytest.raises(ValueError, match=r"expected bootstrap of shape \(1,\)"):
        twin.gae(batch, torch.zeros(1, 1), bootstrap=torch.zeros(2))


def test_values_that_are_not_finite_are_refused_with_their_row_unless_they_are_not_read() -> None:
    batch = twin.TurnBatch.from_ragged([[1.0, 1.0], [1.0]], ["a", "a"])
    bad = torch.tensor([[0.0, 0.0], [torch.nan, 0.0]])
    with pytest.raises(ValueError, match="row 1: expected finite values"):
        twin.gae(batch, bad)
    with pytest.raises(ValueError, match="row 1: expected finite values"):
        twin.ppo(batch, bad)
    with pytest.raises(ValueError, match="row 0: expected a finite bootstrap, got inf"):
        twin.gae(batch, torch.zeros(2, 2), bootstrap=torch.tensor([torch.inf, 0.0]))
    unread = torch.tensor([[0.0, 0.0], [0.0, torch.nan]])
    assert twin.gae(batch, unread).advantages.isfinite().all()
    assert twin.gae(batch, bad, check=False).advantages[1, 0].isnan()


def test_ragged_lists_are_float64_here_as_with_numpy_and_a_loss_is_as_exact_as_its_log_probs() -> None:
    batch = twin.TurnBatch.from_ragged([[0.1, 0.2], [0.3]], ["a", "a"])
    assert batch.rewards.dtype == torch.float64
    assert mapo.TurnBatch.from_ragged([[0.1, 0.2], [0.3]], ["a", "a"]).rewards.dtype == np.float64
    assert twin.TurnBatch.from_ragged([[0.1]], ["a"], dtype=torch.float32).rewards.dtype == torch.float32
    credit = twin.mixed_advantages(batch)
    logprobs = torch.full((2, 2), -1.0, requires_grad=True)
    for result in (
        twin.on_policy_loss(logprobs, credit.values, credit.mask),
        twin.clipped_loss(logprobs, logprobs.detach(), credit.values, credit.mask),
    ):
        assert result.loss.dtype == torch.float32
    with pytest.raises(ValueError, match=r"torch\.float32 or torch\.float64, got torch\.float16"):
        twin.TurnBatch.from_ragged([[0.1]], ["a"], dtype=torch.float16)


def test_a_batch_moves_to_another_device() -> None:
    batch = twin.TurnBatch.from_ragged([[1.0, 2.0], [1.0]], ["a", "b"]).to("meta")
    assert batch.rewards.is_meta
    assert batch.group.is_meta
    assert twin.to_torch(mapo.TurnBatch.from_ragged([[1.0]], [0]), "meta").rewards.is_meta


def test_labels_of_any_order_are_numbered_by_first_appearance() -> None:
    group = torch.tensor([9, -4, 9, 7, -4, 100])
    assert twin.TurnBatch.from_arrays(torch.ones(6, 1), torch.ones(6, 1), group).group.tolist() == [0, 1, 0, 2, 1, 3]


def test_every_function_of_the_arrays_has_its_twin() -> None:
    host_only = "empa_gym.mapo.diagnostics"  # a report is read on the host
    kept = {name for name in mapo.__all__ if getattr(mapo, name).__module__ != host_only}
    assert kept - set(twin.__all__) == set()
    for name in filter(str.islower, kept):
        theirs = inspect.signature(getattr(mapo, name)).parameters
        ours = inspect.signature(getattr(twin, name)).parameters
        assert [*theirs] == [key for key in ours if key != "check"], name
        assert [p.default for p in theirs.values()] == [p.default for k, p in ours.items() if k != "check"], name
