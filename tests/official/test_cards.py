"""The cards of the public benchmark, on cards in their layout and words of our own: each dialect, each fault."""

# ruff: noqa: RUF001 (the cards are written with full-width marks)
from __future__ import annotations

import re
from pathlib import Path

import pytest

from empa_gym.errors import ScenarioError
from empa_gym.official.cards import NOT_STATED, parse_card, read_card
from empa_gym.official.cards_markup import Block
from empa_gym.official.cards_priorities import stated
from empa_gym.scenarios import Grade

GRADED = "\n    情感共情：[优先级：低] 甲\n    动机共情：[优先级：中] 乙\n    认知共情：[优先级：高] 丙"
CARD = """前言
<character_info>
# 角色信息
  - 姓名：安宁
  - 性别：女
  - 年龄：{age}

# 角色特征
  - 社交性格：安静
  - 内核性格：坚定

## 角色输出格式
  - 姓名：某某
</character_info>
<empathy_threshold>
## 角色基础共情阈值
共情阈值【{threshold}】，说明
</empathy_threshold>
<psychological_profile>
# 聊天话题
    今天下雨了

# 共情需求
想要找人倾诉的想法与内容：想说雨
倾诉中想要获得的共情点：想被听见
人物共情阈值：怕敷衍
当下共情需求优先级：{priorities}
</psychological_profile>
<experience>
# 角色过往经历
童年经历：河边
    少年经历：学校
青年经历：工地
隐形成长主线脉络：忍耐
# 角色现状
现在的情况（工作、生活等方面）：修桥
现在的人生主线目标：歇一歇
现在的人生愿景与动力：种树
</experience>
<scenario># 角色故事
    故事的起因：伞坏了
</scenario>
"""
"""A card in the public layout, in words of our own."""
TAGS = ("character_info", "empathy_threshold", "psychological_profile", "experience", "scenario")
LABELS = (
    *("姓名", "性别", "年龄", "社交性格", "内核性格", "想要找人倾诉的想法与内容", "倾诉中想要获得的共情点"),
    *("当下共情需求优先级", "童年经历", "少年经历", "青年经历", "隐形成长主线脉络", "现在的人生主线目标"),
    *("现在的人生愿景与动力", "故事的起因"),
)
H, M, L = Grade.HIGH, Grade.MEDIUM, Grade.LOW


def card(age: str = "31", threshold: str = "中", priorities: str = GRADED) -> str:
    return CARD.format(age=age, threshold=threshold, priorities=priorities)


def grades(priorities: str) -> tuple[Grade, Grade, Grade]:
    found = stated(Block("card.md", "priorities", priorities)).priorities
    return found.cognitive, found.affective, found.proactive


def test_a_card_is_read_with_all_its_parts() -> None:
    read = parse_card(card(), "cases/script_1.md")
    assert (read.name, read.persona.name, read.persona.age, read.persona.occupation) == (
        "script_1",
        "安宁",
        31,
        NOT_STATED,
    )
    assert read.threshold is M
    assert (read.topic, read.wish, read.trigger) == ("今天下雨了", "想说雨\n想被听见\n怕敷衍", "伞坏了")
    assert (read.experience.adolescence, read.experience.present, read.experience.vision) == ("学校", "修桥", "种树")
    assert read.stated.needs.cognitive == "[优先级：高] 丙"


