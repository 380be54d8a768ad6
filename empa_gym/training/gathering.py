"""Dialogues to learn from: groups that begin alike, played in step so that replies are drawn in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from empa_gym.agents.views import PolicyView
from empa_gym.dialogue.replies import take_reply
from empa_gym.dialogue.rewards import pay
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.drive import Complete, no_model, run
from empa_gym.mapo import TurnBatch
from empa_gym.rollout.play import Game
from empa_gym.scenarios import Scenario
from empa_gym.training.learner import Learner, Sample


class Start(NamedTuple):
    """Where a group of dialogues begins."""

    scenario: Scenario
    seed: int


@dataclass(slots=True)
class Dialogue:
    """One dialogue as it is played: its state, and what each turn drew and paid."""

    state: DialogueState
    member: int
    group: int
    samples: list[Sample] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)

    @property
    def view(self) -> PolicyView:
        """What the policy sees now."""
        return PolicyView(self.state.messages, self.state.seed, self.member, self.state.turn + 1)


def gather(
    learner: Learner,
    starts: Sequence[Start],
    members: int,
    game: Game,
    *,
    greedy: bool = False,
    complete: Complete = no_model,
) -> list[Dialogue]:
    """Play a group of dialogues from each start to their ends.

    Args:
        learner: answers.
        starts: where the groups begin.
        members: dialogues of each group; they differ by what the policy draws.
        game: cast, rules and reward.
        greedy: take the most probable token each time; one member is then enough.
        complete: answers the requests of a cast that needs models.

    Returns:
        The dialogues, group after group, member after member.

    Raises:
        ModelError: a model failed and the rules say "raise".
        ExtensionError: somebody's code broke; names whose.
    """
    openings = [run(open_dialogue(start.scenario, start.seed, game.cast), complete) for start in starts]
    dialogues = [
        Dialogue(opening, member, group) for group, opening in enumerate(openings) for member in range(members)
    ]
    while talking := [dialogue for dialogue in dialogues if not dialogue.state.outcome.ended]:
        for dialogue, sample in zip(talking, learner.draw([one.view for one in talking], greedy), strict=True):
            reply, cut = take_reply(sample.text, game.max_reply_chars)
            before = dialogue.state
            dialogue.state = run(take_turn(before, reply, game.cast, game.rules, reply_truncated=cut), complete)
            dialogue.samples.append(sample)
            dialogue.rewards.append(pay(game.reward, before, dialogue.state))
    return dialogues


def turn_batch(dialogues: Iterable[Dialogue]) -> TurnBatch:
    """The rewards of dialogues as a TurnBatch, in their order; float64."""
    played = list(dialogues)
    return TurnBatch.from_ragged(
        [one.rewards for one in played],
        [one.group for one in played],
        valid=[[turn.judged for turn in one.state.turns] for one in played],
        span=[[turn.span for turn in one.state.turns] for one in played],
        complete=[one.state.outcome.scored for one in played],
    )
