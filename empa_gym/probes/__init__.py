"""Adversarial policies: each tries to be paid for something that is no empathy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from empa_gym.agents.protocols import Policy
from empa_gym.probes import canned
from empa_gym.probes.attacker import Attack, AttackStep, attack
from empa_gym.probes.borrowed import Borrowed, copied_reflection, echo, insult_filled, slot_filled, word_salad
from empa_gym.probes.canned import Canned
from empa_gym.probes.material import VARIANTS

PROBES: Mapping[str, Callable[[], Policy]] = {
    "empty": partial(Canned, canned.EMPTY),
    "praise": partial(Canned, canned.PRAISE),
    "stuffed-template": partial(Canned, canned.STUFFED),
    "slot-template": partial(Borrowed, slot_filled),
    "rotating-templates": partial(Canned, canned.ROTATING),
    "echo": partial(Borrowed, echo),
    "copied-reflection": partial(Borrowed, copied_reflection),
    "injection": partial(Canned, canned.INJECTION),
    "advice-dump": partial(Canned, canned.ADVICE),
    "toxic-positivity": partial(Canned, canned.TOXIC),
    "ornate": partial(Canned, canned.ORNATE),
    "farewell": partial(Canned, canned.FAREWELL),
    "insult": partial(Canned, canned.INSULT),
    "insult-template": partial(Borrowed, insult_filled),
    "over-long": partial(Canned, canned.OVER_LONG),
    "word-salad": partial(Borrowed, word_salad),
}
"""What makes each probe, by name. The searching attacker needs the judge, so it is a function: :func:`attack`."""


def make_probe(name: str) -> Policy:
    """The probe of that name.

    Raises:
        ValueError: no such probe; the message lists those that there are.
    """
    if name not in PROBES:
        raise ValueError(f"expected a probe ({', '.join(PROBES)}), got {name!r}")
    return PROBES[name]()


__all__ = ["PROBES", "VARIANTS", "Attack", "AttackStep", "Borrowed", "Canned", "attack", "make_probe"]
