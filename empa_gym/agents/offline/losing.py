"""What loses ground with the embedded judge: one small test for each rule.

A test looks at a :class:`Case` and returns the words of the reply that it rests on, "" when it rests on their absence,
or None when it does not hold.
"""

from __future__ import annotations

from collections.abc import Callable

from empa_gym.agents.offline.borrowing import FIRST_PERSON
from empa_gym.agents.offline.case import HURTS, OWN_WORDS, Case
from empa_gym.agents.offline.earning import COPIED, EARLY
from empa_gym.agents.offline.lexicon import HELPFUL, Act
from empa_gym.agents.offline.reading import OVERLONG_WORDS
from empa_gym.agents.offline.surface import SAME

ALIKE = 0.25
"""Surface overlap with an own earlier reply that is noticed; from SAME on it is plainly the same."""
MOULD, FORMULA = 2, 4
"""So many earlier replies of the same function-word skeleton: noticed, and plainly a formula."""
ECHOED = 0.75
"""From this share on in the person's own order of words, a reply is an echo."""
MANY = 3
"""So many orders are a list, and so many questions an interrogation."""
CRAMMED_ACTS, CRAMMED_WORDS, CRAMMED_FEELINGS, CRAMMED_DENSITY = 7, 45, 4, 6.0
"""Signs of stuffing: kinds of act in a reply of fewer words, families of feeling, helpful phrases per sentence."""
GUESSES = 6
"""So many feelings that the person never named may be guessed at."""
COLD_SIGNS, GLIB_SIGNS, KIND_SIGNS, REPORT_SIGNS = 2, 3, 9, 6
"""So many ready-made phrases keep a distance, talk over somebody, are too many in a kind reply, make it a report."""
STRANGE_SHARE = 0.8
"""A reply with a larger share of words that are not theirs is far from them."""
SECOND_PERSON = frozenset(("you", "your", "yours", "yourself"))
"""Words that speak to the person."""
SHORT = 4
"""A reply of fewer words that takes up nothing is perfunctory."""
COPYABLE = 8
"""A shorter reply may be made of their words."""
HEARABLE = 3
"""A person who said fewer words of content has given nothing to take up."""
MANY_FIRSTS, SHARE_OF_FIRSTS = 5, 0.1
"""So many words of the first person, and such a share of them, are about oneself."""
SHOWN = 80
"""So many letters of a reply are quoted where it is meant as a whole."""


def has(*acts: Act) -> Callable[[Case], str | None]:
    """The test whether there is a phrase of one of the acts."""
    return lambda case: case.first(*acts)


def hurts(act: Act) -> Callable[[Case], str | None]:
    """The test whether there is a phrase of an act that may be innocent alone, and it is not alone."""
    return lambda case: case.first(act) if case.corroborated else None


def _whole(case: Case) -> str:
    return case.reading.text.source[:SHOWN]


def says_nothing(case: Case) -> str | None:
    """Has no word in it."""
    return "" if case.reading.blank else None


def is_perfunctory(case: Case) -> str | None:
    """Is a word or two, and nothing of theirs."""
    return _whole(case) if 0 < case.reading.word_count < SHORT and not case.dwelt else None


def passes_by(case: Case) -> str | None:
    """Takes up nothing that they ever said, and asks nothing."""
    reading = case.reading
    near = reading.contrast or any([word.text in SECOND_PERSON for word in reading.text.words])
    own = near and reading.word_count >= OWN_WORDS and case.ready_made < COLD_SIGNS
    excused = own or reading.has(Act.QUESTION) or reading.has(Act.OWNING) or reading.hearable < HEARABLE
    return None if excused or case.kind or reading.grounded or len(reading.again) or reading.blank else ""


def comforts_again(case: Case) -> str | None:
    """Comforts with a stock phrase that it used before."""
    reading = case.reading
    if not reading.has(Act.STOCK) or len(reading.grounded) > 1:
        return None
    return next((reading.quote(c) for c in reading.cues if c.act is Act.STOCK and reading.past.spent(c.phrase)), None)


def praises_anyone(case: Case) -> str | None:
    """Praises without a ground in what they told."""
    reading = case.reading
    allowed = 1 if len(reading.grounded) > 1 else 0
    return case.first(Act.PRAISE) if reading.count(Act.PRAISE) > allowed else None


def gushes(case: Case) -> str | None:
    """Heaps praise on somebody it does not know."""
    return case.first(Act.PRAISE) if case.reading.count(Act.PRAISE) > 1 and not case.reading.grounded else None


def turns_to_self(case: Case) -> str | None:
    """Tells of its own life, or speaks mostly of itself."""
    reading = case.reading
    quote = case.first(Act.SELFISH)
    if quote or case.dwelt or reading.has(Act.OWNING):
        return quote
    firsts = [word.text in FIRST_PERSON for word in reading.text.words].count(True)
    return "" if firsts >= MANY_FIRSTS and firsts > SHARE_OF_FIRSTS * reading.word_count else None


