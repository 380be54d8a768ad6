"""The shipped scenarios keep what the format and the suite promise."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from empa_gym.errors import ScenarioError
from empa_gym.scenarios import (
    SPLITS,
    Category,
    Grade,
    Scenario,
    get_scenario,
    load_scenario,
    parse_scenario,
    scenario_to_json,
    select_scenarios,
)

SCENARIOS = select_scenarios("starter")
IDS = [scenario.id for scenario in SCENARIOS]
PRIORITY_LEVELS = {Grade.LOW: {0, 1}, Grade.MEDIUM: {2}, Grade.HIGH: {3}}
RUBRIC_WORDS = re.compile(
    r"\b(empath\w*|scor(e|es|ing)\b(?! of)|rating|cognitive|affective|proactive|axis|judge|prompt|simulat\w*)\b", re.I
)


def spoken(scenario: Scenario) -> Iterator[str]:
    """Every line that the embedded actor may say."""
    voice = scenario.voice
    assert voice is not None
    yield voice.opening
    for stage in scenario.stages:
        yield from stage.lines
    for name in ("threads", "met", "moved", "missed", "dismissed", "lectured", "repeated", "withdrawn"):
        yield from getattr(voice, name)
    for axis in ("cognitive", "affective", "proactive"):
        yield from getattr(voice.pressing, axis)
    for period in ("childhood", "adolescence", "early_adulthood", "present"):
        yield from getattr(voice.memories, period)


def test_the_suite_has_two_per_category_and_four_per_dominant_axis() -> None:
    assert Counter(s.category for s in SCENARIOS) == dict.fromkeys(Category, 2)
    assert sorted(Counter(s.dominant_axis for s in SCENARIOS).values()) == [4, 4, 4]
    assert len({s.difficulty for s in SCENARIOS}) == 4
    assert {s.threshold for s in SCENARIOS} == set(Grade)


def test_train_and_test_are_disjoint_and_both_hold_every_axis() -> None:
    train, test = (set(SPLITS[name]) for name in ("starter-train", "starter-test"))
    assert (len(train), len(test), len(train & test)) == (8, 4, 0)
    for names in (train, test):
        assert len({get_scenario(name).dominant_axis for name in names}) == 3


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_the_dominant_axis_is_the_only_smallest_one(scenario: Scenario) -> None:
    assert sorted(scenario.deficit)[0] < sorted(scenario.deficit)[1]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_ratings_agree_with_the_priorities(scenario: Scenario) -> None:
    for axis, grade in zip("CAP", ("cognitive", "affective", "proactive"), strict=True):
        assert scenario.ratings[f"{axis}.3"] in PRIORITY_LEVELS[getattr(scenario.priorities, grade)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_no_line_is_spoken_twice_or_names_the_rubric(scenario: Scenario) -> None:
    lines = list(spoken(scenario))
    assert [line for line, times in Counter(line.lower() for line in lines).items() if times > 1] == []
    assert [line for line in lines if RUBRIC_WORDS.search(line)] == []
    assert [line for line in lines if re.search(r"[{}<>\[\]*_]", line)] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_the_words_of_depth_occur_in_what_the_person_says(scenario: Scenario) -> None:
    assert scenario.depth is not None
    said = " ".join(spoken(scenario)).lower()
    for word in (*scenario.depth.core, *scenario.depth.barrier, *scenario.depth.strengths):
        assert re.search(rf"\b{re.escape(word)}", said), f"{scenario.id}: {word!r} is never said"


def test_no_two_scenarios_share_a_line() -> None:
    lines = Counter(line.lower() for scenario in SCENARIOS for line in set(spoken(scenario)))
    assert [line for line, times in lines.items() if times > 1] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_a_scenario_survives_json_pickle_and_copy(scenario: Scenario) -> None:
    assert parse_scenario(scenario_to_json(scenario)) == scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert copy.deepcopy(scenario) is scenario


def test_an_initial_deficit_follows_from_the_ratings() -> None:
    scenario = get_scenario("leisure-sketchbook")
    assert scenario.deficit == (-7.0, -13.0, -21.0)
    assert scenario.difficulty.value == "easy"
    assert math.hypot(*scenario.deficit) < 27


def broken(tmp_path: Path, **changes: object) -> Path:
    content = json.loads(scenario_to_json(SCENARIOS[0])) | changes
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"threshold": "enormous"}, "threshold"),
        ({"version": "1"}, "version"),
        ({"stages": []}, "stages"),
        ({"surprise": 1}, "surprise"),
        ({"id": "../../etc/passwd"}, "id"),
        ({"ratings": {"C.1": 9}}, "ratings.C.1"),
    ],
)
def test_a_broken_file_is_named_with_its_field(tmp_path: Path, changes: dict[str, object], field: str) -> None:
    path = broken(tmp_path, **changes)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert caught.value.file == str(path)
    assert caught.value.field == field
    assert "expected" in str(caught.value)
    assert "found" in str(caught.value)


def test_ratings_that_leave_nothing_to_recover_from_are_refused(tmp_path: Path) -> None:
    ratings = dict.fromkeys(SCENARIOS[0].ratings, 0)
    with pytest.raises(ScenarioError, match="deficit on at least one axis"):
        load_scenario(broken(tmp_path, ratings=ratings))


@pytest.mark.parametrize(
    "name", ["../starter/career-handover", "career-handover/../x", "", "CAREER", "a/b", "..", "\0"]
)
def test_no_name_escapes_the_library(name: str) -> None:
    with pytest.raises(ValueError, match="shipped"):
        get_scenario(name)


def test_an_unreadable_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe")
    (tmp_path / "half.json").write_text('{"id": ', encoding="utf-8")
    for name, problem in (("latin.json", "UTF-8"), ("half.json", "expected JSON"), ("none.json", "readable")):
        with pytest.raises(ScenarioError, match=problem):
            load_scenario(tmp_path / name)


def test_select_takes_splits_ids_files_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(scenario_to_json(SCENARIOS[0]), encoding="utf-8")
    assert select_scenarios(str(path)) == select_scenarios(str(tmp_path)) == (SCENARIOS[0],)
    assert select_scenarios(["starter-test", "health-knee"])[-1].id == "health-knee"
    with pytest.raises(ValueError, match="at least one"):
        select_scenarios([])
