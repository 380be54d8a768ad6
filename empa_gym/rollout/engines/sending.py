"""What is sent to another process: the work, whole or not at all, and errors with the place where they happened."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from empa_gym.errors import EmpaError, ExtensionError
from empa_gym.rollout.engines.base import Work

Dumps: TypeAlias = Callable[[Any], bytes]
ADVICE = (
    "a policy, a role or a reward is sent to every worker: define it at the top of a module that can be imported "
    "there, and keep locks, connections and open files out of what it holds"
)


class Elsewhere(Exception):
    """Stands under an error of another process as its cause: the traceback as it was there."""


class SentError(NamedTuple):
    """An error on its way, and its traceback as text."""

    error: Exception
    trace: str


def pack_work(work: Work, dumps: Dumps = pickle.dumps) -> bytes:
    """The work, pickled.

    Args:
        work: what is to be sent.
        dumps: pickles; what it writes, ``pickle.loads`` must read.

    Raises:
        ValueError: something in it does not pickle; says what.
    """
    try:
        return dumps(work)
    except Exception as error:  # what a user's class does when it is pickled, nobody knows
        raise ValueError(f"{_culprit(work, dumps)} cannot be sent to a worker: {_told(error)}; {ADVICE}") from error


def unpack_work(packed: bytes) -> Work:
    """The work that was packed.

    Raises:
        ValueError: something in it cannot be made here.
    """
    try:
        work: Work = pickle.loads(packed)
    except Exception as error:  # likewise
        raise ValueError(f"a worker cannot make what it was sent: {_told(error)}; {ADVICE}") from error
    return work


def pack_error(error: BaseException) -> SentError:
    """The error, ready to be sent; one that does not survive the way becomes a plain one with its words."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    bare = error.with_traceback(None)
    return SentError(bare if isinstance(bare, Exception) and _survives(bare) else _plain(error), trace)


def unpack_error(sent: SentError) -> Exception:
    """The error; its cause is the traceback that it had where it happened."""
    sent.error.__cause__ = Elsewhere(f"in a worker:\n{sent.trace}")
    return sent.error


def _plain(error: BaseException) -> Exception:
    """An error of ours with the words of one that does not pickle, or would end whoever raises it."""
    if isinstance(error, ExtensionError):
        return ExtensionError(error.part, error.place, error.problem)
    return EmpaError(_told(error))


def _survives(error: Exception) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:  # an error's class is anybody's too
        return False


def _culprit(work: Work, dumps: Dumps) -> str:
    """Which part of the work does not pickle, in words."""
    return next((name for name, part in _parts(work) if not _pickles(part, dumps)), "the work")


def _parts(work: Work) -> Iterator[tuple[str, Any]]:
    yield from ((f"the policy {name!r}", policy) for name, policy in work.policies.items())
    yield from ((f"the {role}", getattr(work.game.cast, role)) for role in ("actor", "director", "judge"))
    yield "the reward", work.game.reward


def _pickles(part: Any, dumps: Dumps) -> bool:
    try:
        dumps(part)
    except Exception:  # see pack_work
        return False
    return True


def _told(error: BaseException) -> str:
    """Type and message of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
