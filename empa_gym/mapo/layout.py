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

BLOCK_NUMBERS = 1 << 17
"""In one (T, N, g) array; with its companions it stays in a second-level cache."""
BAND_NUMBERS = 1 << 16
"""The same, of a band of turns of a (T, B) array."""
SPARE_PLACES = 768
"""Groups of different sizes share a block while it holds fewer empty places than this."""
SMALL_ARRAY = 1 << 12
"""Numbers up to which new memory costs less than finding the old."""
SMALL_PRODUCT = 1 << 16
"""Multiplications of a matrix product that OpenBLAS does not share among threads, with room to spare."""


class Block(NamedTuple):
    """g groups of up to N rows each.

    Attributes:
        shape: (N, g).
        columns: where the rows stand in the batch when it is aligned, see :class:`Layout`.
        rows: (N * g,) row numbers, sibling by sibling; at an empty place the first row of the group.
        filled: places in ``rows`` that are not empty; None when none is.
        empty: the other ones.
        lengths: (N, g) turns that happened; at an empty place as many as an int holds.
        known: (N, g) turns that vote: t < known; 0 at an empty place.
        shortest: (g,) T_min, the turns of the shortest dialogue of each group.
        present: (1, N, g) the places that are not empty; None when all are.
        plain: whether every turn that happened votes.
    """

    shape: tuple[int, int]
    columns: slice
    rows: Whole
    filled: Whole | None
    empty: Whole | None
    lengths: Whole
    known: Whole
    shortest: Whole
    present: Mask | None
    plain: bool


class Layout(NamedTuple):
    """Which rows are siblings, in blocks.

    Attributes:
        aligned: whether siblings are neighbours in groups of one size. Then (B, T) arrays lie time-major and the
            rows of a block are a view of them; else they lie row by row, are gathered, and scattered back.
        whole: whether every row is in a block.
        blocks: the groups.
    """

    aligned: bool
    whole: bool
    blocks: tuple[Block, ...]

    def new(self, rows: int, turns: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """A (B, T) array to be filled block by block, 0 in the rows that are in no block."""
        if self.aligned:
            return np.empty((turns, rows), dtype).T
        return np.empty((rows, turns), dtype) if self.whole else np.zeros((rows, turns), dtype)

    def take(self, block: Block, values: NDArray[Any], slot: str) -> NDArray[Any]:
        """The rows of a block out of (B, T), 0 at empty places: (n, T), valid until the slot is asked for again."""
        if self.aligned:
            return values[block.columns]
        room = workspace(slot, (len(block.rows), values.shape[1]), values.dtype)
        _items(values).take(block.rows, 0, _items(room), "clip")
        if block.empty is not None:
            room[block.empty] = 0
        return room

    def room(self, block: Block, result: NDArray[Any], slot: str) -> NDArray[Any]:
        """Where to write the rows of a block: (n, T), then to be given to the result."""
        if self.aligned:
            return result[block.columns]
        return self.scratch(block, result.shape[1], result.dtype, slot)

    def scratch(self, block: Block, turns: int, dtype: np.dtype[Any], slot: str) -> NDArray[Any]:
        """An (n, T) array to compute in, in the memory order of the rows of a block."""
        rows = len(block.rows)
        return workspace(slot, (turns, rows), dtype).T if self.aligned else workspace(slot, (rows, turns), dtype)

    def give(self, block: Block, room: NDArray[Any], result: NDArray[Any]) -> None:
        """Bring the rows of a block to their places in (B, T)."""
        if self.aligned:
            return
        if block.filled is None:
            _items(result)[block.rows] = _items(room)
        else:
            _items(result)[block.rows[block.filled]] = _items(room)[block.filled]

    def siblings(self, block: Block, rows: NDArray[Any]) -> NDArray[Any]:
        """(n, T) seen as (T, N, g)."""
        siblings, groups = block.shape
        if self.aligned:
            return rows.T.reshape(-1, groups, siblings).swapaxes(1, 2)
        return rows.T.reshape(-1, siblings, groups)


def _items(rows: NDArray[Any]) -> NDArray[np.void]:
    """(n, T) as (n,) items, each of which is copied in one go."""
    return rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]


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
    if size := even_size(group):
        table = np.arange(len(group)).reshape(-1, size)
        tables = [(table, None if used.all() else used)] if turns else []
        return Layout(True, True, tuple(_blocks(tables, lengths, known, turns)))
    rows = np.flatnonzero(used)
    labels = group if len(rows) == len(group) else group[rows]
    sizes = np.bincount(labels)
    few = len(sizes) <= 1 << 16  # numbers of 16 bits are sorted by radix
    rows = rows[np.argsort(labels.astype(np.uint16) if few else labels, kind="stable")]
    starts = np.cumsum(sizes) - sizes
    if not sizes.all():
        starts, sizes = starts[sizes > 0], sizes[sizes > 0]
    tables = _tables(rows, starts, sizes) if turns else []
    return Layout(False, len(rows) == len(group), tuple(_blocks(tables, lengths, known, turns)))


