"""A ChatRequest as the JSON of ``/chat/completions``, and its answer back."""

from __future__ import annotations

import json
import zlib
from typing import Any

from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, ToolCall, Usage
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.encoding import json_from, json_of, sound
from empa_gym.clients.failures import Answer, Failure, error_fields, failure_of_status, one_line, refused
from empa_gym.clients.manners import Manner, fields_of
from empa_gym.errors import ContentFiltered, EndpointDown, GarbledReply

FEWEST_BYTES_PER_TOKEN = 3
"""English has about four bytes a token, Chinese about three: so a guess from bytes is rather too high."""
TEMPLATE = 16
"""Tokens that a chat template puts around all messages."""


def body_of(
    prompt: bytes,
    request: ChatRequest,
    config: ModelConfig,
    manner: Manner,
    length_field: str = "max_tokens",
    longest: int | None = None,
) -> bytes:
    """The body of a request.

    Args:
        prompt: its messages as JSON.
        request: what is asked.
        config: of the model.
        manner: how the shape of the answer is asked for.
        length_field: what the field for the longest answer is called.
        longest: the answer's tokens at most; None leaves them to the endpoint.
    """
    fields: dict[str, Any] = {"model": config.model}
    if config.temperature is not None:
        fields["temperature"] = config.temperature
    if longest is not None:
        fields[length_field] = longest
    if config.seeded:
        fields["seed"] = seed_of(request)
    fields.update(fields_of(request.answer, manner))
    fields.update(config.extra_body)
    return b'{"messages":%b,%b' % (prompt, json_of(fields)[1:])


def seed_of(request: ChatRequest) -> int:
    """A seed that is the same whenever the same question of a dialogue is asked, and differs between questions."""
    dialogue = (request.policy, request.scenario, request.seed, request.member)
    address = (*dialogue, request.turn, request.role, request.part, request.attempt)
    return zlib.crc32(repr(address).encode("utf-8", "replace")) & 0x7FFFFFFF


def guessed_tokens(prompt: bytes, answer: AnswerFormat) -> int:
    """About how many tokens a prompt has, and the shape that is asked for with it, rather too many than too few.

    The names and brackets around each message stand for what a chat template adds.
    """
    shape = len(answer.schema) + sum(len(tool.parameters) for tool in answer.tools)
    return (len(prompt) + shape) // FEWEST_BYTES_PER_TOKEN + TEMPLATE


def reply_of(answer: Answer, config: ModelConfig) -> ChatReply | Failure:
    """The reply that an answer holds, with the tokens as counted there, or why it holds none."""
    if answer.status != 200:
        return refused(answer)
    try:
        data = json_from(answer.body)
    except (ValueError, RecursionError) as error:
        return _garbled(f"no JSON: {type(error).__name__}")
    if not isinstance(data, dict):
        return _garbled("expected a JSON object")
    if data.get("error"):
        return _error_inside(data)
    choices = data.get("choices")
    if not (isinstance(choices, list) and choices and isinstance(choices[0], dict)):
        return _garbled("a chat completion without choices")
    return _reply(choices[0], _usage(data.get("usage"), config))


def _reply(choice: dict[str, Any], usage: Usage) -> ChatReply | Failure:
    finish, message = choice.get("finish_reason") or "stop", choice.get("message")
    if finish == "content_filter":
        return Failure(ContentFiltered, "the endpoint withheld the answer", billed=True)
    if finish == "error":
        return Failure(EndpointDown, "the endpoint broke off its answer", again=True, billed=True)
    if not isinstance(message, dict):
        return _garbled("a choice without a message")
    text, refusal = _text(message.get("content")), message.get("refusal")
    if text is None:
        return _garbled("a message whose content is no text")
    if not text and isinstance(refusal, str) and refusal:
        return ChatReply(sound(refusal), usage, finish="refusal")
    return ChatReply(sound(text), usage, _tool_calls(message), str(finish))


def _text(content: Any) -> str | None:
    """The text of a message: a string, nothing, or parts that hold strings; None for anything else."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts = [part.get("text", "") if isinstance(part, dict) else part for part in content]
    return "".join(texts) if all(isinstance(text, str) for text in texts) else None


def _tool_calls(message: dict[str, Any]) -> tuple[ToolCall, ...]:
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return tuple(
        ToolCall(sound(str(function.get("name") or "")), _arguments(function.get("arguments")))
        for function in functions
        if isinstance(function, dict)
    )


def _arguments(value: Any) -> str:
    """Arguments as JSON text; some servers send them parsed."""
    return sound(value) if isinstance(value, str) else json.dumps({} if value is None else value)


def _usage(counted: Any, config: ModelConfig) -> Usage:
    if not isinstance(counted, dict):
        return Usage()
    prompt, completion = _count(counted.get("prompt_tokens")), _count(counted.get("completion_tokens"))
    return Usage(prompt, completion, cost=config.cost(prompt, completion))


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1e12 else 0


def _error_inside(data: dict[str, Any]) -> Failure:
    """An error that came with status 200, as some routers send it."""
    code, message = error_fields(data)
    if code.isdigit() and 400 <= int(code) < 600:
        return failure_of_status(int(code), "", message)
    return Failure(EndpointDown, f"the endpoint sent an error: {message}", again=True)


def _garbled(what: str) -> Failure:
    return Failure(
        GarbledReply,
        f"the endpoint answered with something else than a chat completion: {one_line(what)}",
        again=True,
        billed=True,
    )
