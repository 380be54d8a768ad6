"""EPM-Q against the published table: 10 models, 13 figures each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from empa_gym.outcome import Outcome
from empa_gym.scoring import Trajectory, summarise
from tests.published import MODELS, VERDICTS, level_array, needs_data, published_table, recordings

pytestmark = needs_data
TOLERANCE = 0.02
"""The source summed stored figures and printed two decimals."""


def trajectory(dialogue: dict[str, Any]) -> Trajectory:
    word = VERDICTS[dialogue["termination"]]
    return Trajectory(
        positions=np.array([dialogue["P_0"], *[turn["P_t"] for turn in dialogue["turns"]]]),
        levels=np.array([level_array(turn) for turn in dialogue["turns"]]),
        outcome=Outcome.RECOVERED if word in ("geometric", "positional") else Outcome.TURN_LIMIT,
        turns=dialogue["total_turns"],
        end_kind=word if word in ("geometric", "positional") else "",
    )


def test_all_thirteen_figures_of_all_ten_models_are_met() -> None:
    table = published_table()
    assert len(table) == len(recordings()) == MODELS
    for model, dialogues in recordings().items():
        summary = summarise(model, [trajectory(dialogue) for dialogue in dialogues])
        assert (summary.dialogues, summary.scored, summary.failed) == (30, 30, 0)
        assert summary.score == pytest.approx(table[model], abs=TOLERANCE), model


def test_passes_are_the_recorded_successes() -> None:
    passed = {m: summarise(m, [trajectory(d) for d in dialogues]).passed for m, dialogues in recordings().items()}
    assert passed["gemini-2.5-pro"] == 28
    assert passed["qwen3-32b"] == 0
    assert sum(passed.values()) == 148 + 23
