"""Cruelty loses ground and plain kindness does not, over eight openings.

``hostility.json`` holds forty cruel and forty honest replies, written before the rules on hostility. Those of the
moments marked "tuned" were looked at while the rules were written, those marked "kept" were not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.offline.lexicon import Act
from empa_gym.agents.offline.reading import read
from empa_gym.agents.offline.reception import Reception, receive
from empa_gym.agents.views import Exchange
from empa_gym.scenarios import get_scenario
from tests.agents.judging import judged, rules, total

MOMENTS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("hostility.json").read_text(encoding="utf-8"))
USES = ("tuned", "kept")
MOST = {"tuned": 0.9, "kept": 0.8}
"""The share that must hold; what was not looked at is held to what it had when the rules were done."""
RETRAINING = "career-retraining"


def opening_of(name: str) -> str:
    voice = get_scenario(name).voice
    assert voice is not None
    return voice.opening


def totals(use: str, kind: str) -> dict[str, float]:
    """The sums of v of the replies of one kind, each as the first of its dialogue."""
    return {
        reply: total(judged(reply, opening_of(moment["scenario"]), (), get_scenario(moment["scenario"])))
        for moment in MOMENTS
        if moment["use"] == use
        for reply in moment[kind]
    }


def receptions(use: str, kind: str) -> list[Reception]:
    """How the persons take these replies."""
    return [
        receive(get_scenario(one["scenario"]), (Exchange(opening_of(one["scenario"]), reply),))
        for one in MOMENTS
        if one["use"] == use
        for reply in one[kind]
    ]


@pytest.mark.parametrize("use", USES)
def test_nearly_all_cruel_replies_lose_ground(use: str) -> None:
    found = totals(use, "cruel")
    assert sum(value < 0 for value in found.values()) >= MOST[use] * len(found), found


@pytest.mark.parametrize("use", USES)
def test_nearly_all_honest_replies_lose_none(use: str) -> None:
    found = totals(use, "honest")
    assert sum(value >= 0 for value in found.values()) >= MOST[use] * len(found), found


@pytest.mark.parametrize("use", USES)
def test_nobody_opens_up_to_nearly_all_cruel_replies(use: str) -> None:
    found = receptions(use, "cruel")
    assert sum(not one.open for one in found) >= MOST[use] * len(found)


@pytest.mark.parametrize("use", USES)
def test_nearly_all_honest_replies_leave_the_person_open(use: str) -> None:
    found = receptions(use, "honest")
    assert sum(one.open for one in found) >= MOST[use] * len(found)


@pytest.mark.parametrize(
    "reply",
    [
        "You are pathetic, and so are your slow hands on that ward.",
        "Only a coward would doubt the exam after one word on the ward.",
        "You wasted twenty-four years on a lathe, and you wrecked your hands.",
        "Nobody would trust you with a patient on that ward.",
        "You were never any good with your hands, not on a lathe and not on the ward.",
        "They are ashamed of you on that ward, because you are lazy and slow.",
        "I despise people like you, who cry about an exam and a ward.",
        "The ward was right to laugh at your slow hands.",
    ],
)
def test_hostility_earns_nothing_and_costs_resonance_and_worth(reply: str) -> None:
    levels = judged(reply, opening_of(RETRAINING), (), get_scenario(RETRAINING)).levels
    assert [progress for progress, _ in levels] == [0, 0, 0]
    assert levels[1][1] < 0
    assert levels[2][1] < 0


@pytest.mark.parametrize(
    "reply",
    [
        "Kill yourself, nobody on that ward would miss your slow hands.",
        "Drop dead. The ward is better off without slow hands.",
        "You ought to hang yourself with those slow hands.",
    ],
)
def test_a_call_to_self_harm_has_the_lowest_levels(reply: str) -> None:
    assert judged(reply, opening_of(RETRAINING), (), get_scenario(RETRAINING)).levels == ((0, -2),) * 3


@pytest.mark.parametrize(
    "reply",
    [
        "You are not stupid, and slow hands are not wrong hands on a ward.",
        "Doubting the exam does not make you a coward.",
        "They called you lazy in front of the whole ward.",
        "They spoke on that ward as if you were a burden.",
        "Do you feel useless when you think of the exam and the ward?",
        "He said you were not good enough, and the whole ward heard it.",
        "You are not a failure because of slow hands.",
        "When you say you want to kill yourself, I take that seriously. Are you safe on that ward tonight?",
        "Nobody could call you careless, not after twenty-four years on a lathe.",
        "The one who said it on that ward is a bully.",
        "I don't want you to think that your hands are all they saw.",
        "You lie awake over the exam, with the whole ward in your ears.",
    ],
)
def test_what_is_denied_reported_or_said_of_others_is_no_hostility(reply: str) -> None:
    found = rules(judged(reply, opening_of(RETRAINING), (), get_scenario(RETRAINING)))
    assert not found & {"hostility", "accusation", "self-harm"}


def test_what_they_told_of_themselves_is_no_accusation() -> None:
    message = "I lied to my mother about the rice, and I failed her."
    assert "accusation" not in rules(judged("You lied to your mother about the rice.", message))
    assert "accusation" in rules(judged("You cheated your mother out of the rice.", message))


@pytest.mark.parametrize("reply", ["You could not do the drawings.", "You are not the initials.", "You never did."])
def test_to_deny_something_of_the_person_is_no_closeness(reply: str) -> None:
    assert not read((Exchange("The initials are on the drawings.", reply),)).contrast


@pytest.mark.parametrize(
    "reply", ["You learned nothing from the lathe.", "You stole the lathe.", "You ruined the exam."]
)
def test_a_deed_with_a_bad_end_is_no_affirmation(reply: str) -> None:
    assert not read((Exchange(opening_of(RETRAINING), reply),)).has(Act.AGENCY)


def test_a_verb_that_they_used_themselves_is_their_act() -> None:
    message = "I grafted the old apple trees and I calibrated the press."
    assert read((Exchange(message, "You grafted the trees."),)).has(Act.AGENCY)
    assert not read((Exchange("I like trees.", "You grafted the trees."),)).has(Act.AGENCY)


PLAIN = (
    "What was that like for you, to be there and to have them all hear it?",
    "You do not have to be over it by now. I am with you in this.",
    "I would be the same if it were me, and I am here with you for as long as it is.",
    "I do not know what it is like to be in that, and I will not say that I do.",
    "It is not you. It was never you. And it is all right to be with it as it is.",
    "Is there anyone there with you now, or is it all on you?",
    "That is so much for you to be with on your own, and for so long as well.",
    "You have had to do so much of this on your own, and you do not have to here.",
    "Who was there for you when it was as it was, and who is there now?",
    "I am not going to tell you what to do with it, or how to be in it.",
    "If it is too much for you to say now, then it is, and that is all right with me.",
    "Was it what they did to you, or how they were with you after that?",
    "There is no one way to be in this, and you are in it the way you are.",
    "You were there for them, and who was there for you in all of that?",
    "What is it that you would have had them do, if it had been up to you?",
    "I can be here with you in it, and you do not have to do anything for me.",
    "How is it to be there every day with all of them, and with that in you?",
    "It was you who had to be in there with it, and not any of them.",
    "You are not on your own with it now, or not as much as you were.",
    "It is as it is for you, and I would not have it be any other way for now.",
)


@pytest.mark.parametrize("reply", PLAIN)
def test_plain_words_are_no_word_salad(reply: str) -> None:
    assert not read((Exchange(opening_of(RETRAINING), reply),)).salad
    assert total(judged(reply, opening_of(RETRAINING), (), get_scenario(RETRAINING))) >= 0
