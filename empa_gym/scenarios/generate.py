"""As many distinct scenarios as are asked for, composed from authored parts; the same seed gives the same ones."""

from __future__ import annotations

from empa_gym.epm.axes import Axis
from empa_gym.scenarios.generate_plan import Wanted, pairs, plan
from empa_gym.scenarios.generate_text import tell
from empa_gym.scenarios.kinds import Category, Difficulty, Grade
from empa_gym.scenarios.scenario import Scenario


def generate(
    seed: int,
    n: int,
    *,
    category: Category | str | None = None,
    axis: Axis | str | None = None,
    difficulty: Difficulty | str | None = None,
    threshold: Grade | str | None = None,
) -> tuple[Scenario, ...]:
    """``n`` scenarios composed from authored parts; what is left open varies.

    A story of now, a growing-up that fits it, a manner of speaking, a job, a place, circumstances that make it
    heavier, names and an age that suit them all. The ratings follow from those parts. Scenario ``i`` depends on the
    seed, ``i`` and the four wishes alone, so a longer list begins with the shorter one. Categories, stories and axes
    come up evenly, difficulties as 4 to 10 to 11 to 5, as far as the stories allow.

    Args:
        seed: a whole number, at least 0.
        n: how many, at least 1.
        category: only stories of this matter, such as ``"leisure"``.
        axis: only people whose largest need lies here, such as ``"affective"``.
        difficulty: only this band of the initial deficit, such as ``"very hard"``.
        threshold: only people who are so demanding: ``"low"``, ``"medium"`` or ``"high"``.

    Raises:
        ValueError: the seed or n is too small, a wish is none that is known, or no story can be made so.

    >>> one, two = generate(3, 2, category="leisure", axis="proactive")
    >>> one.category.value, two.dominant_axis.name
    ('leisure', 'PROACTIVE')
    >>> generate(3, 1, category="leisure", axis="proactive")[0] == one
    True
    """
    if seed < 0 or n < 1:
        raise ValueError(f"expected a seed of at least 0 and at least 1 scenario, found seed {seed} and n {n}")
    wanted = Wanted(
        None if category is None else Category(category),
        None if axis is None else Axis(axis),
        None if difficulty is None else Difficulty(difficulty),
        None if threshold is None else Grade(threshold),
    )
    partners = pairs(wanted)
    return tuple(tell(plan(seed, index, wanted, partners), f"{seed}:{index}") for index in range(n))
