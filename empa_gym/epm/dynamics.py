"""The physics: how a position in the space of deficits is measured. Pure functions over arrays (..., axes).

Source: EMPA (arXiv 2603.00552), the empathy potential model. Negative is deficit, the origin is balance.
Energy is derived from the position, never added up: delta_E_t = v_t . v* and P_t = P_0 + sum of v, so

    E_t = (P_t - P_0) . v* = P_t . v* + ||P_0||
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from operator import add, mul
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

ZONE = 1.0
"""eps of the target zone: in zone when no axis lacks more than this (rubric points)."""
TOLERANCE = 1e-9
"""Ties are real: comparisons allow this share of ||P_0||."""


def recovery_direction(deficit: ArrayLike) -> Array:
    """v*, the unit vector from a deficit to balance.

        v* = -P_0 / ||P_0||

    Args:
        deficit: P_0 in rubric points, shape ``(..., axes)``, non-zero.

    Raises:
        ValueError: a deficit is zero, so that no direction leads out of it.
    """
    array = np.asarray(deficit, dtype=np.float64)
    norm = origin_distance(array)
    if not np.all(norm > 0):
        raise ValueError(f"expected a deficit other than zero, got {array.tolist()}: there is nothing to recover from")
    return -array / np.expand_dims(norm, -1)


def origin_distance(position: ArrayLike) -> Array:
    """||P_t||_2, the distance to balance, shape ``(...)`` in rubric points."""
    array = np.asarray(position, dtype=np.float64)
    distance: Array = np.sqrt((array * array).sum(-1))
    return distance


def zone_distance(position: ArrayLike, zone: float = ZONE) -> Array:
    """d_t = || max(-eps - P_t, 0) ||_2, the distance to the target zone; no penalty for crossing balance.

    Args:
        position: P_t in rubric points, shape ``(..., axes)``.
        zone: eps, the deficit per axis that still counts as arrived.

    Returns:
        Rubric points, shape ``(...)``.
    """
    return origin_distance(np.maximum(-zone - np.asarray(position, dtype=np.float64), 0.0))


def in_zone(position: ArrayLike, zone: float = ZONE) -> NDArray[np.bool_]:
    """Whether every axis is at least -eps, shape ``(...)``."""
    inside: NDArray[np.bool_] = np.all(np.asarray(position, dtype=np.float64) >= -zone, axis=-1)
    return inside


def projection(position: ArrayLike, deficit: ArrayLike) -> Array:
    """P_t . v*, the position along the way to balance; starts at -||P_0||. Shape ``(...)``."""
    projected: Array = (np.asarray(position, dtype=np.float64) * recovery_direction(deficit)).sum(-1)
    return projected


def energy(position: ArrayLike, deficit: ArrayLike) -> Array:
    """Effective empathic work done since the dialogue began.

        E_t = P_t . v* + ||P_0||,   v* = -P_0 / ||P_0||

    Args:
        position: P_t, the deficit that remains, shape ``(..., axes)``, in rubric points.
        deficit: P_0, the deficit at the start, shape ``(..., axes)``, non-zero.

    Returns:
        E_t in rubric points, shape ``(...)``.

    >>> float(energy([0.0, 0.0, 0.0], [-3.0, 0.0, -4.0]))
    5.0
    """
    return projection(position, deficit) + origin_distance(deficit)


def energy_gain(shift: ArrayLike, direction: ArrayLike) -> Array:
    """delta_E_t = v_t . v*, the work of one shift along a unit direction, shape ``(...)``."""
    gain: Array = (np.asarray(shift, dtype=np.float64) * np.asarray(direction, dtype=np.float64)).sum(-1)
    return gain


def alignment(shift: ArrayLike, direction: ArrayLike) -> Array:
    """v_t . v* / ||v_t||, the cosine between a shift and a unit direction; 0 for a shift of zero."""
    length = origin_distance(shift)
    return np.where(length > 0, energy_gain(shift, direction) / np.where(length > 0, length, 1.0), 0.0)


class Point(NamedTuple):
    """One judged point of a trajectory; turn 0 is the start, with a shift of zero.

    Attributes:
        turn: t, the turn that was judged.
        position: P_t in rubric points.
        shift: v_t, what this judgement moved.
        energy: E_t.
        energy_gain: delta_E_t.
        alignment: cosine of v_t and the direction of recovery.
        projection: P_t . v* with the initial direction.
        distance: ||P_t||.
    """

    turn: int
    position: tuple[float, ...]
    shift: tuple[float, ...]
    energy: float
    energy_gain: float
    alignment: float
    projection: float
    distance: float


class Frame(NamedTuple):
    """What a deficit fixes once for a whole dialogue: ||P_0|| and v*, for one position at a time."""

    deficit: tuple[float, ...]
    norm: float
    direction: Array

    def start(self) -> Point:
        """The point of turn 0."""
        zero = (0.0,) * len(self.deficit)
        return Point(0, self.deficit, zero, 0.0, 0.0, 0.0, -self.norm, self.norm)

    def move(self, before: Point, shift: Array, turn: int, *, current_direction: bool = False) -> Point:
        """The point that a shift leads to: P_t = P_{t-1} + v_t, and its measures.

        Args:
            before: the last judged point.
            shift: v_t, shape ``(axes,)``.
            turn: t.
            current_direction: measure alignment and delta_E against the deficit that is left
                (MAPO, appendix B.2) instead of the initial one; 0 at balance.
        """
        # Plain floats: for one position of a few axes faster than arrays, and rounded the same everywhere.
        step = tuple(shift.tolist())
        position = tuple(map(add, before.position, step))
        toward = current_recovery_direction(before.position) if current_direction else self.direction
        gain, length = dot(step, toward.tolist()), math.hypot(*step)
        projected = dot(position, self.direction.tolist())
        return Point(
            turn,
            position,
            step,
            projected + self.norm,
            gain,
            gain / length if length else 0.0,
            projected,
            math.hypot(*position),
        )


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """The inner product of two vectors of equal length, rounded once."""
    return math.fsum(map(mul, one, other))


@functools.lru_cache(maxsize=4096)
def frame(deficit: tuple[float, ...]) -> Frame:
    """The frame of a deficit.

    Raises:
        ValueError: the deficit is zero.
    """
    direction = recovery_direction(deficit)
    direction.setflags(write=False)
    return Frame(deficit, float(origin_distance(deficit)), direction)


def current_recovery_direction(position: tuple[float, ...]) -> Array:
    """-P / ||P||, the direction from where one stands; zero at balance (MAPO, appendix B.2)."""
    return recovery_direction(position) if any(position) else np.zeros(len(position))
