"""The loops behind :mod:`empa_gym.mapo.numba`: one group of siblings after the other, in float64, on one thread.

A group of N dialogues of T turns fits into the first cache, so each reward is read once and each result written once.
(B, T) arrays lie row by row; ``members`` are the rows of one group, and ``worth`` (N, T + 1) their returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba  # type: ignore[import-not-found,import-untyped,unused-ignore]
import numpy as np

_Function = TypeVar("_Function", bound=Callable[..., Any])

SHORTEST, ALIVE, ABSORBING = 0, 1, 2
POPULATION, SAMPLE, NONE = 0, 1, 2
_ANY_ORDER = {"reassoc", "nnan", "nsz"}


class Rules(NamedTuple):
    """The options as numbers, see :class:`empa_gym.mapo.options.Options`; ``all_valid``: every turn has its reward."""

    gamma: float
    turn_weight: float
    batch_weight: float
    eps: float
    tie: float
    turn_scope: int
    std: int
    leave_one_out: bool
    keep_lone: bool
    by_group: bool
    all_valid: bool
    parts: bool


def _compiled(function: _Function) -> _Function:
    """Compiled at its first call, for the dtypes that it is given, and kept on disk."""
    done: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})(function)
    return cast(_Function, done)


def _summing(function: _Function) -> _Function:
    """The same, free to add in any order, so that several numbers are added at a time."""
    done: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=_ANY_ORDER)(function)
    return cast(_Function, done)


@_compiled
def by_group(group: Any) -> tuple[Any, Any]:
    """Rows group by group, and where in them each group begins; the last entry is the number of rows."""
    groups = 0
    for row in range(len(group)):
        groups = max(groups, group[row] + 1)
    starts = np.zeros(groups + 1, np.intp)
    for row in range(len(group)):
        starts[group[row] + 1] += 1
    for number in range(groups):
        starts[number + 1] += starts[number]
    order, place = np.empty(len(group), np.intp), starts[:-1].copy()
    for row in range(len(group)):
        order[place[group[row]]] = row
        place[group[row]] += 1
    return order, starts


@_summing
def pooled(values: Any, counted: Any, rules: Rules) -> tuple[float, float]:
    """Mean and standard deviation of what is counted, 0 where nothing is; 0 deviation when it is rounding."""
    total, largest, count = 0.0, 0.0, 0
    for row in range(values.shape[0]):
        for turn in range(values.shape[1]):
            total += values[row, turn]
            largest = max(largest, abs(values[row, turn]))
            count += counted[row, turn]
    mean, squares = total / max(count, 1), 0.0
    for row in range(values.shape[0]):
        for turn in range(values.shape[1]):
            distance = (values[row, turn] - mean) * counted[row, turn]
            squares += distance * distance
    spread = np.sqrt(squares / max(count - (rules.std == SAMPLE), 1))
    return mean, spread if spread > rules.tie * largest else 0.0


@_compiled
def inverse(spread: float, rules: Rules) -> float:
    """1 / (std + eps), 1 without normalisation, 0 for a tie."""
    if spread == 0.0:
        return 0.0
    return 1.0 if rules.std == NONE else 1.0 / (spread + rules.eps)


@_compiled
def _scan(members: Any, paid: Any, longest: int, gamma: float, worth: Any) -> None:
    """G of every sibling into worth (N, T + 1), up to the longest."""
    for sibling in range(len(members)):
        row = members[sibling]
        for turn in range(longest):
            worth[sibling, turn] = paid[row, turn]
        worth[sibling, longest] = 0.0
    for turn in range(longest - 1, -1, -1):  # siblings side by side: each waits for its own next turn alone
        for sibling in range(len(members)):
            worth[sibling, turn] += gamma * worth[sibling, turn + 1]


@_compiled
def _ends(members: Any, lengths: Any, known: Any, complete: Any, scope: int) -> tuple[int, int, int]:
    """The most turns that vote; up to where turns may enter the loss, T_min for scope "shortest"; rows taking part."""
    longest, shortest, taking_part = 0, 1 << 62, 0
    for row in members:
        longest = max(longest, known[row])
        taking_part += known[row] > 0
        if scope == SHORTEST and complete[row] and lengths[row]:
            shortest = min(shortest, lengths[row])
    return longest, min(longest, shortest), taking_part


@_compiled
def _count(members: Any, lengths: Any, known: Any, scope: int, count: Any) -> None:
    """Siblings that vote at each turn into count (T + 1,)."""
    count[:] = 0
    for row in members:
        if known[row]:
            count[0] += 1
            count[known[row]] -= 1
            if scope == ABSORBING:
                count[lengths[row]] += 1
    for turn in range(1, len(count)):
        count[turn] += count[turn - 1]


@_compiled
def _moments(
    members: Any, lengths: Any, known: Any, worth: Any, count: Any, reach: int, scope: int, mean: Any, squares: Any
) -> None:
    """The mean of G over those who vote, and the sum of their squared distances from it, at each turn before reach."""
    mean[:reach], squares[:reach] = 0.0, 0.0
    for sibling in range(len(members)):
        for turn in range(reach):  # G is 0 where a row does not vote
            mean[turn] += worth[sibling, turn]
    for turn in range(reach):
        mean[turn] /= max(count[turn], 1)
    for sibling in range(len(members)):
        row = members[sibling]
        for turn in range(min(known[row], reach)):
            distance = worth[sibling, turn] - mean[turn]
            squares[turn] += distance * distance
        if scope == ABSORBING and known[row]:
            for turn in range(lengths[row], reach):
                squares[turn] += mean[turn] * mean[turn]


@_compiled
def _largest(worth: Any, siblings: int, first: int, longest: int) -> float:
    """The largest |G| of the group at this turn or later."""
    largest = 0.0
    for sibling in range(siblings):
        for turn in range(first, longest):
            largest = max(largest, abs(worth[sibling, turn]))
    return largest


@_compiled
def _scales(
    worth: Any, siblings: int, longest: int, reach: int, count: Any, bound: float, rules: Rules, squares: Any
) -> None:
    """Turn sums of squares into what makes a distance from the mean A^turn: 0 where siblings tie.

    ``bound``: the largest |r| of the batch; as often as turns are left it bounds |G|, so few need a closer look.
    """
    for turn in range(reach):
        spread = np.sqrt(squares[turn] / max(count[turn] - (rules.std == SAMPLE), 1))
        near = spread <= rules.tie * bound * (longest - turn)
        tied = near and spread <= rules.tie * _largest(worth, siblings, turn, longest)
        squares[turn] = inverse(0.0 if tied else spread, rules)
        if rules.leave_one_out:
            squares[turn] *= count[turn] / max(count[turn] - 1, 1)


@_compiled
def _pooled_by_group(members: Any, values: Any, counted: Any, rules: Rules) -> tuple[float, float]:
    """Mean and scale of the immediate rewards of one group."""
    total, largest, squares, count = 0.0, 0.0, 0.0, 0
    for row in members:
        for turn in range(values.shape[1]):
            total += values[row, turn]
            largest = max(largest, abs(values[row, turn]))
            count += counted[row, turn]
    mean = total / max(count, 1)
    for row in members:
        for turn in range(values.shape[1]):
            distance = (values[row, turn] - mean) * counted[row, turn]
            squares += distance * distance
    spread = np.sqrt(squares / max(count - (rules.std == SAMPLE), 1))
    return mean, inverse(spread if spread > rules.tie * largest else 0.0, rules)


@_compiled
def _standardise(
    worth: Any, siblings: int, reach: int, count: Any, lone: bool, rules: Rules, mean: Any, scale: Any, enters: Any
) -> None:
    """A^turn in place of G; and ``enters``, 1 at a turn that is in the loss, 0 where a lone survivor is dropped.

    ``lone``: no more than one row takes part in the whole group, so there is nobody to outlive.
    """
    for turn in range(reach):
        enters[turn] = rules.keep_lone or count[turn] != 1 or lone
        scale[turn] *= enters[turn]
    for sibling in range(siblings):
        for turn in range(reach):
            worth[sibling, turn] = (worth[sibling, turn] - mean[turn]) * scale[turn]


@_compiled
def _write_mask(row: int, end: int, enters: Any, valid: Any, rules: Rules, seen: Any, mask: Any) -> None:
    """The mask of a row; and ``seen``, 1 at those of its turns whose reward is known."""
    for turn in range(end):
        mask[row, turn] = enters[turn] > 0
        seen[turn] = enters[turn] if rules.all_valid else enters[turn] * valid[row, turn]
    mask[row, end:] = False


@_compiled
def _write_row(
    row: int, end: int, turn_part: Any, per_turn: Any, seen: Any, immediate: Any, rules: Rules, values: Any
) -> None:
    """The mix of both parts up to the end of what enters the loss; 0 from there on."""
    mean, scale = immediate
    for turn in range(end):
        batch_part = (per_turn[row, turn] - mean) * scale * seen[turn]
        values[row, turn] = rules.turn_weight * turn_part[turn] + rules.batch_weight * batch_part + 0.0  # no -0
    values[row, end:] = 0


@_compiled
def _write_parts(
    row: int, end: int, turn_part: Any, per_turn: Any, seen: Any, immediate: Any, turns: Any, batches: Any
) -> None:
    """The two parts of a row, before their weights."""
    mean, scale = immediate
    for turn in range(end):
        turns[row, turn] = turn_part[turn] + 0.0
    turns[row, end:] = 0
    for turn in range(end):
        batches[row, turn] = (per_turn[row, turn] - mean) * scale * seen[turn] + 0.0
    batches[row, end:] = 0


@_compiled
def _write_returns(members: Any, worth: Any, longest: int, returns: Any) -> None:
    """G of every row; 0 behind the turns that vote."""
    for sibling in range(len(members)):
        row = members[sibling]
        for turn in range(longest):
            returns[row, turn] = worth[sibling, turn]
        returns[row, longest:] = 0


@_compiled
def credit(order: Any, starts: Any, given: Any, rows: Any, immediate: Any, rules: Rules, made: Any) -> None:
    """Advantages of every group.

    Args:
        order: rows group by group.
        starts: where in them each group begins.
        given: paid, per_turn, valid and counted of the TurnBatch, (B, T).
        rows: its lengths, known and complete, (B,).
        immediate: mean and scale of the immediate rewards of the batch, and the largest |r|.
        rules: the options.
        made: values, mask, A^turn, A^batch and returns, (B, T), to be written; the last three only with parts.
    """
    (paid, per_turn, valid, counted), (lengths, known, complete) = given, rows
    values, mask, turns, batches, returns = made
    most, width = 0, values.shape[1]
    for group in range(len(starts) - 1):
        most = max(most, starts[group + 1] - starts[group])
    worth, mean, scale = np.empty((most, width + 1)), np.empty(width), np.empty(width)
    count, enters, seen = np.empty(width + 1, np.intp), np.empty(width), np.empty(width)
    pool = immediate[0], immediate[1]
    for group in range(len(starts) - 1):
        members = order[starts[group] : starts[group + 1]]
        longest, reach, taking_part = _ends(members, lengths, known, complete, rules.turn_scope)
        _scan(members, paid, longest, rules.gamma, worth)
        if rules.parts:
            _write_returns(members, worth, longest, returns)
        _count(members, lengths, known, rules.turn_scope, count)
        _moments(members, lengths, known, worth, count, reach, rules.turn_scope, mean, scale)
        _scales(worth, len(members), longest, reach, count, immediate[2], rules, scale)
        _standardise(worth, len(members), reach, count, taking_part < 2, rules, mean, scale, enters)
        if rules.by_group:
            pool = _pooled_by_group(members, per_turn, counted, rules)
        for sibling in range(len(members)):
            row = members[sibling]
            end = min(known[row], reach)
            _write_mask(row, end, enters, valid, rules, seen, mask)
            _write_row(row, end, worth[sibling], per_turn, seen, pool, rules, values)
            if rules.parts:
                _write_parts(row, end, worth[sibling], per_turn, seen, pool, turns, batches)
