"""The folder of a run: what it was asked to do, and its ledger. A run goes on only as what it was begun."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from empa_gym.errors import RecordError
from empa_gym.rollout.identity import RunIdentity, differences
from empa_gym.rollout.ledger import FAILURES, RECORDS, Ledger

SETTINGS = "settings.json"
SUMMARY = "summary.json"
MOST_SHOWN = 8
"""So many differences are told; one changed file often makes many."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run was asked to do.

    Attributes:
        version: of this package.
        policies, scenarios: names, in the order of play.
        seed: of the run; ``seeds`` runs follow from it: seed, seed + 1, ...
        cast, rules, reward: as given; an object's name in its place.
        planned: dialogues for each policy.
        models: which chat models play, by role or policy; ``ceilings`` and ``tape`` as given.
        group_size: dialogues that share scenario and seed.
        identity: what all dialogues of the run follow from; None in folders of older releases, which cannot go on.
        arguments: of the command line, as given there, so that it can take the run up again.
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
    group_size: int = 1
    identity: RunIdentity | None = None
    arguments: Any = None


_SETTINGS: TypeAdapter[RunSettings] = TypeAdapter(RunSettings)
EXTENT = ("policies", "scenarios", "seed", "seeds", "group_size")
"""Which dialogues a run has, beside what they follow from."""


def open_folder(folder: Path, settings: RunSettings, *, resume: bool) -> Ledger:
    """The ledger of a run's folder: of a new one, or of one that holds this very run.

    Args:
        folder: made unless it is there.
        settings: what is to be played.
        resume: go on with the run that the folder holds; where it holds none, begin it.

    Raises:
        ValueError: the folder holds a run and ``resume`` is False, or it holds another run; says what differs.
        RecordError: it cannot be written to, another process writes there, or a file in it is malformed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(str(folder), "", f"expected a folder for a run, cannot be made: {error.strerror}") from None
    _refuse(folder, settings, resume=resume)  # before the ledger cuts off a torn line of what may not be ours
    ledger = Ledger(folder)
    try:
        if _refuse(folder, settings, resume=resume) is None:
            write_json(folder / SETTINGS, _SETTINGS.dump_python(settings, mode="json"))
    except BaseException:
        ledger.close()
        raise
    return ledger


def folder_path(folder: str | Path) -> Path:
    """The folder that somebody names.

    Raises:
        TypeError: it is no path.
        ValueError: it is "", which would be the folder that the program runs in.
    """
    if not isinstance(folder, str | Path):
        raise TypeError(f"expected folder as a str or a Path, got {folder!r:.80}")
    if folder == "":
        raise ValueError("expected the name of a folder, got ''; write '.' for the one that the program runs in")
    return Path(folder)


def _refuse(folder: Path, settings: RunSettings, *, resume: bool) -> RunSettings | None:
    """The settings of the run that the folder holds, None for a new one; refused unless it is this very run."""
    kept = read_settings(folder)
    if kept is None:
        if any((folder / name).is_file() and (folder / name).stat().st_size for name in (RECORDS, FAILURES)):
            raise ValueError(f"{folder} holds dialogues but no {SETTINGS}, so it cannot go on; choose another folder")
    elif not resume:
        raise ValueError(f"{folder} holds a run already; go on with it (resume), or choose another folder")
    else:
        refuse_another_run(folder, kept, settings)
    return kept


def refuse_another_run(folder: Path, kept: RunSettings, asked: RunSettings) -> None:
    """Refuse to go on as something else than what the folder holds.

    Raises:
        ValueError: names each setting that differs, as it is in the folder and as it was asked.
    """
    if kept.identity is None or asked.identity is None:
        raise ValueError(f"{folder} was made by an older release, which did not keep what a run needs to go on")
    before, after = (_SETTINGS.dump_python(one, mode="json") for one in (kept, asked))
    told = [
        f"{name}: {json.dumps(before[name]):.120} in the folder, {json.dumps(after[name]):.120} asked"
        for name in EXTENT
        if before[name] != after[name]
    ]
    told += differences(kept.identity, asked.identity)
    if told:
        more = f"; and {len(told) - MOST_SHOWN} more" if len(told) > MOST_SHOWN else ""
        raise ValueError(f"{folder} holds another run: {'; '.join(told[:MOST_SHOWN])}{more}; choose another folder")


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


def write_json(path: Path, value: Any) -> None:
    """Write a file whole or not at all.

    Raises:
        RecordError: the disk does not take it.
    """
    unfinished = path.with_suffix(".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(json.dumps(value, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name on an empty file
        os.replace(unfinished, path)
    except OSError as error:
        raise RecordError(str(path), "", f"cannot be written: {error.strerror}") from None
