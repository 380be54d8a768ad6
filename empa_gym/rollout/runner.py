"""Policies x scenarios x seeds, played in this process: one after the other, or many at once where models answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from empa_gym.agents.protocols import Policy
from empa_gym.clients.base import ChatClient
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.rollout.engines.base import OnBroken, Work
from empa_gym.rollout.engines.inline import InlineEngine
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.play import Game


def rollout(
    jobs: Iterable[Job],
    policies: Mapping[str, Policy],
    game: Game,
    *,
    reward: str = "idr",
    client: ChatClient | None = None,
    at_once: int = 1,
    on_broken: OnBroken | None = None,
) -> Iterator[EpisodeRecord]:
    """Play the jobs and yield each record as soon as its dialogue is over.

    Args:
        jobs: what to play.
        policies: who answers, by name.
        game: what it is played by.
        reward: the name of ``game.reward`` in the records.
        client: answers the requests of cast and policies; None where nobody asks.
        at_once: with a client, how many dialogues are played at once; records then come in the order in
            which dialogues end, and hold the same as when they are played one by one.
        on_broken: is told of a dialogue that the code of a policy, a role or the reward broke off; it is
            then recorded as unfinished and the next one is played. Without it the error is raised.

    Raises:
        ValueError: a role of the cast does not speak a scenario's language.
        ExtensionError: somebody's code broke, and there is no ``on_broken``.
        TapeMiss: a tape is replayed that does not hold a call.
        KeyError: a job names a policy that is not there.
    """
    return InlineEngine(client).play(jobs, Work(policies, game, reward, at_once=at_once), on_broken)
