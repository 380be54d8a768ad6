"""The benchmark suite of thirty: its strata are exact, its texts its own, and its lines last a whole dialogue."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import empa_gym.scenarios as package
from empa_gym.agents.casting import cast_from
from empa_gym.agents.offline.spoken import lines_of, split
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.errors import ScenarioError
from empa_gym.policies import make_policy
from empa_gym.rollout import Game, Job, rollout
from empa_gym.scenarios import (
    Category,
    Difficulty,
    Grade,
    Scenario,
    load_scenario,
    parse_scenario,
    scenario_to_json,
    select_scenarios,
)
from tests.scenarios.test_library import PRIORITY_LEVELS, RUBRIC_WORDS, spoken

FOLDER = Path(package.__file__).with_name("empa30")
CHECKSUMS = json.loads((Path(__file__).with_name("empa30_checksums.json")).read_text(encoding="utf-8"))
"""Of each scenario its version and the SHA-256 of its file: a text changes only together with its version."""
SUITE = tuple(load_scenario(FOLDER / f"{name}.json") for name in CHECKSUMS)
IDS = [scenario.id for scenario in SUITE]
TWELVE = select_scenarios("starter")
EACH = pytest.mark.parametrize("scenario", SUITE, ids=IDS)
PHRASE = 5
"""Words in a row that count as a phrase."""
SHARED = 0.005
"""No two scenarios share a larger part of their phrases (Jaccard)."""
CRISIS = {"health-day-one", "health-long-sleeves", "values-statement"}
UNTOLD = {"id", "language", "category", "threshold", "priorities", "ratings", "depth"}
"""Fields that hold no prose."""


def texts(content: object) -> Iterator[str]:
    """Every piece of prose in a scenario's JSON."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from itertools.chain.from_iterable(map(texts, content))
    elif isinstance(content, dict):
        yield from itertools.chain.from_iterable(texts(part) for name, part in content.items() if name not in UNTOLD)


def phrases(scenario: Scenario) -> set[tuple[str, ...]]:
    """Every five words in a row that the scenario uses."""
    told = [re.findall(r"[a-z0-9']+", text.lower()) for text in texts(json.loads(scenario_to_json(scenario)))]
    return {tuple(words[i : i + PHRASE]) for words in told for i in range(len(words) - PHRASE + 1)}


