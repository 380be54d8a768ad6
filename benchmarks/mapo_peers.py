"""Advantage functions of other packages, where they are installed: what benchmarks/mapo_speed.py compares with.

verl's file of algorithms is executed as it is; of its imports, those that only annotate or configure are replaced by
empty modules, so that neither a GPU stack nor verl's own requirements are needed:
pip install --no-deps verl stable-baselines3, beside torch, gymnasium, pandas and cloudpickle.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

EMPTY = (
    "omegaconf",
    "tensordict",
    "transformers",
    "verl",
    "verl.trainer",
    "verl.trainer.config",
    "verl.utils",
    "verl.utils.device",
    "verl.utils.import_utils",
    "verl.workers",
    "verl.workers.config",
)


class Empty(ModuleType):
    """A module of which every name is a class that does nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def verl_algorithms() -> ModuleType | None:
    """The module of verl's algorithms, or None where verl or torch is not installed."""
    if not (found := importlib.util.find_spec("verl")) or not importlib.util.find_spec("torch"):
        return None
    root = Path(str(found.origin)).parent
    kept = {name: sys.modules.get(name) for name in EMPTY}
    for name in EMPTY:
        sys.modules[name] = Empty(name)
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, sys.modules[name])
    utils: Any = sys.modules["verl.utils"]
    imports: Any = sys.modules["verl.utils.import_utils"]
    imports.deprecated = lambda *_, **__: lambda function: function
    utils.torch_functional = execute(root / "utils" / "torch_functional.py", "verl.utils.torch_functional")
    groups = execute(root / "utils" / "groupwise.py", "verl.utils.groupwise")
    utils.as_torch_index, utils.group_mean_std = groups.as_torch_index, groups.group_mean_std
    try:
        return execute(root / "trainer" / "ppo" / "core_algos.py", "verl.trainer.ppo.core_algos")
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def execute(path: Path, name: str) -> ModuleType:
    """The module at a path."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"expected a Python file at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def verl_calls(rewards: Any, mask: Any, groups: Any) -> dict[str, Callable[[], Any]]:
    """Estimators of verl on (B, T) rewards, one token for each turn; on (B, L) tokens the same."""
    algorithms = verl_algorithms()
    if algorithms is None:
        return {}
    torch = importlib.import_module("torch")
    given, there = torch.from_numpy(rewards), torch.from_numpy(mask.astype(np.float32))
    values, config = torch.zeros_like(given), SimpleNamespace(gamma=0.99)
    return {
        "verl REINFORCE++": lambda: algorithms.compute_reinforce_plus_plus_outcome_advantage(
            given, there, config=config
        ),
        "verl GAE": lambda: algorithms.compute_gae_advantage_return(given, values, there, 0.99, 0.95),
        "verl GRPO (outcome only)": lambda: algorithms.compute_grpo_outcome_advantage(given, there, groups),
    }


def sb3_returns(rewards: Any) -> Callable[[], Any] | None:
    """Stable-Baselines3's scan of returns over (T, B), which normalises nothing; None where it is not installed."""
    try:
        buffers = importlib.import_module("stable_baselines3.common.buffers")
        spaces, torch = importlib.import_module("gymnasium.spaces"), importlib.import_module("torch")
    except ImportError:
        return None
    turns, rows = rewards.shape[1], rewards.shape[0]
    box = spaces.Box(-1, 1, (1,), np.float32)
    buffer = buffers.RolloutBuffer(turns, box, box, device="cpu", gae_lambda=1.0, gamma=0.99, n_envs=rows)
    buffer.rewards[:] = rewards.T
    last, done = torch.zeros(rows), np.zeros(rows, np.float32)
    return lambda: buffer.compute_returns_and_advantage(last, done)
