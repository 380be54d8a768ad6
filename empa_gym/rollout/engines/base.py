"""What an engine is: it takes jobs and gives records, in the order in which dialogues end.

An engine decides only where and when a dialogue is played. What is said in it follows from the job and the
work, so every engine gives the same records, order aside.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from empa_gym.agents.protocols import Policy
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.limits import Limits
from empa_gym.clients.wiring import TapeSettings
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.errors import ExtensionError
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.play import Game

NO_MODELS: Mapping[str, ModelConfig] = {}
OnBroken: TypeAlias = Callable[[Job, ExtensionError], None]
"""Is told, in the process that asked for the records, of a dialogue that somebody's code broke off."""


class Work(NamedTuple):
    """Everything that a worker needs to play any job of a run; it pickles.

    Attributes:
        policies: who answers, by name.
        game: what every dialogue is played by.
        reward: the name of ``game.reward`` in the records.
        models: the chat models of the cast, by role; empty where no role asks.
        policy_models: the chat models of the policies, by the policy's name.
        limits: what all calls of the run may use together, over every worker; None for the usual ones.
        tape: keeps every answer, and gives it again; None for none.
        at_once: how many dialogues one worker plays at once, where models answer.
    """

    policies: Mapping[str, Policy]
    game: Game
    reward: str = "idr"
    models: Mapping[str, ModelConfig] = NO_MODELS
    policy_models: Mapping[str, ModelConfig] = NO_MODELS
    limits: Limits | None = None
    tape: TapeSettings | None = None
    at_once: int = 1


@runtime_checkable
class Cancellable(Protocol):
    """Something under way that any thread may end."""

    def cancel(self) -> None:
        """End it; whoever waits for it then gets the end. What else its engine plays goes on."""
        ...


class Records(Iterator[EpisodeRecord]):
    """The records of one play, as its dialogues end. It is :class:`Cancellable`, and closing it does the same.

    Args:
        records: yields them.
        cancel: ends the play, from any thread.
    """

    def __init__(self, records: Generator[EpisodeRecord, None, None], cancel: Callable[[], None]) -> None:
        self._records = records
        self._cancel = cancel

    def __next__(self) -> EpisodeRecord:
        return next(self._records)

    def cancel(self) -> None:
        """End the play, from any thread."""
        self._cancel()

    def close(self) -> None:
        """End the play; for the thread that takes the records."""
        self._records.close()


@runtime_checkable
class Engine(Protocol):
    """Plays jobs."""

    def play(self, jobs: Iterable[Job], work: Work, on_broken: OnBroken | None = None) -> Iterator[EpisodeRecord]:
        """The record of each job, in the order in which dialogues end.

        Jobs are begun in their order, and taken from the iterable only when there is a place for them. Closing the
        iterator cancels what is under way, and so does its method ``cancel``, where it has one (see :class:`Records`),
        from any thread; other plays of the engine go on. Each job yields exactly one record; a dialogue that a failure
        ended yields it too.

        Args:
            jobs: what to play.
            work: what every job shares.
            on_broken: is told of a dialogue that the code of a policy, a role or the reward broke off; it is then
                recorded as unfinished and the next one is played. Without it the error is raised.

        Raises:
            ValueError: a role of the cast does not speak a scenario's language.
            MissingExtra, ConfigError, RecordError: by the call itself, before anything is played: a transport or
                an extra is not installed, or settings or the tape cannot be used.
            ExtensionError: somebody's code broke, and there is no ``on_broken``.
            TapeMiss: a tape is replayed that does not hold a call.
        """
        ...

    def close(self) -> None:
        """Give workers and connections back; the engine may be used again.

        Any thread may call it, also while another one waits for a record: what is under way is then cancelled, and
        that iterator ends.
        """
        ...
