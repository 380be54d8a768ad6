"""How much identifying detail survives scrubbing, and how much honest text is lost: 200 synthetic transcripts.

Each transcript is made from sentences with slots by a seeded generator. A slot holds an invented detail (a name, a
number, an address ...) or honest text that looks like one: years, prices, doses, months, towns, languages, brands.
A detail counts as found when none of its words and digits is left in its message. A place that was replaced and
holds no detail is a false one.

    recall = details found / details planted          precision = details found / (details found + false places)

Half of the given names are in no list of the package. The rules were made with the first set of sentences at hand, so
its figures say little; those of the unseen sentences say more, and real transcripts will be harder still.

    python benchmarks/pii_recall.py              rules and detector (needs the extra pii)
    python benchmarks/pii_recall.py --keep FILE  write the figures there
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from machine import machine, version_of

from empa_gym.pipeline import Detail, Found, Line, Transcript, scrub
from empa_gym.pipeline.details import Detector, letters_and_digits
from empa_gym.pipeline.lexicon import words
from empa_gym.pipeline.pii import detect

TRANSCRIPTS, SEED, FEW = 200, 20_261, 4
LISTED = (
    "Anna", "Thomas", "Priya", "Hassan", "Elena", "Kofi", "Wei", "Maria", "Sean", "Astrid", "Ravi", "Chloe", "Omar",
    "Helga", "Diego",
)  # fmt: skip
UNLISTED = (
    "Tamsin", "Bronagh", "Kasimir", "Oluwaseun", "Yevgenia", "Thaddeus", "Ximena", "Ottoline", "Sadhbh", "Ngaire",
    "Zdenek", "Aroha", "Caoimhe",
)  # fmt: skip
EVERYDAY = (
    "Will", "Grace", "Mark", "Rose", "Hope", "Frank", "Dawn",
)  # fmt: skip
SURNAMES = (
    "Keller", "Okonkwo", "Vasquez", "Lindqvist", "Haverford", "Tanaka", "Brzezinski", "O'Brien", "Mbeki",
    "Featherstone", "Novak", "Al-Rashid",
)  # fmt: skip
STREETS = (
    "Maple", "Harcourt", "Wellington", "Birchwood", "Kingfisher", "Old", "Mill",
)  # fmt: skip
PHONES = (
    "+1 415 555 2671", "(415) 555-2671", "415-555-2671", "07700 900123", "020 7946 0018", "+49 171 2345678",
    "0171/2345678", "555-0134", "+33 6 12 34 56 78", "4155552671", "+91 98765 43210", "0412 345 678",
)  # fmt: skip
NUMBERS = (
    "DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "4111 1111 1111 1111", "078-05-1120", "943 476 5919",
    "FR14 2004 1010 0505 0001 3M02 606", "5500005555555559", "QQ 12 34 56 C",
)  # fmt: skip
DATES = ("12 March 1984", "March 3rd, 1991", "03/11/1978", "1985-07-22", "the 5th of May 1990", "21.09.1969")

PLANTED = (
    "Hi, this is {name}.", "My name is {full} and I found this number online.", "I'm called {name}, by the way.",
    "People call me {name}.", "My husband {other} moved out.", "My sister, {other}, says I exaggerate.",
    "My boss is Mr {surname} and he never listens.", "I told {other} everything and {other} just laughed.",
    "Then {otherfull} came in and shut the door.", "You can ring me on {phone} after six.", "My number is {phone}.",
    "Text me: {phone}", "Write to {email} if you like.", "I live at {address} and cannot afford it.",
    "They sent the letter to {address}.", "My account is {number}, they said it is overdrawn.", "I gave them {number}.",
    "I was born on {date}.", "My date of birth is {date}.", "I wrote it all down at {link} last night.",
    "I post as {handle} there.", "yesterday {other} phoned again", "Everyone at work loves {other}.", "Best, {name}.",
    "the kids were with {other} and i was alone", "Dr {surname} changed my tablets.", "hi {lower} again",
    "We met at {place} and that was that.", "It was {other}'s idea, not mine.", "{other} left for good.",
    "my email is {obfuscated}",
)  # fmt: skip
HONEST = (
    "It has been like this since October 2019.", "I earn 32,000 a year and the rent is 1,450.",
    "I take 50 mg of sertraline.", "On Monday I moved from Chicago to Boston.",
    "My German is poor and my English is tired.", "I slept 3 hours, from 2:30 to 5:30.",
    "We have been married for 12 years, 4 months and 3 days.", "I scored 118 out of 200 on the test.",
    "In May I stopped going to church.", "He watches Netflix and scrolls through Instagram all day.",
    "I have 27,000 steps on my phone and no friend to show them.", "The NHS waiting list is 18 months, my GP said.",
    "It is a 10 minutes drive down the road.", "At 42 I thought I would know.", "Will you tell me what to do?",
    "I hope it gets better, by the grace of God.", "Mum and Dad never talked about it.",
    "I ran 5 km in 31:20 on Sunday.", "The flat costs 250000 and we have 10% of it.",
    "Room 101 felt like that, or page 394.", "Chapter 12 of the book says so.", "I read 2001 at school.",
    "My PTSD is worse at Christmas.", "They cut 1200 jobs in 2023 and 2024.", "I want a mark that says I was here.",
    "The rose on the balcony died.", "Version 3.11.7 broke my program.",
    "We grew up in the Midwest, near Lake Michigan.", "It costs $1,299.99 or 4 x 324.99.",
    "The Catholic priest shrugged.", "I counted 1 2 3 4 5 6 and breathed.", "I am at home. It is quiet.",
    "The street was empty and the court adjourned.", "Between 2015-2019 I did nothing else.",
    "Our score was 21-19, 18-21, 21-17.",
)  # fmt: skip
ANSWERS = (
    "That sounds heavy, {name}.", "What happened then?", "You carried a lot by yourself.",
    "I can hear how tired you are.", "Thank you for telling me.", "What would you need tonight?",
    "Hello {name}, I am here.", "And {other}, what did {other} say?",
)  # fmt: skip
UNSEEN = (
    "{other} was there first, and she knows it.", "it was always {other} this, {other} that", "Ask {name}, I thought.",
    "Nobody but {otherfull} came to the funeral.", "{other} and I shared a desk for years.", "I loved her. {other}.",
    "The nurse wrote {full} on the band.", "Signed {otherfull}, as always.", "'{name},' he said, 'sit.'",
    "When {other} left, the flat went quiet.", "Poor {other}!", "So I rang {phone} and hung up.",
    "({phone}, ask for me)", "my cell {phone} is off", "His new one is {phone}.", "Mail me - {email} - whenever.",
    "It bounced: {email}.", "She sent me to {address} for the interview.", "The keys are for {address}.",
    "{address} is not a home.", "The form wanted {number}, again.", "Booked under {number}.", "My boy came on {date}.",
    "Since {date} I count days.", "See {link}.", "He found my {handle} account.",
    "I was let go from {place} in spring.", "{place} called. Again.", "{lower} said nothing",
    "the {surname} family next door heard it", "Old {surname} would have laughed.",
)  # fmt: skip
UNSEEN_HONEST = (
    "I was SO tired, and he said It Is What It Is.", "We sang Hallelujah and Yesterday.",
    "Arsenal lost again on Boxing Day.", "She put me on Lamictal and then on Seroquel.",
    "I drive an old Skoda with 180,000 km on it.", "Flight BA 117 was late.", "He quoted Nietzsche at breakfast.",
    "I work in Accounts, second floor, desk 14.", "The Tuesday group is on Zoom now.",
    "I make 14.50 an hour, 37.5 hours a week.", "My BMI is 31.4 and my pulse 112.", "Order 66 was his favourite joke.",
    "Stage 3, they said, T2N1M0.", "It was minus 12 in January.", "We have 3 kids: 4, 7 and 11.",
    "I hate Valentine's Day.", "The Catholic school in Leeds threw me out.", "Windows 11 ate my thesis, all 312 pages.",
    "A 2:1 from Durham, for what?", "My ex took the Fiat.", "In Hindi there is a word for it.",
    "Pride and Prejudice, page 43.", "I owe 12,400 in loans.",
)  # fmt: skip
"""Sentences that were written after the rules were finished; nothing was changed for them."""
KINDS = {
    "name": Detail.NAME, "full": Detail.NAME, "other": Detail.NAME, "surname": Detail.NAME, "otherfull": Detail.NAME,
    "lower": Detail.NAME, "phone": Detail.PHONE, "email": Detail.EMAIL, "obfuscated": Detail.EMAIL,
    "address": Detail.ADDRESS, "number": Detail.NUMBER, "date": Detail.DATE, "link": Detail.LINK,
    "handle": Detail.HANDLE, "place": Detail.PLACE,
}  # fmt: skip
_SLOT = re.compile(r"\{(\w+)\}")


class Planted(NamedTuple):
    """A detail, and in which message it stands."""

    detail: Detail
    value: str
    line: int


class Synthetic(NamedTuple):
    """A transcript and the details in it."""

    transcript: Transcript
    planted: tuple[Planted, ...]


def cast_of(draw: random.Random) -> dict[str, str]:
    """The details of one transcript by slot."""
    pools = draw.choices((LISTED, UNLISTED, EVERYDAY), (9, 9, 2), k=2)
    name, other = draw.choice(pools[0]), draw.choice(pools[1])
    while other == name:
        other = draw.choice(LISTED)
    surname, second = draw.sample(SURNAMES, 2)
    mail = f"{name.lower()}.{re.sub('[^a-z]', '', surname.lower())}"
    street = (
        f"{draw.randint(2, 240)} {draw.choice(STREETS)} {draw.choice(('Street', 'Road', 'Avenue', 'Lane', 'Drive'))}"
    )
    tails = ("", ", Flat 3", ", Bristol BS1 5TR", ", Springfield, IL 62704")
    return {
        "name": name, "full": f"{name} {surname}", "other": other, "surname": surname, "otherfull": f"{other} {second}",
        "lower": name.lower() if name not in EVERYDAY else name, "phone": draw.choice(PHONES),
        "email": f"{mail}{draw.randint(1, 99)}@{draw.choice(('gmail.com', 'web.de', 'mail.example.co.uk'))}",
        "obfuscated": f"{mail} at gmail dot com", "address": street + draw.choice(tails),
        "number": draw.choice(NUMBERS),
        "date": draw.choice(DATES), "link": f"https://{mail}.example.org/diary", "handle": f"@{mail.replace('.', '_')}",
        "place": f"{draw.choice(SURNAMES[3:7])} {draw.choice(('High School', 'Hospital', 'Primary School'))}",
    }  # fmt: skip


def make(
    seed: int, messages: int = 20, planted_in: tuple[str, ...] = PLANTED, honest: tuple[str, ...] = HONEST
) -> Synthetic:
    """A transcript; of few messages one whose speakers have no names, so that each detail is seen once or twice."""
    draw = random.Random(seed)
    slots = cast_of(draw)
    label = draw.choice((slots["name"], slots["full"], "Client", "user")) if messages > FEW else "Client"
    lines: list[Line] = []
    planted: list[Planted] = []
    for number in range(messages):
        asks = number % 2 == 0
        sentences = [*draw.sample(planted_in, 2), *draw.sample(honest, 2)] if asks else [draw.choice(ANSWERS)]
        draw.shuffle(sentences)
        for slot in _SLOT.findall(" ".join(sentences)):
            planted.append(Planted(KINDS[slot], slots[slot], number))
        lines.append(Line(label if asks else "Helper", asks, " ".join(sentences).format(**slots)))
    return Synthetic(Transcript(f"synthetic {seed}", tuple(lines)), tuple(planted))


def survives(one: Planted, text: str) -> bool:
    """Whether a word of a detail, or its digits, are left in a text."""
    if one.detail is Detail.NAME:
        left = {word.removesuffix("'s") for word in re.findall(r"[\w'-]+", text.replace("\u2019", "'"))}
        return any(word in left for word in one.value.split())
    return letters_and_digits(one.value) in letters_and_digits(text) or any(
        re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) for part in re.findall(r"\d{3,}|[A-Z]{2}\d\w*", one.value)
    )


class Tally(NamedTuple):
    """Details found and planted by kind, and false places."""

    found: Counter[Detail]
    planted: Counter[Detail]
    false: int


def measure(synthetics: Iterable[Synthetic], detector: Detector) -> Tally:
    """What scrubbing with this detector finds and loses."""
    found: Counter[Detail] = Counter()
    planted: Counter[Detail] = Counter()
    false = 0
    for synthetic in synthetics:
        scrubbed = scrub(synthetic.transcript, detector)
        gone = [one for one in synthetic.planted if not survives(one, scrubbed.lines[one.line].text)]
        found.update(one.detail for one in gone)
        planted.update(one.detail for one in synthetic.planted)
        false += max(0, sum(scrubbed.counts.values()) - len(gone))
    return Tally(found, planted, false)


def no_detector(text: str) -> tuple[Found, ...]:
    """The rules alone."""
    return ()


def presidio_recall(synthetics: Iterable[Synthetic]) -> dict[str, float]:
    """What Presidio's recognisers of patterns find alone, without a language model; by kind.

    It finds no names so: for these it needs a model that is not on the package index.
    """
    predefined = importlib.import_module("presidio_analyzer.predefined_recognizers")
    suffixes = importlib.import_module("tldextract")
    suffixes.extract = suffixes.TLDExtract(suffix_list_urls=())  # else it downloads a list when it is first used
    makers = ("EmailRecognizer", "PhoneRecognizer", "IbanRecognizer", "CreditCardRecognizer", "UrlRecognizer",
              "DateRecognizer", "UsSsnRecognizer", "NhsRecognizer", "IpRecognizer")  # fmt: skip
    recognisers = [getattr(predefined, name)() for name in makers]
    found: Counter[Detail] = Counter()
    planted: Counter[Detail] = Counter()
    for synthetic in synthetics:
        for one in synthetic.planted:
            planted[one.detail] += 1
            text = synthetic.transcript.lines[one.line].text
            spans = [
                (hit.start, hit.end)
                for recogniser in recognisers
                for hit in recogniser.analyze(text, recogniser.supported_entities, None) or ()
            ]
            masked = "".join(" " if any(a <= at < b for a, b in spans) else char for at, char in enumerate(text))
            found[one.detail] += not survives(one, masked)
    return {kind.value: found[kind] / planted[kind] for kind in Detail if planted[kind]}


def figures(tally: Tally) -> dict[str, object]:
    """Recall in all and by kind, and precision."""
    found, planted = sum(tally.found.values()), sum(tally.planted.values())
    by_kind = {kind.value: tally.found[kind] / tally.planted[kind] for kind in Detail if tally.planted[kind]}
    return {
        "planted": planted, "found": found, "false_places": tally.false, "recall": found / planted,
        "precision": found / (found + tally.false), "recall_by_kind": by_kind,
        "planted_by_kind": {kind.value: tally.planted[kind] for kind in Detail},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    unknown = [name for name in UNLISTED if name.casefold() in words("given")]
    assert not unknown, f"these names are in a list of the package: {unknown}"
    synthetics = [make(SEED + number) for number in range(TRANSCRIPTS)]
    short = [make(SEED + TRANSCRIPTS + number, FEW) for number in range(TRANSCRIPTS)]
    unseen = [make(SEED + 2 * TRANSCRIPTS + number, 20, UNSEEN, UNSEEN_HONEST) for number in range(TRANSCRIPTS)]
    rows = {
        "20 messages of unseen sentences, rules and detector": figures(measure(unseen, detect)),
        "20 messages of unseen sentences, rules alone": figures(measure(unseen, no_detector)),
        "20 messages, rules and detector": figures(measure(synthetics, detect)),
        "20 messages, rules alone": figures(measure(synthetics, no_detector)),
        f"{FEW} messages without names of speakers, rules and detector": figures(measure(short, detect)),
    }
    versions = {name: version_of(name) for name in ("phonenumbers", "python-stdnum", "presidio-analyzer")}
    result: dict[str, object] = {"machine": machine(), "versions": versions}
    result |= {"transcripts": TRANSCRIPTS, "seed": SEED, "rows": rows}
    if importlib.util.find_spec("presidio_analyzer"):
        result["presidio_patterns_recall_by_kind_on_unseen_sentences"] = presidio_recall(unseen)
    text = json.dumps(result, indent=1)
    print(text)
    if args.keep:
        args.keep.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
