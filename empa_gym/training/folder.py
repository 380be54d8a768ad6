"""The folder of a training run: config.json, metrics.jsonl, checkpoint.pt; enough to go on after a kill.

A checkpoint holds parameters, optimiser and the number of steps; everything random is addressed by seed and step, so
a run that goes on from it draws what an uninterrupted one would have drawn. Metrics that were written after the
checkpoint belong to steps that are made again, and are cut off.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from empa_gym.errors import RecordError
from empa_gym.training.config import TrainConfig, config_data, config_from
from empa_gym.training.trainer import Trainer

CONFIG, METRICS, CHECKPOINT = "config.json", "metrics.jsonl", "checkpoint.pt"


class TrainingFolder:
    """Where a run keeps what it needs.

    Args:
        path: the folder; it is made where it is lacking.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def begun(self) -> bool:
        """Whether a run was begun here."""
        return (self.path / CONFIG).is_file()

    def begin(self, config: TrainConfig, policy: str) -> None:
        """Write down what the run is to do.

        Raises:
            ValueError: another run lies here.
        """
        if self.begun:
            raise ValueError(f"{self.path} holds a run already; go on with it by --resume, or name another folder")
        self.path.mkdir(parents=True, exist_ok=True)
        _write(self.path / CONFIG, json.dumps({"policy": policy, **config_data(config)}, indent=2).encode() + b"\n")

    def config(self) -> tuple[TrainConfig, str]:
        """What the run is to do, and its policy.

        Raises:
            RecordError: no run was begun here, or its configuration cannot be read.
            ConfigError: a field is not what it must be.
        """
        source = str(self.path / CONFIG)
        try:
            data = json.loads((self.path / CONFIG).read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise RecordError(source, "", f"expected the configuration of a training run, found: {error}") from None
        policy = str(data.pop("policy", "small"))
        return config_from(data, source), policy

    def note(self, line: Mapping[str, Any]) -> None:
        """Append a line of metrics."""
        with (self.path / METRICS).open("a", encoding="utf-8", newline="\n") as lines:
            lines.write(json.dumps(line) + "\n")

    def metrics(self) -> Iterator[dict[str, Any]]:
        """The lines of metrics, oldest first; a torn last line, as a kill leaves it, is left out."""
        path = self.path / METRICS
        if not path.is_file():
            return
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield json.loads(line)

    def save(self, trainer: Trainer) -> None:
        """Keep a checkpoint; it replaces the one before whole or not at all."""
        unfinished = self.path / f"{CHECKPOINT}.part"
        state = {
            "done": trainer.done,
            "network": trainer.learner.network.state_dict(),
            "optimiser": trainer.optimiser.state_dict(),
            "reference": None if trainer.reference is None else trainer.reference.network.state_dict(),
        }
        torch.save(state, unfinished)
        os.replace(unfinished, self.path / CHECKPOINT)

    def restore(self, trainer: Trainer) -> None:
        """Bring a trainer to the last checkpoint, and cut off the metrics of later steps; nothing without one."""
        path = self.path / CHECKPOINT
        if path.is_file():
            state = torch.load(path, weights_only=True)
            trainer.learner.network.load_state_dict(state["network"])
            trainer.optimiser.load_state_dict(state["optimiser"])
            if trainer.reference is not None:
                trainer.reference.network.load_state_dict(state["reference"])
            trainer.done = state["done"]
        kept = [line for line in self.metrics() if line["step"] <= trainer.done]
        if kept or (self.path / METRICS).is_file():
            _write(self.path / METRICS, b"".join(json.dumps(line).encode() + b"\n" for line in kept))


def train(trainer: Trainer, folder: TrainingFolder) -> Iterator[dict[str, Any]]:
    """Train to the end; yields each line of metrics once it is kept.

    A line is a step's, or, with "evaluation" in it, what the policy came to on held-out scenarios after so many steps.

    Args:
        trainer: brought to its last checkpoint by :meth:`TrainingFolder.restore`, where there is one.
        folder: keeps metrics and checkpoints.
    """
    config = trainer.config
    if trainer.done == 0:
        yield from _noted(folder, {"step": 0, "evaluation": trainer.evaluate()._asdict()})
    while trainer.done < config.steps:
        yield from _noted(folder, dataclasses.asdict(trainer.step()))
        if trainer.done % config.evaluate_every == 0 or trainer.done == config.steps:
            yield from _noted(folder, {"step": trainer.done, "evaluation": trainer.evaluate()._asdict()})
        if trainer.done % config.checkpoint_every == 0 or trainer.done == config.steps:
            folder.save(trainer)


def _noted(folder: TrainingFolder, line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    folder.note(line)
    yield line


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
