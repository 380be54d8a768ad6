"""The dialogues of a run's folder, and which of them are done: what makes a run that was killed go on.

    settings.json    what is played, written once, before anything is played
    records.jsonl    dialogues that ended by a rule or their turn limit, one a line, as they end; locked by the process
                     that writes
    failures.jsonl   dialogues that a model, a spent budget or broken code ended, with the cause; a dialogue that is
                     retried may stand there several times, and its last line counts

A dialogue is written once, when it is over, and never changed. So after any number of kills the two files hold
finished dialogues and at most one torn line at their end, which is cut off when the run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from empa_gym.clients.addressed import DialogueAddress
from empa_gym.dialogue.record import EpisodeRecord, from_line, read_records, to_line
from empa_gym.errors import RecordError
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.line_file import LineFile, Place, read_line, read_lines

RECORDS = "records.jsonl"
FAILURES = "failures.jsonl"


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="ignore"))
class _Head:
    """What the ledger reads of a line; the rest is read when somebody asks for the dialogue."""

    scenario: str
    seed: int
    policy: str
    member: int
    key: str = ""


_HEAD: TypeAdapter[_Head] = TypeAdapter(_Head)


class Entry(NamedTuple):
    """A dialogue that is done: what it follows from, and where its line stands."""

    key: str
    path: Path
    place: Place

    def read(self) -> EpisodeRecord:
        """The dialogue.

        Raises:
            RecordError: its line was changed meanwhile, or a field in it is not what it must be.
        """
        return from_line(read_line(self.path, self.place), str(self.path))


class Index(NamedTuple):
    """The dialogues of a folder.

    Attributes:
        finished: those that ended by a rule or their turn limit.
        failed: those that a failure ended, and that did not finish since.
        retried: failed attempts that a later one took the place of, as they stood when the folder was read.
    """

    finished: dict[DialogueAddress, Entry]
    failed: dict[DialogueAddress, Entry]
    retried: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, folder: Path) -> Index:
        """Read what a folder holds; a torn last line is left out.

        Raises:
            RecordError: a file cannot be read, or a line in it is malformed.
        """
        finished, attempts = dict(_entries(folder / RECORDS)), list(_entries(folder / FAILURES))
        failed = {address: entry for address, entry in dict(attempts).items() if address not in finished}
        retried = tuple(entry for address, entry in attempts if entry is not failed.get(address))
        return cls(finished, failed, retried)

    def find(self, address: DialogueAddress) -> Entry | None:
        """A dialogue that is done; None while it is not."""
        return self.finished.get(address) or self.failed.get(address)


class Ledger:
    """Keeps the dialogues of a run in its folder. One process at a time has it open; use it in a ``with``.

    Args:
        folder: a folder that is there.

    Attributes:
        index: the dialogues that are done.
        torn: how many bytes of lines that a killed process did not finish were cut off.

    Raises:
        RecordError: another process has it open, it cannot be written to, or a line in it is malformed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, LineFile] = {}
        try:
            for name in (RECORDS, *([FAILURES] if (folder / FAILURES).exists() else [])):
                self._file(name)
            self.torn = sum(file.torn for file in self._files.values())
            self.index = Index.of(folder)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """See to it that all is on the disk, and let others write."""
        for file in self._files.values():
            file.close()

    def _file(self, name: str) -> LineFile:
        """The file of that name in the folder; it is made when it is first needed."""
        if name not in self._files:
            self._files[name] = LineFile(self._folder / name)
        return self._files[name]

    def keep(self, record: EpisodeRecord) -> bool:
        """Write a dialogue that is over; it has left this process when this returns.

        Returns:
            False when it was finished before: it is then not written a second time.

        Raises:
            RecordError: the disk does not take it.
        """
        address, finished, failed = address_of(record), self.index.finished, self.index.failed
        if address in finished:
            return False
        done = record.outcome.scored
        file, entries = (self._file(RECORDS), finished) if done else (self._file(FAILURES), failed)
        entries[address] = Entry(record.key, file.path, file.append(to_line(record).encode()))
        if done:
            failed.pop(address, None)
        return True

    def left(self, jobs: Iterable[Job], *, retry_failed: bool = False) -> list[Job]:
        """The jobs that are still to be played.

        Args:
            jobs: all of the run.
            retry_failed: play those again that failed.

        Raises:
            RecordError: a dialogue of this folder follows from something else than the job of its address.
        """
        return [job for job in jobs if not self._done(job, retry_failed=retry_failed)]

    def _done(self, job: Job, *, retry_failed: bool) -> bool:
        entry = self.index.find(job.address)
        if entry is None:
            return False
        if entry.key != job.key:
            which = f"{job.policy} with {job.scenario.id}, seed {job.seed}, member {job.member}"
            problem = f"expected {job.key} for {which}, found {entry.key or 'none'}: the dialogue is of another run"
            raise RecordError(str(entry.path), "key", problem)
        return job.address in self.index.finished or not retry_failed


def read_run(path: Path, on_torn: Callable[[str], None] | None = None) -> Iterator[EpisodeRecord]:
    """The dialogues of a file of records; for a run's own, also those that failed and did not finish since.

    Args:
        path: the file; where it is called ``records.jsonl``, ``failures.jsonl`` beside it is read too.
        on_torn: is told of a torn last line in a sentence.

    Raises:
        RecordError: a file cannot be read, or a line is malformed; names file, line and field.
    """
    finished = set()
    for record in read_records(path, on_torn):
        finished.add(address_of(record))
        yield record
    failures = path.with_name(FAILURES)
    if path.name == RECORDS and failures.exists():
        failed = {address_of(record): record for record in read_records(failures, on_torn)}
        yield from (record for address, record in failed.items() if address not in finished)


def address_of(record: EpisodeRecord) -> DialogueAddress:
    """Which dialogue of its run a record holds."""
    return DialogueAddress(record.scenario, record.seed, record.member, record.policy)


def _entries(path: Path) -> Iterator[tuple[DialogueAddress, Entry]]:
    """Each line with its address; of lines with one address the last counts."""
    for number, (place, line) in enumerate(read_lines(path), 1):
        try:
            head = _HEAD.validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise RecordError(f"{path}:{number}", field, f"expected: {first['msg']}") from None
        yield DialogueAddress(head.scenario, head.seed, head.member, head.policy), Entry(head.key, path, place)
