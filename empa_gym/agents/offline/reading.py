"""What the last reply of a dialogue does, from text alone: no scenario, no scores."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.offline.addressing import bribe, foreign
from empa_gym.agents.offline.borrowing import copies, covered, joined, parroted
from empa_gym.agents.offline.history import History, given, heard, history
from empa_gym.agents.offline.lexicon import EXCUSABLE, HARMFUL, HELPFUL, Act, Cue
from empa_gym.agents.offline.lexicon_cheat import INJECTION_MARKS
from empa_gym.agents.offline.surface import Surface, overlaps, surface
from empa_gym.agents.offline.syntax import Usage
from empa_gym.agents.offline.text import Sentence, Text
from empa_gym.agents.offline.words import STEM_BITS
from empa_gym.agents.views import Exchange
from empa_gym.scenarios.scenario import Feeling

SKELETON_ALIKE = 0.4
"""Overlap of function-word skeletons from which on two replies are cast in one mould."""
OVERLONG_WORDS = 220
"""Five times a usual reply of the public recordings' kind of chat."""
LONG_WORD = 9
"""Letters of a word that belongs to reports rather than to talk."""


class Reading(NamedTuple):
    """The last reply in the light of the dialogue.

    Attributes:
        turn: t of the reply, from 1.
        text, surface: the reply in parts, and how it is made.
        past: what came before the reply's exchange.
        said: content stems that the person used so far, this message included, as bits.
        told: families of feeling that the person named so far.
        cues: what was found in the reply, without what is excused.
        acts, present: what the cues do, cue by cue and at all.
        grounded: stems of the person's last two messages that the reply takes up for the first time.
        joined: how many of these stand beside another one from the same sentence of the person.
        again: other stems of the person: from earlier on, or used by earlier replies.
        hearable: how many content stems these messages have.
        newness: share of its content stems that the person did not use in these messages.
        copied_share: share of the reply's words that lie in copied runs.
        feelings: families that the reply names.
        similarity: the largest overlap with an own earlier reply, 0..1.
        worn: how many of its sentences are cast in the mould of an earlier one of its own.
        skeleton_repeats: how many earlier replies were cast in the same mould.
        cue_density: helpful cues per sentence.
        figures: figurative words that the person did not use.
        foreign: whether a sentence is in another language.
        injection: the words that speak to the rater, "" when there are none.
    """

    turn: int
    text: Text
    surface: Surface
    past: History
    said: int
    told: frozenset[Feeling]
    cues: tuple[Cue, ...]
    acts: tuple[Act, ...]
    present: frozenset[Act]
    grounded: tuple[str, ...]
    joined: int
    again: tuple[str, ...]
    hearable: int
    newness: float
    copied_share: float
    feelings: frozenset[Feeling]
    similarity: float
    worn: int
    skeleton_repeats: int
    cue_density: float
    figures: int
    foreign: bool
    injection: str

    def count(self, act: Act) -> int:
        """How many cues of an act there are."""
        return self.acts.count(act)

    def has(self, *acts: Act) -> bool:
        """Whether there is a cue of one of the acts."""
        return not self.present.isdisjoint(acts)

    def first(self, *acts: Act) -> Cue | None:
        """The first cue of the acts."""
        return next((cue for cue in self.cues if cue.act in acts), None) if self.has(*acts) else None

    def quote(self, cue: Cue | None) -> str:
        """The reply's own words of a cue."""
        return self.text.quote(cue.start, cue.end) if cue else ""

    @property
    def glib(self) -> int:
        """How many different signs of talking over them."""
        return len({cue.phrase for cue in self.cues if cue.act is Act.GLIB})

    @property
    def stock(self) -> int:
        """How many places where it speaks in kind phrases that fit anybody."""
        return len({cue.start for cue in self.cues if cue.act is Act.STOCK})

    @property
    def long_words(self) -> int:
        """How many long words that are not theirs: the language of reports rather than of talk."""
        return sum([len(word.text) >= LONG_WORD and not word.bit & self.said for word in self.text.words])

    @property
    def contrast(self) -> bool:
        """Says what something is not, in a sentence without flaws; an order not to do something says nothing."""
        return self.surface.denies and Act.DIRECTIVE not in self.present

    @property
    def blank(self) -> bool:
        """No word in it."""
        return not self.text.words

    @property
    def word_count(self) -> int:
        """Words, contractions counted as two."""
        return len(self.text.words)

    @property
    def salad(self) -> bool:
        """Not English sentences: broken word pairs, endings and runs; plain words alone are no sign of it."""
        words, flaws = len(self.text.words), self.surface.flaws
        return sum(flaws) >= 2 and (sum(flaws) > 0.05 * words or max(flaws) >= 2)

    @property
    def directives(self) -> int:
        """How many orders and pieces of advice, overlapping phrases counted once."""
        count = behind = 0
        for cue in self.cues if Act.DIRECTIVE in self.present else ():
            if cue.act is Act.DIRECTIVE and cue.start >= behind:
                count, behind = count + 1, cue.end
        return count

    @property
    def ornate(self) -> bool:
        """Performs: figures of speech, or acts between asterisks."""
        return self.figures >= 2 or self.text.source.count("*") >= 2


