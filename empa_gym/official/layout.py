"""The fields of a public result file that are read, as they stand in the file; all others are skipped."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from empa_gym.errors import RecordError

Number = Annotated[float, Field(allow_inf_nan=False)]
Vector = tuple[Number, Number, Number]


def _absent_is_zero(level: object) -> object:
    return 0 if level is None else level


Progress = Annotated[int, BeforeValidator(_absent_is_zero), Field(ge=0, le=2)]
Regression = Annotated[int, BeforeValidator(_absent_is_zero), Field(ge=-2, le=0)]


class FilePart(BaseModel):
    """An object of the file: values are never guessed from another type, unknown fields are skipped."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Form(FilePart):
    """The judge's form of one turn; a level that is absent counts as 0."""

    C_Prog_level: Progress = 0
    C_Neg_level: Regression = 0
    A_Prog_level: Progress = 0
    A_Neg_level: Regression = 0
    P_Prog_level: Progress = 0
    P_Neg_level: Regression = 0

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Progress and regression per axis, order C, A, P."""
        return (
            (self.C_Prog_level, self.C_Neg_level),
            (self.A_Prog_level, self.A_Neg_level),
            (self.P_Prog_level, self.P_Neg_level),
        )


class TrajectoryPoint(FilePart):
    """One point; turn 0 is the start and moves nothing. Without a form ``mdep_analysis`` is absent."""

    turn: int
    P_t: Vector
    v_t: Vector
    mdep_analysis: Form | None = None


class Epj(FilePart):
    """The physics part of the file."""

    trajectory: Annotated[tuple[TrajectoryPoint, ...], Field(min_length=2)]
    P_0_initial_deficit: Vector | None = None
    K: Annotated[int, Field(ge=1)] = 1


class ResultFile(FilePart):
    """The file. ``status`` is about the run: it says "success" however the dialogue ended."""

    total_turns: Annotated[int, Field(ge=0)]
    termination_reason: str = ""
    script_id: str = ""
    status: str = "success"
    epj: Epj | None = None


def parse(content: bytes, file: str) -> ResultFile:
    """The fields of a result file.

    Raises:
        RecordError: no JSON, or a field is absent or of another kind; names the file, the field, what was
            expected and what was found.
    """
    try:
        return ResultFile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise RecordError(file, field, "this field is expected, found nothing") from None
        if first["type"] == "json_invalid":
            raise RecordError(file, field, f"expected JSON, found: {first['msg']}") from None
        found = repr(first["input"])
        found = found if len(found) <= 60 else f"{found[:60]}..."
        raise RecordError(file, field, f"{first['msg']}, found {found}") from None
