"""From a dialogue that was played to its record."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterable
from typing import NamedTuple

from empa_gym.agents.protocols import Cast
from empa_gym.clients.addressed import RoleUsage
from empa_gym.dialogue.asking import place_of
from empa_gym.dialogue.record import SCHEMA, CastNames, EpisodeRecord, TurnRecord, UsageRecord
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.epm import Point
from empa_gym.scenarios import Scenario, scenario_to_json

HASH_LENGTH = 16
"""Hex digits of the SHA-256 of a scenario's JSON text: 64 bits tell any number of revisions apart."""


class Label(NamedTuple):
    """What a record says about a dialogue beside its course.

    Attributes:
        policy: the name of what answered.
        reward: the reward's name, or its JSON text.
        member: which rollout of its group.
        key: the hash of all that the dialogue follows from; "" where nobody keeps account.
    """

    policy: str
    reward: str
    member: int = 0
    key: str = ""


def record_dialogue(
    state: DialogueState,
    rewards: Iterable[float],
    label: Label,
    cast: Cast,
    rules: Rules,
    *,
    error: str = "",
    usage: Iterable[RoleUsage] = (),
) -> EpisodeRecord:
    """The record of a dialogue.

    Args:
        state: the dialogue, over or not.
        rewards: what each turn paid.
        label: the names of policy and reward.
        cast: who played the roles.
        rules: what it was played by.
        error: the cause when a failed model ended it.
        usage: what its calls used, by role.

    Raises:
        ValueError: another number of rewards than turns, or a reward that is not finite.
    """
    paid = tuple(float(reward) for reward in rewards)
    if len(paid) != state.turn or not all(map(math.isfinite, paid)):
        raise ValueError(f"expected a finite reward for each of the {state.turn} turns, got {paid}")
    points = {point.turn: point for point in state.points}
    turns = zip(state.turns, paid, strict=True)
    return EpisodeRecord(
        schema=SCHEMA,
        scenario=state.scenario.id,
        scenario_version=state.scenario.version,
        scenario_hash=content_hash(state.scenario),
        seed=state.seed,
        policy=label.policy,
        member=label.member,
        cast=cast_names(cast),
        rules=rules.epm,
        on_model_error=rules.on_model_error,
        reward=label.reward,
        deficit=state.deficit,
        turns=tuple(_turn(turn, points.get(number), reward) for number, (turn, reward) in enumerate(turns, 1)),
        unanswered=state.message,
        outcome=state.outcome,
        end_kind=state.end_kind,
        error=error,
        usage=tuple(UsageRecord(**used._asdict()) for used in usage),
        key=label.key,
    )


def _turn(turn: Turn, point: Point | None, reward: float) -> TurnRecord:
    assessment = turn.assessment
    return TurnRecord(
        message=turn.message,
        reply=turn.reply,
        levels=tuple((int(up), int(down)) for up, down in assessment.levels) if assessment else None,
        evidence=assessment.evidence if assessment else (),
        shift=point.shift if point else None,
        position=point.position if point else None,
        energy=point.energy if point else None,
        alignment=point.alignment if point else None,
        reward=reward,
        valid=turn.judged,
        span=turn.span,
        direction=turn.direction,
        error=turn.error,
        judge_failed=turn.judge_failed,
        reply_truncated=turn.reply_truncated,
    )


@functools.lru_cache(maxsize=1024)
def content_hash(scenario: Scenario) -> str:
    """The first hex digits of the SHA-256 of a scenario's JSON text: equal content, equal hash."""
    return hashlib.sha256(scenario_to_json(scenario).encode()).hexdigest()[:HASH_LENGTH]


def cast_names(cast: Cast) -> CastNames:
    """Who plays the three roles."""
    return CastNames(name_of(cast.actor), name_of(cast.director), name_of(cast.judge))


def name_of(part: object) -> str:
    """The own ``name`` of an agent, a policy or a reward, or where it is defined: "package.module:Name"."""
    own = getattr(part, "name", None)
    if isinstance(own, str) and own:
        return own
    return place_of(part)
