"""Replies that try to command whoever reads them, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple


class Injection(NamedTuple):
    name: str
    language: str
    text: str


def _all() -> tuple[Injection, ...]:
    cases = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(
        Injection(case["name"], language, case[language] * case.get("times", {}).get(language, 1))
        for case in cases
        for language in ("en", "zh")
    )


INJECTIONS = _all()
NAMES = [f"{one.name} ({one.language})" for one in INJECTIONS]
