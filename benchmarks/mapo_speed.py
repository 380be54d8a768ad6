"""How fast rewards become advantages, for turns and for tokens, beside what other packages take for less.

Batches are ragged: rows have from a third of the turns to all of them, eight rows a group, rewards in float32. All
entries take turns in one process on one thread: five rounds, of which the median and the worst are shown. "ready" is
one call on a batch that was made before and called before, so that its layout is known; "first" is the first call on
a batch; "everything" makes the batch from padded arrays in any order of rows, checks it, and returns all parts, with
moments in float64. Peers and the compiled path run when they are installed, see mapo_peers.py and mapo_floors.py
beside this file; a "floor" is less than the equations take: no program that calls numpy for them is faster.

    python benchmarks/mapo_speed.py [--json FILE]
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from machine import machine, version_of
from mapo_floors import CALLS, calls_alone, compile_seconds, compiled_calls, passes_alone
from mapo_peers import sb3_returns, verl_calls

from empa_gym.mapo import TurnBatch, mixed_advantages, to_tokens, to_tokens_from_mask, to_tokens_from_spans

ROUNDS = 5
GROUP = 8
SHAPES = ((64, 15), (1024, 45), (65536, 45))
TOKENS = (256, 8192)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Entry(NamedTuple):
    """One measured call; ``bar`` is what it must reach, None for a peer.

    Attributes:
        name: what is called.
        shape: (rows, turns or tokens).
        call: the call.
        unit: "us" or "ms" a call, or millions of elements a second ("M/s").
        bar: at most so many us or ms, at least so many M/s.
    """

    name: str
    shape: tuple[int, int]
    call: Callable[[], Any]
    unit: str
    bar: float | None = None


class Figure(NamedTuple):
    """What was measured."""

    name: str
    shape: tuple[int, int] | None
    unit: str
    median: float
    worst: float
    bar: float | None
    met: bool | None


class Data(NamedTuple):
    """Random input of one shape."""

    rewards: Any
    mask: Any
    groups: Any
    shuffled: Any
    uneven: Any


def data(rows: int, turns: int) -> Data:
    """Rewards, who talked for how long, and labels: of neighbours, in any order, and of groups of 4 to 12."""
    random = np.random.default_rng(0)
    lengths = random.integers(turns // 3, turns + 1, rows)
    mask = np.arange(turns) < lengths[:, None]
    rewards = random.normal(size=(rows, turns)).astype(np.float32)
    groups = np.arange(rows) // GROUP
    uneven = np.repeat(np.arange(rows), random.integers(GROUP // 2, GROUP * 3 // 2 + 1, rows))[:rows]
    return Data(rewards * mask, mask, groups, random.permutation(groups), uneven)


def lean(batch: TurnBatch) -> Any:
    """Values only, with moments in float32."""
    return mixed_advantages(batch, moments="float32", parts=False)


def everything(given: Data) -> Any:
    """Labels in any order, checks, moments in float64, all parts."""
    return mixed_advantages(TurnBatch.from_arrays(given.rewards, given.mask, given.shuffled))


def turn_entries() -> Iterator[Entry]:
    """The mixed advantages and their peers."""
    bars = {64: ("us", 35.0, 80.0), 1024: ("us", 180.0, 400.0), 65536: ("M/s", 300.0, 100.0)}
    for shape in SHAPES:
        given, (unit, least, most) = data(*shape), bars[shape[0]]
        even = TurnBatch.from_arrays(given.rewards, given.mask, given.groups)
        odd = TurnBatch.from_arrays(given.rewards, given.mask, given.uneven)

        def ready(batch: TurnBatch = even) -> Any:
            return lean(batch)

        def first(batch: TurnBatch = even) -> Any:
            return lean(dataclasses.replace(batch))

        def made(given: Data = given) -> TurnBatch:
            return TurnBatch.from_arrays(given.rewards, given.mask, given.shuffled)

        def whole(given: Data = given) -> Any:
            return everything(given)

        def mixed_sizes(batch: TurnBatch = odd) -> Any:
            return lean(batch)

        yield Entry("contiguous, values only, ready", shape, ready, unit, least)
        yield Entry("contiguous, values only, first", shape, first, unit)
        yield Entry("everything", shape, whole, unit, most)
        yield Entry("groups of 4 to 12, values only, ready", shape, mixed_sizes, unit)
        yield Entry(f"floor: {CALLS} calls of numpy", shape, calls_alone(*shape), unit)
        yield Entry("floor: returns, to siblings and back", shape, passes_alone(given.rewards, GROUP), unit)
        for name, call in compiled_calls(even, made).items():
            yield Entry(name, shape, call, unit)
        for name, call in verl_calls(given.rewards, given.mask, given.groups).items():
            yield Entry(name, shape, call, unit)
        if returns := sb3_returns(given.rewards):
            yield Entry("SB3 (returns only)", shape, returns, unit)


class Responses(NamedTuple):
    """Tokens of dialogues: turns of the policy with messages of the environment between them."""

    values: Any
    spans: Any
    gaps: Any
    ids: Any
    mask: Any


def responses(values: Any, lengths: Any) -> Responses:
    """Random token counts that fill most of the width."""
    random = np.random.default_rng(1)
    rows, turns = values.shape
    there = np.arange(turns) < lengths[:, None]
    room = TOKENS[1] // turns
    spans = np.where(there, random.integers(room // 3, room * 2 // 3, (rows, turns)), 0)
    gaps = np.where(there, random.integers(1, room // 3, (rows, turns)), 0)
    numbers = np.broadcast_to(np.arange(turns, dtype=values.dtype), values.shape)
    ids = to_tokens_from_spans(numbers + 1, spans, gaps=gaps, width=TOKENS[1]).astype(np.int32) - 1
    return Responses(values, spans, gaps, ids, ids >= 0)


def token_entries() -> Iterator[Entry]:
    """From turns to 256 x 8192 tokens, and the peers that compute on tokens throughout."""
    given = data(TOKENS[0], 45)
    batch = TurnBatch.from_arrays(given.rewards, given.mask, given.groups)
    made = responses(lean(batch).values, batch.lengths)

    def spans() -> Any:
        return to_tokens_from_spans(made.values, made.spans, gaps=made.gaps, width=TOKENS[1])

    def pipeline() -> Any:
        return to_tokens_from_spans(lean(batch).values, made.spans, gaps=made.gaps, width=TOKENS[1])

    yield Entry("tokens from spans", TOKENS, spans, "M/s", 5000.0)
    yield Entry("tokens from turn numbers", TOKENS, lambda: to_tokens(made.values, made.ids), "M/s", 800.0)
    from_mask = partial(to_tokens_from_mask, made.values, made.mask, batch.lengths)
    yield Entry("tokens from a mask", TOKENS, from_mask, "M/s", 1000.0)
    yield Entry("advantages and tokens from spans", TOKENS, pipeline, "ms", 0.6)
    rewards = np.zeros(TOKENS, np.float32)
    rewards[:, ::200] = 1
    for name, call in verl_calls(rewards, made.mask, given.groups).items():
        yield Entry(f"{name}, on tokens", TOKENS, call, "ms")


def seconds(call: Callable[[], Any], budget: float) -> float:
    """Median seconds of a call: as many calls as fit into the budget, at least one."""
    times: list[float] = []
    while not times or (sum(times) < budget and len(times) < 400):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def measure(entries: list[Entry], budget: float) -> list[Figure]:
    """Five rounds in which the entries take turns."""
    for entry in entries:
        entry.call()
    rounds = [[seconds(entry.call, budget) for entry in entries] for _ in range(ROUNDS)]
    return [figure(entry, [times[index] for times in rounds]) for index, entry in enumerate(entries)]


def figure(entry: Entry, times: list[float]) -> Figure:
    """Seconds in the unit of the bar."""
    if entry.unit == "M/s":
        values = [entry.shape[0] * entry.shape[1] / value / 1e6 for value in times]
        median, worst = statistics.median(values), min(values)
        met = entry.bar is None or median >= entry.bar
    else:
        values = [value * {"us": 1e6, "ms": 1e3}[entry.unit] for value in times]
        median, worst = statistics.median(values), max(values)
        met = entry.bar is None or median <= entry.bar
    return Figure(entry.name, entry.shape, entry.unit, median, worst, entry.bar, met if entry.bar else None)


def uneven(figures: list[Figure]) -> Iterator[Figure]:
    """What uneven groups cost against even ones."""
    for shape in SHAPES:
        of = {found.name: found for found in figures if found.shape == shape}
        even, odd = of["contiguous, values only, ready"], of["groups of 4 to 12, values only, ready"]
        ratio = even.median / odd.median if even.unit == "M/s" else odd.median / even.median
        yield Figure("groups of 4 to 12 against groups of 8", shape, "x", ratio, ratio, 2.0, ratio <= 2.0)


def probe() -> dict[str, float]:
    """Seconds of three calls under the thread settings of this process."""
    shape = SHAPES[1]
    given = data(*shape)
    batch = TurnBatch.from_arrays(given.rewards, given.mask, given.groups)
    small = data(*SHAPES[0])
    little = TurnBatch.from_arrays(small.rewards, small.mask, small.groups)
    calls = {"64x15": lambda: lean(little), "1024x45": lambda: lean(batch), "everything": lambda: everything(given)}
    return {name: seconds(call, 0.3) for name, call in calls.items()}


def thread_figures() -> Iterator[Figure]:
    """The slowest of the calls of :func:`probe` under each setting, against one thread; settings take turns."""
    settings = ("1", "2", "default")
    found: dict[str, list[dict[str, float]]] = {setting: [] for setting in settings}
    for _ in range(ROUNDS):
        for setting in settings:
            environment = {key: value for key, value in os.environ.items() if key not in THREADS}
            environment |= {} if setting == "default" else dict.fromkeys(THREADS, setting)
            command = [sys.executable, __file__, "--thread-probe"]
            answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            found[setting].append(json.loads(answer.stdout))
    for setting in ("2", "default"):
        for name in found["1"][0]:
            ratios = [many[name] / one[name] for many, one in zip(found[setting], found["1"], strict=True)]
            median = statistics.median(ratios)
            yield Figure(f"threads {setting} against 1, {name}", None, "x", median, max(ratios), 1.2, median <= 1.2)


def show(found: Figure) -> str:
    """A line of the table."""
    shape = "" if found.shape is None else f"{found.shape[0]} x {found.shape[1]}"
    bar = "" if found.bar is None else f"{found.bar:10,.1f}  {'met' if found.met else 'NOT MET'}"
    return f"{found.name:44} {shape:>11} {found.median:12,.2f} {found.worst:12,.2f} {found.unit:4}{bar}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--thread-probe", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.thread_probe:
        print(json.dumps(probe()))
        return
    one_thread = dict.fromkeys(THREADS, "1")
    if not one_thread.items() <= os.environ.items():  # numpy reads them when it is loaded: start anew
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **one_thread})
    if importlib.util.find_spec("torch"):
        importlib.import_module("torch").set_num_threads(1)
    facts: dict[str, Any] = machine()
    facts["versions"] |= {
        name: version for name in ("verl", "stable-baselines3", "numba") if (version := version_of(name))
    }
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    for peer in ("verl", "stable_baselines3"):
        if importlib.util.find_spec(peer) is None:
            print(f"{peer} is not installed: its rows are left out")
    print(f"\n{'':44} {'':>11} {'median':>12} {'worst':>12}     {'bar':>10}")
    figures = measure(list(turn_entries()), 0.3) + measure(list(token_entries()), 0.3)
    figures += [*uneven(figures), *thread_figures()]
    figures += [Figure(name, None, "s", value, value, None, None) for name, value in compile_seconds()]
    for found in figures:
        print(show(found), flush=True)
    if arguments.json:
        written = [found._asdict() for found in figures]
        arguments.json.write_text(json.dumps({**facts, "figures": written}, indent=2) + "\n")


if __name__ == "__main__":
    main()
