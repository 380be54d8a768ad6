"""Empathic dialogue as a Gymnasium environment; importing it registers the ids.

>>> import gymnasium as gym
>>> import empa_gym
>>> env = gym.make("EMPA-v0")
"""

from empa_gym.agents.answers import Assessment, Direction, DirectorMove, Evidence
from empa_gym.agents.protocols import Actor, Cast, Director, Judge, Policy
from empa_gym.agents.views import ActorView, DirectorView, JudgeView, PolicyView
from empa_gym.chat import ChatReply, ChatRequest, Flow, Message
from empa_gym.dialogue.rewards import RewardFn
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.registration import register_envs
from empa_gym.envs.spaces import UnicodeText
from empa_gym.envs.vector import EmpaVectorEnv
from empa_gym.epm import Axis, EPMParams
from empa_gym.errors import BudgetExceeded, EmpaError, ExtensionError, ModelError
from empa_gym.outcome import Outcome
from empa_gym.rollout import Group, Rollouts, collect, stream
from empa_gym.scenarios import Scenario, select_scenarios

__version__ = "0.1.0"

__all__ = [
    "Actor",
    "ActorView",
    "Assessment",
    "Axis",
    "BudgetExceeded",
    "Cast",
    "ChatReply",
    "ChatRequest",
    "DialogueState",
    "Direction",
    "Director",
    "DirectorMove",
    "DirectorView",
    "EPMParams",
    "EmpaEnv",
    "EmpaError",
    "EmpaVectorEnv",
    "Evidence",
    "ExtensionError",
    "Flow",
    "Group",
    "Judge",
    "JudgeView",
    "Message",
    "ModelError",
    "Outcome",
    "Policy",
    "PolicyView",
    "RewardFn",
    "Rollouts",
    "Scenario",
    "Turn",
    "UnicodeText",
    "__version__",
    "collect",
    "open_dialogue",
    "register_envs",
    "select_scenarios",
    "stream",
    "take_turn",
]

register_envs()
