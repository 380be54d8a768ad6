"""A training run from its arguments to its lines of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from empa_gym.training.config import TrainConfig
from empa_gym.training.folder import TrainingFolder, train
from empa_gym.training.learners import make_learner
from empa_gym.training.trainer import Trainer


class TrainingRun(NamedTuple):
    """A run that is ready to go.

    Attributes:
        config: what it does.
        policy: what is trained.
        folder: where it lies.
        done: steps that were made before, in the last checkpoint.
        past: the lines of metrics of these steps.
        lines: plays; yields each further line of metrics once it is kept.
    """

    config: TrainConfig
    policy: str
    folder: Path
    done: int
    past: list[dict[str, Any]]
    lines: Iterator[dict[str, Any]]


def begin(config: TrainConfig, policy: str, path: Path, threads: int = 1) -> TrainingRun:
    """A new run.

    Args:
        config: what it does.
        policy: see :func:`~empa_gym.training.learners.make_learner`.
        path: its folder, which must not hold a run.
        threads: of torch; small networks are fastest on one.

    Raises:
        ValueError: the folder holds a run, or the policy or a name in the configuration stands for nothing.
    """
    trainer = Trainer(config, make_learner(policy, config.seed, config.model))
    folder = TrainingFolder(path)
    folder.begin(config, policy)
    return _ready(trainer, policy, folder, threads)


def resume(path: Path, threads: int = 1) -> TrainingRun:
    """A run that was interrupted, from its last checkpoint on.

    Raises:
        RecordError: no run was begun there.
        ConfigError: its configuration is not what it must be.
    """
    folder = TrainingFolder(path)
    config, policy = folder.config()
    return _ready(Trainer(config, make_learner(policy, config.seed, config.model)), policy, folder, threads)


def _ready(trainer: Trainer, policy: str, folder: TrainingFolder, threads: int) -> TrainingRun:
    torch.set_num_threads(threads)
    folder.restore(trainer)
    return TrainingRun(
        trainer.config, policy, folder.path, trainer.done, list(folder.metrics()), train(trainer, folder)
    )
