"""The three axes of empathy, in the order of every array of this package."""

from __future__ import annotations

from enum import Enum


class Axis(str, Enum):
    """One direction in which a person can be met (EMPA, section 3; order C, A, P)."""

    COGNITIVE = "cognitive"
    """Being understood."""
    AFFECTIVE = "affective"
    """Being resonated with."""
    PROACTIVE = "proactive"
    """Being affirmed and empowered; the papers also say motivational."""

    @property
    def letter(self) -> str:
        """C, A or P, as in the rubric's item names."""
        return self.value[0].upper()


AXES: tuple[Axis, ...] = tuple(Axis)
"""The last axis of every position, shift and deficit."""
