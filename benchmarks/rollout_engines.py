"""What two workers give where the processor is the bound: dialogues of the embedded cast, records kept on disk.

One process, two processes, two Ray actors (where Ray is installed), and two bare processes that each play half and tell
nobody: what this machine has to give. Each round plays the same dialogues everywhere, in an order that changes; workers
are started before. Ratios are of one round. It shows the machine's load, since another program's work spoils it.

    python benchmarks/rollout_engines.py [--dialogues 300] [--json FILE]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from machine import machine

from empa_gym.agents.casting import cast_from
from empa_gym.dialogue.record import EpisodeRecord, to_line
from empa_gym.policies import make_policy
from empa_gym.rollout import Game, Job, plan_jobs
from empa_gym.rollout.engines import Engine, InlineEngine, Work, make_engine
from empa_gym.scenarios import select_scenarios

ROUNDS = 5
WORKERS = 2
POLICY = "generic"
GOALS = {"processes": 1.6, "ray": 1.4}
CLUSTER = {"num_cpus": WORKERS, "object_store_memory": 100 * 2**20, "log_to_driver": False}
RAY_ENVIRONMENT = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}


class Figure(NamedTuple):
    """One measured claim; ``goal`` is the least that it may be."""

    name: str
    unit: str
    median: float
    worst: float
    goal: float | None = None


def work() -> Work:
    return Work({POLICY: make_policy(POLICY)}, Game(cast_from("offline")))


def jobs(number: int, dialogues: int) -> list[Job]:
    """The dialogues of a round: the shipped scenarios with seeds that no other round has."""
    scenarios = select_scenarios(["starter"])
    seeds = -(-dialogues // len(scenarios))
    return plan_jobs([POLICY], scenarios, range(number * seeds, (number + 1) * seeds))[:dialogues]


def keep(records: Iterable[EpisodeRecord]) -> int:
    """Write the records; how many turns they have."""
    turns = 0
    with tempfile.TemporaryFile("w", encoding="utf-8") as file:
        for record in records:
            file.write(to_line(record) + "\n")
            turns += len(record.turns)
    return turns


def half(number: int, dialogues: int, part: int) -> int:
    """What a bare process does."""
    return keep(InlineEngine().play(jobs(number, dialogues)[part::WORKERS], work()))


class Rates(NamedTuple):
    """Turns a second of each way, a figure for each round."""

    ways: dict[str, Callable[[int], int]]
    found: dict[str, list[float]]

    def play(self, number: int) -> None:
        """Play a round everywhere."""
        names = list(self.ways)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            begin = time.perf_counter()
            turns = self.ways[name](number)
            self.found[name].append(turns / (time.perf_counter() - begin))


def figures(found: dict[str, list[float]]) -> list[Figure]:
    rows = [of_rounds(f"{name}, turns judged and kept", "1/s", rates) for name, rates in found.items()]
    for name in list(found)[1:]:
        ratios = [many / one for many, one in zip(found[name], found["one process"], strict=True)]
        goal = next((goal for kind, goal in GOALS.items() if kind in name and "bare" not in name), None)
        rows.append(of_rounds(f"{name} / one process", "x", ratios, goal))
    return rows


def of_rounds(name: str, unit: str, found: Sequence[float], goal: float | None = None) -> Figure:
    return Figure(name, unit, statistics.median(found), min(found), goal)


def show(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"{figure.goal:9.2f}  {'met' if figure.median >= figure.goal else 'MISSED'}"
    return f"{figure.name:48} {figure.median:9.2f} {figure.worst:9.2f} {figure.unit:4}{goal}"


def engines() -> dict[str, Engine]:
    """The engines that are installed here, two workers each."""
    made = {"two processes": make_engine("processes", WORKERS)}
    if importlib.util.find_spec("ray"):
        os.environ.update(RAY_ENVIRONMENT)
        ray = importlib.import_module("empa_gym.rollout.engines.ray")
        made["two ray actors"] = ray.RayEngine(WORKERS, init=CLUSTER)
    return made


def measure(dialogues: int) -> list[Figure]:
    made = engines()
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:

        def bare(number: int) -> int:
            return sum(pool.map(half, [number] * WORKERS, [dialogues] * WORKERS, range(WORKERS)))

        def by(engine: Engine) -> Callable[[int], int]:
            return lambda number: keep(engine.play(jobs(number, dialogues), work()))

        ways = {"one process": by(InlineEngine()), "two bare processes": bare}
        ways |= {name: by(engine) for name, engine in made.items()}
        rates = Rates(ways, {name: [] for name in ways})
        for number in range(ROUNDS + 1):
            rates.play(number)
    for engine in made.values():
        engine.close()
    return figures({name: found[1:] for name, found in rates.found.items()})  # the first round starts and warms up


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dialogues", type=int, default=300, help="of a round (default: 300)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    args = parser.parse_args()
    facts = {**machine(), "load before": f"{os.getloadavg()[0]:.2f}"}
    rows = measure(args.dialogues)
    facts["load after"] = f"{os.getloadavg()[0]:.2f}"
    for name, fact in facts.items():
        print(f"{name:12} {fact}")
    print(f"\n{'':48} {'median':>9} {'worst':>9}     {'goal':>9}")
    for row in rows:
        print(show(row))
    if args.json:
        args.json.write_text(json.dumps({**facts, "figures": [row._asdict() for row in rows]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
