"""Groups: dialogues that share scenario and seed, put together as they end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.mapo import TurnBatch
from empa_gym.rollout.jobs import GroupLabel, Job
from empa_gym.rollout.turn_batch import label_of, turn_batch


class Group(NamedTuple):
    """Dialogues of one policy from one start: equal cast, scenario and seed, other replies.

    Attributes:
        label: policy, scenario and seed, which all share.
        records: one for each member, in the order of their numbers.
    """

    label: GroupLabel
    records: tuple[EpisodeRecord, ...]

    @property
    def scenario(self) -> str:
        """The scenario's id."""
        return self.label.scenario

    @property
    def seed(self) -> int:
        """The dialogues' seed."""
        return self.label.seed

    @property
    def complete(self) -> tuple[bool, ...]:
        """For each member whether its dialogue ended by a rule or its turn limit; a failure ended the others."""
        return tuple(record.outcome.scored for record in self.records)

    @property
    def returns(self) -> tuple[float | None, ...]:
        """For each member the sum of its rewards; None where a failure ended it."""
        return tuple(record.episode_return if record.outcome.scored else None for record in self.records)

    def turn_batch(self) -> TurnBatch:
        """The rewards of the group, a row for each member."""
        return turn_batch(self.records)


class Gathering:
    """Puts records together to groups, in whatever order they come.

    Args:
        jobs: all that are awaited.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._awaited = Counter(job.group for job in jobs)
        self._members: defaultdict[GroupLabel, list[EpisodeRecord]] = defaultdict(list)

    def add(self, record: EpisodeRecord) -> Group | None:
        """The group that this record completes, if it completes one; it is then forgotten here."""
        label = label_of(record)
        members = self._members[label]
        members.append(record)
        if len(members) < self._awaited[label]:
            return None
        return group_of(self._members.pop(label))


def group_of(members: Iterable[EpisodeRecord]) -> Group:
    """The group of these members, which share policy, scenario and seed."""
    records = tuple(sorted(members, key=lambda record: record.member))
    return Group(label_of(records[0]), records)


def gather(records: Iterable[EpisodeRecord]) -> Iterator[Group]:
    """The groups that records fall into, in the order in which their first members come."""
    by_label: dict[GroupLabel, list[EpisodeRecord]] = {}
    for record in records:
        by_label.setdefault(label_of(record), []).append(record)
    return map(group_of, by_label.values())
