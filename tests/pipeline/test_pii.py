"""The detector finds numbers that have no form which a rule could know."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from empa_gym.loading import load
from empa_gym.pipeline import Detail
from empa_gym.pipeline.patterns import by_rules

pytestmark = pytest.mark.skipif(
    not (find_spec("phonenumbers") and find_spec("stdnum")),
    reason="the detector needs the extra pii, not installed here",
)
BEYOND_RULES = (("81234 56789", Detail.PHONE), ("2341 2341 2346", Detail.NUMBER))
"""An Indian mobile number, and an identity number known by its check digit."""
HONEST = (
    "It was 1,200 in 2019 and 1,450 in 2024.",
    "We won 21-19, 18-21, 21-17.",
    "5 km in 31:20",
    "50 mg, at 8 and 20",
)


def found(text: str) -> dict[str, Detail]:
    return {text[one.start : one.end]: one.detail for one in load("empa_gym.pipeline.pii").detect(text)}


@pytest.mark.parametrize(("number", "detail"), BEYOND_RULES)
def test_a_number_that_no_rule_knows_is_found(number: str, detail: Detail) -> None:
    text = f"I gave them {number} again"
    assert detail in found(text).values()
    assert [text[one.start : one.end] for one in by_rules(text)] == []


def test_a_wrong_check_digit_is_no_number_of_an_account() -> None:
    assert Detail.NUMBER in found("GB29 NWBK 6016 1331 9268 19").values()
    assert Detail.NUMBER not in found("GB28 NWBK 6016 1331 9268 19").values()


@pytest.mark.parametrize("text", HONEST)
def test_honest_numbers_are_none(text: str) -> None:
    assert found(text) == {}
