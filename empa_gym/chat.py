"""What passes between logic and a chat model: messages, requests, replies, and the type of a flow."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple, TypeAlias, TypeVar


class Message(NamedTuple):
    """One chat message: ``role`` is "system", "user" or "assistant"."""

    role: str
    content: str


class ChatRequest(NamedTuple):
    """A question to a chat model, with its address in the run.

    Args:
        role: who asks: "actor", "director", "judge" or "policy".
        messages: the prompt.
        turn: the turn that is being played, 0 for the opening.
        attempt: 0, or how often this question was asked before with an unreadable answer.
    """

    role: str
    messages: tuple[Message, ...]
    turn: int = 0
    attempt: int = 0


class Usage(NamedTuple):
    """What a reply cost, in tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class ChatReply(NamedTuple):
    """The model's answer."""

    text: str
    usage: Usage = Usage()


Request: TypeAlias = "ChatRequest | tuple[ChatRequest, ...]"
Reply: TypeAlias = "ChatReply | tuple[ChatReply, ...]"

Result = TypeVar("Result")
Flow: TypeAlias = Generator[Request, Reply, Result]
"""Logic that asks and lets somebody else perform: yields requests, is sent replies, returns a result.

A tuple of requests may be answered at once; its replies come as a tuple of the same order. A call that
failed for good is thrown in as :class:`~empa_gym.errors.ModelError`.
"""
