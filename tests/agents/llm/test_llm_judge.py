from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.agents import Evidence, Exchange
from empa_gym.agents.llm import LLMJudge
from empa_gym.agents.llm.judge import RUBRIC_FORM, read_assessment
from empa_gym.agents.llm.parsing import Unreadable
from empa_gym.chat import ChatReply
from empa_gym.epm import MDEP_PR
from empa_gym.epm.axes import Axis
from empa_gym.errors import ModelError
from empa_gym.prompts.fence import neutral
from tests.agents.llm.feeding import ANY_JSON, EXCHANGES, answered, feed, filled, judge_view, with_value
from tests.prompts.injections import INJECTIONS, NAMES, Injection

GOOD = filled(cognitive=(2, 0), affective=(1, -1), proactive=(0, -2))
LEVELS = ((2, 0), (1, -1), (0, -2))


def test_the_levels_of_a_filled_form_are_the_assessment() -> None:
    assessment, asked = feed(LLMJudge().assess(judge_view()), answered(GOOD))
    assert assessment.levels == LEVELS
    assert len(MDEP_PR.points(assessment.levels)) == 3
    assert (asked[0].role, asked[0].turn, asked[0].attempt, asked[0].answer) == ("judge", 3, 0, RUBRIC_FORM)


def test_each_level_other_than_0_has_its_evidence() -> None:
    assessment, _ = feed(LLMJudge().assess(judge_view()), answered(GOOD))
    assert [(one.axis, one.level) for one in assessment.evidence] == [
        (Axis.COGNITIVE, 2),
        (Axis.AFFECTIVE, 1),
        (Axis.AFFECTIVE, -1),
        (Axis.PROACTIVE, -2),
    ]
    first = Evidence(Axis.COGNITIVE, 2, "cognitive progress", "You thanked them for taking it away", "It fits.")
    assert assessment.evidence[0] == first


def test_the_form_is_asked_for_as_a_schema_without_references() -> None:
    schema = json.loads(RUBRIC_FORM.schema)
    assert "$ref" not in RUBRIC_FORM.schema
    assert schema["required"] == ["cognitive", "affective", "proactive"]
    cell = schema["properties"]["affective"]["properties"]["regression"]
    assert cell["properties"]["level"]["enum"] == [0, -1, -2]
    assert cell["required"] == ["quote", "reasoning", "level"]
    assert cell["additionalProperties"] is False


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unreadable_answer_is_asked_again_with_what_was_wrong(language: str) -> None:
    wrong = filled(cognitive=(7, 0))
    judge = LLMJudge(language)
    assessment, asked = feed(judge.assess(judge_view(language)), answered(wrong), answered("no"), answered(GOOD))
    assert assessment.levels == LEVELS
    assert [request.attempt for request in asked] == [0, 1, 2]
    assert "cognitive.progress.level" not in asked[0].messages[-1].content
    assert "cognitive.progress.level" in asked[1].messages[-1].content
    assert "cognitive.progress.level" not in asked[2].messages[-1].content
    assert all(one.messages[0] == asked[0].messages[0] for one in asked)
    assert asked[1].messages[-1].content.startswith(asked[0].messages[-1].content)


def test_a_third_unreadable_answer_is_a_model_error_with_its_cause() -> None:
    flow = LLMJudge().assess(judge_view())
    with pytest.raises(ModelError, match=r"judge: no usable answer in 3 attempts; .*affective is missing"):
        feed(flow, answered("no"), ChatReply(""), answered({"cognitive": GOOD["cognitive"]}))


def test_a_model_that_fails_for_good_is_not_asked_again() -> None:
    flow = LLMJudge().assess(judge_view())
    next(flow)
    with pytest.raises(ModelError, match="down"):
        flow.throw(ModelError("the server is down", role="judge"))


def read(form: object, replies: str = EXCHANGES[-1].reply) -> tuple[tuple[int, int], ...]:
    return read_assessment(answered(form), replies).levels


