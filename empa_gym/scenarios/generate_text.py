"""A plan told: the parts filled with names and pronouns, and the scenario that they make."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from empa_gym.epm.axes import Axis
from empa_gym.scenarios.generate_parts import Part, read
from empa_gym.scenarios.generate_plan import Plan, ratings
from empa_gym.scenarios.kinds import Feeling
from empa_gym.scenarios.likeness import heard
from empa_gym.scenarios.scenario import (
    Depth,
    Experience,
    Memories,
    PerAxis,
    Persona,
    Pressing,
    Priorities,
    Scenario,
    Stage,
    Voice,
)

TIMES = ("childhood", "adolescence", "early_adulthood")
VIGNETTES = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
"""Which scene of each time of life is told, by how often a story and a growth have met: any two rows share one."""
PRONOUNS = {
    "female": {"they": "she", "them": "her", "their": "her", "theirs": "hers", "themself": "herself"},
    "male": {"they": "he", "them": "him", "their": "his", "theirs": "his", "themself": "himself"},
}
STAGE_LINES = 4
"""Lines drawn for each stretch of a story, of the five or so that are written."""
STORY_THREADS, JOB_THREADS, PLACE_THREADS = 6, 5, 4
BANKS = {"met": 8, "moved": 5, "missed": 7, "dismissed": 7, "lectured": 7, "repeated": 6, "withdrawn": 8}
"""Reactions drawn from a manner's banks."""
PRESSING_LINES = 4
MOST_STRENGTHS = 12

_PLAIN = re.compile(r"\W+")
_DEED = re.compile(r"\bi(?:'ve| have|'d)?(?: once| still| also| even)? (\w+)")
_DEEDS = (
    "answered asked baked begun bought built carried carry checked chose clean cleaned climbed cook "
    "cooked counted covered cut did done drawn drew drove fed fetched finished folded found gave held "
    "helped hung ironed joined keep kept knocked laid learned lent listened lived looked made mend "
    "mended minded moved nursed opened paid painted planted played practise practised printed "
    "promised put ran read rebuilt rehearsed repaired rewired rubbed sang sat saved scrub scrubbed "
    "sewed sharpened sold sorted sowed spelled stamped stayed stood studied swam swept taken taught "
    "thawed told trained tried typed viewed waited walked wash washed watched watered weighed went "
    "wired worked write written wrote "
)
DEEDS = frozenset(_DEEDS.split())
"""Verbs of doing: what a person says they did with one of these is something to affirm."""


class Teller:
    """Fills the slots of a plan's texts, and draws among its lines.

    Args:
        plan: what to tell.
        seed: the address of its draws.
        shift: moves the choice of lines on, when the first one does not do.
    """

    __slots__ = ("draw", "plan", "shift", "slots")

    def __init__(self, plan: Plan, seed: str, shift: int = 0) -> None:
        self.plan, self.shift = plan, shift
        self.draw = Random(f"{seed}:{plan.story.name}:{plan.growth.name}")
        self.slots = self._slots()

    def _slots(self) -> dict[str, str]:
        plan, pronouns = self.plan, PRONOUNS[self.plan.gender]
        taken = {self.draw.choice(plan.culture.lines(plan.gender))}
        slots = pronouns | {word.capitalize(): text.capitalize() for word, text in pronouns.items()}
        slots |= {
            "name": next(iter(taken)),
            "workplace": plan.job.keys["workplace"],
            "matter": plan.story.keys["matter"],
        }
        for person in plan.story.listed("people"):
            slot, family, gender = person.split()
            culture = plan.culture if family == "kin" else self.draw.choice(read("names"))
            names = [name for name in culture.lines({"f": "female", "m": "male"}[gender]) if name not in taken]
            slots[slot] = self.draw.choice(names)
            taken.add(slots[slot])
        return slots

    def fill(self, text: str) -> str:
        """A text with its slots filled; a sentence that begins with a slot begins with a capital."""
        filled = text.format_map(self.slots)
        return filled[:1].upper() + filled[1:]

    def text(self, part: Part, section: str) -> str:
        """The only text of a section, filled."""
        return self.fill(part.text(section))

    def some(self, lines: Sequence[str], count: int) -> tuple[str, ...]:
        """So many of the lines, filled, in their own order; all of them where there are no more.

        Which ones are left out goes round from one telling of a story to the next.
        """
        plan, size = self.plan, len(lines)
        start = plan.step + self.shift
        chosen = sorted((start + step) % size for step in range(min(count, size)))
        return tuple(self.fill(lines[index]) for index in chosen)

    def vignette(self, section: str) -> tuple[str, ...]:
        """One of the scenes of a time of life: the text, then what the person says of it.

        Two tellings of one story with one growth have at most one scene in common, four times in a row.
        """
        scenes = self.plan.growth.sections[section]
        chosen = VIGNETTES[self.plan.met % len(VIGNETTES)][TIMES.index(section)]
        return tuple(self.fill(line) for line in scenes[chosen % len(scenes)])


