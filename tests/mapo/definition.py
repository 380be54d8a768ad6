"""What the reward maths is, in loops and O(T^2), written from the papers' formulas; nothing here is the package's code.

G_{i,t} = sum_k gamma^(k-t) r_{i,k}; a turn votes while a valid turn of its complete row is still to come.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from empa_gym.mapo import TurnBatch

TIE = {"float64": 1e-11, "float32": 1e-5}
CLOSE = {"float64": 1e-10, "float32": 2e-5}
"""Allowed difference as a share of 1 + max|G| / std."""
NEAR = 10.0
"""A std within this factor of the tie tolerance may be called a tie or not."""


class By(NamedTuple):
    """How numbers are compared: what spread divides them, what is added to it, and which share of them is a tie."""

    std: str
    eps: float
    tie: float


@dataclass
class Row:
    """One dialogue as plain numbers."""

    rewards: list[float]
    valid: list[bool]
    span: list[int]
    group: int
    complete: bool

    @property
    def length(self) -> int:
        return len(self.rewards)

    @property
    def known(self) -> int:
        """Turns that vote: up to the last valid one."""
        return max((t + 1 for t, valid in enumerate(self.valid) if valid and self.complete), default=0)

    def worth(self, t: int, gamma: float) -> float:
        """G_t."""
        paid = [(k, r) for k, (r, valid) in enumerate(zip(self.rewards, self.valid, strict=True)) if valid and k >= t]
        return math.fsum(gamma ** (k - t) * r for k, r in paid)


@dataclass
class Defined:
    """What the definition says, (B, T), and how far from it rounding may lead.

    Attributes:
        turn_scale: (B, T) largest |G| / std, inf where a tie cannot be told; batch_scale the same of the batch part.
        tied: (group's first row, turn) of the groups and turns whose returns are equal.
        voters: rows that vote at (group, turn).
    """

    mask: Any
    returns: Any
    turn: Any
    batch: Any
    turn_scale: Any
    batch_scale: Any
    values: Any = None
    tied: set[tuple[int, int]] = field(default_factory=set)
    voters: dict[tuple[int, int], list[int]] = field(default_factory=dict)


def rows_of(batch: TurnBatch) -> list[Row]:
    """The rows of a batch, without what lies behind their ends."""
    lengths = batch.mask.sum(1).tolist()
    return [
        Row(
            [float(x) for x in batch.rewards[i, :n]],
            [bool(x) for x in batch.valid[i, :n]],
            [int(x) for x in batch.span[i, :n]],
            int(batch.group[i]),
            bool(batch.complete[i]),
        )
        for i, n in enumerate(lengths)
    ]


def moments(values: list[float], by: By, largest: float) -> tuple[float, float, float]:
    """Mean, what a distance from it is divided by (0: all equal), and largest / std (inf: too near a tie to tell)."""
    mean = math.fsum(values) / len(values)
    squares = math.fsum((x - mean) ** 2 for x in values)
    spread = math.sqrt(squares / max(1, len(values) - (by.std == "sample")))
    edge = by.tie * largest
    if spread <= edge:
        return mean, 0.0, 0.0 if spread <= edge / NEAR else math.inf
    ratio = largest / (1.0 if by.std == "none" else spread)
    return mean, 1.0 if by.std == "none" else spread, ratio if spread > edge * NEAR else math.inf


def defined(
    batch: TurnBatch,
    *,
    gamma: float = 0.99,
    turn_weight: float = 0.5,
    batch_weight: float = 0.5,
    turn_scope: str = "shortest",
    baseline: str = "mean",
    std: str = "population",
    eps: float = 1e-8,
    batch_scope: str = "batch",
    lone_survivor: str = "drop",
    moments_in: str = "float64",
) -> Defined:
    """The mixed advantage of every turn."""
    rows, shape = rows_of(batch), batch.rewards.shape
    result = Defined(np.zeros(shape, bool), *(np.zeros(shape) for _ in range(5)))
    by = By(std, 0.0 if std == "none" else eps, TIE[coarser(moments_in, batch.rewards.dtype)])
    siblings = defaultdict(list)
    for i, row in enumerate(rows):
        siblings[row.group].append(i)
        for t in range(row.known):
            result.returns[i, t] = row.worth(t, gamma)
    for members in siblings.values():
        for t in range(shape[1]):
            voters, trained = who(rows, members, t, turn_scope, lone_survivor)
            result.voters[rows[members[0]].group, t] = voters
            if trained:
                turn_part(result, members, voters, trained, t, baseline, by)
    pools = defaultdict(list)
    for i, row in enumerate(rows):
        for t in range(row.known):
            if row.valid[t]:
                pools[row.group if batch_scope == "group" else 0].append((i, t, row.rewards[t] / row.span[t]))
    for pool in pools.values():
        batch_part(result, pool, by)
    result.values = turn_weight * result.turn + batch_weight * result.batch
    return result


def who(rows: list[Row], members: list[int], t: int, scope: str, lone_survivor: str) -> tuple[list[int], list[int]]:
    """Of one group at one turn: who votes, and whose turn enters the loss."""
    taking_part = [i for i in members if rows[i].known]
    shortest = min((rows[i].length for i in members if rows[i].complete and rows[i].length), default=0)
    voters = [i for i in taking_part if t < rows[i].known]
    trained = [i for i in voters if scope != "shortest" or t < shortest]
    if scope == "absorbing":
        voters = [i for i in taking_part if t < rows[i].known or t >= rows[i].length]
    alone = len(voters) == 1 < len(taking_part)
    return voters, [] if alone and lone_survivor == "drop" else trained


def turn_part(
    result: Defined, members: list[int], voters: list[int], trained: list[int], t: int, baseline: str, by: By
) -> None:
    """Siblings tie when their std is at most TIE times the largest |G| of their group at this turn or later."""
    worths = result.returns
    mean, divisor, scale = moments(worths[voters, t].tolist(), by, np.abs(worths[members, t:]).max())
    if not divisor:
        result.tied.add((members[0], t))
    for i in trained:
        result.mask[i, t] = True
        others = [worths[j, t] for j in voters if j != i]
        level = math.fsum(others) / len(others) if baseline == "leave_one_out" and others else mean
        result.turn[i, t] = (worths[i, t] - level) / (divisor + by.eps) if divisor else 0.0
        result.turn_scale[i, t] = scale * (2 if baseline == "leave_one_out" else 1)


def batch_part(result: Defined, pool: list[tuple[int, int, float]], by: By) -> None:
    """Of the immediate rewards (row, turn, reward by turn) that are compared with each other."""
    values = [x for _, _, x in pool]
    mean, divisor, scale = moments(values, by, max(map(abs, values)))
    for i, t, x in pool:
        result.batch_scale[i, t] = scale
        if divisor and result.mask[i, t]:
            result.batch[i, t] = (x - mean) / (divisor + by.eps)


def allowed(scale: Any, dtype: str) -> Any:
    """How far a number may be from its definition."""
    return CLOSE[dtype] * (1 + scale)


def coarser(*dtypes: Any) -> str:
    """The name of the least exact of some dtypes."""
    return max((str(dtype) for dtype in dtypes), key=TIE.__getitem__)
