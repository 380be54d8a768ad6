"""The pictures of docs/mapo, from the committed results; needs matplotlib (the ``report`` extra).

python benchmarks/mapo_pictures.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from bias_tables import Found, rows_of, spoken
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PICTURES = HERE.parent / "docs" / "mapo"
SIBLINGS = 4
SURVIVORS = 10
"""Below this many dialogues a mean by turn is not drawn."""
COLOURS = {"absorbing": "#1b6ca8", "alive": "#d1810f", "shortest": "#b3262a", "other": "#555555"}
DOTS = (
    "turn absorbing leave_one_out none",
    "turn absorbing mean none",
    "turn alive leave_one_out none",
    "turn alive mean none",
    "turn shortest leave_one_out none",
    "turn shortest mean none",
    "REINFORCE++ none",
    "batch, large batch none",
    "accumulated alive leave_one_out none",
)


def heard() -> None:
    """c_t of each scope against p_t, the chance that an episode reaches the turn."""
    p = np.linspace(0.01, 1, 200)
    n = SIBLINGS
    curves = {
        ("absorbing", "leave-one-out"): np.ones_like(p),
        ("absorbing", "mean"): np.full_like(p, 1 - 1 / n),
        ("alive", "leave-one-out"): 1 - (1 - p) ** (n - 1),
        ("alive", "mean"): 1 - (1 - (1 - p) ** n) / (n * p),
        ("shortest", "leave-one-out"): p ** (n - 1),
        ("shortest", "mean"): (1 - 1 / n) * p ** (n - 1),
    }
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    for (scope, baseline), curve in curves.items():
        line = "-" if baseline == "leave-one-out" else "--"
        axes.plot(p, curve, line, color=COLOURS[scope], label=f"{scope}, {baseline}")
    axes.set(xlabel="$p_t$: chance that an episode reaches turn $t$", ylabel="$c_t$: share of $g_t$ that is heard")
    axes.set(xlim=(0, 1), ylim=(0, 1.05), title=f"How much of a turn's gradient each scope hears (N = {n})")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=9)
    save(figure, "heard.svg")


def kept() -> None:
    """Projection on the true gradient, by game and estimator."""
    found = Found(rows_of(RESULTS / "estimator_bias.json"))
    figure, panels = plt.subplots(1, len(found.games), figsize=(10.5, 3.4), sharey=True)
    places = np.arange(len(DOTS))[::-1]
    for axes, game in zip(panels, found.games, strict=True):
        for place, name in zip(places, DOTS, strict=True):
            row = found(game, name, SIBLINGS)
            family, scope, *_ = name.split()
            colour = COLOURS[scope] if family == "turn" else COLOURS["other"]
            axes.plot([0, row["kept"]], [place, place], color=colour, linewidth=1)
            axes.plot(row["kept"], place, "o", color=colour)
        axes.axvline(1, color="#999999", linewidth=0.8, linestyle=":")
        axes.axvline(0, color="#999999", linewidth=0.8)
        axes.set(title=game, xlim=(-1.35, 1.2))
    panels[0].set_yticks(places, [spoken(name) for name in DOTS])
    figure.suptitle(
        "Share of the true gradient that is kept (no std, gamma 1, N = 4): at 1 none is lost, below 0 it descends"
    )
    save(figure, "kept.svg")


def published() -> None:
    """Mean and spreads of rewards and returns of the recordings by turn."""
    figures = json.loads((RESULTS / "published_rewards.json").read_text("utf-8"))
    turns = np.arange(1, 1 + sum(count >= SURVIVORS for count in figures["reached"]))
    figure, panels = plt.subplots(2, 2, figsize=(9.5, 5.6), sharex=True)
    titles = {"reward": "immediate reward $r_t$", "return 0.99": r"return $G_t$, $\gamma = 0.99$"}
    for column, (name, title) in zip(panels.T, titles.items(), strict=True):
        one: dict[str, Any] = figures["origin"][name]
        mean, spread = (np.array(one[key][: len(turns)]) for key in ("mean", "spread"))
        within = np.array([np.nan if value is None else value for value in one["within"][: len(turns)]])
        column[0].fill_between(turns, mean - spread, mean + spread, color=COLOURS["absorbing"], alpha=0.15, lw=0)
        column[0].plot(turns, mean, color=COLOURS["absorbing"], label="mean, band: one std over dialogues")
        column[0].axhline(0, color="#999999", linewidth=0.8)
        column[1].plot(turns, spread, color=COLOURS["absorbing"], label="std over dialogues")
        column[1].plot(turns, within, "--", color=COLOURS["alive"], label="std among siblings")
        column[0].set(title=title)
        column[1].set(xlabel="turn", ylim=(0, None))
        for axes in column:
            axes.axvline(12, color="#999999", linewidth=0.8, linestyle=":")
            axes.legend(frameon=False, fontsize=9)
    figure.suptitle("Ten published models as siblings: all 300 dialogues reach turn 12 (dotted), 20 reach turn 45")
    save(figure, "published_rewards.svg")


def save(figure: Any, name: str) -> None:
    """The same bytes for the same numbers."""
    figure.tight_layout()
    figure.savefig(PICTURES / name, metadata={"Date": None}, facecolor="white", bbox_inches="tight")
    plt.close(figure)


def main() -> None:
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "mapo", "axes.spines.top": False, "axes.spines.right": False})
    PICTURES.mkdir(parents=True, exist_ok=True)
    for picture in (heard, kept, published):
        picture()


if __name__ == "__main__":
    main()
