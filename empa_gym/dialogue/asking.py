"""How a part that may be anybody's code is asked: its answer is checked, and what breaks in it is named.

A model that failed for good (ModelError) and a spent budget pass through, since they are no mistake of
the code. Everything else that a role or a policy raises becomes an ExtensionError that names it.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Generator
from functools import partial
from types import GeneratorType
from typing import Any, TypeVar

from empa_gym.chat import Flow
from empa_gym.dialogue.visible import visible
from empa_gym.errors import AnswerError, BudgetExceeded, ExtensionError, ModelError

METHODS = {"actor": "speak", "director": "direct", "judge": "assess", "policy": "reply"}
"""What each role is asked by."""
MAX_CAUSE = 200
"""Characters of a foreign error's message that are kept; it may hold a whole reply."""
MAX_FOUND = 60
"""Characters that are shown of a value that was not expected."""

Answer = TypeVar("Answer")
View = TypeVar("View")


def ask(player: object, role: str, view: View, checked: Callable[[Any, View], Answer]) -> Flow[Answer]:
    """The answer of a role to its view.

    Args:
        player: who plays the role.
        role: a key of :data:`METHODS`.
        view: what it may see.
        checked: returns the answer when it is fit, else raises TypeError with what was expected and found.

    Raises:
        ModelError, BudgetExceeded: as the role's request failed.
        AnswerError: the answer is unfit, or the method is no flow.
        ExtensionError: the role raised another error, which is the cause.
    """
    try:
        flow = getattr(player, METHODS[role])(view)
        if type(flow) is not GeneratorType and not isinstance(flow, Generator):
            hint = "write the method as a generator: return the answer, and end it with a bare yield"
            raise AnswerError(role, place_of(player), f"gave no flow: {found('a generator', flow)}; {hint}")
        answer = yield from flow
    except (ModelError, BudgetExceeded, ExtensionError):
        raise
    except GeneratorExit as error:
        if _closed_from_outside(error):
            raise
        raise ExtensionError(role, place_of(player), f"raised {cause_of(error)}") from error
    except (Exception, SystemExit, CancelledError) as error:  # a role is anybody's code and may raise anything
        raise ExtensionError(role, place_of(player), f"raised {cause_of(error)}") from error
    try:
        return checked(answer, view)
    except TypeError as unfit:
        raise AnswerError(role, place_of(player), f"gave no fit answer: {unfit}") from None


def _closed_from_outside(error: GeneratorExit) -> bool:
    """Whether whoever drives the flow closed it; when a role raised the error, its frame follows ours in the trace."""
    return error.__traceback__ is None or error.__traceback__.tb_next is None


def found(expected: str, value: object) -> str:
    """What was expected and what was found, in one line."""
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= MAX_FOUND else f"{shown[:MAX_FOUND]}..."
    return f"expected {expected}, found {type(value).__name__}: {shown}"


def cause_of(error: BaseException) -> str:
    """The type and the message of an error, in one line, bounded and safe to print: it may hold what a model wrote."""
    message = " ".join(visible(str(error)).split())
    message = message if len(message) <= MAX_CAUSE else f"{message[:MAX_CAUSE]}..."
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def place_of(part: object) -> str:
    """Where the code of a part is defined: "package.module:Name"."""
    while isinstance(part, partial):
        part = part.func
    kind = part if hasattr(part, "__qualname__") else type(part)
    return f"{kind.__module__}:{getattr(kind, '__qualname__', '')}"
