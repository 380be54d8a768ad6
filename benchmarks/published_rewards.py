"""How returns and immediate rewards of the published recordings move with the turn: MAPO's reason to mix two parts.

The ten published models are ten siblings per scenario: 30 groups, 300 dialogues. For each turn: the mean over the
dialogues that reach it, the spread over all of them, and the spread among siblings, of the immediate reward and of the
return. The folder of the recordings is taken from EMPA_PUBLISHED_DATA; only figures by turn over all dialogues are
written, nothing of a single one.

    EMPA_PUBLISHED_DATA=... python benchmarks/published_rewards.py [--json benchmarks/results/published_rewards.json]
        [--docs docs/mapo/published_rewards.md]
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from bias_tables import filled, table_of
from machine import machine

from empa_gym.epm.dynamics import origin_distance, zone_distance
from empa_gym.mapo import TurnBatch, mixed_advantages, monte_carlo_returns

VARIABLE = "EMPA_PUBLISHED_DATA"
GAMMAS = (1.0, 0.99, 0.85)
DISTANCES = {"origin": origin_distance, "zone": zone_distance}
REACHED_BY_ALL = 12
"""Turns before which no published dialogue may end, so that no figure is one of survivors only."""
SHOWN = (1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45)


class ByTurn(NamedTuple):
    """One quantity, by turn: (T,) lists.

    Attributes:
        mean: over the dialogues that reach the turn.
        spread: population standard deviation over them.
        within: root of the mean, over groups with two or more who reach it, of the variance among siblings; None where
            no group has two.
    """

    mean: list[float]
    spread: list[float]
    within: list[float | None]


class Summary(NamedTuple):
    """One quantity in a few numbers.

    Attributes:
        explained: share of its variance over all turns that the turn index explains (eta squared).
        explained_early: the same over turns 1 to 12, which every dialogue reaches.
        explained_own: the same after each dialogue's own mean over these turns is taken away.
        range: largest minus smallest mean of turns 1 to 12, in reward units.
        drift: last minus first mean of turns 1 to 12 along the least-squares line, in standard deviations there.
        spread_ratio: largest over smallest spread by turn within turns 1 to 12.
    """

    explained: float
    explained_early: float
    explained_own: float
    range: float
    drift: float
    spread_ratio: float


def read(folder: Path) -> tuple[list[list[list[float]]], list[str]]:
    """Positions P_0 ... P_T of each dialogue, and its scenario."""
    positions, scenarios = [], []
    for file in sorted((folder / "published").glob("*.json")):
        if file.stem != "iedr":
            for dialogue in json.loads(file.read_text("utf-8")):
                positions.append([dialogue["P_0"], *(turn["P_t"] for turn in dialogue["turns"])])
                scenarios.append(dialogue["script_id"])
    return positions, scenarios


def batch_of(positions: list[list[list[float]]], scenarios: list[str], distance: str) -> TurnBatch:
    """Incremental distance rewards r_t = D_{t-1} - D_t, the scenario being the group."""
    rewards = [-np.diff(DISTANCES[distance](np.array(path, np.float64))) for path in positions]
    return TurnBatch.from_ragged([row.tolist() for row in rewards], scenarios)


def by_turn(values: np.ndarray[Any, Any], batch: TurnBatch) -> ByTurn:
    """Mean and spreads of (B, T) values at each turn."""
    mean, spread, within = [], [], []
    for turn in range(values.shape[1]):
        here = batch.mask[:, turn]
        now, group = values[here, turn], batch.group[here]
        mean.append(rounded(now.mean()))
        spread.append(rounded(now.std()))
        siblings = [now[group == one] for one in np.unique(group)]
        variances = [several.var() for several in siblings if len(several) > 1]
        within.append(rounded(float(np.mean(variances)) ** 0.5) if variances else None)
    return ByTurn(mean, spread, within)


def explained(values: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> float:
    """Share of the variance between turns: 1 - mean variance within a turn / variance."""
    within = sum(
        float(((column[here] - column[here].mean()) ** 2).sum()) for column, here in zip(values.T, mask.T, strict=True)
    )
    every = values[mask]
    return 1 - within / float(((every - every.mean()) ** 2).sum())


def summary(values: np.ndarray[Any, Any], batch: TurnBatch) -> Summary:
    early, here = values[:, :REACHED_BY_ALL], batch.mask[:, :REACHED_BY_ALL]
    means, spreads = early.mean(0), early.std(0)
    slope = float(np.polyfit(np.arange(REACHED_BY_ALL), means, 1)[0])
    drift = slope * (REACHED_BY_ALL - 1) / float(early.std())
    own = early - early.mean(1, keepdims=True)
    figures = Summary(
        explained=explained(values, batch.mask),
        explained_early=explained(early, here),
        explained_own=explained(own, here),
        range=float(means.max() - means.min()),
        drift=drift,
        spread_ratio=float(spreads.max() / spreads.min()),
    )
    return Summary(*(rounded(figure) for figure in figures))


def parts(batch: TurnBatch, gamma: float) -> dict[str, float]:
    """The two parts of the default advantage over the turns in the loss."""
    found = mixed_advantages(batch, gamma=gamma)
    if found.turn is None or found.batch is None:
        raise ValueError("expected the parts of the advantages")
    turn, immediate = found.turn[found.mask], found.batch[found.mask]
    return {
        "correlation": rounded(float(np.corrcoef(turn, immediate)[0, 1])),
        "turns in the loss": rounded(float(found.mask.sum() / batch.mask.sum())),
    }


def rounded(value: float) -> float:
    """Four digits behind the point."""
    return round(float(value), 4) + 0.0


def measured(folder: Path) -> dict[str, Any]:
    """Every figure of the page."""
    positions, scenarios = read(folder)
    figures: dict[str, Any] = {"dialogues": len(positions), "groups": len(set(scenarios))}
    for distance in DISTANCES:
        batch = batch_of(positions, scenarios, distance)
        figures["reached"] = batch.mask.sum(0).tolist()
        quantities = {"reward": np.where(batch.mask, batch.rewards, 0.0)}
        quantities |= {f"return {gamma:g}": monte_carlo_returns(batch, gamma) for gamma in GAMMAS}
        figures[distance] = {
            name: {**by_turn(values, batch)._asdict(), **summary(values, batch)._asdict()}
            for name, values in quantities.items()
        }
        figures[distance]["parts"] = {f"{gamma:g}": parts(batch, gamma) for gamma in GAMMAS}
    return figures


def tables(figures: dict[str, Any]) -> dict[str, str]:
    """The tables of the docs page by name."""
    origin = figures["origin"]
    names = {"reward": "$r_t$"} | {f"return {gamma:g}": rf"$G_t$, $\gamma={gamma:g}$" for gamma in GAMMAS}
    rows = [
        [str(turn), str(figures["reached"][turn - 1])]
        + [
            f"{one['mean'][turn - 1]:+.2f} ({one['spread'][turn - 1]:.2f}, {shown(one['within'][turn - 1])})"
            for one in (origin[name] for name in names)
        ]
        for turn in SHOWN
    ]
    moves = [
        [
            distance,
            names[name],
            f"{100 * figures[distance][name]['explained']:.1f}%",
            f"{100 * figures[distance][name]['explained_early']:.1f}%",
            f"{100 * figures[distance][name]['explained_own']:.1f}%",
            f"{figures[distance][name]['range']:.2f}",
            f"{figures[distance][name]['drift']:+.2f}",
            f"{figures[distance][name]['spread_ratio']:.2f}",
        ]
        for distance in DISTANCES
        for name in names
    ]
    mixes = [
        [distance, gamma, f"{part['correlation']:.2f}", f"{100 * part['turns in the loss']:.0f}%"]
        for distance in DISTANCES
        for gamma, part in figures[distance]["parts"].items()
    ]
    return {
        "by turn": table_of(["turn", "dialogues", *names.values()], rows),
        "moves": table_of(
            [
                *("distance", "", "variance explained by the turn", "turns 1-12", "within dialogues"),
                *("range of means", "drift, in std", "largest / smallest std"),
            ],
            moves,
        ),
        "mixes": table_of(["distance", "gamma", "correlation of the parts", "turns in the loss"], mixes),
    }


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--docs", type=Path, help="renew the tables of this page")
    arguments = parser.parse_args()
    if VARIABLE not in os.environ:
        parser.error(f"set {VARIABLE} to the folder that holds published/")
    figures = measured(Path(os.environ[VARIABLE]))
    for name, text in tables(figures).items():
        print(f"\n{name}\n{text}")
    if arguments.json:
        arguments.json.write_text(json.dumps({**machine(), **figures}) + "\n", encoding="utf-8")
    if arguments.docs:
        arguments.docs.write_text(filled(arguments.docs.read_text("utf-8"), tables(figures)), encoding="utf-8")


if __name__ == "__main__":
    main()
