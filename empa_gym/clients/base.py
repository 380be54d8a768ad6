"""What a chat client is: something that answers a request, at once or on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.background import run_in_background
from empa_gym.errors import BudgetExceeded, ModelError


@runtime_checkable
class ChatClient(Protocol):
    """Answers requests. ``complete`` and ``acomplete`` give the same answers.

    A client raises nothing but :class:`~empa_gym.errors.ModelError` and its kinds, with the role that
    asked, and :class:`~empa_gym.errors.BudgetExceeded`. It has tried again by itself as often as it may.
    It can be used after ``close``: it then connects anew.
    """

    def complete(self, request: ChatRequest) -> ChatReply:
        """The answer; blocks until it is there. Never call it on an event loop: it would block the loop."""
        ...

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The answer."""
        ...

    def close(self) -> None:
        """Give connections and files back."""
        ...

    async def aclose(self) -> None:
        """Give connections and files back; for the event loop that used them."""
        ...


def complete_many(client: ChatClient, requests: Sequence[ChatRequest]) -> list[ChatReply | ModelError | BudgetExceeded]:
    """The answers to many requests that are asked at once, in their order; a failure stands in its place.

    Bound to a client, it is what :func:`~empa_gym.drive.run_batch` takes.
    """
    return run_in_background(_answers(client, requests))


async def _answers(
    client: ChatClient, requests: Sequence[ChatRequest]
) -> list[ChatReply | ModelError | BudgetExceeded]:
    return list(await asyncio.gather(*(_answer(client, request) for request in requests)))


async def _answer(client: ChatClient, request: ChatRequest) -> ChatReply | ModelError | BudgetExceeded:
    try:
        return await client.acomplete(request)
    except (ModelError, BudgetExceeded) as failure:
        return failure
