"""What there is between two turns: frozen data, so that a dialogue pickles, copies, forks and resumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from empa_gym.agents.answers import Assessment, Direction
from empa_gym.agents.views import Exchange
from empa_gym.chat import Message
from empa_gym.epm.dynamics import Point
from empa_gym.outcome import Outcome
from empa_gym.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what was said, how it was judged, where it led.

    Attributes:
        exchange: what the seeker had said, and the reply as it was judged.
        assessment: the judgement made in this turn, None when there was none.
        span: how many turns that judgement covers; 0 when the turn was not judged.
        direction: the director's move for the next message, None when it was not asked.
        error: the cause when a model failed in this turn, else "".
        judge_failed: whether the judge was asked in vain.
        reply_truncated: whether the reply was cut at its length limit.
    """

    exchange: Exchange
    assessment: Assessment | None
    span: int
    direction: Direction | None = None
    error: str = ""
    judge_failed: bool = False
    reply_truncated: bool = False

    @property
    def message(self) -> str:
        """What the seeker had said."""
        return self.exchange.message

    @property
    def reply(self) -> str:
        """The supporter's answer, as it was judged."""
        return self.exchange.reply

    @property
    def judged(self) -> bool:
        """Whether a judgement was made in this turn."""
        return self.assessment is not None


@dataclass(frozen=True, slots=True)
class DialogueState:
    """A dialogue between two turns.

    Attributes:
        scenario: who is talked with.
        seed: the dialogue's seed; every random choice is addressed by it.
        message: what the seeker says now; "" when the dialogue is over.
        points: the judged points, turn 0 first.
        turns: what happened, oldest first.
        outcome: RUNNING, or why it ended.
        end_kind: "geometric" or "positional" for a recovery, else "".
    """

    scenario: Scenario
    seed: int
    message: str
    points: tuple[Point, ...]
    turns: tuple[Turn, ...] = ()
    outcome: Outcome = Outcome.RUNNING
    end_kind: str = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> DialogueState:
        """Itself: a frozen value is shared by every fork."""
        return self

    @property
    def turn(self) -> int:
        """How many turns have been played, judged or not."""
        return len(self.turns)

    @property
    def point(self) -> Point:
        """The last judged point."""
        return self.points[-1]

    @property
    def deficit(self) -> tuple[float, ...]:
        """P_0 in rubric points."""
        return self.points[0].position

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was said and answered, oldest first."""
        return tuple([turn.exchange for turn in self.turns])

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        """The judgements made so far, oldest first."""
        return tuple([turn.assessment for turn in self.turns if turn.assessment is not None])

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The director's moves so far, oldest first."""
        return tuple([turn.direction for turn in self.turns if turn.direction is not None])

    @property
    def pending(self) -> int:
        """How many of the last turns still wait for a judgement."""
        return self.turn - self.point.turn

    @property
    def messages(self) -> tuple[Message, ...]:
        """The dialogue as chat messages; the first is the user's, and while it runs so is the last."""
        said = [m for turn in self.turns for m in (Message("user", turn.message), Message("assistant", turn.reply))]
        return tuple(said if self.outcome.ended else [*said, Message("user", self.message)])
