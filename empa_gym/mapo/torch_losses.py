"""Policy losses on tensors: on-policy and clipped, with masked tokens that can do no harm."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

Aggregation = Literal["token-mean", "seq-mean-token-sum", "seq-mean-token-mean"]
KLEstimator = Literal["k1", "k2", "k3"]

CLIP_LOW = 0.2
CLIP_HIGH = 0.28
"""Of the scripts published with MAPO, which take them from DAPO (arXiv 2503.14476, section 3.1)."""
LARGEST_LOG_RATIO = 20.0
"""Log-ratios are held within this, as verl holds them: exp(20) is far outside of any clip and still finite."""


class PolicyLoss(NamedTuple):
    """A loss and what a training log wants to know of it; 0-dimensional tensors on the device of the log-probs.

    Attributes:
        loss: to call ``backward`` on: policy + kl_weight * KL - entropy_weight * entropy, all aggregated alike.
        policy: its policy part, detached as everything below is.
        kl: mean over tokens of the KL estimate against the reference, in nats; None without a reference.
        entropy: mean over tokens, in nats; None when it was not given.
        clip_fraction: share of tokens whose gradient the clip stopped; 0 on policy.
        clip_fraction_low: the share stopped at 1 - clip_low.
        drift: mean over tokens of old minus new log-prob, an estimate of how far the policy moved; 0 on policy.
        tokens: number of tokens that count.
    """

    loss: Tensor
    policy: Tensor
    kl: Tensor | None
    entropy: Tensor | None
    clip_fraction: Tensor
    clip_fraction_low: Tensor
    drift: Tensor
    tokens: Tensor


class _Extras(NamedTuple):
    """What both losses take besides the policy's own part."""

    aggregation: Aggregation
    divisor: Tensor | float | None
    reference_logprobs: Tensor | None
    kl_weight: float
    kl_estimator: KLEstimator
    entropy: Tensor | None
    entropy_weight: float


def on_policy_loss(
    logprobs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    *,
    aggregation: Aggregation = "token-mean",
    divisor: Tensor | float | None = None,
    reference_logprobs: Tensor | None = None,
    kl_weight: float = 0.0,
    kl_estimator: KLEstimator = "k3",
    entropy: Tensor | None = None,
    entropy_weight: float = 0.0,
) -> PolicyLoss:
    """The policy-gradient loss of samples drawn from the policy itself.

        L = - aggregate of A_t log pi(a_t | history)        (MAPO, Eq. 6, with the sign of a loss)

    All tensors have shape (B, L), tokens or turns; half-precision ones are computed in float32. Where the mask is False
    nothing is read: nan and inf there change neither the loss nor a gradient.

    Args:
        logprobs: log-probs of what was sampled, with gradient.
        advantages: constants; ``to_tokens`` spreads turn advantages over tokens.
        mask: True (or non-zero) where a token counts.
        aggregation: see :func:`aggregate`.
        divisor: see :func:`aggregate`; applies to the policy, KL and entropy parts.
        reference_logprobs: log-probs of the reference policy, for the KL.
        kl_weight: of the KL part in the loss.
        kl_estimator: see :func:`kl_estimate`.
        entropy: entropy of the policy at each token, in nats.
        entropy_weight: of the entropy bonus.

    Raises:
        ValueError: shapes differ, an option is unknown, or kl_weight or entropy_weight lacks its tensor.

    >>> logprobs = torch.tensor([[-1.0, -2.0]], requires_grad=True)
    >>> result = on_policy_loss(logprobs, torch.tensor([[1.0, -0.5]]), torch.tensor([[True, True]]))
    >>> result.loss.backward()
    >>> logprobs.grad
    tensor([[-0.5000,  0.2500]])
    """
    extras = _Extras(aggregation, divisor, reference_logprobs, kl_weight, kl_estimator, entropy, entropy_weight)
    counted = _counted(logprobs, mask, {"advantages": advantages})
    now = _read(logprobs, counted)
    credit = _read(advantages, counted).detach().to(now.dtype)
    return _assembled(now, counted, -credit * now, extras, *[now.new_zeros(())] * 3)


