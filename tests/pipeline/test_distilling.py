"""A model writes the scenario; what it writes is checked field by field, and asked for again with what was wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from empa_gym.clients import ScriptedClient
from empa_gym.drive import run
from empa_gym.errors import ModelError
from empa_gym.pipeline import Detail, Distiller, Found, Line, Scrubbed, Transcript, scrub
from empa_gym.pipeline.copying import LONGEST_SHARED, copies
from empa_gym.pipeline.distilling import unrated_json
from empa_gym.pipeline.transcripts import from_labelled
from empa_gym.scenarios import Scenario, parse_scenario
from tests.pipeline.talks import PHONE, SECRETS, TALK, answer, card


def none(text: str) -> tuple[Found, ...]:
    return ()


def talk(language: str = "en") -> Scrubbed:
    (transcript,) = from_labelled(TALK.splitlines(), "f")
    assert isinstance(transcript, Transcript)
    return scrub(transcript, none, language)


def distilled(*answers: str, language: str = "en") -> tuple[Scenario, ScriptedClient]:
    client = ScriptedClient(answers)
    return run(Distiller(none, language).distill(talk(language)), client.complete), client


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_becomes_a_scenario_without_ratings(language: str) -> None:
    scenario, client = distilled(answer(), language=language)
    assert (scenario.id, scenario.language, scenario.title) == (talk(language).id, language, "Half of the shelf")
    assert scenario.voice is None
    assert scenario.crisis is None
    written = json.loads(unrated_json(scenario))
    assert "ratings" not in written
    assert parse_scenario(json.dumps({**written, "ratings": scenario.ratings})) == scenario
    assert [one.role for one in client.requests] == ["judge"]


def test_the_model_is_sent_the_scrubbed_text_alone() -> None:
    _, client = distilled(answer())
    sent = repr(client.requests)
    assert [secret for secret in SECRETS if secret.casefold() in sent.casefold()] == []
    assert "U1| Hi, this is Robin. You can reach me on PHONE-1 or EMAIL-1." in client.requests[0].messages[1].content
    assert "S2| Hello Robin" in client.requests[0].messages[1].content


PERSONA = card()["persona"]
STAGE = card()["stages"][0]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such category": ({"category": "love"}, "category is not one of the values"),
    "too few stages": ({"stages": [STAGE]}, "a list of 3 to 5 stages"),
    "stages as text": ({"stages": "three"}, "a list of 3 to 5 stages"),
    "too few lines": ({"stages": [STAGE, STAGE, {**STAGE, "lines": ["a"]}]}, "stages.2.lines"),
    "a line too short": ({"stages": [STAGE, STAGE, {**STAGE, "lines": ["a", "b", "c", "d"]}]}, "stages.2.lines.0"),
    "no age": ({"persona": {**PERSONA, "age": "old"}}, "a whole number from 1 to 120"),
    "an age of nobody": ({"persona": {**PERSONA, "age": 400}}, "a whole number from 1 to 120"),
    "an empty text": ({"topic": " "}, "topic is missing"),
    "a name of the talk": ({"episode": "Zbigniew waves."}, "episode holds a name"),
    "a number of the talk": ({"episode": "She dials 07700900123."}, "episode holds a name"),
    "a number of nobody": ({"outcome": "Ring +49 171 2345678."}, "outcome holds a name"),
    "a placeholder": ({"persona": {**PERSONA, "manner": "Writes to EMAIL-1."}}, "persona.manner holds a name"),
    "a passage": ({"wish": "It said in October it will be ten years. I moved, she says."}, "wish repeats a passage"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_asked_for_again_with_what_was_wrong_and_no_secret(name: str) -> None:
    changes, told = WRONG[name]
    scenario, client = distilled(answer(**changes), answer())
    assert scenario.title == "Half of the shelf"
    second = client.requests[1].messages[1].content
    assert told in second
    assert "Zbigniew" not in second
    assert PHONE not in second


def test_a_model_that_keeps_to_a_name_gives_no_scenario_and_the_error_does_not_say_it() -> None:
    with pytest.raises(ModelError, match=r"in 3 attempts; about the last: title holds a name") as failed:
        distilled(*[answer(title="Zbigniew")] * 3)
    assert "Zbigniew" not in str(failed.value)


def test_a_detector_s_finds_in_the_answer_are_refused_too() -> None:
    def finds(text: str) -> list[Found]:
        return [Found(Detail.NUMBER, 0, 5)] if "shelf" in text else []

    client = ScriptedClient([answer()] * 3)
    with pytest.raises(ModelError, match="title holds a name, a number"):
        run(Distiller(finds).distill(talk()), client.complete)


def test_a_long_transcript_is_shown_in_part() -> None:
    lines = tuple(Line("Client", number % 2 == 0, f"It was day {number}.") for number in range(400))
    client = ScriptedClient([answer()])
    run(Distiller(none).distill(scrub(Transcript("f", lines), none)), client.complete)
    sent = client.requests[0].messages[1].content
    assert "U119| It was day 118." in sent
    assert "S122|" not in sent


def test_a_shared_passage_is_one_word_longer_than_chance_allows() -> None:
    words = [f"w{chr(97 + number)}" for number in range(LONGEST_SHARED + 1)]
    assert copies(f"so {' '.join(words).upper()}!", [" ".join(words)])
    assert not copies(" ".join(words[:-1]), [" ".join(words)])
    chinese = "\u6211\u4eec\u5728\u706b\u8f66\u7ad9\u7b49\u4e86\u6574\u6574\u4e00\u591c\u4ed6\u4e5f\u6ca1\u6709\u6765"
    assert copies(chinese, [chinese])
    assert not copies(chinese[:12], [chinese])
