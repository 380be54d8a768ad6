"""From what a caller has to rectangular arrays: padding, memory order, labels as numbers, and what is refused."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from empa_gym.mapo.layout import Mask, even_size
from empa_gym.mapo.memory import bands, inner
from empa_gym.mapo.scan import Array, Whole, turns_of

Order = Literal["C", "F"]
"""Memory order: row by row, or time-major."""


def before(ends: Whole, turns: int, order: Order) -> Mask:
    """(B, T) whether turn < end of its row, for ends within 0 and T."""
    if turns > _MOST_TABLED:
        return np.less(turns_of(turns), ends[:, None], order=order)
    if order == "F":  # narrow numbers are compared fastest
        return np.less(turns_of(turns).astype(np.int16)[:, None], ends.astype(np.int16)).T
    return _lower(turns).take(ends, 0)  # rows are copied faster than compared


_MOST_TABLED = 1 << 10


@lru_cache(maxsize=16)
def _lower(turns: int) -> Mask:
    """(T + 1, T) whether turn < end, for each end; shared, so read-only."""
    table: Mask = turns_of(turns) < np.arange(turns + 1)[:, None]
    table.flags.writeable = False
    return table


def ordered(values: NDArray[Any], dtype: Any, order: Order) -> NDArray[Any]:
    """A copy in the given memory order, made a band of rows at a time so that both sides stay in cache."""
    target = np.empty(values.shape, dtype, order)
    for start in range(0, len(values), _BAND):
        target[start : start + _BAND] = values[start : start + _BAND]
    return target


_BAND = 512


def order_of(group: Whole) -> Order:
    """Time-major where a block of siblings is then a view, see :class:`empa_gym.mapo.layout.Layout`."""
    return "F" if even_size(group) else "C"


def numbered(labels: Iterable[Hashable], rows: int) -> Whole:
    """Labels as numbers 0, 1, ... in order of first appearance.

    >>> numbered(["b", "a", "b"], 3)
    array([0, 1, 0])
    """
    if isinstance(labels, np.ndarray) and labels.ndim == 1 and labels.dtype.kind in "iu" and len(labels) > _FEW:
        group = _renumbered(labels)
    else:
        listed = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
        numbers: dict[Hashable, int] = {}
        try:
            group = np.array([numbers.setdefault(label, len(numbers)) for label in listed], np.intp)
        except TypeError as error:
            row = next(row for row, label in enumerate(listed) if not _is_hashable(label))
            raise TypeError(f"row {row}: expected a hashable group label, got {listed[row]!r}") from error
    if group.shape != (rows,):
        raise ValueError(f"expected {rows} group labels, one per row, got {len(group)}")
    return group


_FEW = 256
"""Labels that a dictionary numbers faster than sorting."""


def _is_hashable(label: object) -> bool:
    try:
        hash(label)
    except TypeError:
        return False
    return True


def _renumbered(labels: NDArray[np.integer[Any]]) -> Whole:
    least, most = int(labels.min()), int(labels.max())
    if most - least > 8 * len(labels) + 1024:
        _, labels = np.unique(labels, return_inverse=True)
        least, most = 0, int(labels.max())
    if labels.dtype.itemsize < 8:
        labels = labels.astype(np.int64)  # a difference of small integers may not fit into their own type
    codes = (labels - labels.dtype.type(least)).astype(np.intp)
    if not (codes[1:] < codes[:-1]).any() and codes[-1] < len(codes) and (np.diff(codes, prepend=-1) <= 1).all():
        return codes
    first = np.full(most - least + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of equal indices the last one stays: the first row
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[codes]


def lengths_of(happened: Mask) -> Whole:
    """(B,) turns of each row of a (B, T) mask."""
    if not happened.size:
        return np.zeros(len(happened), np.intp)
    lengths: Whole = happened.argmin(1)  # the first False, or 0 where there is none
    lengths[happened[:, -1]] = happened.shape[1]
    if np.count_nonzero(happened) != lengths.sum():
        row = int((np.count_nonzero(happened, 1) != lengths).argmax())
        raise ValueError(f"row {row}: expected a mask that is True from the first turn to the last, found a gap")
    return lengths


LARGEST = {np.dtype(np.float64): 1e100, np.dtype(np.float32): 1e15}
"""The square of a larger reward, summed over a batch, might not fit into its type."""


def keep_known(rewards: Array, valid: Mask) -> None:
    """Set rewards to 0 where they are not known, in place; refuse one that is not finite where it should be."""
    values, known = (rewards.T, valid.T) if rewards.flags.fnc else (rewards, valid)
    most = LARGEST[values.dtype]
    with np.errstate(over="ignore", invalid="ignore"):
        small = inner(values, values) < most * most  # so each is; nan is below nothing
    if not small:
        for band in bands(values.shape):
            np.copyto(values[band], 0, where=~known[band])
            if (bad := np.argwhere(~(np.abs(values[band]) < most))).size:
                place = (int(bad[0, 0]) + band.start, int(bad[0, 1]))
                row, turn = place[::-1] if rewards.flags.fnc else place
                raise ValueError(
                    f"row {row}, turn {turn}: expected a finite reward below {most:g} at a valid turn, "
                    f"got {rewards[row, turn]}; mark the turn as not valid when its reward is missing"
                )
    for band in bands(values.shape):
        np.multiply(values[band], known[band], values[band])
        np.add(values[band], 0, values[band])  # -0 becomes 0


MOST_TURNS = 10**6
"""The largest span: far beyond any dialogue, so a larger one is a mistake."""
_ONE = np.int64(1).tobytes()


def spans_of(span: NDArray[Any] | None, valid: Mask) -> NDArray[np.int64]:
    """(B, T) whole numbers from 1, and 1 where nothing is valid."""
    if span is None:
        return np.ndarray(valid.shape, np.int64, _ONE, strides=(0, 0))
    if (bad := np.argwhere(valid & ~((span >= 1) & (span <= MOST_TURNS) & (span == np.floor(span))))).size:
        row, turn = bad[0].tolist()
        raise ValueError(
            f"row {row}, turn {turn}: expected a span of 1, 2, ... turns, at most {MOST_TURNS}, got {span[row, turn]:g}"
        )
    spans: NDArray[np.int64] = np.where(valid, span, 1).astype(np.int64)
    return spans


def dtype_of(dtype: Any) -> np.dtype[Any]:
    """float32 or float64, or a ValueError."""
    chosen: np.dtype[Any] = np.dtype(dtype)
    if chosen not in (np.float32, np.float64):
        raise ValueError(f"expected dtype numpy.float32 or numpy.float64, got {chosen}")
    return chosen


def sizes_of(ragged: Sequence[Sequence[Any]], name: str) -> Whole:
    """(B,) how many values each row has."""
    try:
        return np.fromiter(map(len, ragged), np.intp, len(ragged))
    except TypeError as error:
        raise TypeError(
            f"expected {name} to be one sequence for each dialogue, like [[1.0, 0.5], [0.0]], got {_short(ragged)}"
        ) from error


def filled(ragged: Sequence[Sequence[Any]], name: str, lengths: Whole, mask: Mask, dtype: Any) -> Any:
    """Ragged values as a (B, T) array in the memory order of the mask, 0 behind the end of a row."""
    sizes = sizes_of(ragged, name)
    if len(sizes) != len(lengths):
        raise ValueError(f"expected {name} of {len(lengths)} rows, got {len(sizes)}")
    if (other := np.flatnonzero(sizes != lengths)).size:
        row = int(other[0])
        raise ValueError(
            f"row {row}: expected {name} of {lengths[row]} turns as its rewards have, got {int(sizes[row])}"
        )
    array = np.zeros(mask.shape, dtype)
    array[mask] = _flat(ragged, name, int(sizes.sum()), dtype)
    return np.asarray(array, order="F" if mask.flags.fnc else "C")


def _flat(ragged: Sequence[Sequence[Any]], name: str, size: int, dtype: Any) -> NDArray[Any]:
    """All values one after the other; a TypeError names the first that is no number."""
    try:
        values = np.array(list(chain.from_iterable(ragged)))
        if values.shape == (size,) and values.dtype.kind in _NUMBERS:
            return values.astype(dtype)
    except (TypeError, ValueError):
        pass  # something is no number: it is named below
    for row, row_values in enumerate(ragged):
        for turn, value in enumerate(row_values):
            if not _is_number(value):
                raise TypeError(f"row {row}, turn {turn}: expected {name} to be numbers, got {_short(value)}")
    return np.fromiter(map(float, chain.from_iterable(ragged)), dtype, size)


_NUMBERS = "biuf"
"""Kinds of numpy dtypes that are numbers or booleans: no text, no objects, no complex numbers."""


def _is_number(value: object) -> bool:
    """Whether it is one number, of Python, numpy or torch; text that reads like one is none."""
    if isinstance(value, str | bytes) or np.ndim(value):  # type: ignore[arg-type]
        return False
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _short(value: object) -> str:
    """How it reads, cut after a few words."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


_MOST_SHOWN = 60


def plain_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """The values as an array of numbers; one that hides some of them is refused, since what is hidden would count."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"expected {name} as a plain array, got a masked one: give .data, and valid=~array.mask")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"expected {name} as rows of one length; from_ragged takes rows of different lengths"
        ) from error
    if array.dtype.kind not in _NUMBERS:
        raise TypeError(f"expected {name} to be numbers, got an array of {array.dtype}: {_short(array.tolist())}")
    return array


def matching(values: ArrayLike, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The values as an array of the shape that the rewards have."""
    given = plain_array(values, name)
    if given.shape != shape:
        raise ValueError(f"expected {name} of shape {shape} as the rewards have, got {given.shape}")
    return given


def truths(values: ArrayLike, name: str, shape: tuple[int, ...]) -> Mask:
    """The same as booleans: what is not 0 is true."""
    given = matching(values, name, shape)
    if given.dtype.kind == "f" and np.isnan(given).any():
        raise ValueError(f"expected {name} to be True or False, found nan")
    return given.astype(np.bool_, copy=False)
