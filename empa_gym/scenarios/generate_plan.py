"""What a generated scenario is made of: the parts that go together, and the ratings that follow from them."""

from __future__ import annotations

import functools
import itertools
from random import Random
from typing import NamedTuple

import numpy as np

from empa_gym.epm.axes import Axis
from empa_gym.epm.rubric import IEDR_WEIGHTS
from empa_gym.scenarios.generate_parts import Part, read
from empa_gym.scenarios.kinds import Category, Difficulty, Grade, difficulty

ITEMS = ("C.1", "C.2", "A.1", "A.2", "P.1", "P.2")
"""The rated items that the content decides; the third of each axis is its priority."""
PRIORITY_LEVEL = {Grade.LOW: 1, Grade.MEDIUM: 2, Grade.HIGH: 3}
MOST_STRANDS = 4
"""Strands a scenario may have at most: with more, a story drowns in its circumstances."""
MIX = (Difficulty.EASY,) * 4 + (Difficulty.MEDIUM,) * 10 + (Difficulty.HARD,) * 11 + (Difficulty.VERY_HARD,) * 5
"""The public benchmark's mix of difficulties, 4 to 10 to 11 to 5; what is drawn from unless one is asked for."""


class Wanted(NamedTuple):
    """What the caller asked for; None leaves it open."""

    category: Category | None = None
    axis: Axis | None = None
    difficulty: Difficulty | None = None
    threshold: Grade | None = None


class Weight(NamedTuple):
    """One way to make a story heavier: circumstances that are added, and what the person asks for most.

    Attributes:
        items: the items that a strand is added to.
        priorities: the grade of each axis, order C, A, P.
    """

    items: tuple[str, ...]
    priorities: tuple[Grade, ...]


class Plan(NamedTuple):
    """Which parts make up one scenario, and who it is about.

    Attributes:
        met: how often this story and this growth have met before.
        step: moves on what goes round from one telling of a story to the next, such as the lines left out.
    """

    story: Part
    growth: Part
    manner: Part
    job: Part
    place: Part
    culture: Part
    strands: tuple[Part, ...]
    weight: Weight
    threshold: Grade
    gender: str
    age: int
    met: int
    step: int


def ratings(story: Part, growth: Part, weight: Weight) -> dict[str, int]:
    """The nine IEDR levels that the content amounts to.

    A story has levels of its own; a growth that hides feelings makes them harder to reach (A.2); each strand adds one
    level to its item; the items .3 are the priorities.
    """
    levels = {item: level + (item in weight.items) for item, level in own_levels(story, growth).items()}
    return levels | {f"{axis}.3": PRIORITY_LEVEL[grade] for axis, grade in zip("CAP", weight.priorities, strict=True)}


Target = tuple[Axis, Difficulty]


def weights(story: Part, growth: Part) -> dict[Target, tuple[Weight, ...]]:
    """Every way to weigh a story and a growth, by the dominant axis and the difficulty that come of it."""
    return _weights(tuple(own_levels(story, growth).values()))


def own_levels(story: Part, growth: Part) -> dict[str, int]:
    """How heavy a story and a growth are before anything is added: a level for each of the six items."""
    levels = dict(zip(ITEMS, story.levels, strict=True))
    levels["A.2"] += int(growth.keys["hides"])
    return levels


@functools.cache
def _weights(own: tuple[int, ...]) -> dict[Target, tuple[Weight, ...]]:
    """The same by the levels alone; a strand that would lift an item over 3 is left out, and so are ties."""
    every = _all_weights()
    added = np.array([[item in weight.items for item in ITEMS] for weight in every])
    asked = np.array([[PRIORITY_LEVEL[grade] for grade in weight.priorities] for weight in every])
    levels = np.array(own) + added
    worth = np.array(list(IEDR_WEIGHTS.values()))
    need = levels.reshape(-1, 3, 2) * worth[:, :2]
    total = need.sum(axis=2) + asked * worth[:, 2]
    norms = np.linalg.norm(total, axis=1)
    clear = (np.sort(total, axis=1)[:, 2] > np.sort(total, axis=1)[:, 1]) & (levels <= 3).all(axis=1)
    found: dict[Target, list[Weight]] = {}
    for index in np.flatnonzero(clear):
        target = tuple(Axis)[int(total[index].argmax())], difficulty(float(norms[index]))
        found.setdefault(target, []).append(every[index])
    return {target: tuple(ways) for target, ways in found.items()}


@functools.cache
def _all_weights() -> tuple[Weight, ...]:
    subsets = [items for size in range(MOST_STRANDS + 1) for items in itertools.combinations(ITEMS, size)]
    grades = list(itertools.product(Grade, repeat=3))
    return tuple(Weight(items, priorities) for items in subsets for priorities in grades)


def _named(kind: str, name: str) -> Part:
    return next(part for part in read(kind) if part.name == name)


