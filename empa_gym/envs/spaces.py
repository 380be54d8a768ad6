"""UnicodeText: the space of every text up to a length.

Gymnasium's own ``Text`` knows a table of characters: by default it refuses a space, and a table of all
of Unicode costs 193 MB. Here only the length is bounded. Everything that Gymnasium dispatches on the
type of a space is registered in this module, so that a worker process that unpickles the space has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from gymnasium.spaces import Box, Text
from gymnasium.spaces.utils import flatdim, flatten, flatten_space, unflatten
from gymnasium.vector.utils.shared_memory import read_from_shared_memory
from numpy.typing import NDArray

MAX_CODE_POINT = 0x10FFFF
SAMPLE_WORDS = 12
WORDS = (
    "I", "hear", "you", "and", "that", "was", "a", "hard", "day.", "What", "happened", "then?", "\n", "100%",
    "d\u00e9j\u00e0", "\u03ba\u03b1\u03bb\u03ae", "\u3042\u3044", "\N{SLIGHTLY SMILING FACE}",
)  # fmt: skip
"""What samples are made of: readable, with a line break, accents, other scripts and a wide code point."""
MASK_CHARSET = "a "
"""The characters of a sample with a mask or a probability; small, since each space holds its own table."""


class UnicodeText(Text):
    r"""Texts of ``min_length`` to ``max_length`` code points, of any script; no lone surrogates.

    >>> space = UnicodeText(20)
    >>> "It hurts, a lot." in space, "" in space, "x" * 21 in space, "\ud83d" in space
    (True, True, False, False)
    """

    def __init__(self, max_length: int, *, min_length: int = 0, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(max_length, min_length=min_length, charset=MASK_CHARSET, seed=seed)

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A short readable text; with a mask or a probability, one over :data:`MASK_CHARSET` as in ``Text``."""
        if mask is not None or probability is not None:
            return super().sample(mask, probability)
        count = self.np_random.integers(SAMPLE_WORDS + 1)
        text = " ".join(WORDS[index] for index in self.np_random.integers(len(WORDS), size=count))
        return text.ljust(self.min_length, ".")[: self.max_length]

    def contains(self, x: Any) -> bool:
        """Whether ``x`` is a str of an allowed length that UTF-8 can hold."""
        return isinstance(x, str) and self.min_length <= len(x) <= self.max_length and is_unicode(x)

    def __repr__(self) -> str:
        return f"UnicodeText({self.min_length}, {self.max_length})"

    def __eq__(self, other: object, /) -> bool:
        if not isinstance(other, UnicodeText):
            return False
        return (self.min_length, self.max_length) == (other.min_length, other.max_length)


def is_unicode(text: str) -> bool:
    """Whether UTF-8, and so JSON and HTTP, can hold the text: it has no lone surrogate."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class SharedTextView(Sequence[str]):
    """The texts in a block of shared memory, decoded when looked at; a deep copy is a plain tuple.

    AsyncVectorEnv reads its shared memory once and expects to see later writes through what it got, as
    a numpy view does; it deep-copies that for the caller.
    """

    def __init__(self, space: UnicodeText, shared_memory: Any, n: int = 1) -> None:
        self._rows: NDArray[np.int32] = np.frombuffer(shared_memory.get_obj(), dtype=np.int32).reshape(
            n, space.max_length
        )

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(decode(row) for row in self._rows[index])
        return decode(self._rows[index])

    def __deepcopy__(self, memo: dict[int, Any]) -> tuple[str, ...]:
        return tuple(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return f"SharedTextView({tuple(self)!r})"


def encode(text: str, length: int) -> NDArray[np.int32]:
    """Code points plus one, padded with zeros, so that U+0000 is not lost; shape ``(length,)``."""
    row = np.zeros(length, dtype=np.int32)
    row[: len(text)] = np.frombuffer(text.encode("utf-32-le"), dtype="<u4") + 1
    return row


def decode(row: NDArray[Any]) -> str:
    """The text of a row that :func:`encode` made."""
    codes = np.asarray(row, dtype=np.int64)
    return (codes[codes > 0] - 1).astype("<u4").tobytes().decode("utf-32-le")


def _flatdim(space: UnicodeText) -> int:
    return space.max_length


def _flatten(space: UnicodeText, x: str) -> NDArray[np.int32]:
    return encode(x, space.max_length)


def _unflatten(space: UnicodeText, x: NDArray[Any]) -> str:
    return decode(x)


def _flatten_space(space: UnicodeText) -> Box:
    return Box(0, MAX_CODE_POINT + 1, shape=(space.max_length,), dtype=np.int32)


def _read_from_shared_memory(space: UnicodeText, shared_memory: Any, n: int = 1) -> Any:
    return SharedTextView(space, shared_memory, n)


flatdim.register(UnicodeText, _flatdim)
flatten.register(UnicodeText, _flatten)
unflatten.register(UnicodeText, _unflatten)
flatten_space.register(UnicodeText, _flatten_space)
read_from_shared_memory.register(UnicodeText, _read_from_shared_memory)
