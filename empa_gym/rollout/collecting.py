"""``collect``: a policy meets scenarios in groups; ``stream``: the same, each group as soon as it is there.

    policy, scenarios -> jobs -> engine -> records -> ledger (a folder) -> groups -> Rollouts, TurnBatch

Everything that can be wrong with the arguments is found before anything is played.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from empa_gym.agents.protocols import Policy
from empa_gym.clients.base import ChatClient
from empa_gym.rollout.engines import Engine, InlineEngine, OnBroken, Work, make_engine
from empa_gym.rollout.folder import RunSettings, folder_path
from empa_gym.rollout.planning import (
    CastSpec,
    Ceilings,
    Extent,
    RewardSpec,
    RulesSpec,
    Scenarios,
    TapeSpec,
    plan_collection,
)
from empa_gym.rollout.progress import OnProgress
from empa_gym.rollout.rollouts import Rollouts
from empa_gym.rollout.streaming import GroupStream, Keeping, Playing

TRAINING_REWARD: Mapping[str, str] = {"idr": "zone"}
"""As ``EMPA-Train-v0`` pays."""
AT_ONCE = 256
"""Dialogues at once where models answer; how many calls that makes is the ceilings' matter."""


def collect(
    policy: Policy | str,
    scenarios: Scenarios = "starter-train",
    *,
    group_size: int = 4,
    groups: int = 1,
    seed: int = 0,
    cast: CastSpec = "offline",
    rules: RulesSpec = "training",
    reward: RewardSpec = TRAINING_REWARD,
    client: ChatClient | None = None,
    ceilings: Ceilings | None = None,
    tape: TapeSpec | None = None,
    engine: str | Engine = "asyncio",
    at_once: int = AT_ONCE,
    folder: str | Path | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    on_progress: OnProgress | None = None,
    on_broken: OnBroken | None = None,
) -> Rollouts:
    """Play groups of dialogues to their end; blocks, also inside a running event loop.

    A group shares scenario and seed; its members differ by the policy's own randomness. What a failure ended is in
    the result, as failed. The same arguments give the same rollouts, whatever the engine, ``at_once`` or a kill.

    Args:
        policy: what answers: an object, "llm", "package.module:Name", or the name of a shipped one.
        scenarios: names, files or objects; see :func:`~empa_gym.scenarios.select_scenarios`.
        group_size: dialogues of a group.
        groups: groups of each scenario.
        seed: of the first group of each scenario; the others follow as seed + 1, ...
        cast: who plays the seeker, the director and the judge, with the models that they ask; a model under "policy"
            is the policy's. See :func:`~empa_gym.agents.casting.casting_from`.
        rules: of the game: a name, a dict with changes, or EPMParams.
        reward: what a judged turn pays: a name, a dict or a function.
        client: answers all requests in the place of the cast's models; for the engine "asyncio".
        ceilings: what the calls may use together, for example ``{"calls": 1000}``.
        tape: a file that keeps every answer and gives it again.
        engine: "asyncio", "processes", "ray", or an engine, which stays open.
        at_once: where models answer, how many dialogues each worker plays at once.
        folder: keep every dialogue there as soon as it is over; the result then reads from disk. None: in memory.
        resume: go on with the run that the folder holds, if it holds one; else such a folder is refused.
        retry_failed: with ``resume``, play those again that a failure ended.
        on_progress: is told after each dialogue how far the run has come.
        on_broken: is told of a dialogue that somebody's code broke off, which then counts as failed; without it that
            error is raised, and a folder keeps what was over.

    Raises:
        ValueError, TypeError: an argument does not fit, or the folder holds another run; says what differs.
        ConfigError, RecordError, MissingExtra: settings, a file or an extra cannot be used.
        ExtensionError: somebody's code broke, and there is no ``on_broken``.
        TapeMiss: a tape is replayed that does not hold a call.
    """
    asked = stream(
        policy, scenarios, group_size=group_size, groups=groups, seed=seed, cast=cast, rules=rules, reward=reward,
        client=client, ceilings=ceilings, tape=tape, engine=engine, at_once=at_once, folder=folder, resume=resume,
        retry_failed=retry_failed, on_progress=on_progress, on_broken=on_broken,
    )  # fmt: skip
    return asked.collect()


def stream(
    policy: Policy | str,
    scenarios: Scenarios = "starter-train",
    *,
    group_size: int = 4,
    groups: int = 1,
    seed: int = 0,
    cast: CastSpec = "offline",
    rules: RulesSpec = "training",
    reward: RewardSpec = TRAINING_REWARD,
    client: ChatClient | None = None,
    ceilings: Ceilings | None = None,
    tape: TapeSpec | None = None,
    engine: str | Engine = "asyncio",
    at_once: int = AT_ONCE,
    folder: str | Path | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    on_progress: OnProgress | None = None,
    on_broken: OnBroken | None = None,
) -> GroupStream:
    """The groups that :func:`collect` plays, each as soon as its last member is over; the arguments are the same.

    ``for group in stream(...)`` and ``async for group in stream(...)`` both work; nothing is played before. Groups
    that a resumed folder holds already come first. Leaving the loop ends what is under way.

    Raises:
        ValueError, TypeError, ConfigError, MissingExtra: at once; everything else while it is iterated over.
    """
    plan = plan_collection(
        policy, scenarios, Extent(group_size, groups, seed), cast, rules, reward, ceilings, tape, at_once
    )
    kept = keeping(plan.settings, folder, resume=resume, retry_failed=retry_failed)
    work = retrying(plan.work) if retry_failed else plan.work
    playing = Playing(plan.jobs, work, chosen_engine(engine, client), isinstance(engine, str), on_broken)
    return GroupStream(playing, kept, on_progress)


def chosen_engine(engine: str | Engine, client: ChatClient | None) -> Engine:
    """The engine that plays.

    Raises:
        ValueError: no engine has that name, or a client was given to one that plays elsewhere.
        MissingExtra: the engine's extra is not installed.
    """
    if client is None:
        return make_engine(engine)
    if engine != "asyncio":
        raise ValueError("a client answers in this process alone; use engine 'asyncio', or name models in the cast")
    return InlineEngine(client)


def retrying(work: Work) -> Work:
    """The work with a tape that asks again about calls that it holds as failed: else they would fail the same way."""
    return work if work.tape is None else work._replace(tape=dataclasses.replace(work.tape, retry_failures=True))


def keeping(settings: RunSettings, folder: str | Path | None, *, resume: bool, retry_failed: bool) -> Keeping | None:
    """Where dialogues are kept; None for in memory.

    Raises:
        ValueError, TypeError: only a folder can be gone on with, or that is no name of one.
    """
    if retry_failed and not resume:
        raise ValueError("retry_failed plays failed dialogues of an earlier run again; it needs resume=True")
    if folder is None and resume:
        raise ValueError("resume goes on with the run of a folder; name it with folder=...")
    return None if folder is None else Keeping(folder_path(folder), settings, resume, retry_failed)