def fits(story: Part, other: Part) -> bool:
    """Whether a part can stand in a story: it is not excluded, is of the right work, and the ages meet."""
    work = story.listed("work")
    low, high = common_ages(story, other)
    return (
        other.name not in story.listed("not") and (not work or other.keys.get("kind", work[0]) in work) and low <= high
    )


def common_ages(*parts: Part) -> tuple[int, int]:
    """The ages that fit all of the parts."""
    return max(part.ages[0] for part in parts), min(part.ages[1] for part in parts)


def pairs(wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """The growths that go with each story, where what is wanted can be had.

    Raises:
        ValueError: no story and growth can be had so.
    """
    found = {}
    for story in read("stories"):
        if wanted.category in (None, story.category):
            growths = [g.name for g in read("growths") if fits(story, g) and _targets(story, g, wanted)]
            if growths:
                found[story.name] = tuple(growths)
    if not found:
        raise ValueError(f"no authored story can be made {wanted}; leave the axis, the difficulty or the category open")
    return found


def _targets(story: Part, growth: Part, wanted: Wanted) -> list[Target]:
    return [
        (axis, band)
        for axis, band in weights(story, growth)
        if wanted.axis in (None, axis) and wanted.difficulty in (None, band)
    ]


def plan(seed: int, index: int, wanted: Wanted, partners: dict[str, tuple[str, ...]]) -> Plan:
    """The parts of one scenario, by its address alone: seed, index and what is wanted.

    Stories take turns; each goes through its growths before one comes back, and then with another manner. So two
    scenarios of one seed share story, growth and manner only after all of them have been used up.
    """
    stories = sorted(partners)
    turn, place_in_turn = divmod(index, len(stories))
    story = _named("stories", _shuffled(f"{seed}:{turn}", stories)[place_in_turn])
    growths = _shuffled(f"{seed}:{story.name}", partners[story.name])
    met, which = divmod(turn, len(growths))
    growth = _named("growths", growths[which])
    manners = _shuffled(f"{seed}:{story.name}:manner", [part.name for part in read("manners")])
    manner = _named("manners", manners[(which + met) % len(manners)])
    around = Random(f"{seed}:{story.name}").randrange(1000)
    count = Count(met, around + which + 2 * met, around + which + 3 * met)
    return _filled(Random(f"{seed}:{index}:{story.name}:{growth.name}"), story, growth, manner, count, wanted)


class Count(NamedTuple):
    """How far the rounds of a story have come.

    Two tellings with one growth, or with one manner, come at different places of the short and of the long round.

    Attributes:
        met: how often the story and the growth have met.
        short: for rounds of three, such as the thresholds.
        long: for rounds of five or ten, such as places and lines.
    """

    met: int
    short: int
    long: int


def _shuffled(address: str, names: list[str] | tuple[str, ...]) -> list[str]:
    return Random(address).sample(sorted(names), len(names))


def _filled(draw: Random, story: Part, growth: Part, manner: Part, count: Count, wanted: Wanted) -> Plan:
    """The rest of a plan: what can differ between two tellings goes round, the person is drawn."""
    target = _target(draw, _targets(story, growth, wanted))
    weight = draw.choice(weights(story, growth)[target])
    strands = [[strand for strand in read("strands") if strand.keys["item"] == item] for item in weight.items]
    jobs, places = _jobs(story.name, growth.name), _places(story.name)
    job = jobs[count.long % len(jobs)]
    return Plan(
        story,
        growth,
        manner,
        job,
        places[count.long % len(places)],
        draw.choice(read("names")),
        tuple(variants[count.short % len(variants)] for variants in strands),
        weight,
        wanted.threshold or tuple(Grade)[count.short % len(Grade)],
        draw.choice(story.listed("genders") or ("female", "male")),
        draw.randint(*common_ages(story, growth, job)),
        count.met,
        count.long,
    )


@functools.cache
def _jobs(story: str, growth: str) -> tuple[Part, ...]:
    """The jobs that a story and a growth leave open."""
    told, grown = _named("stories", story), _named("growths", growth)
    return tuple(job for job in mixed("jobs") if fits(told, job) and _ages_meet(told, grown, job))


@functools.cache
def _places(story: str) -> tuple[Part, ...]:
    return tuple(place for place in mixed("places") if fits(_named("stories", story), place))


def mixed(kind: str) -> tuple[Part, ...]:
    """All parts of a kind, in a fixed order that is not the file's."""
    return tuple(Random(kind).sample(read(kind), len(read(kind))))


def _target(draw: Random, possible: list[Target]) -> Target:
    """One of the possible targets: first the axis, evenly, then the difficulty by the benchmark's mix."""
    axis = draw.choice([axis for axis in Axis if any(axis is one for one, _ in possible)])
    bands = [band for one, band in possible if one is axis]
    return axis, draw.choice([band for band in MIX if band in bands])


def _ages_meet(*parts: Part) -> bool:
    low, high = common_ages(*parts)
    return low <= high
