"""Rules for people's names: where a word is one, and which words of a transcript are then names everywhere.

A word is a name where it stands in a speaker's label; after "my name is", "I'm called", "this is" and the like;
after a title, a relative or a greeting; capitalised within a sentence, once or more; or when it is a common given
name. Words that are capitalised and name nobody (months, languages, countries, large towns, brands) are known and
spared, except in a label and after "my name is". A rare name that only ever begins sentences is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from empa_gym.pipeline.details import key_of
from empa_gym.pipeline.lexicon import bare, word_places, words

_CAP = r"[A-Z\u00c0-\u00de][^\W\d_]*(?:[-'\u2019][A-Z\u00c0-\u00de]?[^\W\d_]+)*"
_PARTICLE = r"(?:de|da|del|della|di|van|von|der|den|bin|al|el|la|le|ter|zu)"
_FULL = rf"{_CAP}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_CAP}){{0,3}}"
_ANY = r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*(?:\s+[A-Z\u00c0-\u00de][^\W\d_]+){0,2}"
_KIN = (
    r"(?:husband|wife|partner|boyfriend|girlfriend|fianc\u00e9e?|ex|ex-husband|ex-wife|son|daughter|child|baby|kid|"
    r"mother|father|mum|mom|dad|brother|sister|twin|cousin|nephew|niece|uncle|aunt|auntie|grandmother|grandfather|"
    r"grandma|grandpa|gran|friend|mate|best friend|flatmate|roommate|housemate|boss|manager|colleague|coworker|"
    r"co-worker|teacher|therapist|counsellor|counselor|neighbour|neighbor|landlord|landlady|dog|cat|stepson|"
    r"stepdaughter|stepfather|stepmother)"
)
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Nurse|Sister|Father|Reverend|Rev|Rabbi|Imam|Pastor|Coach|Uncle|"
    r"Aunt|Auntie|Aunty|Officer|Sergeant|Captain|Judge|Frau|Herr|Madame|Monsieur|Se\u00f1ora?)"
)
_SAID_OUTRIGHT = (
    rf"\b(?i:my (?:full |first |real |last |given |maiden )?(?:sur)?name(?:'s|\u2019s| is| was))\s*,?\s+({_ANY})",
    rf"\b(?i:i['\u2019]?m called|i am called|i go by|everyone calls me|they call me|people call me)\s+({_ANY})",
    "(?:\u6211\u53eb|\u6211\u7684\u540d\u5b57\u662f|\u672c\u4eba\u59d3\u540d|\u540d\u53eb|\u53eb\u6211|\u540d\u5b57\u53eb)\\s*([\u4e00-\u9fff]{2,4}?)(?=[^\u4e00-\u9fff]|$|\u662f|\u5728|\u4eca)",
)
"""After these a word is a name whatever it is and however it is written."""
_POINTED_OUT = (
    rf"\b(?i:this (?:i|wa)s|call me|i am|i['\u2019]m|im|it['\u2019]s|name (?:i|wa)s|named|called|known as)\s+({_FULL})",
    rf"\b{_TITLE}\.?\s+({_FULL})",
    rf"\b(?i:(?:my|our|his|her|their|your|the)\s+(?:\w+\s+)?{_KIN})\s*,?\s+({_FULL})",
    rf"(?:^|[.!?\n]\s*)(?i:hi|hello|hey|dear|thanks|thank you|bye|goodnight|good night|sorry|morning),?\s+({_FULL})",
    rf"(?i:\b(?:love|best|regards|cheers|yours|sincerely|signed|wishes),?\s*[-\u2013\u2014]?\s*)({_FULL})[.!]?\s*$",
    rf",\s+({_CAP})\s*[.!?]",
    rf"(?:^|\n)\s*[-\u2013\u2014]\s*({_FULL})[.!]?\s*$",
)
"""After these a capitalised word is a name, unless it is known to name nobody."""
_ZH_TITLED = re.compile(
    "([\u4e00-\u9fff])(?=(?:\u5148\u751f|\u5973\u58eb|\u8001\u5e08|\u533b\u751f|\u963f\u59e8|\u6559\u6388))"
)
_ZH_SURNAMES = frozenset(
    "\u738b\u674e\u5f20\u5218\u9648\u6768\u8d75\u9ec4\u5468\u5434\u5f90\u5b59\u80e1\u6731\u9ad8\u6797\u4f55\u90ed"
    "\u9a6c\u7f57\u6881\u5b8b\u90d1\u8c22\u97e9\u5510\u51af\u4e8e\u8463\u8427\u7a0b\u66f9\u8881\u9093\u8bb8\u5085"
    "\u6c88\u66fe\u5f6d\u5415\u82cf\u5362\u848b\u8521\u8d3e\u4e01\u9b4f\u859b\u53f6\u960e\u4f59\u6f58\u675c\u6234"
)
_OUTRIGHT = [re.compile(rule, re.MULTILINE) for rule in _SAID_OUTRIGHT]
_POINTED = [re.compile(rule, re.MULTILINE) for rule in _POINTED_OUT]
_NO_NAME = "on in at not the a an my mud nobody no being to of by and or is it known"
_NO_NAME_AFTER_IS = frozenset(_NO_NAME.split())
_SENTENCE_ENDS = ".!?:\u2026\n"
_OPENING_MARKS = " \"\u201c\u2018'(*"


def names_in(speakers: Iterable[str], texts: Sequence[str]) -> frozenset[str]:
    """The keys of all words that are names in a transcript.

    Args:
        speakers: labels of the speakers.
        texts: the messages.

    >>> sorted(names_in(["Anna K.", "Client"], ["I told Piotr on Monday. Only Piotr knows.", "Thanks, Anna."]))
    ['anna', 'piotr']
    """
    found = {key for label in speakers for key in _of_label(label)}
    for text in texts:
        found |= _outright(text) | _pointed(text) | _given(text) | _capitalised(text)
    parts = {part for key in found for part in re.split(r"['\u2019-]", key) if "-" in key and len(part) > 2}
    return frozenset(found | parts)


def _of_label(label: str) -> Iterator[str]:
    """The names in a speaker's label."""
    keys = [key_of(bare(place.group())) for place in word_places(label)]
    yield from (key for key in keys if len(key) > 1 and key not in words("generic_speakers"))
    if re.fullmatch("[\u4e00-\u9fff]{3}", label):
        yield label[1:]


