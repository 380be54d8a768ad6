"""Who earns what from the embedded judge: policies, probes, and a searching attacker.

Every policy and probe plays 12 scenarios x 5 seeds under the published rules; the attacker plays them with 2,000
queries a scenario and seed. Bars: supporter > generic > every probe in mean EPM-Q, mean zone return and mean energy;
supporter passes 50-95%, generic under 20%, probes none; the blind attacker stays below the supporter, the free one
within 1.25 times of it. Policies and judge were tuned on seeds 0-4 of the 8 scenarios of starter-train.

    python benchmarks/attack_suite.py [--seeds 1000 1001 ...] [--queries 2000] [--no-attacker] [--json FILE]
        [--keep FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from machine import machine

from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.protocols import Policy
from empa_gym.dialogue.state import DialogueState
from empa_gym.drive import run
from empa_gym.policies import POLICIES
from empa_gym.probes import PROBES, VARIANTS, Attack, attack
from empa_gym.rollout.play import Game, play
from empa_gym.scenarios import Scenario, select_scenarios
from empa_gym.scoring import Trajectory, summarise

ACCEPTANCE = (1000, 1001, 1002, 1003, 1004)
SPLITS = ("starter", "starter-train", "starter-test")
MEASURES = ("epmq", "zone", "energy")
FREE_LIMIT = 1.25
KEPT = 3
RESULT = Path(__file__).parent / "results" / "attack_suite.json"


class Row(NamedTuple):
    """What one player came to on one split."""

    player: str
    split: str
    dialogues: int
    epmq: float
    zone: float
    energy: float
    passed: float
    turns: float
    outcomes: dict[str, int]


def trajectory(state: DialogueState) -> Trajectory:
    """The dialogue as the score sees it."""
    levels = [assessment.levels for assessment in state.assessments]
    points = [point.position for point in state.points]
    return Trajectory(points, levels, state.outcome, len(levels), state.end_kind, state.turn)


def play_policy(make: Callable[[], Policy], scenario: Scenario, seed: int) -> DialogueState:
    return run(play(scenario, seed, make(), Game(offline_cast()))).state


def rows_of(player: str, states: Sequence[DialogueState]) -> list[Row]:
    """One row a split."""
    rows = []
    for split in SPLITS:
        names = {scenario.id for scenario in select_scenarios(split)}
        chosen = [trajectory(state) for state in states if state.scenario.id in names]
        if len({state.scenario.id for state in states} & names) < len(names):
            continue
        summary = summarise(player, chosen)
        rows.append(
            Row(
                player=player,
                split=split,
                dialogues=len(chosen),
                epmq=summary.score.epmq,
                zone=summary.returns.zone,
                energy=summary.returns.energy,
                passed=summary.passed / len(chosen),
                turns=summary.mean_turns,
                outcomes=dict(summary.outcomes),
            )
        )
    return rows


def show(row: Row) -> str:
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(row.outcomes.items()))
    return (
        f"{row.player:20} {row.split:14} {row.dialogues:4d} {row.epmq:8.2f} {row.zone:8.2f} {row.energy:8.2f} "
        f"{row.passed:6.0%} {row.turns:6.1f}  {outcomes}"
    )


def bars(rows: Sequence[Row]) -> dict[str, bool]:
    """Each bar, and whether it is met, over all scenarios."""
    whole = {row.player: row for row in rows if row.split == "starter"}
    supporter, generic = whole["supporter"], whole["generic"]
    probes = [whole[name] for name in PROBES]
    met = {}
    for measure in MEASURES:
        best, kind = getattr(supporter, measure), getattr(generic, measure)
        met[f"{measure}: supporter > generic"] = best > kind
        met[f"{measure}: generic > every probe"] = all(kind > getattr(probe, measure) for probe in probes)
        if "attacker-blind" in whole:
            met[f"{measure}: blind attacker < supporter"] = getattr(whole["attacker-blind"], measure) < best
            met[f"{measure}: free attacker within {FREE_LIMIT} x supporter"] = (
                getattr(whole["attacker-free"], measure) <= FREE_LIMIT * best
            )
    met["supporter passes 50-95%"] = 0.5 <= supporter.passed <= 0.95
    met["generic passes under 20%"] = generic.passed < 0.2
    met["no probe passes"] = all(probe.passed == 0 for probe in probes)
    return met


def run_attacks(variant: str, scenarios: Sequence[Scenario], seeds: Sequence[int], queries: int) -> list[Attack]:
    """All attacks of one variant."""
    results = []
    started = time.perf_counter()
    total = len(scenarios) * len(seeds)
    for number, (scenario, seed) in enumerate(((s, seed) for s in scenarios for seed in seeds), 1):
        results.append(attack(scenario, seed, offline_cast(), variant, queries=queries))
        left = (time.perf_counter() - started) / number * (total - number)
        print(f"  attacker-{variant} {number}/{total}, {left:.0f} s left   ", end="\r", file=sys.stderr, flush=True)
    return results


def gain(state: DialogueState) -> float:
    """Mean work of a turn: energy over turns."""
    return state.point.energy / state.turn


def best_cases(attacks: Sequence[Attack]) -> list[dict[str, object]]:
    """The KEPT best attacks by their mean gain per turn, with every reply, to be played again by a test."""
    ranked = sorted(attacks, key=lambda one: -gain(one.state))[:KEPT]
    return [
        {
            "variant": one.variant,
            "scenario": one.state.scenario.id,
            "seed": one.state.seed,
            "gain": round(gain(one.state), 4),
            "replies": [turn.reply for turn in one.state.turns],
        }
        for one in ranked
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(ACCEPTANCE))
    parser.add_argument("--scenarios", default="starter")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--no-attacker", action="store_true")
    parser.add_argument("--json", type=Path, default=RESULT)
    parser.add_argument("--keep", type=Path, help=f"write the {KEPT} best attacks of each variant into this file")
    args = parser.parse_args()
    head = machine()
    print("\n".join(f"{key}: {value}" for key, value in head.items()))
    print(f"{'player':20} {'split':14} {'n':>4} {'EPM-Q':>8} {'zone':>8} {'energy':>8} {'passed':>6} {'turns':>6}")
    scenarios = select_scenarios(args.scenarios)
    rows: list[Row] = []
    cases: list[dict[str, object]] = []
    for name, make in {**POLICIES, **PROBES}.items():
        rows += rows_of(name, [play_policy(make, s, seed) for s in scenarios for seed in args.seeds])
        print("\n".join(show(row) for row in rows if row.player == name), flush=True)
    for variant in () if args.no_attacker else VARIANTS:
        attacks = run_attacks(variant, scenarios, args.seeds, args.queries)
        cases += best_cases(attacks)
        rows += rows_of(f"attacker-{variant}", [one.state for one in attacks])
        print("\n".join(show(row) for row in rows if row.player == f"attacker-{variant}"), flush=True)
    if {"starter"} <= {row.split for row in rows}:
        met = bars(rows)
        print("\n".join(f"{'met    ' if good else 'NOT MET'}  {bar}" for bar, good in met.items()))
        args.json.parent.mkdir(exist_ok=True)
        figures = {"machine": head, "seeds": args.seeds, "rows": [row._asdict() for row in rows], "bars": met}
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if args.keep:
        kept = json.loads(args.keep.read_text(encoding="utf-8")) if args.keep.exists() else {"closed": []}
        args.keep.write_text(json.dumps({**kept, "standing": cases}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
