"""The prompt for making a scenario from a transcript that holds no identifying detail any more."""

from __future__ import annotations

from collections.abc import Iterable

from empa_gym.chat import Message
from empa_gym.prompts.fence import fenced
from empa_gym.prompts.templates import fill

MESSAGE_CHARS = 2_000
"""Characters that are shown of one message."""
MOST_MESSAGES = 120
"""Messages of a transcript that are shown, the first of them: enough for any story, and a bound on the prompt."""


def distillation_prompt(language: str, messages: Iterable[tuple[bool, str]]) -> tuple[Message, ...]:
    """What a scenario holds, then the transcript as labelled lines.

    Args:
        language: of the prompt.
        messages: whether the person who seeks support wrote it, and what; without identifying detail.
    """
    shown = list(messages)[:MOST_MESSAGES]
    told = "\n".join(
        fenced(f"{'U' if seeker else 'S'}{number}", text, MESSAGE_CHARS)
        for number, (seeker, text) in enumerate(shown, 1)
    )
    case = fill(language, "distill_case", {"transcript": told})
    return Message("system", fill(language, "distill_system", {})), Message("user", case)
