"""What bounds the numpy path from below, and the compiled path beside it: rows of benchmarks/mapo_speed.py."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from empa_gym.mapo import TurnBatch
from empa_gym.mapo.layout import side_by_side
from empa_gym.mapo.scan import scan

CALLS = 20
"""Fewer calls of numpy than this the equations do not take."""
COMPILE = """
import time
import numpy as np
from empa_gym.mapo import TurnBatch, numba
batch = TurnBatch.from_arrays(np.ones((64, 15), np.float32), np.ones((64, 15)), np.arange(64) // 8)
begin = time.perf_counter()
numba.mixed_advantages(batch)
print(time.perf_counter() - begin)
"""


def calls_alone(rows: int, turns: int) -> Callable[[], Any]:
    """As many calls of numpy on arrays of this size, with nothing between them."""
    one, two = np.ones((turns, rows), np.float32), np.ones((turns, rows), np.float32)

    def run() -> None:
        for _ in range(CALLS // 2):
            np.add(one, two, two)
            np.subtract(two, one, two)

    return run


def passes_alone(rewards: Any, size: int) -> Callable[[], Any]:
    """Returns, siblings side by side, and back into a new array: no mean, no spread, no mask, no immediate rewards."""
    columns, turns = np.ascontiguousarray(rewards.T), rewards.shape[1]
    step = size * max(1, (1 << 18) // (size * turns))
    out = np.empty((turns, step), np.float32)

    def run() -> Any:
        made = np.empty_like(columns)
        for start in range(0, columns.shape[1], step):
            part = columns[:, start : start + step]
            worth = scan(part, 0.99, out[:, : part.shape[1]])
            groups = part.shape[1] // size
            block = side_by_side((size, turns, groups), made.dtype)
            np.copyto(block, worth.reshape(turns, groups, size).transpose(2, 0, 1))
            place = made[:, start : start + step].reshape(turns, groups, size).transpose(2, 0, 1)
            np.multiply(block, 1.0, place)
        return made

    return run


def compiled_calls(batch: TurnBatch, make: Callable[[], TurnBatch]) -> dict[str, Callable[[], Any]]:
    """The compiled estimator, on a batch that is ready and with everything; nothing where numba is not installed."""
    if importlib.util.find_spec("numba") is None:
        return {}
    compiled = importlib.import_module("empa_gym.mapo.numba")
    return {
        "numba: contiguous, values only, ready": lambda: compiled.mixed_advantages(
            batch, moments="float32", parts=False
        ),
        "numba: everything": lambda: compiled.mixed_advantages(make()),
    }


def compile_seconds() -> Iterator[tuple[str, float]]:
    """Seconds of the first compiled call of a process: when it compiles, and when a process before has done so."""
    if importlib.util.find_spec("numba") is None:
        return
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        for name in ("numba: first call, compiles", "numba: first call, compiled before"):
            command = [sys.executable, "-c", COMPILE]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            yield name, float(done.stdout)
