"""What the generator makes, as a page: how long it takes, how alike they are, what they are about, and ten of them.

python benchmarks/generated_scenarios.py > docs/generated_scenarios.md
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from machine import machine

from empa_gym.agents.offline.cast import offline_cast
from empa_gym.dialogue.state import DialogueState
from empa_gym.drive import run
from empa_gym.epm.axes import Axis
from empa_gym.policies import POLICIES
from empa_gym.rollout.play import Game, play
from empa_gym.scenarios import Category, Scenario, generate, select_scenarios
from empa_gym.scenarios.kinds import Difficulty
from empa_gym.scenarios.likeness import closest
from empa_gym.scoring import Trajectory, summarise

SEEDS = (0, 1, 2)
COUNT = 1000
PLAYED = 20
PRINTED = 10

INTRODUCTION = """# Generated scenarios

<!-- written by benchmarks/generated_scenarios.py -->

```python
from empa_gym import scenarios

some = scenarios.generate(seed=3, n=1000)
hard = scenarios.generate(3, 50, category="leisure", axis="affective", difficulty="hard", threshold="high")
```

A scenario is composed of authored parts, which stand as plain text in `empa_gym/scenarios/parts`: 24 stories (four
per category), 10 ways to have grown up with two scenes for each time of life, 10 manners of speaking, 18 jobs, 10
places, 18 circumstances (`strands`), and names of ten origins. A part says what it goes with: ages, kinds of work,
parts that would contradict it. Scenario `i` depends on the seed, `i` and what was asked for alone, so a longer list
begins with the shorter.

**Ratings follow from the content.** A story has six levels of its own (C.1, C.2, A.1, A.2, P.1, P.2); a growing-up
that hides feelings adds one to A.2; each circumstance adds one to its item and is told in the text; the items .3 are
the priorities, which the needs put into words. Axis and difficulty are reached by choosing circumstances and
priorities. One cell cannot be had: a person whose largest need is to be understood has at most |(21, 20, 20)| = 35.2
points, so never a very hard scenario.

**How alike they are.** The measure is `likeness.share`: of the runs of four words of the shorter scenario, the part
that stands in the other too. No two of a thousand share more than 0.75; what was measured stands below. That is a
bound on variations: a thousand scenarios tell 24 stories about 42 times each, to another person with another past,
manner, job and place, or with other circumstances. Whoever needs a thousand unrelated plots has not got them here.
Beyond 60 tellings of a story (about 1,400 scenarios of one seed, or 240 of one category) the first of them meet their
growing-up and manner again, and the bound need not hold.
"""


def trajectory(state: DialogueState) -> Trajectory:
    """The dialogue as the score sees it."""
    levels = [assessment.levels for assessment in state.assessments]
    points = [point.position for point in state.points]
    return Trajectory(points, levels, state.outcome, len(levels), state.end_kind, state.turn)


def likeness_lines() -> Iterator[str]:
    yield "| seed | seconds for 1,000 | largest share of two | median of the closest | with the 12 | with `empa30` |"
    yield "|---|---|---|---|---|---|"
    starter, hand = select_scenarios("starter"), select_scenarios("empa_gym/scenarios/empa30")
    for seed in SEEDS:
        began = time.perf_counter()
        made = generate(seed, COUNT)
        took = time.perf_counter() - began
        share = closest(made).share
        others = [closest(made, one).share.max() for one in (starter, hand)]
        alike = f"{share.max():.2f} | {np.median(share):.2f} | {others[0]:.3f} | {others[1]:.3f}"
        yield f"| {seed} | {took:.1f} | {alike} |"


def table_lines(made: Sequence[Scenario]) -> Iterator[str]:
    bands = [(axis, band) for axis in Axis for band in Difficulty]
    counts = Counter((one.category, one.dominant_axis, one.difficulty) for one in made)
    yield "| category | " + " | ".join(f"{axis.letter} {band.value}" for axis, band in bands) + " |"
    yield "|---" * (len(bands) + 1) + "|"
    for category in Category:
        yield f"| {category.value} | " + " | ".join(str(counts[(category, *cell)]) for cell in bands) + " |"


def play_lines(made: Sequence[Scenario]) -> Iterator[str]:
    yield "| policy | dialogues | passed | EPM-Q | zone return | mean turns |"
    yield "|---|---|---|---|---|---|"
    for name in ("supporter", "generic"):
        ends = [run(play(one, seed, POLICIES[name](), Game(offline_cast()))).state for one in made for seed in (0, 1)]
        row = summarise(name, [trajectory(end) for end in ends])
        yield (
            f"| {name} | {len(ends)} | {row.passed / len(ends):.0%} | {row.score.epmq:.1f} | {row.returns.zone:.1f} | "
            f"{row.mean_turns:.1f} |"
        )


def scenario_lines(one: Scenario) -> Iterator[str]:
    person = one.persona
    yield f"\n### {one.title}: {person.name}, {person.age}, {person.occupation}\n"
    yield f"`{one.id}`: {one.category.value}, {one.dominant_axis.value}, {one.difficulty.value}, {one.threshold.value}"
    yield f"threshold, P_0 = {one.deficit}.\n"
    yield f"> {one.voice.opening if one.voice else ''}\n"
    yield f"{one.topic} {one.trigger} {one.experience.hidden_line} {one.experience.present}\n"
    for stage in one.stages:
        yield f'- *{stage.title}.* {stage.text} "{stage.lines[0]}"'


def main() -> None:
    made = generate(SEEDS[0], COUNT)
    print(INTRODUCTION)
    here = machine()
    print(f"Measured on {here['processor']}, {here['cores']} cores, Python {here['python']}:\n")
    print("\n".join(likeness_lines()))
    print("\n## Category, axis and difficulty\n\nSeed 0, 1,000 scenarios, nothing asked for:\n")
    print("\n".join(table_lines(made)))
    print(f"\n## Played\n\nThe first {PLAYED} of seed 0, two dialogues each, embedded cast, published rules:\n")
    print("\n".join(play_lines(made[:PLAYED])))
    print("\nOn the 12 hand-written ones `supporter` passes 92% with EPM-Q 88.8, `generic` none with 24.8.")
    print("\n## Ten of them")
    for one in made[:PRINTED]:
        print("\n".join(scenario_lines(one)))


if __name__ == "__main__":
    main()
