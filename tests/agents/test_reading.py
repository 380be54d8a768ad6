"""What the reading of a reply finds, from text alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from empa_gym.agents.offline.lexicon import Act
from empa_gym.agents.offline.reading import Reading, read
from empa_gym.agents.offline.surface import surface
from empa_gym.agents.offline.text import analyse
from empa_gym.agents.offline.words import stem
from empa_gym.agents.views import Exchange
from empa_gym.scenarios.scenario import Feeling

MESSAGE = "I worked the same lathe for twenty-four years, and the young one said my hands are slow."


def reading(reply: str, message: str = MESSAGE) -> Reading:
    """The reading of one reply to one message."""
    return read((Exchange(message, reply),))


def test_a_plain_statement_with_their_words_is_a_reflection() -> None:
    found = reading("Twenty-four years at the same lathe, and then someone says your hands are slow. That would sting.")
    assert {"lath", "slow"} <= set(found.grounded)
    assert found.feelings == {Feeling.HURT}


@pytest.mark.parametrize(("one", "other"), [("moved", "moving"), ("taught", "teach"), ("mum", "mother")])
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_a_word_of_theirs_counts_as_new_once_in_a_dialogue() -> None:
    twice = (Exchange(MESSAGE, "That lathe, then."), Exchange(MESSAGE, "Your lathe, and your slow hands."))
    assert "lath" not in read(twice).grounded
    assert "lath" in read(twice).again


def test_copied_runs_are_seen_with_their_pronouns_turned() -> None:
    turned = "You worked the same lathe for twenty-four years, and the young one said your hands are slow."
    assert reading(turned).copied_share == 1
    assert reading("Twenty-four years at one lathe, and slow is the word they found.").copied_share < 0.5


def test_a_sentence_that_speaks_as_the_person_grounds_nothing() -> None:
    assert not reading("I worked the same lathe for twenty-four years.").grounded


def test_words_taken_up_together_are_told_from_single_nouns() -> None:
    assert reading("Slow hands, they said.").joined == 2
    assert reading("A lathe.").joined == 0


@pytest.mark.parametrize("reply", ["Let me look again.", "Tell me about the lathe.", "He said get over it."])
def test_no_order_and_no_harm_is_read_into_harmless_words(reply: str) -> None:
    found = reading(reply)
    assert not found.directives
    assert not found.has(Act.DISMISSAL, Act.DENIAL, Act.BLAME)


@pytest.mark.parametrize("reply", ["Make a list of it.", "You should call him.", "Have you tried yoga?"])
def test_orders_are_counted(reply: str) -> None:
    assert reading(reply).directives > 0


GUESSES = ["You must have felt slow.", "You must be worn out.", "You should never have had to hear it."]


@pytest.mark.parametrize("reply", GUESSES)
def test_a_guess_in_the_form_of_an_order_is_no_order(reply: str) -> None:
    assert not reading(reply).directives


@pytest.mark.parametrize("reply", ["It hurts.", "Miss Adeyemi has long sleeves.", "A low table stood there."])
def test_words_with_two_meanings_name_no_longing_and_no_sadness(reply: str) -> None:
    assert not reading(reply).feelings & {Feeling.LONGING, Feeling.SADNESS}


def test_an_earlier_reply_of_the_same_mould_is_noticed() -> None:
    twice = (
        Exchange(MESSAGE, "It sounds like the lathe is weighing on you tonight."),
        Exchange("My pencil broke.", "It sounds like the broken pencil is weighing on you today."),
    )
    assert read(twice).worn == 1
    assert not read(twice).has(Act.REFLECTION)


def test_english_sentences_have_no_flaws_and_salad_has() -> None:
    assert sum(surface(MESSAGE).flaws) == 0
    assert sum(surface("The of slow and lathe the is hands with and.").flaws) > 2


def test_quotes_are_the_words_as_they_stand() -> None:
    text = analyse("You\u2019re right, I can't see it.")
    assert text.quote(0, 3) == "You\u2019re right"
    assert [word.text for word in text.words] == ["you", "are", "right", "i", "can", "not", "see", "it"]


def test_a_long_cold_dialogue_is_read_without_deep_recursion() -> None:
    exchanges = tuple(Exchange(f"message {i}", f"reply {i}") for i in range(3000))
    assert read(exchanges).turn == 3000


def test_every_process_reads_the_same() -> None:
    code = (
        "from empa_gym.agents.offline.surface import surface;from empa_gym.agents.offline.text import analyse;"
        f"print(analyse({MESSAGE!r}).stem_mask, surface({MESSAGE!r}))"
    )
    command = [sys.executable, "-c", code]
    outputs = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_a_verb_of_theirs_as_a_noun_grounds_nothing() -> None:
    message = "I nodded, and the lathe was warm."
    assert not reading("The nodded, then.", message).grounded
    assert reading("The lathe, then.", message).grounded


@pytest.mark.parametrize(
    ("reply", "orders"),
    [
        ("Call them, explain the lathe, and ask for a meeting.", 3),
        ("Just take a week off.", 1),
        ("Please read this.", 1),
        ("Start anywhere.", 0),
    ],
)
def test_orders_are_told_by_where_they_stand(reply: str, orders: int) -> None:
    assert reading(reply).directives == orders


@pytest.mark.parametrize("reply", ["It is not nothing.", "They never asked.", "Nobody saw it."])
def test_a_statement_that_something_is_not_is_a_contrast(reply: str) -> None:
    assert reading(reply).contrast


@pytest.mark.parametrize("reply", ["It is slow.", "Don't give up.", "Not lathe the."])
def test_an_order_and_a_stray_not_are_no_contrast(reply: str) -> None:
    assert not reading(reply).contrast
