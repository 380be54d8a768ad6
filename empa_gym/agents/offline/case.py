"""What a rule of the embedded judge looks at: one reading, and what this person asks of each axis."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.answers import Assessment
from empa_gym.agents.offline.lexicon import Act, Cue
from empa_gym.agents.offline.reading import Reading
from empa_gym.agents.offline.text import analyse
from empa_gym.agents.offline.words import STEM_BITS
from empa_gym.epm.axes import AXES, Axis
from empa_gym.scenarios.scenario import Feeling, Grade, Scenario

JOINED, LONE, MAX_LONE, STALE, MAX_STALE, MAX_DWELT = 2, 1, 2, 1, 2, 9
"""What a stem of theirs counts: taken up beside another one from the same sentence of theirs (so that a thing
they told is meant, not a noun), taken up alone, taken up once more; and the limits."""
DEMAND = {Grade.LOW: 2, Grade.MEDIUM: 3, Grade.HIGH: 4}
"""By threshold: how much taking up the person asks for before anything is credited."""
SURCHARGE = {Grade.HIGH: -1, Grade.MEDIUM: 0, Grade.LOW: 1}
"""By priority: an axis that matters more to them is moved more easily."""
HURTS = (Act.DISMISSAL, Act.DENIAL, Act.BLAME, Act.TOXIC)
"""Acts whose phrases may be innocent when one stands alone."""
CONTRASTED = 2
"""Saying in plain words what something is not counts as so much taking up."""
OWN_WORDS = 12
"""A reply of so many words without ready-made ones is an answer to somebody, even without a word of theirs."""
EXCLAIMED = 2
"""An exclamation mark counts as so many ready-made phrases."""
PLAIN, STIFF, STIFF_WORDS = 0.6, 0.57, 15
"""Shares of function words: from the one on prose is plain talk, below the other it is a handbook's, from so many
words on."""
RETOLD = 3
"""One sentence with so many of their words and nothing else is a retelling."""
PLAIN_HURT = 4
"""A phrase of so many words has one meaning."""
READY_SHARE = 25
"""In so many words of any prose one phrase is ready-made."""
PATIENCE = {Grade.LOW: 4, Grade.MEDIUM: 3, Grade.HIGH: 2}
"""By threshold: in how many replies of a dialogue the same phrase is credited."""
LASTS = {Grade.HIGH: 1, Grade.MEDIUM: 0, Grade.LOW: -1}
"""By priority: in so many more replies."""


class Below(NamedTuple):
    """Stems of what lies below the surface."""

    core: frozenset[str]
    barrier: frozenset[str]
    strengths: frozenset[str]
    stated: frozenset[Feeling]
    unstated: Feeling | None


class Case(NamedTuple):
    """One reply before one person.

    Attributes:
        reading: what the reply does.
        threshold: how demanding the person is.
        below: what lies below the surface.
        dwelt: how much of the person's last words the reply takes up in its own, less the
            phrases that fit anybody, 0..MAX_DWELT + 1.
        ready_made: how many ready-made phrases beyond what prose of its length has.
        demand: how much of it each axis asks for.
        patience: in how many replies of a dialogue the same phrase is credited on each axis.
        past: earlier assessments.
    """

    reading: Reading
    threshold: Grade
    below: Below
    dwelt: int
    ready_made: int
    demand: tuple[int, ...]
    patience: tuple[int, ...]
    past: tuple[Assessment, ...]

    def credited(self, axis: Axis, *acts: Act) -> Cue | None:
        """The first cue of the acts that is not worn out in this dialogue, as far as the axis matters to them."""
        if not self.reading.has(*acts):
            return None
        spent, patience = self.reading.past.spent, self.patience[AXES.index(axis)]
        return next((cue for cue in self.reading.cues if cue.act in acts and spent(cue.phrase) < patience), None)

    def first(self, *acts: Act) -> str | None:
        """The reply's first words of the acts."""
        cue = self.reading.first(*acts)
        return self.reading.quote(cue) if cue else None

    def meets(self, axis: Axis, bonus: int = 0) -> bool:
        """Whether the reply takes up enough of the person's words for this axis."""
        return self.dwelt > 0 and self.dwelt + bonus >= self.demand[AXES.index(axis)]

    @property
    def plain(self) -> bool:
        """Whether it is plain talk without ready-made phrases."""
        return not self.ready_made and self.reading.surface.function_share >= PLAIN

    @property
    def stiff(self) -> bool:
        """Whether it is the prose of a handbook: nouns upon nouns."""
        return self.reading.word_count >= STIFF_WORDS and self.reading.surface.function_share < STIFF

    @property
    def adds(self) -> bool:
        """Whether it is more than their story handed back in one sentence."""
        reading = self.reading
        one = len(reading.text.sentences) == 1 and reading.word_count >= OWN_WORDS
        return not one or len(reading.grounded) < RETOLD

    @property
    def corroborated(self) -> bool:
        """Whether a phrase that hurts is plain, or not alone: a second one, or other ready-made talk beside it."""
        if not self.dwelt or self.ready_made > 1:
            return True
        hurting = [cue for cue in self.reading.cues if cue.act in HURTS]
        return any([c.end - c.start >= PLAIN_HURT for c in hurting]) or len({cue.start for cue in hurting}) > 1

    @property
    def warm(self) -> bool:
        """Whether it is kind at least: no list of orders, nothing that hurts, and a word of comfort."""
        return self.kind and self.reading.directives <= 1 and not self.reading.has(*HURTS)

    @property
    def kind(self) -> bool:
        """Whether there is a word of comfort in it."""
        return self.reading.has(Act.VALIDATION, Act.APPRAISAL, Act.FEELING, Act.OWNING, Act.STOCK)

    def touched(self, stems: frozenset[str]) -> int:
        """How many of the stems the reply shares with the person's words of the whole dialogue."""
        said = self.reading.said
        return len({w.stem for w in self.reading.text.words if w.stem in stems and said >> w.code % STEM_BITS & 1})

    def sentence_of(self, stem: str) -> str:
        """The reply's sentence in which a stem stands first."""
        text = self.reading.text
        place = next((i for i, word in enumerate(text.words) if word.stem == stem), 0)
        return next((text.quote(s.start, s.end) for s in text.sentences if s.start <= place < s.end), "")


