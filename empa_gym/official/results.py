"""Result files of the public EMPA benchmark, read as frozen records.

The layout is ``<folder>/<model>/script_<number>_result.json``. Of a file only the numbers are taken: P_0, and
per point the position P_t, the shift v_t and the six levels. Source: the public benchmark of EMPA
(arXiv 2603.00552). A turn whose form failed has none (v_t = 0; it counts in T and M); a level may be absent
from a form and counts as 0.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from empa_gym import scoring
from empa_gym.epm import MDEP_PR, Ending, EPMParams
from empa_gym.errors import RecordError
from empa_gym.official.layout import ResultFile, parse
from empa_gym.outcome import Outcome
from empa_gym.scoring import ReplayRow, Trajectory

PATTERN = "script_*_result.json"
COMPLETE = "success"
"""What ``status`` says of a run that went through, however its dialogue ended."""
EXACT = 1e-6
"""Stored positions and shifts are whole numbers; they may differ from their sums by this much."""
VERDICTS: tuple[tuple[str, Ending], ...] = (
    ("Geometric Victory", Ending(Outcome.RECOVERED, "geometric")),
    ("Positional Victory", Ending(Outcome.RECOVERED, "positional")),
    ("Direction Collapse", Ending(Outcome.COLLAPSED)),
    ("Vector Oscillation", Ending(Outcome.OSCILLATED)),
    ("max turns", Ending(Outcome.TURN_LIMIT)),
    # The regressing half of "stalled": a collapse names it too, but is found above.
    ("Persistent Regression", Ending(Outcome.STALLED)),
)
"""Words of ``termination_reason`` and what they mean; the first that is found counts."""

Levels = tuple[tuple[int, int], ...]
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DialogueResult:
    """One dialogue of the public benchmark.

    Attributes:
        file: where it was read from.
        model: the name of its folder.
        scenario: the id of its card.
        deficit: P_0 in rubric points.
        positions: P_0 ... P_T, turn 0 first; empty when the run did not go through.
        shifts: v_t of each point after turn 0.
        levels: progress and regression per axis of the same points; None where no form was filled.
        judged_turns: the turns of the same points.
        turns: T, ``total_turns``.
        eval_every: K.
        outcome: the recorded verdict; MODEL_ERROR when the run did not go through.
        end_kind: "geometric" or "positional" for a recovery, else "".
    """

    file: str
    model: str
    scenario: str
    deficit: Numbers
    positions: tuple[Numbers, ...]
    shifts: tuple[Numbers, ...]
    levels: tuple[Levels | None, ...]
    judged_turns: tuple[int, ...]
    turns: int
    eval_every: int
    outcome: Outcome
    end_kind: str = ""

    @property
    def trajectory(self) -> Trajectory:
        """What the score sees: an absent form is a row of zeros, T is ``total_turns``."""
        empty = ((0, 0),) * len(self.deficit)
        levels = [empty if form is None else form for form in self.levels]
        return Trajectory(np.array(self.positions), np.array(levels), self.outcome, self.turns, self.end_kind)


@dataclass(frozen=True, slots=True)
class ModelResults:
    """The dialogues of one model, by the name of its folder, in the order of their file names."""

    model: str
    dialogues: tuple[DialogueResult, ...]


def read_results(path: str | Path) -> tuple[ModelResults, ...]:
    """Read one result file, one model's folder, or a folder of such folders; other files are skipped.

    Returns:
        The models by name; a model is called as its folder is.

    Raises:
        RecordError: there is no result file, or one is malformed; names the file and the field.
    """
    path = Path(path)
    if path.is_file():
        return (ModelResults(_model_of(path), (read_result(path),)),)
    files = result_files(path)
    if not files:
        raise RecordError(
            str(path),
            "",
            f"expected a result file, a model's folder with files {PATTERN}, or a folder of such folders; found "
            + ("no such file in it" if path.is_dir() else "nothing there"),
        )
    folders = sorted({file.parent for file in files})
    return tuple(
        ModelResults(_model_of(folder / PATTERN), tuple(read_result(file) for file in files if file.parent == folder))
        for folder in folders
    )


def result_files(folder: str | Path) -> tuple[Path, ...]:
    """The result files that lie in a folder or in its direct subfolders, in order; none where there is no folder."""
    folder = Path(folder)
    found = [*folder.glob(PATTERN), *folder.glob(f"*/{PATTERN}")]
    return tuple(sorted(file for file in found if file.is_file()))


def read_result(path: str | Path) -> DialogueResult:
    """Read one result file; its model is the name of the folder it lies in.

    Raises:
        RecordError: the file cannot be read, a field is not what it must be, or its numbers contradict each other.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordError(str(path), "", f"expected a readable file, found: {error.strerror}") from None
    raw = parse(content, str(path))
    scenario = raw.script_id or path.name.removesuffix("_result.json")
    if raw.status != COMPLETE:
        failed = Outcome.MODEL_ERROR
        return DialogueResult(str(path), _model_of(path), scenario, (), (), (), (), (), raw.total_turns, 1, failed)
    return _checked(raw, path, scenario)


