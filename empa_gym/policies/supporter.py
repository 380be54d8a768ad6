"""The supporter: an honest, competent scripted policy. It hears, takes up what is new, and answers in its own words.

It knows the dialogue and nothing else. Each reply is planned from acts (restate, name a feeling, affirm, reframe,
ask, offer a step), each act filled from what the seeker said and has not been answered yet.
"""

from __future__ import annotations

from empa_gym.agents.views import PolicyView, pick
from empa_gym.chat import Flow
from empa_gym.policies.hearing import Mood
from empa_gym.policies.speaking import MEMBER_STRIDE, mood_of, say

TELLING = (
    ("restate", "feel", "affirm"),
    ("restate", "picture", "validate", "affirm"),
    ("affirm", "feel", "reframe", "validate"),
    ("restate", "affirm", "feel", "ask"),
    ("feel", "restate", "contrast", "affirm"),
    ("reframe", "feel", "affirm", "restate"),
    ("restate", "feel", "affirm", "step"),
    ("feel", "picture", "affirm", "ask"),
    ("contrast", "validate", "restate", "affirm"),
    ("restate", "guess", "reframe", "affirm"),
    ("picture", "feel", "affirm", "restate"),
    ("affirm", "restate", "feel"),
)
"""Plans for a seeker who tells on: every plan listens, feels along and affirms, in changing order."""
PLANS: dict[Mood, tuple[tuple[str, ...], ...]] = {
    Mood.TELLING: TELLING,
    Mood.ASKING_TO_UNDERSTAND: (("together", "feel", "affirm"), ("reframe", "together", "feel", "value")),
    Mood.ASKING_FOR_COMPANY: (("with", "feel", "restate"), ("with", "restate", "guess", "value")),
    Mood.ASKING_FOR_CREDIT: (("see", "feel", "contrast"), ("see", "affirm", "validate"), ("contrast", "see", "feel")),
    Mood.PUSHBACK: (
        ("own", "restate", "feel", "affirm"),
        ("own", "feel", "affirm"),
        ("own", "restate", "feel", "value"),
    ),
    Mood.REPEATED: (("afresh", "restate", "feel", "affirm"), ("afresh", "feel", "affirm", "ask")),
    Mood.WITHDRAWN: (("room", "feel", "affirm"), ("room", "restate", "feel", "value"), ("room", "affirm")),
}
_STRIDE = {12: 5, 5: 2, 3: 1, 2: 1}
"""By how many plans one goes on from turn to turn: coprime to their number, so that all have their turn."""


class Supporter:
    """Grounds itself in what the seeker says; deterministic per seed and member."""

    def reply(self, view: PolicyView) -> Flow[str]:
        """The next reply; asks no model."""
        return compose(view)
        yield


def compose(view: PolicyView) -> str:
    """The supporter's reply to the last message of a dialogue."""
    plans = PLANS[mood_of(view)]
    first = pick(view.seed + MEMBER_STRIDE * view.member, 0, "policy", len(plans))
    return say(view, plans[(first + view.turn * _STRIDE[len(plans)]) % len(plans)])
