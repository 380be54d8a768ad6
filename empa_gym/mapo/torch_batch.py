"""TurnBatch on tensors: the same fields as the numpy one, on any device, without waiting for the device."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from empa_gym.mapo import batch as numpy_twin
from empa_gym.mapo.arrays import numbered


@dataclass(frozen=True, eq=False)
class TurnBatch:
    """Rewards of B dialogues of up to T turns as tensors on one device; see :class:`empa_gym.mapo.TurnBatch`.

    Attributes:
        rewards: (B, T) float32 or float64, without gradient; what stands where ``valid`` is False is never read.
        mask: (B, T) bool, the turn happened: True from the first turn to the last one of its row.
        valid: (B, T) bool, its immediate reward is known.
        group: (B,) int64, number of the group in order of first appearance.
        span: (B, T) int64, turns that a reward covers; None when each covers one.
        complete: (B,) bool, the dialogue ended by a rule or by its turn limit.
        groups: places for groups, at least as many as there are groups.
    """

    rewards: Tensor
    mask: Tensor
    valid: Tensor
    group: Tensor
    span: Tensor | None
    complete: Tensor
    groups: int

    @classmethod
    def from_ragged(
        cls,
        rewards: Sequence[Sequence[float]],
        groups: Iterable[Hashable],
        valid: Sequence[Sequence[bool]] | None = None,
        span: Sequence[Sequence[int]] | None = None,
        complete: Sequence[bool] | None = None,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> TurnBatch:
        """A batch from one list of rewards per dialogue, as :meth:`empa_gym.mapo.TurnBatch.from_ragged`.

        Lists are kept in float64, as by numpy; a device without float64 takes ``dtype=torch.float32``. A loss has the
        precision of the log-probs, whatever that of the advantages is.

        >>> TurnBatch.from_ragged([[1.0, 0.5], [0.0]], ["a", "a"]).mask
        tensor([[ True,  True],
                [ True, False]])
        """
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"expected dtype torch.float32 or torch.float64, got {dtype}")
        precision = np.float64 if dtype == torch.float64 else np.float32
        return to_torch(numpy_twin.TurnBatch.from_ragged(rewards, groups, valid, span, complete, precision), device)

    @classmethod
    def from_arrays(
        cls,
        rewards: Tensor,
        mask: Tensor,
        group: Tensor | Iterable[Hashable],
        valid: Tensor | None = None,
        span: Tensor | None = None,
        complete: Tensor | None = None,
        *,
        check: bool = True,
    ) -> TurnBatch:
        """A batch from padded tensors, on the device of the rewards.

        Args:
            rewards: (B, T); half precision becomes float32, whole numbers float64.
            mask: (B, T), True or non-zero from the first turn of a row to its last.
            group: (B,) numbers in a tensor, in any order, or labels of any hashable kind.
            valid: (B, T); ``mask`` when left out. Counts only within ``mask``.
            span: (B, T) whole numbers from 1; 1 when left out.
            complete: (B,); all True when left out.
            check: look at the numbers, for which the host waits for the device once. Shapes are checked in any case.

        Raises:
            ValueError: as :meth:`empa_gym.mapo.TurnBatch.from_arrays`, naming the row.

        >>> TurnBatch.from_arrays(torch.ones(2, 2), torch.ones(2, 2), torch.tensor([7, 7])).group
        tensor([0, 0])
        """
        if rewards.dim() != 2:
            raise ValueError(f"expected rewards of shape (rows, turns), got shape {tuple(rewards.shape)}")
        rows, device = len(rewards), rewards.device
        for name, given in {"mask": mask, "valid": valid, "span": span}.items():
            _check_shape(given, name, rewards.shape)
        _check_shape(complete, "complete", rewards.shape[:1])
        if isinstance(group, Tensor):
            _check_shape(group, "group", rewards.shape[:1])
        else:
            group = torch.as_tensor(numbered(group, rows), device=device)
        happened = mask.to(device).bool()
        made = cls(
            rewards.detach().to(_working(rewards.dtype)),
            happened,
            happened if valid is None else valid.to(device).bool() & happened,
            _numbered(group.to(device)),
            None if span is None else span.to(device, torch.int64),
            torch.ones(rows, dtype=torch.bool, device=device) if complete is None else complete.to(device).bool(),
            rows,
        )
        return made._checked() if check else made

    def to(self, device: torch.device | str) -> TurnBatch:
        """The same batch on another device."""
        return TurnBatch(
            self.rewards.to(device),
            self.mask.to(device),
            self.valid.to(device),
            self.group.to(device),
            None if self.span is None else self.span.to(device),
            self.complete.to(device),
            self.groups,
        )

    def __len__(self) -> int:
        """Rows."""
        return len(self.rewards)

    @cached_property
    def lengths(self) -> Tensor:
        """(B,) turns that happened."""
        return self.mask.sum(1)

    @cached_property
    def known(self) -> Tensor:
        """(B,) the last valid turn + 1, so that turn t votes when t < known; 0 for a row that takes no part."""
        numbers = torch.where(self.valid, self.turns + 1, 0)
        return torch.where(self.complete, torch.nn.functional.pad(numbers, (1, 0)).amax(1), 0)

    @cached_property
    def votes(self) -> Tensor:
        """(B, T) turns whose return is known: of complete rows, up to the last valid turn."""
        return self.turns < self.known[:, None]

    @cached_property
    def counted(self) -> Tensor:
        """(B, T) valid turns of complete rows: those whose rewards enter batch statistics."""
        return self.valid & self.complete[:, None]

    @cached_property
    def paid(self) -> Tensor:
        """(B, T) the rewards that count: those of valid turns of complete rows, 0 elsewhere."""
        return torch.where(self.counted, self.rewards, 0)

    @cached_property
    def per_turn(self) -> Tensor:
        """(B, T) paid / span: the reward that a turn earned on average."""
        if self.span is None:
            return self.paid
        return torch.where(self.counted, self.paid / self.span, 0)

    @property
    def turns(self) -> Tensor:
        """(T,) numbers of the turns."""
        return torch.arange(self.rewards.shape[1], device=self.rewards.device)

    def _checked(self) -> TurnBatch:
        """This batch, or the sentence that the numpy twin has for what is wrong with it."""
        gap = self.mask != (self.turns < self.lengths[:, None])
        wrong = gap.any() | (self.valid & ~self.rewards.isfinite()).any()
        if self.span is not None:
            wrong |= (self.valid & (self.span < 1)).any()
        if wrong:
            to_numpy(self)
        return self


def to_torch(
    batch: numpy_twin.TurnBatch, device: torch.device | str | None = None, dtype: torch.dtype | None = None
) -> TurnBatch:
    """A numpy TurnBatch as tensors.

    Args:
        batch: of :mod:`empa_gym.mapo`.
        device: where to; the default device when left out.
        dtype: torch.float32 or torch.float64; that of the rewards when left out.

    >>> to_torch(numpy_twin.TurnBatch.from_ragged([[1.0]], ["a"])).rewards
    tensor([[1.]], dtype=torch.float64)
    """
    own = torch.float64 if batch.rewards.dtype == np.float64 else torch.float32

    def moved(values: NDArray[Any], kind: torch.dtype) -> Tensor:
        return torch.tensor(np.ascontiguousarray(values), dtype=kind, device=device)

    return TurnBatch(
        moved(batch.rewards, dtype or own),
        moved(batch.mask, torch.bool),
        moved(batch.valid, torch.bool),
        moved(batch.group, torch.int64),
        None if batch.even_span else moved(batch.span, torch.int64),
        moved(batch.complete, torch.bool),
        int(batch.group.max(initial=-1)) + 1,
    )


def to_numpy(batch: TurnBatch) -> numpy_twin.TurnBatch:
    """The same batch as arrays, for what is read on the host: :func:`empa_gym.mapo.diagnose`.

    >>> to_numpy(TurnBatch.from_ragged([[1.0]], ["a"])).rewards
    array([[1.]])
    """
    return numpy_twin.TurnBatch.from_arrays(
        batch.rewards.cpu().numpy(),
        batch.mask.cpu().numpy(),
        batch.group.cpu().numpy(),
        batch.valid.cpu().numpy(),
        None if batch.span is None else batch.span.cpu().numpy(),
        batch.complete.cpu().numpy(),
    )


def _numbered(labels: Tensor) -> Tensor:
    """Labels as numbers 0, 1, ... in order of first appearance, without asking the device how many there are.

    Sorted stably, a run of equal labels begins with the row where the label appeared first: its leader.
    """
    rows = torch.arange(len(labels), device=labels.device)
    ranked, order = torch.sort(labels, stable=True)
    begins = torch.ones_like(rows, dtype=torch.bool)
    begins[1:] = ranked[1:] != ranked[:-1]
    start = torch.cummax(torch.where(begins, rows, 0), 0).values
    leader = torch.empty_like(rows).scatter_(0, order, order[start])
    return (torch.cumsum(leader == rows, 0) - 1)[leader]


def _working(dtype: torch.dtype) -> torch.dtype:
    """In which precision rewards of this type are kept."""
    if dtype in (torch.float16, torch.bfloat16):
        return torch.float32
    return dtype if dtype == torch.float32 else torch.float64


def _check_shape(values: Tensor | None, name: str, shape: torch.Size) -> None:
    if values is not None and values.shape != shape:
        raise ValueError(f"expected {name} of shape {tuple(shape)} as the rewards have, got {tuple(values.shape)}")
