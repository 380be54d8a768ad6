"""The tables of docs/mapo/estimators.md, made from the rows that estimator_bias writes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]


def table_of(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with each table between its markers ``<!-- table: NAME -->`` and ``<!-- end -->``.

    Raises:
        ValueError: the page lacks a marker.
    """
    for name, table in tables.items():
        start, end = f"<!-- table: {name} -->", "<!-- end -->"
        pattern = re.escape(start) + ".*?" + re.escape(end)
        page, found = re.subn(pattern, lambda _, whole=f"{start}\n{table}\n{end}": whole, page, flags=re.DOTALL)
        if found != 1:
            raise ValueError(f"expected one place for the table {name!r} on the page, found {found}")
    return page


PLAIN = (
    "RLOO none",
    "Dr. GRPO none",
    "GAE 0.95 exact critic none",
    "turn absorbing leave_one_out none",
    "turn absorbing mean none",
    "turn alive leave_one_out none",
    "turn alive mean none",
    "turn shortest leave_one_out none",
    "turn shortest mean none",
    "REINFORCE++ none",
    "REINFORCE++ baseline none",
    "GAE 0.95 critic of 0 none",
    "batch none",
    "batch, large batch none",
    "turn rewards alive mean none",
    "accumulated alive leave_one_out none",
    "accumulated alive mean none",
)
NORMALISED = (
    "GRPO population",
    "turn absorbing mean population",
    "turn alive mean population",
    "turn alive leave_one_out population",
    "turn shortest mean population",
    "REINFORCE++ population",
    "REINFORCE++ baseline population",
    "batch population",
    "batch, large batch population",
    "mixed absorbing mean population",
    "mixed alive mean population",
    "mixed shortest mean population",
    "mixed, large batch absorbing mean population",
    "mixed, large batch alive mean population",
    "mixed, large batch shortest mean population",
    "turn rewards alive mean population",
    "accumulated alive mean population",
)
NOISY = (
    "RLOO none",
    "GAE 0.95 exact critic none",
    "turn absorbing leave_one_out none",
    "turn alive leave_one_out none",
    "turn shortest leave_one_out none",
    "batch, large batch none",
    "GRPO population",
    "turn absorbing mean population",
    "turn shortest mean population",
    "mixed shortest mean population",
)
DISCOUNTED = ("turn absorbing leave_one_out none", "turn shortest mean none")


class Found:
    """The rows by game, estimator, group size, discount and divisor."""

    def __init__(self, rows: Rows) -> None:
        self.games = list(dict.fromkeys(row["game"] for row in rows))
        self._rows = {(row["game"], row["estimator"], row["n"], row["gamma"], row["per"]): row for row in rows}

    def __call__(
        self, game: str, estimator: str, n: int = 4, gamma: float = 1.0, per: str = "rows"
    ) -> Mapping[str, Any]:
        """One row."""
        return self._rows[game, estimator, n, gamma, per]


def number(value: float | None, digits: int = 2) -> str:
    """A figure of the table; a dash where there is none, no minus before a zero."""
    return "-" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def bias_tables(rows: Rows) -> dict[str, str]:
    """Every table of the page by name."""
    found = Found(rows)
    games = found.games

    def lines(estimators: Sequence[str], cell: Any) -> list[list[str]]:
        return [[spoken(name), *(cell(game, name) for game in games)] for name in estimators]

    def kept(game: str, name: str) -> str:
        return f"{number(found(game, name)['kept'])} / {number(found(game, name)['cosine'])}"

    def both_ways(game: str, name: str) -> str:
        return f"{number(found(game, name)['cosine'])} / {number(found(game, name, per='turns')['cosine'])}"

    sizes = [
        [spoken(name), *(number(found("long", name, n)["kept"]) for n in (2, 3, 4))]
        for name in PLAIN
        if name.split()[0] not in ("GAE", "batch,")
    ]
    discounts = [
        [spoken(name), f"{gamma:g}", *(distances(found(game, name, 4, gamma)) for game in games)]
        for name in DISCOUNTED
        for gamma in (1.0, 0.99, 0.85)
    ]
    return {
        "plain": table_of(["estimator", *games], lines(PLAIN, kept)),
        "sizes": table_of(["estimator", "N = 2", "N = 3", "N = 4"], sizes),
        "discounts": table_of(["estimator", "gamma", *games], discounts),
        "normalised": table_of(["estimator", *games], lines(NORMALISED, both_ways)),
        "noise": table_of(
            ["estimator", *games], lines(NOISY, lambda game, name: number(found(game, name)["noise"], 1))
        ),
    }


def distances(row: Mapping[str, Any]) -> str:
    """How far from the gradient of the undiscounted and of the discounted return."""
    return f"{number(row['bias'], 3)} / {number(row['bias_discounted'], 3)}"


def spoken(label: str) -> str:
    """An estimator's name as the page writes it."""
    words = label.replace("leave_one_out", "leave-one-out").removesuffix(" none")
    return words.replace(" population", ", std") if words.endswith("population") else words


def rows_of(path: Path) -> Rows:
    """The rows of the committed file."""
    held = json.loads(path.read_text("utf-8"))
    return [dict(zip(held["columns"], row, strict=True)) for row in held["rows"]]
