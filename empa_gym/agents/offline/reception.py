"""How the user takes a reply: from the words of the dialogue alone, so that it works beside any judge."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import lru_cache

from empa_gym.agents.offline.lexicon import CRUEL, Act
from empa_gym.agents.offline.reading import Reading, read
from empa_gym.agents.offline.spoken import Mood, lines_of
from empa_gym.agents.offline.surface import SAME
from empa_gym.agents.views import Exchange
from empa_gym.scenarios.scenario import Feeling, Scenario

SAME_FRAMES = 3
"""So many earlier replies built alike are heard as a formula."""
ORDERS = 3
"""So many instructions in one reply are a lecture, however kind the rest of it is."""
PARROTED = 0.7
"""A reply with more than this share of the user's own words in their order is no answer."""
DWELT_ON = 3
"""So many of the user's own words taken up show that the supporter listened, in whatever form."""


class Reception(Enum):
    """How the last reply landed."""

    MOVED = "moved"
    """It reached something that the user had not said."""
    MET = "met"
    """It understood what the user had said."""
    PARTLY = "partly"
    """It was friendly or curious, no more."""
    MISSED = "missed"
    """It passed by the user."""
    DISMISSED = "dismissed"
    """It made the matter small."""
    LECTURED = "lectured"
    """It instructed, unasked."""
    REPEATED = "repeated"
    """It had been said before."""
    BLANK = "blank"
    """There was no word in it."""
    LEFT = "left"
    """It took its leave while the user was still talking."""

    @property
    def open(self) -> bool:
        """The user is ready to tell more."""
        return self in _OPEN

    @property
    def withdraws(self) -> bool:
        """The user closes up; the other closed receptions make them push back."""
        return self in _WITHDRAWS


_OPEN = frozenset((Reception.MOVED, Reception.MET, Reception.PARTLY))
_WITHDRAWS = frozenset((Reception.REPEATED, Reception.BLANK, Reception.LEFT))


@lru_cache(maxsize=64)
def receive(scenario: Scenario, exchanges: tuple[Exchange, ...]) -> Reception:
    """How the user takes the last reply.

    A second friendly reply in a row that takes up nothing passes by them, unless they have just pushed back.

    Args:
        scenario: the person; what they leave unsaid decides whether they are moved.
        exchanges: the dialogue, at least one exchange.
    """
    unsaid = scenario.depth.unstated if scenario.depth else None
    found = reception_of(read(exchanges), unsaid)
    if found is not Reception.PARTLY or len(exchanges) == 1:
        return found
    patient = lines_of(scenario).mood_of_last(exchanges) is not Mood.OPEN
    before = reception_of(read(exchanges[:-1]), unsaid)
    return Reception.MISSED if before is found and not patient else found


def reception_of(reading: Reading, unsaid: Feeling | None = None) -> Reception:
    """The first reception of the table whose test holds; MISSED when none does."""
    found = next((reception for reception, holds in _TABLE if holds(reading)), Reception.MISSED)
    reached = unsaid in reading.feelings and unsaid not in reading.told
    return Reception.MOVED if found is Reception.MET and reached else found


def _formula(reading: Reading) -> bool:
    return reading.similarity >= SAME or reading.skeleton_repeats >= SAME_FRAMES


def _hurts(reading: Reading) -> bool:
    """Turns against them, makes it small or cheers over it; one clumsy word is forgiven after close listening."""
    listened = _dwelt(reading) >= DWELT_ON and reading.has(*_VALIDATES)
    return reading.has(*CRUEL) or (reading.has(*_SMALL) and not listened)


def _dwelt(reading: Reading) -> int:
    """How many of the user's words it takes up, new or once more."""
    return len(reading.grounded) + len(reading.again)


def _strange(reading: Reading) -> bool:
    """No answer to a person: broken words, talk to somebody else, their own words back, a performance."""
    unheard = bool(reading.injection) or reading.foreign or reading.salad
    return unheard or reading.copied_share > PARROTED or reading.ornate


def _instructs(reading: Reading) -> bool:
    listened = reading.has(Act.PERMISSION) or _understands(reading)
    taught = reading.has(Act.LECTURE) or reading.directives > 0
    return reading.directives >= ORDERS or (taught and not listened)


def _understands(reading: Reading) -> bool:
    """Takes up the user's words, and does something with them."""
    dwelt = _dwelt(reading)
    reflects = bool(reading.grounded) and (reading.has(Act.REFLECTION) or dwelt >= 2)
    acts = reflects or bool(reading.feelings) or reading.has(*_WARM)
    return dwelt >= DWELT_ON or (dwelt > 0 and acts)


def _friendly(reading: Reading) -> bool:
    """Warm or curious without taking up a word; or a word taken up and left there."""
    return bool(reading.has(*_WARM, Act.QUESTION) or reading.feelings or reading.grounded)


_VALIDATES = (Act.VALIDATION, Act.APPRAISAL)
_WARM = (*_VALIDATES, Act.AGENCY, Act.MERIT, Act.OWNING)
_SMALL = (Act.DISMISSAL, Act.DENIAL, Act.BLAME, Act.TOXIC, Act.GLAD)
_TABLE: tuple[tuple[Reception, Callable[[Reading], bool]], ...] = (
    (Reception.BLANK, lambda reading: reading.blank),
    (Reception.REPEATED, _formula),
    (Reception.DISMISSED, _hurts),
    (Reception.MISSED, _strange),
    (Reception.LECTURED, _instructs),
    (Reception.LEFT, lambda reading: reading.has(Act.FAREWELL) and not _understands(reading)),
    (Reception.MET, _understands),
    (Reception.PARTLY, _friendly),
)
"""What was heard before is not heard again, and what hurts comes before what helps."""
