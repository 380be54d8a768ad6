"""Who is compared with whom at a turn, and which turns enter the loss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from empa_gym.mapo.arrays import before
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Block, Mask
from empa_gym.mapo.options import Options, TurnScope
from empa_gym.mapo.scan import Whole, turns_of


def votes(block: Block, turns: int, scope: TurnScope) -> Mask | None:
    """(N, T, g), or (N, 1, g), siblings whose returns are compared; None when all are.

    Right at every turn that may enter the loss.
    """
    if block.plain and scope != "alive":
        return block.present
    turn, known = turns_of(turns)[:, None], block.known[:, None]
    found: Mask = turn < known
    if scope == "absorbing":
        found |= (turn >= block.lengths[:, None]) & (known > 0)
    return found


class Loss(NamedTuple):
    """What enters the loss.

    Attributes:
        mask: (B, T) the turns; read-only.
        reach: for each block of the layout how many turns it has up to the last that enters the loss in any group.
    """

    mask: Mask
    reach: tuple[int, ...]


def loss_of(batch: TurnBatch, options: Options) -> Loss:
    """The turns that enter the loss; kept, as no reward has a say in it."""
    key = options.turn_scope, options.lone_survivor
    if key in batch.losses:
        kept: Loss = batch.losses[key]
        return kept
    layout, (rows, turns) = batch.layout, batch.rewards.shape
    ends, reach = layout.new(rows, 1, np.dtype(np.intp)), []
    for block in layout.blocks:
        room, last = layout.room(block, ends, "ends"), _ends(block, turns, options)
        layout.siblings(block, room)[:, 0] = last
        layout.give(block, room, ends)
        reach.append(int(last.max()))
    mask = before(ends[:, 0], turns, batch.order)
    if options.turn_scope == "absorbing" and options.lone_survivor == "drop":
        for block in layout.blocks:
            _drop_lone(batch, block, mask)
    mask.flags.writeable = False
    batch.losses[key] = found = Loss(mask, tuple(reach))
    return found


def _ends(block: Block, turns: int, options: Options) -> Whole:
    """(N, g): t < end enters the loss."""
    shortest = options.turn_scope == "shortest"
    ends = np.minimum(block.known, block.shortest) if shortest else block.known
    together = shortest and block.plain
    if together or options.turn_scope == "absorbing" or options.lone_survivor == "keep" or len(ends) == 1:
        return ends
    second = np.partition(block.known, -2, 0)[-2]  # from the second longest on, the longest is alone
    return np.minimum(ends, np.where(np.count_nonzero(block.known, 0) > 1, second, turns))


def _drop_lone(batch: TurnBatch, block: Block, mask: Mask) -> None:
    """Where finished dialogues vote, a turn may have a single voter now and several later."""
    if block.plain:
        return
    voting = np.asarray(votes(block, mask.shape[1], "absorbing"))
    together = (np.count_nonzero(voting, 0) != 1) | (np.count_nonzero(block.known, 0) < 2)
    room = batch.layout.scratch(block, mask.shape[1], mask.dtype, "together")
    np.copyto(batch.layout.siblings(block, room), together)
    room &= batch.layout.take(block, mask, "mask")
    if batch.layout.aligned:
        mask[block.columns] = room
    else:
        batch.layout.give(block, room, mask)
