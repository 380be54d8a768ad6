"""One turn of the whole system. Read this file first.

    actor speaks -> policy replies (the action) -> judge rates -> position moves -> rules -> director -> actor

:func:`take_turn` is a flow: it yields what it wants to ask a model and is sent the answers. Drivers
(:mod:`empa_gym.drive`) own all input and output. It takes a frozen state and returns the next one.
"""

from __future__ import annotations

from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import ActorView, Exchange
from empa_gym.chat import Flow
from empa_gym.dialogue.answering import spoken
from empa_gym.dialogue.asking import ask
from empa_gym.dialogue.cueing import Cue, cue_next, may_go_on
from empa_gym.dialogue.judging import end_by_rules, judge_window
from empa_gym.dialogue.rules import PUBLISHED, Rules, refuse_foreign
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.epm import frame
from empa_gym.outcome import Outcome
from empa_gym.scenarios.scenario import Scenario


def open_dialogue(scenario: Scenario, seed: int, cast: Cast) -> Flow[DialogueState]:
    """The state before the first turn: the seeker has spoken, nothing is judged yet.

    Raises:
        ValueError: a role of the cast cannot be asked, or does not speak the scenario's language.
        ModelError: the actor could not speak.
        ExtensionError: the actor's own code broke.
    """
    refuse_foreign(scenario, cast)
    message = yield from ask(cast.actor, "actor", ActorView(scenario, (), None, (), seed, 0), spoken)
    return DialogueState(scenario, seed, message, (frame(scenario.deficit).start(),))


def take_turn(
    state: DialogueState, reply: str, cast: Cast, rules: Rules = PUBLISHED, *, reply_truncated: bool = False
) -> Flow[DialogueState]:
    """The state after one reply.

    Args:
        state: a running dialogue.
        reply: the supporter's answer to ``state.message``.
        cast: actor, director and judge.
        rules: what the turn is played by.
        reply_truncated: whether the reply was cut before it came here; it is recorded.

    Returns:
        The next state: its last turn tells what happened, its ``outcome`` whether the dialogue is over.

    Raises:
        ModelError: a model failed and ``rules.on_model_error`` is "raise"; ``state`` is as it was.
        ExtensionError: a role's own code broke, or answered with something unfit; ``state`` is as it was.
    """
    exchanges = (*state.exchanges, Exchange(state.message, reply))

    judgement = yield from judge_window(state, exchanges, cast.judge, rules)
    points = (*state.points, judgement.point) if judgement.point else state.points
    ending = judgement.ending or end_by_rules(points, len(exchanges), rules.epm)

    cue = Cue(ending=ending)
    if may_go_on(ending, rules.epm):
        cue = yield from cue_next(state, exchanges, points, judgement, cast, rules, success=ending)

    turn = Turn(
        exchange=exchanges[-1],
        assessment=judgement.assessment,
        span=judgement.span,
        direction=cue.direction,
        error="; ".join(filter(None, (judgement.error, cue.error))),
        judge_failed=bool(judgement.error),
        reply_truncated=reply_truncated,
    )
    outcome, end_kind = cue.ending or (Outcome.RUNNING, "")
    return DialogueState(state.scenario, state.seed, cue.message, points, (*state.turns, turn), outcome, end_kind)
