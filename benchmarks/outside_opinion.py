"""How the embedded judge's ratings rank with an outside opinion.

Sixty replies to twelve moments were written and labelled good, mediocre or bad by somebody who had not seen the
judge (``outside_opinion.json``). Thirty of them ("tuning") were looked at while the judge was written, and so were
the development sets ``a`` and ``b`` of ninety replies each, by other writers, and every second moment of set ``c``.
The other moments of ``c`` ("c, kept") were not read while the judge was written; their figure was looked at a few
times. The figure that counts is the rank correlation (Spearman) on the thirty held-out replies. The judge is
deterministic, so one run is all runs.

    python benchmarks/outside_opinion.py [--without-held-out] [--json FILE] [--show]
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
OPINION = "outside_opinion.json"
DEVELOPMENT = {name: f"development_opinion_{name}.json" for name in "abc"}
FILES = (OPINION, *DEVELOPMENT.values())
HALVED = DEVELOPMENT["c"]
"""Of this set every second moment was kept from reading."""
SPLITS = ("tuning", "development", "held-out")
GRADES = {"bad": 0, "mediocre": 1, "good": 2}
BAR = 0.6


class Rated(NamedTuple):
    """One reply: where it stands, how it was labelled, and what the judge made of it."""

    part: str
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


def part_of(file: str, split: str, number: int) -> str:
    """What the replies of a file's moment are counted under, ``number`` being the moment's place in the file."""
    if file == OPINION:
        return split
    name = f"development {next(name for name, known in DEVELOPMENT.items() if known == file)}"
    return f"{name}, {'kept' if number % 2 else 'read'}" if file == HALVED else name


def rate_all(files: tuple[str, ...] = FILES, splits: tuple[str, ...] = SPLITS) -> list[Rated]:
    """Every reply of the sets in these splits, rated in its moment; the other splits are not rated at all."""
    judge = OfflineJudge()
    rows = []
    for file in files:
        moments = json.loads((DATA / file).read_text(encoding="utf-8"))["moments"]
        for number, moment in enumerate(moments):
            if moment["split"] not in splits:
                continue
            before = tuple(Exchange(one["message"], one["reply"]) for one in moment["exchanges"])
            part = part_of(file, moment["split"], number)
            for reply in moment["replies"]:
                exchanges = (*before, Exchange(moment["message"], reply["text"]))
                rated = rate(judge, moment["scenario"], exchanges)
                rows.append(Rated(part, moment["id"], moment["split"], reply["label"], reply["text"], *rated))
    return rows


def correlation(rows: list[Rated]) -> float:
    """Spearman's rank correlation of the judge's sum with the labels."""
    return float(spearmanr([row.total for row in rows], [GRADES[row.label] for row in rows]).statistic)


def show(name: str, rows: list[Rated]) -> dict[str, object]:
    """Print one line of figures, and return them: how many replies, their correlation, the mean sum of v by label."""
    totals = {label: [row.total for row in rows if row.label == label] for label in GRADES}
    means = {label: sum(values) / len(values) for label, values in totals.items()}
    shown = ", ".join(f"{label} {mean:+.2f}" for label, mean in means.items())
    print(f"{name:19} n={len(rows):3} Spearman {correlation(rows):.3f}   mean sum of v: {shown}")
    return {"replies": len(rows), "spearman": round(correlation(rows), 3), "mean sum of v": means}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--show", action="store_true", help="also print every reply but the held-out and kept ones")
    parser.add_argument("--without-held-out", action="store_true", help="neither rate nor report the held-out replies")
    args = parser.parse_args()
    rows = rate_all(splits=SPLITS[:2] if args.without_held_out else SPLITS)
    figures = {
        part: show(part, [row for row in rows if row.part == part]) for part in dict.fromkeys(r.part for r in rows)
    }
    figures["development"] = show("development", [row for row in rows if row.split == "development"])
    if args.show:
        for row in (row for row in rows if row.part != "held-out" and not row.part.endswith("kept")):
            rules = ", ".join(sorted({f"{e.axis.letter}{e.level:+d} {e.rule}" for e in row.assessment.evidence}))
            print(f"\n[{row.part} {row.moment}] {row.label} {row.total:+.0f}  {row.text}\n    {rules}")
    if not args.without_held_out:
        held_out = correlation([row for row in rows if row.split == "held-out"])
        print(f"bar: held-out at least {BAR}: {'met' if held_out >= BAR else 'not met'}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