def clipped_loss(
    logprobs: Tensor,
    old_logprobs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    *,
    clip_low: float = CLIP_LOW,
    clip_high: float = CLIP_HIGH,
    aggregation: Aggregation = "token-mean",
    divisor: Tensor | float | None = None,
    reference_logprobs: Tensor | None = None,
    kl_weight: float = 0.0,
    kl_estimator: KLEstimator = "k3",
    entropy: Tensor | None = None,
    entropy_weight: float = 0.0,
) -> PolicyLoss:
    """The clipped loss of PPO, with separate reach downwards and upwards.

        L = - aggregate of min(rho_t A_t, clip(rho_t, 1 - clip_low, 1 + clip_high) A_t)
        rho_t = pi(a_t | history) / pi_old(a_t | history)

    PPO: arXiv 1707.06347, Eq. 7; separate bounds: DAPO, arXiv 2503.14476. The log-ratio is held within +-20, and has no
    gradient outside. No second bound for A < 0 ("dual clip"): verl adds one at 3 |A| by default.

    Args:
        logprobs: as in :func:`on_policy_loss`, as everything that is not named here.
        old_logprobs: log-probs of the same samples under the policy that drew them; constants.
        advantages: constants.
        mask: where a token counts.
        clip_low: how far the ratio may fall below 1 and still have a gradient, within [0, 1].
        clip_high: how far it may rise above 1.
        aggregation: see :func:`aggregate`.
        divisor: see :func:`aggregate`.
        reference_logprobs: for the KL.
        kl_weight: of the KL part in the loss.
        kl_estimator: see :func:`kl_estimate`.
        entropy: of the policy at each token.
        entropy_weight: of the entropy bonus.

    Raises:
        ValueError: as in :func:`on_policy_loss`, or a clip bound is out of range.

    >>> old = torch.zeros(1, 2)
    >>> new = torch.tensor([[0.5, 0.1]], requires_grad=True)
    >>> result = clipped_loss(new, old, torch.ones(1, 2), torch.ones(1, 2))
    >>> result.clip_fraction
    tensor(0.5000)
    """
    if not (0 <= clip_low <= 1 and clip_high >= 0):
        raise ValueError(f"expected clip_low within [0, 1] and clip_high of 0 or more, got {clip_low} and {clip_high}")
    extras = _Extras(aggregation, divisor, reference_logprobs, kl_weight, kl_estimator, entropy, entropy_weight)
    counted = _counted(logprobs, mask, {"old_logprobs": old_logprobs, "advantages": advantages})
    now = _read(logprobs, counted)
    credit = _read(advantages, counted).detach().to(now.dtype)
    change = now - _read(old_logprobs, counted).detach()
    ratio = change.clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO).exp()
    losses = torch.maximum(-credit * ratio, -credit * ratio.clamp(1 - clip_low, 1 + clip_high))
    low = (ratio < 1 - clip_low) & (credit < 0)
    high = (ratio > 1 + clip_high) & (credit > 0)
    return _assembled(
        now,
        counted,
        losses,
        extras,
        _token_mean((low | high).to(now.dtype), counted),
        _token_mean(low.to(now.dtype), counted),
        -_token_mean(change.detach(), counted),
    )


def aggregate(
    values: Tensor, mask: Tensor, aggregation: Aggregation = "token-mean", divisor: Tensor | float | None = None
) -> Tensor:
    """One number from one per token.

    | aggregation | what | verl's loss_agg_mode | TRL's loss_type |
    |---|---|---|---|
    | token-mean | sum over tokens / number of tokens | token-mean | bnpo; dapo with the divisor below |
    | seq-mean-token-sum | sum over tokens / number of sequences | seq-mean-token-sum | - |
    | seq-mean-token-mean | mean over sequences of their token means ("sequence mean") | seq-mean-token-mean | grpo |

    A sequence without a token that counts is no sequence: TRL counts it, which shrinks the loss. No token at all gives
    0 with gradient 0.

    Args:
        values: (B, L).
        mask: (B, L), True or non-zero where a token counts; values elsewhere are not read.
        aggregation: as above.
        divisor: what the sum is divided by in place of this batch's own number of tokens (token-mean) or sequences
            (the others). With the number of the whole batch, losses of micro-batches or of ranks add up to the loss of
            the whole; with batch size * longest completion, token-mean is Dr. GRPO (TRL's dr_grpo).

    >>> values, mask = torch.tensor([[1.0, 1.0, 1.0], [5.0, 0.0, 0.0]]), torch.tensor([[1, 1, 1], [1, 0, 0]])
    >>> aggregate(values, mask), aggregate(values, mask, "seq-mean-token-mean")
    (tensor(2.), tensor(3.))
    """
    _check_aggregation(aggregation)
    counted = _counted(values, mask, {})
    return _aggregated(_read(values, counted), counted, aggregation, divisor)


