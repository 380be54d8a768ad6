"""Memory that is used again, and sums over more numbers than a cache holds."""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BAND_NUMBERS = 1 << 16
"""In one band of a (T, B) array; with its companions it stays in a second-level cache."""
SMALL_ARRAY = 1 << 12
"""Numbers up to which new memory costs less than finding the old."""
PIECE = 1 << 12
"""Numbers in one product of vectors: so few that no BLAS starts threads for them, and that float32 loses no digit."""


def bands(shape: tuple[int, int]) -> tuple[slice, ...]:
    """Slices of the leading axis, each small enough that a band of the array stays in cache."""
    step = max(1, BAND_NUMBERS // max(1, shape[1]))
    return tuple(slice(start, min(start + step, shape[0])) for start in range(0, shape[0], step))


class _Workspace(threading.local):
    """Memory that a thread uses again: fresh pages would cost more than the arithmetic on them."""

    def __init__(self) -> None:
        self.slots: dict[tuple[str, np.dtype[Any]], NDArray[Any]] = {}

    def __call__(self, slot: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array of this shape whose content is undefined; valid until the same slot is asked for again."""
        size = math.prod(shape)
        if size <= SMALL_ARRAY:
            return np.empty(shape, dtype)
        flat = self.slots.get((slot, dtype))
        if flat is None or flat.size < size:
            flat = np.empty(size, dtype)
            if size <= _MOST_KEPT:
                self.slots[slot, dtype] = flat
        return flat[:size].reshape(shape)


_MOST_KEPT = 1 << 19

workspace = _Workspace()


def total(values: NDArray[Any]) -> float:
    """Sum of a contiguous array, in its own precision within a piece and in float64 between pieces."""
    return inner(values, None)


def inner(one: NDArray[Any], two: NDArray[Any] | None) -> float:
    """Sum of products of two contiguous arrays, or the sum of one, in pieces of PIECE numbers."""
    first = one.reshape(-1)
    second = _ones(first.dtype) if two is None else two.reshape(-1)
    if len(first) <= PIECE:
        return float(np.dot(first, second[: len(first)]))
    whole = len(first) - len(first) % PIECE
    rest = second[: len(first) - whole] if two is None else second[whole:]
    column = second[:, None] if two is None else second[:whole].reshape(-1, PIECE, 1)
    pieces = np.matmul(first[:whole].reshape(-1, 1, PIECE), column)
    return float(np.add.reduce(pieces, None, np.float64)) + float(np.dot(first[whole:], rest))


@lru_cache(maxsize=2)
def _ones(dtype: np.dtype[Any]) -> NDArray[Any]:
    """(PIECE,) ones; shared, so read-only."""
    ones = np.ones(PIECE, dtype)
    ones.flags.writeable = False
    return ones