def tell(plan: Plan, seed: str) -> Scenario:
    """The scenario of a plan; ``seed`` addresses the draws of names and small texts.

    Other lines are taken while they hold too few of the words that depth is made of: what
    a judge can recognise must be said.
    """
    drawn = (_drawn(Teller(plan, seed, shift)) for shift in itertools.count())
    teller, scenes, stages, voice, depth = next(one for one in drawn if _deep_enough(one.depth))
    story, grades = plan.story, Priorities(*plan.weight.priorities)
    return Scenario(
        id=f"{story.name}-{_digest(plan, stages, voice)}",
        version=1,
        language="en",
        title=story.keys["title"],
        category=story.category,
        persona=_persona(teller),
        threshold=plan.threshold,
        priorities=grades,
        ratings=ratings(story, plan.growth, plan.weight),
        topic=teller.text(story, "topic"),
        wish=teller.text(story, "wish"),
        needs=_needs(teller, grades),
        experience=_experience(teller, scenes),
        trigger=teller.text(story, "trigger"),
        stages=stages,
        outcome=teller.text(story, "outcome"),
        episode=teller.text(story, "episode"),
        depth=Depth(
            stated=story.stated,
            unstated=Feeling(story.keys["unstated"]),
            core=depth.core,
            barrier=depth.barrier,
            strengths=depth.strengths,
        ),
        voice=voice,
    )


class Words(NamedTuple):
    """The words of a scenario's depth, those only that the person says."""

    core: tuple[str, ...]
    barrier: tuple[str, ...]
    strengths: tuple[str, ...]


class Drawn(NamedTuple):
    """Everything that was drawn for a scenario, and the words that it holds."""

    teller: Teller
    scenes: dict[str, tuple[str, ...]]
    stages: tuple[Stage, ...]
    voice: Voice
    depth: Words


def _drawn(teller: Teller) -> Drawn:
    scenes = {section: teller.vignette(section) for section in TIMES}
    stages, voice = _stages(teller), _voice(teller, scenes)
    return Drawn(teller, scenes, stages, voice, _words(teller, _spoken(stages, voice)))


def _spoken(stages: Sequence[Stage], voice: Voice) -> str:
    return "\n".join((*heard(voice), *(line for stage in stages for line in stage.lines)))


def _deep_enough(words: Words) -> bool:
    """Whether :class:`Depth` has the words that it needs."""
    return len(words.core) >= 6 and len(words.barrier) >= 4 and len(words.strengths) >= 4


def _digest(plan: Plan, stages: Sequence[Stage], voice: Voice) -> str:
    """Eight hexadecimal digits that stand for the content: equal scenarios have equal ids."""
    whole = "\n".join((_spoken(stages, voice), str(plan.weight), plan.threshold, str(plan.age), plan.gender))
    return hashlib.sha256(whole.encode()).hexdigest()[:8]


