"""Which dialogue begins next: drawn from the environment's random stream, then changed as the options of reset say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from empa_gym.agents.protocols import Cast
from empa_gym.dialogue.replies import MAX_MESSAGE_CHARS, take_message
from empa_gym.dialogue.rules import refuse_foreign
from empa_gym.dialogue.state import DialogueState
from empa_gym.envs.arguments import whole_number
from empa_gym.scenarios import Scenario

DIALOGUE_SEEDS = 2**31
"""A dialogue's seed is drawn below this."""


class Chosen(NamedTuple):
    """Which dialogue is to begin; ``state`` is one to fork from, None to open it."""

    scenario: Scenario
    seed: int
    state: DialogueState | None = None


def draw(scenarios: Sequence[Scenario], stream: np.random.Generator) -> Chosen:
    """The next dialogue of a stream. Two numbers are drawn, always, so that no option shifts what comes later."""
    scenario = scenarios[int(stream.integers(len(scenarios)))]
    return Chosen(scenario, int(stream.integers(DIALOGUE_SEEDS)))


def choose(
    drawn: Chosen, options: Mapping[str, Any], scenarios: Sequence[Scenario], cast: Cast, max_turns: int
) -> Chosen:
    """The dialogue to begin: the one that was drawn, or what the options name instead.

    Args:
        drawn: see :func:`draw`.
        options: ``scenario``, an id; ``seed``, the dialogue's own; or ``state``, a dialogue to fork from.
        scenarios: those there are.
        cast: who would play on from a state.
        max_turns: the turn limit.

    Raises:
        ValueError: an option does not fit; says what would.
    """
    if options.get("state") is not None:
        state = _state_to_fork(options, cast, max_turns)
        return Chosen(state.scenario, state.seed, state)
    scenario, seed, _ = drawn
    if options.get("scenario") is not None:
        scenario = _scenario_named(options["scenario"], scenarios)
    if options.get("seed") is not None:
        seed = whole_number("the option seed", options["seed"], least=0)
    return Chosen(scenario, seed)


def _scenario_named(name: Any, scenarios: Sequence[Scenario]) -> Scenario:
    for scenario in scenarios:
        if scenario.id == name:
            return scenario
    there = ", ".join(scenario.id for scenario in scenarios)
    raise ValueError(f"no scenario {name!r} in this environment; there are {there}")


def _state_to_fork(options: Mapping[str, Any], cast: Cast, max_turns: int) -> DialogueState:
    state = options["state"]
    if not isinstance(state, DialogueState):
        raise ValueError(f"the option state must be a DialogueState, got {type(state).__name__}")
    if options.get("scenario") is not None or options.get("seed") is not None:
        raise ValueError("the option state fixes scenario and seed; give it alone")
    if state.outcome.ended or state.turn >= max_turns:
        raise ValueError(
            f"the option state must be a running dialogue of fewer than {max_turns} turns, "
            f"got one of {state.turn} turns that is {state.outcome.value}"
        )
    if take_message(state.message) != state.message:
        raise ValueError(
            f"the option state must hold a message of 1 to {MAX_MESSAGE_CHARS} characters that UTF-8 can hold, as "
            f"a state that was played does; got {state.message!r:.80}"
        )
    refuse_foreign(state.scenario, cast)
    return state
