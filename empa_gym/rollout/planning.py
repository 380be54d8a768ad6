"""From the arguments of a collection to its jobs, its work and its settings; what is wrong with them is found here."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import empa_gym
from empa_gym.agents.casting import LLM, POLICY, Casting, casting_from
from empa_gym.agents.protocols import Cast, Policy
from empa_gym.clients.limits import Limits
from empa_gym.clients.wiring import limits_from, tape_settings
from empa_gym.dialogue.recording import cast_names, name_of
from empa_gym.dialogue.rewards import RewardFn, make_reward
from empa_gym.dialogue.rules import Rules, refuse_foreign
from empa_gym.epm import EPMParams, rules_from
from empa_gym.loading import make_object
from empa_gym.policies import POLICIES
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout.engines import Work
from empa_gym.rollout.folder import RunSettings
from empa_gym.rollout.identity import RunIdentity, identity_of, keyed
from empa_gym.rollout.jobs import Job, plan_groups
from empa_gym.rollout.play import Game
from empa_gym.scenarios import Scenario, select_scenarios

Scenarios: TypeAlias = str | Scenario | Sequence[str | Scenario]
CastSpec: TypeAlias = str | Mapping[str, Any] | Cast
RulesSpec: TypeAlias = EPMParams | str | dict[str, Any]
RewardSpec: TypeAlias = str | Mapping[str, Any] | RewardFn
Ceilings: TypeAlias = Mapping[str, Any] | Limits
TapeSpec: TypeAlias = str | Path | Mapping[str, Any]


class Extent(NamedTuple):
    """How many dialogues: of a group, groups of each scenario, and the seed of the first of them."""

    group_size: int
    groups: int
    seed: int


class Collection(NamedTuple):
    """What is to be played, and what a folder says of it."""

    jobs: list[Job]
    work: Work
    settings: RunSettings


def plan_collection(
    policy: Policy | str,
    scenarios: Scenarios,
    extent: Extent,
    cast: CastSpec,
    rules: RulesSpec,
    reward: RewardSpec,
    ceilings: Ceilings | None = None,
    tape: TapeSpec | None = None,
    at_once: int = 1,
) -> Collection:
    """The plan of a collection; see :func:`~empa_gym.rollout.collecting.collect` for the arguments.

    Raises:
        ValueError, TypeError, ConfigError, MissingExtra: an argument does not fit; says which and how.
    """
    _refuse_below(1, group_size=extent.group_size, groups=extent.groups, at_once=at_once)
    _refuse_below(0, seed=extent.seed)
    chosen = refuse_twice(select_scenarios(scenarios))
    casting = casting_from(cast)
    name, player = named_policy(policy)
    game = Game(casting.cast, Rules(rules_from(rules), on_model_error="hold"), make_reward(reward))
    for scenario in chosen:
        refuse_foreign(scenario, game.cast)
    work = _work(name, player, game, reward, casting)._replace(
        limits=None if ceilings is None else limits_from(ceilings),
        tape=None if tape is None else tape_settings(tape),
        at_once=at_once,
    )
    identity = identity_of(work, chosen)
    seeds = range(extent.seed, extent.seed + extent.groups)
    jobs = keyed(plan_groups(name, chosen, seeds, extent.group_size), identity)
    return Collection(jobs, work, _settings(identity, extent, cast, rules, work))


def _settings(identity: RunIdentity, extent: Extent, cast: CastSpec, rules: RulesSpec, work: Work) -> RunSettings:
    """What a folder says of a collection; objects are told by their names."""
    return RunSettings(
        version=empa_gym.__version__,
        policies=tuple(work.policies),
        scenarios=tuple(identity.scenarios),
        seed=extent.seed,
        seeds=extent.groups,
        cast=dataclasses.asdict(cast_names(cast)) if isinstance(cast, Cast) else cast,
        rules=dataclasses.asdict(rules) if isinstance(rules, EPMParams) else rules,
        reward=work.reward,
        planned=len(identity.scenarios) * extent.groups * extent.group_size,
        ceilings=None if work.limits is None else dataclasses.asdict(work.limits),
        tape=None if work.tape is None else work.tape.path,
        group_size=extent.group_size,
        identity=identity,
    )


def _work(name: str, player: Policy, game: Game, reward: RewardSpec, casting: Casting) -> Work:
    models = {role: model for role, model in casting.models.items() if role != POLICY}
    own = {name: casting.models[POLICY]} if POLICY in casting.models else {}
    return Work({name: player}, game, reward_name(reward), models, own)


def named_policy(policy: Policy | str) -> tuple[str, Policy]:
    """What answers, with its name in records.

    Args:
        policy: an object, "llm", "package.module:Name", or the name of a shipped policy.

    Raises:
        ValueError: no such policy, or the object is none.
        MissingExtra: its module is not there.
    """
    if isinstance(policy, str):
        if policy in POLICIES:
            return policy, POLICIES[policy]()
        if policy == LLM:
            return LLM, LLMPolicy()
        if ":" not in policy:
            known = ", ".join((*POLICIES, LLM))
            raise ValueError(f"policy must be one of {known}, 'package.module:Name', or an object; got {policy!r}")
    player: object = make_object(policy) if isinstance(policy, str) else policy
    if not isinstance(player, Policy) or isinstance(player, type):
        raise ValueError(f"policy must be an object with a method 'reply', got {policy!r:.80}")
    return (policy if isinstance(policy, str) else name_of(player)), player


def reward_name(reward: RewardSpec) -> str:
    """What records call a reward: its name, its JSON text, or where a function is defined.

    >>> reward_name({"idr": "zone"})
    '{"idr": "zone"}'
    """
    if isinstance(reward, str):
        return reward
    return name_of(reward) if callable(reward) else json.dumps(dict(reward))


def refuse_twice(scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
    """The scenarios, when no two have one id: they would be told apart nowhere.

    Raises:
        ValueError: an id comes twice.
    """
    twice = sorted(name for name, times in Counter(scenario.id for scenario in scenarios).items() if times > 1)
    if twice:
        raise ValueError(f"expected each scenario once, got {', '.join(twice)} twice; ask for more seeds to repeat it")
    return scenarios


def _refuse_below(least: int, **numbers: int) -> None:
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {number!r:.80}")
