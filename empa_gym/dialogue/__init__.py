"""A dialogue: frozen state, one turn as a flow, rewards by name. Start with :mod:`empa_gym.dialogue.turn`."""

from empa_gym.dialogue.rewards import REWARDS, RewardFn, make_reward, pay
from empa_gym.dialogue.rules import ON_MODEL_ERROR, OnModelError, Rules
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.dialogue.turn import open_dialogue, take_turn

__all__ = [
    "ON_MODEL_ERROR",
    "REWARDS",
    "DialogueState",
    "OnModelError",
    "RewardFn",
    "Rules",
    "Turn",
    "make_reward",
    "open_dialogue",
    "pay",
    "take_turn",
]
