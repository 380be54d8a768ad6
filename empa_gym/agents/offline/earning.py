"""What earns progress from the embedded judge: one small test for each rule.

A test looks at a :class:`Case` and returns the words of the reply that it rests on, or None when it does not hold.
"""

from __future__ import annotations

from empa_gym.agents.offline.case import Case
from empa_gym.agents.offline.lexicon import Act
from empa_gym.epm.axes import Axis
from empa_gym.scenarios.scenario import Grade

COPIED = 0.5
"""From this share on in the person's own order of words, a reply is not in own words."""
OWN_SHARE = 0.4
"""From this share of new words on, a reply says something of its own."""
NEW_WORDS = 0.35
"""A reframe says something that the person did not say."""
HEART = {Grade.LOW: 1, Grade.MEDIUM: 1, Grade.HIGH: 2}
"""By threshold: how many words of the heart of the matter make a reframe more than a turn of phrase."""
NEWS = {Grade.LOW: 1, Grade.MEDIUM: 1, Grade.HIGH: 2}
"""By threshold: how many stems a level 2 takes up for the first time."""
UNJOINED = -2
"""Beside single words of theirs, a word of weight asks for so much more."""
EARLY = 2
"""A step up to this turn comes before anything is understood."""


def restates(case: Case) -> str | None:
    """Takes up what they said, in a sentence of its own."""
    reading = case.reading
    stems = reading.grounded or (reading.again if len(reading.again) > 1 or (case.plain and reading.contrast) else ())
    own_words = stems and reading.copied_share < COPIED
    return case.sentence_of(stems[0]) if own_words and case.meets(Axis.COGNITIVE) else None


def asks_openly(case: Case) -> str | None:
    """Asks on, openly and from their words."""
    cue = case.credited(Axis.COGNITIVE, Act.QUESTION)
    return case.reading.quote(cue) if cue and case.reading.grounded and case.meets(Axis.COGNITIVE, 1) else None


def reframes(case: Case) -> str | None:
    """Sets the heart of the matter against another view of it, in words that are new."""
    reading, cue = case.reading, case.credited(Axis.COGNITIVE, Act.REFRAME)
    if cue is None or reading.newness < NEW_WORDS or not case.meets(Axis.COGNITIVE, -2):
        return None
    heart = case.touched(case.below.core) >= HEART[case.threshold]
    return reading.quote(cue) if heart and len(reading.grounded) >= NEWS[case.threshold] else None


def names_feeling(case: Case) -> str | None:
    """Names a feeling that they told of."""
    cue = case.credited(Axis.AFFECTIVE, Act.FEELING)
    known = cue is not None and (cue.family in case.reading.told or cue.family in case.below.stated)
    return case.reading.quote(cue) if known and case.meets(Axis.AFFECTIVE, 2) else None


def weighs(case: Case) -> str | None:
    """Says what the matter weighs, or that what they feel is right."""
    cue = case.credited(Axis.AFFECTIVE, Act.APPRAISAL, Act.VALIDATION, Act.FEELING)
    reading = case.reading
    near = reading.joined or (reading.contrast and not reading.stock)
    meant = case.adds and case.meets(Axis.AFFECTIVE, 0 if near else UNJOINED)
    return reading.quote(cue) if cue and meant else None


def keeps_company(case: Case) -> str | None:
    """Stays with the matter in plain words, and says what it is and what it is not."""
    reading = case.reading
    stays = case.plain and reading.contrast and case.adds and not reading.has(Act.STEP) and reading.newness >= OWN_SHARE
    return case.sentence_of(reading.grounded[0]) if stays and reading.grounded and case.meets(Axis.AFFECTIVE) else None


def owns_a_miss(case: Case) -> str | None:
    """Owns that it passed them by, and comes back to their words."""
    cue = case.credited(Axis.AFFECTIVE, Act.OWNING)
    return case.reading.quote(cue) if cue and case.meets(Axis.AFFECTIVE, 2) else None


def names_the_unsaid(case: Case) -> str | None:
    """Touches, tentatively and near their words, the feeling that they left unsaid."""
    reading, unsaid = case.reading, case.below.unstated
    if unsaid not in reading.feelings or unsaid in reading.told or len(reading.feelings) > 2:
        return None
    tentative = reading.has(Act.TENTATIVE) or any([sentence.asks for sentence in reading.text.sentences])
    near = len(reading.grounded) >= NEWS[case.threshold] and case.meets(Axis.AFFECTIVE)
    cue = next(cue for cue in reading.cues if cue.family is unsaid)
    return reading.quote(cue) if tentative and near else None


def affirms(case: Case) -> str | None:
    """Names something that they did, or what it is worth; an act of which they told needs less beside it."""
    reading, cue = case.reading, case.credited(Axis.PROACTIVE, Act.AGENCY, Act.MERIT)
    if cue is None or not case.adds or (reading.stock and not reading.joined):
        return None
    told = cue.act is Act.AGENCY and reading.text.words[cue.end - 1].bit & reading.said
    return reading.quote(cue) if case.meets(Axis.PROACTIVE, 2 if told else 0) else None


def offers_a_step(case: Case) -> str | None:
    """Offers one step, not too early, and leaves the choice with them."""
    reading, cue = case.reading, case.credited(Axis.PROACTIVE, Act.STEP)
    fits = reading.turn > EARLY and reading.has(Act.PERMISSION) and reading.directives <= 1
    return reading.quote(cue) if cue and fits and case.meets(Axis.PROACTIVE) else None


def loosens_the_barrier(case: Case) -> str | None:
    """Sets what they did beside the belief that holds them back, or beside one step."""
    reading, cue = case.reading, case.credited(Axis.PROACTIVE, Act.AGENCY, Act.MERIT)
    if (
        cue is None
        or len(reading.grounded) < NEWS[case.threshold]
        or not case.adds
        or not case.meets(Axis.PROACTIVE, -1)
    ):
        return None
    offered = reading.has(Act.STEP) and reading.has(Act.PERMISSION) and reading.turn > EARLY
    tied = case.touched(case.below.strengths) and (offered or case.touched(case.below.barrier))
    return reading.quote(cue) if tied else None
