"""A random policy: sentences of mixed quality, drawn without a look at what was said."""

from __future__ import annotations

from empa_gym.agents.views import PolicyView, pick
from empa_gym.chat import Flow

SENTENCES = (
    "That sounds like a lot to hold at once.",
    "Have you thought about what your mother would say?",
    "I once read that the mind is like the weather.",
    "What was the hardest moment of it?",
    "You should probably sleep on it and see.",
    "It can't be as bad as all that.",
    "I can hear that this matters to you.",
    "Anyway, most people would be glad of the rest.",
    "You kept going, and that says something.",
    "Let us look at the facts one by one.",
    "I'm sorry, that must sting.",
    "There are good books about this subject.",
    "Perhaps you are angry, or perhaps only hungry.",
    "Who was with you when it happened?",
    "Try to think of three good things every evening.",
    "I don't quite follow, but go on.",
    "It makes sense that you would be tired.",
    "Time heals most of it, as far as I know.",
    "You did what you could with what you had.",
    "Some would call that a luxury problem.",
    "What does your doctor say?",
    "I would feel the same, I think.",
    "Everything happens for a reason.",
    "Tell me about the weather where you are.",
)


class Chance:
    """One to three sentences at random; the same for the same seed, member and turn."""

    def reply(self, view: PolicyView) -> Flow[str]:
        """Sentences drawn at this address."""
        seed = view.seed + 7919 * view.member
        count = 1 + pick(seed, view.turn, "policy", 3)
        return " ".join(SENTENCES[pick(seed, view.turn, "policy", len(SENTENCES), salt=k + 1)] for k in range(count))
        yield
