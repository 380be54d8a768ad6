"""Prompts from sheets: for each role a system message that never changes, then one user message.

The user message begins with what stays the same in a dialogue, goes on with the dialogue, which grows at
its end, and closes with what is of this turn alone. So an endpoint that caches prefixes computes little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from string import Template

from empa_gym.chat import Message
from empa_gym.prompts.fence import MAX_FENCED, fenced, neutral
from empa_gym.prompts.sheets import (
    ActorSheet,
    DirectorSheet,
    Exchanges,
    JudgeSheet,
    Life,
    MemoryText,
    PastMove,
    Person,
    StageText,
)
from empa_gym.prompts.templates import fill, word

AXES = ("cognitive", "affective", "proactive")
HISTORY_CHARS = 1200
"""Characters that are shown of one text of the context: about 200 words, more than an honest reply has."""
MOVES_SHOWN = 12
"""So many of its last moves a director is shown; what was told stands in lists of its own."""


def judge_prompt(language: str, sheet: JudgeSheet) -> tuple[Message, ...]:
    """The rubric, then the person, the dialogue, and the exchanges to be rated under a heading of their own."""
    total = len(sheet.exchanges)
    first = max(total - sheet.window, 0)
    rated = _listed(language, [f"S{turn}" for turn in range(first + 1, total + 1)])
    slots = {
        **_person(language, sheet.person),
        "before": transcript(sheet.exchanges[:first]),
        "window": transcript(sheet.exchanges[first:], first + 1, MAX_FENCED),
        "rated": rated,
    }
    return _prompt(language, "judge_system", fill(language, "judge_case", slots))


def actor_prompt(language: str, sheet: ActorSheet) -> tuple[Message, ...]:
    """How to play, then who the person is, and either the talk with the notes of this turn or how to open."""
    person = _person(language, sheet.person)
    case = fill(language, "actor_case", person)
    if not sheet.exchanges:
        opening = fill(language, "actor_opening", {"case": case, "name": person["name"]})
        return _prompt(language, "actor_system", opening)
    turn = len(sheet.exchanges)
    press = word(language, "press", sheet.press) if sheet.press else ""
    slots = {
        "case": case,
        "name": person["name"],
        "dialogue": _talk(sheet.exchanges),
        "told": "\n".join(_plot(language, sheet.told)),
        "revealed": "\n".join(_plot(language, sheet.revealed)),
        "move": " ".join(filter(None, (word(language, "move", sheet.move), press))),
        "guidance": fenced("N", sheet.guidance, HISTORY_CHARS) if sheet.guidance else "",
        "turn": str(turn + 1),
        "newest": f"S{turn}",
    }
    return _prompt(language, "actor_system", fill(language, "actor_turn", slots))


def director_prompt(language: str, sheet: DirectorSheet) -> tuple[Message, ...]:
    """The seven functions and how to direct, then the story, the dialogue and the state of this turn."""
    rating = word(language, "line", "unrated")
    if sheet.rating is not None:
        rating = _axes(language, [f"{up:+d} {down:+d}" for up, down in sheet.rating])
    none = word(language, "join", "none")
    slots = {
        **_person(language, sheet.person),
        "stages": "\n".join(_plot(language, sheet.stages)),
        "memories": "\n".join(f"{memory.period}: {inline(memory.text)}" for memory in sheet.memories),
        "outcome": inline(sheet.outcome),
        "episode": inline(sheet.episode),
        "dialogue": _talk(sheet.exchanges),
        "turn": str(len(sheet.exchanges)),
        "turns_left": str(sheet.turns_left),
        "start": _axes(language, [f"{x:g}" for x in sheet.start]),
        "position": _axes(language, [f"{x:g}" for x in sheet.position]),
        "energy": f"{sheet.energy:.1f}",
        "needed": f"{sheet.needed:.1f}",
        "rating": rating,
        "told_stages": _listed(language, [str(number) for number in sheet.told_stages]) or none,
        "told_periods": _listed(language, list(sheet.told_periods)) or none,
        "moves": "\n".join(_moved(language, move) for move in sheet.moves[-MOVES_SHOWN:]),
        "may_end": word(language, "line", "may_end" if sheet.may_end else "may_not_end"),
    }
    return _prompt(language, "director_system", fill(language, "director_case", slots))


def iedr_prompt(language: str, person: Person, life: Life) -> tuple[Message, ...]:
    """The nine items, then the person's card."""
    periods = {period: inline(text) for period, text in life._asdict().items()}
    card = fill(language, "iedr_card", {**_person(language, person), **periods})
    slots = {"card": fenced("N", card, 8 * MAX_FENCED)}
    return _prompt(language, "iedr_system", fill(language, "iedr_case", slots))


