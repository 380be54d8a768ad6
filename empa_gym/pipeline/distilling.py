"""From a scrubbed transcript to a scenario without ratings, by asking a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from empa_gym.agents.llm.asking import ask_readably
from empa_gym.agents.llm.parsing import Unreadable, checked, json_object, whole_number, whole_text
from empa_gym.agents.llm.schemas import schema_of
from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Flow
from empa_gym.epm import AXES
from empa_gym.errors import ScenarioError
from empa_gym.pipeline.copying import copies
from empa_gym.pipeline.details import Detector
from empa_gym.pipeline.forms import ScenarioForm
from empa_gym.pipeline.scrubbing import Scrubbed, leaks
from empa_gym.prompts.distillation import distillation_prompt
from empa_gym.prompts.fence import clean
from empa_gym.prompts.templates import known
from empa_gym.scenarios import Scenario, parse_scenario, scenario_to_json

SCENARIO_FORM = AnswerFormat("scenario", schema_of(ScenarioForm))
STAGES = range(3, 6)
FEWEST_LINES = 4
AGES = range(1, 121)
UNRATED = {f"{axis.letter}.{number}": 1 for axis in AXES for number in (1, 2, 3)}
"""Stands in for the ratings that are not there yet, so that the rest can be checked; it is never written."""


class Distiller:
    """Writes a scenario from a transcript by asking a model; it is asked under role "judge", turn 0.

    Args:
        detect: of numbers, as the transcript was scrubbed with; what the model writes is looked through by it too.
        language: of the prompt, the transcript and the scenario, "en" or "zh".

    Raises:
        ValueError: there are no prompts in that language.
    """

    def __init__(self, detect: Detector, language: str = "en") -> None:
        self.detect, self.language = detect, known(language)

    def distill(self, scrubbed: Scrubbed) -> Flow[Scenario]:
        """The scenario; its ratings are :data:`UNRATED`.

        Raises:
            ModelError: the model failed, or no answer of it could be used: it could not be read, it is no scenario,
                or it holds identifying detail or passages of the transcript.
        """
        messages = [(line.seeker, line.text) for line in scrubbed.lines]
        request = ChatRequest("judge", distillation_prompt(self.language, messages), answer=SCENARIO_FORM)

        def read(reply: ChatReply) -> Scenario:
            card = read_card(reply)
            self.refuse_personal(card, scrubbed)
            return scenario_of(card, scrubbed.id, self.language)

        return (yield from ask_readably(request, self.language, read))

    def refuse_personal(self, card: Mapping[str, Any], scrubbed: Scrubbed) -> None:
        """Look through each text of a card.

        Raises:
            Unreadable: names the field that holds identifying detail or a passage of the transcript, and no word of it.
        """
        written = [line.text for line in scrubbed.lines]
        for field, text in texts_of(card):
            if leaks(text, scrubbed.secrets, self.detect):
                raise Unreadable("personal", field)
            if copies(text, written):
                raise Unreadable("copied", field)


def read_card(reply: ChatReply) -> dict[str, Any]:
    """The fields of a scenario that a model's answer holds.

    Raises:
        Unreadable: it is no filled form.
    """
    data = json_object(whole_text(reply), ScenarioForm.model_fields)
    _check_counts(data)
    cleaned: dict[str, Any] = _cleaned(checked(ScenarioForm, data).model_dump())
    return cleaned


def _check_counts(data: Mapping[str, Any]) -> None:
    """Refuse what a form cannot say well: how many stages and lines, and which age.

    Raises:
        Unreadable: says what is allowed.
    """
    stages = data.get("stages")
    if not isinstance(stages, list) or len(stages) not in STAGES:
        raise Unreadable("wrong", "stages", f"a list of {STAGES[0]} to {STAGES[-1]} stages")
    for number, stage in enumerate(stages):
        lines = stage.get("lines") if isinstance(stage, dict) else None
        if not isinstance(lines, list) or len(lines) < FEWEST_LINES:
            raise Unreadable("wrong", f"stages.{number}.lines", f"a list of at least {FEWEST_LINES} texts")
    persona = data.get("persona")
    age = whole_number(persona.get("age")) if isinstance(persona, dict) else None
    if not isinstance(age, int) or age not in AGES:
        raise Unreadable("wrong", "persona.age", f"a whole number from {AGES[0]} to {AGES[-1]}")


def _cleaned(value: Any) -> Any:
    """The value with every text in it cleaned."""
    if isinstance(value, dict):
        return {name: _cleaned(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return clean(value).strip() if isinstance(value, str) else value


def scenario_of(card: Mapping[str, Any], name: str, language: str) -> Scenario:
    """The scenario that a card makes.

    Raises:
        Unreadable: names the first field that is not what it must be.
    """
    given = {key: value for key, value in card.items() if value != ""}
    whole = {"id": name, "version": 1, "language": language, **given, "ratings": UNRATED}
    try:
        return parse_scenario(json.dumps(whole))
    except ScenarioError as wrong:
        raise Unreadable("missing", wrong.field) from None


def texts_of(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in nested data, with its field; a number counts as text."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from texts_of(one, f"{field}.{name}" if field else name)
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from texts_of(one, f"{field}.{number}")
    else:
        yield field, str(value)


def unrated_json(scenario: Scenario) -> str:
    """The JSON text of a scenario without ratings, as ``empa-gym scenarios annotate`` takes it."""
    card = json.loads(scenario_to_json(scenario))
    del card["ratings"]
    return json.dumps(card, indent=2, ensure_ascii=False)
