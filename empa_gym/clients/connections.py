"""Connections under the ``openai`` package, kept for the next call: what its own pool does, for less.

The package's pool looks at every connection before every request, and its connections send head and body of a
request one after the other. One look at one connection and one sending take a fifth off the processor time
of a call; the parts are those of the pool itself (httpcore), so that HTTP and TLS are as before.
"""

from __future__ import annotations

import ssl
from typing import Any

import anyio
import openai

from empa_gym.loading import load

HTTPX: Any = load(openai.DefaultAsyncHttpxClient.__bases__[0].__module__.partition(".")[0])
"""The package under ``openai``: httpx in 2.x, httpx2 in 3.x."""
HTTPCORE: Any = load(HTTPX.__name__.replace("httpx", "httpcore"))
"""And the one under that."""
BROKEN = (HTTPCORE.NetworkError, HTTPCORE.ProtocolError, HTTPCORE.TimeoutException)
"""What can happen to a connection; the upper package has classes of the same names."""
KEPT_SECONDS = 30.0
"""How long a connection without calls is kept, at most; the endpoint may close it sooner, which is seen."""


class Connections:
    """Connections to one address, as the package under ``openai`` wants its transport; of one event loop.

    Args:
        base_url: where to.
        security: how its certificate is checked.
    """

    def __init__(self, base_url: str, security: ssl.SSLContext) -> None:
        url = HTTPX.URL(base_url)
        port = url.port or {"https": 443}.get(url.scheme, 80)
        self._origin = HTTPCORE.Origin(url.raw_scheme, url.raw_host, port)
        self._security, self._network = security, AtOnce()
        self._free: list[Any] = []
        self._open = True

    async def handle_async_request(self, request: Any) -> Any:
        """The whole response to a request.

        Raises:
            HTTPX.TransportError: no connection could be had or kept; its class says which.
        """
        connection = await self._connection()
        try:
            response = await connection.handle_async_request(self._carried(request))
            content = b"".join([part async for part in response.stream])
            await response.aclose()
        except BROKEN as error:
            await connection.aclose()
            raise getattr(HTTPX, type(error).__name__)(str(error), request=request) from error
        except BaseException:  # a cancellation
            with anyio.CancelScope(shield=True):
                await connection.aclose()
            raise
        await self._keep(connection)
        return HTTPX.Response(response.status, headers=response.headers, content=content)

    async def _connection(self) -> Any:
        """One that is free and still open, else a new one."""
        while self._free:
            connection = self._free.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return HTTPCORE.AsyncHTTPConnection(
            self._origin, ssl_context=self._security, keepalive_expiry=KEPT_SECONDS, network_backend=self._network
        )

    async def _keep(self, connection: Any) -> None:
        if self._open and connection.is_available():
            self._free.append(connection)
        else:
            await connection.aclose()

    @staticmethod
    def _carried(request: Any) -> Any:
        url = request.url
        return HTTPCORE.Request(
            method=request.method,
            url=HTTPCORE.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )

    async def aclose(self) -> None:
        """Close those that are free; one with a call under way closes when that ends."""
        self._open = False
        free, self._free = self._free, []
        for connection in free:
            await connection.aclose()


class AtOnce:
    """The network, with streams that send at once what was written before they are read."""

    def __init__(self) -> None:
        self._network = HTTPCORE.AnyIOBackend()

    async def connect_tcp(self, *arguments: Any, **named: Any) -> Gathering:
        """A stream to a host."""
        return Gathering(await self._network.connect_tcp(*arguments, **named))


class Gathering:
    """A stream that gathers what is written until an answer is read: one packet, one waking of the other side."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._written: list[bytes] = []

    async def write(self, data: bytes, timeout: float | None = None) -> None:
        """Remember what is to be sent."""
        self._written.append(data)

    async def read(self, most: int, timeout: float | None = None) -> Any:
        """Send what was written, and wait for bytes."""
        if self._written:
            await self._send(timeout)
        return await self._stream.read(most, timeout)

    async def _send(self, timeout: float | None) -> None:
        """Send it; a call of its own, so that no frame that waits for the answer holds the key."""
        written, self._written = self._written, []
        await self._stream.write(b"".join(written), timeout)

    async def start_tls(self, *arguments: Any, **named: Any) -> Gathering:
        """The same over TLS."""
        return Gathering(await self._stream.start_tls(*arguments, **named))

    async def aclose(self) -> None:
        """Close it."""
        await self._stream.aclose()

    def get_extra_info(self, name: str) -> Any:
        """What the stream knows of itself."""
        return self._stream.get_extra_info(name)
