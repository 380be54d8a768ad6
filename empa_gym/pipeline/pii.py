"""The detector of numbers that identify somebody: ``pip install 'empa-gym[pii]'``.

Telephone numbers are found by ``phonenumbers``, which knows the numbers of every country; bank accounts, cards
and health numbers by the check digits that ``python-stdnum`` knows. Neither downloads anything. Why these: see
``docs/real_to_sim.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.us import ssn

from empa_gym.pipeline.details import Detail, Found

REGIONS = ("US", "GB", "IN", "AU", "DE", "FR", "CN", "ZA", "NG")
"""Countries whose numbers are found when they are written without the country's code."""
CARD_DIGITS = range(13, 20)
_RUN = re.compile(r"\b[A-Z]{0,2}\d[A-Z0-9]*(?:[ -]?[A-Z0-9]+)*\b")


def detect(text: str) -> Iterator[Found]:
    """The telephone, account, card and identity numbers in a text; the places may overlap.

    >>> [text[one.start : one.end] for text in ("Ring 020 7946 0018 at six",) for one in detect(text)][0]
    '020 7946 0018'
    """
    yield from _telephones(text)
    for run in _RUN.finditer(text):
        if any(is_one(run.group()) for is_one in (_is_iban, _is_card, nhs.is_valid, aadhaar.is_valid, ssn.is_valid)):
            yield Found(Detail.NUMBER, *run.span())


def _telephones(text: str) -> Iterator[Found]:
    for region in REGIONS:
        for match in PhoneNumberMatcher(text, region, Leniency.VALID):
            yield Found(Detail.PHONE, match.start, match.end)
    for match in PhoneNumberMatcher(text, phonenumbers.UNKNOWN_REGION, Leniency.POSSIBLE):
        yield Found(Detail.PHONE, match.start, match.end)


def _is_iban(run: str) -> bool:
    return bool(iban.is_valid(run, check_country=False))


def _is_card(run: str) -> bool:
    digits = re.sub("[ -]", "", run)
    return len(digits) in CARD_DIGITS and bool(luhn.is_valid(digits))
