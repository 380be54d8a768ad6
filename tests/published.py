"""The published recordings, where EMPA_PUBLISHED_DATA names their folder, and files in the public layout.

None of that data is part of this project: a test that needs it is skipped, saying so, where the folder is absent.
"""

from __future__ import annotations

import csv
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from empa_gym.epm import MDEP_PR
from empa_gym.scoring import EPMQ

VARIABLE = "EMPA_PUBLISHED_DATA"
needs_data = pytest.mark.skipif(
    not os.environ.get(VARIABLE), reason=f"{VARIABLE} is not set to the folder of the published data"
)
MODELS = 10
DIALOGUES = 300
OFFICIAL_FILES = 17
LEVEL_KEYS = ("C_Prog_level", "C_Neg_level", "A_Prog_level", "A_Neg_level", "P_Prog_level", "P_Neg_level")
TABLE_COLUMNS = (
    *("Idx_RDI", "Idx_Etot", "Idx_Snet", "Idx_Rho", "Idx_Sproj", "Idx_Tau", "Idx_Rpos", "Idx_Align", "Idx_Pen"),
    *("Outcome Quality", "Process Efficiency", "Process Stability", "EPM-Q Score"),
)
"""Columns of the published table in the order of the fields of EPMQ."""
VERDICTS = {
    "success:positional": "positional",
    "success:geometric": "geometric",
    "failure:collapse": "collapse",
    "failure:oscillation": "oscillation",
    "max_turns": "turn_limit",
}
"""How the recordings name an end, and how this package does."""


def data_folder() -> Path:
    return Path(os.environ[VARIABLE])


def official_results() -> Path:
    return data_folder() / "official_format" / "results"


@cache
def recordings() -> dict[str, list[dict[str, Any]]]:
    """The published dialogues of each model."""
    files = sorted((data_folder() / "published").glob("*.json"))
    return {file.stem: json.loads(file.read_text("utf-8")) for file in files if file.stem != "iedr"}


def all_dialogues() -> list[dict[str, Any]]:
    return [dialogue for dialogues in recordings().values() for dialogue in dialogues]


def initial_ratings() -> dict[str, dict[str, Any]]:
    ratings: dict[str, dict[str, Any]] = json.loads((data_folder() / "published" / "iedr.json").read_text("utf-8"))
    return ratings


def published_table() -> dict[str, EPMQ]:
    """The published EPM-Q figures by model."""
    with (data_folder() / "published" / "epmq_table.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: EPMQ(*[float(row[column]) for column in TABLE_COLUMNS]) for row in csv.DictReader(file)}


def level_array(turn: dict[str, Any]) -> np.ndarray:
    """Levels of one recorded turn, shape (3, 2); zeros where no form was filled."""
    return np.array(turn["levels"] or [0] * 6).reshape(3, 2)


def public_layout(dialogue: dict[str, Any]) -> dict[str, Any]:
    """A dialogue of the recordings as the public benchmark lays out a result file."""
    points = [{"turn": 0, "P_t": dialogue["P_0"], "v_t": [0, 0, 0]}]
    for turn in dialogue["turns"]:
        point = {"turn": turn["turn"], "P_t": turn["P_t"], "v_t": turn["v_t"]}
        if turn["levels"] is not None:
            point["mdep_analysis"] = dict(zip(LEVEL_KEYS, turn["levels"], strict=True)) | {"C_Prog_evidence": "..."}
        points.append(point)
    return {
        "total_turns": dialogue["total_turns"],
        "termination_reason": dialogue["termination_reason"],
        "script_id": dialogue["script_id"],
        "status": "success",
        "epj": {"P_0_initial_deficit": dialogue["P_0"], "trajectory": points, "K": dialogue["K"], "epsilon": 1.0},
    }


def write_result(folder: Path, content: dict[str, Any]) -> Path:
    """Write one result file under its public name."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{content['script_id']}_result.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def write_recordings(folder: Path) -> None:
    """Write every recording as a result file: a folder per model."""
    for model, dialogues in recordings().items():
        for dialogue in dialogues:
            write_result(folder / model, public_layout(dialogue))


def made_up(levels: list[list[int] | None], reason: str, script: str = "script_001") -> dict[str, Any]:
    """A result file of invented numbers: P_0 = (-10, 0, 0) and these levels a turn (None: no form)."""
    position, turns = np.array([-10.0, 0.0, 0.0]), []
    for number, form in enumerate(levels, 1):
        shift = MDEP_PR.points(np.array(form or [0] * 6).reshape(3, 2))
        position = position + shift
        turns.append({"turn": number, "levels": form, "v_t": shift.tolist(), "P_t": position.tolist()})
    dialogue = {
        "P_0": [-10, 0, 0],
        "turns": turns,
        "total_turns": len(turns),
        "termination_reason": reason,
        "script_id": script,
        "K": 1,
    }
    return public_layout(dialogue)
