"""A chat endpoint on 127.0.0.1 that misbehaves as it is told: for tests, and as a process for benchmarks.

with Loopback(faults({"reset": 0.1}, seed=1)) as server:
    config = ModelConfig("tiny", base_url=server.url, api_key_env="")

python tests/clients/loopback.py --delay 0.2     # prints its address, serves until it is ended
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

HANG = 15.0
"""Seconds; longer than any test waits, and short enough that a test which waits fails."""
PHRASES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 408: "Timeout"}


class Asked(NamedTuple):
    """A request as it came: how many came before it, its path, its headers in lower case, and its body."""

    index: int
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.body)
        return data


class Told(NamedTuple):
    """What the endpoint does: pauses, sends head and body, perhaps only some of the body, then hangs or resets."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0.0
    sent: int | None = None
    then: str = "keep"  # "keep" the connection, "hang", "reset", or "trickle" the rest byte by byte


Script: TypeAlias = Callable[[Asked], Told]


def completion(text: str | None = "I hear you.", **changes: Any) -> dict[str, Any]:
    """The JSON of a chat completion; ``changes`` replace its fields."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny",
        "choices": [choice],
        "usage": usage,
    } | changes


def told(data: object, status: int = 200, **more: Any) -> Told:
    """Data as the body of an answer."""
    return Told(status, json.dumps(data, ensure_ascii=False).encode(), **more)


def refusal(status: int, message: str, code: str | None = None, **more: Any) -> Told:
    """An error in the form that OpenAI gives it."""
    return told({"error": {"message": message, "type": "an_error", "param": None, "code": code}}, status, **more)


def finished(reason: str, text: str | None) -> Told:
    """An answer that ended for another reason than its end."""
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": text}}
    return told(completion(choices=[choice]))


GOOD = told(completion())
FAULTS: dict[str, Told] = {
    "429 with Retry-After": refusal(429, "slow down", headers=(("Retry-After", "0.05"),)),
    "429": refusal(429, "slow down"),
    "500": refusal(500, "oops"),
    "502": Told(502, b"<html>bad gateway</html>"),
    "slow first byte": GOOD._replace(pause=HANG),
    "stall mid-body": GOOD._replace(sent=40, then="hang"),
    "trickle": GOOD._replace(sent=10, then="trickle"),
    "reset": Told(then="reset", sent=0),
    "reset mid-body": GOOD._replace(sent=40, then="reset"),
    "truncated JSON": Told(body=GOOD.body[:60]),
    "wrong schema": told({"result": "I hear you."}),
    "empty choices": told(completion(choices=[])),
    "content filter": finished("content_filter", ""),
    "length stop": finished("length", "I hear"),
    "invalid UTF-8": Told(body=GOOD.body.replace(b"hear", b"\xff\xfe")),
}
"""Every way to go wrong, by name."""


def always(told_: Told = GOOD) -> Script:
    """The same for every request."""
    return lambda _: told_


def in_turn(*tolds: Told) -> Script:
    """One after the other; the last is repeated."""
    return lambda asked: tolds[min(asked.index, len(tolds) - 1)]


def faults(shares: Mapping[str, float], seed: int, otherwise: Script | None = None) -> Script:
    """Each fault with its probability, by a generator of its own."""
    draw, names, weights = random.Random(seed), list(shares), list(shares.values())

    def script(asked: Asked) -> Told:
        name = draw.choices([*names, ""], [*weights, 1.0 - sum(weights)])[0]
        return FAULTS[name] if name else (otherwise or always())(asked)

    return script


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as a chat client speaks it."""

    def __init__(self, server: Loopback) -> None:
        self.server, self.buffer, self.need = server, bytearray(), -1
        self.head: tuple[str, dict[str, str]] = ("", {})
        self.tasks: set[asyncio.TimerHandle] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.take():
            pass

    def take(self) -> bool:
        """Answers the next request that is there as a whole."""
        if self.need < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self.head, self.need = (first.split()[1], headers), int(headers.get("content-length", 0))
            del self.buffer[: end + 4]
        if len(self.buffer) < self.need:
            return False
        body = bytes(self.buffer[: self.need])
        del self.buffer[: self.need]
        self.need = -1
        self.answer(self.server.meet(*self.head, body))
        return True

    def answer(self, told_: Told) -> None:
        self.server.waiting += 1
        self.server.most = max(self.server.most, self.server.waiting)
        if told_.pause + self.server.delay > 0:
            asyncio.get_running_loop().call_later(told_.pause + self.server.delay, self.send, told_)
        else:
            self.send(told_)

    def send(self, told_: Told) -> None:
        self.server.waiting -= 1
        if self.transport.is_closing():
            return
        if told_.sent != 0:
            lines = [f"HTTP/1.1 {told_.status} {PHRASES.get(told_.status, 'Status')}", "Content-Type: application/json"]
            lines += [f"Content-Length: {len(told_.body)}", *(f"{name}: {value}" for name, value in told_.headers)]
            self.transport.write("\r\n".join([*lines, "", ""]).encode() + told_.body[: told_.sent])
        if told_.then == "reset":
            self.reset()
        elif told_.then == "trickle":
            self.trickle(told_.body[told_.sent :])

    def trickle(self, rest: bytes) -> None:
        if rest and not self.transport.is_closing():
            self.transport.write(rest[:1])
            asyncio.get_running_loop().call_later(0.05, self.trickle, rest[1:])

    def reset(self) -> None:
        """Ends the connection with RST, as a crashed server's system does."""
        raw = self.transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        asyncio.get_running_loop().call_later(0.005, self.transport.abort)


class Loopback:
    """An endpoint in a thread of its own.

    Args:
        script: what it does with each request.
        delay: seconds before every answer.

    Attributes:
        asked: the requests that came, in order.
        most: how many waited for their answer at once, at most.
    """

    def __init__(self, script: Script | None = None, delay: float = 0.0, *, keep: bool = True) -> None:
        self.script, self.delay, self.keep = script or always(), delay, keep
        self.asked: list[Asked] = []
        self.waiting = self.most = self.count = self.port = 0
        self.connections: set[Connection] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def meet(self, path: str, headers: Mapping[str, str], body: bytes) -> Told:
        asked = Asked(self.count, path, headers, body)
        self.count += 1
        if self.keep:
            self.asked.append(asked)
        return self.script(asked)

    def __enter__(self) -> Loopback:
        self._loop, started = asyncio.new_event_loop(), threading.Event()

        def serve() -> None:
            self._server = self._loop.run_until_complete(self.listen())
            started.set()
            self._loop.run_forever()
            self._loop.close()

        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()
        started.wait(5)
        return self

    async def listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self), "127.0.0.1", self.port, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(5)

    def _end(self) -> None:
        self._server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        self._loop.call_soon(self._loop.call_soon, self._loop.stop)


async def serve_for_ever(delay: float, text: str) -> None:
    server = Loopback(always(told(completion(text))), delay, keep=False)
    listening = await server.listen()
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    await listening.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--text", default="I hear you. " * 33, help="what is answered")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve_for_ever(arguments.delay, arguments.text))
