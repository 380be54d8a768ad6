"""Screening keeps what a strong policy can pass and not everybody passes; a failure is no verdict."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from empa_gym.clients import ScriptedClient
from empa_gym.errors import ModelError
from empa_gym.pipeline import Screened, Tally, Verdict, screen
from empa_gym.pipeline.screening import Terms
from empa_gym.policies import Generic, Supporter
from empa_gym.scenarios import get_scenario

KNEE = get_scenario("health-knee")
FULL, NONE = Tally(4, 4, 4), Tally(0, 4, 4)
CASES = [
    (Tally(1, 4, 4), NONE, Verdict.KEPT),
    (FULL, Tally(3, 4, 4), Verdict.KEPT),
    (Tally(3, 4, 4), FULL, Verdict.KEPT),
    (NONE, NONE, Verdict.TOO_HARD),
    (NONE, FULL, Verdict.TOO_HARD),
    (FULL, FULL, Verdict.TOO_EASY),
    (Tally(2, 2, 4), NONE, Verdict.UNKNOWN),
    (FULL, Tally(0, 0, 4), Verdict.UNKNOWN),
    (Tally(0, 3, 4), NONE, Verdict.TOO_HARD),
]


@pytest.mark.parametrize(("strong", "weak", "verdict"), CASES)
def test_the_verdict_follows_from_both_tallies(strong: Tally, weak: Tally, verdict: Verdict) -> None:
    assert Screened("a", strong, weak).verdict is verdict


def test_the_embedded_supporter_passes_and_stock_phrases_do_not() -> None:
    (found,) = screen([KNEE], terms=Terms(seeds=2))
    assert found.strong == Tally(2, 2, 2)
    assert found.weak.passed == 0
    assert found.verdict is Verdict.KEPT


def test_policies_are_names_or_objects_and_two_alike_keep_nothing() -> None:
    by_name = screen([KNEE], "generic", "supporter", Terms(seeds=2))
    assert by_name == screen([KNEE], Generic(), Supporter(), Terms(seeds=2))
    assert by_name[0].verdict is Verdict.TOO_HARD
    assert screen([KNEE], "supporter", "supporter", Terms(seeds=1))[0].verdict is Verdict.TOO_EASY


def test_an_outage_is_unknown_and_no_verdict() -> None:
    judge = {"defaults": {"model": "tiny", "api_key_env": ""}, "judge": {}, "actor": "offline", "director": "offline"}
    down = ScriptedClient(lambda _: ModelError("down"))
    (found,) = screen([KNEE], terms=Terms(seeds=2, cast=judge, client=down))
    assert found == Screened("health-knee", Tally(0, 0, 2), Tally(0, 0, 2))
    assert found.verdict is Verdict.UNKNOWN


def test_a_folder_keeps_every_dialogue_and_is_gone_on_with(tmp_path: Path) -> None:
    terms = Terms(seeds=1, folder=tmp_path / "played")
    first = screen([KNEE], terms=terms)
    kept = {path.name: path.read_bytes() for path in tmp_path.rglob("records.jsonl")}
    assert kept
    assert screen([KNEE], terms=terms) == first
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("records.jsonl")} == kept


def test_two_scenarios_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="health-knee twice"):
        screen([KNEE, dataclasses.replace(KNEE, version=2)])
