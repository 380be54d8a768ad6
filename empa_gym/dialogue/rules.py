"""What a turn is played by, and what becomes of an answer that could not be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from empa_gym.agents.protocols import Cast
from empa_gym.chat import Flow
from empa_gym.epm import MDEP_PR, EPMParams, Rubric
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.outcome import Outcome
from empa_gym.scenarios.scenario import Scenario

OnModelError: TypeAlias = Literal["raise", "hold", "truncate"]
ON_MODEL_ERROR: tuple[OnModelError, ...] = ("raise", "hold", "truncate")


class Rules(NamedTuple):
    """What a turn is played by.

    Attributes:
        epm: the rules of the game.
        on_model_error: "raise" lets a ModelError through and leaves the state as it was; "hold" keeps
            the last judged position and goes on; "truncate" ends the dialogue as MODEL_ERROR.
        rubric: what the judge's levels are worth.
    """

    epm: EPMParams = EPMParams()
    on_model_error: OnModelError = "raise"
    rubric: Rubric = MDEP_PR


PUBLISHED = Rules()


class Missing(NamedTuple):
    """An answer that could not be had, as data: its cause, and how a dialogue that cannot do without it ends."""

    error: str
    outcome: Outcome


Answer = TypeVar("Answer")
View = TypeVar("View")


def attempt(ask: Callable[[View], Flow[Answer]], view: View, role: str, rules: Rules) -> Flow[Answer | Missing]:
    """The answer of a role to its view, or a Missing; a role that fails before its first request fails alike.

    Raises:
        ModelError: the model failed and ``rules.on_model_error`` is "raise".
    """
    try:
        return (yield from ask(view))
    except BudgetExceeded as ceiling:
        return Missing(f"{role}: {ceiling}", Outcome.BUDGET)
    except ModelError as failed:
        if rules.on_model_error == "raise":
            raise
        return Missing(f"{role}: {failed.cause}", Outcome.MODEL_ERROR)


def refuse_foreign(scenario: Scenario, cast: Cast) -> None:
    """Refuse a scenario that a role of the cast cannot play.

    Raises:
        ValueError: names the role, the scenario and its language.
    """
    for role in ("actor", "director", "judge"):
        language = getattr(getattr(cast, role), "language", None)
        if language is not None and language != scenario.language:
            raise ValueError(
                f"the {role} of this cast speaks {language!r} alone, but scenario {scenario.id!r} is in "
                f"{scenario.language!r}; give the {role} to a model that speaks it"
            )
