"""The nine indices of EPM-Q, for many dialogues at once.

Source: EMPA (arXiv 2603.00552) and its public benchmark's evaluation. In every formula M is the number of
points *with* turn 0, T the number of turns, d the zone distance, r_0 = d_0 (1 where d_0 is 0).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.epm import alignment, energy, energy_gain, origin_distance, recovery_direction, zone_distance
from empa_gym.epm.dynamics import TOLERANCE
from empa_gym.scoring.trajectory import Array, Batch

ENERGY_SCALE = 1.2
"""So many initial distances of energy make Etot 100."""
LEVEL_SCALE = 1.5
"""So many levels per point of initial distance make Snet 100."""
PACE_SCALE = 2.5
"""So many rubric points a turn make rho and Sproj 100."""
WORST_DETOUR = 3.0
"""A path this many times as long as its displacement makes tau 0."""
WORST_PENALTY = 3.0
"""So much regression a point makes Pen 0."""
STANDSTILL = 1e-6
"""A distance up to this counts as none."""


class Indices(NamedTuple):
    """One number per dialogue and index, each of shape ``(B,)``, in percent; see :func:`indices`."""

    RDI: Array
    Etot: Array
    Snet: Array
    rho: Array
    Sproj: Array
    tau: Array
    Rpos: Array
    Align: Array
    Pen: Array


class Steps(NamedTuple):
    """What a batch comes to turn by turn; the padding is zero.

    Attributes:
        start: P_0, shape ``(B, axes)``.
        end: P_T, shape ``(B, axes)``.
        shifts: v_t, shape ``(B, M - 1, axes)``.
        levels: shape ``(B, M - 1, axes, 2)``.
        points: M, shape ``(B,)``.
        turns: T, shape ``(B,)``.
    """

    start: Array
    end: Array
    shifts: Array
    levels: Array
    points: NDArray[np.int64]
    turns: NDArray[np.int64]


def indices(batch: Batch) -> Indices:
    """The nine indices of each dialogue.

    | index | says | formula |
    |---|---|---|
    | RDI | how much of the distance is gone | clip((100 (d_0 - d_T) / d_0 + 100) / 2, 0, 100); 50 where d_0 = 0 |
    | Etot | energy reached | 100 max(0, E_T) / (1.2 r_0) |
    | Snet | sum S of all levels (not points) | 100 max(0, S) / (1.5 r_0) |
    | rho | energy a turn | 100 max(0, E_T / T) / 2.5; 0 where T = 0 |
    | Sproj | mean delta_E over the M points | 100 max(0, mean) / 2.5 |
    | tau | straightness; q = path / displacement, 1 at standstill | max(0, 100 (3 - max(1, q)) / 2) |
    | Rpos | share of points with delta_E > 0 | 100 (points) / M |
    | Align | mean alignment over the M points | 100 (mean + 1) / 2 |
    | Pen | sum of regression a point | max(0, 100 (3 - sum of abs(Neg) / M) / 3) |

    Raises:
        ValueError: shapes do not fit, a mask is no run from turn 0 on, or a deficit is zero.
    """
    steps = _steps(batch)
    return Indices(*_outcome(steps), *_efficiency(steps), *_stability(steps))


def _steps(batch: Batch) -> Steps:
    rows, longest, axes = batch.positions.shape
    expected = ((rows, longest - 1, axes, 2), (rows, longest), (rows,))
    found = (batch.levels.shape, batch.mask.shape, batch.turns.shape)
    if expected != found:
        raise ValueError(f"expected levels, mask and turns of shapes {expected}, got {found}")
    points = batch.mask.sum(1)
    if not np.array_equal(batch.mask, np.arange(longest) < points[:, None]) or not np.all(points):
        raise ValueError("expected each mask to be True from turn 0 on and then False, got another order")
    real = batch.mask[:, 1:, None]
    return Steps(
        start=batch.positions[:, 0],
        end=batch.positions[np.arange(rows), points - 1],
        shifts=np.where(real, np.diff(batch.positions, axis=1), 0.0),
        levels=np.where(real[..., None], batch.levels, 0.0),
        points=points,
        turns=batch.turns,
    )


def _outcome(steps: Steps) -> tuple[Array, Array, Array]:
    first, last = zone_distance(steps.start), zone_distance(steps.end)
    scale = np.where(first > STANDSTILL, first, 1.0)
    gone = np.where(first > 0, (first - last) / np.where(first > 0, first, 1.0), 0.0)
    rdi = np.clip((100 * gone + 100) / 2, 0.0, 100.0)
    etot = 100 * np.maximum(0.0, energy(steps.end, steps.start)) / (ENERGY_SCALE * scale)
    snet = 100 * np.maximum(0.0, steps.levels.sum((1, 2, 3))) / (LEVEL_SCALE * scale)
    return rdi, etot, snet


def _efficiency(steps: Steps) -> tuple[Array, Array, Array]:
    worked = np.maximum(0.0, energy(steps.end, steps.start))
    rho = np.where(steps.turns > 0, 100 * worked / np.maximum(steps.turns, 1) / PACE_SCALE, 0.0)
    gained = energy_gain(steps.shifts, recovery_direction(steps.start)[:, None]).sum(1)
    sproj = 100 * np.maximum(0.0, gained / steps.points) / PACE_SCALE
    path = origin_distance(steps.shifts).sum(1)
    displacement = origin_distance(steps.end - steps.start)
    # A path that comes back to its start counts as straight: the source's quirk, kept.
    moved = displacement > STANDSTILL
    detour = np.where(moved, path / np.where(moved, displacement, 1.0), 1.0)
    tau = np.maximum(0.0, (WORST_DETOUR - np.maximum(1.0, detour)) / (WORST_DETOUR - 1) * 100)
    return rho, sproj, tau


def _stability(steps: Steps) -> tuple[Array, Array, Array]:
    direction = recovery_direction(steps.start)[:, None]
    tie = TOLERANCE * origin_distance(steps.start)[:, None]
    rpos = 100 * (energy_gain(steps.shifts, direction) > tie).sum(1) / steps.points
    align = (alignment(steps.shifts, direction).sum(1) / steps.points + 1) / 2 * 100
    regression = np.abs(steps.levels[..., 1]).sum((1, 2)) / steps.points
    pen = np.maximum(0.0, (WORST_PENALTY - regression) / WORST_PENALTY * 100)
    return rpos, align, pen
