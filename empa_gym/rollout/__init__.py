"""Rollouts: policies x scenarios x seeds -> records."""

from empa_gym.rollout.play import Episode, Game, play, record_episode
from empa_gym.rollout.runner import Job, plan_jobs, rollout
from empa_gym.rollout.seeds import dialogue_seed

__all__ = ["Episode", "Game", "Job", "dialogue_seed", "plan_jobs", "play", "record_episode", "rollout"]
