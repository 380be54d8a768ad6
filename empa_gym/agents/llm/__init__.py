"""Roles that are played by a chat model: flows that ask, and read what was answered."""

from empa_gym.agents.llm.actor import LLMActor
from empa_gym.agents.llm.cast import llm_cast
from empa_gym.agents.llm.director import LLMDirector
from empa_gym.agents.llm.iedr import IEDRRating, LLMIedr
from empa_gym.agents.llm.judge import LLMJudge

__all__ = ["IEDRRating", "LLMActor", "LLMDirector", "LLMIedr", "LLMJudge", "llm_cast"]
