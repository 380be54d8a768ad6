"""Details go, honest text stays, and what was taken out is found again in another text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.pipeline import Detail, Found, Line, Scrubbed, Transcript, scrub
from empa_gym.pipeline.details import key_of, separate
from empa_gym.pipeline.lexicon import PSEUDONYMS
from empa_gym.pipeline.scrubbing import leaks
from empa_gym.pipeline.transcripts import from_labelled
from tests.pipeline.talks import SECRETS, TALK


def none(text: str) -> tuple[Found, ...]:
    """No detector: what the rules alone do."""
    return ()


def talk(*texts: str, label: str = "Client") -> Transcript:
    return Transcript("here", tuple(Line(label, True, text) for text in texts))


def scrubbed(*texts: str, label: str = "Client", language: str = "en") -> Scrubbed:
    return scrub(talk(*texts, label=label), none, language)


def left(*texts: str, label: str = "Client", language: str = "en") -> str:
    return "\n".join(line.text for line in scrubbed(*texts, label=label, language=language).lines)


def test_nothing_that_was_planted_is_left_in_a_talk() -> None:
    (transcript,) = from_labelled(TALK.splitlines(), "f")
    assert isinstance(transcript, Transcript)
    found = scrub(transcript, none)
    text = repr(found)
    assert [secret for secret in SECRETS if secret.casefold() in text.casefold()] == []
    assert {line.speaker for line in found.lines} == {"seeker", "supporter"}
    assert "In October it will be ten years. I moved from Berlin to Leeds for him, for 32,000 a year." in text


FORMS = {
    Detail.EMAIL: ("a.b+c@mail.example.co.uk", "anna (at) web (dot) de", "anna at gmail dot com"),
    Detail.PHONE: (
        *("+49 171 2345678", "(415) 555-2671", "415-555-2671", "555-0134", "020 7946 0018", "0171/2345678"),
        *(
            "oh seven seven double one two three four five",
            "\uff10\uff17\uff17\uff10\uff10 900123",
            "07\u200b700 900123",
        ),
    ),
    Detail.ADDRESS: (
        *("14 Maple Street", "Flat 3, 9 Old Mill Lane", "12 maple street", "Harcourt Road", "M\u00fchlenweg 4"),
        *(
            "1600 Amphitheatre Parkway, Springfield, IL 62704",
            "BS1 5TR",
            "12 rue Lepic",
            "\u6587\u4e00\u897f\u8def969\u53f7",
        ),
    ),
    Detail.LINK: ("https://example.org/me?x=1", "www.example.org", "my-blog.net/anna"),
    Detail.HANDLE: ("@anna_k",),
    Detail.NUMBER: (
        "DE89 3704 0044 0532 0130 00",
        "078-05-1120",
        "4111 1111 1111 1111",
        "192.168.1.17",
        "QQ 12 34 56 C",
    ),
    Detail.DATE: ("12 March 1984", "March 3rd, 1991", "03/11/1978", "1985-07-22", "the 5th of May 1990"),
    Detail.PLACE: ("Saint Jude Hospital", "Northgate Primary School"),
}


@pytest.mark.parametrize(("detail", "value"), [(kind, value) for kind, values in FORMS.items() for value in values])
def test_a_detail_in_this_form_is_replaced_and_the_words_around_it_stay(detail: Detail, value: str) -> None:
    assert left(f"they wrote {value} down, twice") == f"they wrote {detail.value.upper()}-1 down, twice"


def test_the_same_detail_gets_the_same_placeholder_however_it_is_written() -> None:
    assert left("415-555-2671 or 212-555-9911", "so (415) 555-2671?") == "PHONE-1 or PHONE-2\nso PHONE-1?"


def test_a_day_of_birth_goes_also_without_a_year() -> None:
    assert left("born on the 12th of March, and on 12 March we met") == "born on the DATE-1, and on 12 March we met"


NAMES = {
    "a label": ("Zbigniew", "zbigniew came home and Zbigniew slept"),
    "my name is": ("Client", "my name is zbigniew and that is that"),
    "called": ("Client", "I'm called zbigniew. ZBIGNIEW never minded"),
    "this is": ("Client", "Hi, this is Zbigniew. zbigniew again"),
    "twice capitalised": ("Client", "then Zbigniew came, and later Zbigniew left"),
    "beside another": ("Client", "then Zbigniew Okonkwo came"),
    "a title": ("Client", "Mrs. Zbigniew, and zbigniew's dog"),
    "a relative": ("Client", "My husband Zbigniew snores."),
    "an accent": ("Zbigni\u00e9w", "so Zbigniew it is"),
    "a login": ("Zbigniew", "I am zbigniew_84 there"),
    "a part of a login": ("Zbigniew", "I am mrzbigniew84 there"),
    "an end": ("Client", "That was all.\nBest, Zbigniew"),
}


@pytest.mark.parametrize("rule", NAMES)
def test_a_name_goes_by_this_rule(rule: str) -> None:
    label, text = NAMES[rule]
    found = left(text, label=label)
    assert "zbigni" not in key_of(found)
    assert "Robin" in found
    assert "okonkwo" not in key_of(found)


def test_a_full_name_is_one_person_and_so_are_its_parts() -> None:
    text = left("I saw Halvard Lund and Tamsin Keys. Halvard nodded. Mr Lund's hat, and Tamsin's.")
    assert text == "I saw Robin and Alex. Robin nodded. Mr Robin's hat, and Alex's."


def test_no_word_of_an_address_is_taken_for_a_name() -> None:
    text = left("I live at 14 Old Mill Drive, after a long drive past the old mill")
    assert text == "I live at ADDRESS-1, after a long drive past the old mill"


def test_a_name_that_is_a_word_of_every_day_goes_where_it_has_a_capital() -> None:
    assert left("my name is Will", "he said Will will come") == "my name is Robin\nhe said Robin will come"


def test_a_pseudonym_is_nobody_s_name_in_the_talk() -> None:
    text = left("my friend Robin met Tamsin")
    assert "Robin" not in text
    assert "Alex" in text


def test_more_people_than_pseudonyms_are_numbered() -> None:
    labels = [f"Q{'abcdefghijklmnopqrstuvwxyz'[n % 26]}{'xyz'[n // 26]}o" for n in range(len(PSEUDONYMS["en"]) + 2)]
    text = left(*(f"then {label} came" for label in labels))
    assert not any(label in text for label in labels)
    assert f"Person {len(labels)}" in text


@pytest.mark.parametrize(
    "text",
    [
        "It has been like this since October 2019, on every Monday.",
        "I earn 32,000 a year, the rent is 1,450 and it costs $1,299.99.",
        "We moved from Chicago to New York. My German is poor, says the NHS.",
        "I slept 3 hours, from 2:30 to 5:30, after a 10 minutes drive down the road.",
        "I scored 118 of 200; our score was 21-19, 18-21, between 2015-2019.",
        "I am at home. It is quiet. Mum and Dad, and God, say nothing on Facebook.",
        "\u6211\u5728\u5317\u4eac\u5de5\u4f5c\u4e86\u5341\u5e74,\u6bcf\u670832000\u5757\u3002",
    ],
)
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert left(text) == text


def test_chinese_names_go_by_label_opener_and_title() -> None:
    text = left(
        "\u6211\u53eb\u674e\u6653\u6885\u3002\u6653\u6885\u662f\u5c0f\u540d\u3002",
        "\u738b\u8001\u5e08\u8bf4\u674e\u6653\u6885\u6ca1\u4e8b,\u624b\u673a13812345678",
        label="\u674e\u6653\u6885",
        language="zh",
    )
    assert "\u6653\u6885" not in text
    assert "\u738b\u8001\u5e08" not in text
    assert "13812345678" not in text
    assert "\u5c0f\u6797" in text


def test_the_id_follows_from_the_scrubbed_text_alone() -> None:
    assert scrubbed("then Tamsin came").id == scrubbed("then Ngaire came").id
    assert scrubbed("then Tamsin came").id != scrubbed("then Tamsin left").id


def test_places_are_counted_by_kind() -> None:
    assert scrubbed("415-555-2671, a@b.org, 415-555-2671 and Tamsin Keys").counts == {
        Detail.PHONE: 2,
        Detail.EMAIL: 1,
        Detail.NAME: 1,
    }


def test_a_speaker_s_label_counts_as_no_place() -> None:
    assert scrubbed("It is late.", label="Tamsin").counts == {}


LEAKED = {
    "a name": "So tamsin said.",
    "a number in another form": "4155552671",
    "a mail in another form": "keys@EXAMPLE. org",
    "digits of no form": "She typed 123456.",
    "another number": "+49 171 2345678",
    "another address": "9 Old Mill Lane",
    "a placeholder": "Call PHONE-1.",
}


@pytest.mark.parametrize("name", LEAKED)
def test_what_was_taken_out_or_is_of_its_kind_is_found_in_another_text(name: str) -> None:
    secrets = scrubbed("415-555-2671, keys@example.org, policy number 123-456, then Tamsin came").secrets
    assert leaks(LEAKED[name], secrets, none)


def test_an_invented_life_leaks_nothing() -> None:
    secrets = scrubbed("415-555-2671, then Tamsin met Will").secrets
    assert not leaks("Robin, 41, went to Saint Jude Hospital on 3 May 1990. Will he stay? He will.", secrets, none)


def test_secrets_are_never_shown() -> None:
    found = scrubbed("415-555-2671, then Tamsin came")
    assert "Tamsin" not in f"{found!r}".title()
    assert "415" not in repr(found)


PLACES = st.builds(
    lambda kind, start, long: Found(kind, start, start + long),
    st.sampled_from(Detail),
    st.integers(0, 40),
    st.integers(1, 12),
)


@given(st.lists(PLACES))
def test_separate_places_cover_what_was_found_and_do_not_overlap(found: list[Found]) -> None:
    apart = separate(found)
    covered = {at for one in found for at in range(one.start, one.end)}
    assert [at for one in apart for at in range(one.start, one.end)] == sorted(covered)


WORDS = st.sampled_from(
    (
        "Tamsin",
        "Tamsin's",
        "my name is",
        "415-555-2671",
        "a@b.org",
        ".",
        ",",
        "\n",
        "14",
        "Maple Street",
        "Will",
        "in May",
    )
)


@given(st.lists(WORDS, max_size=40).map(" ".join), st.sampled_from(("Client", "Tamsin", "Will May", "a@b.org")))
def test_no_text_breaks_it_and_no_planted_number_survives(text: str, label: str) -> None:
    found = left(text, label=label)
    assert "555-2671" not in found
    assert "a@b.org" not in found
    assert label != "Tamsin" or "tamsin" not in found.casefold()
