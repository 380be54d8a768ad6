"""A finished dialogue as data: one frozen record, one line of JSON.

Everything in a record follows from the scenario, the seed, the policy, the cast and the rules, and from the
answers of models where there are any; there is no clock in it, so two runs of the same dialogue write the same
line. The one exception stands in ``usage``: how long models were waited for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticSerializationError

from empa_gym.agents.answers import Direction, Evidence
from empa_gym.dialogue.rules import OnModelError
from empa_gym.epm import EPMParams
from empa_gym.errors import RecordError
from empa_gym.outcome import Outcome, verdict
from empa_gym.scoring import Recording, Trajectory

SCHEMA: Final = 1
"""Grows when a line of an older release can no longer be read as it stands."""
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
Count = Annotated[int, Field(ge=0)]
Levels = tuple[tuple[int, int], ...]
Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True, config=_STRICT)
class TurnRecord:
    """One turn of a record.

    Attributes:
        message: what the seeker had said.
        reply: the policy's answer, as it was judged.
        levels: the judge's levels, shape (axes, 2); None when the turn was not judged, as all the
            measures below are.
        evidence: why, at least one entry for each level other than 0.
        shift: v_t in rubric points.
        position: P_t in rubric points.
        energy: E_t.
        alignment: cosine of v_t and the direction of recovery.
        reward: what the turn paid; 0.0 when it was not judged.
        valid: whether that reward is known.
        span: how many turns the judgement covers; 0 when the turn was not judged.
        direction: the director's move for the next message, None when it was not asked.
        error: the cause when a model failed in this turn, else "".
        judge_failed: whether the judge was asked in vain.
        reply_truncated: whether the reply was cut at its length limit.
    """

    message: str
    reply: str
    levels: Levels | None
    evidence: tuple[Evidence, ...]
    shift: Vector | None
    position: Vector | None
    energy: float | None
    alignment: float | None
    reward: float
    valid: bool
    span: Count
    direction: Direction | None = None
    error: str = ""
    judge_failed: bool = False
    reply_truncated: bool = False

    def __post_init__(self) -> None:
        """Refuse a turn that is judged by half.

        Raises:
            ValueError: some measures are there and others are not.
        """
        measures = (self.levels, self.shift, self.position, self.energy, self.alignment)
        if len({measure is None for measure in measures}) > 1 or (self.span > 0) != self.judged:
            raise ValueError("levels, shift, position, energy, alignment and span belong together: all or none")

    @property
    def judged(self) -> bool:
        """Whether a judgement was made in this turn."""
        return self.levels is not None


@dataclass(frozen=True, slots=True, config=_STRICT)
class CastNames:
    """Who played the three roles: an agent's own ``name``, or "package.module:Class"."""

    actor: str
    director: str
    judge: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class UsageRecord:
    """What the calls of one role used in a dialogue.

    Attributes:
        role: "actor", "director", "judge" or "policy".
        calls: questions that were answered.
        failed: questions that failed for good.
        retries: requests that were sent again.
        prompt_tokens, completion_tokens: as the endpoint counted them.
        cost: in the currency of the price table; 0.0 without one.
        seconds: spent waiting for answers. Two equal runs differ in it, so it is left out when records are compared.
    """

    role: str
    calls: Count
    failed: Count
    retries: Count
    prompt_tokens: Count
    completion_tokens: Count
    cost: float
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, config=_STRICT)
class EpisodeRecord:
    """One dialogue from its opening to its end.

    Attributes:
        schema: the version of this layout.
        scenario: the scenario's id; with version and hash of its content.
        seed: the dialogue's seed.
        policy: the name of what answered.
        member: which rollout of its group.
        cast: who played the roles.
        rules: the rules of the game.
        on_model_error: what a failed model call does to a dialogue.
        reward: the reward's name, or its JSON text.
        deficit: P_0 in rubric points.
        turns: what happened, oldest first.
        unanswered: what the seeker said last, when no reply came any more; else "".
        outcome: why the dialogue ended.
        end_kind: "geometric" or "positional" for a recovery, else "".
        error: the cause when a failed model ended it, else "".
        usage: what was asked of models, by role in alphabetical order; () where nobody asks.
        key: the hash of all that the dialogue follows from (scenario, rules, reward, cast, policy, seed, member), by
            which a run that goes on knows it again; "" where nobody keeps account. It tells nothing that the other
            fields do not, and is left out when records are compared.
    """

    schema: Literal[1]
    scenario: str
    scenario_version: Count
    scenario_hash: str
    seed: Count
    policy: str
    member: Count
    cast: CastNames
    rules: EPMParams
    on_model_error: OnModelError
    reward: str
    deficit: Vector
    turns: tuple[TurnRecord, ...]
    unanswered: str
    outcome: Outcome
    end_kind: str
    error: str
    usage: tuple[UsageRecord, ...] = ()
    key: str = field(default="", compare=False)

    @property
    def verdict(self) -> str:
        """The word that result files use for the outcome."""
        return verdict(self.outcome, self.end_kind)

    @property
    def positions(self) -> tuple[Vector, ...]:
        """P_0 and the position after each judged turn, in rubric points."""
        return (self.deficit, *(turn.position for turn in self.turns if turn.position is not None))

    @property
    def episode_return(self) -> float:
        """Sum of the rewards."""
        return math.fsum(turn.reward for turn in self.turns)

    @property
    def trajectory(self) -> Trajectory:
        """The dialogue as the score sees it: judged points and turns; a held turn is no point."""
        levels = tuple(turn.levels for turn in self.turns if turn.levels is not None)
        return Trajectory(self.positions, levels, self.outcome, len(levels), self.end_kind, len(self.turns))

    @property
    def recording(self) -> Recording:
        """The dialogue as a replay needs it."""
        judged = [(number, turn.shift) for number, turn in enumerate(self.turns, 1) if turn.shift is not None]
        numbers, shifts = zip(*judged, strict=True) if judged else ((), ())
        return Recording(
            self.policy, self.scenario, self.deficit, shifts, numbers, len(self.turns), self.outcome, self.end_kind
        )


