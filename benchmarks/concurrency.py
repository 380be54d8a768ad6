"""How well many dialogues at once use an endpoint that takes 200 ms: efficiency and processor time per call.

An endpoint in a process and on a core of its own answers every request after 200 ms. N dialogues play steps of
three calls, one after the other, with prompts of ten messages (about 3 kB) and answers of about 400 characters.
Efficiency is the critical path (calls x 200 ms) over the wall time, with the client on one core. The dialogues
move in lock step, which is the worst case: every wave arrives at once. Each figure is the median and the worst
of five rounds; connections are open before the first. Peers run when they are installed: pip install aiohttp.

The limit beside them sends a request that was written beforehand over a bare asyncio connection and counts the
bytes of the answer: what the system and the event loop take, which no client can go below. At the end stands how
flat the processor time of ``fast`` is, over N and over the length of the prompt, and how flat that limit is.

    python benchmarks/concurrency.py [--json FILE] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bare_connection import bare
from machine import machine, version_of

from empa_gym.chat import ChatRequest, Message
from empa_gym.clients import Governor, Limits, ModelConfig, connect

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ROOT / "tests" / "clients" / "loopback.py"
DELAY = 0.2
STEPS = 2
CALLS_A_STEP = 3
ROUNDS = 5
LINE = "This is a line of a dialogue, and it says something. " * 6
VERSIONS = ("openai", "pyreqwest", "aiohttp", "httpx", "httpx2")
ALL_AT_ONCE = Limits(concurrency=4096, start=4096)
"""A governor that admits everything: what the governor itself costs."""

LIMIT = "limit: bare asyncio"
FLAT = 1.3
"""The most that the dearest call may cost of the cheapest, over N and over the length of the prompt."""

Ask = Callable[[ChatRequest], Awaitable[object]]
Connected = tuple[Ask, Callable[[], Awaitable[None]]]


class Figure(NamedTuple):
    """One client with so many dialogues and messages; ``goal`` is the least efficiency, None without one."""

    client: str
    dialogues: int
    messages: int
    efficiency: float
    worst: float
    cpu_us: float
    worst_cpu_us: float
    goal: float | None = None
    note: str = ""


def prompt(messages: int) -> ChatRequest:
    roles = ["system", *["user", "assistant"] * messages][:messages]
    return ChatRequest("judge", tuple(Message(role, LINE) for role in roles))


def ours(transport: str, governed: bool = False) -> Callable[[str], Connected]:
    """One of our clients."""

    def made(url: str) -> Connected:
        config = ModelConfig("tiny", url, "", timeout=60.0, transport=transport)  # type: ignore[arg-type]
        client = connect(config, Governor(ALL_AT_ONCE) if governed else None)
        return client.acomplete, client.aclose

    return made


def plain_openai(url: str) -> Connected:
    """The package as its manual shows it."""
    client = importlib.import_module("openai").AsyncOpenAI(api_key="none", base_url=url, max_retries=0)

    async def ask(request: ChatRequest) -> object:
        messages = [{"role": role, "content": content} for role, content in request.messages]
        return await client.chat.completions.create(model="tiny", messages=messages)

    return ask, client.close


def plain_aiohttp(url: str) -> Connected:
    """The package aiohttp without anything around it: no typed answer, no limits, no second attempt."""
    aiohttp = importlib.import_module("aiohttp")
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def ask(request: ChatRequest) -> object:
        messages = [{"role": role, "content": content} for role, content in request.messages]
        async with session.post(f"{url}/chat/completions", json={"model": "tiny", "messages": messages}) as response:
            return await response.json()

    return ask, session.close


async def dialogue(ask: Ask, request: ChatRequest) -> None:
    for _ in range(STEPS * CALLS_A_STEP):
        await ask(request)


async def rounds(
    connected: Callable[[str], Connected], url: str, dialogues: int, messages: int
) -> list[tuple[float, float]]:
    """Efficiency and processor microseconds per call of each round."""
    ask, close = connected(url)
    request, found = prompt(messages), []
    await asyncio.gather(*(ask(request) for _ in range(dialogues)))
    for _ in range(ROUNDS):
        cpu, begin = processor_seconds(), time.perf_counter()
        await asyncio.gather(*(dialogue(ask, request) for _ in range(dialogues)))
        wall = time.perf_counter() - begin
        calls = STEPS * CALLS_A_STEP
        found.append((calls * DELAY / wall, (processor_seconds() - cpu) / (dialogues * calls) * 1e6))
    await close()
    return found


def processor_seconds() -> float:
    """Of this process with all its threads, in user and in system mode."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def endpoint(core: int) -> Iterator[str]:
    """The address of an endpoint in a process and on a core of its own."""
    command = [sys.executable, str(LOOPBACK), "--delay", str(DELAY)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {core})
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


