"""How the moves of a vector environment's slots are made: one after the other, or all at once where models answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from empa_gym.chat import Flow
from empa_gym.clients.background import run_in_background
from empa_gym.drive import arun, run
from empa_gym.envs.vector_slot import Moved, Slot
from empa_gym.errors import EmpaError


def make_moves(slots: Sequence[Slot], moves: Mapping[int, Flow[Moved]], made: dict[int, Moved]) -> None:
    """Make every move. Without a model no event loop is touched: the moves are made one after the other.

    Args:
        slots: whose moves they are.
        moves: by slot.
        made: takes what each came to as soon as it is there, so that an error or an interruption loses
            nothing of the others.

    Raises:
        EmpaError: a move failed: the first one by slot, after all others have come to their end.
    """
    if any(slots[index].client is not None for index in moves):
        failed = run_in_background(_at_once(slots, moves, made))
    else:
        failed = _one_by_one(slots, moves, made)
    if failed:
        raise failed[min(failed)]


def _one_by_one(
    slots: Sequence[Slot], moves: Mapping[int, Flow[Moved]], made: dict[int, Moved]
) -> dict[int, BaseException]:
    failed: dict[int, BaseException] = {}
    for index, move in moves.items():
        try:
            made[index] = run(move, slots[index].answer)
        except EmpaError as error:
            failed[index] = error
    return failed


async def _at_once(
    slots: Sequence[Slot], moves: Mapping[int, Flow[Moved]], made: dict[int, Moved]
) -> dict[int, BaseException]:
    async def make(index: int, move: Flow[Moved]) -> None:
        made[index] = await arun(move, slots[index].aanswer)

    ends = await asyncio.gather(*(make(index, move) for index, move in moves.items()), return_exceptions=True)
    return {index: end for index, end in zip(moves, ends, strict=True) if isinstance(end, BaseException)}
