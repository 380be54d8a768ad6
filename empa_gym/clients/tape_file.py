"""The file of a tape: lines that are only ever added, and where each call and each text stands in it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from empa_gym.chat import ChatRequest
from empa_gym.clients.tape_lines import (
    Address,
    Answered,
    Entry,
    Shortening,
    address_of,
    from_line,
    texts_of,
    to_line,
)
from empa_gym.errors import RecordError


class TapeFile:
    """Finds calls on a tape and adds to it. The caller holds a lock.

    What is kept in memory is a place in the file for each call and each text, some 100 bytes a call. The file
    is opened for each call anew (about 10 us), so that nothing needs to be closed, or minded after a fork.

    Args:
        path: the file; made with its folder when it is written to.
        writes: whether it may be changed: calls added, a torn last line taken off.

    Raises:
        RecordError: there is no such file, or a line is no call; names file and line.
    """

    def __init__(self, path: Path, *, writes: bool) -> None:
        self.path = path
        self._calls: dict[int, int] = {}
        self._repeats: dict[int, tuple[int, ...]] = {}
        self._texts: dict[int, int] = {}
        self._shortening = Shortening(self._has_text)
        if writes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        self._read_all(writes=writes)

    def __len__(self) -> int:
        """How many calls it holds."""
        return len(self._calls) + sum(map(len, self._repeats.values()))

    def find(self, address: Address, content: str) -> tuple[int, ...]:
        """Where a call stands, in the order in which it was made; () when it never was."""
        key = _key(address, content)
        first = self._calls.get(key)
        return () if first is None else (first, *self._repeats.get(key, ()))

    def read(self, place: int) -> Entry:
        """The call at a place.

        Raises:
            RecordError: the file was changed meanwhile.
        """
        try:
            with self.path.open("rb") as lines:
                lines.seek(place)
                return from_line(lines.readline())
        except ValueError as error:
            raise RecordError(str(self.path), f"byte {place}", f"expected a call, found {error}") from None

    def text(self, name: str) -> str:
        """The text that an id stands for."""
        endings: list[tuple[int, str]] = []
        while True:
            line = self.read(self._texts[int(name, 16)])
            written = next(one for one in texts_of(line.asked) if one.get("id") == name)
            if "like" not in written:
                break
            endings.append((written["first"], written["then"]))
            name = written["like"]
        text = str(written["text"])
        for first, then in reversed(endings):
            text = text[:first] + then
        return text

    def add(self, request: ChatRequest, content: str, answer: Answered) -> None:
        """Write a call; it has left this process when this returns.

        Raises:
            OSError: the disk takes no more.
        """
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        asked = self._shortening.asked(request)
        line = to_line(request, content, answer, asked, moment)
        place = self._append(line)
        self._note(place, _key(address_of(request), content), asked)

    def entries(self) -> Iterator[Entry]:
        """Every call, in order."""
        with self.path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield from_line(line)

    def _read_all(self, *, writes: bool) -> None:
        place = line_number = 0
        try:
            with self.path.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break  # torn, as when a run was killed; only the last line can be
                    line_number += 1
                    entry = from_line(line)
                    self._note(place, _key(entry.address, entry.content), entry.asked)
                    place += len(line)
        except OSError as error:
            raise RecordError(str(self.path), "", f"expected a tape, found: {error.strerror}") from None
        except ValueError as error:
            raise RecordError(f"{self.path}:{line_number}", "", f"expected a call of a tape, found {error}") from None
        if writes and place < self.path.stat().st_size:
            os.truncate(self.path, place)

    def _note(self, place: int, key: int, asked: Mapping[str, Any]) -> None:
        if self._calls.setdefault(key, place) != place:
            self._repeats[key] = (*self._repeats.get(key, ()), place)
        for written in texts_of(asked):
            if "id" in written:
                self._texts.setdefault(int(written["id"], 16), place)

    def _has_text(self, name: str) -> bool:
        return int(name, 16) in self._texts

    def _append(self, line: bytes) -> int:
        """Write a line in one go; returns where it begins."""
        lines = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            written = os.write(lines, line)
            place = os.lseek(lines, 0, os.SEEK_CUR) - written
            if written < len(line):
                os.ftruncate(lines, place)
                raise OSError(f"{self.path}: only a part of a call could be written; is the disk full?")
        finally:
            os.close(lines)
        return place


def _key(address: Address, content: str) -> int:
    """Address and content as 64 bits; whoever finds a call by them compares both."""
    return int.from_bytes(hashlib.blake2b(repr((*address, content)).encode(), digest_size=8).digest(), "big")
