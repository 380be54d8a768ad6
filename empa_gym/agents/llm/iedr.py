"""The rater of a scenario's initial deficit, for cards that come without ratings (IEDR)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import fmean, median_low
from typing import NamedTuple

from pydantic import BaseModel

from empa_gym.agents.llm.asking import ask_readably
from empa_gym.agents.llm.forms import IEDRForm
from empa_gym.agents.llm.parsing import Unreadable, checked, json_object, whole_text
from empa_gym.agents.llm.schemas import schema_of
from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Flow
from empa_gym.epm.axes import AXES
from empa_gym.epm.rubric import initial_deficit
from empa_gym.prompts.fence import clean
from empa_gym.prompts.rendering import iedr_prompt
from empa_gym.prompts.sheets import Life, Person
from empa_gym.prompts.templates import known

IEDR_FORM = AnswerFormat("initial_deficit", schema_of(IEDRForm))


class ItemRating(NamedTuple):
    """One of the nine levels, the words of the card that it rests on, and why.

    Attributes:
        item: as scenarios call it, for example "A.2".
        name: as the form calls it, for example "accessibility".
    """

    item: str
    name: str
    level: int
    quote: str
    reasoning: str


class IEDRRating(NamedTuple):
    """The nine levels of a card."""

    items: tuple[ItemRating, ...]

    @property
    def ratings(self) -> dict[str, int]:
        """As a scenario holds them: ``{"C.1": 0..3, ...}``."""
        return {one.item: one.level for one in self.items}

    @property
    def deficit(self) -> tuple[float, ...]:
        """P_0 in rubric points, order C, A, P."""
        return initial_deficit(self.ratings)


class LLMIedr:
    """Rates the initial deficit of a card by asking a model; a card is asked about under role "judge", turn 0.

    Args:
        language: of the prompt and the card, "en" or "zh".

    Raises:
        ValueError: there are no prompts in that language.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = known(language)

    def rate(self, person: Person, life: Life) -> Flow[IEDRRating]:
        """The nine levels of a card; see :func:`~empa_gym.agents.llm.sheets.person_of` for a scenario's.

        Raises:
            ModelError: the model failed, or gave no answer that could be read.
        """
        request = ChatRequest("judge", iedr_prompt(self.language, person, life), answer=IEDR_FORM)
        return (yield from ask_readably(request, self.language, read_rating))


def read_rating(reply: ChatReply) -> IEDRRating:
    """The ratings that a model's answer holds.

    Raises:
        Unreadable: it is no filled form, or a level has no reason.
    """
    form = checked(IEDRForm, json_object(whole_text(reply), IEDRForm.model_fields))
    items: list[ItemRating] = []
    for axis in AXES:
        needs: BaseModel = getattr(form, axis.value)
        for number, name in enumerate(type(needs).model_fields, 1):
            given = getattr(needs, name)
            if given.level and not given.reasoning.strip():
                raise Unreadable("no_reason", f"{axis.value}.{name}")
            quote, reasoning = clean(given.quote), clean(given.reasoning)
            items.append(ItemRating(f"{axis.letter}.{number}", name, given.level, quote, reasoning))
    return IEDRRating(tuple(items))


def settled(ratings: Sequence[IEDRRating]) -> dict[str, int]:
    """One level for each item from several ratings of one card: the median; of an even number the lower middle one.

    Args:
        ratings: at least one.
    """
    levels = [rating.ratings for rating in ratings]
    return {item: median_low(one[item] for one in levels) for item in levels[0]}


def agreement(ratings: Sequence[IEDRRating]) -> float | None:
    """The share of single levels on which two ratings of one card agree, over all pairs; None for fewer than two."""
    pairs = combinations([tuple(rating.ratings.values()) for rating in ratings], 2)
    same = [one == other for a, b in pairs for one, other in zip(a, b, strict=True)]
    return fmean(same) if same else None