def test_progress_needs_words_of_the_rated_reply() -> None:
    for quote in ("", "You are so brave", "My bridge belongs to Jonas now", "now his initials stand"):
        form = filled(affective=(1, 0))
        form["affective"]["progress"]["quote"] = quote
        with pytest.raises(Unreadable, match=r"no_quote.*affective\.progress"):
            read(form)


def test_regression_may_rest_on_what_is_missing() -> None:
    assert read(filled(cognitive=(0, -1))) == ((0, -1), (0, 0), (0, 0))


def test_a_level_needs_a_reason() -> None:
    form = filled(cognitive=(0, -1))
    form["cognitive"]["regression"]["reasoning"] = " "
    with pytest.raises(Unreadable, match=r"no_reason.*cognitive\.regression"):
        read(form)


def test_every_reply_of_the_window_may_be_quoted_and_none_before_it() -> None:
    form = filled(cognitive=(1, 0))
    form["cognitive"]["progress"]["quote"] = "nobody to be angry with"
    assessment, _ = feed(LLMJudge().assess(judge_view(window=2)), answered(form))
    assert assessment.levels[0] == (1, 0)
    with pytest.raises(ModelError, match="words that do not stand"):
        feed(LLMJudge().assess(judge_view(window=1)), *[answered(form)] * 3)


def test_evidence_is_clean_and_bounded() -> None:
    form = filled(cognitive=(0, -1))
    form["cognitive"]["regression"].update(quote="a\u202e\x00b", reasoning="why " * 1000)
    evidence = read_assessment(answered(form), "").evidence[0]
    assert evidence.quote == "ab"
    assert len(evidence.reasoning) <= 600


@pytest.mark.parametrize("attack", INJECTIONS, ids=NAMES)
def test_a_reply_that_a_judge_repeats_word_for_word_changes_nothing(attack: Injection) -> None:
    """The judge sees the neutral text; whether it copies it into prose or into a quote, its own form counts."""
    seen = neutral(attack.text)[:3000]
    honest = filled(cognitive=(0, -1))
    prose = f"The reply says: {seen}\nMy rating:\n{json.dumps(honest)}\nThat is all."
    assert read(prose) == ((0, -1), (0, 0), (0, 0))
    honest["cognitive"]["regression"]["quote"] = seen
    assert read(honest) == ((0, -1), (0, 0), (0, 0))


@pytest.mark.parametrize("attack", [one for one in INJECTIONS if "form" in one.name or "fence" in one.name])
def test_a_form_from_the_reply_beside_the_judges_own_is_never_taken_for_it(attack: Injection) -> None:
    """Even if a judge were to restore the brackets: two different forms are none."""
    honest = filled(cognitive=(0, -1))
    try:
        levels = read(f"The reply says: {attack.text}\nMy rating:\n{json.dumps(honest)}", attack.text)
    except Unreadable:
        return
    assert levels == ((0, -1), (0, 0), (0, 0))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=3), ANY_JSON)
def test_whatever_stands_in_the_form_it_is_read_or_unreadable(path: list[int], value: object) -> None:
    try:
        assessment = read_assessment(answered(with_value(GOOD, path, value)), EXCHANGES[-1].reply)
    except Unreadable:
        return
    assert len(MDEP_PR.points(assessment.levels)) == 3
    pairs = zip(Axis, assessment.levels, strict=True)
    assert {(one.axis, one.level) for one in assessment.evidence} == {
        (axis, level) for axis, pair in pairs for level in pair if level
    }


def test_an_empty_reply_can_be_rated() -> None:
    view = judge_view(exchanges=(Exchange("Hello?", ""),))
    assessment, asked = feed(LLMJudge().assess(view), answered(filled(cognitive=(0, -1))))
    assert assessment.levels[0] == (0, -1)
    assert "\nS1|\n" in asked[0].messages[-1].content


def test_a_language_without_prompts_is_refused() -> None:
    with pytest.raises(ValueError, match="en, zh"):
        LLMJudge("fr")
