"""The pipe between a run and one of its workers: what is said on it, and the sending of it from any thread."""

from __future__ import annotations

import pickle
import threading
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from empa_gym.clients.governor import Outcome
from empa_gym.clients.lanes import Refusal, Slot
from empa_gym.clients.limits import Limits
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.engines.lending import Wish
from empa_gym.rollout.engines.sending import SentError


class Begin(NamedTuple):
    """To a worker: what it is to play from now on.

    Attributes:
        work: packed.
        keep_broken: see :class:`~.player.Player`.
        share: its part of the limits; None when it must ask for each request.
    """

    work: bytes
    keep_broken: bool
    share: Limits | None


class Begun(NamedTuple):
    """From a worker: it waits for jobs."""


class Record(NamedTuple):
    """From a worker: a job was played."""

    number: int
    record: EpisodeRecord
    broken: SentError | None


class Trouble(NamedTuple):
    """From a worker: an error that ends the run."""

    error: SentError


class Asking(NamedTuple):
    """From a worker: may a request be sent?"""

    number: int
    wish: Wish


class Returned(NamedTuple):
    """From a worker: a slot, with how its request went."""

    slot: Slot
    outcome: Outcome


class Answered(NamedTuple):
    """To a worker: a slot for one who asked, or why there is none."""

    number: int
    answer: Slot | Refusal


class Link:
    """A pipe that several threads send through.

    Args:
        connection: this end of it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._sending = threading.Lock()

    def send(self, message: Any) -> None:
        """Send a message; nothing when the other end is gone, which whoever reads will find."""
        packed = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._sending:
            try:
                self.connection.send_bytes(packed)
            except OSError:
                return

    def receive(self) -> Any:
        """The next message.

        Raises:
            EOFError: the other end is gone.
        """
        try:
            return pickle.loads(self.connection.recv_bytes())
        except OSError as error:  # in the middle of a message
            raise EOFError from error

    def close(self) -> None:
        """Close this end."""
        with self._sending:
            self.connection.close()
