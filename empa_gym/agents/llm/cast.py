"""The cast that chat models play, whole or with single roles played by others."""

from __future__ import annotations

from empa_gym.agents.llm.actor import LLMActor
from empa_gym.agents.llm.director import LLMDirector
from empa_gym.agents.llm.judge import LLMJudge
from empa_gym.agents.protocols import Actor, Cast, Director, Judge


def llm_cast(
    language: str = "en",
    *,
    actor: Actor | None = None,
    director: Director | None = None,
    judge: Judge | None = None,
) -> Cast:
    """The cast that plays by asking models; a role that is given takes the place of the model's.

    Args:
        language: of the prompts, "en" or "zh"; scenarios in another one are refused.
        actor: who plays the person instead.
        director: who directs instead.
        judge: who rates instead.

    Raises:
        ValueError: there are no prompts in that language.
    """
    return Cast(actor or LLMActor(language), director or LLMDirector(language), judge or LLMJudge(language))
