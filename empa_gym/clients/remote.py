"""What every client of an endpoint does, whatever carries its bytes: limits, attempts, deadlines, usage, errors."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.background import run_in_background
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.encoding import prompt_json
from empa_gym.clients.failures import Answer, Failure
from empa_gym.clients.governor import Governor, Outcome
from empa_gym.clients.hiding import SentKeys, key_in
from empa_gym.clients.lanes import Route, Slot
from empa_gym.clients.ledger import Amount
from empa_gym.clients.manners import Manners
from empa_gym.clients.retrying import Patience
from empa_gym.clients.wire import body_of, guessed_tokens, reply_of
from empa_gym.errors import AuthenticationFailed, DeadlineExceeded, ModelError

PATH = "/chat/completions"
RESERVED_ANSWER = 2048
"""Tokens that are reserved for an answer without ``max_tokens``, and asked for as its maximum under a ceiling."""
LENGTH_FIELDS = ("max_tokens", "max_completion_tokens")
"""The field's old and new name; newer models of OpenAI know the new one only, many servers the old one."""


class Transport(ABC):
    """Carries one request to the endpoint and its answer back, once. It holds the key and the connections."""

    @abstractmethod
    async def send(self, body: bytes, seconds: float) -> Answer | Failure:
        """What the endpoint answered, whatever its status; or why it did not within that time."""

    @abstractmethod
    async def aclose(self) -> None:
        """Give the connections back."""


