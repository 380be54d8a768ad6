"""Taking identifying detail out of a transcript, and telling whether any of it comes back in another text.

    transcript -> details by rules and detector -> placeholders -> names -> pseudonyms -> Scrubbed

It happens before anything is sent to a model or written to a file. What was taken out is held in memory alone, to
check what the model writes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from empa_gym.pipeline.details import Detail, Detector, Found, key_of, letters_and_digits, plain, separate
from empa_gym.pipeline.lexicon import PSEUDONYMS, bare, word_places, words
from empa_gym.pipeline.names import begins_sentence, names_in
from empa_gym.pipeline.patterns import by_rules
from empa_gym.pipeline.transcripts import Line, Transcript

SEEKER, OTHER = "seeker", "supporter"
LEAST = 6
"""Letters and digits of a removed detail below which finding it in another text would be chance."""
FEW_DIGITS = 6
NEVER = frozenset(Detail) - {Detail.NAME, Detail.DATE, Detail.PLACE}
"""Kinds that no scenario needs, not even invented; an invented date or hospital is part of a story."""
_PLACEHOLDER = re.compile(rf"\b(?:{'|'.join(one.value.upper() for one in Detail)})-\d+\b")
_DIGITS = re.compile(r"\d(?:[ ()./,-]*\d)+")
_CJK = re.compile("[\u4e00-\u9fff]")


class Secrets(NamedTuple):
    """What was taken out of a transcript, as it can be found again.

    Attributes:
        names: keys of the words of names.
        digits: of details with many digits.
        texts: letters and digits of the others.
    """

    names: frozenset[str] = frozenset()
    digits: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Never what they are."""
        return f"Secrets({sum(map(len, self))} held back)"


class Scrubbed(NamedTuple):
    """A transcript without identifying detail.

    Attributes:
        id: made from the text below, so that the same transcript is always called the same.
        counts: how many places of each kind were replaced.
        secrets: what stood there; for checks, never for a file or a request.
    """

    id: str
    lines: tuple[Line, ...]
    counts: Mapping[Detail, int]
    secrets: Secrets


def scrub(transcript: Transcript, detect: Detector, language: str = "en") -> Scrubbed:
    """The transcript with every detail that rules and detector find replaced, the same detail by the same words.

    Args:
        transcript: as it was read.
        detect: of numbers; see :func:`empa_gym.pipeline.pii.detect`.
        language: of the pseudonyms, "en" or "zh".
    """
    texts = [plain(line.text) for line in transcript.lines]
    places = [separate(chain(by_rules(text), detect(text))) for text in texts]
    rest = [_without(text, found) for text, found in zip(texts, places, strict=True)]
    names = names_in(dict.fromkeys(line.speaker for line in transcript.lines), rest)
    swap = Swap(names, _pseudonyms(language, texts))
    for label in dict.fromkeys(line.speaker for line in transcript.lines):
        swap.renamed(label, labels=True)
    lines = tuple(
        Line(SEEKER if line.seeker else OTHER, line.seeker, swap.replaced(text, found))
        for line, text, found in zip(transcript.lines, texts, places, strict=True)
    )
    told = "\n".join(f"{line.speaker}: {line.text}" for line in lines)
    name = f"distilled-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    return Scrubbed(name, lines, dict(+swap.counts), swap.secrets)


def _without(text: str, found: Iterable[Found]) -> str:
    """The text with these places blotted out, so that no word of an address is taken for a name."""
    for one in found:
        text = text[: one.start] + "0" * (one.end - one.start) + text[one.end :]
    return text


def _pseudonyms(language: str, texts: Iterable[str]) -> list[str]:
    """Those that stand in none of the texts."""
    whole = " ".join(texts)
    held = {key_of(bare(place.group())) for place in word_places(whole)}
    return [
        name for name in PSEUDONYMS[language] if key_of(name) not in held and not (_CJK.match(name) and name in whole)
    ]


