"""The embedded cast: actor, director and judge by rules, in English, without a model or a network."""

from empa_gym.agents.offline.actor import OfflineActor
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.offline.director import OfflineDirector
from empa_gym.agents.offline.judge import OfflineJudge

__all__ = ["OfflineActor", "OfflineDirector", "OfflineJudge", "offline_cast"]
