"""What a turn is played by, and what becomes of an answer that could not be had."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from empa_gym.agents.offline.actor import OfflineActor, voice_of
from empa_gym.agents.protocols import Cast
from empa_gym.dialogue.asking import METHODS, place_of
from empa_gym.epm import MDEP_PR, EPMParams, Rubric
from empa_gym.errors import BudgetExceeded, ModelError, TapeMiss
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


def missing(role: str, failed: ModelError | BudgetExceeded, rules: Rules) -> Missing:
    """What becomes of an answer that a role could not give.

    Raises:
        ModelError: the model failed and ``rules.on_model_error`` is "raise".
        TapeMiss: a tape is replayed that does not hold the answer, which is a mistake and no outage.
    """
    if isinstance(failed, BudgetExceeded):
        return Missing(f"{role}: {failed}", Outcome.BUDGET)
    if rules.on_model_error == "raise" or isinstance(failed, TapeMiss):
        raise failed
    return Missing(f"{role}: {failed.cause}", Outcome.MODEL_ERROR)


def refuse_foreign(scenario: Scenario, cast: Cast) -> None:
    """Refuse a scenario that a role of the cast cannot play, and a role that cannot be asked.

    Raises:
        ValueError: names the role, and the scenario and its language, the voice that it lacks, or the
            method that is missing.
    """
    if isinstance(cast.actor, OfflineActor):
        voice_of(scenario)
    for role in ("actor", "director", "judge"):
        player, method = getattr(cast, role), METHODS[role]
        if not callable(getattr(player, method, None)):
            raise ValueError(f"{place_of(player)} cannot play the {role}: expected a method {method!r}, found none")
        language = getattr(player, "language", None)
        if language is not None and language != scenario.language:
            raise ValueError(
                f"the {role} of this cast speaks {language!r} alone, but scenario {scenario.id!r} is in "
                f"{scenario.language!r}; give the {role} to a model that speaks it"
            )