_Table = tuple[Whole, Mask | None]


def _tables(rows: Whole, starts: Whole, sizes: Whole) -> list[_Table]:
    """(groups, N) row numbers of groups of similar size, and which of them are there."""
    if len(sizes) and (sizes == sizes[0]).all():
        return [(rows.reshape(-1, int(sizes[0])), None)]
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
    """The tables, cut into blocks of about BLOCK_NUMBERS and of even size."""
    for table, there in tables:
        groups, siblings = table.shape
        here = None if there is None else there.reshape(table.shape)
        most = max(1, BLOCK_NUMBERS // max(1, siblings * turns))
        step = -(-groups // -(-groups // most))
        for first in range(0, groups, step):
            rows = table[first : first + step].T
            yield _block(rows, None if here is None else here[first : first + step].T, first, lengths, known)


def _block(rows: Whole, present: Mask | None, first: int, lengths: Whole, known: Whole) -> Block:
    siblings, groups = rows.shape
    columns = slice(first * siblings, (first + groups) * siblings)
    places = rows.ravel()
    happened = lengths[rows]
    voting = happened if known is lengths else known[rows]
    filled = empty = None
    if present is not None:
        filled, empty = np.flatnonzero(present), np.flatnonzero(~present)
        happened, voting = np.where(present, happened, np.iinfo(np.intp).max), voting * present
    shortest = np.minimum.reduce(happened, 0)
    plain = known is lengths or bool((known == lengths).all())
    there = None if present is None else present[None]
    return Block((siblings, groups), columns, places, filled, empty, happened, voting, shortest, there, plain)


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
            if size <= 4 * BLOCK_NUMBERS:
                self.slots[slot, dtype] = flat
        return flat[:size].reshape(shape)


workspace = _Workspace()


def turnwise(slot: str, turns: int, block: Block, dtype: np.dtype[Any]) -> NDArray[Any]:
    """A (T, N, g) array to compute in, of which turns do not lie a power of two apart, in one set of the cache."""
    width = block.shape[0] * block.shape[1]
    if width % 256:
        return workspace(slot, (turns, *block.shape), dtype)
    return workspace(slot, (turns, width + _LINE), dtype)[:, :width].reshape(turns, *block.shape)


_LINE = 16
"""Numbers in a line of the cache, or two."""


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
    flat = out.reshape(turns, -1)
    if rewards.strides[0] < rewards.strides[-1]:  # they lie row by row: few at a time stay in cache while they turn
        rows = rewards.reshape(turns, -1)
        for start in range(0, rows.shape[1], 256):
            np.copyto(flat[:, start : start + 256], rows[:, start : start + 256])
    else:
        np.copyto(out, rewards)
    worth = list(flat)
    following, scale = worth[-1], np.array(gamma, out.dtype)
    ahead = np.empty_like(following)
    for now in worth[-2::-1]:
        np.multiply(following, scale, ahead)
        np.add(now, ahead, now)
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
