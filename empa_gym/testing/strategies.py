"""What to draw in your own property tests, with hypothesis: levels, deficits, trajectories, scenarios, turn batches.

Install hypothesis with ``pip install 'empa-gym[testing]'``. Every drawn value is one that the package can meet, so a
property that fails on it fails for a user.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from empa_gym.epm import IEDR_WEIGHTS, MDEP_PR, Point, Rubric, frame, initial_deficit
from empa_gym.errors import MissingExtra
from empa_gym.mapo import TurnBatch
from empa_gym.scenarios import Grade, Scenario, select_scenarios

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise MissingExtra(
        "empa_gym.testing.strategies needs hypothesis, which is not installed; "
        "install it with: pip install 'empa-gym[testing]'"
    ) from error

__all__ = ["deficits", "levels", "ratings", "scenarios", "trajectories", "turn_batches"]

Levels = tuple[tuple[int, int], ...]

MOST_TURNS = 45
"""The benchmark's turn limit (EMPA, section 4)."""
OFFSETS = (0.0, 1.0, -100.0, 1000.0)
"""What is added to all rewards of a batch: sums stay exact, and far enough from 0 to show cancellation."""
MOSTLY = 208
"""A drawn byte is below this in four of five cases, and when it shrinks: so often a reward is known."""


def levels(rubric: Rubric = MDEP_PR) -> st.SearchStrategy[Levels]:
    """A judge's levels of one turn: per axis (progress, regression), for example ``((2, 0), (1, -1), (0, 0))``.

    Args:
        rubric: fixes the axes and the ends of their scales.
    """
    scales = zip(rubric.progress, rubric.regress, strict=True)
    pairs = [st.tuples(st.integers(0, len(up) - 1), st.integers(1 - len(down), 0)) for up, down in scales]
    return st.tuples(*pairs)


def ratings() -> st.SearchStrategy[dict[str, int]]:
    """The nine IEDR levels of a scenario that leaves something to recover from: ``{"C.1": 0..3, ..., "P.3": 0..3}``."""
    items = {f"{axis}.{item}": st.integers(0, 3) for axis in IEDR_WEIGHTS for item in (1, 2, 3)}
    return st.fixed_dictionaries(items).filter(lambda drawn: any(drawn.values()))


def deficits() -> st.SearchStrategy[tuple[float, ...]]:
    """P_0 of a scenario, in rubric points, order C, A, P: C in [-21, 0], A and P in [-27, 0], not all 0."""
    return ratings().map(initial_deficit)


@st.composite
def trajectories(
    draw: st.DrawFn,
    min_turns: int = 0,
    max_turns: int = MOST_TURNS,
    *,
    held: bool = True,
    current_direction: bool = False,
) -> tuple[Point, ...]:
    """The judged points of a dialogue, the start first.

    Args:
        draw: hypothesis gives it.
        min_turns: of the dialogue, 0 or more.
        max_turns: of the dialogue.
        held: whether turns without a judgement occur; then ``turn`` of the points has gaps, and the next judgement
            covers the turns of the gap.
        current_direction: measure against the deficit that is left, as ``EPMParams(current_direction=True)`` does.
    """
    deficit = draw(deficits())
    judged = draw(st.lists(st.booleans() if held else st.just(True), min_size=min_turns, max_size=max_turns))
    points = [frame(deficit).start()]
    for turn, seen in enumerate(judged, 1):
        if seen:
            shift = MDEP_PR.points(draw(levels()))
            points.append(frame(deficit).move(points[-1], shift, turn, current_direction=current_direction))
    return tuple(points)


@st.composite
def scenarios(draw: st.DrawFn, which: str | Scenario | Sequence[str | Scenario] = "starter") -> Scenario:
    """A scenario that the embedded cast can play: a shipped story with other ratings, priorities and threshold.

    Its id ends in the nine ratings, so that two different ones never share a name by accident.

    Args:
        draw: hypothesis gives it.
        which: the stories to draw from, as for :func:`empa_gym.select_scenarios`.
    """
    story = draw(st.sampled_from(select_scenarios(which)))
    rated = draw(ratings())
    grades = st.sampled_from(Grade)
    return dataclasses.replace(
        story,
        id=f"{story.id}-{''.join(map(str, rated.values()))}",
        ratings=rated,
        threshold=draw(grades),
        priorities=type(story.priorities)(draw(grades), draw(grades), draw(grades)),
    )


