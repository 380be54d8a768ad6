"""The client on the official ``openai`` package, 2.x and 3.x.

It goes through ``AsyncOpenAI.post``: ``chat.completions.create`` costs about 0.12 ms of processor time for
each message of a dialogue, 5.7 ms at 45 messages, because it walks every field of every one.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

import anyio
import openai

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connections import HTTPX, Connections
from empa_gym.clients.failures import Answer, Failure, timed_out
from empa_gym.clients.governor import Governor
from empa_gym.clients.reaching import CONNECT_SECONDS, address_of, broken_off, causes, unreachable
from empa_gym.clients.remote import PATH, RemoteClient, Transport

UNSENT: Any = dict.fromkeys(
    (
        *("X-Stainless-Lang", "X-Stainless-Package-Version", "X-Stainless-OS", "X-Stainless-Arch"),
        *("X-Stainless-Runtime", "X-Stainless-Runtime-Version", "X-Stainless-Async"),
        *("X-Stainless-Retry-Count", "X-Stainless-Read-Timeout"),
    ),
    openai.Omit(),
)
"""Headers about this machine, which no endpoint needs; without them a call takes 6% less processor time."""
WAITING: Any = {"timeout": openai.Timeout(None, connect=CONNECT_SECONDS)}
"""How the package waits: for the whole answer as long as we let it, which it cannot say itself."""
NO_CONNECTION = (HTTPX.ConnectError, HTTPX.ConnectTimeout, HTTPX.ProxyError)
NO_KEY = "none"
"""What is sent to an endpoint without keys, since the package insists on one."""


class OpenAITransport(Transport):
    """The package's client, with connections of one event loop."""

    def __init__(self, base_url: str, key: str) -> None:
        self._address = address_of(base_url)
        security = HTTPX.create_ssl_context()
        # The way through a proxy is the package's own.
        way: Any = {"verify": security} if self._address.proxied else {"transport": Connections(base_url, security)}
        carrier: Any = openai.DefaultAsyncHttpxClient(follow_redirects=False, **way)
        self._client = openai.AsyncOpenAI(
            api_key=key or NO_KEY, base_url=base_url, max_retries=0, default_headers=UNSENT, http_client=carrier
        )

    async def send(self, body: bytes, seconds: float) -> Answer | Failure:
        """What the endpoint answered; the time is for the whole answer, not for each piece of it."""
        try:
            with anyio.fail_after(seconds):
                response = await self._client.post(PATH, content=body, cast_to=HTTPX.Response, options=WAITING)
        except TimeoutError:
            return timed_out(seconds)
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:  # its kind for timeouts too: of connecting, as we ask for no other
            carried = error.__cause__ or error
            if isinstance(carried, NO_CONNECTION):
                return unreachable(self._address, [*causes(carried)])
            return broken_off(self._address, type(carried).__name__)
        return Answer(response.status_code, response.headers, response.content)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.close()


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
