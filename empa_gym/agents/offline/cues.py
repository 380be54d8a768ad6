"""Where a text does something: phrases of the lexicons found in one pass over the words."""

from __future__ import annotations

from functools import lru_cache

from empa_gym.agents.offline.hostility import QUALITIES, TRIGGERS, Blow, blows
from empa_gym.agents.offline.lexicon import (
    ACCUSING,
    AGENCY,
    BY_STEM,
    BY_WORD,
    DEGRADING,
    DOING,
    DOINGS,
    HARMFUL,
    OPEN,
    ORDERS,
    QUESTIONS,
    Act,
    Cue,
    Entry,
    Node,
)
from empa_gym.agents.offline.lexicon_acts import MAX_GAP
from empa_gym.agents.offline.lexicon_hostile import DEEDS
from empa_gym.agents.offline.text import Sentence, Text, analyse, clause_of, clauses
from empa_gym.agents.offline.words import Word


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ASKED = _set("if could can should would will did do have may might shall when unless")
_BESIDE = _set("have be do still also even always already just yourself simply quietly really once all both")
_JOINS = _set("me us you on that is was and or anywhere")
"""After these a verb that begins a sentence is no order: "tell me", "let us", "go on"."""
_LEADS = _set("please just then so and or maybe simply first next also now instead meanwhile")
"""Words that may stand before an order."""
_REPORTS = _set("say tell think ask")
_DENIALS = _set("not no never nobody nothing without neither nor hardly")
_OPENS = frozenset("BC")
_JOINED = _set("or nor because")
_WISHES = _set("want wish think thought feel urge try about keep ask say talk tell")
"""Before a word of self-harm these speak of the person's own thoughts: "when you want to kill yourself"."""
_IDLE = _set("nothing nobody badly wrong none nowhere poorly no")
"""Behind a verb these tell of no effort: "you learned nothing"."""
REACH = 7
"""So many words before it a denial reaches."""
_TEXT, _STEM = Word._fields.index("text"), Word._fields.index("stem")


@lru_cache(maxsize=64)
def find_cues(source: str) -> tuple[Cue, ...]:
    """Every phrase of the lexicons in a text, in order of the words."""
    cues: list[Cue] = []
    start = 0
    for clause in clauses(analyse(source).source):
        if clause.words:
            found = _cues_of(clause.source)
            cues += [Cue(act, phrase, start + first, start + end, kin) for act, phrase, first, end, kin in found]
            start += len(clause.words)
    return tuple(cues)


@lru_cache(maxsize=8192)
def _cues_of(part: str) -> tuple[Cue, ...]:
    """The cues of one sentence, which depend on no other: most sentences of the embedded actor come again."""
    text = clause_of(part).alone()
    cues: list[Cue] = []
    _search(text, text.sentences[0], cues)
    return tuple(cues)


def _search(source: Text, sentence: Sentence, cues: list[Cue]) -> None:
    (first, end, asks), words = sentence, source.words
    texts = [word.text for word in words[first:end]] + ["", "", ""]
    stems = [word.stem for word in words[first:end]] + ["", ""]
    lead = 1 + (texts[1] in _LEADS) if texts[0] in _LEADS else 0
    if texts[lead] in ORDERS and not asks and texts[lead + 1] not in _JOINS:
        _orders(source, sentence, first + lead, cues)
    opened = not asks
    for place in range(end - first):
        text = texts[place]
        node = BY_WORD.get(text)
        if node and (node.alone or texts[place + 1] in node.longer):
            _collect(_candidates(node, texts[place + 1], texts[place + 2]), source, sentence, first + place, cues)
        node = BY_STEM.get(stems[place])
        if node and (node.alone or stems[place + 1] in node.longer):
            _collect(_candidates(node, stems[place + 1], stems[place + 2]), source, sentence, first + place, cues)
        if text == "you":
            _agency(words, sentence, first + place, cues)
        if not opened and text in OPEN:
            opened = True
            cues.append(Cue(Act.QUESTION, QUESTIONS[text], first + place, end))
    if not (QUALITIES.isdisjoint(texts) and TRIGGERS.isdisjoint(stems)):
        for blow, place in blows(source, sentence):
            act, phrase = (Act.HOSTILE, DEGRADING) if blow is Blow.DEGRADES else (Act.ACCUSATION, ACCUSING)
            cues.append(Cue(act, phrase, place, place + 1))


def _orders(text: Text, sentence: Sentence, start: int, cues: list[Cue]) -> None:
    """Add an order, and those that follow it behind a comma: "Call them, explain it, and ask"."""
    for place in (start, *sorted([pause for pause in text.pauses if start < pause < sentence.end])):
        place += text.words[place].text in _LEADS
        if place < sentence.end and text.words[place].text in ORDERS:
            cues.append(Cue(Act.DIRECTIVE, ORDERS[text.words[place].text], place, place + 1))


def _collect(entries: tuple[Entry, ...], text: Text, sentence: Sentence, position: int, cues: list[Cue]) -> None:
    """Add those of the phrases that stand here and are neither denied nor reported."""
    for entry in entries:
        end = _match(text.words, sentence, position, entry)
        if end and not (entry.act in HARMFUL and _denied(text, sentence.start, position, entry.act)):
            cues.append(Cue(entry.act, entry.phrase, position, end, entry.family))


def _candidates(node: Node, second: str, third: str) -> tuple[Entry, ...]:
    """The phrases of a node that the next two words do not rule out."""
    thirds = node.longer.get(second)
    return node.alone + thirds.get("", ()) + (thirds.get(third, ()) if third else ()) if thirds else node.alone


def _match(words: tuple[Word, ...], sentence: Sentence, position: int, entry: Entry) -> int:
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
    for start in range(end, min(end + MAX_GAP, sentence.end - size + 1)):
        if all(words[start + i][field] == entry.tail[i] for i in range(size)):
            return start + size
    return 0


def _denied(text: Text, start: int, position: int, act: Act) -> bool:
    """Whether the phrase at a position is denied or reported: "not selfish or lazy", "he said get over it".

    A denial reaches over a few words of its clause: not over a comma, nor over a word that opens another clause.
    """
    words, before = text.words, position - 1
    if before >= start and words[before].stem in _REPORTS:
        return True
    if act is Act.SELF_HARM and any([word.stem in _WISHES for word in words[max(start, position - REACH) : position]]):
        return True
    for place in range(before, max(start, position - REACH) - 1, -1):
        word = words[place].text
        if word in _DENIALS:
            return True
        if place + 1 in text.pauses or (words[place].kind in _OPENS and word not in _JOINED):
            return False
    return False


def _agency(words: tuple[Word, ...], sentence: Sentence, position: int, cues: list[Cue]) -> None:
    """Add the act of "you kept", "you have still written"; not "if you keep", "you learned nothing", "you lied"."""
    if position > sentence.start and words[position - 1].text in _ASKED:
        return
    for place in range(position + 1, min(position + 4, sentence.end)):
        behind = words[place + 1].text if place + 1 < sentence.end else ""
        if words[place].stem in DEEDS or behind in _IDLE:
            return
        root = words[place].stem
        if root in AGENCY:
            cues.append(Cue(Act.AGENCY, AGENCY[root], position, place + 1))
            return
        if root not in _BESIDE:
            if words[place].content:
                cues.append(Cue(Act.DONE, DOING + words[place].code % DOINGS, position, place + 1))
            return
