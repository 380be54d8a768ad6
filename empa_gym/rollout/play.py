"""One whole dialogue as a flow: the policy answers, the turn is taken, until a rule or a failure ends it.

Any driver plays it: ``run(play(...))``, ``await arun(play(...), acomplete)``, ``run_batch([play(...), ...])``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import NamedTuple

from empa_gym.agents.protocols import Cast, Policy
from empa_gym.agents.views import PolicyView
from empa_gym.chat import Flow
from empa_gym.clients.addressed import RoleUsage
from empa_gym.dialogue.answering import said
from empa_gym.dialogue.asking import ask
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label, record_dialogue
from empa_gym.dialogue.replies import MAX_REPLY_CHARS, TakenReply, take_reply
from empa_gym.dialogue.rewards import RewardFn, idr, pay
from empa_gym.dialogue.rules import Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.epm import frame
from empa_gym.errors import BudgetExceeded, ExtensionError, ModelError, TapeMiss
from empa_gym.outcome import Outcome
from empa_gym.scenarios import Scenario


class Game(NamedTuple):
    """What every dialogue of a run is played by.

    Attributes:
        cast: actor, director and judge.
        rules: the rules of the game; a run holds a turn whose judgement failed instead of stopping.
        reward: what a judged turn pays.
        max_reply_chars: where a reply is cut.
    """

    cast: Cast
    rules: Rules = Rules(on_model_error="hold")
    reward: RewardFn = idr()
    max_reply_chars: int = MAX_REPLY_CHARS


class Episode(NamedTuple):
    """A dialogue that was played.

    Attributes:
        state: the last one; its outcome is RUNNING when somebody's code broke the dialogue off.
        rewards: what each turn paid.
        error: the cause when a failure ended the dialogue, else "".
        broken: the error of that code, with what it raised as its cause.
    """

    state: DialogueState
    rewards: tuple[float, ...]
    error: str = ""
    broken: ExtensionError | None = None


class Start(NamedTuple):
    """Where a dialogue is taken up that does not begin at its opening.

    Attributes:
        state: the dialogue so far; it still runs.
        rewards: what each of its turns paid.
        reply: the answer to its message; None for the policy's own.
        horizon: stop after so many turns, and the judgement that then waits; None plays to the end.
    """

    state: DialogueState
    rewards: tuple[float, ...] = ()
    reply: str | None = None
    horizon: int | None = None


def play(
    scenario: Scenario,
    seed: int,
    policy: Policy,
    game: Game,
    *,
    member: int = 0,
    keep_broken: bool = False,
    start: Start | None = None,
) -> Flow[Episode]:
    """Play one dialogue to its end.

    Args:
        scenario: who is talked with.
        seed: the dialogue's seed.
        policy: what answers.
        game: what it is played by.
        member: which rollout of its group; it tells the policy's randomness apart.
        keep_broken: return what was played, unfinished, when the code of a policy, a role or the reward
            breaks; by default that is raised.
        start: where it is taken up; None to open it.

    Returns:
        The episode. A model that failed for good ends it as BUDGET or MODEL_ERROR; it is never lost.

    Raises:
        ValueError: a role of the cast does not speak the scenario's language.
        ExtensionError: somebody's code broke; names whose.
        TapeMiss: a tape is replayed that does not hold a call; it is a mistake and no outage.
    """
    state = start.state if start else unopened(scenario, seed)
    rewards = list(start.rewards) if start else []
    try:
        if start is None:
            state = yield from open_dialogue(scenario, seed, game.cast)
        while not (state.outcome.ended or _at_horizon(state, start)):
            reply = _given_reply(state, start, game.max_reply_chars)
            if reply is None:
                reply = yield from answer(state, policy, member, game.max_reply_chars)
            after = yield from take_turn(state, reply.text, game.cast, game.rules, reply_truncated=reply.truncated)
            rewards.append(pay(game.reward, state, after))
            state = after
    except (BudgetExceeded, ModelError, ExtensionError) as failure:
        return _cut_short(state, rewards, failure, keep_broken=keep_broken)
    failed = state.outcome.ended and not state.outcome.scored
    return Episode(state, tuple(rewards), state.turns[-1].error if failed else "")


def _at_horizon(state: DialogueState, start: Start | None) -> bool:
    """Whether enough was played. A turn that waits for its judgement is played on, so that what it paid is known."""
    if start is None or start.horizon is None:
        return False
    return state.turn - start.state.turn >= start.horizon and not state.pending


def _given_reply(state: DialogueState, start: Start | None, limit: int) -> TakenReply | None:
    """The reply that the start prescribes for its own turn, else None."""
    if start is None or start.reply is None or state is not start.state:
        return None
    return take_reply(start.reply, limit)


def _cut_short(
    state: DialogueState,
    rewards: list[float],
    failure: BudgetExceeded | ModelError | ExtensionError,
    *,
    keep_broken: bool,
) -> Episode:
    """The episode that a failure ended; what is a mistake is raised again."""
    if isinstance(failure, BudgetExceeded):
        return failed_episode(state, rewards, Outcome.BUDGET, str(failure))
    if isinstance(failure, ModelError) and not isinstance(failure, TapeMiss):
        return failed_episode(state, rewards, Outcome.MODEL_ERROR, str(failure))
    if isinstance(failure, ExtensionError) and keep_broken:
        return Episode(state, tuple(rewards), str(failure), failure)
    raise failure


def unopened(scenario: Scenario, seed: int) -> DialogueState:
    """The state of a dialogue in which nobody has spoken."""
    return DialogueState(scenario, seed, "", (frame(scenario.deficit).start(),))


def answer(state: DialogueState, policy: Policy, member: int, limit: int) -> Flow[TakenReply]:
    """The policy's reply to the dialogue so far.

    Raises:
        ModelError: the policy's model failed; its role says "policy".
        ExtensionError: the policy's own code broke, or it replied with something that is no text.
    """
    view = PolicyView(state.messages, state.seed, member, state.turn + 1)
    try:
        reply = yield from ask(policy, "policy", view, said)
    except ModelError as failure:
        if failure.role == "policy":
            raise
        raise type(failure)(failure.cause, role="policy") from failure
    return take_reply(reply, limit)


def failed_episode(state: DialogueState, rewards: list[float], outcome: Outcome, error: str) -> Episode:
    """The episode that a failure cut short; what was played stays as it is."""
    return Episode(dataclasses.replace(state, outcome=outcome), tuple(rewards), error)


def record_episode(episode: Episode, label: Label, game: Game, usage: Iterable[RoleUsage] = ()) -> EpisodeRecord:
    """The record of an episode; ``usage`` is what its calls used, by role."""
    state, rewards, error = episode.state, episode.rewards, episode.error
    return record_dialogue(state, rewards, label, game.cast, game.rules, error=error, usage=usage)
