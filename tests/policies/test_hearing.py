"""What the supporter hears in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.policies.clauses import turn_round
from empa_gym.policies.hearing import Mood, hear

FIRST_PERSON = {"i", "me", "my", "mine", "myself", "i'm", "i've", "i'd", "i'll"}


@pytest.mark.parametrize(
    ("told", "turned"),
    [
        ("I taught him to draw with that pencil", "you taught him to draw with that pencil"),
        ("I was told that my hands are slow", "you were told that your hands are slow"),
        ("I never was asked about my own plans", "you never were asked about your own plans"),
        ("My brother took me home", "your brother took you home"),
        ("Jonas could not look at me", "Jonas could not look at you"),
        ("I've kept the key to myself", "you've kept the key to yourself"),
    ],
)
def test_a_clause_is_turned_round_to_the_second_person(told: str, turned: str) -> None:
    assert turn_round(told) == turned


def test_deeds_are_what_was_done_on_purpose_and_not_what_was_left_undone() -> None:
    heard = hear("I repaired the gate in the rain. I didn't answer the letter. I fell over the gate twice.")
    assert heard.deeds == ("you repaired the gate in the rain",)


def test_things_come_with_the_persons_own_determiner_turned() -> None:
    heard = hear("My handover note had an index. A clerk put forty-one pages on the counter.")
    assert {"your handover note", "that index"} <= set(heard.things)


def test_quoted_speech_and_questions_are_not_said_back_as_facts() -> None:
    heard = hear("I said 'I gave her the keys of the house'. Did I lose the keys of the car?")
    assert heard.clauses == ()


def test_a_feeling_counts_only_where_the_person_claims_it() -> None:
    assert hear("I have been so tired and guilty about the lease.").feelings == ("exhaustion", "guilt")
    assert hear("The angry dog next door barked at the postman again.").feelings == ()


@pytest.mark.parametrize(
    ("message", "mood"),
    [
        ("No. That's not what I told you about the ward.", Mood.PUSHBACK),
        ("You said that already. Same words, nearly.", Mood.REPEATED),
        ("Never mind. It's late.", Mood.WITHDRAWN),
        ("Help me make sense of it, the plant and the ward.", Mood.ASKING_TO_UNDERSTAND),
        ("Don't fix it for a minute, just sit here by the heater.", Mood.ASKING_FOR_COMPANY),
        ("I went in every morning. Does that count for something?", Mood.ASKING_FOR_CREDIT),
        ("They auctioned my lathe for nine hundred pounds on a Friday.", Mood.TELLING),
    ],
)
def test_the_mood_of_a_message_is_heard(message: str, mood: Mood) -> None:
    assert hear(message).mood is mood


def test_a_reaction_to_the_last_reply_is_not_taken_for_the_story() -> None:
    heard = hear("Yes, you have put your finger on the sore spot. I carried the old stove down four flights.")
    assert heard.clauses == ("you carried the old stove down four flights",)


@given(st.text(max_size=400) | st.sampled_from(["", " ", "I", "I I I", "I was", "'", "my my my", "A a a."]))
def test_any_text_is_heard_without_an_error(message: str) -> None:
    hear(message)


@given(
    st.lists(
        st.sampled_from(
            [
                "I",
                "my",
                "me",
                "was",
                "told",
                "the",
                "hands",
                "a",
                "lamp",
                "and",
                "kept",
                "but",
                "Jonas",
                "said",
                ".",
                ",",
                "that",
                "'x'",
                "you",
            ]
        )
    )
)
def test_no_first_person_is_left_in_a_clause(words: list[str]) -> None:
    for clause in hear(" ".join(words)).clauses:
        assert not FIRST_PERSON & set(clause.lower().split())
