"""How groups lie in memory while they are worked on: blocks (T, N, g) of g groups with N siblings each.

Siblings stand side by side on axis 1, so a statistic over them is a sum of contiguous arrays, whatever order the rows
came in. A block fits into the cache of one core.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Whole = NDArray[np.intp]

BLOCK_NUMBERS = 3 << 16
"""In one (T, N, g) array; with its companions it stays in a second-level cache."""
BAND_NUMBERS = 1 << 16
"""The same, of a band of turns of a (T, B) array."""
SPARE_PLACES = 256
"""Groups of different sizes share a block while it holds fewer empty places than this."""
SMALL_PRODUCT = 1 << 16
"""Multiplications of a matrix product that OpenBLAS does not share among threads, with room to spare."""


class Block(NamedTuple):
    """g groups of up to N rows, at consecutive places.

    Attributes:
        start: the first place.
        rows: (N, g) row numbers; at an empty place the first row of the group.
        present: (N, g) whether a complete row with a turn stands there; None when one does everywhere.
        size: (g,) rows of each group that take part.
        lengths: (N, g) turns that happened; where none is present as many as an int holds.
        known: (N, g) turns that vote: t < known; 0 where none is present.
        shortest: (g,) T_min, the turns of the shortest dialogue of each group.
        plain: whether every turn that happened votes, at every place.
    """

    start: int
    rows: Whole
    present: Mask | None
    size: Whole
    lengths: Whole
    known: Whole
    shortest: Whole
    plain: bool


class Layout(NamedTuple):
    """Which row stands at which place.

    Attributes:
        aligned: whether each row stands at its own place, since siblings are neighbours in groups of one size. Then
            (B, T) arrays lie time-major and a block is a view of them; else they lie row by row and are gathered.
        order: (places,) row numbers.
        place: (B,) the place of each row.
        blocks: the groups; places behind the last block hold rows that are in no block.
    """

    aligned: bool
    order: Whole
    place: Whole
    blocks: tuple[Block, ...]

    def take(self, block: Block, values: NDArray[Any]) -> NDArray[Any]:
        """The rows of a block out of (B, T): (T, N, g), valid until the next call; 0 at an empty place."""
        if self.aligned:
            return self._view(block, values)
        rows = values.take(
            block.rows.ravel(), 0, workspace("rows", (block.rows.size, values.shape[1]), values.dtype), "clip"
        )
        if block.present is not None:
            rows[~block.present.ravel()] = 0
        return rows.T.reshape(-1, *block.rows.shape)

    def new(self, turns: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """A (places, T) array, 0 at places that are in no block."""
        if self.aligned:
            return np.empty((turns, len(self.place)), dtype).T
        return np.zeros((len(self.order), turns), dtype)

    def put(self, block: Block, values: NDArray[Any], arranged: NDArray[Any]) -> None:
        """Write (T, N, g) to the places of a block in (places, T), or (N, g) to those in (places,)."""
        np.copyto(self._view(block, arranged), values, casting="same_kind")

    def restore(self, arranged: NDArray[Any]) -> NDArray[Any]:
        """(places, T) -> (B, T), or (places,) -> (B,)."""
        return arranged if self.aligned else arranged.take(self.place, 0, mode="clip")

    def _view(self, block: Block, arranged: NDArray[Any]) -> NDArray[Any]:
        siblings, groups = block.rows.shape
        band = arranged[block.start : block.start + block.rows.size].T
        if self.aligned:
            return band.reshape(*band.shape[:-1], groups, siblings).swapaxes(-1, -2)
        return band.reshape(*band.shape[:-1], siblings, groups)


def even_size(group: Whole) -> int:
    """N when siblings are neighbours in groups of one size N, else 0."""
    if not len(group) or (group[1:] < group[:-1]).any():
        return 0
    groups = int(group[-1]) + 1
    size = len(group) // groups
    return size if size * groups == len(group) and (group[::size] == group[size - 1 :: size]).all() else 0


def layout_of(group: Whole, used: Mask, lengths: Whole, known: Whole, turns: int) -> Layout:
    """The layout of rows by group.

    Args:
        group: (B,) numbers 0, 1, ... in order of first appearance.
        used: (B,) complete rows with a turn.
        lengths: (B,) turns that happened.
        known: (B,) turns that vote.
        turns: T.
    """
    everyone = np.arange(len(group))
    if not turns:
        return Layout(bool(even_size(group)), everyone, everyone, ())
    if size := even_size(group):
        tables = [(everyone.reshape(-1, size), None if used.all() else used.reshape(-1, size))]
        return Layout(True, everyone, everyone, tuple(_blocks(tables, lengths, known, turns)))
    rows = np.flatnonzero(used)
    by_group = group[rows].astype(np.uint16) if len(group) < 1 << 16 else group[rows]  # 16 bits are sorted by radix
    rows = rows[np.argsort(by_group, kind="stable")]
    labels = group[rows]
    starts = np.flatnonzero(np.concatenate((_TRUE, labels[1:] != labels[:-1])))[: len(rows)]
    sizes = np.concatenate((starts[1:], [len(rows)]))[: len(rows)] - starts
    blocks = tuple(_blocks(_tables(rows, starts, sizes), lengths, known, turns))
    order = np.concatenate([*(block.rows.ravel() for block in blocks), np.flatnonzero(~used)])
    filled = [
        np.ones(block.rows.size, np.bool_) if block.present is None else block.present.ravel() for block in blocks
    ]
    places = np.flatnonzero(np.concatenate([*filled, np.ones(len(group) - len(rows), np.bool_)]))
    place = np.empty(len(group), np.intp)
    place[order[places]] = places
    return Layout(False, order, place, blocks)


_TRUE = np.ones(1, np.bool_)
_Table = tuple[Whole, Mask | None]


def _tables(rows: Whole, starts: Whole, sizes: Whole) -> list[_Table]:
    """(groups, N) row numbers of groups of similar size, and which of them are there."""
    tables: list[_Table] = []
    for chosen in _similar(sizes):
        place = np.arange(int(sizes[chosen].max()))
        present = place < sizes[chosen][:, None]
        table = rows[starts[chosen][:, None] + np.where(present, place, 0)]
        tables.append((table, None if present.all() else present))
    return tables


def _similar(sizes: Whole) -> list[Whole]:
    """Numbers of the groups that share a table, the largest groups first."""
    order = np.argsort(-sizes, kind="stable")
    negative, counts = np.unique(-sizes, return_counts=True)
    cuts, spare, widest, seen = [], 0, 0, 0
    for size, count in zip((-negative).tolist(), counts.tolist(), strict=True):
        spare += (widest - size) * count
        if not seen or spare > SPARE_PLACES:
            cuts.append(seen)
            spare, widest = 0, size
        seen += count
    return np.split(order, cuts[1:]) if seen else []


def _blocks(tables: list[_Table], lengths: Whole, known: Whole, turns: int) -> Iterator[Block]:
    """The tables, cut into blocks of at most BLOCK_NUMBERS and of even size."""
    start = 0
    for table, here in tables:
        groups, siblings = table.shape
        most = max(1, BLOCK_NUMBERS // max(1, siblings * turns))
        step = -(-groups // -(-groups // most))
        for first in range(0, groups, step):
            rows = table[first : first + step].T
            happened, voting = lengths[rows], known[rows]
            present = None if here is None else here[first : first + step].T
            if present is not None:
                happened, voting = np.where(present, happened, np.iinfo(np.intp).max), voting * present
            size = np.count_nonzero(voting, 0)
            plain = present is None and bool((voting == happened).all())
            yield Block(start, rows, present, size, happened, voting, np.minimum.reduce(happened, 0), plain)
            start += rows.size


def bands(shape: tuple[int, ...]) -> Iterator[slice]:
    """Slices of the leading axis, each small enough that a band of the array stays in cache."""
    step = max(1, BAND_NUMBERS // max(1, shape[1]))
    return (slice(start, min(start + step, shape[0])) for start in range(0, shape[0], step))


class _Workspace(threading.local):
    """Memory that a thread uses again: fresh pages would cost more than the arithmetic on them."""

    def __init__(self) -> None:
        self.slots: dict[tuple[str, np.dtype[Any]], NDArray[Any]] = {}

    def __call__(self, slot: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array of this shape whose content is undefined; valid until the same slot is asked for again."""
        size = math.prod(shape)
        flat = self.slots.get((slot, dtype))
        if flat is None or flat.size < size:
            flat = np.empty(size, dtype)
            if size <= 4 * BLOCK_NUMBERS:
                self.slots[slot, dtype] = flat
        return flat[:size].reshape(shape)


workspace = _Workspace()


def scan(rewards: Array, gamma: float, out: Array) -> None:
    """G_t = r_t + gamma G_{t+1} along axis 0, into ``out``.

    A small block is one product with the matrix gamma^(k-t), small enough that no BLAS starts threads for it; a large
    one goes turn by turn.
    """
    turns = len(rewards)
    if turns * rewards.size <= SMALL_PRODUCT:
        flat = rewards.reshape(turns, -1).astype(out.dtype, copy=False)
        np.matmul(_discounts(turns, gamma, out.dtype), flat, out.reshape(turns, -1))
        return
    scale = np.array(gamma, out.dtype)
    following = out[-1]
    np.copyto(following, rewards[-1])
    for now, reward in zip(reversed(list(out[:-1])), reversed(list(rewards[:-1])), strict=True):
        np.multiply(following, scale, now)
        np.add(now, reward, now)
        following = now


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
