"""Rollouts: policies x scenarios x seeds -> records, in groups for training; kept in folders that can go on."""

from empa_gym.rollout.branching import Branches, BranchPlan, branch, plan_branches
from empa_gym.rollout.collecting import collect, stream
from empa_gym.rollout.counterfactual import ReplyValue, branch_batch, reply_values
from empa_gym.rollout.groups import Group
from empa_gym.rollout.jobs import GroupLabel, Job, plan_groups, plan_jobs
from empa_gym.rollout.play import Episode, Game, play, record_episode
from empa_gym.rollout.progress import Progress
from empa_gym.rollout.revival import game_of, state_before
from empa_gym.rollout.rollouts import Rollouts, messages
from empa_gym.rollout.runner import rollout
from empa_gym.rollout.seeds import dialogue_seed
from empa_gym.rollout.streaming import GroupStream
from empa_gym.rollout.turn_batch import turn_batch

__all__ = [
    "BranchPlan",
    "Branches",
    "Episode",
    "Game",
    "Group",
    "GroupLabel",
    "GroupStream",
    "Job",
    "Progress",
    "ReplyValue",
    "Rollouts",
    "branch",
    "branch_batch",
    "collect",
    "dialogue_seed",
    "game_of",
    "messages",
    "plan_branches",
    "plan_groups",
    "plan_jobs",
    "play",
    "record_episode",
    "reply_values",
    "rollout",
    "state_before",
    "stream",
    "turn_batch",
]
