"""The cards of the public EMPA benchmark: one Markdown file each, in Chinese, read as a frozen record.

A card holds who the person is, what they need and how they grew up; its story stands in another file
(:mod:`~empa_gym.official.cards_stories`), its category and its ratings in others again
(:mod:`~empa_gym.official.cards_folder`). Source: the public benchmark of EMPA (arXiv 2603.00552).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from empa_gym.errors import ScenarioError
from empa_gym.official.cards_markup import Block, block, fields, section, tidy
from empa_gym.official.cards_priorities import Stated, stated
from empa_gym.scenarios import Experience, Grade, Persona

NOT_STATED = "未注明"
"""The occupation of every person: the cards have no such field, so it says "not stated" in their language."""
OLDEST = 120
_GRADES = {"高": Grade.HIGH, "中": Grade.MEDIUM, "低": Grade.LOW}
_THRESHOLD = re.compile(r"共情阈值【([^】]*)】")
_AGE = re.compile(r"(\d{1,3})\s*岁?")
_NEEDS = ("想要找人倾诉的想法与内容", "倾诉中想要获得的共情点", "人物共情阈值", "当下共情需求优先级")
_PAST = ("童年经历", "少年经历", "青年经历", "隐形成长主线脉络")
_NOW = ("现在的情况", "现在的人生主线目标", "现在的人生愿景与动力")


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the public benchmark, as far as its own file says.

    Attributes:
        file: where it was read from.
        name: its id in the public files, for example ``script_003``.
        persona: who the person is; the occupation is NOT_STATED.
        threshold: how demanding the person is.
        stated: the three priorities, and what the card says of each.
        topic: the opening matter.
        wish: what they want to say, where they hope to be met, and what they are touchy about: three
            paragraphs of the card, one a line.
        experience: the life in seven texts.
        trigger: what set it off.
    """

    file: str
    name: str
    persona: Persona
    threshold: Grade
    stated: Stated
    topic: str
    wish: str
    experience: Experience
    trigger: str


def read_card(path: str | Path) -> Card:
    """The card of a file.

    Raises:
        ScenarioError: it cannot be read, or something is missing or not in a known form; names the file,
            the section and what was expected there.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ScenarioError(str(path), "", f"expected a readable UTF-8 file, found: {error}") from None
    return parse_card(text, str(path))


def parse_card(text: str, file: str) -> Card:
    """The card of a text; ``file`` stands in errors, and its name without the ending is the card's.

    Raises:
        ScenarioError: something is missing or not in a known form.
    """
    person = section(text, file, "character_info")
    profile = section(text, file, "psychological_profile")
    wish, point, touchy, priorities = fields(block(profile, "共情需求"), *_NEEDS)
    return Card(
        file=file,
        name=Path(file).stem,
        persona=_persona(person),
        threshold=_threshold(section(text, file, "empathy_threshold")),
        stated=stated(Block(file, f"psychological_profile.{_NEEDS[-1]}", priorities)),
        topic=tidy(block(profile, "聊天话题").text),
        wish="\n".join((wish, point, touchy)),
        experience=_experience(section(text, file, "experience")),
        trigger=fields(block(section(text, file, "scenario"), "角色故事"), "故事的起因")[0],
    )


def _persona(person: Block) -> Persona:
    here = block(person, "角色信息")
    name, gender, age = fields(here, "姓名", "性别", "年龄")
    years = _AGE.fullmatch(age)
    if years is None or not 1 <= int(years[1]) <= OLDEST:
        raise here.wrong(f"expected an age of 1 to {OLDEST} years, found {age[:20]!r}", "年龄")
    manner, character = fields(block(person, "角色特征"), "社交性格", "内核性格")
    return Persona(name, int(years[1]), gender, NOT_STATED, manner, character)


def _threshold(within: Block) -> Grade:
    found = _THRESHOLD.findall(within.text)
    if len(found) != 1 or found[0] not in _GRADES:
        raise within.wrong(f"expected one of 共情阈值【高】, 【中】, 【低】, found {', '.join(found) or 'none'}")
    return _GRADES[found[0]]


def _experience(within: Block) -> Experience:
    return Experience(*fields(block(within, "角色过往经历"), *_PAST), *fields(block(within, "角色现状"), *_NOW))
