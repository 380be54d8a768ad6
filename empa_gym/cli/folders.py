"""The folder of a run: settings.json when it begins, records.jsonl as it goes, summary.json when it ends."""

from __future__ import annotations

import datetime
import itertools
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from empa_gym.dialogue.record import EpisodeRecord, to_line
from empa_gym.errors import RecordError

RECORDS = "records.jsonl"
SETTINGS = "settings.json"
SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run was asked to do.

    Attributes:
        version: of this package.
        policies, scenarios: names, in the order of play.
        seed: of the run; ``seeds`` runs follow from it: seed, seed + 1, ...
        cast, rules, reward: as given.
        planned: dialogues for each policy.
        models: which chat models play, by role or policy; ``ceilings`` and ``tape`` as given.
    """

    version: str
    policies: tuple[str, ...]
    scenarios: tuple[str, ...]
    seed: int
    seeds: int
    cast: Any
    rules: Any
    reward: Any
    planned: int
    models: Any = None
    ceilings: Any = None
    tape: str | None = None


_SETTINGS: TypeAdapter[RunSettings] = TypeAdapter(RunSettings)


def make_folder(out: Path, name: str | None, settings: RunSettings) -> Path:
    """Make the folder of a new run; what is there already is never written over.

    Args:
        out: where runs lie.
        name: the run's name; None: the date and time, numbered when that is taken.
        settings: what the run is to do.

    Raises:
        ValueError: the name is taken, or is no plain name, or no folder can be made there.
    """
    if name is not None and (not name.strip() or Path(name).name != name):
        raise ValueError(f"expected the name of a new folder in {out}, got {name!r}; choose where it lies with --out")
    make_parent(out)
    now = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    numbered = (f"{now}-{number}" for number in itertools.count(2))
    for candidate in (name,) if name is not None else itertools.chain((now,), numbered):
        folder = out / candidate
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise ValueError(f"cannot make the folder of a run, {candidate!r}, in {out}: {error.strerror}") from None
        write_json(folder / SETTINGS, _SETTINGS.dump_python(settings, mode="json"))
        return folder
    raise ValueError(f"{out / str(name)} exists already and is never written over; choose another --name")


def make_parent(out: Path) -> None:
    """Make the folder in which runs lie, unless it is there.

    Raises:
        ValueError: a file is there, or the folder cannot be made; says why.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"--out must be a folder in which runs can be kept, {out} is a file")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"--out must be a folder in which runs can be kept, {out} cannot be made: {error.strerror}"
        ) from None


def write_json(path: Path, value: Any) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, path)


def keep_records(path: Path, records: Iterable[EpisodeRecord]) -> Iterable[EpisodeRecord]:
    """Yield each record after its line has left this process."""
    with path.open("x", encoding="utf-8", newline="\n") as lines:
        for record in records:
            lines.write(to_line(record) + "\n")
            lines.flush()
            yield record


def read_settings(folder: Path) -> RunSettings | None:
    """The settings of a run's folder, None where there are none.

    Raises:
        RecordError: the file is malformed.
    """
    path = folder / SETTINGS
    if not path.is_file():
        return None
    try:
        return _SETTINGS.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RecordError(str(path), field, f"expected: {first['msg']}") from None