@st.composite
def turn_batches(
    draw: st.DrawFn,
    *,
    max_rows: int = 12,
    max_turns: int = 8,
    dtype: Any = None,
    offsets: Sequence[float] = OFFSETS,
    even_lengths: bool = False,
    missing: bool = True,
) -> TurnBatch:
    """Grouped rewards of dialogues: ragged, in groups of any and unequal sizes, their rows in any order.

    Rows without a turn, groups of one, and groups or whole batches without a known reward all occur, unless an
    argument rules them out, in either memory order. Rewards are multiples of 1/8 within [-16, 16] plus one offset for
    the batch; a drawn batch shrinks toward few full rows of equal rewards.

    Args:
        draw: hypothesis gives it.
        max_rows: of the batch; at least one is drawn.
        max_turns: of a row.
        dtype: numpy.float32 or numpy.float64; either when left out.
        offsets: to choose the offset from.
        even_lengths: all rows equally long, at least one turn, as many rows in each group, at least two.
        missing: whether turns may be invalid, rows incomplete and spans longer than 1.
    """
    group = np.array(draw(_groups(max_rows, even=even_lengths)), np.intp)
    rows, turns = len(group), draw(st.sampled_from(range(1 if even_lengths else 0, max_turns + 1)))
    order: Literal["C", "F"] = draw(st.sampled_from(("C", "F")))
    eighths = draw(_bytes(rows, turns)).astype(np.int8)
    rewards = np.array(eighths / 8 + draw(st.sampled_from(offsets)), order=order)
    ends = np.full(rows, turns) if even_lengths else turns - draw(_bytes(rows, 1))[:, 0] % (turns + 1)
    valid, span, complete = np.ones((rows, turns), np.bool_), np.ones((rows, turns), np.int64), np.ones(rows, np.bool_)
    if missing and draw(st.sampled_from((False, True, True))):
        valid = draw(_bytes(rows, turns)) < MOSTLY
        span = 1 + draw(_bytes(rows, turns)) % 4
        complete = draw(_bytes(rows, 1))[:, 0] < MOSTLY
    precision = np.dtype(dtype or draw(st.sampled_from((np.float64, np.float32))))
    mask = np.arange(turns) < ends[:, None]
    return TurnBatch.from_arrays(rewards.astype(precision), mask, group, valid, span, complete)


@st.composite
def _bytes(draw: st.DrawFn, rows: int, turns: int) -> NDArray[np.int64]:
    """(rows, turns) whole numbers of 0 to 255, at the price of two draws.

    Drawn bytes alone are 0 too often; noise from a drawn seed is added, and seed 0, to which it shrinks, adds none.
    """
    raw = draw(st.binary(min_size=rows * turns, max_size=rows * turns))
    seed = draw(st.integers(0, 1 << 16))
    noise = np.random.default_rng(seed).integers(0, 256, rows * turns) if seed else 0
    drawn: NDArray[np.int64] = (np.frombuffer(raw, np.uint8).astype(np.int64) + noise) % 256
    return drawn.reshape(rows, turns)


def _groups(max_rows: int, *, even: bool) -> st.SearchStrategy[list[int]]:
    """Group labels of the rows, in any order."""
    if even:
        counts = st.sampled_from(range(1, max(1, max_rows // 2) + 1))
        sizes = counts.flatmap(lambda count: st.tuples(st.just(count), st.integers(2, max(2, max_rows // count))))
        return sizes.flatmap(lambda drawn: st.permutations(list(range(drawn[0])) * drawn[1]))
    labels = st.integers(0, max(1, max_rows // 3))
    return st.sampled_from(range(1, max_rows + 1)).flatmap(lambda rows: st.lists(labels, min_size=rows, max_size=rows))
