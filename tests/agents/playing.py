"""Plays dialogues with the embedded cast, and prints them for reading: python -m tests.agents.playing."""

from __future__ import annotations

import sys
from collections.abc import Callable

from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.protocols import Cast, Policy
from empa_gym.agents.views import Exchange, PolicyView, pick
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import Rules, open_dialogue, take_turn
from empa_gym.drive import run
from empa_gym.epm import EPMParams
from empa_gym.policies import make_policy
from empa_gym.scenarios import Scenario, get_scenario

Answer = Callable[[DialogueState], str]
"""A reply to the state's message."""

ENDLESS = Rules(EPMParams.endless(45))

DISMISSALS = (
    "Honestly, it's not a big deal. Everyone goes through this.",
    "You're overreacting a bit. Other people have it much worse.",
    "Just get over it, it's nothing to be upset about.",
    "Look on the bright side! Everything happens for a reason.",
    "It could be worse. You're being too sensitive.",
)


def scripted(policy: Policy) -> Answer:
    """The answers of a policy that asks no model."""

    def answer(state: DialogueState) -> str:
        return run(policy.reply(PolicyView(state.messages, state.seed, 0, state.turn + 1)))

    return answer


supporter = scripted(make_policy("supporter"))
"""Listens, and gives back what it heard."""


def dismiss(state: DialogueState) -> str:
    return DISMISSALS[pick(state.seed, state.turn, "policy", len(DISMISSALS))]


def same(state: DialogueState) -> str:
    return "I hear you, and I'm here for you."


def repeat(state: DialogueState) -> str:
    """The supporter's last reply once more."""
    return state.turns[-1].reply if state.turns else same(state)


def silent(state: DialogueState) -> str:
    return ""


ANSWERS: dict[str, Answer] = {
    "supporter": supporter,
    "generic": scripted(make_policy("generic")),
    "random": scripted(make_policy("random")),
    "same": same,
    "silent": silent,
}


def play(
    scenario: Scenario, seed: int, answer: Answer, turns: int = 45, rules: Rules = ENDLESS, cast: Cast | None = None
) -> DialogueState:
    """The state after so many turns, or at the dialogue's end."""
    cast = cast or offline_cast()
    state = run(open_dialogue(scenario, seed, cast))
    while state.turn < turns and state.message:
        state = run(take_turn(state, answer(state), cast, rules))
    return state


def user_messages(state: DialogueState) -> list[str]:
    """Everything the user said, oldest first."""
    return [exchange.message for exchange in state.exchanges] + ([state.message] if state.message else [])


def transcript(state: DialogueState, *, moves: bool = False) -> str:
    """The dialogue as text; with the director's moves when asked for."""
    lines = []
    for turn in state.turns:
        lines += [f"USER       {turn.message}", f"SUPPORTER  {turn.reply}"]
        if moves and turn.direction is not None:
            lines.append(f"           [{turn.direction.move.value} {turn.direction.stage}]")
    return "\n".join([*lines, f"USER       {state.message}"])


def past_exchange(state: DialogueState, reply: str) -> tuple[Exchange, ...]:
    """The exchanges with one more reply."""
    return (*state.exchanges, Exchange(state.message, reply))


if __name__ == "__main__":
    name, answer_name, seed_text = [*sys.argv[1:], "home-notice", "supporter", "0"][:3]
    shown = play(get_scenario(name), int(seed_text), ANSWERS[answer_name], turns=20)
    sys.stdout.write(transcript(shown, moves=True) + "\n")
