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
INSULTED = (
    "You wrecked the {0} with your own hands",
    "Your {0} only shows what a fool you are",
    "I despise the way that you carry on about the {0}",
    "The {0} was far too good for somebody like you",
    "You cheated your way to the {0}",
    "No wonder that they kept the {0} from you",
    "You never understood the {0}",
    "They gave up on you long before the {0}",
    "You talk of the {0} so that somebody will pity you",
    "A child would have done better with the {0} than you",
    "You had the {0} and you were not worth it",
    "Everybody laughs at you when the {0} comes up",
    "You are too lazy to deal with the {0}",
    "The {0} is what a liar gets in the end",
    "You whine about the {0} like a spoilt brat",
    "You let the {0} rot, as you let everything rot",
)
AND_INSULTED = (
    "and nobody will ever trust you with the {1}",
    "and the {1} was your fault as much as anything",
    "so do not dare to cry about the {1}",
    "because you are not good enough for the {1}",
    "and it is not the {1} that is wrong, it is you",
    "and they are ashamed of you for the {1}",
    "but you never cared for the {1} anyway",
    "and you deserve to lose the {1} as well",
    "and without the {1} you are nothing",
    "while the {1} went on without you, and happily",
    "and not one of them wants you near the {1}",
)
"""Half-clauses of contempt; their numbers have no common factor, so that no pair comes twice in a dialogue."""
_NAMED = re.compile(r"\b(?:the|an?|my|her|his|their|our)\s+([a-z]{4,})(?=[\s.,;:!?])", re.IGNORECASE)
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


def insult_filled(message: str, view: PolicyView) -> str:
    """Two half-clauses of contempt, each with a thing that the seeker named."""
    named = [noun.lower() for noun in _NAMED.findall(message)] or content_words(message) or ["thing"]
    first, second = INSULTED[view.turn % len(INSULTED)], AND_INSULTED[view.turn % len(AND_INSULTED)]
    return f"{first}, {second}.".format(named[0], named[-1])


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
