"""The lock on a file that one process writes; the system frees it when that process ends, however."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    BEHIND_ALL = 2**62
    """A byte that no file reaches: what is locked there cannot be read by others, so it must not be text."""

    def lock_alone(file: int) -> None:
        """Take the lock of an open file, or raise an OSError where another process has it."""
        os.lseek(file, BEHIND_ALL, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock_alone(file: int) -> None:
        """Take the lock of an open file, or raise an OSError where another process has it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
