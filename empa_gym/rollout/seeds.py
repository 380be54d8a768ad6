"""Where the seed of a dialogue comes from: its address, so that every policy meets the same dialogues."""

from __future__ import annotations

import hashlib

SEED_BITS = 31
"""A dialogue's seed is a whole number below 2**31, as ``EmpaEnv.reset`` draws it."""


def dialogue_seed(run_seed: int, scenario: str) -> int:
    """The seed of one dialogue, from the run's seed and the scenario's id alone.

    It depends neither on the policy, nor on the order of play, nor on what else is played.

    >>> dialogue_seed(1000, "health-knee") == dialogue_seed(1000, "health-knee")
    True
    >>> dialogue_seed(1000, "health-knee") == dialogue_seed(1001, "health-knee")
    False
    """
    digest = hashlib.sha256(f"{run_seed}/{scenario}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)
