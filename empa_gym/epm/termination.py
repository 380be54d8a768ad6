"""When a dialogue ends, read off its judged points. Rules of EMPA (arXiv 2603.00552); constants here only.

Order within a turn: success, failure (collapse, then stalled), oscillation, turn limit.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from empa_gym.epm.dynamics import TOLERANCE, Point, energy_gain, frame
from empa_gym.outcome import Outcome

COLLAPSE_WINDOW = 5
STAGNATION_WINDOW = 5
STAGNATION_STD = 0.5
REGRESSION_WINDOW = 8
REGRESSION_COUNT = 6
REGRESSION_SUM = -1.0
MOST_TURNS = 1_000_000
"""No dialogue is as long; a larger number is a slip, and would not fit into every space."""
OSCILLATION_TURNS = 12
OSCILLATION_MIN_JUDGEMENTS = 10
OSCILLATION_NET = 3.0
OSCILLATION_PATH = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EPMParams:
    """The rules of a dialogue. The defaults are those of the 480 published dialogues.

    Args:
        alpha: eps_distance and eps_direction as a share of ||P_0||; only labels a success.
        min_turns: no success and no failure before this turn.
        max_turns: the turn limit.
        eval_every: K, the judge is asked every K turns; a pending window is judged at the limit, so
            ``max_turns`` is one judgement of the whole dialogue.
        oscillation: whether the oscillation rule is on (published runs: yes; release code: no). Like the
            failures, it is silent in a dialogue that is shorter than its window.
        director_ends: a success asks the director, who may end the dialogue or go on.
        current_direction: measure alignment and delta_E against the deficit that is left
            (MAPO, appendix B.2); energy, thresholds and verdicts keep the initial direction.
        rules_end: False leaves only the turn limit.

    Raises:
        ValueError: a number is outside its range, or two of them leave a rule that can never fire: no
            success in reach, no judgement before the limit, a director who is never asked.
    """

    alpha: float = 0.1
    min_turns: int = 12
    max_turns: int = 45
    eval_every: int = 1
    oscillation: bool = True
    director_ends: bool = False
    current_direction: bool = False
    rules_end: bool = True

    def __post_init__(self) -> None:
        """Refuse numbers outside their range, and rules that shut each other out."""
        for name in ("min_turns", "max_turns", "eval_every"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TURNS:
                raise ValueError(
                    f"{name} must be a whole number of at least 1 and at most {MOST_TURNS}, got {value!r:.80}"
                )
        for name in ("oscillation", "director_ends", "current_direction", "rules_end"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be true or false, got {getattr(self, name)!r:.80}")
        if isinstance(self.alpha, bool) or not isinstance(self.alpha, (int, float)) or not 0 <= self.alpha < 1:
            raise ValueError(f"alpha must lie in [0, 1), got {self.alpha!r:.80}")
        self._refuse_contradictions()

    def _refuse_contradictions(self) -> None:
        limit = f"and max_turns={self.max_turns}; give both, each to fit the other"
        if self.rules_end and self.min_turns > self.max_turns:
            raise ValueError(
                "min_turns must be at most max_turns, or no success is reachable: "
                f"got min_turns={self.min_turns} {limit}, or rules_end=False for a dialogue that only the limit ends"
            )
        if self.eval_every > self.max_turns:
            raise ValueError(
                "eval_every must be at most max_turns, where the last judgement is made: "
                f"got eval_every={self.eval_every} {limit}"
            )
        if self.director_ends and not self.rules_end:
            raise ValueError(
                "director_ends needs rules_end: the director is asked about a success, and without rules there is "
                "none; got director_ends=True and rules_end=False"
            )

    @classmethod
    def published(cls, **changes: Any) -> EPMParams:
        """The rules of the published dialogues: alpha 0.1, 12 to 45 turns, with oscillation."""
        return cls(**changes)

    @classmethod
    def release(cls, **changes: Any) -> EPMParams:
        """The released configuration: alpha 0.05, without oscillation."""
        return cls(**{"alpha": 0.05, "oscillation": False, **changes})

    @classmethod
    def training(cls, **changes: Any) -> EPMParams:
        """Short dialogues for training: the published rules with 8 to 15 turns (MAPO, 7B and 8B)."""
        return cls(**{"min_turns": 8, "max_turns": 15, **changes})

    @classmethod
    def endless(cls, turns: int, **changes: Any) -> EPMParams:
        """Only the limit of ``turns`` ends a dialogue."""
        return cls(**{"max_turns": turns, "rules_end": False, **changes})

    @property
    def oscillation_window(self) -> int:
        """How many judgements the oscillation rule looks back over: 12, or max(10, 12 // K)."""
        return (
            OSCILLATION_TURNS
            if self.eval_every == 1
            else max(OSCILLATION_MIN_JUDGEMENTS, OSCILLATION_TURNS // self.eval_every)
        )


RULE_SETS = {
    "published": EPMParams.published,
    "release": EPMParams.release,
    "training": EPMParams.training,
}


def rules_from(rules: EPMParams | str | dict[str, Any]) -> EPMParams:
    """The rules that a name, or a dict with a name and changes, stands for.

    >>> rules_from({"base": "training", "max_turns": 30}).max_turns
    30

    Raises:
        ValueError: unknown name or field.
    """
    if isinstance(rules, EPMParams):
        return rules
    if not isinstance(rules, (str, dict)):
        raise ValueError(
            f"rules must be one of {', '.join(RULE_SETS)}, a dict with a base and changes, or EPMParams; "
            f"got {rules!r:.80}"
        )
    changes = dict(rules) if isinstance(rules, dict) else {"base": rules}
    base = changes.pop("base", "published")
    if not isinstance(base, str) or base not in RULE_SETS:
        raise ValueError(f"unknown rules {base!r:.80}; the rule sets are {', '.join(RULE_SETS)}")
    unknown = [name for name in changes if name not in EPMParams.__slots__]
    if unknown:
        raise ValueError(f"unknown rules {unknown}; the fields are {', '.join(EPMParams.__slots__)}")
    return RULE_SETS[base](**changes)


class Thresholds(NamedTuple):
    """eps_distance, eps_direction and eps_energy of one dialogue, in rubric points, with its tolerance."""

    distance: float
    direction: float
    energy: float
    tolerance: float


def thresholds(norm: float, alpha: float) -> Thresholds:
    """The thresholds that ||P_0|| and alpha fix.

    eps_distance = eps_direction = alpha ||P_0||,   eps_energy = ||P_0||
    """
    return Thresholds(alpha * norm, alpha * norm, norm, TOLERANCE * norm)


class Ending(NamedTuple):
    """Why a dialogue ends: the outcome, and for a recovery "geometric" or "positional"."""

    outcome: Outcome
    kind: str = ""


def success(point: Point, limits: Thresholds) -> Ending | None:
    """The recovery that a point amounts to, or None.

    E_t >= eps_energy  and  (||P_t|| <= eps_distance, "geometric", or P_t . v* >= -eps_direction, "positional")
    """
    if point.energy < limits.energy - limits.tolerance:
        return None
    if point.distance <= limits.distance + limits.tolerance:
        return Ending(Outcome.RECOVERED, "geometric")
    if point.projection >= -limits.direction - limits.tolerance:
        return Ending(Outcome.RECOVERED, "positional")
    return None


def failure(points: Sequence[Point], limits: Thresholds) -> Ending | None:
    """The failure that the last judged points amount to, or None.

    *Collapse*: each of the last 5 delta_E is negative. *Stalled*: the sample standard deviation of the
    last 5 distances is below 0.5, at least 6 of the last 8 delta_E are negative, and those 8 sum to less
    than -1. Turn 0 is in no window; a rule is silent until its window and turn 0 exist.
    """
    judged = len(points) - 1
    if judged >= COLLAPSE_WINDOW and all(point.energy_gain < -limits.tolerance for point in points[-COLLAPSE_WINDOW:]):
        return Ending(Outcome.COLLAPSED)
    if judged < REGRESSION_WINDOW:
        return None
    gains = [point.energy_gain for point in points[-REGRESSION_WINDOW:]]
    falling = sum(gain < -limits.tolerance for gain in gains) >= REGRESSION_COUNT
    if not falling or sum(gains) >= REGRESSION_SUM - limits.tolerance:
        return None
    spread = statistics.stdev(point.distance for point in points[-STAGNATION_WINDOW:])
    return Ending(Outcome.STALLED) if spread < STAGNATION_STD - limits.tolerance else None


def oscillation(points: Sequence[Point], window: int) -> Ending | None:
    """OSCILLATED when the last ``window`` judged turns moved, but led nowhere; else None.

    ||P_t - P_{t-window+1}||_1 < 3   and   sum of ||v_k||_1 over the window >= 3
    """
    if len(points) - 1 < window:
        return None
    recent = points[-window:]
    net = sum(abs(b - a) for a, b in zip(recent[0].position, recent[-1].position, strict=True))
    tolerance = TOLERANCE * points[0].distance
    if net >= OSCILLATION_NET - tolerance:
        return None
    path = math.fsum(abs(step) for point in recent for step in point.shift)
    return Ending(Outcome.OSCILLATED) if path >= OSCILLATION_PATH - tolerance else None


def turn_limit(turn: int, params: EPMParams) -> Ending | None:
    """TURN_LIMIT when this was the last turn; counts all turns, judged or not."""
    return Ending(Outcome.TURN_LIMIT) if turn >= params.max_turns else None


def success_now(points: Sequence[Point], params: EPMParams, limits: Thresholds) -> Ending | None:
    """The success that holds at the last judged point, from ``min_turns`` on."""
    if not params.rules_end or points[-1].turn < params.min_turns:
        return None
    return success(points[-1], limits)


def setback_now(points: Sequence[Point], params: EPMParams, limits: Thresholds) -> Ending | None:
    """The failure or oscillation that holds at the last judged point."""
    if not params.rules_end:
        return None
    if params.current_direction:
        points = _measured_from_the_start(points)
    failed = failure(points, limits) if points[-1].turn >= params.min_turns else None
    return failed or (oscillation(points, params.oscillation_window) if params.oscillation else None)


def ending(points: Sequence[Point], params: EPMParams, limits: Thresholds) -> Ending | None:
    """What the rules say after the last judged point, or None; the order is fixed by the benchmark."""
    return (
        success_now(points, params, limits)
        or setback_now(points, params, limits)
        or turn_limit(points[-1].turn, params)
    )


def _measured_from_the_start(points: Sequence[Point]) -> list[Point]:
    """The same points with delta_E along the initial direction, the one that every verdict goes by."""
    direction = frame(points[0].position).direction
    return [point._replace(energy_gain=float(energy_gain(point.shift, direction))) for point in points]
