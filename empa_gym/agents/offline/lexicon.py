"""The phrases of all lexicons as one index: what each does, its number, and a tree to find it by its words."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from empa_gym.agents.offline import lexicon_acts as acts
from empa_gym.agents.offline import lexicon_cheat as cheat
from empa_gym.agents.offline import lexicon_harm as harm
from empa_gym.agents.offline import lexicon_hostile as hostile
from empa_gym.agents.offline import lexicon_tone as tone
from empa_gym.agents.offline.lexicon_feelings import APPRAISALS, FEELINGS
from empa_gym.agents.offline.words import stem, words_of
from empa_gym.scenarios.scenario import Feeling


class Act(IntEnum):
    """What a phrase does. DONE is a verb after "you": it becomes AGENCY where the person used that verb themselves."""

    REFLECTION = 0
    VALIDATION = 1
    FEELING = 2
    APPRAISAL = 3
    REFRAME = 4
    AGENCY = 5
    MERIT = 6
    STEP = 7
    QUESTION = 8
    OWNING = 9
    TENTATIVE = 10
    PERMISSION = 11
    STOCK = 12
    PRAISE = 13
    DIRECTIVE = 14
    LECTURE = 15
    DISMISSAL = 16
    DENIAL = 17
    BLAME = 18
    TOXIC = 19
    GLAD = 20
    SELFISH = 21
    FAREWELL = 22
    FIGURE = 23
    INJECTION = 24
    GLIB = 25
    RATING = 26
    HOSTILE = 27
    SELF_HARM = 28
    ACCUSATION = 29
    DONE = 30


HELPFUL = frozenset(
    (
        Act.REFLECTION,
        Act.VALIDATION,
        Act.FEELING,
        Act.APPRAISAL,
        Act.REFRAME,
        Act.AGENCY,
        Act.MERIT,
        Act.STEP,
        Act.QUESTION,
        Act.OWNING,
    )
)
"""Acts that may earn progress."""
CRUEL = frozenset((Act.HOSTILE, Act.SELF_HARM, Act.ACCUSATION))
"""Acts that turn against the person; nothing is earned beside them."""
EXCUSABLE = frozenset(
    (
        Act.PRAISE,
        Act.DIRECTIVE,
        Act.LECTURE,
        Act.DISMISSAL,
        Act.DENIAL,
        Act.BLAME,
        Act.TOXIC,
        Act.GLAD,
        Act.SELFISH,
        Act.FAREWELL,
        Act.FIGURE,
        Act.INJECTION,
        Act.GLIB,
        Act.RATING,
    )
)
"""Acts that are excused when the person said the same."""
HARMFUL = EXCUSABLE | CRUEL
"""Acts that cost, and are not counted where they are denied ("you are not overreacting")."""

EXACT = (EXCUSABLE | CRUEL) - {Act.GLAD, Act.SELFISH, Act.FIGURE}
"""Acts whose phrases mean something else in other forms: "see you" and "saw you", "keep going" and "keeps going"."""

_ONE_FORM = frozenset(("longing", "missing"))
"""Feelings whose stems are those of other words: long sleeves, Miss Ito."""

PHRASES = {
    Act.REFLECTION: acts.REFLECTION,
    Act.VALIDATION: acts.VALIDATION,
    Act.APPRAISAL: APPRAISALS,
    Act.REFRAME: acts.REFRAME,
    Act.MERIT: acts.MERIT,
    Act.STEP: acts.STEP,
    Act.OWNING: acts.OWNING,
    Act.TENTATIVE: acts.TENTATIVE,
    Act.PERMISSION: acts.PERMISSION,
    Act.STOCK: tone.STOCK + ", " + tone.VAGUE,
    Act.PRAISE: harm.PRAISE,
    Act.DIRECTIVE: harm.DIRECTIVE,
    Act.LECTURE: harm.LECTURE,
    Act.DISMISSAL: harm.DISMISSAL,
    Act.DENIAL: harm.DENIAL,
    Act.BLAME: harm.BLAME,
    Act.TOXIC: harm.TOXIC,
    Act.GLAD: harm.GLAD,
    Act.SELFISH: harm.SELFISH,
    Act.FAREWELL: harm.FAREWELL,
    Act.FIGURE: ", ".join([*cheat.FIGURES.split(), cheat.OF_ABSTRACTS]),
    Act.INJECTION: cheat.INJECTION,
    Act.GLIB: tone.GLIB,
    Act.RATING: ", ".join(cheat.RATING_WORDS.split()),
    Act.HOSTILE: hostile.SCORN,
    Act.SELF_HARM: hostile.SELF_HARM,
}


class Cue(NamedTuple):
    """One phrase found.

    Attributes:
        act: what it does.
        phrase: which entry of the lexicon; the same phrase has the same number everywhere.
        start, end: word positions.
        family: the feeling, for Act.FEELING.
    """

    act: Act
    phrase: int
    start: int
    end: int
    family: Feeling | None = None


class Entry(NamedTuple):
    """A phrase and its number; compared by stems, or ``exact`` by the words as they stand."""

    act: Act
    phrase: int
    head: tuple[str, ...]
    tail: tuple[str, ...]
    leads: bool
    exact: bool
    unless: frozenset[str]
    family: Feeling | None


def keys_of(phrase: str, exact: bool) -> tuple[str, ...]:
    """The words of a phrase as they are compared: by their texts, or by their stems."""
    words = [word for token in phrase.split() for word in words_of(token)]
    return tuple([word.text if exact else word.stem for word in words])


def listed() -> list[tuple[Act, str, Feeling | None]]:
    """Every phrase of the lexicons as it is written, what it does, and its family of feeling."""
    plain = [(act, phrase.strip(), None) for act, phrases in PHRASES.items() for phrase in phrases.split(",")]
    return [*plain, *[(Act.FEELING, p.strip(), family) for family, ps in FEELINGS.items() for p in ps.split(",")]]


def entry_of(number: int, act: Act, phrase: str, family: Feeling | None) -> Entry:
    """A phrase, ready to be compared: "^" and "~" read, its words as texts or as stems."""
    exact = act in EXACT or phrase.startswith(("be ", "do not ")) or phrase in _ONE_FORM
    spoken, _, unless = phrase.partition(" ~")
    head, _, tail = spoken.removeprefix("^").partition(" ... ")
    barred, leads = frozenset(unless.split("|")), phrase.startswith("^")
    return Entry(act, number, keys_of(head, exact), keys_of(tail, exact), leads, exact, barred, family)


ENTRIES = tuple([entry_of(number, *one) for number, one in enumerate(listed())])
"""Every phrase; single words of agency, orders and questions have the numbers behind them."""
_Thirds = dict[str, tuple[Entry, ...]]


class Node(NamedTuple):
    """The phrases that begin with one word: itself, and longer ones by their second and third word."""

    alone: tuple[Entry, ...]
    longer: dict[str, _Thirds]


def _tree(exact: bool) -> dict[str, Node]:
    """The phrases by their first three words; "" stands for the third of a phrase of two."""
    tree: dict[str, Node] = {}
    for entry in ENTRIES:
        if entry.exact is exact:
            first, second, third = (*entry.head, "", "")[:3]
            node = tree.get(first, Node((), {}))
            if second:
                thirds = node.longer.setdefault(second, {})
                thirds[third] = (*thirds.get(third, ()), entry)
            else:
                node = node._replace(alone=(*node.alone, entry))
            tree[first] = node
    return tree


BY_WORD, BY_STEM = _tree(exact=True), _tree(exact=False)
AGENCY = {verb: len(ENTRIES) + i for i, verb in enumerate(sorted({stem(word) for word in acts.AGENCY.split()}))}
ORDERS = {verb: len(ENTRIES) + len(AGENCY) + i for i, verb in enumerate(sorted(harm.IMPERATIVES.split()))}
OPEN = frozenset(("what", "how", "which", "where", "when", "who", "whose", "why"))
"""Words that open a question."""
QUESTIONS = {word: len(ENTRIES) + len(AGENCY) + len(ORDERS) + i for i, word in enumerate(sorted(OPEN))}
DEGRADING = len(ENTRIES) + len(AGENCY) + len(ORDERS) + len(QUESTIONS)
"""The number of every degrading word; that of an accusation and those of verbs after "you" follow."""
ACCUSING, DOING = DEGRADING + 1, DEGRADING + 2
DOINGS = 251
"""So many numbers are shared by the verbs after "you", prime."""
