"""The lists of phrases: well formed, without repeats."""

from __future__ import annotations

from collections import Counter

import pytest

from empa_gym.agents.offline.lexicon import ENTRIES, Act, listed

LONGEST = 8
PAIRS = list(zip(ENTRIES, listed(), strict=True))


@pytest.mark.parametrize("act", sorted({entry.act for entry in ENTRIES}))
def test_no_phrase_stands_twice_in_a_list(act: Act) -> None:
    counts = Counter((entry.head, entry.tail) for entry in ENTRIES if entry.act is act)
    assert [phrase for phrase, count in counts.items() if count > 1] == []


def test_no_phrase_is_empty_or_as_long_as_two_that_lost_their_comma() -> None:
    wrong = [phrase for entry, (_, phrase, _) in PAIRS if not 0 < len(entry.head) + len(entry.tail) <= LONGEST]
    assert wrong == []


def test_marks_in_phrases_are_the_known_ones() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz "
    odd = [phrase for _, (_, phrase, _) in PAIRS if set(phrase.lower()) - set(letters + "^~|._-'0123456789")]
    assert odd == []


def test_every_act_but_those_told_by_structure_has_phrases() -> None:
    assert set(Act) - {entry.act for entry in ENTRIES} == {Act.AGENCY, Act.QUESTION, Act.ACCUSATION, Act.DONE}
