"""Every error that empa_gym raises for the world; a caller's mistake is a ValueError or a TypeError.

    EmpaError
     |- ModelError            a model call failed for good; carries the role that asked
     |- BudgetExceeded        a ceiling on calls, tokens or money was reached
     |- ExtensionError        code that was plugged in broke: a role, a policy or a reward raised an error
     |   '- AnswerError       it answered with something else than it must (also a TypeError)
     |- ScenarioError         a scenario is not what its format promises (also a ValueError)
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


class RecordError(FileFormatError):
    """A record or a result file cannot be read."""


class MissingExtra(EmpaError, ImportError):
    """An optional part is not installed; the message holds the command that installs it."""

    def __init__(self, message: str, **_: Any) -> None:
        super().__init__(message)
