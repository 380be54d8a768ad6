"""A client without a model: it answers from a function or a list, for tests, examples and dry runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.errors import BudgetExceeded, ModelError

Answer: TypeAlias = "str | ChatReply | ModelError | BudgetExceeded"


class ScriptedClient:
    """Answers from a script.

    Args:
        script: a function of the request, or answers that are given in this order. An answer is a text, a
            :class:`ChatReply`, or an error, which is raised.

    Attributes:
        requests: what was asked, in order.

    >>> client = ScriptedClient(["I see.", ModelError("the server is down")])
    >>> client.complete(ChatRequest("actor", ())).text
    'I see.'
    """

    def __init__(self, script: Callable[[ChatRequest], Answer] | Iterable[Answer]) -> None:
        self._answer = script if callable(script) else self._next
        self._answers = () if callable(script) else tuple(script)
        self.requests: list[ChatRequest] = []

    def complete(self, request: ChatRequest) -> ChatReply:
        """The script's answer.

        Raises:
            ModelError, BudgetExceeded: the script says so, or it has come to its end.
        """
        self.requests.append(request)
        answer = self._answer(request)
        if isinstance(answer, ModelError):
            raise type(answer)(answer.cause, answer.role or request.role) from answer
        if isinstance(answer, BudgetExceeded):
            raise answer
        return ChatReply(answer) if isinstance(answer, str) else answer

    def _next(self, request: ChatRequest) -> Answer:
        asked, answers = len(self.requests), self._answers
        if asked > len(answers):
            return ModelError(f"the script has {len(answers)} answers, and was asked {asked} times", request.role)
        return answers[asked - 1]

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The script's answer, as :meth:`complete`."""
        return self.complete(request)

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""
