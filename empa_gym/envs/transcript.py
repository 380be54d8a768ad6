"""A dialogue as plain text, for the render modes "ansi" and "human"; nothing in it steers a terminal."""

from __future__ import annotations

import sys

from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.dialogue.visible import visible
from empa_gym.epm import AXES


def transcript(state: DialogueState, max_turns: int) -> str:
    """The whole dialogue under a line on where it stands; each thing said begins a line, what follows is indented."""
    lines = [f"{state.scenario.title} (turn {state.turn} of {max_turns}, {state.outcome.value})", standing(state), ""]
    for turn in state.turns:
        lines += _exchange(state, turn)
    return visible("\n".join(lines + _now(state)))


def last_exchange(state: DialogueState) -> str:
    """What was said since the last call: the newest reply, where it led, and the next message."""
    if not state.turns:
        return visible("\n".join([state.scenario.title, *_now(state)]))
    return visible("\n".join([_replied(state.turns[-1]), f"  [{standing(state)}]", *_now(state)]))


def standing(state: DialogueState) -> str:
    """The position per axis and the energy against what is needed, in one line."""
    point = state.point
    if len(point.position) == len(AXES):
        position = "  ".join(f"{axis.letter} {at:+.0f}" for axis, at in zip(AXES, point.position, strict=True))
    else:
        position = "  ".join(f"{at:+.0f}" for at in point.position)
    return f"{position}  energy {point.energy:.1f} of {state.points[0].distance:.1f}"


def write(text: str) -> None:
    """Write to standard output, also to one that cannot show every character: those become "?"."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def _exchange(state: DialogueState, turn: Turn) -> list[str]:
    return [_said(state, turn.message), _replied(turn)]


def _now(state: DialogueState) -> list[str]:
    if state.outcome.ended:
        kind = f", {state.end_kind}" if state.end_kind else ""
        return [f"(the dialogue is over: {state.outcome.value}{kind})"]
    return [_said(state, state.message)]


def _said(state: DialogueState, message: str) -> str:
    return _indented(f"{state.scenario.persona.name}: {message}")


def _replied(turn: Turn) -> str:
    return _indented(f"  supporter: {turn.reply}")


def _indented(text: str) -> str:
    """The text with its further lines set in, so that none of them passes for a line of somebody else."""
    return text.replace("\n", "\n    ")
