"""A user's own copy of the public benchmark: made here in small, and the real one where there is one."""

# ruff: noqa: RUF001 (the cards are written with full-width marks)
from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from empa_gym.errors import ScenarioError
from empa_gym.official.cards import parse_card, read_card
from empa_gym.official.cards_folder import official
from empa_gym.scenarios import Category, Grade, parse_scenario, scenario_to_json
from tests.official.test_cards import LABELS, TAGS, H, L, M, card
from tests.published import data_folder, needs_data, official_results

READ_BY_HAND = {
    "script_003": (26, L, (H, M, L)),
    "script_020": (24, L, (L, H, M)),
    "script_042": (25, M, (M, H, L)),
    "script_055": (22, H, (H, M, L)),
    "script_057": (19, L, (L, H, M)),
    "script_073": (26, H, (H, L, M)),
    "script_215": (27, H, (H, M, L)),
    "script_225": (27, H, (H, M, L)),
    "script_568": (24, H, (H, H, H)),
    "script_662": (26, H, (M, H, L)),
    "script_990": (26, M, (M, H, L)),
    "script_1003": (24, M, (M, H, L)),
}
"""Age, threshold, and the priorities of C, A and P of twelve public cards, read off the files by a person."""


def stages(count: int = 4) -> dict[str, dict[str, str]]:
    return {f"阶段{index}": {"标题": f"标题{index}", "内容": f"内容{index}"} for index in range(1, count + 1)}


def story(name: str, count: int = 4) -> dict[str, object]:
    return {"剧本编号": name, "故事的经过": stages(count), "故事的结果": "结果", "故事的插曲": "插曲"}


def ratings(name: str, level: int = 2) -> str:
    filled = {f"{axis}.{item}": level for axis in "CAP" for item in (1, 2, 3)} | {"_detailed": {}}
    return json.dumps({"script_id": name, "epj": {"iedr_details": {"filled_iedr": filled}}})


def copy_of_the_benchmark(folder: Path) -> Path:
    """Three cards: complete, without ratings, and torn; the third story is broken."""
    (folder / "cases").mkdir()
    (folder / "scenarios").mkdir()
    (folder / "results" / "m").mkdir(parents=True)
    for name in ("script_1", "script_2"):
        (folder / "cases" / f"{name}.md").write_text(card(), encoding="utf-8")
    (folder / "cases" / "script_3.md").write_text(card()[:300], encoding="utf-8")
    told = [story("script_1"), story("script_2"), story("script_3", 1)]
    (folder / "scenarios" / "character_stories.json").write_text(json.dumps(told), encoding="utf-8")
    sampled = [{"script_id": f"script_{number}", "category": "生涯发展"} for number in (1, 2, 3)]
    (folder / "case_metadata.json").write_text(json.dumps({"sampled_cases": sampled}), encoding="utf-8")
    (folder / "results" / "m" / "script_1_result.json").write_text(ratings("script_1"), encoding="utf-8")
    return folder


def test_a_copy_becomes_scenarios_and_a_list_of_what_does_not(tmp_path: Path) -> None:
    folder = copy_of_the_benchmark(tmp_path)
    read = official(folder, folder / "results")
    (scenario,) = read.scenarios
    assert (scenario.id, scenario.title, scenario.language) == ("script-1", "script_1", "zh")
    assert (scenario.category, scenario.deficit) == (Category.CAREER, (-14.0, -18.0, -18.0))
    assert [stage.title for stage in scenario.stages] == ["标题1", "标题2", "标题3", "标题4"]
    assert parse_scenario(scenario_to_json(scenario)) == scenario
    assert [card.name for card in read.cards] == ["script_1", "script_2"]
    assert [(e.field, "no ratings" in e.problem) for e in read.lacking] == [("script_2", True)]
    assert [Path(e.file).name for e in read.unread] == ["script_3.md", "character_stories.json"]


