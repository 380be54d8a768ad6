"""What passes between logic and a chat model: messages, requests, replies, and the type of a flow."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple, TypeAlias, TypeVar


class Message(NamedTuple):
    """One chat message: ``role`` is "system", "user" or "assistant"."""

    role: str
    content: str


class Tool(NamedTuple):
    """A function that the model may call.

    Attributes:
        name: an identifier.
        description: when to call it.
        parameters: the JSON schema of its arguments, as JSON text.
    """

    name: str
    description: str
    parameters: str


class AnswerFormat(NamedTuple):
    """What shape an answer must have; a client uses the best way its endpoint offers to say so.

    Attributes:
        name: an identifier of the schema.
        schema: a JSON schema as JSON text; "" when the answer is plain text, or one of the tools.
        tools: functions of which exactly one is to be called; () for none.
    """

    name: str = ""
    schema: str = ""
    tools: tuple[Tool, ...] = ()


PLAIN_TEXT = AnswerFormat()


class ChatRequest(NamedTuple):
    """A question to a chat model, with its address in the run.

    Attributes:
        role: who asks: "actor", "director", "judge" or "policy".
        messages: the prompt.
        turn: the turn that is being played, 0 for the opening.
        attempt: 0, or how often this question was asked before with an unreadable answer.
        answer: the shape of the answer.
        part: which of several requests of one question, for a panel.
        scenario, seed, member, policy: which dialogue; written by whoever drives it, roles need not know.
    """

    role: str
    messages: tuple[Message, ...]
    turn: int = 0
    attempt: int = 0
    answer: AnswerFormat = PLAIN_TEXT
    part: int = 0
    scenario: str = ""
    seed: int = 0
    member: int = 0
    policy: str = ""


class ToolCall(NamedTuple):
    """A call of a function by the model; ``arguments`` is JSON text as the model wrote it."""

    name: str
    arguments: str


class Usage(NamedTuple):
    """What an answer cost, or several of them together.

    Attributes:
        prompt_tokens, completion_tokens: as the endpoint counted them.
        calls: requests that were answered.
        retries: requests that were sent again.
        seconds: wall-clock time, waiting for a turn included.
        cost: in the currency of the user's price table; 0.0 without one.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    retries: int = 0
    seconds: float = 0.0
    cost: float = 0.0


class ChatReply(NamedTuple):
    """The model's answer.

    Attributes:
        text: what it wrote; "" when it called a tool instead.
        usage: what it cost.
        tool_calls: functions that it called.
        finish: why it ended, as the endpoint says: "stop", "length", "tool_calls", ...
    """

    text: str
    usage: Usage = Usage()
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = "stop"


Request: TypeAlias = "ChatRequest | tuple[ChatRequest, ...]"
Reply: TypeAlias = "ChatReply | tuple[ChatReply, ...]"

Result = TypeVar("Result")
Flow: TypeAlias = Generator[Request, Reply, Result]
"""Logic that asks and lets somebody else perform: yields requests, is sent replies, returns a result.

A tuple of requests may be answered at once; its replies come as a tuple of the same order. A call that
failed for good is thrown in as :class:`~empa_gym.errors.ModelError`.
"""