def _outright(text: str) -> set[str]:
    runs = [match.group(1) for rule in _OUTRIGHT for match in rule.finditer(text)]
    firsts = [key_of(word_places(run)[0].group()) for run in runs]
    told = [run for run, first in zip(runs, firsts, strict=True) if first not in _NO_NAME_AFTER_IS]
    keys = {key_of(bare(place.group())) for run in told for place in word_places(run)}
    return keys | {match.group(1) for match in _ZH_TITLED.finditer(text) if match.group(1) in _ZH_SURNAMES}


def _pointed(text: str) -> set[str]:
    runs = [match.group(1) for rule in _POINTED for match in rule.finditer(text)]
    return {key for run in runs for key in _until_ordinary(run)}


def _until_ordinary(run: str) -> Iterator[str]:
    """The names at the beginning of a run of words."""
    for place in word_places(run):
        key = key_of(bare(place.group()))
        if key in words("ordinary") and key not in words("given"):
            return
        if len(key) > 1 and place.group()[0].isupper():
            yield key


def _given(text: str) -> set[str]:
    """Common given names, capitalised, that are no words of every day."""
    keys = {key_of(bare(place.group())) for place in word_places(text) if place.group()[0].isupper()}
    return {key for key in keys if key in words("given")} - words("everyday") - (words("ordinary") - _TOWNS_OF_PEOPLE)


_TOWNS_OF_PEOPLE = frozenset(
    ("diego", "antonio", "florence", "virginia", "francisco", "georgia", "harry", "juliet", "milan")
)
"""Given names that are places or characters too: taken for people."""


def _capitalised(text: str) -> set[str]:
    """Words that stand capitalised within a sentence: one place is enough, a brand more is no harm."""
    return {key for place in word_places(text) if (key := _candidate(text, place))}


def _candidate(text: str, place: re.Match[str]) -> str:
    """The key of a word that is capitalised within a sentence and not known to name nobody; else ""."""
    word = bare(place.group())
    if len(word) < 2 or not word[0].isupper() or word.isupper():
        return ""
    key = key_of(word)
    ordinary = key in words("ordinary") or key.partition("'")[0] in words("ordinary")
    return "" if ordinary or begins_sentence(text, place.start()) else key


def begins_sentence(text: str, start: int) -> bool:
    """Whether a sentence begins at ``start``, so that a capital there says nothing."""
    before = text[max(0, start - 12) : start].rstrip(_OPENING_MARKS)
    return not before or before[-1] in _SENTENCE_ENDS
