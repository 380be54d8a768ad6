"""Discounted sums over the turns that are left, for many dialogues at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Whole = NDArray[np.intp]

SMALL_PRODUCT = 1 << 16
"""Multiplications of a matrix product that OpenBLAS does not share among threads, with room to spare."""
COLUMNS = 512
"""Rows of memory that stay in cache while they are turned into columns."""


def scan(rewards: Array, gamma: float, out: Array) -> Array:
    """G_t = r_t + gamma G_{t+1} along axis 0.

    A small array is one product with the matrix gamma^(k-t), so small that no BLAS starts threads for it; a large one
    goes turn by turn.

    Args:
        rewards: (T, n), in any memory order.
        gamma: discount per turn.
        out: (T, n) to compute in; it is overwritten.

    Returns:
        (T, n), ``out`` or another array.
    """
    turns, scale = len(rewards), np.array(gamma, out.dtype)
    if rewards.dtype != out.dtype or rewards.strides[1] > rewards.strides[0]:
        for start in range(0, rewards.shape[1], COLUMNS):
            np.copyto(out[:, start : start + COLUMNS], rewards[:, start : start + COLUMNS])
        rewards = out
    if turns * rewards.size <= SMALL_PRODUCT:
        product: Array = np.matmul(_discounts(turns, gamma, out.dtype), rewards)
        return product
    following, ahead = rewards[-1], np.empty_like(rewards[-1])
    out[-1] = following
    for paid, worth in zip(rewards[-2::-1], out[-2::-1], strict=True):
        np.multiply(following, scale, ahead)
        following = np.add(paid, ahead, worth)
    return out


@lru_cache(maxsize=64)
def turns_of(count: int) -> Whole:
    """0, 1, ... count - 1; shared, so read-only."""
    turns = np.arange(count)
    turns.flags.writeable = False
    return turns


@lru_cache(maxsize=64)
def _discounts(turns: int, gamma: float, dtype: np.dtype[Any]) -> Array:
    """(T, T): gamma^(k-t) for k >= t, else 0."""
    ahead = np.arange(turns) - np.arange(turns)[:, None]
    weights: Array = np.where(ahead >= 0, np.power(float(gamma), np.maximum(ahead, 0)), 0).astype(dtype)
    weights.flags.writeable = False
    return weights
