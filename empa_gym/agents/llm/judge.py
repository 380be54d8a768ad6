"""The judge that a chat model plays: it fills in the rubric, with a quote and a reason for each level."""

from __future__ import annotations

from functools import partial

from empa_gym.agents.answers import Assessment, Evidence
from empa_gym.agents.llm.asking import ask_readably
from empa_gym.agents.llm.forms import AxisForm, JudgeForm, ProgressForm, RegressionForm
from empa_gym.agents.llm.parsing import Unreadable, checked, json_object, whole_text
from empa_gym.agents.llm.schemas import schema_of
from empa_gym.agents.llm.sheets import judge_sheet
from empa_gym.agents.llm.texts import stands_in
from empa_gym.agents.views import JudgeView
from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Flow
from empa_gym.epm.axes import AXES, Axis
from empa_gym.prompts.fence import clean
from empa_gym.prompts.rendering import judge_prompt
from empa_gym.prompts.templates import known

RUBRIC_FORM = AnswerFormat("rubric", schema_of(JudgeForm))
MAX_EVIDENCE = 600
"""Characters of a quote or a reasoning that are kept."""


class LLMJudge:
    """Rates by asking a model.

    Args:
        language: of the prompt, "en" or "zh"; scenarios in another one are refused.

    Raises:
        ValueError: there are no prompts in that language.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = known(language)

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """Levels with evidence for the window of the view.

        Raises:
            ModelError: the model failed, or gave no answer that could be read.
        """
        request = ChatRequest("judge", judge_prompt(self.language, judge_sheet(view)), view.turn, answer=RUBRIC_FORM)
        replies = "\n".join(exchange.reply for exchange in view.exchanges[-view.window :])
        return (yield from ask_readably(request, self.language, partial(read_assessment, replies=replies)))


def read_assessment(reply: ChatReply, replies: str) -> Assessment:
    """The assessment that a model's answer holds.

    Args:
        reply: the answer.
        replies: the rated replies, in which the words stand that a progress rests on.

    Raises:
        Unreadable: it is no filled form, a level has no reason, or a progress no words of the replies.
    """
    form = checked(JudgeForm, json_object(whole_text(reply), JudgeForm.model_fields))
    levels: list[tuple[int, int]] = []
    evidence: list[Evidence] = []
    for axis in AXES:
        given: AxisForm = getattr(form, axis.value)
        if given.progress.level and not stands_in(given.progress.quote, replies):
            raise Unreadable("no_quote", f"{axis.value}.progress.quote")
        levels.append((given.progress.level, given.regression.level))
        for name, one in (("progress", given.progress), ("regression", given.regression)):
            if one.level:
                evidence.append(_evidence(axis, name, one))
    return Assessment(tuple(levels), tuple(evidence))


def _evidence(axis: Axis, name: str, given: ProgressForm | RegressionForm) -> Evidence:
    if not given.reasoning.strip():
        raise Unreadable("no_reason", f"{axis.value}.{name}")
    quote, reasoning = (clean(text).strip()[:MAX_EVIDENCE] for text in (given.quote, given.reasoning))
    return Evidence(axis, given.level, f"{axis.value} {name}", quote, reasoning)
