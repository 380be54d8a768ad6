"""The director's and the actor's part of a turn: one move, and the message that follows from it."""

from __future__ import annotations

from typing import NamedTuple

from empa_gym.agents.answers import OBSERVE, Direction, DirectorMove
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import ActorView, DirectorView, Exchange
from empa_gym.chat import Flow
from empa_gym.dialogue.answering import directed, spoken
from empa_gym.dialogue.asking import ask
from empa_gym.dialogue.judging import Judgement, end_without_success
from empa_gym.dialogue.rules import Rules, missing
from empa_gym.dialogue.state import DialogueState
from empa_gym.epm import Ending, EPMParams, Point
from empa_gym.errors import BudgetExceeded, ModelError
from empa_gym.outcome import Outcome


class Cue(NamedTuple):
    """What the director and the actor made of a turn: a move and the next message, or the end."""

    direction: Direction | None = None
    message: str = ""
    error: str = ""
    ending: Ending | None = None


def may_go_on(ending: Ending | None, epm: EPMParams) -> bool:
    """Whether there may be a next message: no rule fired, or the director decides about a success."""
    return ending is None or (epm.director_ends and ending.outcome is Outcome.RECOVERED)


def cue_next(
    state: DialogueState,
    exchanges: tuple[Exchange, ...],
    points: tuple[Point, ...],
    judgement: Judgement,
    cast: Cast,
    rules: Rules,
    success: Ending | None,
) -> Flow[Cue]:
    """The director's move and the actor's next message, or how the dialogue ends instead.

    Args:
        state: the dialogue before this turn.
        exchanges: all that was said, this turn's exchange last.
        points: the judged points, this turn's last if it was judged.
        judgement: this turn's.
        cast: whose director and actor to ask.
        rules: what the turn is played by.
        success: the success that the director is to decide about (``director_ends``), else None.
    """
    past = state.directions
    view = director_view(state, exchanges, points, judgement, past, rules.epm, success is not None)
    error = ""
    try:
        move = yield from ask(cast.director, "director", view, directed)
    except (ModelError, BudgetExceeded) as failed:
        error, outcome = missing("director", failed, rules)
        if outcome is Outcome.BUDGET or rules.on_model_error == "truncate":
            return Cue(None, "", error, Ending(outcome))
        move = OBSERVE

    if move.move is DirectorMove.END and success is not None:
        return Cue(move, "", error, Ending(Outcome.ENDED_BY_DIRECTOR))
    move = refused(move) if move.move is DirectorMove.END else move
    ending = end_without_success(points, len(exchanges), rules.epm) if success is not None else None
    if ending is not None:
        return Cue(move, "", error, ending)

    played = OBSERVE if move.refused else move
    heard = ActorView(state.scenario, exchanges, played, past, state.seed, len(exchanges))
    try:
        message = yield from ask(cast.actor, "actor", heard, spoken)
    except (ModelError, BudgetExceeded) as failed:
        cause, outcome = missing("actor", failed, rules)
        return Cue(move, "", "; ".join(filter(None, (error, cause))), Ending(outcome))
    return Cue(move, message, error)


def refused(move: Direction) -> Direction:
    """An ``end`` that is not allowed, as it is recorded; it is played as OBSERVE."""
    return Direction(DirectorMove.END, guidance=move.guidance, refused=True)


def director_view(
    state: DialogueState,
    exchanges: tuple[Exchange, ...],
    points: tuple[Point, ...],
    judgement: Judgement,
    past: tuple[Direction, ...],
    epm: EPMParams,
    success_holds: bool,
) -> DirectorView:
    """What the director may see after a turn was judged."""
    return DirectorView(
        scenario=state.scenario,
        exchanges=exchanges,
        assessment=judgement.assessment,
        position=points[-1].position,
        energy=points[-1].energy,
        threshold=points[0].distance,
        past=past,
        success_holds=success_holds,
        seed=state.seed,
        turn=len(exchanges),
        turns_left=epm.max_turns - len(exchanges),
    )
