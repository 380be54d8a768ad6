"""The numpy estimators, compiled: the same names, the same arguments, the same results within rounding.

    from empa_gym.mapo import TurnBatch, numba as mapo

    batch = TurnBatch.from_arrays(rewards, happened, groups)
    credit = mapo.mixed_advantages(batch)

Install it with ``pip install 'empa-gym[numba]'``. numpy stays the default and the reference
(:mod:`empa_gym.mapo.advantages`). This path is for many small batches, for rows in any order and for all parts; where
siblings are neighbours, batches are large and only values are wanted, numpy is as fast: measure with
benchmarks/mapo_speed.py. The first call compiles, 10 to 20 seconds for each dtype, and keeps what it compiled on disk.
It computes in float64 throughout; ``moments`` only says how coarse a tie is. One thread; it lets go of the interpreter
while it works.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo.advantages import Advantages
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.moments import tie_of
from empa_gym.mapo.numba_kernels import Rules, by_group, credit, inverse, pooled
from empa_gym.mapo.options import (
    EPS,
    Baseline,
    BatchScope,
    LoneSurvivor,
    Options,
    Precision,
    Std,
    TurnScope,
    checked,
)
from empa_gym.mapo.scan import Whole

__all__ = ["batch_advantages", "mixed_advantages", "turn_advantages"]


def mixed_advantages(
    batch: TurnBatch,
    *,
    gamma: float = 0.99,
    turn_weight: float = 0.5,
    batch_weight: float = 0.5,
    turn_scope: TurnScope = "shortest",
    baseline: Baseline = "mean",
    std: Std = "population",
    eps: float = EPS,
    batch_scope: BatchScope = "batch",
    lone_survivor: LoneSurvivor = "drop",
    moments: Precision = "float64",
    parts: bool = True,
) -> Advantages:
    """The mixed advantage of MAPO (section 4.3); all as :func:`empa_gym.mapo.mixed_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0]], ["a", "a"])
    >>> mixed_advantages(batch, gamma=1.0).values.round(3)
    array([[ 0.211,  1.366],
           [-0.789, -0.789]])
    """
    options = Options(
        gamma, turn_weight, batch_weight, turn_scope, baseline, std, eps, batch_scope, lone_survivor, moments
    )
    return _estimate(batch, checked(options), parts)


def turn_advantages(
    batch: TurnBatch,
    *,
    gamma: float = 0.99,
    turn_scope: TurnScope = "shortest",
    baseline: Baseline = "mean",
    std: Std = "population",
    eps: float = EPS,
    lone_survivor: LoneSurvivor = "drop",
    moments: Precision = "float64",
) -> Advantages:
    """A^turn alone (MAPO, section 4.1); all as :func:`empa_gym.mapo.turn_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0, 5.0]], ["a", "a"])
    >>> turn_advantages(batch, gamma=0.0).values.round(3)
    array([[ 0.,  1.,  0.],
           [ 0., -1.,  0.]])
    """
    options = Options(gamma, 1.0, 0.0, turn_scope, baseline, std, eps, "batch", lone_survivor, moments)
    found = _estimate(batch, checked(options), parts=True)
    return found._replace(batch=np.zeros_like(found.values))


def batch_advantages(
    batch: TurnBatch,
    *,
    std: Std = "population",
    eps: float = EPS,
    batch_scope: BatchScope = "batch",
    moments: Precision = "float64",
) -> Advantages:
    """A^batch alone (MAPO, section 4.2); all as :func:`empa_gym.mapo.batch_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 3.0]], ["a", "b"])
    >>> batch_advantages(batch).values.round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    options = Options(0.0, 0.0, 1.0, "absorbing", "mean", std, eps, batch_scope, "keep", moments)
    found = _estimate(batch, checked(options), parts=True)
    return found._replace(turn=np.zeros_like(found.values))


def _estimate(batch: TurnBatch, options: Options, parts: bool) -> Advantages:
    """The batch as plain arrays for the loops, and their results."""
    rules, shape, dtype = _rules(batch, options, parts), batch.rewards.shape, batch.rewards.dtype
    turned = not batch.rewards.flags.c_contiguous
    immediate = (0.0, 0.0, batch.largest) if rules.by_group else _immediate(batch, rules, turned)
    order, starts = by_group(batch.group)
    fields = [np.empty(shape if index == 0 or parts else (shape[0], 0), dtype) for index in range(4)]
    mask, unused = np.empty(shape, np.bool_), _readonly(np.empty((0, 0), np.bool_))
    for first, last in _tiles(starts) if turned else [(0, len(starts) - 1)]:
        rows = slice(int(starts[first]), int(starts[last]))
        paid = _readonly(batch.paid[rows])
        credit(
            order[: rows.stop - rows.start],  # where rows are cut, siblings are neighbours
            starts[first : last + 1] - rows.start,
            (
                paid,
                paid if batch.even_span else _readonly(batch.per_turn[rows]),
                unused if rules.all_valid else _readonly(batch.valid[rows]),
                _readonly(batch.counted[rows]) if rules.by_group else unused,
            ),
            (batch.lengths[rows], _readonly(batch.known[rows]), batch.complete[rows]),
            immediate,
            rules,
            (fields[0][rows], mask[rows], *(field[rows] for field in fields[1:])),
        )
    values, turn, part, returns = fields if parts else (fields[0], None, None, None)
    return Advantages(values, mask, returns, turn, part)


TILE = 2048
"""Rows that are copied row by row at a time where the arrays of a batch lie time-major."""


def _tiles(starts: Whole) -> Iterator[tuple[int, int]]:
    """Numbers of groups, from the first up to the last, that have about TILE rows together."""
    first = 0
    while first < len(starts) - 1:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + TILE, "right")) - 1)
        yield first, last
        first = last


def _immediate(batch: TurnBatch, rules: Rules, turned: bool) -> tuple[float, float, float]:
    """Mean and scale of the immediate rewards of the batch, and the largest |r|."""
    values, counted = (array.T if turned else array for array in (batch.per_turn, batch.counted))
    mean, spread = pooled(_readonly(values), _readonly(counted), rules)
    return mean, inverse(spread, rules), batch.largest


def _rules(batch: TurnBatch, options: Options, parts: bool) -> Rules:
    return Rules(
        float(options.gamma),
        float(options.turn_weight),
        float(options.batch_weight),
        float(options.eps),
        tie_of(batch, options.dtype),
        ("shortest", "alive", "absorbing").index(options.turn_scope),
        ("population", "sample", "none").index(options.std),
        options.baseline == "leave_one_out",
        options.lone_survivor == "keep",
        options.batch_scope == "group",
        batch.valid is batch.mask,
        parts,
    )


def _readonly(values: NDArray[Any]) -> NDArray[Any]:
    """The values row by row in memory, not to be written to: one type for the compiler."""
    view = np.ascontiguousarray(values).view()
    view.flags.writeable = False
    return view
