from __future__ import annotations

import json
from typing import Any

import pytest

from empa_gym.agents.llm import LLMIedr
from empa_gym.agents.llm.iedr import IEDR_FORM
from empa_gym.agents.llm.sheets import life_of, person_of
from empa_gym.chat import ChatReply
from empa_gym.errors import ModelError
from empa_gym.prompts.templates import LANGUAGES
from tests.agents.llm.feeding import ENGLISH, answered, feed

ITEMS = {
    "cognitive": ("situation", "depth", "priority"),
    "affective": ("intensity", "accessibility", "priority"),
    "proactive": ("agency", "value", "priority"),
}
PERSON, LIFE = person_of(ENGLISH), life_of(ENGLISH)


def card(levels: tuple[int, ...]) -> dict[str, Any]:
    given = iter(levels)
    return {
        axis: {name: {"quote": "q", "reasoning": "r", "level": next(given)} for name in names}
        for axis, names in ITEMS.items()
    }


def test_the_nine_levels_make_the_deficit_of_the_published_weights() -> None:
    rating, asked = feed(LLMIedr().rate(PERSON, LIFE), answered(card((2, 2, 3, 2, 2, 2, 1, 2, 1))))
    assert rating.deficit == (-17.0, -18.0, -13.0)
    assert rating.ratings["A.2"] == 2
    assert [one.item for one in rating.items][:4] == ["C.1", "C.2", "C.3", "A.1"]
    assert (asked[0].role, asked[0].turn, asked[0].answer) == ("judge", 0, IEDR_FORM)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_stands_inside_its_fence(language: str) -> None:
    _, asked = feed(LLMIedr(language).rate(PERSON, LIFE), answered(card((1,) * 9)))
    lines = asked[0].messages[1].content.split("\n")
    inside = [line for line in lines if line.startswith("N| ")]
    assert len(inside) > 15
    assert any(ENGLISH.experience.childhood in line for line in inside)
    assert not any(ENGLISH.experience.childhood[:30] in line for line in lines if not line.startswith("N| "))


def test_a_level_outside_0_to_3_or_without_a_reason_is_asked_again() -> None:
    wrong, silent = card((4,) * 9), card((1,) * 9)
    silent["affective"]["priority"]["reasoning"] = ""
    rating, asked = feed(LLMIedr().rate(PERSON, LIFE), answered(wrong), answered(silent), answered(card((1,) * 9)))
    assert set(rating.ratings.values()) == {1}
    assert "cognitive.situation.level" in asked[1].messages[-1].content
    assert "affective.priority" in asked[2].messages[-1].content


def test_three_unreadable_cards_are_a_model_error() -> None:
    with pytest.raises(ModelError, match="no usable answer in 3 attempts"):
        feed(LLMIedr().rate(PERSON, LIFE), *[ChatReply("?")] * 3)


def test_the_schema_allows_0_to_3() -> None:
    schema = json.loads(IEDR_FORM.schema)
    assert schema["properties"]["proactive"]["properties"]["value"]["properties"]["level"]["enum"] == [0, 1, 2, 3]