@pytest.mark.parametrize(
    ("priorities", "expected"),
    [
        (GRADED, (H, L, M)),
        ("\n 情感共情：【高】甲\n 认知共情：【中】乙\n 动机共情：【低】丙", (M, H, L)),
        ("\n 情感共情：中优先级 + 甲\n 动机共情：低优先级 + 乙\n 认知共情：高优先级 + 丙", (H, M, L)),
        ("\n 情感共情：[最高优先级] 甲\n 认知共情：[中等优先级 | 乙]\n 动机共情：较低优先级 + 丙", (M, H, L)),
        ("\n 1. 情感共情：最需要甲\n 2. 认知共情：其次是乙\n 3. 动机共情：最后才是丙", (M, H, L)),
        ("1.情感共情（最优先，甲）；2.认知共情（其次，乙）；3.动机共情（优先级最低，丙）。", (M, H, L)),
        ("认知共情 > 动机共情 > 情感共情。首先甲（认知）；然后乙（动机）；最后丙（情感）。", (H, L, M)),
        ("\n 情感共情：高 | 甲\n 认知共情：中 - 乙\n 动机共情：低 | 丙", (M, H, L)),
    ],
)
def test_each_dialect_of_the_priorities_is_read(priorities: str, expected: tuple[Grade, Grade, Grade]) -> None:
    assert grades(priorities) == expected


@pytest.mark.parametrize(
    ("priorities", "found"),
    [
        ("\n 情感共情：高兴就好\n 认知共情：【中】乙\n 动机共情：【低】丙", "高兴就好"),
        ("\n 情感共情：【高】甲\n 认知共情：【中】乙", "expected a priority for '动机共情'"),
        ("\n 情感共情：【高】甲\n 情感共情：【中】乙\n 动机共情：【低】丙", "found it twice"),
        ("认知共情 > 认知共情 > 情感共情", "each axis once"),
        ("都可以", "found none"),
    ],
)
def test_a_priority_that_is_not_stated_is_not_guessed(priorities: str, found: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(found)):
        grades(priorities)


@pytest.mark.parametrize("tag", TAGS)
def test_a_missing_section_is_named_with_its_file(tag: str) -> None:
    with pytest.raises(ScenarioError, match=f"^script_1.md: {tag}: expected one section"):
        parse_card(card().replace(f"</{tag}>", ""), "script_1.md")


@pytest.mark.parametrize("tag", TAGS)
def test_a_section_that_stands_twice_is_refused(tag: str) -> None:
    with pytest.raises(ScenarioError, match=f"{tag}: expected one section .* found 2"):
        parse_card(f"{card()}\n<{tag}>\n# 另外\n</{tag}>", "script_1.md")


def refused(text: str) -> None:
    """The card is refused in a sentence that names its file and one of its sections."""
    with pytest.raises(ScenarioError) as caught:
        parse_card(text, "script_1.md")
    assert caught.value.file == "script_1.md"
    assert caught.value.field.split(".")[0] in TAGS
    assert "expected" in caught.value.problem
    assert "found" in caught.value.problem


@pytest.mark.parametrize("label", LABELS)
def test_a_missing_field_is_named_with_its_section(label: str) -> None:
    refused(re.sub(rf"^(.*){label}", r"\1某", card(), flags=re.M))


@pytest.mark.parametrize("label", [label for label in LABELS if label != "当下共情需求优先级"])
def test_an_empty_field_is_named_with_its_section(label: str) -> None:
    refused(re.sub(rf"({label}[：:]).*", r"\1", card()))


@pytest.mark.parametrize(("age", "threshold"), [("二十", "中"), ("31", "很高"), ("1000", "低"), ("0", "低")])
def test_an_age_or_a_threshold_in_another_form_is_not_guessed(age: str, threshold: str) -> None:
    with pytest.raises(ScenarioError, match="expected"):
        parse_card(card(age, threshold), "script_1.md")


def test_an_age_may_name_its_unit() -> None:
    assert parse_card(card(age="25岁"), "script_1.md").persona.age == 25


def test_a_field_that_stands_twice_is_refused() -> None:
    with pytest.raises(ScenarioError, match="found it twice"):
        parse_card(card().replace("青年经历：工地", "青年经历：工地\n青年经历：海上"), "script_1.md")


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(b"\xff\xfe\xff")
    for name in ("latin.md", "none.md"):
        with pytest.raises(ScenarioError, match="expected a readable UTF-8 file"):
            read_card(tmp_path / name)
