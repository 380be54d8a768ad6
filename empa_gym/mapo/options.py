"""The choices that an estimator leaves open, checked in one place."""

from __future__ import annotations

import math
from functools import lru_cache
from numbers import Real
from typing import Any, Literal, NamedTuple

import numpy as np

TurnScope = Literal["shortest", "alive", "absorbing"]
Baseline = Literal["mean", "leave_one_out"]
Std = Literal["population", "sample", "none"]
BatchScope = Literal["batch", "group"]
LoneSurvivor = Literal["drop", "keep"]
Precision = Literal["float64", "float32"]

_KNOWN = {
    "turn_scope": ("shortest", "alive", "absorbing"),
    "baseline": ("mean", "leave_one_out"),
    "std": ("population", "sample", "none"),
    "batch_scope": ("batch", "group"),
    "lone_survivor": ("drop", "keep"),
    "moments": ("float64", "float32"),
}

TIE = {np.dtype(np.float64): 1e-11, np.dtype(np.float32): 1e-5}
"""Numbers whose std is at most this share of what was added up to them are equal: what is left is rounding."""
EPS = 1e-8
"""Added to every standard deviation before division."""


_DTYPES: dict[str, np.dtype[Any]] = {"float64": np.dtype(np.float64), "float32": np.dtype(np.float32)}


class Options(NamedTuple):
    """See :func:`empa_gym.mapo.mixed_advantages`."""

    gamma: float = 0.99
    turn_weight: float = 0.5
    batch_weight: float = 0.5
    turn_scope: TurnScope = "shortest"
    baseline: Baseline = "mean"
    std: Std = "population"
    eps: float = EPS
    batch_scope: BatchScope = "batch"
    lone_survivor: LoneSurvivor = "drop"
    moments: Precision = "float64"

    @property
    def dtype(self) -> np.dtype[Any]:
        """In which moments are computed."""
        return _DTYPES[self.moments]


def checked(options: Options) -> Options:
    """The options, or a ValueError or TypeError that says which one is wrong and what it may be."""
    try:
        return _checked(options)
    except TypeError:  # a list has no hash, so nothing was looked at yet
        return _checked.__wrapped__(options)


@lru_cache(maxsize=256)
def _checked(options: Options) -> Options:
    for name, allowed in _KNOWN.items():
        if (value := getattr(options, name)) not in allowed:
            raise ValueError(f"expected {name} to be one of {', '.join(allowed)}; got {value!r}")
    check_gamma(options.gamma)
    for name in ("eps", "turn_weight", "batch_weight"):
        check_number(getattr(options, name), name)
    if not 0 <= options.eps < math.inf:
        raise ValueError(f"expected eps of 0 or more, got {options.eps!r}")
    weights = options.turn_weight, options.batch_weight
    if min(weights) < 0 or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        raise ValueError(
            f"expected turn_weight and batch_weight of 0 or more that sum to 1, got {weights[0]!r} and {weights[1]!r}"
        )
    return options


def check_gamma(gamma: float, name: str = "gamma") -> None:
    """Refuse a discount outside of [0, 1]."""
    check_number(gamma, name)
    if not 0 <= gamma <= 1:
        raise ValueError(f"expected {name} within [0, 1], got {gamma!r}")


def check_number(value: object, name: str) -> None:
    """Refuse what is no plain number: text, None, an array."""
    if not isinstance(value, Real):
        raise TypeError(f"expected {name} to be a number, got {value!r}")
