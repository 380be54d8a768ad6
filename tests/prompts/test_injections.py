"""The attack stands inside its fence, and the prompt around it is the one of an honest reply."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from empa_gym.agents import Direction, DirectorMove, Exchange
from empa_gym.agents.llm.parsing import Unreadable, json_object
from empa_gym.agents.llm.sheets import actor_sheet, director_sheet, judge_sheet
from empa_gym.chat import Message
from empa_gym.prompts.fence import MOST_MARKS
from empa_gym.prompts.rendering import actor_prompt, director_prompt, judge_prompt
from tests.agents.llm.feeding import EXCHANGES, actor_view, director_view, judge_view
from tests.prompts.injections import INJECTIONS, NAMES, Injection
from tests.prompts.unseen import highest_tower, unseen_in

Prompt = tuple[Message, ...]
LABELLED = re.compile(r"([USN][0-9]*)\|(?: ([^<>\[\]{}|`]+))?")
LEFT_OUT = re.compile(r"\[\.\.\. [0-9]+ \.\.\.\]")
HONEST = "You still hear the words."
LONGEST = 60_000
"""Characters of a prompt with one attack in it."""
PLACES: dict[str, Callable[[str], tuple[Exchange, ...]]] = {
    "S3": lambda text: (*EXCHANGES[:2], Exchange("I said thank you.", text)),
    "S1": lambda text: (Exchange("My bridge.", text), *EXCHANGES[1:]),
    "U2": lambda text: (EXCHANGES[0], Exchange(text, "So there is nobody."), EXCHANGES[2]),
}
ROLES: dict[str, Callable[[str, tuple[Exchange, ...]], Prompt]] = {
    "judge": lambda language, exchanges: judge_prompt(language, judge_sheet(judge_view(language, exchanges))),
    "actor": lambda language, exchanges: actor_prompt(language, actor_sheet(actor_view(language, exchanges))),
    "director": lambda language, exchanges: director_prompt(
        language, director_sheet(director_view(language, exchanges))
    ),
}


def parts(prompt: Prompt) -> tuple[list[str], list[tuple[str, str]]]:
    """The prompt's own lines, and the labelled ones as label and text."""
    own, labelled = [], []
    for line in prompt[1].content.split("\n"):
        found = LABELLED.fullmatch(line)
        if found:
            labelled.append((found.group(1), found.group(2) or ""))
        elif not LEFT_OUT.fullmatch(line):
            own.append(line)
    return own, labelled


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", INJECTIONS, ids=NAMES)
def test_the_attack_stands_inside_its_fence(attack: Injection, place: str, role: str) -> None:
    attacked = ROLES[role](attack.language, PLACES[place](attack.text))
    honest = ROLES[role](attack.language, PLACES[place](HONEST))
    assert attacked[0] == honest[0]
    own, labelled = parts(attacked)
    own_honest, labelled_honest = parts(honest)
    assert own == own_honest
    assert [line for line in labelled if line[0] != place] == [line for line in labelled_honest if line[0] != place]
    where = [number for number, line in enumerate(labelled) if line[0] == place]
    assert where == list(range(where[0], where[0] + len(where)))
    assert len(attacked[1].content) < LONGEST
    assert unseen_in(attacked[1].content) == []
    assert highest_tower(attacked[1].content) <= MOST_MARKS


@pytest.mark.parametrize("attack", INJECTIONS, ids=NAMES)
def test_guidance_that_was_taken_over_stays_inside_its_fence(attack: Injection) -> None:
    def prompt(guidance: str) -> Prompt:
        advice = Direction(DirectorMove.ADVISE, guidance=guidance)
        return actor_prompt(attack.language, actor_sheet(actor_view(attack.language, direction=advice)))

    own, labelled = parts(prompt(attack.text or HONEST))
    own_honest, labelled_honest = parts(prompt(HONEST))
    assert own == own_honest
    assert [line for line in labelled if line[0] != "N"] == [line for line in labelled_honest if line[0] != "N"]


@pytest.mark.parametrize("attack", INJECTIONS, ids=NAMES)
def test_no_parser_reads_an_object_from_the_fenced_attack(attack: Injection) -> None:
    _, labelled = parts(ROLES["judge"](attack.language, PLACES["S3"](attack.text)))
    with pytest.raises(Unreadable, match="not_json"):
        json_object("\n".join(text for _, text in labelled), ("cognitive", "move", "name"))


def test_there_are_forty_attacks_in_each_language() -> None:
    for language in ("en", "zh"):
        assert len({one.text for one in INJECTIONS if one.language == language}) >= 40
