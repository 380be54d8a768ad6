"""Branching: from one moment of a recorded dialogue, other continuations of the same state.

Seeker, director and judge draw their chance from the dialogue's seed and the turn, so they do the same for the same
replies. The policy draws its own from the member, and every continuation has a member of its own: continuations
differ by what is replied, and by nothing else. What a reply was worth: :mod:`empa_gym.rollout.counterfactual`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import NamedTuple

from empa_gym.agents.protocols import Policy
from empa_gym.clients.base import ChatClient
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import cast_names, name_of
from empa_gym.dialogue.rewards import RewardFn, pay
from empa_gym.dialogue.state import DialogueState
from empa_gym.errors import RecordError
from empa_gym.policies import make_policy
from empa_gym.rollout.engines import InlineEngine, OnBroken, Work
from empa_gym.rollout.jobs import Job
from empa_gym.rollout.play import Game, Start
from empa_gym.rollout.revival import CLOSE, game_of, states_until
from empa_gym.scenarios import Scenario, get_scenario

BRANCH_STRIDE = 10_000
"""Continuations of one turn, turns of one dialogue, and members of one group that have numbers of their own."""


class Branches(NamedTuple):
    """Continuations of one state.

    Attributes:
        first_turn: the turn they part at; the turns before it are the same in all, and no trainer should learn
            from them here.
        replies: what was replied there; None where nothing was, because the policy failed.
        continuations: for each reply its dialogues, as whole records. Their ``usage`` is that of the new turns, and
            their ``key`` is "", since they are of no run that goes on.
    """

    first_turn: int
    replies: tuple[str | None, ...]
    continuations: tuple[tuple[EpisodeRecord, ...], ...]

    @property
    def records(self) -> tuple[EpisodeRecord, ...]:
        """All dialogues, reply after reply."""
        return tuple(record for each in self.continuations for record in each)


class BranchPlan(NamedTuple):
    """What is to be played, for any engine: ``plan.gather(engine.play(plan.jobs, work))``.

    Attributes:
        first_turn: the turn that the dialogues part at.
        replies: the given ones, or None for each that the policy is to write.
        jobs: for each reply its continuations.
    """

    first_turn: int
    replies: tuple[str | None, ...]
    jobs: tuple[tuple[Job, ...], ...]

    @property
    def all_jobs(self) -> tuple[Job, ...]:
        """Every job, reply after reply."""
        return tuple(job for each in self.jobs for job in each)

    def gather(self, records: Iterable[EpisodeRecord]) -> Branches:
        """The branches that the records of these jobs make, in whatever order they come.

        Raises:
            ValueError: a job has no record.
        """
        by_member = {record.member: record for record in records}
        missing = [job.member for job in self.all_jobs if job.member not in by_member]
        if missing:
            raise ValueError(f"expected a record of each member, found none of {missing}")
        continuations = tuple(tuple(by_member[job.member] for job in each) for each in self.jobs)
        replies = tuple(
            _reply_at(self.first_turn, each[0]) if given is None else given
            for given, each in zip(self.replies, continuations, strict=True)
        )
        return Branches(self.first_turn, replies, continuations)


def branch(
    record: EpisodeRecord,
    turn: int,
    policy: Policy | str,
    *,
    replies: Sequence[str] | None = None,
    k: int | None = None,
    continuations: int = 1,
    horizon: int | None = None,
    game: Game | None = None,
    scenario: Scenario | None = None,
    name: str = "",
    first_member: int | None = None,
    client: ChatClient | None = None,
    at_once: int = 1,
    on_broken: OnBroken | None = None,
) -> Branches:
    """Play a recorded dialogue on from one of its turns, in other ways.

    Args:
        record: the dialogue.
        turn: the turn to part at, from 1; one more than were played where the last message was left unanswered.
        policy: what answers, an object or the name of a shipped one.
        replies: each of these is given at that turn, then the policy goes on.
        k: without ``replies``, so many members of the policy answer from that turn on.
        continuations: with ``replies``, so many continuations of each, by members of their own.
        horizon: stop after so many turns, and the judgement that then waits; None plays to the end.
        game: what it was played by; None for :func:`~empa_gym.rollout.revival.game_of` with the embedded cast.
        scenario: the one that was played; None for the shipped one of that id.
        name: of the policy, in records and for the client.
        first_member: the members number from here; None for :func:`first_member_of`, whose numbers neither the
            record's siblings nor the branches of another turn have. The record's own member with its own policy
            would say again what it said.
        client: answers the requests of cast and policy; None where nobody asks.
        at_once: with a client, how many dialogues are played at once.
        on_broken: is told of a dialogue that somebody's code broke off; without it that error is raised.

    Returns:
        The branches. A continuation that a failed model ended is among them, as BUDGET or MODEL_ERROR.

    Raises:
        ValueError, TypeError: an argument does not fit.
        RecordError: the record does not agree with scenario, cast, rules or reward; says where.
        ExtensionError: somebody's code broke, and there is no ``on_broken``.
        TapeMiss: a tape is replayed that does not hold a call.
    """
    game = game or game_of(record)
    player = make_policy(policy) if isinstance(policy, str) else policy
    name = name or (policy if isinstance(policy, str) else name_of(player))
    plan = plan_branches(
        record, turn, name, game, replies=replies, k=k, continuations=continuations, horizon=horizon,
        scenario=scenario, first_member=first_member,
    )  # fmt: skip
    work = Work({name: player}, game, record.reward, at_once=at_once)
    return plan.gather(InlineEngine(client).play(plan.all_jobs, work, on_broken))


def plan_branches(
    record: EpisodeRecord,
    turn: int,
    name: str,
    game: Game,
    *,
    replies: Sequence[str] | None = None,
    k: int | None = None,
    continuations: int = 1,
    horizon: int | None = None,
    scenario: Scenario | None = None,
    first_member: int | None = None,
) -> BranchPlan:
    """What :func:`branch` plays, for an engine of the caller's: ``name`` is the policy's, the rest as there.

    Raises:
        ValueError, TypeError, RecordError: as :func:`branch`.
    """
    given = _checked_replies(replies, k, continuations)
    _at_least_one("horizon", horizon)
    first = first_member_of(record, turn) if first_member is None else first_member
    if first_member is None and max(turn, len(given) * continuations) > BRANCH_STRIDE:
        raise ValueError(f"expected at most {BRANCH_STRIDE} continuations and turns; give first_member for more")
    if first < 0:
        raise ValueError(f"expected first_member of at least 0, got {first}")
    _refuse_another_game(record, game)
    states = states_until(record, turn, scenario or get_scenario(record.scenario), game.rules.rubric)
    paid = _checked_rewards(record, states, game.reward)
    here = states[-1]

    def job(number: int, reply: str | None) -> Job:
        return Job(name, here.scenario, here.seed, first + number, Start(here, paid, reply, horizon))

    jobs = tuple(
        tuple(job(place * continuations + again, reply) for again in range(continuations))
        for place, reply in enumerate(given)
    )
    return BranchPlan(turn, given, jobs)


def first_member_of(record: EpisodeRecord, turn: int) -> int:
    """The member that the branches of a record at a turn number from, unless it is given.

    Member m at turn t: ((m + 1) S + t) S with S = :data:`BRANCH_STRIDE`. So no two continuations of a group, its
    branches and their branches draw the same chance, as long as a group has no more than S members.

    Source: ours.
    """
    return ((record.member + 1) * BRANCH_STRIDE + turn) * BRANCH_STRIDE


def _checked_replies(replies: Sequence[str] | None, k: int | None, continuations: int) -> tuple[str | None, ...]:
    """The replies to give; None for each that the policy is to write."""
    _at_least_one("continuations", continuations)
    if (replies is None) == (k is None):
        raise ValueError("give either replies, or k for so many replies of the policy's own")
    if replies is not None:
        if isinstance(replies, str) or not all(isinstance(reply, str) for reply in replies):
            raise TypeError(f"expected replies as a list of str, got {replies!r:.80}")
        if not replies:
            raise ValueError("expected at least one reply, got none")
        return tuple(replies)
    _at_least_one("k", k)
    if continuations != 1:
        raise ValueError(
            "continuations needs replies: branch with k first, then give the replies that were written, "
            "replies=branches.replies"
        )
    return (None,) * (k or 0)


def _at_least_one(name: str, number: int | None) -> None:
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
        raise ValueError(f"{name} must be a whole number of at least 1, got {number!r}")


def _refuse_another_game(record: EpisodeRecord, game: Game) -> None:
    """Refuse a cast or rules other than the record's: its turns and the new ones would not be one dialogue."""
    cast, rules = asdict(cast_names(game.cast)), asdict(game.rules.epm)
    for part, recorded, given in (("cast", asdict(record.cast), cast), ("rules", asdict(record.rules), rules)):
        told = [f"{name}: {recorded[name]!r} in the record, {given[name]!r} here" for name in recorded]
        differing = [line for line, name in zip(told, recorded, strict=True) if recorded[name] != given[name]]
        if differing:
            how = "give the game that it was played by: game_of(record, cast)"
            raise RecordError("record", part, f"{'; '.join(differing)}; {how}")


def _checked_rewards(record: EpisodeRecord, states: Sequence[DialogueState], reward: RewardFn) -> tuple[float, ...]:
    """What the turns before the branch paid, as recorded; refused when the reward would have paid otherwise."""
    recorded = tuple(turn.reward for turn in record.turns[: len(states) - 1])
    for number, (before, after, told) in enumerate(zip(states, states[1:], recorded, strict=False), 1):
        paid = pay(reward, before, after)
        if not math.isclose(paid, told, rel_tol=CLOSE, abs_tol=CLOSE):
            raise RecordError(
                f"record, turn {number}",
                "reward",
                f"{record.reward!r} paid {told} in the record, and this reward pays {paid}; give the one of the run",
            )
    return recorded


def _reply_at(turn: int, record: EpisodeRecord) -> str | None:
    """What was replied at a turn; None when the dialogue did not come so far."""
    return record.turns[turn - 1].reply if len(record.turns) >= turn else None
