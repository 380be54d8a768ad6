"""The groups of a run's folder, read from disk one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.folder import RunSettings, read_settings
from empa_gym.rollout.groups import Group, group_of
from empa_gym.rollout.jobs import GroupLabel
from empa_gym.rollout.ledger import Entry, Index
from empa_gym.rollout.seeds import dialogue_seed


class KeptGroups(Sequence[Group]):
    """The groups that a folder holds, in the order in which they were planned, whatever the order of their ends.

    What is kept in memory is a place in a file for each dialogue, some hundreds of bytes.

    Args:
        folder: of a run. Dialogues that end after this is made are not among them.

    Attributes:
        retried: the failed attempts that a later one took the place of, in the order of their ends.

    Raises:
        RecordError: a file cannot be read, or a line in it is malformed.
    """

    def __init__(self, folder: Path) -> None:
        members: dict[GroupLabel, list[Entry]] = {}
        finished, failed, retried = Index.of(folder)
        self.retried: Iterable[EpisodeRecord] = _Read(retried)
        for address, entry in sorted({**failed, **finished}.items(), key=lambda each: each[0].member):
            label = GroupLabel(address.policy, address.scenario, address.seed)
            members.setdefault(label, []).append(entry)
        settings = read_settings(folder)
        planned = _planned(settings) if settings else ()
        labels = [label for label in planned if label in members]
        self._members = [members.pop(label) for label in labels] + [members[label] for label in sorted(members)]

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, index: int) -> Group: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Group, ...]: ...

    def __getitem__(self, index: int | slice) -> Group | tuple[Group, ...]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        return group_of(entry.read() for entry in self._members[index])


class _Read(Iterable[EpisodeRecord]):
    """The dialogues of entries, read from disk whenever they are iterated over."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[EpisodeRecord]:
        return (entry.read() for entry in self._entries)


def _planned(settings: RunSettings) -> Iterator[GroupLabel]:
    """The groups of a run, in the order of play."""
    return (
        GroupLabel(policy, scenario, dialogue_seed(seed, scenario))
        for seed in range(settings.seed, settings.seed + settings.seeds)
        for scenario in settings.scenarios
        for policy in settings.policies
    )
