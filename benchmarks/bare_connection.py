"""What a question to an endpoint costs without any client: the limit beside which benchmarks/concurrency.py stands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from empa_gym.chat import ChatRequest

Ask = Callable[[ChatRequest], Awaitable[object]]


class Bare(asyncio.Protocol):
    """A connection that sends bytes and waits until as many came back as an answer has."""

    def __init__(self) -> None:
        self.came, self.due = 0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        if not self.came:
            head, _, _ = data.partition(b"\r\n\r\n")
            self.due = len(head) + 4 + int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.came += len(data)
        if self.came >= self.due and not self.answered.done():
            self.answered.set_result(None)

    async def exchange(self, request: bytes) -> None:
        """Send a request and wait for its answer."""
        self.came, self.answered = 0, asyncio.get_running_loop().create_future()
        self.transport.write(request)
        await self.answered


def bare(url: str) -> tuple[Ask, Callable[[], Awaitable[None]]]:
    """No client at all: the limit."""
    parts = urlsplit(url)
    free: list[Bare] = []
    written: dict[ChatRequest, bytes] = {}

    async def ask(request: ChatRequest) -> object:
        if request not in written:
            messages = [{"role": role, "content": content} for role, content in request.messages]
            body = json.dumps({"model": "tiny", "messages": messages}).encode()
            head = f"POST {parts.path}/chat/completions HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n\r\n"
            written[request] = head.encode() + body
        if not free:
            _, one = await asyncio.get_running_loop().create_connection(Bare, parts.hostname, parts.port)
            free.append(one)
        connection = free.pop()
        await connection.exchange(written[request])
        free.append(connection)
        return None

    async def close() -> None:
        for connection in free:
            connection.transport.close()

    return ask, close
