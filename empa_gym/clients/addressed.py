"""The calls of one dialogue: each is stamped with the dialogue's address, and what it used is added up per role."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from empa_gym.chat import ChatReply, ChatRequest, Usage
from empa_gym.clients.base import ChatClient
from empa_gym.errors import BudgetExceeded, ModelError


class RoleUsage(NamedTuple):
    """What the calls of one role used in a dialogue.

    Attributes:
        role: "actor", "director", "judge" or "policy".
        calls: questions that were answered.
        failed: questions that failed for good.
        retries: requests that were sent again; those of failed questions are not known.
        prompt_tokens, completion_tokens: as the endpoint counted them.
        cost: in the currency of the price table.
        seconds: spent waiting for answers; the one figure that two equal runs do not share.
    """

    role: str
    calls: int = 0
    failed: int = 0
    retries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0


class DialogueAddress(NamedTuple):
    """Which dialogue of a run."""

    scenario: str
    seed: int
    member: int = 0
    policy: str = ""


class Meter:
    """Stamps the requests of one dialogue and counts what they use. It asks nobody.

    Args:
        address: the dialogue's.
    """

    __slots__ = ("_asked", "address")

    def __init__(self, address: DialogueAddress) -> None:
        self.address = address
        self._asked: list[tuple[str, Usage | None]] = []  # by role; None for a question that failed

    def stamped(self, request: ChatRequest) -> ChatRequest:
        """The request with the dialogue's address."""
        return request._replace(**self.address._asdict())

    def answered(self, request: ChatRequest, reply: ChatReply) -> ChatReply:
        """The reply, counted."""
        self._asked.append((request.role, reply.usage))
        return reply

    @contextmanager
    def failures(self, request: ChatRequest) -> Iterator[None]:
        """Counts the question as failed when asking it fails."""
        try:
            yield
        except (ModelError, BudgetExceeded):
            self._asked.append((request.role, None))
            raise

    @property
    def usage(self) -> tuple[RoleUsage, ...]:
        """What was used so far, by role in alphabetical order; the order of the calls makes no difference."""
        return tuple(self._sum(role) for role in sorted({role for role, _ in self._asked}))

    def _sum(self, role: str) -> RoleUsage:
        asked = [usage for one, usage in self._asked if one == role]
        used = [usage for usage in asked if usage is not None]
        return RoleUsage(
            role=role,
            calls=sum(max(1, usage.calls) for usage in used),
            failed=len(asked) - len(used),
            retries=sum(usage.retries for usage in used),
            prompt_tokens=sum(usage.prompt_tokens for usage in used),
            completion_tokens=sum(usage.completion_tokens for usage in used),
            cost=math.fsum(usage.cost for usage in used),
            seconds=math.fsum(usage.seconds for usage in used),
        )


class Addressed:
    """A client for one dialogue.

    Args:
        client: answers.
        scenario, seed, member, policy: the dialogue's address.
    """

    def __init__(self, client: ChatClient, scenario: str, seed: int, member: int = 0, policy: str = "") -> None:
        self._client = client
        self.meter = Meter(DialogueAddress(scenario, seed, member, policy))

    @property
    def usage(self) -> tuple[RoleUsage, ...]:
        """What the dialogue used so far, by role."""
        return self.meter.usage

    def complete(self, request: ChatRequest) -> ChatReply:
        """The client's answer."""
        return metered(self._client.complete, self.meter)(request)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The client's answer."""
        stamped = self.meter.stamped(request)
        with self.meter.failures(stamped):
            return self.meter.answered(stamped, await self._client.acomplete(stamped))

    def close(self) -> None:
        """The client stays open: it is not this dialogue's alone."""

    async def aclose(self) -> None:
        """The client stays open: it is not this dialogue's alone."""


def metered(complete: Callable[[ChatRequest], ChatReply], meter: Meter) -> Callable[[ChatRequest], ChatReply]:
    """A completion whose requests are stamped and whose answers are counted."""

    def asked(request: ChatRequest) -> ChatReply:
        stamped = meter.stamped(request)
        with meter.failures(stamped):
            return meter.answered(stamped, complete(stamped))

    return asked
