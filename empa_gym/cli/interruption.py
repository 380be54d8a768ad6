"""Ctrl-C, remembered: a library may swallow the KeyboardInterrupt and report an error of its own instead."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interruption:
    """While it is entered, notes that Ctrl-C was pressed and raises KeyboardInterrupt as Python does.

    pydantic, for one, turns a KeyboardInterrupt that meets it while it writes JSON into a ValueError.
    Where Ctrl-C is ignored or handled by somebody else, it is left so.

    Attributes:
        came: whether Ctrl-C was pressed.
    """

    def __init__(self) -> None:
        self.came = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        handled = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if handled and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def raise_if_came(self) -> None:
        """Raise the KeyboardInterrupt again that somebody swallowed."""
        if self.came:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        signal.default_int_handler(number, frame)
