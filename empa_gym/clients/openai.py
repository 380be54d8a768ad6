"""The client on the official ``openai`` package, 2.x and 3.x.

It goes through ``AsyncOpenAI.post``: ``chat.completions.create`` costs about 0.12 ms of processor time for
each message of a dialogue, 5.7 ms at 45 messages, because it walks every field of every one.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import weakref
from typing import Any

import openai

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.failures import Answer, Failure, broken_off, timed_out
from empa_gym.clients.governor import Governor
from empa_gym.clients.remote import PATH, RemoteClient, Transport
from empa_gym.loading import load

HTTPX: Any = load(openai.DefaultAsyncHttpxClient.__bases__[0].__module__.partition(".")[0])
"""The package under ``openai``: httpx in 2.x, httpx2 in 3.x."""
UNSENT: Any = dict.fromkeys(
    (
        *("X-Stainless-Lang", "X-Stainless-Package-Version", "X-Stainless-OS", "X-Stainless-Arch"),
        *("X-Stainless-Runtime", "X-Stainless-Runtime-Version", "X-Stainless-Async"),
        *("X-Stainless-Retry-Count", "X-Stainless-Read-Timeout"),
    ),
    openai.Omit(),
)
"""Headers about this machine, which no endpoint needs; without them a call takes 6% less processor time."""
POOL_SIZE = 4
"""Calls at once in one pool, by measurement."""
NO_KEY = "none"
"""What is sent to an endpoint without keys, since the package insists on one."""


class Pool:
    """A few connections: an own client of the package, and how many of its calls are under way."""

    def __init__(self, base_url: str, key: str, security: ssl.SSLContext) -> None:
        carrier: Any = openai.DefaultAsyncHttpxClient(verify=security)
        self.client = openai.AsyncOpenAI(
            api_key=key or NO_KEY, base_url=base_url, max_retries=0, default_headers=UNSENT, http_client=carrier
        )
        self.running = 0


class OpenAITransport(Transport):
    """Connections of one event loop, in pools of a few each.

    The pool under the package looks at every connection before every request, so that one pool with all of
    them would cost more the more dialogues there are.
    """

    def __init__(self, base_url: str, key: str) -> None:
        self._open = functools.partial(Pool, base_url, key, HTTPX.create_ssl_context())
        self._pools: list[Pool] = []
        self._with_room: list[Pool] = []

    async def send(self, body: dict[str, Any], seconds: float) -> Answer | Failure:
        """What the endpoint answered; the time is for the whole answer, not for each piece of it."""
        pool = self._enter()
        try:
            return await self._post(pool.client, body, seconds)
        finally:
            self._leave(pool)

    def _enter(self) -> Pool:
        if not self._with_room:
            self._pools.append(self._open())
            self._with_room.append(self._pools[-1])
        pool = self._with_room[-1]
        pool.running += 1
        if pool.running == POOL_SIZE:
            self._with_room.pop()
        return pool

    def _leave(self, pool: Pool) -> None:
        if pool.running == POOL_SIZE:
            self._with_room.append(pool)
        pool.running -= 1

    async def _post(self, client: openai.AsyncOpenAI, body: dict[str, Any], seconds: float) -> Answer | Failure:
        try:
            post = client.post(PATH, body=body, cast_to=HTTPX.Response, options={"timeout": None})
            response = await asyncio.wait_for(post, seconds)
        except (asyncio.TimeoutError, openai.APITimeoutError):
            return timed_out(seconds)
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            return broken_off(type(error.__cause__ or error).__name__)
        return Answer(response.status_code, response.headers, response.content)

    async def aclose(self) -> None:
        """Give the connections back."""
        for pool in self._pools:
            await pool.client.close()


class OpenAIClient(RemoteClient):
    """A client on the official package; see :class:`~empa_gym.clients.remote.RemoteClient`."""

    def __init__(self, config: ModelConfig, governor: Governor | None = None) -> None:
        super().__init__(config, governor)
        self._transports: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, OpenAITransport]
        self._transports = weakref.WeakKeyDictionary()

    def _transport(self, key: str) -> Transport:
        loop = asyncio.get_running_loop()
        transport = self._transports.get(loop)
        if transport is None:
            transport = self._transports[loop] = OpenAITransport(self.config.base_url, key)
            weakref.finalize(self, _close_later, weakref.ref(loop), transport).atexit = False
        return transport

    async def aclose(self) -> None:
        """Give the running loop's connections back."""
        transport = self._transports.pop(asyncio.get_running_loop(), None)
        if transport is not None:
            await transport.aclose()


def _close_later(loop: weakref.ref[asyncio.AbstractEventLoop], transport: OpenAITransport) -> None:
    """Give back the connections of a client that was forgotten, on the loop that used them if it still runs."""
    running = loop()
    if running is not None and running.is_running():
        asyncio.run_coroutine_threadsafe(transport.aclose(), running)
