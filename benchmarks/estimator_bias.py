"""What each advantage estimator makes of the policy gradient, exactly: no sampling.

In each of five games (benchmarks/enumerable_games.py) every group of N episodes is listed, the package's own function
credits its turns, and the gradient of its loss, sum over turns of A log pi, averaged over the N rows, is weighted with
the chance of the group. That is compared with the true gradient, which Bellman's equation gives without any episode.

    python benchmarks/estimator_bias.py [--json benchmarks/results/estimator_bias.json] [--docs docs/mapo/estimators.md]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from bias_estimators import Case, Estimator, case_of, estimators
from bias_tables import bias_tables, filled
from enumerable_games import GAMES, Game, Groups, Trajectories, groups, trajectories, true_gradient
from machine import machine

SIZES = (2, 3, 4)
GAMMAS = (1.0, 0.99, 0.85)
NOTHING = 1e-12
"""A gradient shorter than this is no direction."""


class Figures(NamedTuple):
    """Row of the table. The true gradient g is that of the undiscounted return, unless a name says otherwise.

    Attributes:
        kept: projection of the expectation on g, over |g|^2; 1 - kept is the share of the gradient that is lost.
        bias: |expectation - g| / |g|.
        cosine: between the expectation and g; None where the expectation vanishes.
        bias_discounted: the same distance to the gradient of the discounted return.
        cosine_discounted: the same angle.
        variance: trace of the covariance of one group's estimate, over |g|^2.
        noise: the same trace over the squared length of the expectation: it does not see a factor.
    """

    kept: float
    bias: float
    cosine: float | None
    bias_discounted: float
    cosine_discounted: float | None
    variance: float
    noise: float | None


def group_gradients(
    listed: Trajectories,
    every: Groups,
    values: np.ndarray[Any, Any],
    loss: np.ndarray[Any, Any],
    mean_over: str = "rows",
) -> np.ndarray[Any, Any]:
    """(M, P) gradient of each group's loss.

    ``mean_over`` "rows" divides the sum over turns by N, "turns" by the number of turns in the loss.
    """
    count, size = every.members.shape
    by_group = values.reshape(count, size, -1)
    total = sum(
        np.einsum("mt,mtp->mp", by_group[:, place], listed.scores[every.members[:, place]]) for place in range(size)
    )
    turns = loss.reshape(count, -1).sum(1, keepdims=True)
    return np.asarray(total) / (size if mean_over == "rows" else np.maximum(turns, 1))


def moments(listed: Trajectories, every: Groups, case: Case, estimator: Estimator, mean_over: str) -> Any:
    """(P,) expectation of the estimate of one group, and the trace of its covariance."""
    each = group_gradients(listed, every, *estimator.credit(case), mean_over)
    mean = every.probability @ each
    return mean, float(every.probability @ ((each - mean) ** 2).sum(1))


def compared(mean: np.ndarray[Any, Any], variance: float, game: Game, gamma: float) -> Figures:
    """The expectation beside the two gradients."""
    truth, discounted = true_gradient(game), true_gradient(game, gamma)
    length = float(np.linalg.norm(mean))
    square = float(truth @ truth)

    def angle(other: np.ndarray[Any, Any]) -> float | None:
        return None if length < NOTHING else float(mean @ other) / length / float(np.linalg.norm(other))

    def distance(other: np.ndarray[Any, Any]) -> float:
        return float(np.linalg.norm(mean - other) / np.linalg.norm(other))

    noise = None if length < NOTHING else variance / length**2
    kept = float(mean @ truth) / square
    angles = angle(truth), angle(discounted)
    return Figures(kept, distance(truth), angles[0], distance(discounted), angles[1], variance / square, noise)


def table(games: Iterable[Game]) -> list[dict[str, Any]]:
    """Every size, gamma and estimator in these games."""
    rows: list[dict[str, Any]] = []
    for game in games:
        for size in SIZES:
            for gamma in GAMMAS:
                listed = trajectories(game, gamma)
                every = groups(listed.probability, size)
                case = case_of(listed, every, gamma)
                for estimator in estimators():
                    for mean_over in ("rows", "turns") if (gamma, size) == (1.0, SIZES[-1]) else ("rows",):
                        figures = compared(*moments(listed, every, case, estimator, mean_over), game, gamma)
                        rows.append(row_of(game, estimator, size, gamma, mean_over, figures))
    return rows


def row_of(game: Game, estimator: Estimator, size: int, gamma: float, mean_over: str, figures: Figures) -> Any:
    """A line of the file: five digits are kept, and what is rounding becomes 0."""
    rounded = {
        name: None if value is None else 0.0 if abs(value) < NOTHING else float(f"{value:.5g}")
        for name, value in figures._asdict().items()
    }
    return {"game": game.name, "estimator": estimator.label, "n": size, "gamma": gamma, "per": mean_over, **rounded}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="write every row to this file")
    parser.add_argument("--docs", type=Path, help="renew the tables of this page")
    arguments = parser.parse_args()
    rows = table(GAMES.values())
    facts = {**machine(), "games": {game.name: game.says for game in GAMES.values()}}
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    for row in rows:
        if row["n"] == 4 and row["gamma"] == 1.0 and row["per"] == "rows":
            print(f"{row['game']:7} {row['estimator']:45} kept {row['kept']:8.4f}  cosine {row['cosine']}")
    if arguments.json:
        columns = list(rows[0])
        lines = ",\n".join("    " + json.dumps(list(row.values())) for row in rows)
        head = json.dumps({**facts, "columns": columns}, indent=2)[:-2]
        arguments.json.write_text(f'{head},\n  "rows": [\n{lines}\n  ]\n}}\n')
    if arguments.docs:
        page = arguments.docs.read_text("utf-8")
        arguments.docs.write_text(filled(page, bias_tables(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
