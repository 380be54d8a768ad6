"""What score, replay and show read: our own records, or the public benchmark's results."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from empa_gym import official
from empa_gym.cli.folders import RECORDS, read_settings
from empa_gym.cli.terminal import complain
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.epm import EPMParams, rules_from
from empa_gym.errors import RecordError
from empa_gym.rollout.ledger import read_run
from empa_gym.scoring import ReplayRow, Summary, replay, summarise

LINES = ".jsonl"


def record_files(path: Path) -> list[Path]:
    """The files of our own records that a path names: a file, a run's folder, or a folder of runs; else none."""
    if path.is_file():
        return [path] if path.suffix == LINES else []
    return [path / RECORDS] if (path / RECORDS).is_file() else sorted(path.glob(f"*/{RECORDS}"))


def own_records(path: Path) -> list[EpisodeRecord]:
    """The records that a path names.

    Raises:
        RecordError: there are none, or a line is malformed.
    """
    records = [record for file in record_files(path) for record in read_run(file, complain)]
    if not records:
        found = what_is_there(path, "none in it")
        raise RecordError(str(path), "", f"expected a run's folder, a folder of runs or a {LINES} file; found {found}")
    return records


def summaries(path: Path) -> list[Summary]:
    """The score of each model or policy under a path.

    Raises:
        RecordError: nothing is there to score, or a file is malformed.
    """
    files = record_files(path)
    if files:
        rows = [summary for file in files for summary in _own_summaries(file, several=len(files) > 1)]
        if not rows:
            raise RecordError(str(path), "", "expected at least one finished dialogue, found none")
        return rows
    return [
        summarise(results.model, [dialogue.trajectory for dialogue in results.dialogues])
        for results in public_results(path)
    ]


def public_results(path: Path) -> Sequence[official.ModelResults]:
    """The public benchmark's results under a path that holds no records of ours.

    Raises:
        RecordError: there are none either, or a file is malformed.
    """
    if path.is_file() or official.result_files(path):
        return official.read_results(path)
    found = what_is_there(path, "neither in it")
    raise RecordError(
        str(path), "", f"expected records of a run, or result files of the public benchmark; found {found}"
    )


def what_is_there(path: Path, nothing: str) -> str:
    """What stands under a path that holds nothing of use; ``nothing`` is what is said of a file or a folder."""
    if path.is_dir() or path.is_file():
        return nothing
    return "neither a file nor a folder" if path.exists() else "no such file or folder"


def some_path(text: str) -> Path:
    """The path that an argument names.

    Raises:
        ArgumentTypeError: the argument is blank; Path would take it for the working directory.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a path, got an empty one")
    return Path(text)


def _own_summaries(file: Path, *, several: bool) -> list[Summary]:
    settings = read_settings(file.parent) if file.name == RECORDS else None
    planned = settings.planned if settings else None
    by_policy = group_by_policy(read_run(file, complain), settings.policies if settings else ())
    prefix = f"{file.parent.name}/" if several else ""
    return [
        summarise(prefix + policy, [record.trajectory for record in records], planned)
        for policy, records in by_policy.items()
    ]


def group_by_policy(records: Iterable[EpisodeRecord], order: Iterable[str] = ()) -> dict[str, list[EpisodeRecord]]:
    """The records of each policy, in the given order and then in that of appearance."""
    groups: dict[str, list[EpisodeRecord]] = {policy: [] for policy in order}
    for record in records:
        groups.setdefault(record.policy, []).append(record)
    return groups


def replays(path: Path, rules: str | None) -> list[ReplayRow]:
    """Each dialogue under a path, ended by the rules.

    Args:
        path: our own records, or the public benchmark's results.
        rules: a rule set; None: a record's own rules, and the published ones for the benchmark's files.

    Raises:
        RecordError: nothing is there to replay, or a file is malformed.
    """
    if record_files(path):
        return [_replay_own(record, rules) for record in own_records(path)]
    params = rules_from(rules or "published")
    return [official.replay(dialogue, params) for results in public_results(path) for dialogue in results.dialogues]


def _replay_own(record: EpisodeRecord, rules: str | None) -> ReplayRow:
    return replay(record.recording, judged_every(record.rules.eval_every, rules) if rules else record.rules)


def judged_every(interval: int, rules: str) -> EPMParams:
    """A rule set with the interval of a recorded dialogue, which may be longer than its turn limit."""
    params = rules_from(rules)
    return replace(params, eval_every=min(interval, params.max_turns))
