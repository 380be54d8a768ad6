"""Wrappers that give the sandbox another surface: strategies for replies, numbers for messages."""

from empa_gym.wrappers.state_observation import StateObservation, VectorStateObservation
from empa_gym.wrappers.strategy_action import StrategyAction, VectorStrategyAction

__all__ = ["StateObservation", "StrategyAction", "VectorStateObservation", "VectorStrategyAction"]
