"""Twenty transcripts for a blind reader: is this person being met or missed?

Ten dialogues are played by the honest supporter, ten by policies that miss the person. Only the person's own messages
are written out, in shuffled order. A reader who knows nothing of the policies writes ``met`` or ``missed`` for each;
``--answers`` then counts how many are right. At least 17 of 20 are wanted.

    python benchmarks/blind_reading.py FOLDER                      writes 01.txt ... 20.txt and key.json
    python benchmarks/blind_reading.py FOLDER --answers FILE.json  {"01": "met", ...}
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.views import pick
from empa_gym.dialogue import Rules
from empa_gym.drive import run
from empa_gym.epm import EPMParams
from empa_gym.policies import POLICIES
from empa_gym.probes import PROBES
from empa_gym.rollout.play import Game, play
from empa_gym.scenarios import select_scenarios

SEED = 1000
TURNS = 9
PLAYERS = {**POLICIES, **PROBES}
MISSING = (
    "generic", "advice-dump", "toxic-positivity", "generic", "praise",
    "generic", "advice-dump", "ornate", "generic", "toxic-positivity",
)  # fmt: skip
WANTED = 17


def transcripts() -> list[tuple[str, str]]:
    """Pairs of truth and text, in shuffled order: 10 met, 10 missed."""
    scenarios = select_scenarios("starter")
    game = Game(offline_cast(), Rules(EPMParams.endless(TURNS)))
    pairs = []
    for number in range(2 * len(MISSING)):
        met = number % 2 == 0
        policy = PLAYERS["supporter" if met else MISSING[number // 2]]()
        state = run(play(scenarios[number % len(scenarios)], SEED + number, policy, game)).state
        text = "\n\n".join(turn.message for turn in state.turns)
        pairs.append(("met" if met else "missed", text))
    return sorted(pairs, key=lambda pair: pick(SEED, len(pair[1]), "policy", 10**6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--answers", type=Path)
    args = parser.parse_args()
    if args.answers:
        key = json.loads((args.folder / "key.json").read_text(encoding="utf-8"))
        given = json.loads(args.answers.read_text(encoding="utf-8"))
        right = sum(given.get(name) == truth for name, truth in key.items())
        print(f"{right} of {len(key)} right; wanted: {WANTED}")
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    pairs = {f"{number:02d}": pair for number, pair in enumerate(transcripts(), 1)}
    for name, (_, text) in pairs.items():
        (args.folder / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
    key = {name: truth for name, (truth, _) in pairs.items()}
    (args.folder / "key.json").write_text(json.dumps(key, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {len(pairs)} transcripts and key.json into {args.folder}")


if __name__ == "__main__":
    main()
