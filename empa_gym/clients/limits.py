"""What the calls of a process may use together: ceilings, paces, and how many run at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from empa_gym.clients.config import ROLES

Positive = Annotated[float, Field(gt=0)]


def known_role(name: str) -> str:
    """The name of a role.

    Raises:
        ValueError: there is no such role; names those that there are.
    """
    if name not in ROLES:
        raise ValueError(f"expected one of the roles {', '.join(ROLES)}")
    return name


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Limits:
    """Bounds for all dialogues of a process; None for no bound.

    Args:
        calls: requests that are sent in all, repeated ones included.
        tokens: tokens of prompts and answers in all.
        cost: money in all, in the currency of the models' prices.
        requests_per_minute, tokens_per_minute: spread evenly, so that no second has more than its share.
        concurrency: calls of one role that run at once, at most, whichever models answer it.
        by_role: another such bound for some roles.
        start: with how many calls at once a model at an endpoint begins; each answer admits one more,
            until the endpoint says "too many requests", which halves them. Other models do not feel it.
        turn_seconds: how long the calls of one turn of one dialogue may take together.
    """

    calls: Annotated[int, Field(ge=0)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    cost: Annotated[float, Field(ge=0)] | None = None
    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None
    concurrency: Annotated[int, Field(ge=1)] = 64
    by_role: Mapping[Annotated[str, AfterValidator(known_role)], Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict
    )
    start: Annotated[int, Field(ge=1)] = 8
    turn_seconds: Positive | None = None

    @property
    def bound_answers(self) -> bool:
        """Whether a ceiling holds only if no answer is longer than was reserved for it."""
        return self.tokens is not None or self.cost is not None

    def concurrency_of(self, role: str) -> int:
        """How many calls of a role may run at once, at most."""
        return self.by_role.get(role, self.concurrency)


UNBOUNDED = Limits()
"""No ceilings and no pace; 64 calls of a role at once."""
