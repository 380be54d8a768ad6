from __future__ import annotations

import re
from importlib.resources import files

import pytest

from empa_gym.agents import DirectorMove
from empa_gym.agents.llm.parsing import Unreadable
from empa_gym.epm.axes import Axis
from empa_gym.prompts.templates import LANGUAGES, fill, known, slots_of, word, words
from empa_gym.scenarios import Feeling, Grade, Period

ROOT = files("empa_gym.prompts")
TEMPLATES = sorted(one.name.removesuffix(".md") for one in ROOT.joinpath("en").iterdir() if one.name.endswith(".md"))
CLOSED_SETS = [
    ("grade", Grade),
    ("period", Period),
    ("feeling", Feeling),
    ("move", DirectorMove),
    ("tool", DirectorMove),
    ("press", Axis),
]
KINDS = ("grade", "period", "feeling", "join", "move", "press", "line", "tool", "parameter", "problem")


def test_each_language_has_the_same_templates() -> None:
    names = {lang: sorted(one.name for one in ROOT.joinpath(lang).iterdir()) for lang in LANGUAGES}
    assert names["zh"] == names["en"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_has_the_same_slots_in_each_language(name: str) -> None:
    assert slots_of("zh", name) == slots_of("en", name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_of_a_language_is_written_in_it(name: str) -> None:
    text = ROOT.joinpath("zh", f"{name}.md").read_text(encoding="utf-8")
    assert re.search("[\u4e00-\u9fff]", text)
    assert ROOT.joinpath("en", f"{name}.md").read_text(encoding="utf-8").isascii()


@pytest.mark.parametrize("kind", KINDS)
def test_each_word_stands_in_each_language_with_the_same_slots(kind: str) -> None:
    english, chinese = words("en", kind), words("zh", kind)
    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert sorted(re.findall(r"\$\w+", chinese[name])) == sorted(re.findall(r"\$\w+", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "values"), CLOSED_SETS)
def test_each_value_of_a_closed_set_has_a_word(
    language: str, kind: str, values: type[Grade | Axis | Period | Feeling | DirectorMove]
) -> None:
    assert set(words(language, kind)) == {one.value for one in values}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("problem", words("en", "problem"))
def test_each_problem_can_be_told(language: str, problem: str) -> None:
    assert "$" not in Unreadable(problem, "field", "1, 2").told(language)


def test_a_block_is_left_out_when_all_of_its_slots_are_empty() -> None:
    slots = dict.fromkeys(slots_of("en", "actor_case"), "x")
    whole = fill("en", "actor_case", slots)
    without = fill("en", "actor_case", {**slots, "stated": "", "unstated": "", "barrier": ""})
    assert "Feelings that you name: x" in whole
    assert whole.startswith(without)
    assert "Feelings" not in without


def test_what_stands_in_a_slot_is_never_read_as_a_template() -> None:
    assert "$name ${problem}" in fill("en", "again", {"prompt": "$name ${problem}", "problem": "x"})


def test_a_slot_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="problem"):
        fill("en", "again", {"prompt": "x"})


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"en, zh.*'fr'"):
        known("fr")
    with pytest.raises(ValueError, match=r"'\.\./en'"):
        word("../en", "grade", "low")
