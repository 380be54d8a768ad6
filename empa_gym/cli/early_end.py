"""A run ends early where nobody answers: hundreds of dialogues with an endpoint that is not there help no one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from empa_gym.agents.casting import POLICY
from empa_gym.cli.terminal import counted
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.outcome import Outcome
from empa_gym.rollout import Job

PATIENCE = 5
"""Dialogues that must have failed without one answer; the client of each has tried again as often as it may."""


class Asked(NamedTuple):
    """Whose model is asked: a role of the cast, for every dialogue; or the policy of that name."""

    role: str
    policy: str = ""


class EarlyEnd:
    """Hands out the jobs of a run until it is plain that a model never answers.

    Given up is a model that left :data:`PATIENCE` dialogues to fail and answered no call of the run, whatever
    the cause: no connection, a wrong key, a model that is not there. One that answered once is never given up,
    nor one that answers and cannot be read. A silent role of the cast ends the run; a silent policy only the
    dialogues of that policy.
    """

    def __init__(self) -> None:
        self._failed: Counter[Asked] = Counter()
        self._answered: set[Asked] = set()
        self._causes: dict[Asked, str] = {}

    def worth_playing(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """The jobs, without those that are known to fail; looks again before each."""
        for job in jobs:
            if not any(silent.policy in ("", job.policy) for silent in self.silent):
                yield job

    def note(self, record: EpisodeRecord) -> None:
        """Look at who answered in a dialogue that is over."""
        for used in record.usage:
            asked = Asked(used.role, record.policy if used.role == POLICY else "")
            if used.calls:
                self._answered.add(asked)
            elif used.failed and record.outcome is Outcome.MODEL_ERROR:
                self._failed[asked] += 1
                self._causes.setdefault(asked, record.error)

    @property
    def silent(self) -> list[Asked]:
        """The models that are given up."""
        failed = tuple(self._failed.items())  # it is asked on another thread than it is told
        return [asked for asked, count in failed if count >= PATIENCE and asked not in self._answered]

    def sentence(self, unplayed: int) -> str:
        """Who was given up, why, and how many dialogues were not played; "" where nobody was."""
        silent = self.silent
        if not silent:
            return ""
        named = " and ".join(f"the {asked.role} {asked.policy}".rstrip() for asked in silent)
        return (
            f"{counted(unplayed, 'dialogue')} not played, because the model of {named} never answered; "
            f"the first failure: {self._causes[silent[0]]}; 'empa-gym doctor' with the same file asks it alone"
        )
