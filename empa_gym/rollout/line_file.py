"""A file of lines that only grows: each line reaches the system whole, before anything builds on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from empa_gym.errors import RecordError
from empa_gym.rollout.locking import lock_alone


class Place(NamedTuple):
    """Where a line stands in its file: its first byte, and its length without the line's end."""

    first: int
    length: int


def read_lines(path: Path) -> Iterator[tuple[Place, bytes]]:
    """Every line of a file that is whole, in order. What stands behind the last line's end is left out.

    Raises:
        RecordError: the file is there and cannot be read.
    """
    first = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield Place(first, len(line) - 1), line[:-1]
                    first += len(line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RecordError(str(path), "", f"cannot be read: {error.strerror}") from None


def read_line(path: Path, place: Place) -> bytes:
    """The line at a place."""
    with path.open("rb") as file:
        file.seek(place.first)
        return file.read(place.length)


class LineFile:
    """Appends lines, and lets no other process append.

    A line is handed to the system in one call, so it outlives this process, however that ends. It outlives the
    machine as well once :meth:`close` has returned, which syncs the file; what a power cut takes before that is the
    end of the file, and is played again.

    Args:
        path: the file; made unless it is there. What stands behind its last line's end is cut off: the line that a
            killed process did not finish.

    Attributes:
        torn: how many bytes were cut off.

    Raises:
        RecordError: it cannot be opened, or another process writes on it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise RecordError(str(path), "", f"cannot be written on: {error.strerror}") from None
        try:
            lock_alone(self._file)
        except OSError:
            os.close(self._file)
            raise RecordError(str(path), "", "another run writes there; wait for its end, or choose another") from None
        self.torn = self._drop_torn_line()

    def append(self, line: bytes) -> Place:
        """Write a line, and its end; it has left this process when this returns.

        Raises:
            RecordError: the disk does not take it; the file is as it was.
        """
        place = Place(self._size(), len(line))
        try:
            self._write(line + b"\n")
        except OSError as error:
            os.ftruncate(self._file, place.first)
            raise RecordError(str(self.path), "", f"cannot be written on: {error.strerror}; {KEPT}") from None
        return place

    def close(self) -> None:
        """See to it that all lines are on the disk, and close the file; a second time does nothing."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    def _drop_torn_line(self) -> int:
        whole = max((place.first + place.length + 1 for place, _ in read_lines(self.path)), default=0)
        torn = self._size() - whole
        if torn:
            os.ftruncate(self._file, whole)
        return torn

    def _size(self) -> int:
        return os.fstat(self._file).st_size

    def _write(self, data: bytes) -> None:
        """Write all of it; the system may take it in pieces where the disk is nearly full."""
        left = memoryview(data)
        while left:
            left = left[os.write(self._file, left) :]


KEPT = "what was finished is kept; make room there, and go on with the same folder"