def replay(record: DialogueResult, params: EPMParams) -> ReplayRow:
    """End a recorded dialogue by these rules; the interval K is the record's own.

    Returns:
        Turn and verdict of the first rule that fires, "none" where none does, and whether both are the recorded ones.
    """
    params = replace(params, eval_every=min(record.eval_every, params.max_turns))
    recording = scoring.Recording(
        model=record.model,
        scenario=record.scenario,
        deficit=record.deficit,
        shifts=record.shifts,
        judged_turns=record.judged_turns,
        turns=record.turns,
        outcome=record.outcome,
        end_kind=record.end_kind,
    )
    return scoring.replay(recording, params)


def recorded_ending(reason: str) -> Ending | None:
    """The verdict that a ``termination_reason`` tells, or None when it tells none that is known."""
    return next((end for words, end in VERDICTS if words in reason), None)


def _model_of(file: Path) -> str:
    return Path(os.path.abspath(file)).parent.name


def _checked(raw: ResultFile, path: Path, scenario: str) -> DialogueResult:
    if raw.epj is None:
        raise RecordError(str(path), "epj", "expected the positions and levels of the dialogue, found nothing")
    points = raw.epj.trajectory
    if points[0].turn != 0:
        raise RecordError(str(path), "epj.trajectory.0.turn", f"expected the start, turn 0, found {points[0].turn}")
    record = DialogueResult(
        file=str(path),
        model=_model_of(path),
        scenario=scenario,
        deficit=points[0].P_t,
        positions=tuple(point.P_t for point in points),
        shifts=tuple(point.v_t for point in points[1:]),
        levels=tuple(point.mdep_analysis.levels if point.mdep_analysis else None for point in points[1:]),
        judged_turns=tuple(point.turn for point in points[1:]),
        turns=raw.total_turns,
        eval_every=raw.epj.K,
        outcome=Outcome.RUNNING,
    )
    _refuse_contradictions(record, raw.epj.P_0_initial_deficit)
    end = recorded_ending(raw.termination_reason)
    if end is None:
        known = ", ".join(repr(words) for words, _ in VERDICTS)
        raise RecordError(
            str(path), "termination_reason", f"expected a text with one of {known}, found {raw.termination_reason!r}"
        )
    return replace(record, outcome=end.outcome, end_kind=end.kind)


def _refuse_contradictions(record: DialogueResult, deficit: Numbers | None) -> None:
    """Refuse a file whose numbers do not belong together: it was cut, mixed up or edited."""
    if not any(record.deficit):
        raise RecordError(record.file, "epj.trajectory.0.P_t", "expected a deficit other than zero, found only zeros")
    if deficit is not None and deficit != record.deficit:
        raise RecordError(
            record.file, "epj.P_0_initial_deficit", f"expected the first position {record.deficit}, found {deficit}"
        )
    _refuse_wrong_turns(record)
    for number, (shift, levels) in enumerate(zip(record.shifts, record.levels, strict=True), 1):
        where = f"epj.trajectory.{number}"
        amount = MDEP_PR.points(levels).tolist() if levels else [0.0] * len(shift)
        if _differ(shift, amount):
            came = "the levels of its form come to" if levels else "a turn without a form moves"
            raise RecordError(record.file, f"{where}.v_t", f"{came} {amount}, found {list(shift)}")
        before, after = record.positions[number - 1 : number + 1]
        total = [start + step for start, step in zip(before, shift, strict=True)]
        if _differ(after, total):
            raise RecordError(record.file, f"{where}.P_t", f"expected P_(t-1) + v_t = {total}, found {list(after)}")


def _differ(found: Sequence[float], expected: Sequence[float]) -> bool:
    return any(abs(a - b) > EXACT for a, b in zip(found, expected, strict=True))


def _refuse_wrong_turns(record: DialogueResult) -> None:
    judged, total = record.judged_turns, record.turns
    if record.eval_every == 1 and judged != tuple(range(1, total + 1)):
        raise RecordError(
            record.file,
            "epj.trajectory",
            f"expected one point for each of the {total} turns after turn 0, found turns {list(judged)}",
        )
    if any(later <= earlier for earlier, later in zip((0, *judged), judged, strict=False)) or max(judged) > total:
        raise RecordError(
            record.file, "epj.trajectory", f"expected rising turns from 1 to {total}, found {list(judged)}"
        )
