"""What a collection came to: its groups, in memory or read from disk as they are asked for, and what follows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from empa_gym.clients.addressed import RoleUsage
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.errors import RecordError
from empa_gym.mapo import TurnBatch
from empa_gym.rollout.folder import folder_path
from empa_gym.rollout.groups import Group, gather
from empa_gym.rollout.kept_groups import KeptGroups
from empa_gym.rollout.turn_batch import turn_batch


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Groups of dialogues that were played.

    Attributes:
        groups: in the order in which they were planned. Those of a folder are read when they are asked for, one
            at a time, so that a run may be larger than the memory.
        retried: failed attempts at dialogues that were played again since. They are in no group, and count for
            :attr:`usage` alone, since they were paid for.
    """

    groups: Sequence[Group]
    retried: Iterable[EpisodeRecord] = field(default=(), repr=False, compare=False)

    @classmethod
    def from_records(cls, records: Iterable[EpisodeRecord]) -> Rollouts:
        """The rollouts that records make, in the order in which they come."""
        return cls(tuple(gather(records)))

    @classmethod
    def from_folder(cls, folder: str | Path) -> Rollouts:
        """The rollouts of a run's folder, whether or not the run is over. Nothing is held but where each stands.

        Raises:
            RecordError: there is no run, or a line is malformed.
            ValueError, TypeError: that is no name of a folder.
        """
        groups = KeptGroups(folder_path(folder))
        if not len(groups):
            raise RecordError(str(folder), "", "expected the folder of a run with at least one dialogue, found none")
        return cls(groups, groups.retried)

    def __len__(self) -> int:
        """Dialogues."""
        return sum(len(group.records) for group in self.groups)

    @property
    def records(self) -> Iterator[EpisodeRecord]:
        """Every dialogue, group after group."""
        return (record for group in self.groups for record in group.records)

    def turn_batch(self, dtype: type[np.floating[Any]] = np.float64) -> TurnBatch:
        """The rewards of all dialogues, a row each, in the order of :attr:`records`; made for advantages.

        Args:
            dtype: numpy.float32 or numpy.float64.
        """
        return turn_batch(self.records, dtype=dtype)

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many dialogues ended by which verdict."""
        return Counter(record.verdict for record in self.records)

    @property
    def failures(self) -> Mapping[str, int]:
        """How many dialogues a failure ended, by its cause, the most frequent first."""
        failed = Counter(record.error or record.verdict for record in self.records if not record.outcome.scored)
        return dict(failed.most_common())

    @property
    def usage(self) -> tuple[RoleUsage, ...]:
        """What models used in all, by role in alphabetical order; () where nobody was asked.

        Failed attempts that were played again are counted too. What a tape gave again counts in each attempt.
        """
        by_role: dict[str, list[RoleUsage]] = {}
        for record in chain(self.records, self.retried):
            for used in record.usage:
                amounts = (getattr(used, name) for name in RoleUsage._fields)
                by_role.setdefault(used.role, []).append(RoleUsage(*amounts))
        return tuple(_sum(role, by_role[role]) for role in sorted(by_role))


def messages(record: EpisodeRecord) -> list[dict[str, str]]:
    """A dialogue as chat messages for a chat template: the seeker is "user", the policy "assistant".

    The first is the user's. There is no system message: the prompt that a policy was given is the policy's own.
    """
    said = [
        {"role": role, "content": content}
        for turn in record.turns
        for role, content in (("user", turn.message), ("assistant", turn.reply))
    ]
    return [*said, {"role": "user", "content": record.unanswered}] if record.unanswered else said


def _sum(role: str, used: Sequence[RoleUsage]) -> RoleUsage:
    _, calls, failed, retries, prompts, completions, cost, seconds = zip(*used, strict=True)
    return RoleUsage(
        role, sum(calls), sum(failed), sum(retries), sum(prompts), sum(completions), math.fsum(cost), math.fsum(seconds)
    )