def kl_estimate(logprobs: Tensor, reference_logprobs: Tensor, estimator: KLEstimator = "k3") -> Tensor:
    """An estimate of KL(pi || reference) at each token, from what pi sampled.

        d = log pi - log ref:   k1 = d,   k2 = d^2 / 2,   k3 = exp(-d) + d - 1      (d held within +-20)

    k1 and k3 are unbiased as numbers, k3 is never negative and varies less. As parts of a loss they differ from what
    their values suggest, since the gradient passes through the log-prob only, not through the sampling: on policy the
    gradient of k1 is 0 on average, that of k2 is the gradient of KL(pi || reference), that of k3 the gradient of
    KL(reference || pi).

    Source: J. Schulman, "Approximating KL divergence", 2020; k3 in the loss: GRPO (arXiv 2402.03300, Eq. 4).

    >>> kl_estimate(torch.tensor([0.0]), torch.tensor([0.0]))
    tensor([0.])
    """
    if estimator not in get_args(KLEstimator):
        raise ValueError(f"expected kl_estimator to be one of {', '.join(get_args(KLEstimator))}; got {estimator!r}")
    apart = (logprobs - reference_logprobs).clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
    if estimator == "k1":
        return apart
    return apart.square() / 2 if estimator == "k2" else torch.expm1(-apart) + apart


def _assembled(
    now: Tensor, counted: Tensor, losses: Tensor, extras: _Extras, clipped: Tensor, low: Tensor, drift: Tensor
) -> PolicyLoss:
    """Policy, KL and entropy parts added up."""
    _check_aggregation(extras.aggregation)
    policy = _aggregated(losses, counted, extras.aggregation, extras.divisor)
    loss, kl, entropy = policy, None, None
    if extras.reference_logprobs is not None:
        reference = _extra(extras.reference_logprobs, counted, "reference_logprobs").detach()
        apart = kl_estimate(now, reference, extras.kl_estimator)
        kl = _token_mean(apart.detach(), counted)
        if extras.kl_weight:
            loss = loss + extras.kl_weight * _aggregated(apart, counted, extras.aggregation, extras.divisor)
    elif extras.kl_weight:
        raise ValueError(f"expected reference_logprobs for a kl_weight of {extras.kl_weight}, got None")
    if extras.entropy is not None:
        spread = _extra(extras.entropy, counted, "entropy")
        entropy = _token_mean(spread.detach(), counted)
        if extras.entropy_weight:
            loss = loss - extras.entropy_weight * _aggregated(spread, counted, extras.aggregation, extras.divisor)
    elif extras.entropy_weight:
        raise ValueError(f"expected entropy for an entropy_weight of {extras.entropy_weight}, got None")
    return PolicyLoss(loss, policy.detach(), kl, entropy, clipped, low, drift, counted.sum())


def _counted(values: Tensor, mask: Tensor, others: dict[str, Tensor]) -> Tensor:
    """The mask as booleans, when everything has the shape of ``values``."""
    if values.dim() != 2:
        raise ValueError(f"expected tensors of shape (rows, tokens), got shape {tuple(values.shape)}")
    for name, other in {"mask": mask, **others}.items():
        _check_shape(other, values.shape, name)
    return mask.bool()


def _extra(values: Tensor, counted: Tensor, name: str) -> Tensor:
    _check_shape(values, counted.shape, name)
    return _read(values, counted)


def _check_shape(values: Tensor, shape: torch.Size, name: str) -> None:
    if values.shape != shape:
        raise ValueError(f"expected {name} of shape {tuple(shape)} as the log-probs have, got {tuple(values.shape)}")


def _check_aggregation(aggregation: str) -> None:
    if aggregation not in get_args(Aggregation):
        raise ValueError(f"expected aggregation to be one of {', '.join(get_args(Aggregation))}; got {aggregation!r}")


def _read(values: Tensor, counted: Tensor) -> Tensor:
    """Values where they count, 0 elsewhere, in float32 at least.

    Masked before any arithmetic: 0 * nan is nan, in the loss and in the gradient.
    """
    kept = torch.where(counted, values, torch.zeros((), dtype=values.dtype, device=values.device))
    return kept if kept.dtype == torch.float64 else kept.float()


def _aggregated(values: Tensor, counted: Tensor, aggregation: Aggregation, divisor: Tensor | float | None) -> Tensor:
    """Of values that are 0 where they do not count; see :func:`aggregate`."""
    lengths = counted.sum(1)
    if aggregation == "token-mean":
        total, own = values.sum(), lengths.sum()
    else:
        rows = values.sum(1)
        total = (rows / lengths.clamp(min=1)).sum() if aggregation == "seq-mean-token-mean" else rows.sum()
        own = (lengths > 0).sum()
    return total / (own.clamp(min=1) if divisor is None else divisor)


def _token_mean(values: Tensor, counted: Tensor) -> Tensor:
    """Over tokens that count, without a gradient."""
    return torch.where(counted, values, 0).sum().detach() / counted.sum().clamp(min=1)
