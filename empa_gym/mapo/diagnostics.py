"""How much of a batch teaches something, and what an estimator leans towards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.mapo.advantages import Advantages, mixed_advantages
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.options import (
    EPS,
    TIE,
    Baseline,
    BatchScope,
    LoneSurvivor,
    Options,
    Precision,
    Std,
    TurnScope,
)
from empa_gym.mapo.returns import votes
from empa_gym.mapo.samples import correlation, group_count, sample, totals_of


class Continuation(NamedTuple):
    """Correlation of a turn's advantage with whether one more turn happened.

    Attributes:
        mean: over the groups in which both vary; None when there is no such group.
        error: standard error of that mean, from the spread over groups (n - 1); None with fewer than two groups.
        by_group: (G,) the correlation in each group; nan where one of them does not vary.
    """

    mean: float | None
    error: float | None
    by_group: NDArray[np.float64]


@dataclass(frozen=True)
class Diagnostics:
    """What :func:`diagnose` found. Shares lie within [0, 1]; None where there is nothing to take a share of.

    A (group, turn) is *compared* when it enters the loss and at least two siblings vote there.

    Attributes:
        rows: dialogues.
        groups: of siblings.
        idle_rows: rows that take no part: incomplete, empty, or without a known reward.
        lone_rows: rows that take part in a group in which no other row does; their turn part is 0.
        turns: that happened.
        known_turns: whose return is known, so that they may train.
        loss_turns: that enter the loss.
        dropped_turns: share of the known turns that the scope leaves out of the loss.
        dropped_credit: share of the sum of |advantage| that stood on them; their advantage is the one of scope
            "alive" with lone survivors kept, which leaves the other turns as they are.
        tied_turns: share of the compared (group, turn)s whose returns are equal: turn part 0.
        tied_groups: share of the groups with a compared turn in which every one of these is tied.
        equal_totals: share of the groups of two or more rows whose total rewards are equal: GRPO learns nothing there.
        correlation: rho of the turn part with the batch part, over the turns of the loss.
        variance: of the mixed advantage, over the turns of the loss.
        best_weights: (turn, batch) of least variance among weights of 0 or more that sum to 1.
        least_variance: with these weights.
        effective_turns: see :func:`effective_turns`.
        continuation: see :func:`continuation`.
    """

    rows: int
    groups: int
    idle_rows: int
    lone_rows: int
    turns: int
    known_turns: int
    loss_turns: int
    dropped_turns: float | None
    dropped_credit: float | None
    tied_turns: float | None
    tied_groups: float | None
    equal_totals: float | None
    correlation: float | None
    variance: float | None
    best_weights: tuple[float, float] | None
    least_variance: float | None
    effective_turns: float
    continuation: Continuation

    def __str__(self) -> str:
        """The figures as a table."""
        weights, longer = self.best_weights or (None, None), self.continuation
        lines = [
            ("rows", f"{self.rows} in {self.groups} groups"),
            ("rows that take no part", f"{self.idle_rows}"),
            ("rows without siblings", f"{self.lone_rows}"),
            ("turns", f"{self.turns}, {self.known_turns} with a known return, {self.loss_turns} in the loss"),
            ("turns dropped by scope", _share(self.dropped_turns)),
            ("credit dropped by scope", _share(self.dropped_credit)),
            ("tied (group, turn)s", _share(self.tied_turns)),
            ("tied groups", _share(self.tied_groups)),
            ("groups of equal totals", _share(self.equal_totals)),
            ("correlation of the parts", _number(self.correlation)),
            ("variance of the mix", _number(self.variance)),
            ("best weights, turn and batch", f"{_number(weights[0])}, {_number(weights[1])}"),
            ("variance with best weights", _number(self.least_variance)),
            ("effective turns", f"{self.effective_turns:.1f}"),
            ("correlation with one more turn", f"{_number(longer.mean)}, standard error {_number(longer.error)}"),
        ]
        return "\n".join(f"{name:<32}{figure}" for name, figure in lines)


def diagnose(
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
) -> Diagnostics:
    """What mixed advantages with these options make of a batch; ``print`` shows a table.

    Options as in :func:`empa_gym.mapo.mixed_advantages`.

    >>> batch = TurnBatch.from_ragged([[1.0, 3.0], [1.0, 1.0, 5.0]], ["a", "a"])
    >>> found = diagnose(batch, gamma=0.0)
    >>> found.tied_turns, found.dropped_turns
    (0.5, 0.2)
    """
    options = Options(
        gamma, turn_weight, batch_weight, turn_scope, baseline, std, eps, batch_scope, lone_survivor, moments
    )
    mixed = mixed_advantages(batch, **options._asdict())
    part = np.bincount(batch.group[batch.known > 0], minlength=group_count(batch))
    voting, loss_turns = int(batch.known.sum()), int(np.count_nonzero(mixed.mask))
    taking_part = int(part.sum())
    totals = totals_of(batch).sample
    tied_turns, tied_groups = _ties(batch, mixed, options)
    return Diagnostics(
        rows=len(batch),
        groups=len(part),
        idle_rows=len(batch) - taking_part,
        lone_rows=int(np.count_nonzero(part == 1)),
        turns=int(batch.lengths.sum()),
        known_turns=voting,
        loss_turns=loss_turns,
        dropped_turns=_ratio(voting - loss_turns, voting),
        dropped_credit=_dropped_credit(batch, mixed, options),
        tied_turns=tied_turns,
        tied_groups=tied_groups,
        equal_totals=_mean(totals.deviation[totals.counts > 1] == 0),
        **_parts(batch, mixed)._asdict(),
        effective_turns=effective_turns(mixed),
        continuation=continuation(batch, mixed),
    )


def effective_turns(advantages: Advantages) -> float:
    """Kish's effective sample size of a loss whose turns weigh |advantage|: from 0 or 1 to the turns in the loss.

        (sum |A|)^2 / sum A^2      (Kish 1965, Survey Sampling)

    As many turns of equal weight would estimate as exactly. Works for every estimator of the package.

    >>> batch = TurnBatch.from_ragged([[1.0, 0.0], [0.0, 0.0]], ["a", "a"])
    >>> effective_turns(mixed_advantages(batch, gamma=0.0, turn_weight=1.0, batch_weight=0.0))
    2.0
    """
    size = np.abs(advantages.values[advantages.mask].astype(np.float64))
    squares = float(size @ size)
    return float(size.sum()) ** 2 / squares if squares else 0.0


def continuation(batch: TurnBatch, advantages: Advantages) -> Continuation:
    """How a turn's advantage goes with one more turn: whether an estimator pays for going on, or for ending.

    In each group, over its turns in the loss, the Pearson correlation of A_{i,t} with 1 where turn t + 1 happened and
    0 where t was the last one. Far from 0 by its standard error, the estimator moves the length of dialogues, for good
    reasons (long ones earn more) or by its construction: compare estimators on one batch. A dialogue that stopped at
    its turn limit counts as ended. Works for every estimator of the package.

    >>> batch = TurnBatch.from_ragged([[1.0], [3.0, 0.0]], ["a", "a"])
    >>> continuation(batch, mixed_advantages(batch)).by_group.round(6)
    array([1.])
    """
    row, turn = np.nonzero(advantages.mask)
    more = (turn + 1 < batch.lengths[row]).astype(np.float64)
    tie = TIE[batch.rewards.dtype]
    by_group = correlation(advantages.values[row, turn], more, batch.group[row], group_count(batch), tie)
    found = by_group[np.isfinite(by_group)]
    mean = float(found.mean()) if len(found) else None
    error = float(found.std(ddof=1)) / len(found) ** 0.5 if len(found) > 1 else None
    return Continuation(mean, error, by_group)


class _Parts(NamedTuple):
    correlation: float | None
    variance: float | None
    best_weights: tuple[float, float] | None
    least_variance: float | None


def _parts(batch: TurnBatch, mixed: Advantages) -> _Parts:
    """Var(w1 X + w2 Y) = w1^2 V1 + w2^2 V2 + 2 w1 w2 C; for w1 + w2 = 1 least at w1 = (V2 - C) / (V1 + V2 - 2 C)."""
    if mixed.turn is None or mixed.batch is None or not mixed.mask.any():
        return _Parts(None, None, None, None)
    one, two, mix = (x[mixed.mask].astype(np.float64) for x in (mixed.turn, mixed.batch, mixed.values))
    bins, tie = np.zeros(len(one), np.intp), TIE[batch.rewards.dtype]
    rho = float(correlation(one, two, bins, 1, tie)[0])
    first, second = sample(one, bins, 1, tie=tie), sample(two, bins, 1, tie=tie)
    v1, v2 = float(first.deviation[0]) ** 2, float(second.deviation[0]) ** 2
    both = float(first.centred @ second.centred) / len(one)
    apart = v1 + v2 - 2 * both
    related = None if np.isnan(rho) else rho
    if apart <= tie * (v1 + v2):
        return _Parts(related, float(mix.var()), None, None)
    w1 = min(max((v2 - both) / apart, 0.0), 1.0)
    least = w1 * w1 * v1 + (1 - w1) ** 2 * v2 + 2 * w1 * (1 - w1) * both
    return _Parts(related, float(mix.var()), (w1, 1 - w1), least)


def _ties(batch: TurnBatch, mixed: Advantages, options: Options) -> tuple[float | None, float | None]:
    """Share of tied (group, turn)s and of groups with nothing but ties, among those compared."""
    shape = group_count(batch), batch.rewards.shape[1]
    bins = batch.group[:, None] * shape[1] + np.arange(shape[1])
    voting = votes(batch)
    if options.turn_scope == "absorbing":
        voting = voting | (batch.known > 0)[:, None] & (np.arange(shape[1]) >= batch.lengths[:, None])
    voters = np.bincount(bins[voting], minlength=shape[0] * shape[1]).reshape(shape)
    trained, credited = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    trained.ravel()[bins[mixed.mask]] = True
    if mixed.turn is not None:
        credited.ravel()[bins[mixed.mask & (mixed.turn != 0)]] = True
    compared = trained & (voters > 1)
    tied = compared & ~credited
    some = compared.any(1)
    return _mean(tied[compared]), _mean((tied == compared).all(1)[some])


def _dropped_credit(batch: TurnBatch, mixed: Advantages, options: Options) -> float | None:
    scope: TurnScope = "alive" if options.turn_scope == "shortest" else options.turn_scope
    every = options._replace(turn_scope=scope, lone_survivor="keep")
    size = np.abs(mixed_advantages(batch, **every._asdict()).values.astype(np.float64))
    return _ratio(float(size[~mixed.mask].sum()), float(size.sum()))


def _ratio(some: float, of: float) -> float | None:
    return some / of if of else None


def _mean(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if flags.size else None


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _number(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"
