"""What is told about one run: its score, its passes, its returns, and whether the mean can be trusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from empa_gym.epm import energy, origin_distance, zone_distance
from empa_gym.outcome import verdict
from empa_gym.scoring.epmq import EPMQ, UNSCORED, epmq
from empa_gym.scoring.indices import indices
from empa_gym.scoring.trajectory import Batch, Trajectory, stack

TRUSTED_SHARE = 0.9
"""A mean over a smaller share of the planned dialogues carries a warning."""


class Returns(NamedTuple):
    """Mean undiscounted return of a dialogue under three rewards, side by side; nan without a scored dialogue.

    Attributes:
        origin: ||P_0|| - ||P_T||, the incremental distance reward of the paper.
        zone: d_0 - d_T, the one of the authors' training code; crossing balance costs nothing.
        energy: E_T, the energy reward along the initial direction.
    """

    origin: float
    zone: float
    energy: float


class Summary(NamedTuple):
    """One run of one model or policy.

    Attributes:
        model: its name.
        dialogues: how many there are.
        planned: how many there were to be.
        scored: how many enter the score.
        failed: the others: a model failed, a budget was spent, or the dialogue was never finished.
        passed: how many ended in success.
        score: EPM-Q and its parts.
        mean_turns: mean number of turns played in the scored dialogues; nan without one.
        outcomes: how often each verdict was given, over all dialogues, by name.
        returns: mean return of the scored dialogues.
        warning: one sentence when too few dialogues are scored, else "".
    """

    model: str
    dialogues: int
    planned: int
    scored: int
    failed: int
    passed: int
    score: EPMQ
    mean_turns: float
    outcomes: tuple[tuple[str, int], ...]
    returns: Returns
    warning: str


class ScoreRow(NamedTuple):
    """One object of ``score --json``; a figure is None where no dialogue was scored."""

    model: str
    dialogues: int
    scored: int
    failed: int
    passed: int
    RDI: float | None
    Etot: float | None
    Snet: float | None
    rho: float | None
    Sproj: float | None
    tau: float | None
    Rpos: float | None
    Align: float | None
    Pen: float | None
    outcome: float | None
    efficiency: float | None
    stability: float | None
    epmq: float | None


def summarise(model: str, trajectories: Sequence[Trajectory], planned: int | None = None) -> Summary:
    """The summary of a run.

    Args:
        model: the name of what answered.
        trajectories: its dialogues; only those with a scored outcome enter the means.
        planned: how many dialogues there were to be; None: as many as there are.

    Raises:
        ValueError: the arrays of a scored dialogue do not fit, see :func:`~empa_gym.scoring.trajectory.stack`.
    """
    scored = [one for one in trajectories if one.scored]
    batch = stack(scored) if scored else None
    planned = len(trajectories) if planned is None else planned
    return Summary(
        model=model,
        dialogues=len(trajectories),
        planned=planned,
        scored=len(scored),
        failed=len(trajectories) - len(scored),
        passed=sum(one.outcome.success for one in scored),
        score=epmq(indices(batch)) if batch else UNSCORED,
        mean_turns=sum(one.length for one in scored) / len(scored) if scored else math.nan,
        outcomes=tuple(sorted(Counter(verdict(one.outcome, one.end_kind) for one in trajectories).items())),
        returns=mean_returns(batch) if batch else Returns(math.nan, math.nan, math.nan),
        warning=coverage_warning(len(scored), planned),
    )


def mean_returns(batch: Batch) -> Returns:
    """The mean return of a batch under three rewards; each telescopes, so start and end decide."""
    start, end = batch.positions[:, 0], batch.positions[np.arange(len(batch.mask)), batch.mask.sum(1) - 1]
    return Returns(
        float((origin_distance(start) - origin_distance(end)).mean()),
        float((zone_distance(start) - zone_distance(end)).mean()),
        float(energy(end, start).mean()),
    )


def coverage_warning(scored: int, planned: int) -> str:
    """One sentence when the means stand on too few dialogues, else "".

    >>> coverage_warning(20, 30)
    'only 20 of 30 planned dialogues are scored, less than 90%: the means may not speak for the run'
    """
    if not scored:
        return f"none of {planned} planned dialogues is scored: there is no score"
    if scored >= TRUSTED_SHARE * planned:
        return ""
    return (
        f"only {scored} of {planned} planned dialogues are scored, less than {TRUSTED_SHARE:.0%}: "
        "the means may not speak for the run"
    )


def score_row(summary: Summary) -> ScoreRow:
    """The row of a summary as ``score --json`` prints it; ``_asdict()`` has the keys in order."""
    figures = [None if math.isnan(figure) else figure for figure in summary.score]
    counts = (summary.dialogues, summary.scored, summary.failed, summary.passed)
    return ScoreRow(summary.model, *counts, *figures)