def _persona(teller: Teller) -> Persona:
    plan = teller.plan
    return Persona(
        name=f"{teller.slots['name']} {teller.draw.choice(plan.culture.lines('surnames'))}",
        age=plan.age,
        gender=plan.gender,
        occupation=plan.job.keys["occupation"],
        manner=teller.text(plan.manner, "manner"),
        character=teller.text(plan.growth, "character"),
    )


def _needs(teller: Teller, grades: Priorities) -> PerAxis:
    """What each axis asks for in this story, and how much it matters to this person."""
    of_story = teller.plan.story.lines("needs")
    by_axis = {part.name: part for part in read("needs")}
    texts = [
        f"{teller.fill(text)} {teller.fill(teller.draw.choice(by_axis[axis.value].lines(grades[axis].value)))}"
        for axis, text in zip(Axis, of_story, strict=True)
    ]
    return PerAxis(*texts)


def _experience(teller: Teller, scenes: dict[str, tuple[str, ...]]) -> Experience:
    plan = teller.plan
    job = plan.job.keys["occupation"]
    article = "an" if job[0] in "aeio" else "a"
    here = f"{{name}} is {plan.age}, works as {article} {job}, and {plan.place.keys['lives']}."
    present = " ".join([here, *(strand.text("text") for strand in plan.strands)])
    return Experience(
        childhood=scenes["childhood"][0],
        adolescence=scenes["adolescence"][0],
        early_adulthood=scenes["early_adulthood"][0],
        hidden_line=teller.text(plan.growth, "hidden_line"),
        present=teller.fill(present),
        goal=teller.text(plan.story, "goal"),
        vision=teller.text(plan.growth, "vision"),
    )


def _stages(teller: Teller) -> tuple[Stage, ...]:
    """The story's three stretches, with what the growth makes of it before the last."""
    story, growth = teller.plan.story, teller.plan.growth
    *early, last = [_stage(teller, story, section, STAGE_LINES) for section in story.stages]
    (within,) = [_stage(teller, growth, section, len(growth.lines(section))) for section in growth.stages]
    return (*early, within, last)


def _stage(teller: Teller, part: Part, section: str, count: int) -> Stage:
    text, *lines = part.lines(section)
    return Stage(teller.fill(section.removeprefix("stage ")), teller.fill(text), teller.some(lines, count))


def _voice(teller: Teller, scenes: dict[str, tuple[str, ...]]) -> Voice:
    plan = teller.plan
    openings = plan.story.lines("opening")
    pressing = next(part for part in read("pressing") if part.name == plan.threshold.value)
    threads = (
        *teller.some(plan.story.lines("threads"), STORY_THREADS),
        *teller.some(plan.job.lines("lines"), JOB_THREADS),
        *teller.some(plan.place.lines("lines"), PLACE_THREADS),
        *(teller.fill(line) for strand in plan.strands for line in strand.lines("lines")),
    )
    return Voice(
        opening=teller.fill(openings[plan.step % len(openings)]),
        threads=threads,
        pressing=Pressing(*(teller.some(pressing.lines(axis.value), PRESSING_LINES) for axis in Axis)),
        memories=Memories(
            childhood=scenes["childhood"][1:],
            adolescence=scenes["adolescence"][1:],
            early_adulthood=scenes["early_adulthood"][1:],
            present=teller.some(plan.story.lines("present"), 3),
        ),
        **{bank: teller.some(plan.manner.lines(bank), count) for bank, count in BANKS.items()},
    )


def _words(teller: Teller, spoken: str) -> Words:
    plan, said = teller.plan, spoken.lower()
    deeds = dict.fromkeys(word for word in _DEED.findall(said) if word in DEEDS)
    core = [word.format_map(teller.slots).lower() for word in plan.story.listed("core")]
    return Words(_said(core, said), _said(plan.growth.listed("barrier"), said), tuple(deeds)[:MOST_STRENGTHS])


def _said(words: Sequence[str], said: str) -> tuple[str, ...]:
    """Those that begin a word of what is said."""
    plain = " " + " ".join(re.findall(r"\w+", said))
    return tuple(word for word in words if f" {_PLAIN.sub(' ', word)}" in plain)
