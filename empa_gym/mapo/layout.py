"""How groups lie in memory while they are worked on: blocks (N, T, g) of N siblings, T turns and g groups.

The siblings of all groups stand on axis 0, so a statistic over siblings is a sum of N contiguous arrays, whatever order
the rows came in. A block fits into the cache of one core.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo.memory import workspace
from empa_gym.mapo.scan import Whole

Mask = NDArray[np.bool_]

BLOCK_NUMBERS = 1 << 18
"""In one (N, T, g) array; with its companions it stays in a second-level cache."""
SPARE_PLACES = 768
"""Groups of different sizes share a block while it holds fewer empty places than this."""


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
        present: (N, 1, g) the places that are not empty; None when all are.
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
        """(n, T) seen as (N, T, g)."""
        siblings, groups = block.shape
        if self.aligned:
            return rows.T.reshape(-1, groups, siblings).transpose(2, 0, 1)
        return rows.T.reshape(-1, siblings, groups).swapaxes(0, 1)


def side_by_side(shape: tuple[int, int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
    """An (N, T, g) array to compute in; each sibling's part is contiguous and begins in a cache set of its own."""
    siblings, turns, groups = shape
    size = turns * groups
    if siblings * size <= _PAGE:
        return np.empty(shape, dtype)
    padded = workspace("siblings", (siblings, size + (_APART - size) % _PAGE), dtype)
    return padded[:, :size].reshape(shape)


_PAGE = 1 << 10
"""Numbers after which addresses share a set of the first cache, of float32; half as many of float64."""
_APART = 144
"""Numbers by which siblings are apart beyond whole pages: an eighth of a page and a line."""


def _items(rows: NDArray[Any]) -> NDArray[np.void]:
    """(n, T) as (n,) items, each of which is copied in one go."""
    return rows.view(_item(rows.itemsize * rows.shape[1]))[:, 0]


@lru_cache(maxsize=64)
def _item(size: int) -> np.dtype[np.void]:
    return np.dtype((np.void, size))


def even_size(group: Whole) -> int:
    """N when siblings are neighbours in groups of one size N, else 0."""
    groups = int(group[-1]) + 1 if len(group) else 0
    if not groups or len(group) % groups:
        return 0
    table = group.reshape(groups, -1)
    return table.shape[1] if (table == np.arange(groups)[:, None]).all() else 0


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
    rows = None if used.all() else np.flatnonzero(used)
    labels = group if rows is None else group[rows]
    sizes = np.bincount(labels)
    few = len(sizes) <= 1 << 16  # numbers of 16 bits are sorted by radix
    order = (labels.astype(np.uint16) if few else labels).argsort(kind="stable")
    tables = _tables(order if rows is None else rows[order], sizes) if turns else []
    return Layout(False, rows is None, tuple(_blocks(tables, lengths, known, turns)))


_Table = tuple[Whole, Mask | None]


def _tables(rows: Whole, sizes: Whole) -> list[_Table]:
    """(groups, N) row numbers of groups of similar size, and which of them are there.

    Args:
        rows: group by group.
        sizes: of the groups, by number.
    """
    if len(rows) and (sizes == sizes[0]).all():
        return [(rows.reshape(-1, int(sizes[0])), None)]
    starts = np.cumsum(sizes) - sizes
    starts, sizes = starts[sizes > 0], sizes[sizes > 0]
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
            rows = np.ascontiguousarray(table[first : first + step].T)
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
    there = None if present is None else present[:, None]
    return Block((siblings, groups), columns, places, filled, empty, happened, voting, shortest, there, plain)
