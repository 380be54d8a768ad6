"""Every reason a dialogue ends."""

from __future__ import annotations

from enum import Enum


class Outcome(str, Enum):
    """Why a dialogue stands where it stands.

    | outcome | flag | success | scored |
    |---|---|---|---|
    | RECOVERED, ENDED_BY_DIRECTOR | terminated | yes | yes |
    | COLLAPSED, STALLED, OSCILLATED | terminated | no | yes |
    | TURN_LIMIT | truncated | no | yes |
    | BUDGET, MODEL_ERROR | truncated | no | no, counted as failed |
    """

    RUNNING = "running"
    RECOVERED = "recovered"
    COLLAPSED = "collapsed"
    STALLED = "stalled"
    OSCILLATED = "oscillated"
    ENDED_BY_DIRECTOR = "ended_by_director"
    TURN_LIMIT = "turn_limit"
    BUDGET = "budget"
    MODEL_ERROR = "model_error"

    @property
    def ended(self) -> bool:
        """Whether the dialogue is over."""
        return self is not Outcome.RUNNING

    @property
    def terminated(self) -> bool:
        """Whether a rule of the game ended it (Gymnasium's ``terminated``)."""
        return self in _TERMINATED

    @property
    def truncated(self) -> bool:
        """Whether it was cut short (Gymnasium's ``truncated``)."""
        return self in _TRUNCATED

    @property
    def success(self) -> bool:
        """Whether the user reached balance."""
        return self in _SUCCESS

    @property
    def scored(self) -> bool:
        """Whether it enters EPM-Q; an outage must never be scored."""
        return self.ended and self not in _FAILED


_SUCCESS = frozenset({Outcome.RECOVERED, Outcome.ENDED_BY_DIRECTOR})
_TERMINATED = _SUCCESS | {Outcome.COLLAPSED, Outcome.STALLED, Outcome.OSCILLATED}
_FAILED = frozenset({Outcome.BUDGET, Outcome.MODEL_ERROR})
_TRUNCATED = _FAILED | {Outcome.TURN_LIMIT}

_VERDICTS = {
    Outcome.COLLAPSED: "collapse",
    Outcome.STALLED: "stalled",
    Outcome.OSCILLATED: "oscillation",
    Outcome.ENDED_BY_DIRECTOR: "director",
}


def verdict(outcome: Outcome, end_kind: str = "") -> str:
    """The word that result files use for an outcome.

    Args:
        outcome: why the dialogue ended.
        end_kind: "geometric" or "positional" for a recovery, else "".

    Returns:
        The end kind for a recovery, "none" for a dialogue that no rule ended, else one word.

    >>> verdict(Outcome.RECOVERED, "positional"), verdict(Outcome.COLLAPSED), verdict(Outcome.RUNNING)
    ('positional', 'collapse', 'none')
    """
    if outcome is Outcome.RECOVERED:
        return end_kind
    if outcome is Outcome.RUNNING:
        return "none"
    return _VERDICTS.get(outcome) or str(outcome.value)
