"""From records to the batch that the advantage estimators of :mod:`empa_gym.mapo` take."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.mapo import TurnBatch
from empa_gym.rollout.jobs import GroupLabel


def label_of(record: EpisodeRecord) -> GroupLabel:
    """The group of a record."""
    return GroupLabel(record.policy, record.scenario, record.seed)


def turn_batch(
    records: Iterable[EpisodeRecord],
    *,
    first_turn: int | Sequence[int] = 1,
    groups: Iterable[Hashable] | None = None,
    dtype: type[np.floating[Any]] = np.float64,
) -> TurnBatch:
    """The rewards of dialogues, a row each, in their order.

    A turn is valid when it was judged; a turn that was held, or that the interval of judgements skipped, is not, and
    the next judged one spans it. A row is complete when its dialogue ended by a rule or its turn limit; what a
    failure ended is a row too, and takes no part in any statistic.

    Args:
        records: the dialogues.
        first_turn: rewards count from this turn on, from 1: for all rows or for each its own, as after branching.
        groups: the label of each row; None: siblings share policy, scenario and seed.
        dtype: numpy.float32 or numpy.float64.

    Raises:
        ValueError: another number of labels or of first turns than of records, or a first turn below 1.
    """
    rows = tuple(records)
    firsts = [first_turn] * len(rows) if isinstance(first_turn, int) else list(first_turn)
    if len(firsts) != len(rows) or any(first < 1 for first in firsts):
        raise ValueError(f"expected a first turn of at least 1 for each of {len(rows)} records, got {firsts!r:.80}")
    turns = [row.turns[first - 1 :] for row, first in zip(rows, firsts, strict=True)]
    return TurnBatch.from_ragged(
        [[turn.reward for turn in row] for row in turns],
        [label_of(row) for row in rows] if groups is None else groups,
        valid=[[turn.valid for turn in row] for row in turns],
        span=[[max(1, turn.span) for turn in row] for row in turns],
        complete=[row.outcome.scored for row in rows],
        dtype=dtype,
    )