class RemoteClient(ABC):
    """A client of one model behind an OpenAI-compatible endpoint.

    It can be pickled and copied: settings and what was learnt of the endpoint travel, connections and the
    key do not. It may be used from several threads and event loops.

    Args:
        config: which model, where, how.
        governor: what all calls of the process pass; None for no limits.
    """

    def __init__(self, config: ModelConfig, governor: Governor | None = None) -> None:
        self.config = config
        self.governor = governor
        self.manners = Manners(config.answers)
        self.keys = SentKeys()

    @abstractmethod
    def _transport(self, key: str) -> Transport | Failure:
        """The connections for the running loop, which send this key from now on."""

    def complete(self, request: ChatRequest) -> ChatReply:
        """The model's answer; see :meth:`acomplete`. Blocks."""
        return run_in_background(self.acomplete(request))

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The model's answer.

        Raises:
            ModelError: there is none, for good; its class says why.
            BudgetExceeded: a ceiling is reached; nothing was sent.
        """
        reply = await Call(self, request).answer()
        if isinstance(reply, ModelError):
            raise reply  # outside any handler: no lower error, which may know the key, hangs on it
        return reply

    def close(self) -> None:
        """Give the connections back."""
        run_in_background(self.aclose())

    @abstractmethod
    async def aclose(self) -> None:
        """Give the connections back."""

    def transport(self) -> Transport | Failure:
        """The connections, or why there can be none. They send the key that the environment holds now."""
        name = self.config.api_key_env
        key = key_in(name)
        if name and not key:
            return Failure(
                AuthenticationFailed,
                f"the environment variable {name} holds no key; set it, or set api_key_env to '' where none is needed",
            )
        if not (key.isascii() and key.isprintable()):
            return Failure(AuthenticationFailed, f"the environment variable {name} holds something else than a key")
        self.keys.add(key)
        return self._transport(key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self.config.model!r}, base_url={self.config.base_url!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (type(self), self.config, self.governor, self.manners))


def _again(
    kind: Callable[..., RemoteClient], config: ModelConfig, governor: Governor | None, manners: Manners
) -> RemoteClient:
    """The client that was copied or pickled, without connections."""
    client = kind(config, governor)
    client.manners = manners
    return client


class Call:
    """One call: attempts, until there is an answer, a final failure, or no more time."""

    def __init__(self, client: RemoteClient, request: ChatRequest) -> None:
        self._client, self._request = client, request
        self._config, self._governor = client.config, client.governor
        self._began = time.monotonic()
        self._until = self._began + self._config.deadline
        if self._governor is not None:
            self._until = min(self._until, self._governor.turn_ends(request))
        self._patience = Patience(self._config, self._until)
        self._route = Route(self._config.base_url, self._config.model, request.role)
        self._weaker = 0
        self._sent = 0
        self._prompt = prompt_json(request.messages)
        self._prompt_tokens = guessed_tokens(self._prompt, request.answer)
        self._reserve = self._amount(self._config.max_tokens or RESERVED_ANSWER)

    def _amount(self, answer: int) -> Amount:
        """What the call uses when its answer has so many tokens, its prompt being guessed."""
        return Amount(self._prompt_tokens + answer, self._config.cost(self._prompt_tokens, answer))

    @property
    def _longest(self) -> int | None:
        """The most tokens that the endpoint is allowed: a ceiling holds only if the answer keeps to its reserve."""
        bound = self._governor is not None and self._governor.limits.bound_answers
        return RESERVED_ANSWER if bound and self._config.max_tokens is None else self._config.max_tokens

    async def answer(self) -> ChatReply | ModelError:
        """The reply with all that it cost, or the error that ends the call."""
        while True:
            result = await self._attempt()
            if isinstance(result, ChatReply):
                self._client.manners.worked(self._request.answer, self._weaker)
                return self._with_usage(result)
            if self._reshaped(result):
                continue
            pause = self._patience.pause(result, time.monotonic(), reached=self._client.manners.reached)
            if pause is None:
                return self._error(result)
            await asyncio.sleep(pause)

    async def _attempt(self) -> ChatReply | Failure:
        """One request, if the governor lets it through."""
        transport = self._client.transport()
        if isinstance(transport, Failure):
            return transport
        slot: Slot | None = None
        if self._governor is not None:
            slot = await self._governor.admit(self._route, self._reserve, self._until, first=self._sent > 0)
        outcome = Outcome(self._reserve)  # of an attempt that is cancelled: it may be billed
        try:
            result = await self._send(transport)
            outcome = self._outcome(result)
        finally:
            if self._governor is not None and slot is not None:
                self._governor.settle(slot, outcome)
        return result

    async def _send(self, transport: Transport) -> ChatReply | Failure:
        seconds = min(self._config.timeout, self._until - time.monotonic())
        if seconds <= 0.0:
            return Failure(DeadlineExceeded, "no time was left")
        manners = self._client.manners
        manner = manners.of(self._request.answer, self._weaker)
        self._sent += 1
        body = body_of(self._prompt, self._request, self._config, manner, manners.length_field, self._longest)
        answer = await transport.send(body, seconds)
        if isinstance(answer, Failure):
            return answer
        manners.reached = True
        keys = self._client.keys
        reply = reply_of(keys.hidden_in_answer(answer), self._config)
        return keys.hidden_in_reply(reply) if isinstance(reply, ChatReply) else reply

    def _outcome(self, result: ChatReply | Failure) -> Outcome:
        """What the governor is told: tokens as counted there; guessed where the endpoint counts none.

        An attempt without an answer that may be billed counts as all that was reserved for it.
        """
        if isinstance(result, Failure):
            used = self._reserve if result.billed else Amount()
            return Outcome(used, throttled=result.throttled, wait=result.wait)
        usage = result.usage
        if not usage.prompt_tokens + usage.completion_tokens:
            return Outcome(self._amount(len(result.text.encode()) // 3 + 1), answered=True)
        return Outcome(Amount(usage.prompt_tokens + usage.completion_tokens, usage.cost), answered=True)

    def _reshaped(self, failure: Failure) -> bool:
        """Whether the request can be put in another way that the endpoint may take; no attempt is used up."""
        manners, old = self._client.manners, LENGTH_FIELDS[0]
        if not failure.reshape:
            return False
        if manners.length_field == old and self._longest is not None and LENGTH_FIELDS[1] in failure.cause:
            manners.length_field = LENGTH_FIELDS[1]
            return True
        if not manners.may_weaken(self._request.answer, self._weaker):
            return False
        self._weaker += 1
        return True

    def _with_usage(self, reply: ChatReply) -> ChatReply:
        seconds = time.monotonic() - self._began
        return reply._replace(usage=reply.usage._replace(calls=1, retries=self._sent - 1, seconds=seconds))

    def _error(self, failure: Failure) -> ModelError:
        """The final error: the last failure, and how long it was tried."""
        tried = ""
        if failure.again:
            seconds = time.monotonic() - self._began
            tried = f" ({self._sent} {'attempt' if self._sent == 1 else 'attempts'} in {seconds:.1f} s)"
        cause = "; ".join(filter(None, (failure.cause, self._patience.ended_by)))
        return failure.kind(self._client.keys.hidden(f"{cause}{tried}"), self._request.role)
