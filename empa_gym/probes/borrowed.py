"""Probes that borrow the seeker's words without understanding them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from empa_gym.agents.views import PolicyView, pick, rng
from empa_gym.chat import Flow
from empa_gym.policies.words import FUNCTION

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
GLUE = ("the", "a", "and", "of", "to", "you", "your", "that", "it", "is", "was", "but", "for", "with", "in", "not")
SLOTTED = (
    "It sounds like {0} and {1} are hard, and it makes sense to feel sad about {0}. You kept going with {1}, and that "
    "shows strength. Maybe this is not about {0} but about {1}. What does {0} mean to you?"
)
REFLECTION = "It sounds like you are saying: {0}"


def content_words(text: str) -> list[str]:
    """The longer words of a text that are not function words, in order, each once."""
    words = (word.lower() for word in WORD.findall(text))
    return list(dict.fromkeys(word for word in words if len(word) > 3 and word not in FUNCTION))


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Makes its reply from the seeker's last message by one rule."""

    rule: Callable[[str, PolicyView], str]

    def reply(self, view: PolicyView) -> Flow[str]:
        """What the rule makes of the last message."""
        return self.rule(next((m.content for m in reversed(view.messages) if m.role == "user"), ""), view)
        yield


def slot_filled(message: str, view: PolicyView) -> str:
    """One template with two of the seeker's words put in."""
    words = content_words(message) or ["this", "that"]
    return SLOTTED.format(words[0], words[-1])


def echo(message: str, view: PolicyView) -> str:
    """The message itself."""
    return message


def copied_reflection(message: str, view: PolicyView) -> str:
    """The message itself behind a reflective frame."""
    return REFLECTION.format(message)


def word_salad(message: str, view: PolicyView) -> str:
    """The seeker's words and glue words, shuffled."""
    words = content_words(message)[:14] + [GLUE[pick(view.seed, view.turn, "policy", len(GLUE), k)] for k in range(14)]
    order = rng(view.seed, view.member, view.turn, "policy").permutation(len(words))
    return " ".join(words[int(k)] for k in order).capitalize() + "."
