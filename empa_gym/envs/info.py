"""What a caller sees of a state: the observation and the info. Constant keys, constant types, new objects each call."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from empa_gym.agents.answers import Assessment, Direction
from empa_gym.agents.views import Exchange
from empa_gym.dialogue.state import DialogueState, Turn

NO_TURN = Turn(Exchange("", ""), None, 0)
"""What reset reports: no turn was played by this call."""


def public_info(state: DialogueState, turn: Turn) -> dict[str, Any]:
    """The info of every env.

    Args:
        state: the dialogue now.
        turn: the turn that this call played; NO_TURN for a reset.
    """
    outcome = state.outcome
    return {
        "scenario": state.scenario.id,
        "seed": state.seed,
        "turn": len(state.turns),
        "outcome": outcome.value,
        "success": outcome.success,
        "end_kind": state.end_kind,
        "judged": turn.judged,
        "reward_valid": turn.judged,
        "reward_span": turn.span,
        "error": turn.error,
        "reply_truncated": turn.reply_truncated,
        "messages": chat_messages(state),
    }


def latent_info(state: DialogueState, turn: Turn) -> dict[str, Any]:
    """What ``reveal_state`` adds: the latent state and what the roles did.

    Energy, distance and alignment are those of the last judged point. ``evidence`` is a JSON list, so
    that its type never changes.
    """
    point = state.point
    return {
        "levels": levels(turn.assessment, len(point.position)),
        "energy": point.energy,
        "distance": point.distance,
        "alignment": point.alignment,
        "director_move": move_name(turn.direction),
        "evidence": evidence_json(turn.assessment),
    }


def chat_messages(state: DialogueState) -> list[dict[str, str]]:
    """The dialogue for a chat template: user and assistant in turn, the last is the user's while it runs."""
    messages = []
    for turn in state.turns:
        message, reply = turn.exchange
        messages.append({"role": "user", "content": message})
        messages.append({"role": "assistant", "content": reply})
    if not state.outcome.ended:
        messages.append({"role": "user", "content": state.message})
    return messages


def levels(assessment: Assessment | None, axes: int) -> NDArray[np.int8]:
    """The judge's levels, shape ``(axes, 2)``: progress, regression; zeros for a turn without a judgement."""
    return np.zeros((axes, 2), dtype=np.int8) if assessment is None else np.array(assessment.levels, dtype=np.int8)


def move_name(direction: Direction | None) -> str:
    """The director's move; "end (refused)" for an end that was not allowed, "" when it was not asked."""
    if direction is None:
        return ""
    return f"{direction.move.value} (refused)" if direction.refused else direction.move.value


def evidence_json(assessment: Assessment | None) -> str:
    """Why the levels were given: a JSON list of objects ``axis, level, rule, quote, reasoning``."""
    evidence = assessment.evidence if assessment else ()
    return json.dumps(
        [
            {"axis": e.axis.value, "level": e.level, "rule": e.rule, "quote": e.quote, "reasoning": e.reasoning}
            for e in evidence
        ]
    )
