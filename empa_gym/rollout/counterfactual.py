"""What a reply was worth, beside others that could have been given in its place.

The progress of a continuation is what it was paid from the branch on, t being the turn of the branch:

    G = sum over s >= t of gamma^(s - t) r_s

With the reward "idr" and gamma = 1 this is the drop of the distance, D_{t-1} - D_T. Of n replies, reply i with the
continuations j = 1..m_i, all from one state:

    Q_i     = mean over j of G_ij
    value_i = Q_i - mean over l != i of Q_l
    SE_i^2  = s_i^2 / m_i + 1 / (n - 1)^2  sum over l != i of s_l^2 / m_l,   s_i^2 = sum_j (G_ij - Q_i)^2 / (m_i - 1)

The error is that of the policy's chance. The cast's own chance is that of the dialogue's seed, the same in all
continuations, so it says nothing about other seeds: branch records of several.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.mapo import TurnBatch
from empa_gym.outcome import Outcome
from empa_gym.rollout.branching import Branches
from empa_gym.rollout.turn_batch import turn_batch

LONE = "no other reply has a continuation whose progress is known"
UNKNOWN = "no continuation came to an end at which its progress is known"
UNREPEATED = "a standard error needs two known continuations of each reply: branch with continuations=2 or more"


class ReplyValue(NamedTuple):
    """What one reply was worth; None is a figure that is not known, never 0.

    Attributes:
        reply: the reply; None when the policy failed to give one.
        value: mean progress less that of the other replies, in the reward's unit.
        standard_error: of the value, over the policy's chance.
        progress: Q, the mean progress after this reply.
        known: continuations that count.
        failed: continuations that do not, because a failure ended them or left their last turns without a judgement.
        note: why a figure is absent, else "".
    """

    reply: str | None
    value: float | None
    standard_error: float | None
    progress: float | None
    known: int
    failed: int
    note: str = ""


def reply_values(branches: Branches, gamma: float = 1.0) -> tuple[ReplyValue, ...]:
    """The counterfactual value of each reply, in their order; see the module for the formula.

    A continuation that failed is left out. When failing goes with doing badly, what is left is too good:
    look at ``failed``.

    Args:
        branches: the continuations of one state.
        gamma: the run's discount, in (0, 1].

    Raises:
        ValueError: gamma is outside its range.
    """
    if not 0.0 < gamma <= 1.0:
        raise ValueError(f"gamma must lie in (0, 1], got {gamma!r}")
    seen = [
        [progress_of(record, branches.first_turn, gamma) for record in records] for records in branches.continuations
    ]
    known = [[progress for progress in each if progress is not None] for each in seen]
    return tuple(
        _value(reply, known, place, len(each) - len(known[place]))
        for place, (reply, each) in enumerate(zip(branches.replies, seen, strict=True))
    )


def progress_of(record: EpisodeRecord, first_turn: int, gamma: float = 1.0) -> float | None:
    """G, what a dialogue was paid from a turn on; None when it is not known.

    It is known when the dialogue ended by a rule, its turn limit or a horizon, and its last turn was judged: then
    every turn is covered, those without a judgement of their own by the next one.
    """
    turns = record.turns[first_turn - 1 :]
    if not is_complete(record) or not turns or not turns[-1].judged:
        return None
    return math.fsum(gamma**place * turn.reward for place, turn in enumerate(turns))


def is_complete(record: EpisodeRecord) -> bool:
    """Whether a rule, the turn limit or a horizon ended the dialogue, and no failure."""
    return record.outcome.scored or (record.outcome is Outcome.RUNNING and not record.error)


def branch_batch(branches: Branches) -> TurnBatch:
    """One group for ``mapo``: the turns from the branch on, so that a loss sees no other.

    Row i is ``branches.records[i]``, column t its turn ``first_turn + t``. A row that a horizon ended counts as
    complete, since its siblings were cut alike.
    """
    records = branches.records
    batch = turn_batch(records, first_turn=branches.first_turn, groups=["branch"] * len(records))
    complete = np.array([is_complete(record) for record in records], dtype=np.bool_)
    complete.flags.writeable = False
    return dataclasses.replace(batch, complete=complete)


def _value(reply: str | None, known: Sequence[Sequence[float]], place: int, failed: int) -> ReplyValue:
    own = known[place]
    others = [each for number, each in enumerate(known) if number != place and each]
    progress = statistics.fmean(own) if own else None
    if progress is None or not others:
        return ReplyValue(reply, None, None, progress, len(own), failed, LONE if own else UNKNOWN)
    value = progress - statistics.fmean(map(statistics.fmean, others))
    if min(map(len, (own, *others))) < 2:
        return ReplyValue(reply, value, None, progress, len(own), failed, UNREPEATED)
    spread = _squared_error(own) + math.fsum(map(_squared_error, others)) / len(others) ** 2
    return ReplyValue(reply, value, math.sqrt(spread), progress, len(own), failed)


def _squared_error(sample: Sequence[float]) -> float:
    """The squared standard error of a mean of at least two."""
    return statistics.variance(sample) / len(sample)