RECORD: TypeAdapter[EpisodeRecord] = TypeAdapter(EpisodeRecord)


def to_line(record: EpisodeRecord) -> str:
    """The record as one line of JSON, without the line's end.

    Half a surrogate pair, which no file can hold, becomes U+FFFD: a model may write one.
    """
    try:
        return RECORD.dump_json(record).decode()
    except PydanticSerializationError:
        text = json.dumps(RECORD.dump_python(record, mode="python"), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def from_line(line: str | bytes, source: str = "record") -> EpisodeRecord:
    """The record that a line of JSON holds.

    Args:
        line: as :func:`to_line` writes it.
        source: where it stands, for the error message.

    Raises:
        RecordError: a field is not what it must be.
    """
    try:
        return RECORD.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        found = repr(first.get("input"))
        raise RecordError(source, field, f"expected: {first['msg']}; found: {found:.80}") from None


def read_records(path: str | Path, on_torn: Callable[[str], None] | None = None) -> Iterator[EpisodeRecord]:
    """The records of a file of JSON lines, in order.

    A last line without its end is what a run that was killed leaves behind; when it cannot be read it is
    left out, since nothing that was finished is lost with it.

    Args:
        path: the file.
        on_torn: is told of such a line in a sentence.

    Raises:
        RecordError: the file cannot be read, or a line is malformed; names file, line and field.
    """
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise RecordError(str(path), "", f"expected a readable file of records, found: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield from_line(line, f"{path}:{number}")
        except RecordError:
            if number < len(lines):
                raise
            if on_torn is not None:
                on_torn(f"{path}:{number}: the last line is torn, as when a run was killed; it is left out")