class Swap:
    """Replaces the details of one transcript, and remembers by what.

    Args:
        names: keys of the words that are names.
        pseudonyms: in the order in which people get them.

    Attributes:
        counts: places that were replaced, by kind.
    """

    def __init__(self, names: Collection[str], pseudonyms: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.counts: Counter[Detail] = Counter()
        self._left = iter(pseudonyms)
        self._people: dict[str, str] = {}
        self._given: dict[tuple[Detail, str], str] = {}
        self._digits: set[str] = set()
        self._texts: set[str] = set()
        self._without_spaces = sorted((name for name in self.names if _CJK.search(name)), key=len, reverse=True)

    @property
    def secrets(self) -> Secrets:
        """What was replaced so far, and every name."""
        return Secrets(self.names, frozenset(self._digits), frozenset(self._texts))

    def replaced(self, text: str, found: Iterable[Found]) -> str:
        """The text with these places and all names replaced."""
        parts, end = list[str](), 0
        for one in found:
            parts += [self.renamed(text[end : one.start]), self._placeholder(one.detail, text[one.start : one.end])]
            end = one.end
        return "".join((*parts, self.renamed(text[end:])))

    def _placeholder(self, detail: Detail, value: str) -> str:
        self.counts[detail] += 1
        told, digits = letters_and_digits(value), re.sub(r"\D", "", value)
        if len(digits) >= FEW_DIGITS:
            self._digits.add(digits)
        if not told.isdigit() and len(told) >= LEAST:
            self._texts.add(told)
        number = 1 + sum(kind is detail for kind, _ in self._given)
        return self._given.setdefault((detail, told), f"{detail.value.upper()}-{number}")

    def renamed(self, text: str, *, labels: bool = False) -> str:
        """The text with its names replaced; a run of names is one person.

        Args:
            text: without other details.
            labels: it is a speaker's label, which counts as no place.
        """
        parts, end, last = list[str](), 0, ""
        for place in word_places(text):
            key = self._name_at(text, place.start(), place.group())
            if not key:
                continue
            rest = place.group()[len(bare(place.group())) :]
            between = text[end : place.start()]
            if last and between.strip(" ") == "":
                self._people.setdefault(key, last)
                parts.append(rest)
            else:
                last = self._person(key)
                self.counts[Detail.NAME] += not labels
                parts += [between, last, rest]
            end = place.end()
            last = "" if rest else last
        return self._unspaced("".join((*parts, text[end:])))

    def _name_at(self, text: str, start: int, word: str) -> str:
        """The key of the name that a word is, or, in a login such as "mranna84", holds; "" for none."""
        key = key_of(bare(word))
        if key in self.names:
            # A name that is a word of every day, as Will or Grace, is one where it has a capital.
            return key if key not in words("everyday") or word[0].isupper() else ""
        beside = text[start - 1 : start] + text[start + len(word) : start + len(word) + 1]
        if not any(char.isdigit() or char == "_" for char in beside):
            return ""
        return next((name for name in sorted(self.names) if len(name) > 3 and name in key), "")

    def _unspaced(self, text: str) -> str:
        """The text with names in scripts that part no words replaced."""
        for name in self._without_spaces:
            if name in text:
                self.counts[Detail.NAME] += text.count(name)
                text = text.replace(name, self._person(name))
        return text

    def _person(self, key: str) -> str:
        if key not in self._people:
            self._people[key] = next(self._left, "") or f"Person {len(self._people) + 1}"
        return self._people[key]


def leaks(text: str, secrets: Secrets, detect: Detector) -> bool:
    """Whether a text holds what was taken out of a transcript, a number or address of anybody, or a placeholder."""
    text = plain(text)
    if _PLACEHOLDER.search(text) or any(one.detail in NEVER for one in chain(by_rules(text), detect(text))):
        return True
    digits = [re.sub(r"\D", "", run) for run in _DIGITS.findall(text)]
    told = letters_and_digits(text)
    return (
        any(secret in run for secret in secrets.digits for run in digits)
        or any(secret in told for secret in secrets.texts)
        or any(_names(text, secrets.names))
    )


def _names(text: str, names: frozenset[str]) -> Iterable[bool]:
    """For each place of a name in a text True."""
    yield from (True for name in names if _CJK.search(name) and name in text)
    for place in word_places(text):
        word, key = place.group(), key_of(bare(place.group()))
        everyday = key in words("everyday") and (word[0].islower() or begins_sentence(text, place.start()))
        if key in names and not everyday:
            yield True
