"""What workers tell, and what can be done with them, wherever they are: processes here, or actors of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.engines.handout import Task
from empa_gym.rollout.engines.sending import SentError


class Ready(NamedTuple):
    """A worker has the work and waits for jobs."""

    worker: int


class Ended(NamedTuple):
    """A job was played; ``broken`` when somebody's code broke its dialogue off."""

    worker: int
    number: int
    record: EpisodeRecord
    broken: SentError | None = None


class Failed(NamedTuple):
    """An error that ends the run: the worker cannot begin, or a job raised what no record may hide."""

    worker: int
    error: SentError


class Died(NamedTuple):
    """A worker is gone; ``how``, as the end of a sentence. ``begun`` is whether it had been ready."""

    worker: int
    how: str
    begun: bool


News: TypeAlias = "Ready | Ended | Failed | Died"


class Crew(Protocol):
    """Workers. One thread uses it at a time, but for :meth:`wake`."""

    def hire(self) -> int:
        """Let one more worker begin; it will be :class:`Ready`, or :class:`Failed`, or have :class:`Died`.

        Returns:
            Its number.
        """
        ...

    def give(self, worker: int, task: Task) -> None:
        """Send a job to a worker; nothing when it is gone, which news will tell."""
        ...

    def news(self) -> Sequence[News]:
        """What workers told; waits until there is something, or :meth:`wake` is called."""
        ...

    def wake(self) -> None:
        """Let :meth:`news` return; from any thread."""
        ...

    def rest(self) -> None:
        """The jobs are done; workers may stay for the next ones."""
        ...

    def end(self) -> None:
        """End every worker, whatever it is doing, and wait until it is gone."""
        ...
