"""What a supporter can do in a turn, as a closed set: each strategy becomes a grounded reply in words.

The acts are those of Hill's helping skills (exploration, insight, action) as far as a reply of two or three sentences
can perform them; the words come from :mod:`empa_gym.policies.speaking`, so the same strategy never sounds the same
twice in a dialogue as long as there is something new to take up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType

from empa_gym.agents.views import PolicyView, pick
from empa_gym.chat import Flow
from empa_gym.policies.speaking import say


class Strategy(str, Enum):
    """One thing to do in a turn; the order is that of the actions of ``EMPA-Strategy-v0``."""

    REFLECT = "reflect"
    NAME_FEELING = "name_feeling"
    VALIDATE = "validate"
    ASK = "ask"
    REFRAME = "reframe"
    AFFIRM = "affirm"
    OFFER_STEP = "offer_step"
    SHARE_PRESENCE = "share_presence"
    GIVE_ROOM = "give_room"
    MEND = "mend"
    START_AFRESH = "start_afresh"
    SUMMARISE = "summarise"
    GIVE_CREDIT = "give_credit"


STRATEGIES: tuple[Strategy, ...] = tuple(Strategy)
"""All of them; an action is an index into this."""
ACTS_OF: Mapping[Strategy, tuple[str, ...]] = MappingProxyType(
    {
        Strategy.REFLECT: ("restate", "picture"),
        Strategy.NAME_FEELING: ("feel", "guess"),
        Strategy.VALIDATE: ("validate", "console"),
        Strategy.ASK: ("picture", "ask"),
        Strategy.REFRAME: ("reframe", "contrast"),
        Strategy.AFFIRM: ("affirm", "value"),
        Strategy.OFFER_STEP: ("value", "step"),
        Strategy.SHARE_PRESENCE: ("with", "feel"),
        Strategy.GIVE_ROOM: ("room", "value"),
        Strategy.MEND: ("own", "restate"),
        Strategy.START_AFRESH: ("afresh", "restate"),
        Strategy.SUMMARISE: ("together", "restate"),
        Strategy.GIVE_CREDIT: ("see", "affirm"),
    }
)
"""The acts that a strategy performs, in order; keys of :data:`empa_gym.policies.speaking.ACTS`."""


def strategy_reply(strategy: Strategy, view: PolicyView) -> str:
    """A reply that follows the strategy, about what the seeker said; deterministic per seed, member and turn.

    Where the dialogue holds no material for an act, another act stands in for it, so a reply is never empty.
    """
    return say(view, ACTS_OF[strategy])


class OpenLoop:
    """A policy that goes through a sequence of strategies, whatever the seeker says; again from its start at the end.

    Args:
        sequence: at least one strategy, or its name.

    Raises:
        ValueError: the sequence is empty, or a name is none; lists those that there are.
    """

    def __init__(self, sequence: Sequence[Strategy | str]) -> None:
        self.sequence = tuple(strategy_named(one) for one in sequence)
        if not self.sequence:
            raise ValueError("expected at least one strategy, got none")
        self.name = "-".join(strategy.value for strategy in self.sequence)

    def reply(self, view: PolicyView) -> Flow[str]:
        """The next reply; asks no model."""
        return strategy_reply(self.sequence[(view.turn - 1) % len(self.sequence)], view)
        yield


class AnyStrategy:
    """A policy that follows a strategy drawn anew in each turn: the floor for a policy that chooses."""

    name = "any-strategy"

    def reply(self, view: PolicyView) -> Flow[str]:
        """The next reply; asks no model."""
        drawn = pick(view.seed, view.turn, "policy", len(STRATEGIES), salt=1 + view.member)
        return strategy_reply(STRATEGIES[drawn], view)
        yield


def strategy_named(name: Strategy | str) -> Strategy:
    """The strategy of that name.

    Raises:
        ValueError: there is none; lists those that there are.

    >>> strategy_named("reflect")
    <Strategy.REFLECT: 'reflect'>
    """
    try:
        return Strategy(name)
    except ValueError:
        there = ", ".join(strategy.value for strategy in STRATEGIES)
        raise ValueError(f"expected a strategy ({there}), got {name!r}") from None
