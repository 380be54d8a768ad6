"""The trainer example gives each token the advantage of its turn, in both shapes, with numpy alone."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from empa_gym.mapo import TurnBatch, mixed_advantages

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "mapo_in_your_trainer.py"
NUMPY_ONLY = f"""
import runpy, sys
runpy.run_path({str(EXAMPLE)!r}, run_name="__main__")
assert "torch" not in sys.modules
"""


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLE))


def test_it_runs_without_torch_or_a_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", NUMPY_ONLY], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "largest difference between the two shapes" in done.stdout


@pytest.mark.parametrize("seed", range(10))
def test_both_shapes_give_each_token_the_advantage_of_its_turn(example: dict[str, Any], seed: int) -> None:
    args = example["Args"](seed=seed, prompts=3)
    rollouts = example["dialogues"](args)
    trl = example["in_trl"](rollouts, args.num_generations, args.gamma)
    rewards, mask, index = example["as_verl"](rollouts, args.num_generations)
    order = np.random.default_rng(seed).permutation(len(rollouts))
    verl = example["in_verl"](rewards[order], mask[order], index[order], args.gamma)
    batch = TurnBatch.from_ragged([r.turn_rewards for r in rollouts], [row // 4 for row in range(len(rollouts))])
    values = mixed_advantages(batch, gamma=args.gamma).values
    expected = np.zeros(trl.shape)
    for row, rollout in enumerate(rollouts):
        for token, turn in enumerate(rollout.turn_ids):
            if turn >= 0:
                expected[row, token] = values[row, turn]
    np.testing.assert_array_equal(trl, expected)
    np.testing.assert_allclose(verl, expected[order], rtol=0, atol=1e-12)


def test_a_response_that_was_cut_keeps_the_turns_that_are_left(example: dict[str, Any]) -> None:
    mask = np.array([[1, 1, 0, 1], [1, 0, 1, 1]])
    rewards = np.array([[0.0, 2.0, 0.0, 1.0], [1.0, 0.0, 0.0, 3.0]])
    index = np.array(["a", "a"], object)
    whole = example["in_verl"](rewards, mask, index, 0.0)
    cut = example["in_verl"](rewards[:, :2], mask[:, :2], index, 0.0)
    assert whole.shape == (2, 4)
    assert (np.sign(cut[:, 0]) == [1, -1]).all()
