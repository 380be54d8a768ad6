"""The client on the official ``openai`` package, 2.x and 3.x.

It goes through ``AsyncOpenAI.post``: ``chat.completions.create`` costs about 0.12 ms of processor time for
each message of a dialogue, 5.7 ms at 45 messages, because it walks every field of every one.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

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

    def use(self, key: str) -> None:
        """Send this key from now on."""
        self._client.api_key = key or NO_KEY

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.close()


class Kept(NamedTuple):
    """The connections of one event loop, and what closes them: with the loop, or when their client is forgotten."""

    transport: OpenAITransport
    end: AsyncGenerator[None, None]
    forgotten: weakref.finalize[..., OpenAIClient]


class OpenAIClient(RemoteClient):
    """A client on the official package; see :class:`~empa_gym.clients.remote.RemoteClient`."""

    def __init__(self, config: ModelConfig, governor: Governor | None = None) -> None:
        super().__init__(config, governor)
        self._kept: dict[asyncio.AbstractEventLoop, Kept] = {}

    def _transport(self, key: str) -> Transport:
        loop = asyncio.get_running_loop()
        kept = self._kept.get(loop)
        if kept is None:
            for ended in [one for one in list(self._kept) if one.is_closed()]:
                self._kept.pop(ended).forgotten.detach()
            kept = self._kept[loop] = self._keep(OpenAITransport(self.config.base_url, key), loop)
        kept.transport.use(key)
        return kept.transport

    async def aclose(self) -> None:
        """Give the running loop's connections back."""
        kept = self._kept.pop(asyncio.get_running_loop(), None)
        if kept is not None:
            kept.forgotten.detach()
            await kept.end.aclose()

    def _keep(self, transport: OpenAITransport, loop: asyncio.AbstractEventLoop) -> Kept:
        """Connections that are closed with the running loop, or when this client is forgotten.

        An event loop closes the asynchronous generators that are left when it ends (``asyncio.run`` does so).
        """
        end = _close_at_the_end(transport)
        with contextlib.suppress(StopIteration):
            end.__anext__().send(None)  # as far as its yield, where it waits for nothing: so the loop knows it
        # It holds the connections until then: garbage that holds sockets would warn of them before it closes them.
        forgotten = weakref.finalize(self, _end_on, loop, end)
        forgotten.atexit = False
        return Kept(transport, end, forgotten)


async def _close_at_the_end(transport: OpenAITransport) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await transport.aclose()


def _end_on(loop: asyncio.AbstractEventLoop, end: AsyncGenerator[None, None]) -> None:
    """Close connections on their loop, from any thread; there is nothing to be done where it does not run."""
    if loop.is_running():
        asyncio.run_coroutine_threadsafe(_ended(end), loop)


async def _ended(end: AsyncGenerator[None, None]) -> None:
    await end.aclose()
