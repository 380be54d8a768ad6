"""Asking a model until its answer can be read: the meaning retries of every role."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from empa_gym.agents.llm.parsing import Unreadable
from empa_gym.chat import ChatReply, ChatRequest, Flow, Reply
from empa_gym.errors import ModelError
from empa_gym.prompts.rendering import asked_again

ATTEMPTS = 3
"""How often one question is asked: an answer that cannot be read is asked for twice more."""

Answer = TypeVar("Answer")


def ask_readably(request: ChatRequest, language: str, read: Callable[[ChatReply], Answer]) -> Flow[Answer]:
    """The model's answer as it was read.

    Args:
        request: the question; each further attempt says in the prompt what was wrong, and is counted in
            ``attempt``.
        language: of the prompt.
        read: returns the answer, or raises :class:`Unreadable`.

    Raises:
        ModelError: no attempt could be read; the cause says what was wrong with the last.
    """
    messages, wrong = request.messages, ""
    for attempt in range(ATTEMPTS):
        reply = single((yield request._replace(messages=messages, attempt=attempt)))
        try:
            return read(reply)
        except Unreadable as problem:
            messages = asked_again(language, request.messages, problem.told(language))
            wrong = problem.told("en")
    raise ModelError(f"no usable answer in {ATTEMPTS} attempts; about the last: {wrong}", role=request.role)


def single(reply: Reply) -> ChatReply:
    """The reply to one request.

    Raises:
        TypeError: whoever drives the flow sent something else.
    """
    if not isinstance(reply, ChatReply):
        raise TypeError(f"expected one ChatReply to one request, got {type(reply).__name__}")
    return reply
