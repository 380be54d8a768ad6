"""The learning curve of a training run, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

# The first colours of Okabe and Ito's palette, which the colour-blind can tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
SIZE = (8.0, 6.0)
DPI = 120


def draw_curve(lines: Sequence[dict[str, Any]], title: str, path: Path) -> None:
    """Draw return, EPM-Q on held-out scenarios, gradient norm and entropy over the steps.

    Args:
        lines: of metrics.jsonl.
        title: above the picture.
        path: where it is written; its ending says in which format.
    """
    steps = [line for line in lines if "evaluation" not in line]
    found = [(line["step"], line["evaluation"]) for line in lines if "evaluation" in line]
    figure = Figure(figsize=SIZE, layout="constrained")
    figure.suptitle(title)
    (returns, score), (norm, entropy) = figure.subplots(2, 2)
    at = [line["step"] for line in steps]
    panels = (
        (returns, "episode return", at, [line["episode_return"] for line in steps], BLUE),
        (norm, "gradient norm", at, [line["gradient_norm"] for line in steps], BLUE),
        (entropy, "entropy (nats a token)", at, [line["entropy"] for line in steps], GREEN),
    )
    for axes, label, across, up, colour in panels:
        axes.plot(across, up, color=colour, linewidth=1.2)
        axes.set(xlabel="step", ylabel=label)
    scored = [(step, one) for step, one in found if one["epmq"] is not None]
    score.plot([step for step, _ in scored], [one["epmq"] for _, one in scored], "o-", color=ORANGE, label="EPM-Q")
    score.plot(
        [step for step, _ in found], [100 * one["passed"] for _, one in found], "s--", color=BLUE, label="passed, %"
    )
    score.set(xlabel="step", ylabel="held-out scenarios", ylim=(0, 100))
    score.legend(frameon=False)
    for axes in figure.axes:
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=DPI)
