"""Reward maths for dialogues of many turns: returns, advantages, baselines, tokens. numpy only, for any trainer."""

from empa_gym.mapo.advantages import Advantages, batch_advantages, mixed_advantages, turn_advantages
from empa_gym.mapo.baselines import dr_grpo, grpo, mt_grpo, ppo, reinforce_pp, reinforce_pp_baseline, rloo
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.diagnostics import Continuation, Diagnostics, continuation, diagnose, effective_turns
from empa_gym.mapo.returns import GAE, gae, monte_carlo_returns
from empa_gym.mapo.tokens import TokenAdvantages, to_tokens, to_tokens_from_mask, to_tokens_from_spans

__all__ = [
    "GAE",
    "Advantages",
    "Continuation",
    "Diagnostics",
    "TokenAdvantages",
    "TurnBatch",
    "batch_advantages",
    "continuation",
    "diagnose",
    "dr_grpo",
    "effective_turns",
    "gae",
    "grpo",
    "mixed_advantages",
    "monte_carlo_returns",
    "mt_grpo",
    "ppo",
    "reinforce_pp",
    "reinforce_pp_baseline",
    "rloo",
    "to_tokens",
    "to_tokens_from_mask",
    "to_tokens_from_spans",
    "turn_advantages",
]
