"""What a caller gives a vector environment: replies, seeds and options, checked before anything is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from empa_gym.envs.arguments import whole_number


def autoreset_mode_of(mode: str | AutoresetMode) -> AutoresetMode:
    """The mode that a name such as "SameStep" stands for.

    Raises:
        ValueError: there is no such mode; lists them.
    """
    try:
        return AutoresetMode(mode)
    except ValueError:
        known = ", ".join(repr(each.value) for each in AutoresetMode)
        raise ValueError(f"autoreset_mode must be one of {known}, or an AutoresetMode; got {mode!r}") from None


def seeds_of(seed: Any, count: int) -> Sequence[int | None]:
    """One seed for each slot: ``seed + i`` for a number, the list as it is, None for streams that go on.

    Raises:
        ValueError: neither a whole number nor a list of as many seeds as there are slots.
    """
    if seed is None:
        return [None] * count
    if isinstance(seed, (list, tuple, np.ndarray)):
        if len(seed) != count:
            raise ValueError(f"expected a seed for each of the {count} slots, got {len(seed)}")
        return [None if one is None else whole_number("a seed", one, least=0) for one in seed]
    first = whole_number("seed", seed, least=0)
    return [first + slot for slot in range(count)]


def split_options(options: Any, count: int) -> tuple[Any, NDArray[np.bool_]]:
    """The options for each slot, and which slots are reset; the caller's own dict stays as it is.

    Raises:
        TypeError: ``reset_mask`` is no array of bool.
        ValueError: ``reset_mask`` has another length than there are slots, or is all False.
    """
    if not isinstance(options, Mapping) or "reset_mask" not in options:
        return options, np.ones(count, dtype=np.bool_)
    mask = options["reset_mask"]
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        raise TypeError(f"the option reset_mask must be a numpy array of bool, got {mask!r:.80}")
    if mask.shape != (count,) or not mask.any():
        raise ValueError(f"the option reset_mask must have shape ({count},) and name a slot, got {mask!r:.80}")
    return {name: value for name, value in options.items() if name != "reset_mask"}, mask


def replies_of(actions: Any, count: int) -> list[Any]:
    """One action for each slot.

    Raises:
        TypeError: a single str, which Gymnasium's own environments take letter by letter, or no sequence.
        ValueError: another number than there are slots.
    """
    if isinstance(actions, (str, bytes)) or not isinstance(actions, (Sequence, np.ndarray)):
        raise TypeError(f"expected a sequence of {count} replies, got {type(actions).__name__}: {actions!r:.80}")
    if len(actions) != count:
        raise ValueError(f"expected a reply for each of the {count} slots, got {len(actions)}")
    return list(actions)
