"""Where a text does something: phrases of the lexicons found in one pass over the words."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.offline import lexicon_acts as acts
from empa_gym.agents.offline import lexicon_harm as harm
from empa_gym.agents.offline.lexicon_feelings import APPRAISALS, FEELINGS, GLAD
from empa_gym.agents.offline.text import Sentence, analyse
from empa_gym.agents.offline.words import Word, stem, words_of
from empa_gym.scenarios.scenario import Feeling


class Act(IntEnum):
    """What a phrase does; the first group helps, the second says how, the third hurts or cheats."""

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


HELPFUL = frozenset(Act(i) for i in range(Act.TENTATIVE))
"""Acts that may earn progress."""
HARMFUL = frozenset(Act(i) for i in range(Act.PRAISE, len(Act)))
"""Acts that are excused when the person said the same, or where they are denied ("you are not overreacting")."""

_EXACT = frozenset(
    (Act.PRAISE, Act.DIRECTIVE, Act.LECTURE, Act.DENIAL, Act.BLAME, Act.TOXIC, Act.FAREWELL, Act.INJECTION, Act.GLIB)
)
"""Acts whose phrases mean something else in other forms: "see you" and "saw you", "keep going" and "keeps going"."""

_ONE_FORM = frozenset(("longing", "missing"))
"""Feelings whose stems are those of other words: long sleeves, Miss Ito."""

_PHRASES = {
    Act.REFLECTION: acts.REFLECTION,
    Act.VALIDATION: acts.VALIDATION,
    Act.APPRAISAL: APPRAISALS,
    Act.REFRAME: acts.REFRAME,
    Act.MERIT: acts.MERIT,
    Act.STEP: acts.STEP,
    Act.OWNING: acts.OWNING,
    Act.TENTATIVE: acts.TENTATIVE,
    Act.PERMISSION: acts.PERMISSION,
    Act.STOCK: acts.STOCK,
    Act.PRAISE: harm.PRAISE,
    Act.DIRECTIVE: harm.DIRECTIVE,
    Act.LECTURE: harm.LECTURE,
    Act.DISMISSAL: harm.DISMISSAL,
    Act.DENIAL: harm.DENIAL,
    Act.BLAME: harm.BLAME,
    Act.TOXIC: harm.TOXIC,
    Act.GLAD: GLAD,
    Act.SELFISH: harm.SELFISH,
    Act.FAREWELL: harm.FAREWELL,
    Act.FIGURE: ", ".join([*harm.FIGURES.split(), harm.OF_ABSTRACTS]),
    Act.INJECTION: harm.INJECTION,
    Act.GLIB: harm.GLIB,
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OPEN = _set("what how which where when who whose why")
_ASKED = _set("if could can should would will did do have may might shall when unless")
_BESIDE = _set("have be do still also even always already just yourself simply quietly really once all both")
_JOINS = _set("me us you on that it is was and or")
"""After these a verb that begins a sentence is no order: "tell me", "let us", "go on"."""
_REPORTS = _set("say tell think ask")
_DENIALS = _set("not no never nobody nothing without neither nor hardly")
_BETWEEN = _set("a an the any being just only about really here to some or of")


_TEXT, _STEM = Word._fields.index("text"), Word._fields.index("stem")


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


class _Entry(NamedTuple):
    """A phrase and its number; compared by stems, or ``exact`` by the words as they stand."""

    act: Act
    phrase: int
    head: tuple[str, ...]
    tail: tuple[str, ...]
    leads: bool
    exact: bool
    unless: frozenset[str]
    family: Feeling | None


def _keys(phrase: str, exact: bool) -> tuple[str, ...]:
    words = [word for token in phrase.split() for word in words_of(token)]
    return tuple([word.text if exact else word.stem for word in words])


def _entries() -> list[_Entry]:
    """Every phrase of the lexicons with its number; single words of agency follow in :func:`_agency`."""
    listed: list[tuple[Act, str, Feeling | None]] = []
    listed += [(act, phrase, None) for act, phrases in _PHRASES.items() for phrase in phrases.split(",")]
    listed += [(Act.FEELING, phrase, family) for family, phrases in FEELINGS.items() for phrase in phrases.split(",")]
    entries: dict[tuple[Act, tuple[str, ...], tuple[str, ...]], _Entry] = {}
    for act, phrase, family in listed:
        phrase = phrase.strip()
        exact = act in _EXACT or phrase.startswith(("be ", "do not ")) or phrase in _ONE_FORM
        phrase, _, unless = phrase.partition(" ~")
        head, _, tail = phrase.removeprefix("^").partition(" ... ")
        key = (act, _keys(head, exact), _keys(tail, exact))
        if key[1] and key not in entries:
            barred, leads = frozenset(unless.split("|")), phrase.startswith("^")
            entries[key] = _Entry(act, len(entries), key[1], key[2], leads, exact, barred, family)
    return list(entries.values())


_ENTRIES = _entries()


_Thirds = dict[str, tuple[_Entry, ...]]


class _Node(NamedTuple):
    """The phrases that begin with one word: itself, and longer ones by their second and third word."""

    alone: tuple[_Entry, ...]
    longer: dict[str, _Thirds]


def _tree(exact: bool) -> dict[str, _Node]:
    """The phrases by their first three words; "" stands for the third of a phrase of two."""
    tree: dict[str, _Node] = {}
    for entry in _ENTRIES:
        if entry.exact is exact:
            first, second, third = (*entry.head, "", "")[:3]
            node = tree.get(first, _Node((), {}))
            if second:
                thirds = node.longer.setdefault(second, {})
                thirds[third] = (*thirds.get(third, ()), entry)
            else:
                node = node._replace(alone=(*node.alone, entry))
            tree[first] = node
    return tree


_BY_WORD, _BY_STEM = _tree(exact=True), _tree(exact=False)
_AGENCY = {verb: len(_ENTRIES) + i for i, verb in enumerate(sorted({stem(word) for word in acts.AGENCY.split()}))}
_ORDERS = {verb: len(_ENTRIES) + len(_AGENCY) + i for i, verb in enumerate(sorted(harm.IMPERATIVES.split()))}
_QUESTIONS = {word: len(_ENTRIES) + len(_AGENCY) + len(_ORDERS) + i for i, word in enumerate(sorted(_OPEN))}


@lru_cache(maxsize=64)
def find_cues(source: str) -> tuple[Cue, ...]:
    """Every phrase of the lexicons in a text, in order of the words."""
    text = analyse(source)
    cues: list[Cue] = []
    for sentence in text.sentences:
        _search(text.words, sentence, cues)
    return tuple(cues)


def _search(words: tuple[Word, ...], sentence: Sentence, cues: list[Cue]) -> None:
    first, end, asks = sentence
    texts = [word.text for word in words[first:end]] + ["", ""]
    stems = [word.stem for word in words[first:end]] + ["", ""]
    if texts[0] in _ORDERS and not asks and texts[1] not in _JOINS:
        cues.append(Cue(Act.DIRECTIVE, _ORDERS[texts[0]], first, first + 1))
    opened = not asks
    for place in range(end - first):
        text = texts[place]
        node = _BY_WORD.get(text)
        if node and (node.alone or texts[place + 1] in node.longer):
            _collect(_candidates(node, texts[place + 1], texts[place + 2]), words, sentence, first + place, cues)
        node = _BY_STEM.get(stems[place])
        if node and (node.alone or stems[place + 1] in node.longer):
            _collect(_candidates(node, stems[place + 1], stems[place + 2]), words, sentence, first + place, cues)
        if text == "you":
            _agency(words, sentence, first + place, cues)
        if not opened and text in _OPEN:
            opened = True
            cues.append(Cue(Act.QUESTION, _QUESTIONS[text], first + place, end))


def _collect(
    entries: tuple[_Entry, ...], words: tuple[Word, ...], sentence: Sentence, position: int, cues: list[Cue]
) -> None:
    """Add those of the phrases that stand here and are neither denied nor reported."""
    for entry in entries:
        end = _match(words, sentence, position, entry)
        if end and not (entry.act in HARMFUL and _denied(words, sentence.start, position)):
            cues.append(Cue(entry.act, entry.phrase, position, end, entry.family))


def _candidates(node: _Node, second: str, third: str) -> tuple[_Entry, ...]:
    """The phrases of a node that the next two words do not rule out."""
    thirds = node.longer.get(second)
    return node.alone + thirds.get("", ()) + (thirds.get(third, ()) if third else ()) if thirds else node.alone


def _match(words: tuple[Word, ...], sentence: Sentence, position: int, entry: _Entry) -> int:
    """The position behind the phrase when it stands here, else 0; its first three words are known to stand here."""
    end = position + len(entry.head)
    if end > sentence.end or (entry.leads and position != sentence.start):
        return 0
    field = _TEXT if entry.exact else _STEM
    for offset in range(3, len(entry.head)):
        if words[position + offset][field] != entry.head[offset]:
            return 0
    if end < sentence.end and words[end].text in entry.unless:
        return 0
    if not entry.tail:
        return end
    size = len(entry.tail)
    for start in range(end, min(end + acts.MAX_GAP, sentence.end - size + 1)):
        if all(words[start + i][field] == entry.tail[i] for i in range(size)):
            return start + size
    return 0


def _denied(words: tuple[Word, ...], start: int, position: int) -> bool:
    """Whether the phrase at a position is denied or reported: "not silly", "not just a job", "he said get over it"."""
    before = position - 1
    if before >= start and words[before].stem in _REPORTS:
        return True
    if before >= start and words[before].text in _BETWEEN:
        before -= 1
    if before >= start and words[before].text in _BETWEEN:
        before -= 1
    return before >= start and words[before].text in _DENIALS


def _agency(words: tuple[Word, ...], sentence: Sentence, position: int, cues: list[Cue]) -> None:
    """Add the act of "you kept", "you have still written"; not "if you keep", "did you keep"."""
    if position > sentence.start and words[position - 1].text in _ASKED:
        return
    for place in range(position + 1, min(position + 4, sentence.end)):
        root = words[place].stem
        if root in _AGENCY:
            cues.append(Cue(Act.AGENCY, _AGENCY[root], position, place + 1))
            return
        if root not in _BESIDE:
            return
