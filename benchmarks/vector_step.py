"""What a step of the native vector environment costs beside Gymnasium's SyncVectorEnv, and how long N slots wait.

First the embedded casts, which ask no model: microseconds for each slot's turn, both kinds made by
``gym.make_vec``, rounds of one and the other in turn. Then a cast of three models behind an endpoint in a process
of its own that takes 200 ms an answer (three answers a turn, one after the other): seconds of a step of 1 and of 64
slots. Replies are made beforehand. Each figure is the median and the worst of five rounds.

    python benchmarks/vector_step.py [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
from machine import machine

import empa_gym  # noqa: F401  (registers the ids)

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
TURNS = 400
"""Turns of a round, of all slots together."""
DELAY = 0.2
MANY = 64
UNENDING = {"base": "published", "rules_end": False}
TEXT = "That sounds hard, and I am glad you told me. What was it like for you when you heard of it {}?"
SERVE = """
import asyncio, sys
from tests.clients.loopback import Loopback
from tests.clients.players import speaks
async def serve():
    server = Loopback(speaks, float(sys.argv[1]), keep=False)
    listening = await server.listen()
    print(server.url, flush=True)
    await listening.serve_forever()
asyncio.run(serve())
"""


class Figure(NamedTuple):
    """One measured claim; ``goal`` is the most that it may be."""

    name: str
    unit: str
    median: float
    worst: float
    goal: float | None = None


def replies(step: int, slots: int) -> list[str]:
    return [TEXT.format(f"{step} times, or {slot}") for slot in range(slots)]


def turns(envs: Any, slots: int, first: int) -> float:
    """Microseconds of a slot's turn."""
    said = [replies(first + step, slots) for step in range(TURNS // slots)]
    begin = time.perf_counter()
    for each in said:
        envs.step(each)
    return (time.perf_counter() - begin) / len(said) / slots * 1e6


def embedded(cast: str, slots: int) -> list[Figure]:
    """The two kinds of vector environment with a cast that asks no model, and what one is of the other."""
    given: dict[str, Any] = {"num_envs": slots, "cast": cast, "rules": UNENDING}
    native, stock = (gym.make_vec("EMPA-v0", vectorization_mode=mode, **given) for mode in (None, "sync"))
    found: list[tuple[float, float]] = []
    for number in range(ROUNDS + 1):  # the first round warms up
        for envs in (native, stock):
            envs.reset(seed=number)
        order = (native, stock) if number % 2 else (stock, native)
        # New texts for each, since the embedded judge reads a sentence that comes again for nothing.
        cost = {envs: turns(envs, slots, (2 * number + place) * TURNS) for place, envs in enumerate(order)}
        found.append((cost[native], cost[stock]))
    ratios = [one / other for one, other in found[1:]]
    name = f"{cast} cast, {slots} slots"
    return [
        of_rounds(f"{name}, native, a turn", "us", [one for one, _ in found[1:]]),
        of_rounds(f"{name}, SyncVectorEnv, a turn", "us", [other for _, other in found[1:]]),
        of_rounds(f"{name}, native / SyncVectorEnv", "x", ratios, 1.1),
    ]


@contextlib.contextmanager
def endpoint() -> Iterator[str]:
    """The address of an endpoint in a process of its own."""
    command = [sys.executable, "-c", SERVE, str(DELAY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def waiting(url: str, transport: str) -> list[Figure]:
    """Seconds of a step with models, of one slot and of many."""
    model = {"model": "tiny", "base_url": url, "api_key_env": "", "transport": transport}
    rules = {**UNENDING, "max_turns": 2 * ROUNDS + 3}
    found: dict[int, list[float]] = {1: [], MANY: []}
    made = {}
    for slots in found:
        envs = made[slots] = gym.make_vec(
            "EMPA-LLM-v0",
            num_envs=slots,
            cast=dict.fromkeys(("actor", "director", "judge"), model),
            rules=rules,
            ceilings={"concurrency": MANY, "start": MANY},
        )
        envs.reset(seed=0)
        envs.step(replies(0, slots))  # connections are open from here on
    for step in range(1, ROUNDS + 1):
        for slots, envs in made.items():
            said = replies(step, slots)
            begin = time.perf_counter()
            envs.step(said)
            found[slots].append(time.perf_counter() - begin)
    for envs in made.values():
        envs.close()
    name = f"models at {DELAY * 1000:.0f} ms, {transport}"
    ratios = [many / one for one, many in zip(found[1], found[MANY], strict=True)]
    return [
        of_rounds(f"{name}, a step of 1 slot", "s", found[1]),
        of_rounds(f"{name}, a step of {MANY} slots", "s", found[MANY]),
        of_rounds(f"{name}, {MANY} slots / 1 slot", "x", ratios, 1.1),
    ]


def of_rounds(name: str, unit: str, found: list[float], goal: float | None = None) -> Figure:
    return Figure(name, unit, statistics.median(found), max(found), goal)


def show(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"{figure.goal:9.2f}  {'met' if figure.median <= figure.goal else 'MISSED'}"
    return f"{figure.name:62} {figure.median:9.3f} {figure.worst:9.3f} {figure.unit:4}{goal}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    path = parser.parse_args().json
    facts = machine()
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    print(f"\n{'':62} {'median':>9} {'worst':>9}     {'goal':>9}")
    figures: list[Figure] = []
    parts = [(embedded, (cast, slots)) for cast in ("null", "offline") for slots in (1, 8, MANY)]
    with endpoint() as url:
        for part, arguments in [*parts, (waiting, (url, "openai")), (waiting, (url, "fast"))]:
            for figure in part(*arguments):  # type: ignore[operator]
                figures.append(figure)
                print(show(figure), flush=True)
    if path:
        path.write_text(json.dumps({**facts, "figures": [figure._asdict() for figure in figures]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