def test_a_card_whose_name_makes_no_id_is_listed(tmp_path: Path) -> None:
    folder = copy_of_the_benchmark(tmp_path)
    for path in (folder / "cases" / "script_1.md", folder / "results" / "m" / "script_1_result.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("script_1", "Script 1"), encoding="utf-8")
    for path in (folder / "case_metadata.json", folder / "scenarios" / "character_stories.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("script_1", "Script 1"), encoding="utf-8")
    (folder / "cases" / "script_1.md").rename(folder / "cases" / "Script 1.md")
    read = official(folder, folder / "results")
    assert read.scenarios == ()
    assert [error.field for error in read.lacking] == ["Script 1", "script_2"]


def test_result_files_that_disagree_give_no_ratings(tmp_path: Path) -> None:
    folder = copy_of_the_benchmark(tmp_path)
    (folder / "results" / "n").mkdir()
    (folder / "results" / "n" / "script_1_result.json").write_text(ratings("script_1", 1), encoding="utf-8")
    read = official(folder, folder / "results")
    assert read.scenarios == ()
    assert "found others" in read.unread[-1].problem


@pytest.mark.parametrize("level", [4, True, "2", None])
def test_a_level_that_is_none_is_not_guessed(tmp_path: Path, level: object) -> None:
    folder = copy_of_the_benchmark(tmp_path)
    file = folder / "results" / "m" / "script_1_result.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["epj"]["iedr_details"]["filled_iedr"]["A.2"] = level
    file.write_text(json.dumps(content), encoding="utf-8")
    read = official(folder, folder / "results")
    assert read.scenarios == ()
    assert "A.2" in read.unread[-1].problem


def test_a_category_of_another_name_is_a_sentence(tmp_path: Path) -> None:
    folder = copy_of_the_benchmark(tmp_path)
    metadata = folder / "case_metadata.json"
    metadata.write_text(metadata.read_text(encoding="utf-8").replace("\\u751f\\u6daf", "x"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="script_1: expected one of"):
        official(folder)


def test_a_folder_without_cards_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="expected cards in"):
        official(tmp_path)


def public_copy() -> Path:
    return data_folder() / "official_format" / "empa" / "data"


@needs_data
def test_all_sixty_public_cards_are_read() -> None:
    read = official(public_copy(), official_results())
    assert (len(read.cards), read.unread) == (60, ())
    assert {card.threshold for card in read.cards} == set(Grade)
    assert len(read.scenarios) + len(read.lacking) == 60
    assert [len(scenario.stages) for scenario in read.scenarios] == [4] * len(read.scenarios)


@needs_data
def test_twelve_public_cards_say_what_a_person_read_in_them() -> None:
    found = {}
    for name in READ_BY_HAND:
        read = read_card(public_copy() / "cases" / f"{name}.md")
        given = read.stated.priorities
        found[name] = (read.persona.age, read.threshold, (given.cognitive, given.affective, given.proactive))
    assert found == READ_BY_HAND


@needs_data
def test_ratings_from_public_results_are_the_published_ones() -> None:
    published = json.loads((data_folder() / "published" / "iedr.json").read_text(encoding="utf-8"))
    read = official(public_copy(), official_results())
    assert len(read.scenarios) >= 8
    for scenario in read.scenarios:
        assert scenario.ratings == published[scenario.title]["iedr"]
        assert list(scenario.deficit) == published[scenario.title]["P_0"]


@needs_data
def test_the_priorities_agree_with_the_levels_that_the_public_raters_gave_them() -> None:
    published = json.loads((data_folder() / "published" / "iedr.json").read_text(encoding="utf-8"))
    levels = {H: {3}, M: {2}, L: {0, 1}}
    agreed: Counter[bool] = Counter()
    for read in official(public_copy()).cards:
        if read.name in published:
            given, rated = read.stated.priorities, published[read.name]["iedr"]
            pairs = zip("CAP", (given.cognitive, given.affective, given.proactive), strict=True)
            agreed.update(rated[f"{axis}.3"] in levels[grade] for axis, grade in pairs)
    assert agreed == {True: 44, False: 1}


@needs_data
@pytest.mark.parametrize("tag", TAGS)
def test_a_torn_copy_of_each_public_card_is_a_sentence(tag: str) -> None:
    for path in sorted((public_copy() / "cases").glob("*.md")):
        torn = path.read_text(encoding="utf-8").replace(f"</{tag}>", "")
        with pytest.raises(ScenarioError, match=f"^{path.name}: {tag}: expected one section"):
            parse_card(torn, path.name)


@needs_data
def test_a_public_card_without_one_of_its_fields_is_a_sentence_that_names_the_section() -> None:
    for path in sorted((public_copy() / "cases").glob("*.md")):
        content = path.read_text(encoding="utf-8")
        for label in LABELS:
            broken = re.sub(rf"^(\W*){label}(?=[：:（])", r"\1", content, count=1, flags=re.M)
            with pytest.raises(ScenarioError) as caught:
                parse_card(broken, path.name)
            assert caught.value.file == path.name
            assert caught.value.field.split(".")[0] in TAGS
