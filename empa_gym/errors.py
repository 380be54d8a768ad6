"""Every error that empa_gym raises for the world; a caller's mistake is a ValueError or a TypeError.

    EmpaError
     |- ModelError            a model call failed for good; carries the role that asked
     |   |- RateLimited           the endpoint refused for too many requests, until the deadline
     |   |- EndpointDown          no connection, or an error of the server
     |   |- GarbledReply          the endpoint answered with something that is no chat completion
     |   |- DeadlineExceeded      no answer in time
     |   |- ContentFiltered       the endpoint withheld the prompt or the answer
     |   |- ContextTooLong        the prompt does not fit the model
     |   |- AuthenticationFailed  the key is missing, wrong, or may not do this
     |   |- ModelNotFound         the endpoint has no such model or address
     |   |- BadRequest            the endpoint does not take this request
     |   '- TapeMiss              a tape that is replayed does not hold the answer
     |- BudgetExceeded        a ceiling on calls, tokens or money was reached
     |- ExtensionError        code that was plugged in broke: a role, a policy or a reward raised an error
     |   |- AnswerError       it answered with something else than it must (also a TypeError)
     |   '- WorkerDied        the process that played a dialogue died of it, time and again
     |- ScenarioError         a scenario is not what its format promises (also a ValueError)
     |- ConfigError           a cast's settings are not what they must be (also a ValueError)
     |- RecordError           a record or a result file cannot be read (also a ValueError)
     |- MissingExtra          an optional part is not installed (also an ImportError)

Each message is a sentence for the person who caused it: what was expected, what came, what to do.
"""

from __future__ import annotations

from typing import Any


class EmpaError(Exception):
    """The root of the tree."""


class ModelError(EmpaError):
    """A model call failed for good: its client has already tried again as often as it may.

    A driver throws it into the flow that asked (see :mod:`empa_gym.drive`).

    Args:
        cause: one sentence without secrets, or the error behind it; it stands in ``info["error"]`` and in
            records.
        role: who asked: "actor", "director", "judge" or "policy"; "" when unknown.
    """

    def __init__(self, cause: object, role: str = "") -> None:
        super().__init__(cause, role)
        self.cause = str(cause)
        self.role = role

    def __str__(self) -> str:
        """The role, when known, and the cause."""
        return f"{self.role}: {self.cause}" if self.role else self.cause


class RateLimited(ModelError):
    """The endpoint refused for too many requests, or a spent quota, for as long as the call might last."""


class EndpointDown(ModelError):
    """No connection could be had or kept, or the server failed, for as long as the call might last."""


class GarbledReply(ModelError):
    """The endpoint answered with something that is no chat completion: cut off, no JSON, no choices."""


class DeadlineExceeded(ModelError):
    """There was no answer before the deadline of the call or of its turn."""


class ContentFiltered(ModelError):
    """The endpoint withheld the prompt or the answer for what it says."""


class ContextTooLong(ModelError):
    """The prompt and the answer that was asked for do not fit the model."""


class AuthenticationFailed(ModelError):
    """The key is missing or wrong, or it may not do this."""


class ModelNotFound(ModelError):
    """The endpoint has no such model, or there is no chat endpoint at that address."""


class BadRequest(ModelError):
    """The endpoint does not take this request, and would not take it a second time."""


class TapeMiss(ModelError):
    """A tape that is replayed does not hold the answer: a mistake of the caller's, which is never held as an outage."""


class BudgetExceeded(EmpaError):
    """A ceiling on calls, tokens or money was reached; the dialogue ends as ``Outcome.BUDGET``."""


class ExtensionError(EmpaError):
    """Code that was plugged in broke: a role of the cast, a policy or a reward.

    It is a mistake in a program and no outage, so no setting of ``on_model_error`` holds it. What the
    code raised is the ``__cause__``.

    Args:
        part: "actor", "director", "judge", "policy" or "reward".
        place: where it is defined, "package.module:Name".
        problem: what it did.
    """

    # One argument must do: Gymnasium's AsyncVectorEnv makes the error of a worker anew from its value.
    def __init__(self, part: object, place: str = "", problem: str = "") -> None:
        super().__init__(part, place, problem)
        self.part = str(part)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        """The part, its class and the problem in one line."""
        return " ".join(filter(None, (self.part, self.place, self.problem)))


class AnswerError(ExtensionError, TypeError):
    """A role, a policy or a reward answered with something else than it must."""


class WorkerDied(ExtensionError):
    """A worker's process died: of a dialogue, each time it was played, or before it could begin."""


class FileFormatError(EmpaError, ValueError):
    """A file is not what its format promises.

    Args:
        file: the file, as the caller named it.
        field: where in the file, for example ``stages.2.title``; "" for the file as a whole.
        problem: what was expected and what was found.
    """

    # One argument must do, as in ExtensionError.
    def __init__(self, file: object, field: str = "", problem: str = "") -> None:
        super().__init__(file, field, problem)
        self.file = str(file)
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        """The file, the field and the problem in one line."""
        return ": ".join(part for part in (self.file, self.field, self.problem) if part)


class ScenarioError(FileFormatError):
    """A scenario is not what its format promises."""


class ConfigError(FileFormatError):
    """The settings of a cast or of a model are not what they must be."""


class RecordError(FileFormatError):
    """A record or a result file cannot be read."""


class MissingExtra(EmpaError, ImportError):
    """An optional part is not installed; the message holds the command that installs it."""

    def __init__(self, message: str, **_: Any) -> None:
        super().__init__(message)
