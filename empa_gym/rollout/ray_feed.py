"""Groups for the workers of a Ray cluster, for example verl's or RLlib's: each asks for its next one by a feed's name.

In the program that starts the training::

    feed = start_feed("empathy", my_policy, "starter-train", group_size=8, rounds=None)

In any task or actor of the cluster::

    group = find_feed("empathy").next_group()

An actor plays the groups of :func:`~empa_gym.rollout.stream`, and hands each to whoever asks first.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import ray
from ray import cloudpickle

from empa_gym.errors import BudgetExceeded
from empa_gym.outcome import Outcome
from empa_gym.rollout.collecting import chosen_engine, stream
from empa_gym.rollout.engines.ray import MOST_ASKING, NAMESPACE, NO_SETTINGS
from empa_gym.rollout.engines.sending import SentError, pack_error, unpack_error
from empa_gym.rollout.groups import Group

AHEAD = 8
"""Groups that lie ready, at most."""


class FeedActor:
    """Plays groups, and keeps a few ready; what runs in the actor of a feed.

    Args:
        packed: the arguments of :func:`~empa_gym.rollout.stream`, pickled.
        rounds: how often they are played; None for ever.
        ahead: how many groups lie ready, at most.
    """

    def __init__(self, packed: bytes, rounds: int | None, ahead: int) -> None:
        self._policy, self._scenarios, settings = cloudpickle.loads(packed)
        named, client = settings.pop("engine", "asyncio"), settings.pop("client", None)
        self._engine = chosen_engine(named, client)  # one for all rounds, so that their ceilings are one
        self._settings = settings
        self._rounds = itertools.count() if rounds is None else range(rounds)
        self._ready: asyncio.Queue[Group | SentError | None] = asyncio.Queue(ahead)
        self._playing: asyncio.Task[None] | None = None

    async def next(self) -> Group | SentError | None:
        """The next group; None when there are no more, an error when one ended the playing."""
        if self._playing is None:
            self._playing = asyncio.ensure_future(self._play())
        group = await self._ready.get()
        if not isinstance(group, Group):
            self._ready.put_nowait(group)  # the end is told to everybody
        return group

    async def _play(self) -> None:
        end: SentError | None = None
        try:
            for number in self._rounds:
                await self._play_round(number)
        except Exception as error:  # whatever it is, it is raised where groups are asked for
            end = pack_error(error)
        finally:
            await asyncio.to_thread(self._engine.close)
        await self._ready.put(end)

    async def _play_round(self, number: int) -> None:
        """Hand out the groups of a round.

        Raises:
            BudgetExceeded: the ceilings left nothing of a whole group, so that the next round would be empty.
        """
        spent = False
        async for group in stream(self._policy, self._scenarios, **self._of_round(number)):
            refused = all(record.outcome is Outcome.BUDGET for record in group.records)
            spent = spent or refused
            if not refused or any(record.turns for record in group.records):
                await self._ready.put(group)
        if spent:
            raise BudgetExceeded(
                f"the ceilings of this feed, {self._settings.get('ceilings')}, are used up, in round {number + 1}: "
                "they hold for all its rounds together; start another feed to go on"
            )

    def _of_round(self, number: int) -> dict[str, Any]:
        """The settings of a round: the seeds go on where the last one's ended."""
        first, groups = self._settings.get("seed", 0), self._settings.get("groups", 1)
        return {**self._settings, "seed": first + number * groups, "engine": self._engine}


class Feed:
    """A feed, as those see it who ask for groups; it can be sent to any task or actor.

    Args:
        actor: its handle.
    """

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def next_group(self) -> Group | None:
        """The next group that nobody has; blocks until it is played. None when there are no more.

        Raises:
            Exception: what ended the playing.
        """
        return _given(ray.get(self._actor.next.remote()))

    async def anext_group(self) -> Group | None:
        """The same, for an event loop."""
        return _given(await self._actor.next.remote())

    def __iter__(self) -> Iterator[Group]:
        """The groups that nobody else takes, until there are no more."""
        return iter(self.next_group, None)

    def close(self) -> None:
        """End the feed, with what it is playing."""
        ray.kill(self._actor)


def start_feed(
    name: str,
    policy: Any,
    scenarios: Any = "starter-train",
    *,
    rounds: int | None = 1,
    ahead: int = AHEAD,
    actor: Mapping[str, Any] = NO_SETTINGS,
    **settings: Any,
) -> Feed:
    """Begin a feed; Ray must be connected. It lives as long as the driver that holds what this returns.

    A policy in training is best one that asks the server which the trainer updates: a round that is under way then
    goes on with the newest weights, and at most one round is played before its groups are asked for.

    Args:
        name: by which :func:`find_feed` finds it.
        policy: see :func:`~empa_gym.rollout.stream`.
        scenarios: likewise.
        rounds: how often the groups are played, each time with new seeds; None for ever.
        ahead: how many groups lie ready, at most.
        actor: options of the feed's actor, for example ``{"num_cpus": 2}``.
        settings: the other arguments of ``stream``, but for a folder. With ``engine="ray"`` workers of the cluster
            play. ``ceilings`` are for all rounds together; when they are used up, whoever asks is told so.

    Raises:
        ValueError: a number is out of range, an argument of ``stream`` does not fit, or the name is taken.
    """
    if ahead < 1 or (rounds is not None and rounds < 1):
        raise ValueError(f"ahead and rounds must be at least 1, got {ahead} and {rounds}")
    _refuse_unfit(settings)
    stream(policy, scenarios, **settings)  # refuses here what does not fit, before anything is sent
    options = {"name": name, "namespace": NAMESPACE, "max_concurrency": MOST_ASKING, "num_cpus": 1, **actor}
    packed = cloudpickle.dumps((policy, scenarios, settings))
    if name in _names():
        raise ValueError(f"the name {name!r} is taken in this cluster; close that feed, or choose another name")
    return Feed(ray.remote(FeedActor).options(**options).remote(packed, rounds, ahead))


def find_feed(name: str) -> Feed:
    """The feed of a name, from any task or actor of the cluster.

    Raises:
        ValueError: there is none.
    """
    try:
        return Feed(ray.get_actor(name, namespace=NAMESPACE))
    except ValueError as unknown:
        raise ValueError(
            f"no feed named {name!r} runs in this cluster; begin it with start_feed, in a driver that stays connected"
        ) from unknown


def _refuse_unfit(settings: Mapping[str, Any]) -> None:
    """Refuse what ``stream`` takes and a feed cannot.

    Raises:
        ValueError: a folder, which holds one round; or an engine that is no name, which cannot be sent.
    """
    if settings.get("folder") is not None:
        raise ValueError("a feed plays rounds with seeds of their own, and a folder holds one run: leave folder out")
    if not isinstance(settings.get("engine", "asyncio"), str):
        raise ValueError("an engine cannot be sent to the actor of a feed; give its name, for example engine='ray'")


def _names() -> set[str]:
    """The names of all actors of this package in the cluster."""
    named = ray.util.list_named_actors(all_namespaces=True)
    return {actor["name"] for actor in named if actor["namespace"] == NAMESPACE}


def _given(answer: Group | SentError | None) -> Group | None:
    if isinstance(answer, SentError):
        raise unpack_error(answer)
    return answer
