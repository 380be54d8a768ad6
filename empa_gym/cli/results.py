"""What a run came to: the figures of its tables, and what summary.json holds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import fmean
from typing import Any, NamedTuple

from empa_gym.cli.failures import Failure
from empa_gym.cli.folders import RunSettings
from empa_gym.cli.sources import group_by_policy
from empa_gym.cli.terminal import known
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.scoring import Summary, score_row, summarise


class Result(NamedTuple):
    """What a run came to: a summary and the mean return of each policy, why dialogues failed, what models used."""

    planned: int
    rows: list[Summary]
    paid: dict[str, float]
    failures: list[Failure]
    usage: list[dict[str, Any]]
    seconds: float
    interrupted: bool

    @property
    def finished(self) -> int:
        """How many dialogues are kept."""
        return sum(row.dialogues for row in self.rows)


def summarise_run(records: Iterable[EpisodeRecord], settings: RunSettings) -> tuple[list[Summary], dict[str, float]]:
    """The summary of each policy, and its mean return under the run's own reward; nan without a scored dialogue."""
    groups = group_by_policy(records, settings.policies)
    rows = [summarise(name, [one.trajectory for one in group], settings.planned) for name, group in groups.items()]
    scored = {name: [one.episode_return for one in group if one.trajectory.scored] for name, group in groups.items()}
    return rows, {name: fmean(returns) if returns else math.nan for name, returns in scored.items()}


def summary_data(result: Result) -> dict[str, Any]:
    """What summary.json holds: the figures of the tables, and how long it took."""
    models = [
        {
            **score_row(row)._asdict(),
            "planned": row.planned,
            "mean_turns": row.mean_turns,
            "outcomes": dict(row.outcomes),
            "return_paid": result.paid[row.model],
            **{f"return_{name}": value for name, value in row.returns._asdict().items()},
            "warning": row.warning,
        }
        for row in result.rows
    ]
    data = {"planned": result.planned, "finished": result.finished, "interrupted": result.interrupted}
    causes = [failure._asdict() for failure in result.failures]
    spent: dict[str, Any] = {"failures": causes, "usage": result.usage} if result.usage else {"failures": causes}
    summary: dict[str, Any] = known({**data, "seconds": round(result.seconds, 3), **spent, "models": models})
    return summary
