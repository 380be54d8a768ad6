"""The losses have the gradients that one derives by hand, and what is masked cannot reach them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
twin = import_module("empa_gym.mapo.torch")

AGGREGATIONS = ["token-mean", "seq-mean-token-sum", "seq-mean-token-mean"]
LOW, HIGH = 0.2, 0.28
POISON = [float("nan"), float("inf"), -float("inf"), 1e9]


def shares(mask: Any, aggregation: str) -> Any:
    """(B, L) what one token's loss is multiplied by, written out sequence by sequence."""
    weights = torch.zeros(mask.shape, dtype=torch.float64)
    lengths = [int(row.sum()) for row in mask]
    sequences = sum(length > 0 for length in lengths)
    for row, length in enumerate(lengths):
        for token in range(mask.shape[1]):
            if mask[row, token]:
                weights[row, token] = {
                    "token-mean": 1 / sum(lengths),
                    "seq-mean-token-sum": 1 / sequences,
                    "seq-mean-token-mean": 1 / (sequences * length),
                }[aggregation]
    return weights


class Sample:
    """Random tensors of one shape, with a mask that has an empty row and gaps."""

    def __init__(self, seed: int = 0, rows: int = 4, tokens: int = 6, dtype: Any = torch.float64) -> None:
        draw = torch.Generator().manual_seed(seed)
        self.now = (-2 * torch.rand(rows, tokens, generator=draw, dtype=torch.float64)).to(dtype).requires_grad_()
        self.old = (self.now.detach() + torch.randn(rows, tokens, generator=draw, dtype=torch.float64) / 2).to(dtype)
        self.reference = (
            self.now.detach() + torch.randn(rows, tokens, generator=draw, dtype=torch.float64).to(dtype) / 2
        )
        self.credit = torch.randn(rows, tokens, generator=draw, dtype=torch.float64).to(dtype)
        self.entropy = torch.rand(rows, tokens, generator=draw, dtype=torch.float64).to(dtype).requires_grad_()
        self.mask = torch.rand(rows, tokens, generator=draw) < 0.6
        self.mask[0, 0] = True
        self.mask[1] = False


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_on_policy_gradient_is_minus_the_advantage_times_the_share_of_the_token(aggregation: Any) -> None:
    sample = Sample()
    result = twin.on_policy_loss(sample.now, sample.credit, sample.mask, aggregation=aggregation)
    result.loss.backward()
    expected = shares(sample.mask, aggregation) * -sample.credit
    torch.testing.assert_close(sample.now.grad, expected, rtol=0, atol=1e-15)
    torch.testing.assert_close(result.loss.detach(), (expected * sample.now.detach()).sum(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
@pytest.mark.parametrize("seed", range(5))
def test_clipped_gradient_is_that_of_the_ratio_unless_the_clip_stops_it(aggregation: Any, seed: int) -> None:
    sample = Sample(seed)
    result = twin.clipped_loss(sample.now, sample.old, sample.credit, sample.mask, aggregation=aggregation)
    result.loss.backward()
    ratio = (sample.now.detach() - sample.old).exp()
    high = (sample.credit > 0) & (ratio > 1 + HIGH) & sample.mask
    low = (sample.credit < 0) & (ratio < 1 - LOW) & sample.mask
    expected = torch.where(high | low, 0.0, -sample.credit * ratio) * shares(sample.mask, aggregation)
    torch.testing.assert_close(sample.now.grad, expected, rtol=0, atol=1e-14)
    assert result.clip_fraction.item() == pytest.approx(((high | low).sum() / sample.mask.sum()).item())
    assert result.clip_fraction_low.item() == pytest.approx((low.sum() / sample.mask.sum()).item())
    drift = (sample.old - sample.now.detach())[sample.mask].mean()
    assert result.drift.item() == pytest.approx(drift.item())
    assert result.tokens == sample.mask.sum()


@pytest.mark.parametrize(
    ("ratio", "credit", "gradient", "value"),
    [
        (1.5, 2.0, 0.0, -2 * 1.28),  # too far up already
        (1.5, -2.0, 3.0, 3.0),  # up, and it should go down: no bound
        (0.5, 2.0, -1.0, -1.0),  # down, and it should go up: no bound
        (0.5, -2.0, 0.0, 2 * 0.8),  # too far down already
        (1.25, 2.0, -2.5, -2.5),  # the upper bound is 1.28, not 1.2
        (0.75, -2.0, 0.0, 2 * 0.8),  # the lower bound is 0.8, not 0.72
    ],
)
def test_clip_bounds_each_side_separately(ratio: float, credit: float, gradient: float, value: float) -> None:
    now = torch.tensor([[ratio]], dtype=torch.float64).log().requires_grad_()
    result = twin.clipped_loss(now, torch.zeros_like(now), torch.full_like(now, credit), torch.ones(1, 1))
    result.loss.backward()
    assert now.grad.item() == pytest.approx(gradient)
    assert result.loss.item() == pytest.approx(value)


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_without_a_step_taken_the_clipped_gradient_is_the_on_policy_one(aggregation: Any) -> None:
    sample = Sample(3)
    on_policy = twin.on_policy_loss(sample.now, sample.credit, sample.mask, aggregation=aggregation)
    (expected,) = torch.autograd.grad(on_policy.loss, sample.now)
    clipped = twin.clipped_loss(sample.now, sample.now.detach(), sample.credit, sample.mask, aggregation=aggregation)
    (gradient,) = torch.autograd.grad(clipped.loss, sample.now)
    torch.testing.assert_close(gradient, expected, rtol=0, atol=1e-15)
    assert clipped.clip_fraction == 0


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
@pytest.mark.parametrize("estimator", ["k1", "k2", "k3"])
def test_numeric_differentiation_finds_the_same_gradients(aggregation: Any, estimator: Any) -> None:
    sample = Sample(5)
    extras = {
        "aggregation": aggregation,
        "reference_logprobs": sample.reference,
        "kl_weight": 0.3,
        "kl_estimator": estimator,
        "entropy_weight": 0.1,
    }

    def on_policy(now: Any, entropy: Any) -> Any:
        return twin.on_policy_loss(now, sample.credit, sample.mask, entropy=entropy, **extras).loss

    def clipped(now: Any, entropy: Any) -> Any:
        return twin.clipped_loss(now, sample.old, sample.credit, sample.mask, entropy=entropy, **extras).loss

    assert torch.autograd.gradcheck(on_policy, (sample.now, sample.entropy))
    assert torch.autograd.gradcheck(clipped, (sample.now, sample.entropy))


def test_gradient_of_a_policy_over_words_is_the_policy_gradient() -> None:
    """Through a softmax: d loss / d logit_v = -A (1[v sampled] - pi_v)."""
    logits = torch.tensor([[0.3, -0.2, 1.0]], dtype=torch.float64, requires_grad=True)
    chosen = torch.log_softmax(logits, -1)[:, 2:]
    twin.on_policy_loss(chosen, torch.tensor([[1.5]]), torch.ones(1, 1)).loss.backward()
    sampled = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(logits.grad, -1.5 * (sampled - logits.detach().softmax(-1)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(POISON), st.sampled_from(AGGREGATIONS), st.sampled_from(["k1", "k3"]))
def test_what_is_masked_changes_neither_loss_nor_gradient_by_a_bit(
    seed: int, poison: float, aggregation: str, estimator: str
) -> None:
    def outcome(poisoned: bool) -> list[Any]:
        sample = Sample(seed, dtype=torch.float32)
        tensors = [sample.now, sample.old, sample.credit, sample.reference, sample.entropy]
        if poisoned:
            with torch.no_grad():
                for tensor in tensors:
                    tensor[~sample.mask] = poison
        extras: Any = {
            "aggregation": aggregation,
            "kl_estimator": estimator,
            "reference_logprobs": sample.reference,
            "kl_weight": 0.2,
            "entropy": sample.entropy,
            "entropy_weight": 0.1,
        }
        found = []
        for result in (
            twin.on_policy_loss(sample.now, sample.credit, sample.mask, **extras),
            twin.clipped_loss(sample.now, sample.old, sample.credit, sample.mask, **extras),
        ):
            found += [*result, *torch.autograd.grad(result.loss, [sample.now, sample.entropy])]
        return [tensor.detach() for tensor in found]

    for clean, poisoned in zip(outcome(False), outcome(True), strict=True):
        assert clean.isfinite().all()
        assert torch.equal(clean, poisoned)


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_a_batch_without_a_token_that_counts_gives_zero_and_no_gradient(aggregation: Any) -> None:
    now = torch.full((2, 3), float("nan"), requires_grad=True)
    result = twin.clipped_loss(now, now, now, torch.zeros(2, 3), aggregation=aggregation)
    result.loss.backward()
    assert [result.loss.item(), result.clip_fraction.item(), result.tokens.item()] == [0, 0, 0]
    assert now.grad.tolist() == [[0.0] * 3] * 2


def test_aggregations_weigh_long_and_short_sequences_as_their_names_say() -> None:
    values = torch.tensor([[1.0, 1.0, 1.0], [5.0, 9.0, 9.0], [9.0, 9.0, 9.0]])
    mask = torch.tensor([[1, 1, 1], [1, 0, 0], [0, 0, 0]])
    assert twin.aggregate(values, mask, "token-mean") == 8 / 4
    assert twin.aggregate(values, mask, "seq-mean-token-sum") == 8 / 2
    assert twin.aggregate(values, mask, "seq-mean-token-mean") == (1 + 5) / 2


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_micro_batches_add_up_to_the_whole_when_told_its_size(aggregation: Any) -> None:
    sample = Sample(9)
    extras = {"reference_logprobs": sample.reference, "kl_weight": 0.5}
    whole = twin.on_policy_loss(sample.now, sample.credit, sample.mask, aggregation=aggregation, **extras).loss
    size = sample.mask.sum() if aggregation == "token-mean" else sample.mask.any(1).sum()
    pieces = [
        twin.on_policy_loss(
            sample.now[rows],
            sample.credit[rows],
            sample.mask[rows],
            aggregation=aggregation,
            divisor=size,
            reference_logprobs=sample.reference[rows],
            kl_weight=0.5,
        ).loss
        for rows in ([0, 1], [2], [3])
    ]
    torch.testing.assert_close(sum(pieces), whole)
    torch.testing.assert_close(
        torch.autograd.grad(sum(pieces), sample.now)[0], torch.autograd.grad(whole, sample.now)[0]
    )


@pytest.mark.parametrize("estimator", ["k1", "k2", "k3"])
def test_kl_estimates_have_the_mean_and_the_mean_gradient_that_the_docstring_states(estimator: Any) -> None:
    """Exactly, by the expectation over every word of a small vocabulary."""
    logits = torch.tensor([0.4, -1.0, 0.1, 0.7], dtype=torch.float64, requires_grad=True)
    reference = torch.tensor([0.0, 0.3, -0.5, 0.2], dtype=torch.float64).log_softmax(-1)
    now = logits.log_softmax(-1)
    chance = now.exp().detach()
    forward = (chance * (now.detach() - reference)).sum().item()
    estimate = twin.kl_estimate(now, reference, estimator)
    if estimator != "k2":
        assert (chance * estimate).sum().item() == pytest.approx(forward, abs=1e-14)
    (gradient,) = torch.autograd.grad((chance * estimate).sum(), logits, retain_graph=True)
    exact = {
        "k1": torch.zeros_like(now).sum() * logits.sum(),
        "k2": (now.exp() * (now - reference)).sum(),
        "k3": (reference.exp() * (reference - now)).sum(),
    }[estimator]
    (expected,) = torch.autograd.grad(exact, logits)
    torch.testing.assert_close(gradient, expected, rtol=0, atol=1e-14)


def test_k3_is_exact_for_a_policy_that_hardly_moved() -> None:
    apart = torch.tensor([1e-4, -1e-4])
    estimate = twin.kl_estimate(apart, torch.zeros(2), "k3")
    torch.testing.assert_close(estimate, apart.square() / 2, rtol=1e-3, atol=0)
    assert (estimate > 0).all()


def test_kl_and_entropy_enter_the_loss_with_their_weights_and_the_log_without() -> None:
    sample = Sample(2)
    common = {"reference_logprobs": sample.reference, "entropy": sample.entropy}
    plain = twin.on_policy_loss(sample.now, sample.credit, sample.mask, **common)
    full = twin.on_policy_loss(sample.now, sample.credit, sample.mask, kl_weight=0.3, entropy_weight=0.2, **common)
    assert plain.loss == plain.policy == full.policy
    assert (full.kl, full.entropy) == (plain.kl, plain.entropy)
    assert full.loss.item() == pytest.approx((full.policy + 0.3 * full.kl - 0.2 * full.entropy).item())
    assert full.entropy.item() == pytest.approx(sample.entropy[sample.mask].mean().item())
    assert all(part is None or not part.requires_grad for part in full[1:])


def test_what_was_not_given_is_none() -> None:
    sample = Sample()
    result = twin.clipped_loss(sample.now, sample.old, sample.credit, sample.mask)
    assert (result.kl, result.entropy) == (None, None)


@pytest.mark.parametrize("apart", [100.0, -100.0, float("inf")])
@pytest.mark.parametrize("credit", [1.0, -1.0])
def test_a_ratio_beyond_all_bounds_stays_finite(apart: float, credit: float) -> None:
    now = torch.zeros(1, 1, requires_grad=True)
    old = torch.full((1, 1), -apart)
    extras = {"reference_logprobs": old.clamp(-1e3, 1e3), "kl_weight": 0.1}
    result = twin.clipped_loss(now, old, torch.full((1, 1), credit), torch.ones(1, 1), **extras)
    result.loss.backward()
    assert result.loss.isfinite()
    assert now.grad.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_float32(dtype: Any) -> None:
    half = Sample(4, dtype=dtype)
    result = twin.clipped_loss(half.now, half.old, half.credit, half.mask)
    now = half.now.detach().float().requires_grad_()
    single = twin.clipped_loss(now, half.old.float(), half.credit.float(), half.mask)
    assert result.loss.dtype == torch.float32
    assert torch.equal(result.loss, single.loss)
    result.loss.backward()
    single.loss.backward()
    assert half.now.grad.dtype == dtype
    assert torch.equal(half.now.grad, now.grad.to(dtype))


def test_advantages_and_old_log_probs_are_constants() -> None:
    sample = Sample(6)
    constants = [tensor.clone().requires_grad_() for tensor in (sample.old, sample.credit, sample.reference)]
    old, credit, reference = constants
    extras = {"reference_logprobs": reference, "kl_weight": 0.5}
    twin.clipped_loss(sample.now, old, credit, sample.mask, **extras).loss.backward()
    twin.on_policy_loss(sample.now, credit, sample.mask, **extras).loss.backward()
    assert [tensor.grad for tensor in constants] == [None] * 3


@pytest.mark.parametrize("mask_type", [torch.bool, torch.int64, torch.float32, torch.bfloat16])
def test_a_mask_may_be_of_any_type(mask_type: Any) -> None:
    sample = Sample(7)
    expected = twin.on_policy_loss(sample.now, sample.credit, sample.mask).loss
    assert twin.on_policy_loss(sample.now, sample.credit, sample.mask.to(mask_type)).loss == expected


def test_the_host_never_waits_for_the_device() -> None:
    """Meta tensors hold no numbers: whatever asks for one fails."""
    shape = {"size": (3, 5), "device": "meta"}
    now, old, credit, reference, entropy = (torch.empty(**shape, requires_grad=number == 0) for number in range(5))
    result = twin.clipped_loss(
        now,
        old,
        credit,
        torch.empty(**shape, dtype=torch.bool),
        aggregation="seq-mean-token-mean",
        reference_logprobs=reference,
        kl_weight=0.1,
        entropy=entropy,
        entropy_weight=0.1,
    )
    result.loss.backward()
    assert result.loss.is_meta
    assert now.grad.shape == (3, 5)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"aggregation": "mean"}, "expected aggregation to be one of token-mean, .*; got 'mean'"),
        ({"kl_weight": 0.1}, "expected reference_logprobs for a kl_weight of 0.1, got None"),
        ({"entropy_weight": 0.1}, "expected entropy for an entropy_weight of 0.1, got None"),
        ({"advantages": torch.zeros(4)}, r"expected advantages of shape \(4, 6\) as the log-probs have, got \(4,\)"),
        ({"mask": torch.ones(6)}, r"expected mask of shape \(4, 6\)"),
        ({"old_logprobs": torch.ones(4, 1)}, r"expected old_logprobs of shape \(4, 6\)"),
        ({"reference_logprobs": torch.ones(4, 1)}, r"expected reference_logprobs of shape \(4, 6\)"),
        ({"entropy": torch.ones(4, 1)}, r"expected entropy of shape \(4, 6\)"),
        ({"logprobs": torch.ones(4)}, r"expected tensors of shape \(rows, tokens\), got shape \(4,\)"),
        ({"clip_low": 1.5}, "expected clip_low within"),
        ({"clip_high": -0.1}, "clip_high of 0 or more, got 0.2 and -0.1"),
        (
            {"kl_estimator": "k4", "reference_logprobs": torch.ones(4, 6)},
            "expected kl_estimator to be one of k1, k2, k3",
        ),
    ],
)
def test_errors_say_what_was_expected(change: dict[str, Any], sentence: str) -> None:
    sample = Sample()
    given = {"logprobs": sample.now, "old_logprobs": sample.old, "advantages": sample.credit, "mask": sample.mask}
    with pytest.raises(ValueError, match=sentence):
        twin.clipped_loss(**{**given, **change})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(AGGREGATIONS))
def test_padding_and_the_order_of_rows_change_nothing(seed: int, aggregation: str) -> None:
    sample = Sample(seed)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(4))

    def wide(values: Any) -> Any:
        return torch.nn.functional.pad(values[order], (0, 3), value=0)

    plain = twin.clipped_loss(sample.now, sample.old, sample.credit, sample.mask, aggregation=aggregation)
    padded = twin.clipped_loss(
        *(wide(part) for part in (sample.now, sample.old, sample.credit, sample.mask)), aggregation=aggregation
    )
    torch.testing.assert_close(padded.loss, plain.loss, rtol=0, atol=1e-12)
