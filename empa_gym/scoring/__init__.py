"""The score of a run: arrays in, numbers out. Indices, EPM-Q, summaries, and the replay of a record."""

from empa_gym.scoring.epmq import EPMQ, UNSCORED, epmq
from empa_gym.scoring.indices import Indices, indices
from empa_gym.scoring.replay import Recording, ReplayRow, replay
from empa_gym.scoring.summaries import Returns, ScoreRow, Summary, score_row, summarise
from empa_gym.scoring.trajectory import Batch, Trajectory, stack

__all__ = [
    "EPMQ",
    "UNSCORED",
    "Batch",
    "Indices",
    "Recording",
    "ReplayRow",
    "Returns",
    "ScoreRow",
    "Summary",
    "Trajectory",
    "epmq",
    "indices",
    "replay",
    "score_row",
    "stack",
    "summarise",
]
