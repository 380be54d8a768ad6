"""How good a policy is: dialogues on scenarios it was not trained on, under the benchmark's rules, scored as EPM-Q."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label
from empa_gym.rollout.play import Episode, Game, record_episode
from empa_gym.scenarios import Scenario
from empa_gym.scoring import score_row, summarise
from empa_gym.training.gathering import Dialogue, Start, gather
from empa_gym.training.learner import Learner

FIRST_SEED = 2**31
"""Evaluation dialogues have seeds from here on; those of training lie below, so none is met twice."""


class Evaluation(NamedTuple):
    """What an evaluation found.

    Attributes:
        epmq: EPM-Q, the mean over scored dialogues; None when none could be scored.
        passed: share of dialogues that ended in recovery.
        turns: mean number of turns.
        words: mean number of words of a reply.
        episode_return: mean sum of the rewards under the evaluation's own reward.
        scored, planned: dialogues that count, and that were to be played.
    """

    epmq: float | None
    passed: float
    turns: float
    words: float
    episode_return: float
    scored: int
    planned: int


def evaluate(
    learner: Learner, scenarios: Sequence[Scenario], seeds: int, game: Game, *, greedy: bool = False
) -> Evaluation:
    """Play each scenario with each of so many seeds and score the dialogues.

    Args:
        learner: answers; its parameters stay as they are.
        scenarios: whom it meets.
        seeds: dialogues per scenario.
        game: cast, rules and reward of the evaluation.
        greedy: take the most probable token each time instead of drawing one.
    """
    starts = [Start(scenario, FIRST_SEED + number) for scenario in scenarios for number in range(seeds)]
    played = gather(learner, starts, 1, game, greedy=greedy)
    records = recorded(played, "policy", game)
    summary = summarise("policy", [record.trajectory for record in records], len(starts))
    row = score_row(summary)
    return Evaluation(
        epmq=row.epmq,
        passed=row.passed / len(starts),
        turns=fmean(one.state.turn for one in played),
        words=fmean(len(turn.reply.split()) for one in played for turn in one.state.turns),
        episode_return=fmean(sum(one.rewards) for one in played),
        scored=row.scored,
        planned=len(starts),
    )


def recorded(dialogues: Sequence[Dialogue], policy: str, game: Game, reward: str = "idr") -> list[EpisodeRecord]:
    """The dialogues as records."""
    return [
        record_episode(Episode(one.state, tuple(one.rewards)), Label(policy, reward, one.member), game)
        for one in dialogues
    ]