CLIENTS: dict[str, Callable[[str], Connected]] = {
    "fast": ours("fast"),
    "fast, governed": ours("fast", governed=True),
    "openai": ours("openai"),
    LIMIT: bare,
    "peer: AsyncOpenAI.create": plain_openai,
    "peer: aiohttp": plain_aiohttp,
}
PLAN: list[tuple[str, int, int, float | None]] = [
    ("fast", 64, 10, 0.97),
    ("fast", 256, 10, 0.90),
    ("fast", 1024, 10, 0.68),
    ("fast", 64, 1, None),
    ("fast", 64, 45, None),
    ("fast, governed", 64, 10, None),
    ("fast, governed", 1024, 10, None),
    ("openai", 64, 10, 0.85),
    ("openai", 256, 10, 0.50),
    ("openai", 64, 45, None),
    (LIMIT, 64, 1, None),
    (LIMIT, 64, 10, None),
    (LIMIT, 64, 45, None),
    (LIMIT, 256, 10, None),
    (LIMIT, 1024, 10, None),
    ("peer: AsyncOpenAI.create", 64, 10, None),
    ("peer: AsyncOpenAI.create", 256, 10, None),
    ("peer: aiohttp", 64, 10, None),
    ("peer: aiohttp", 256, 10, None),
    ("peer: aiohttp", 1024, 10, None),
]


def measure(name: str, dialogues: int, messages: int, goal: float | None, url: str) -> Figure:
    found = asyncio.run(rounds(CLIENTS[name], url, dialogues, messages))
    efficiencies, costs = [one[0] for one in found], [one[1] for one in found]
    middle = statistics.median
    return Figure(
        name,
        dialogues,
        messages,
        middle(efficiencies),
        min(efficiencies),
        middle(costs),
        max(costs),
        goal,
        f"load {os.getloadavg()[0]:.1f}",
    )


def show(figure: Figure) -> str:
    goal = (
        "" if figure.goal is None else f"{figure.goal:6.2f} {'met' if figure.efficiency >= figure.goal else 'MISSED'}"
    )
    return (
        f"{figure.client:26}{figure.dialogues:6}{figure.messages:5}{figure.efficiency:9.3f}{figure.worst:8.3f}"
        f"{figure.cpu_us:9.0f}{figure.worst_cpu_us:8.0f}  {figure.note:10}{goal}"
    )


class Spread(NamedTuple):
    """The dearest call of a client over the cheapest, while one thing varies."""

    client: str
    over: str
    ratio: float
    goal: float | None


def spreads(figures: list[Figure]) -> list[Spread]:
    """How flat the processor time of a call is, as far as it was measured."""
    found = []
    for client, goal in (("fast", FLAT), (LIMIT, None)):
        mine = [figure for figure in figures if figure.client == client]
        over_n = [figure.cpu_us for figure in mine if figure.messages == 10]
        over_messages = [figure.cpu_us for figure in mine if figure.dialogues == 64]
        for over, costs in (("N", over_n), ("messages", over_messages)):
            if len(costs) > 1:
                found.append(Spread(client, over, max(costs) / min(costs), goal))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", nargs="*", help="clients to measure")
    arguments = parser.parse_args()
    facts: dict[str, Any] = machine() | {
        "transports": {name: version_of(name) for name in VERSIONS if version_of(name)}
    }
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {first})
    print(f"\n{'':26}{'N':>6}{'msgs':>5}{'eff':>9}{'worst':>8}{'us/call':>9}{'worst':>8}  {'':10}{'goal':>6}")
    figures = []
    with endpoint(others[0] if others else first) as url:
        for name, dialogues, messages, goal in PLAN:
            wanted = not arguments.only or name in arguments.only
            if wanted and (name != "peer: aiohttp" or importlib.util.find_spec("aiohttp")):
                figures.append(measure(name, dialogues, messages, goal, url))
                print(show(figures[-1]), flush=True)
    flat = spreads(figures)
    for spread in flat:
        verdict = (
            "" if spread.goal is None else f"{spread.goal:6.2f} {'met' if spread.ratio <= spread.goal else 'MISSED'}"
        )
        print(f"{spread.client:26}us/call over {spread.over:9} {spread.ratio:6.2f}x {verdict}")
    if arguments.json:
        figures_and_spreads = {
            "figures": [figure._asdict() for figure in figures],
            "spreads": [spread._asdict() for spread in flat],
        }
        text = json.dumps({**facts, **figures_and_spreads}, indent=2)
        arguments.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
