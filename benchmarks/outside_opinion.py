"""How the embedded judge's ratings rank with an outside opinion.

Sixty replies to twelve moments were written and labelled good, mediocre or bad by somebody who had not seen the
judge (``outside_opinion.json``). Thirty of them ("tuning") were looked at while the judge was written, and so were
180 more of the same kind by two other writers ("development"). The figure that counts is the rank correlation
(Spearman) on the other thirty ("held-out"). The judge is deterministic, so one run is all runs.

    python benchmarks/outside_opinion.py [--json FILE] [--show]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

from scipy.stats import spearmanr

from empa_gym.agents import Assessment, Exchange, JudgeView
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.drive import run
from empa_gym.epm import MDEP_PR
from empa_gym.scenarios import get_scenario

DATA = Path(__file__).parent / "data"
FILES = ("outside_opinion.json", "development_opinion_a.json", "development_opinion_b.json")
SPLITS = ("tuning", "development", "held-out")
GRADES = {"bad": 0, "mediocre": 1, "good": 2}
BAR = 0.6


class Rated(NamedTuple):
    """One reply: where it stands, how it was labelled, and what the judge made of it."""

    moment: str
    split: str
    label: str
    text: str
    total: float
    assessment: Assessment


def rate(judge: OfflineJudge, scenario: str, exchanges: tuple[Exchange, ...]) -> tuple[float, Assessment]:
    """The sum of v and the assessment of the last reply, its earlier ones judged before it."""
    past: tuple[Assessment, ...] = ()
    for turn in range(1, len(exchanges) + 1):
        view = JudgeView(get_scenario(scenario), exchanges[:turn], 1, past, 0, turn)
        past = (*past, run(judge.assess(view)))
    return float(MDEP_PR.points(past[-1].levels).sum()), past[-1]


def rate_all(files: tuple[str, ...] = FILES) -> list[Rated]:
    """Every reply of the sets, rated in its moment."""
    judge = OfflineJudge()
    rows = []
    moments = [m for file in files for m in json.loads((DATA / file).read_text(encoding="utf-8"))["moments"]]
    for moment in moments:
        before = tuple(Exchange(one["message"], one["reply"]) for one in moment["exchanges"])
        for reply in moment["replies"]:
            exchanges = (*before, Exchange(moment["message"], reply["text"]))
            total, assessment = rate(judge, moment["scenario"], exchanges)
            rows.append(Rated(moment["id"], moment["split"], reply["label"], reply["text"], total, assessment))
    return rows


def correlation(rows: list[Rated]) -> float:
    """Spearman's rank correlation of the judge's sum with the labels."""
    return float(spearmanr([row.total for row in rows], [GRADES[row.label] for row in rows]).statistic)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--show", action="store_true", help="also print every reply but the held-out ones")
    args = parser.parse_args()
    rows = rate_all()
    figures: dict[str, object] = {}
    for split in SPLITS:
        half = [row for row in rows if row.split == split]
        means = {
            label: sum(row.total for row in half if row.label == label) / sum(row.label == label for row in half)
            for label in GRADES
        }
        figures[split] = {"replies": len(half), "spearman": round(correlation(half), 3), "mean sum of v": means}
        shown = ", ".join(f"{label} {mean:+.2f}" for label, mean in means.items())
        print(f"{split:11} n={len(half)} Spearman {correlation(half):.3f}   mean sum of v: {shown}")
    if args.show:
        for row in (row for row in rows if row.split != "held-out"):
            rules = ", ".join(sorted({f"{e.axis.letter}{e.level:+d} {e.rule}" for e in row.assessment.evidence}))
            print(f"\n[{row.moment}] {row.label} {row.total:+.0f}  {row.text}\n    {rules}")
    held_out = correlation([row for row in rows if row.split == "held-out"])
    print(f"bar: held-out at least {BAR}: {'met' if held_out >= BAR else 'not met'}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
