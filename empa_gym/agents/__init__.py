"""The three roles of a cast: what they may see (views), what they answer (answers), how they are asked (protocols)."""

from empa_gym.agents.answers import NEUTRAL, OBSERVE, Assessment, Direction, DirectorMove, Evidence
from empa_gym.agents.protocols import Actor, Cast, Director, Judge, Policy
from empa_gym.agents.views import ActorView, DirectorView, Exchange, JudgeView, PolicyView, pick, rng

__all__ = [
    "NEUTRAL",
    "OBSERVE",
    "Actor",
    "ActorView",
    "Assessment",
    "Cast",
    "Direction",
    "Director",
    "DirectorMove",
    "DirectorView",
    "Evidence",
    "Exchange",
    "Judge",
    "JudgeView",
    "Policy",
    "PolicyView",
    "pick",
    "rng",
]
