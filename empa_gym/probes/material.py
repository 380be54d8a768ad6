"""What the searching attacker builds its replies from: sentences with holes, and words to put into them.

*blind* has stock templates, the seeker's own words and function words. *free* also has the supporter's moves: its
frames, and its way of turning the seeker's clauses and things round to "you".
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from empa_gym.policies import frames, moves
from empa_gym.policies.hearing import hear
from empa_gym.policies.words import FEELINGS
from empa_gym.probes.borrowed import GLUE, WORD, content_words

VARIANTS = ("blind", "free")
TEMPLATES: tuple[str, ...] = (
    "It sounds like {w} matters to you.",
    "I hear that {w} is hard.",
    "It makes sense to feel {f} about the {w}.",
    "So the {w} and the {w} pull at you.",
    "You kept going with the {w}.",
    "You tried, even with the {w}, and that took courage.",
    "Maybe this is not about the {w} but about the {w}.",
    "Perhaps it is less the {w} than the {w}.",
    "What does the {w} mean to you?",
    "How did the {w} feel?",
    "Anyone would feel {f} with the {w}.",
    "I wonder if you feel {f} about the {w}.",
    "That must hurt, the {w}.",
    "I'm sorry about the {w}.",
    "If you like, one small step with the {w} could be to write it down.",
    "The {w} shows how much you care.",
    "You did the {w}, and that counts.",
    "The {w}, the {w}.",
    "No wonder the {w} is heavy.",
    "There is {f} in the {w}, perhaps.",
    "Thank you for telling me about the {w}.",
    "I see the {w} and I see you.",
    "{g} {w} {g} {w}.",
    "{g} {w} {g} {g} {w}, {g} {w}.",
    "{p}.",
    "It sounds like {p}.",
    "You say {p}, and I hear it.",
    "You wrecked the {w}, and nobody will trust you with the {w}.",
    "The {w} was never for people like you.",
    "It is not the {w} that is wrong, it is you.",
    "They laugh at you and your {w}.",
)
"""Holes: {w} a word of the seeker's, {f} a word of feeling, {g} a function word, {p} a run of the seeker's words."""
_HOLE = re.compile(r"\{(\w+)\}")


class Sentence(NamedTuple):
    """One sentence of a candidate: which template it came from, and its text."""

    template: str
    text: str


class Material:
    """What there is to say in one turn.

    Args:
        variant: "blind" or "free".
        messages: the seeker's messages so far, oldest first.
    """

    def __init__(self, variant: str, messages: tuple[str, ...]) -> None:
        if variant not in VARIANTS:
            raise ValueError(f"expected a variant of the attacker ({', '.join(VARIANTS)}), got {variant!r}")
        last, before = messages[-1], " ".join(messages[-6:-1])
        runs = [run.split() for run in re.split(r"[.,;:!?]", last)]
        self._fill: dict[str, tuple[str, ...]] = {
            "w": tuple(content_words(last) * 2 + content_words(before)) or ("that",),
            "f": tuple(adjective for adjective, _, _ in FEELINGS.values()),
            "g": GLUE,
            "p": tuple(" ".join(run[:7]) for run in runs if len(run) > 2) or (" ".join(WORD.findall(last)) or "that",),
        }
        self.templates = TEMPLATES
        if variant == "free":
            self.templates += self._moves(messages)

    def _moves(self, messages: tuple[str, ...]) -> tuple[str, ...]:
        """The supporter's frames for which there is something to put in."""
        heard = [hear(message) for message in reversed(messages[-8:])]
        for slot, field in (("c", "clauses"), ("d", "deeds"), ("t", "things")):
            self._fill[slot] = tuple(value for one in heard for value in getattr(one, field))
        self._fill["b"] = self._fill["c"]
        self._fill["u"] = self._fill["v"] = self._fill["t"]
        self._fill["adj"] = self._fill["f"]
        self._fill["noun"] = tuple(noun for _, noun, _ in FEELINGS.values())
        every = (
            frames.RESTATE + frames.PICTURE + frames.FEEL + frames.VALIDATE + frames.GUESS + moves.AFFIRM
            + moves.CONTRAST + moves.REFRAME + frames.ASK + moves.STEP + moves.VALUE + moves.OWN
        )  # fmt: skip
        return tuple(frame for frame in every if all(self._fill[hole.lower()] for hole in _HOLE.findall(frame)))

    def fill(self, template: str, generator: np.random.Generator) -> Sentence:
        """The template with a random choice in every hole."""
        text = _HOLE.sub(lambda hole: self._choose(hole.group(1), generator), template)
        return Sentence(template, text[:1].upper() + text[1:])

    def _choose(self, hole: str, generator: np.random.Generator) -> str:
        options = self._fill[hole.lower()]
        value = options[int(generator.integers(len(options)))]
        return value[:1].upper() + value[1:] if hole.isupper() else value
