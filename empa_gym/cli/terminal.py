"""How the command line writes: consoles, texts, JSON, and what makes them safe on any terminal and in any pipe."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from empa_gym.dialogue.visible import visible
from empa_gym.errors import EmpaError

BAD_INPUT = 2
"""Exit code of a command that was given what it cannot use."""
INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells have it."""
PLAIN_WIDTH = 100
"""Columns of what goes into a file or a pipe, where no terminal says its width."""


def console(*, stderr: bool = False) -> Console:
    """A console on stdout, or on stderr; a terminal's own width, else COLUMNS, else 100."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PLAIN_WIDTH
    return Console(stderr=stderr, highlight=False, width=width)


def survive_encoding() -> None:
    """Let a terminal that knows few letters show a replacement instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a list of objects as JSON; a figure that is not known is null."""
    print(json.dumps([known(row) for row in rows], indent=2))


def known(value: Any) -> Any:
    """The value with null where a figure is nan, since JSON has no word for it."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Mapping):
        return {key: known(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [known(one) for one in value]
    return value


def figure(value: float | None, digits: int = 1) -> str:
    """A number for a table cell, "-" where it is not known."""
    if value is None or math.isnan(value):
        return "-"
    # Adding 0.0 turns the -0.0 of a small loss into 0.0.
    return f"{round(value, digits) + 0.0:.{digits}f}"


def shown(text: str, style: str = "") -> Text:
    """Text that somebody else wrote, for a console: no markup, and nothing in it steers the terminal."""
    return Text(visible(text), style)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 turn", "2 turns"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def complain(sentence: str) -> None:
    """Write one sentence on stderr."""
    print(f"empa-gym: {' '.join(visible(sentence).split())}", file=sys.stderr)


@contextlib.contextmanager
def waiting(text: str) -> Iterator[None]:
    """Say on a terminal what is being waited for, as long as it lasts."""
    out = console(stderr=True)
    with out.status(shown(text)) if out.is_terminal else contextlib.nullcontext():
        yield


def sentence(error: Exception) -> str:
    """What an error says to the person who caused it."""
    if isinstance(error, OSError) and error.strerror and not isinstance(error, EmpaError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__
