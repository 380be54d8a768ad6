"""The searching attacker: it asks the judge about many replies in forked states, and plays the best it found.

A query is one reply judged in one forked state. The attacker sees levels and evidence, no hidden field of the
scenario. In every turn it draws candidates, climbs from the best by changing one sentence at a time, and learns over
the dialogue which templates pay. A judge that can be talked into paying is found out by it; see README for how far
it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from empa_gym.agents.protocols import Cast, Judge
from empa_gym.agents.views import Exchange, JudgeView
from empa_gym.dialogue.rules import PUBLISHED, Rules
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.drive import run
from empa_gym.probes.material import Material, Sentence
from empa_gym.scenarios.scenario import Scenario

QUERIES = 2000
"""Queries a scenario."""
SPREAD = 12
"""A turn may use this part of the queries that are left: most go into the turns that every dialogue has."""
LONGEST = 5
"""Sentences in a reply at most."""
DRAWN = 0.4
"""Share of a turn's queries that are drawn afresh; the rest climbs from the best of them."""
_SALT = 0x5EA7C4


class AttackStep(NamedTuple):
    """One turn of an attack.

    Attributes:
        turn: t, from 1.
        reply: what was played.
        score: sum of v_t in rubric points, as judged.
        queries: queries used so far.
    """

    turn: int
    reply: str
    score: float
    queries: int


@dataclass(frozen=True, slots=True)
class Attack:
    """A finished attack.

    Attributes:
        variant: "blind" or "free".
        state: the dialogue as it ended.
        steps: what was played, turn by turn.
    """

    variant: str
    state: DialogueState
    steps: tuple[AttackStep, ...]

    @property
    def queries(self) -> int:
        """How many replies the judge was asked about."""
        return self.steps[-1].queries if self.steps else 0


def attack(
    scenario: Scenario,
    seed: int,
    cast: Cast,
    variant: str = "blind",
    *,
    queries: int = QUERIES,
    rules: Rules = PUBLISHED,
    on_step: Callable[[AttackStep], None] | None = None,
) -> Attack:
    """Play one dialogue with the best replies that a search against the judge finds.

    Args:
        scenario: whom to talk with.
        seed: of the dialogue, and of the search.
        cast: actor, director, and the judge that is searched against; all of them offline.
        variant: what the replies are built from, "blind" or "free".
        queries: how many replies the judge may be asked about.
        rules: the rules of the game.
        on_step: told after every turn.

    Returns:
        The dialogue and its path; the same for the same arguments.

    Raises:
        ValueError: unknown variant.
    """
    state = run(open_dialogue(scenario, seed, cast))
    search = Search(variant, cast.judge, rules, np.random.default_rng([seed, _SALT]))
    steps: list[AttackStep] = []
    while not state.outcome.ended:
        left = queries - search.used
        reply = search.best_reply(state, max(left // SPREAD, min(left, 1)))
        state = run(take_turn(state, reply, cast, rules))
        steps.append(AttackStep(state.turn, reply, sum(state.point.shift), search.used))
        if on_step:
            on_step(steps[-1])
    return Attack(variant, state, tuple(steps))


class Found(NamedTuple):
    """A candidate and what the judge gives for it, in rubric points."""

    sentences: tuple[Sentence, ...]
    score: float


class Search:
    """The attacker's memory over one dialogue: queries used, and what each template has paid."""

    def __init__(self, variant: str, judge: Judge, rules: Rules, generator: np.random.Generator) -> None:
        self.variant, self.judge, self.rules, self.generator = variant, judge, rules, generator
        self.used = 0
        self._paid: dict[str, tuple[float, int]] = {}

    def best_reply(self, state: DialogueState, queries: int) -> str:
        """The best reply that so many queries find; a guess when there are none left."""
        material = Material(self.variant, (*(turn.message for turn in state.turns), state.message))
        best = Found(self._draw(material), -np.inf)
        for number in range(queries):
            afresh = number < DRAWN * queries or (best.score <= 0 and number % 3 == 0)
            candidate = self._draw(material) if afresh else self._change(best.sentences, material)
            found = Found(candidate, self._ask(state, candidate))
            if found.score > best.score:
                best = found
        return join(best.sentences)

    def _ask(self, state: DialogueState, sentences: tuple[Sentence, ...]) -> float:
        """One query: what the judge gives for a reply in a fork of the state."""
        exchanges = (*state.exchanges, Exchange(state.message, join(sentences)))
        view = JudgeView(state.scenario, exchanges, 1, state.assessments, state.seed, len(exchanges))
        score = float(sum(self.rules.rubric.points(run(self.judge.assess(view)).levels)))
        self.used += 1
        for sentence in sentences:
            total, count = self._paid.get(sentence.template, (0.0, 0))
            self._paid[sentence.template] = (total + score, count + 1)
        return score

    def _draw(self, material: Material) -> tuple[Sentence, ...]:
        count = int(self.generator.integers(1, LONGEST + 1))
        return tuple(self._sentence(material) for _ in range(count))

    def _sentence(self, material: Material) -> Sentence:
        """A filled template: half of the time any, half of the time the one of four that has paid best."""
        drawn = [material.templates[int(k)] for k in self.generator.integers(len(material.templates), size=4)]
        template = max(drawn, key=self._mean) if self.generator.random() < 0.5 else drawn[0]
        return material.fill(template, self.generator)

    def _mean(self, template: str) -> float:
        total, count = self._paid.get(template, (0.0, 0))
        return (total + 2.0) / (count + 1)

    def _change(self, sentences: tuple[Sentence, ...], material: Material) -> tuple[Sentence, ...]:
        """The candidate with one sentence replaced, refilled, added, removed or moved."""
        changed = list(sentences)
        place = int(self.generator.integers(len(changed)))
        kind = int(self.generator.integers(5))
        if kind == 0:
            changed[place] = self._sentence(material)
        elif kind == 1:
            changed[place] = material.fill(changed[place].template, self.generator)
        elif kind == 2 and len(changed) < LONGEST:
            changed.insert(place, self._sentence(material))
        elif kind == 3 and len(changed) > 1:
            del changed[place]
        else:
            changed.append(changed.pop(place))
        return tuple(changed)


def join(sentences: tuple[Sentence, ...]) -> str:
    """The reply that the sentences make."""
    return " ".join(sentence.text for sentence in sentences)