def overlap(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


def spoken_lines(scenario: Scenario) -> dict[str, int]:
    """How many lines each bank of the voice holds."""
    voice = scenario.voice
    assert voice is not None
    names = ("threads", "met", "moved", "missed", "dismissed", "lectured", "repeated", "withdrawn")
    return {name: len(getattr(voice, name)) for name in names}


def test_the_folder_holds_exactly_the_listed_thirty() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(CHECKSUMS)
    assert len(CHECKSUMS) == 30
    assert [scenario.id for scenario in SUITE] == list(CHECKSUMS)


@EACH
def test_a_text_changes_only_together_with_its_version(scenario: Scenario) -> None:
    content = (FOLDER / f"{scenario.id}.json").read_bytes()
    now = {"version": scenario.version, "sha256": hashlib.sha256(content).hexdigest()}
    assert now == CHECKSUMS[scenario.id], f"raise the version of {scenario.id}, and list it anew"


def test_there_are_five_of_each_category_and_ten_of_each_dominant_axis() -> None:
    assert Counter(s.category for s in SUITE) == dict.fromkeys(Category, 5)
    assert sorted(Counter(s.dominant_axis for s in SUITE).values()) == [10, 10, 10]


def test_difficulty_is_four_ten_eleven_five() -> None:
    found = Counter(s.difficulty for s in SUITE)
    assert [found[band] for band in Difficulty] == [4, 10, 11, 5]


def test_thresholds_are_spread_over_the_suite_and_within_each_category() -> None:
    assert Counter(s.threshold for s in SUITE) == dict.fromkeys(Grade, 10)
    for category in Category:
        assert {s.threshold for s in SUITE if s.category is category} == set(Grade)


def test_no_axis_belongs_to_one_category_or_one_threshold() -> None:
    for axis in {s.dominant_axis for s in SUITE}:
        those = [s for s in SUITE if s.dominant_axis is axis]
        assert {s.category for s in those} == set(Category)
        assert {s.threshold for s in those} == set(Grade)


def test_the_people_differ_in_age_name_and_work() -> None:
    people = [s.persona for s in SUITE]
    ages = sorted(p.age for p in people)
    assert (ages[0], ages[-1]) == (14, 80)
    assert len(set(ages)) >= 25
    assert [sum(low <= age < low + 20 for age in ages) >= 3 for low in (10, 30, 50, 70)] == [True] * 4
    assert len({p.name.split()[0] for p in people} | {s.persona.name.split()[0] for s in TWELVE}) == 42
    assert len({p.occupation for p in people}) == 30
    assert min(Counter(p.gender for p in people).values()) >= 10


def test_no_two_of_all_the_scenarios_are_near_duplicates() -> None:
    used = {s.id: phrases(s) for s in (*TWELVE, *SUITE)}
    pairs = {(a, b): overlap(used[a], used[b]) for a, b in itertools.combinations(used, 2)}
    assert {pair: share for pair, share in pairs.items() if share > SHARED} == {}


def test_the_measure_sees_a_scenario_that_borrows_a_stage() -> None:
    content = json.loads(scenario_to_json(SUITE[0]))
    content["stages"][0] = json.loads(scenario_to_json(SUITE[1]))["stages"][0]
    borrower = parse_scenario(json.dumps(content))
    assert overlap(phrases(borrower), phrases(SUITE[1])) > 4 * SHARED


def test_a_voice_that_has_too_few_lines_for_a_stage_is_refused() -> None:
    content = json.loads(scenario_to_json(SUITE[0]))
    content["stages"][2]["lines"] = content["stages"][2]["lines"][:3]
    with pytest.raises(ScenarioError, match=r"stages.2.lines: expected at least 4 .* found 3"):
        parse_scenario(json.dumps(content))
    assert parse_scenario(json.dumps(content | {"voice": None})).stages[2].lines


def test_no_line_occurs_in_two_scenarios() -> None:
    lines = Counter(line.lower() for scenario in (*TWELVE, *SUITE) for line in set(spoken(scenario)))
    assert [line for line, times in lines.items() if times > 1] == []


@EACH
def test_no_line_is_there_twice_or_names_the_rubric(scenario: Scenario) -> None:
    lines = list(spoken(scenario))
    assert [line for line, times in Counter(line.lower() for line in lines).items() if times > 1] == []
    assert [line for line in lines if RUBRIC_WORDS.search(line)] == []
    assert [line for line in lines if re.search(r"[{}<>\[\]*_]", line) or not line.isascii()] == []


@EACH
def test_what_the_person_leaves_unsaid_is_none_of_what_they_say(scenario: Scenario) -> None:
    assert scenario.depth is not None
    assert scenario.depth.unstated not in scenario.depth.stated


@EACH
def test_the_words_of_depth_are_said_by_the_person(scenario: Scenario) -> None:
    assert scenario.depth is not None
    said = " ".join(spoken(scenario)).lower()
    marked = (*scenario.depth.core, *scenario.depth.barrier, *scenario.depth.strengths)
    assert [word for word in marked if not re.search(rf"\b{re.escape(word.lower())}", said)] == []


@EACH
def test_ratings_agree_with_the_priorities_and_one_axis_leads(scenario: Scenario) -> None:
    for axis, grade in zip("CAP", ("cognitive", "affective", "proactive"), strict=True):
        assert scenario.ratings[f"{axis}.3"] in PRIORITY_LEVELS[getattr(scenario.priorities, grade)]
    assert sorted(scenario.deficit)[0] < sorted(scenario.deficit)[1]


@EACH
def test_each_is_as_rich_as_the_sparsest_of_the_twelve(scenario: Scenario) -> None:
    for name, lines in spoken_lines(scenario).items():
        assert lines >= min(spoken_lines(one)[name] for one in TWELVE), name
    assert [len(stage.lines) >= 5 for stage in scenario.stages] == [True] * 4
    assert len(set(spoken(scenario))) >= 110
    assert scenario.language == "en"


def test_stories_of_self_harm_abuse_and_addiction_carry_a_note_on_use() -> None:
    assert {s.id for s in SUITE if s.crisis} == CRISIS
    assert [s.id for s in SUITE if s.crisis and "eview transcripts" not in s.crisis] == []


@pytest.mark.parametrize("scenario", SUITE[::5], ids=IDS[::5])
@pytest.mark.parametrize("policy", ["supporter", "generic"])
def test_a_person_repeats_none_of_their_lines_in_a_whole_dialogue(scenario: Scenario, policy: str) -> None:
    game = Game(cast_from("offline"), Rules(EPMParams.published()))
    (record,) = rollout([Job(policy, scenario, 7)], {policy: make_policy(policy)}, game)
    own = set(spoken(scenario))
    said = [line for turn in record.turns for line in split(lines_of(scenario), turn.message) if line in own]
    assert said
    assert [line for line, times in Counter(said).items() if times > 1] == []
