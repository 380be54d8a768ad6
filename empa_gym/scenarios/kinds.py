"""The closed sets of a scenario: category, grade, feeling, time of life, difficulty."""

from __future__ import annotations

from enum import Enum


class Category(str, Enum):
    """The six matters of the benchmark (EMPA, section 4)."""

    CAREER = "career development"
    RELATIONSHIPS = "interpersonal relationships"
    HEALTH = "physical and mental health"
    LIVING = "living conditions"
    LEISURE = "leisure"
    VALUES = "values and identity"


class Grade(str, Enum):
    """Low, medium or high: an empathy threshold, or the priority of an axis."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Feeling(str, Enum):
    """Families of feeling that a person may state or leave unsaid."""

    ANGER = "anger"
    ANXIETY = "anxiety"
    DISAPPOINTMENT = "disappointment"
    DOUBT = "doubt"
    EMPTINESS = "emptiness"
    ENVY = "envy"
    EXHAUSTION = "exhaustion"
    FEAR = "fear"
    FRUSTRATION = "frustration"
    GRIEF = "grief"
    GUILT = "guilt"
    HELPLESSNESS = "helplessness"
    HURT = "hurt"
    LONELINESS = "loneliness"
    LONGING = "longing"
    OVERWHELM = "overwhelm"
    SADNESS = "sadness"
    SHAME = "shame"


class Period(str, Enum):
    """The times of life from which a memory can be told."""

    CHILDHOOD = "childhood"
    ADOLESCENCE = "adolescence"
    EARLY_ADULTHOOD = "early_adulthood"
    PRESENT = "present"


class Difficulty(str, Enum):
    """Bands of ||P_0||, in rubric points (SPEC of the public benchmark)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"
    VERY_HARD = "very hard"


def difficulty(norm: float) -> Difficulty:
    """The band of an initial deficit: easy <= 27 < medium <= 32 < hard <= 36 < very hard."""
    bands = ((27.0, Difficulty.EASY), (32.0, Difficulty.MEDIUM), (36.0, Difficulty.HARD))
    return next((band for limit, band in bands if norm <= limit), Difficulty.VERY_HARD)