def supporter_system(language: str) -> str:
    """What a supporter is told by default: little, so that a model is measured and not a prompt."""
    return fill(language, "policy_system", {})


def asked_again(language: str, messages: tuple[Message, ...], problem: str) -> tuple[Message, ...]:
    """The same prompt, with what was wrong about the last answer at its end.

    It lengthens the last message instead of adding one, since some chat templates refuse two messages
    of one role in a row.
    """
    *before, last = messages
    slots = {"prompt": last.content, "problem": problem}
    return (*before, Message(last.role, fill(language, "again", slots)))


def transcript(exchanges: Exchanges, first: int = 1, limit: int = HISTORY_CHARS) -> str:
    """The exchanges as labelled lines.

    Args:
        exchanges: messages and replies, oldest first.
        first: the turn of the first of them.
        limit: characters that are shown of one text.
    """
    parts = []
    for turn, (message, reply) in enumerate(exchanges, first):
        parts += [fenced(f"U{turn}", message, limit), fenced(f"S{turn}", reply, limit)]
    return "\n".join(parts)


@lru_cache(maxsize=1024)
def inline(text: str) -> str:
    """A text of a scenario in one line, without anything that could be read as a part of the prompt."""
    return " ".join(neutral(text).split())


def _talk(exchanges: Exchanges) -> str:
    """The dialogue, of which the newest exchange is shown whole."""
    before, newest = exchanges[:-1], exchanges[-1:]
    return "\n".join(filter(None, (transcript(before), transcript(newest, len(exchanges), MAX_FENCED))))


def _prompt(language: str, system: str, case: str) -> tuple[Message, ...]:
    return Message("system", fill(language, system, {})), Message("user", case)


@lru_cache(maxsize=256)
def _person(language: str, person: Person) -> Mapping[str, str]:
    """The slots that any prompt has about a person."""
    texts = {name: inline(str(value)) for name, value in person._asdict().items() if isinstance(value, str | int)}
    needs = {f"{axis}_need": inline(need) for axis, need in zip(AXES, person.needs, strict=True)}
    priorities = {
        f"{axis}_priority": word(language, "grade", grade) for axis, grade in zip(AXES, person.priorities, strict=True)
    }
    return {
        **texts,
        **needs,
        **priorities,
        "threshold": word(language, "grade", person.threshold),
        "stated": _listed(language, [word(language, "feeling", feeling) for feeling in person.stated]),
        "unstated": word(language, "feeling", person.unstated) if person.unstated else "",
        "barrier": _listed(language, [inline(text) for text in person.barrier]),
    }


def _plot(language: str, parts: Iterable[StageText | MemoryText]) -> list[str]:
    """Each stage or memory in one line."""
    lines = []
    for part in parts:
        if isinstance(part, StageText):
            slots = {"number": str(part.number), "title": inline(part.title), "text": inline(part.text)}
            lines.append(_line(language, "stage", slots))
        else:
            period = word(language, "period", part.period)
            lines.append(_line(language, "memory", {"period": period, "text": inline(part.text)}))
    return lines


def _moved(language: str, past: PastMove) -> str:
    details = [*past.about, word(language, "line", "refused")] if past.refused else list(past.about)
    return _line(language, "move", {"turn": str(past.turn), "move": past.move, "details": " ".join(details)}).rstrip()


def _axes(language: str, values: list[str]) -> str:
    return _line(language, "axes", dict(zip(AXES, values, strict=True)))


def _listed(language: str, items: list[str]) -> str:
    return word(language, "join", "list").join(items)


def _line(language: str, name: str, slots: dict[str, str]) -> str:
    return Template(word(language, "line", name)).substitute(slots)