def case_of(reading: Reading, scenario: Scenario, past: tuple[Assessment, ...]) -> Case:
    """The case of a reading before the person of a scenario."""
    lone = len(reading.grounded) - reading.joined
    again = STALE * min(len(reading.again), MAX_STALE)
    taken = min(JOINED * reading.joined + LONE * min(lone, MAX_LONE) + again, MAX_DWELT)
    signs = reading.stock + max(0, reading.glib - 1) + EXCLAIMED * ("!" in reading.text.source) + reading.long_words
    ready_made = max(0, signs - reading.word_count // READY_SHARE)
    plain = not ready_made and reading.surface.function_share >= PLAIN
    sound = plain and not any(reading.surface.flaws)
    dwelt = max(
        0,
        taken
        + (taken > 0) * (plain + sound)
        + CONTRASTED * (sound and reading.contrast and reading.word_count >= OWN_WORDS)
        - ready_made,
    )
    base = DEMAND[scenario.threshold]
    demand = tuple([base + SURCHARGE[scenario.priorities[axis]] for axis in AXES])
    patience = tuple([PATIENCE[scenario.threshold] + LASTS[scenario.priorities[axis]] for axis in AXES])
    return Case(reading, scenario.threshold, below(scenario), dwelt, ready_made, demand, patience, past)


@lru_cache(maxsize=256)
def below(scenario: Scenario) -> Below:
    """What lies below the surface: the scenario's own marks, or without them the words of its needs."""
    depth = scenario.depth
    if depth is None:
        needs = scenario.needs
        return Below(
            analyse(scenario.wish).stems | analyse(needs.cognitive).stems,
            analyse(scenario.experience.hidden_line).stems,
            analyse(needs.proactive).stems,
            frozenset(),
            None,
        )
    return Below(
        _stems(depth.core), _stems(depth.barrier), _stems(depth.strengths), frozenset(depth.stated), depth.unstated
    )


def _stems(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.stem for word in analyse(" ".join(words)).words)
