"""The reward maths on tensors, any device: the names of :mod:`empa_gym.mapo`, and the policy losses.

One update::

    from empa_gym.mapo import torch as mapo

    batch = mapo.TurnBatch.from_arrays(rewards, happened, group)   # (B, T), (B, T), (B,)
    credit = mapo.mixed_advantages(batch)
    advantages = mapo.to_tokens(credit.values, turn_ids)           # (B, L); turn_ids is -1 outside of replies
    counted = mapo.to_tokens(credit.mask, turn_ids)                # the tokens of turns that enter the loss
    result = mapo.clipped_loss(logprobs, old_logprobs, advantages, counted)
    result.loss.backward()

Nothing waits for the device but the checks of :meth:`TurnBatch.from_arrays` and of the token functions, which
``check=False`` leaves out, and :func:`to_tokens_from_spans` without a width. Diagnostics are read on the host: give
``to_numpy(batch)`` to :func:`empa_gym.mapo.diagnose`.
"""

from empa_gym.mapo.torch_advantages import (
    GAE,
    Advantages,
    batch_advantages,
    gae,
    mixed_advantages,
    monte_carlo_returns,
    turn_advantages,
)
from empa_gym.mapo.torch_baselines import (
    dr_grpo,
    grpo,
    mt_grpo,
    ppo,
    reinforce_pp,
    reinforce_pp_baseline,
    rloo,
)
from empa_gym.mapo.torch_batch import TurnBatch, to_numpy, to_torch
from empa_gym.mapo.torch_losses import (
    Aggregation,
    KLEstimator,
    PolicyLoss,
    aggregate,
    clipped_loss,
    kl_estimate,
    on_policy_loss,
)
from empa_gym.mapo.torch_tokens import TokenAdvantages, to_tokens, to_tokens_from_mask, to_tokens_from_spans

__all__ = [
    "GAE",
    "Advantages",
    "Aggregation",
    "KLEstimator",
    "PolicyLoss",
    "TokenAdvantages",
    "TurnBatch",
    "aggregate",
    "batch_advantages",
    "clipped_loss",
    "dr_grpo",
    "gae",
    "grpo",
    "kl_estimate",
    "mixed_advantages",
    "monte_carlo_returns",
    "mt_grpo",
    "on_policy_loss",
    "ppo",
    "reinforce_pp",
    "reinforce_pp_baseline",
    "rloo",
    "to_numpy",
    "to_tokens",
    "to_tokens_from_mask",
    "to_tokens_from_spans",
    "to_torch",
    "turn_advantages",
]
