"""The folder of a run on the command line: where it lies, and what it is called."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path

from empa_gym.rollout.folder import SETTINGS as SETTINGS
from empa_gym.rollout.folder import SUMMARY as SUMMARY
from empa_gym.rollout.folder import RunSettings as RunSettings
from empa_gym.rollout.folder import read_settings as read_settings
from empa_gym.rollout.folder import write_json as write_json
from empa_gym.rollout.ledger import RECORDS as RECORDS


def make_folder(out: Path, name: str | None) -> Path:
    """Make the folder of a new run; what is there already is never written over.

    Args:
        out: where runs lie.
        name: the run's name; None: the date and time, numbered when that is taken.

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
