"""The file of a tape: lines that are only ever added, and where each call and each text stands in it."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.tape_lines import (
    BEGINNING,
    Address,
    Answered,
    Entry,
    Shortening,
    address_of,
    from_line,
    texts_of,
    to_line,
)
from empa_gym.clients.tape_lock import held
from empa_gym.errors import RecordError


class TapeFile:
    """Finds calls on a tape and adds to it. The caller keeps its threads apart.

    Several processes may add to one file by one rule: whoever looks at the end of the file holds its lock, and
    first reads what others have added. So a line that does not end, found under the lock, is no line that is
    being written: its process was killed, and whoever writes next takes it off.

    What is kept in memory is a place in the file for each call and each text, some 100 bytes a call. The file
    is opened for each call anew (about 10 us), so that nothing needs to be closed, or minded after a fork.

    Args:
        path: the file; made with its folder when it is written to.
        writes: whether it may be changed: calls added, a torn last line taken off.

    Raises:
        RecordError: there is no such file, it cannot be made, or a line is no call; names file and line.
    """

    def __init__(self, path: Path, *, writes: bool) -> None:
        if "\0" in str(path):
            raise RecordError(repr(str(path)), "", "expected the path of a tape, found one with a NUL character")
        self.path = path
        self._writes = writes
        self._calls: dict[int, int] = {}
        self._repeats: dict[int, tuple[int, ...]] = {}
        self._texts: dict[int, int] = {}
        self._shortening = Shortening(self._has_text)
        self._end = self._lines = 0  # of what was read, in bytes and in lines
        if writes:
            _make(path)
        self._read_on()

    def __len__(self) -> int:
        """How many calls it holds."""
        return len(self._calls) + sum(map(len, self._repeats.values()))

    def find(self, address: Address, content: str) -> tuple[int, ...]:
        """Where a call stands, in the order in which it was made; () when it never was.

        Raises:
            RecordError: another process has written something else than a call.
        """
        key = _key(address, content)
        if key not in self._calls:
            self._read_on()
        return self._places(key)

    def _places(self, key: int) -> tuple[int, ...]:
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

    def add(self, request: ChatRequest, content: str, answer: Answered) -> Answered:
        """Write a call; the system has it when this returns, so that it outlives this process.

        Returns:
            The answer; or the reply of another process that asked the same and was here first, which then
            counts for both, as it does for whoever replays the tape.

        Raises:
            OSError: the disk takes no more, or the file is gone.
            RecordError: another process has written something else than a call.
        """
        address, moment = address_of(request), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with held(self.path, writing=True) as tape:
            self._catch_up(tape)
            if (earlier := self._reply(address, content)) is not None:
                return earlier
            asked = self._shortening.asked(request)
            line = to_line(request, content, answer, asked, moment)
            self._append(tape, line)
        self._note(_key(address, content), asked, len(line))
        return answer

    def _reply(self, address: Address, content: str) -> ChatReply | None:
        """The reply to a call, if there is one."""
        for place in self._places(_key(address, content)):
            entry = self.read(place)
            if (entry.address, entry.content) == (address, content) and isinstance(entry.answer, ChatReply):
                return entry.answer
        return None

    def entries(self) -> Iterator[Entry]:
        """Every call, in order."""
        with self.path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield from_line(line)

    def _read_on(self) -> None:
        """Note what was added to the file since it was last read; where nothing was, this costs a microsecond."""
        try:
            if self._lines and self.path.stat().st_size == self._end:
                return
            with held(self.path, writing=self._writes) as tape:
                self._catch_up(tape)
        except OSError as error:
            raise RecordError(str(self.path), "", f"expected a tape, found: {error.strerror}") from None

    def _catch_up(self, tape: int) -> None:
        """Note what others have added, and take off a torn last line where the file may be changed."""
        size = os.fstat(tape).st_size
        if size == self._end:
            return
        if size < self._end:
            raise RecordError(str(self.path), "", f"expected {self._end} bytes or more, found {size}: it was cut")
        with open(tape, "rb", closefd=False) as lines:
            lines.seek(self._end)
            for line in lines:
                if not line.endswith(b"\n"):
                    self._refuse_foreign(line)
                    break  # torn, as when a run was killed; only the last line can be
                entry = self._entry(line)
                self._note(_key(entry.address, entry.content), entry.asked, len(line))
        if self._writes:
            os.ftruncate(tape, self._end)

    def _refuse_foreign(self, torn: bytes) -> None:
        """Refuse a line without an end that is not the beginning of a call: it is somebody's file, not to be cut."""
        if not torn.startswith(BEGINNING[: len(torn)]):
            found = torn[:40].decode(errors="replace")
            raise RecordError(f"{self.path}:{self._lines + 1}", "", f"expected a call of a tape, found {found!r}")

    def _entry(self, line: bytes) -> Entry:
        try:
            return from_line(line)
        except ValueError as error:
            place = f"{self.path}:{self._lines + 1}"
            raise RecordError(place, "", f"expected a call of a tape, found {error}") from None

    def _note(self, key: int, asked: Mapping[str, Any], size: int) -> None:
        """Note where the next line stands, which has so many bytes."""
        place = self._end
        if self._calls.setdefault(key, place) != place:
            self._repeats[key] = (*self._repeats.get(key, ()), place)
        for written in texts_of(asked):
            if "id" in written:
                self._texts.setdefault(int(written["id"], 16), place)
        self._end += size
        self._lines += 1

    def _has_text(self, name: str) -> bool:
        return int(name, 16) in self._texts

    def _append(self, tape: int, line: bytes) -> None:
        try:
            written = os.write(tape, line)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        if written < len(line):
            os.ftruncate(tape, self._end)
            problem = "only a part of a call could be written; is the disk full?"
            raise OSError(errno.ENOSPC, problem, str(self.path))


def _make(path: Path) -> None:
    """Make the file with its folder, where they are not there yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise RecordError(str(path), "", f"expected a tape that can be written to, found: {error.strerror}") from None


def _key(address: Address, content: str) -> int:
    """Address and content as 64 bits; whoever finds a call by them compares both."""
    return int.from_bytes(hashlib.blake2b(repr((*address, content)).encode(), digest_size=8).digest(), "big")