def rings_false(case: Case) -> str | None:
    """Has one phrase that hurts, in a reply that is close to them otherwise."""
    return None if case.corroborated else case.first(*HURTS)


def hurts_again(case: Case) -> str | None:
    """Makes small, denies or cheers right after a reply that hurt."""
    hurt = bool(case.past) and case.past[-1].levels[1][1] < 0 and case.corroborated
    return case.first(Act.DISMISSAL, Act.TOXIC, Act.DENIAL) if hurt else None


def advises_unasked(case: Case) -> str | None:
    """Gives orders too early, too many, or without a kind word."""
    reading, orders = case.reading, case.reading.directives
    if not orders:
        return None
    bare = not case.kind and (reading.turn <= EARLY or not reading.has(Act.PERMISSION))
    return case.first(Act.DIRECTIVE) if bare or orders >= MANY else None


def instructs(case: Case) -> str | None:
    """Tells them what to do without asking."""
    gentle = case.kind and case.reading.directives == 1 and case.reading.has(Act.TENTATIVE)
    excused = case.reading.has(Act.PERMISSION) or gentle
    return None if excused else case.first(Act.DIRECTIVE)


def interrogates(case: Case) -> str | None:
    """Asks one question after the other."""
    asked = [sentence for sentence in case.reading.text.sentences if sentence.asks]
    return case.reading.text.quote(asked[-1].start, asked[-1].end) if len(asked) >= MANY else None


def talks_over(case: Case) -> str | None:
    """Talks over them in ready-made words."""
    glib = case.reading.glib >= REPORT_SIGNS if case.warm else case.ready_made >= GLIB_SIGNS
    return case.first(Act.GLIB) or "" if glib else None


def is_cold(case: Case) -> str | None:
    """Keeps its distance."""
    return "" if case.ready_made == COLD_SIGNS and case.reading.newness > STRANGE_SHARE and not case.kind else None


def is_ready_made(case: Case) -> str | None:
    """Is kind, but in words that fit anybody."""
    close = case.reading.grounded or case.reading.again
    ready_made = case.ready_made >= KIND_SIGNS and close and case.warm
    return case.first(Act.GLIB, Act.STOCK) or "" if ready_made else None


def is_a_handbook(case: Case) -> str | None:
    """Is written like a handbook."""
    return "" if case.stiff and case.ready_made and not case.kind else None


def performs(case: Case) -> str | None:
    """Performs feeling in ornate language."""
    return case.first(Act.FIGURE) or "*" if case.reading.ornate else None


def resembles(case: Case) -> str | None:
    """Is cast in the mould of its earlier replies."""
    reading = case.reading
    worn = reading.worn > 1 or reading.worn * 3 >= max(3, len(reading.text.sentences))
    return "" if worn or reading.similarity > ALIKE or reading.skeleton_repeats >= MOULD else None


def repeats(case: Case) -> str | None:
    """Says again what it said before."""
    reading = case.reading
    worn = reading.worn > 1 and reading.worn == len(reading.text.sentences)
    again = worn or reading.similarity > SAME or reading.skeleton_repeats >= FORMULA
    return _whole(case) if again and not reading.blank else None


def copies(case: Case) -> str | None:
    """Hands their own words back to them."""
    reading = case.reading
    return _whole(case) if reading.copied_share >= COPIED and reading.word_count >= COPYABLE else None


def echoes(case: Case) -> str | None:
    """Is an echo."""
    reading = case.reading
    return _whole(case) if reading.copied_share >= ECHOED and reading.word_count >= COPYABLE else None


def bribes(case: Case) -> str | None:
    """Speaks to a rater."""
    return case.reading.injection or None


def crams(case: Case) -> str | None:
    """Crams in every act of kindness at once."""
    reading = case.reading
    kinds = len(reading.present & HELPFUL)
    crammed = kinds >= CRAMMED_ACTS and reading.word_count < CRAMMED_WORDS
    dense = reading.cue_density > CRAMMED_DENSITY or len(reading.feelings) >= CRAMMED_FEELINGS
    return "" if crammed or dense else None


def guesses_feelings(case: Case) -> str | None:
    """Guesses at one feeling after the other."""
    known = case.below.stated | {case.below.unstated}
    wrong = case.reading.feelings - case.reading.told - known
    if not wrong or len(case.reading.past.guessed - known) < GUESSES:
        return None
    return next(case.reading.quote(cue) for cue in case.reading.cues if cue.family in wrong)


def babbles(case: Case) -> str | None:
    """Is no English."""
    return _whole(case) if case.reading.salad else None


def is_foreign(case: Case) -> str | None:
    """Is not in English, or not all of it."""
    return _whole(case) if case.reading.foreign else None


def goes_on_and_on(case: Case) -> str | None:
    """Buries them in words."""
    return _whole(case) if case.reading.word_count > OVERLONG_WORDS else None
