"""The lock that processes which share a tape take turns by; it ends with the process that holds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    BEHIND_ALL = 2**62
    """A byte that no tape reaches: what is locked there cannot be read by others, so it must not be text."""

    def _lock(tape: int, *, alone: bool) -> None:
        os.lseek(tape, BEHIND_ALL, os.SEEK_SET)
        msvcrt.locking(tape, msvcrt.LK_LOCK, 1)

    def _unlock(tape: int) -> None:
        os.lseek(tape, BEHIND_ALL, os.SEEK_SET)
        msvcrt.locking(tape, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(tape: int, *, alone: bool) -> None:
        fcntl.flock(tape, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def _unlock(tape: int) -> None:
        fcntl.flock(tape, fcntl.LOCK_UN)  # closing alone would leave it to a child that was forked meanwhile


@contextmanager
def held(path: Path, *, writing: bool) -> Iterator[int]:
    """The file, open and locked: by one who writes, or by any number who read.

    Args:
        path: a file that is there.
        writing: whether it is to be changed.

    Yields:
        Its descriptor; whatever is written goes to the end.

    Raises:
        OSError: it cannot be opened, or its file system has no locks.
    """
    with _opened(path, writing=writing) as tape:
        try:
            _lock(tape, alone=writing)
        except OSError as error:
            problem = f"{error.strerror}; a tape needs a file system that locks files, as that of a local disk"
            raise OSError(error.errno, problem, str(path)) from None
        try:
            yield tape
        finally:
            _unlock(tape)


@contextmanager
def _opened(path: Path, *, writing: bool) -> Iterator[int]:
    binary = getattr(os, "O_BINARY", 0)  # Windows alone has it, and changes line breaks without it
    tape = os.open(path, (os.O_RDWR | os.O_APPEND if writing else os.O_RDONLY) | binary)
    try:
        yield tape
    finally:
        os.close(tape)
