"""Policies that answer without a model, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from empa_gym.agents.protocols import Policy
from empa_gym.policies.chance import Chance
from empa_gym.policies.generic import Generic
from empa_gym.policies.supporter import Supporter

POLICIES: Mapping[str, Callable[[], Policy]] = {"supporter": Supporter, "generic": Generic, "random": Chance}
"""What makes each policy, by name."""


def make_policy(name: str) -> Policy:
    """The policy of that name.

    Raises:
        ValueError: no such policy; the message lists those that there are.
    """
    if name not in POLICIES:
        raise ValueError(f"expected a policy ({', '.join(POLICIES)}), got {name!r}")
    return POLICIES[name]()


__all__ = ["POLICIES", "Chance", "Generic", "Supporter", "make_policy"]