@lru_cache(maxsize=64)
def read(exchanges: tuple[Exchange, ...]) -> Reading:
    """Read the last reply of a dialogue.

    Args:
        exchanges: the dialogue so far, oldest first, at least one exchange.

    Returns:
        The reading; it never fails, whatever the texts are.
    """
    past, piece = history(exchanges[:-1]), given(exchanges[-1].reply)
    recent = [heard(one.message) for one in exchanges[-2:]]
    text, made, theirs = piece.text, surface(piece.text.source), recent[0].text.stems | recent[-1].text.stems
    said, shared = past.said | recent[-1].text.stem_mask, len(text.stems & theirs)
    copied = copies(made, [one.text.source for one in recent]) if shared > 1 else []
    worn = [one for one, mould in zip(text.sentences, made.moulds, strict=True) if mould & past.moulds]
    usage = past.usage | recent[-1].usage
    misused = _misused(text, made, usage) if made.used else []
    spent = _spent(text, made, [*worn, *misused], copied)
    cues = _standing(text, piece.cues, past.voiced | recent[-1].mask, usage.verbal, said, spent)
    places = _places(text, spent)
    grounded = tuple([stem for stem, place in places.items() if stem in theirs and not past.used >> place & 1])
    acts = tuple([cue.act for cue in cues])
    return Reading(
        turn=len(exchanges),
        text=text,
        surface=made,
        past=past,
        said=said,
        told=past.told | recent[-1].families,
        cues=cues,
        acts=acts,
        present=frozenset(acts),
        grounded=grounded,
        joined=joined(grounded, text, [one.text for one in recent]) if len(grounded) > 1 else 0,
        again=tuple([stem for stem, place in places.items() if said >> place & 1 and stem not in grounded]),
        hearable=len(theirs),
        newness=1 - shared / len(text.stems) if text.stems else 0.0,
        copied_share=covered(copied, len(text.words)),
        feelings=frozenset([cue.family for cue in cues if cue.family is not None]),
        similarity=max(overlaps(made.grams, past.grams), default=0.0),
        worn=len(worn),
        skeleton_repeats=sum([alike > SKELETON_ALIKE for alike in overlaps(made.skeleton, past.skeletons)]),
        cue_density=sum([act in HELPFUL for act in acts]) / max(1, len(text.sentences)),
        figures=len({cue.phrase for cue in cues if cue.act is Act.FIGURE and not text.words[cue.start].bit & said}),
        foreign=foreign(text, said),
        injection=_injection(text, cues, said),
    )


def _spent(text: Text, made: Surface, worn: list[Sentence], copied: list[int]) -> tuple[Sentence, ...]:
    """The sentences that earn nothing: in a worn mould, with a misused word, no English, or spoken as the person."""
    unsound = [one for one, flaws in zip(text.sentences, made.flaws, strict=True) if flaws]
    return (*worn, *unsound, *parroted(text, copied)) if worn or unsound or copied else ()


def _misused(text: Text, made: Surface, theirs: Usage) -> list[Sentence]:
    """The sentences that use a word as the person never did: "I nodded" as "the nodded", "the shelf" as "you shelf"."""
    verbs, nouns = theirs.verbal & ~theirs.other, theirs.nominal & ~theirs.verbal
    used = zip(text.sentences, made.named, made.acted, strict=True)
    return [one for one, named, acted in used if named & verbs or acted & nouns]


def _places(text: Text, spent: tuple[Sentence, ...]) -> dict[str, int]:
    """The content stems of the other sentences, and their places in a mask."""
    kept = [one for one in text.sentences if one not in spent] if spent else text.sentences
    words = [word for one in kept for word in text.words[one.start : one.end]]
    return {word.stem: word.code % STEM_BITS for word in words if word.content}


def _standing(
    text: Text, cues: tuple[Cue, ...], voiced: int, used: int, said: int, spent: tuple[Sentence, ...]
) -> tuple[Cue, ...]:
    """The cues of a reply, less those in a spent sentence that would help and those that the person excuses.

    A harmful phrase is excused by the person's own use of it, an accusation by their own word for the deed, and any
    verb after "you" is an act of theirs when they told of it with that verb.
    """
    standing = []
    for cue in cues:
        act = cue.act
        if act in HARMFUL:
            told = act is Act.ACCUSATION and text.words[cue.start].bit & said
            if not told and not (act in EXCUSABLE and voiced >> cue.phrase & 1):
                standing.append(cue)
        elif not spent or not any([one.start <= cue.start < one.end for one in spent]):
            if act is not Act.DONE:
                standing.append(cue)
            elif text.words[cue.end - 1].bit & used:
                standing.append(cue._replace(act=Act.AGENCY))
    return tuple(standing)


def _injection(text: Text, cues: tuple[Cue, ...], said: int) -> str:
    """The mark, the phrase, the two words or the sentence that speak to a rater; "" when there are none."""
    marks = [mark for mark in INJECTION_MARKS if mark in text.source]
    if marks:
        return marks[0]
    spoken = [cue for cue in cues if cue.act is Act.INJECTION]
    words = {cue.phrase: cue for cue in cues if cue.act is Act.RATING and not _spoken_to(text, cue)}
    found = spoken or (list(words.values()) if len(words) > 1 else [])
    if found:
        return text.quote(found[0].start, found[0].end)
    return bribe(text, said)


def _spoken_to(text: Text, cue: Cue) -> bool:
    """Whether the sentence of a cue speaks to the person."""
    sentence = next(one for one in text.sentences if one.start <= cue.start < one.end)
    return any([word.text in ("you", "your") for word in text.words[sentence.start : sentence.end]])
