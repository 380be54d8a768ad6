"""The physics against the public recordings: every shift, position, figure and verdict of 300 dialogues."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from empa_gym.epm import MDEP_PR, EPMParams, Point, ending, frame, initial_deficit, thresholds, zone_distance
from empa_gym.outcome import verdict
from tests.published import DIALOGUES, VERDICTS, all_dialogues, initial_ratings, level_array, needs_data

pytestmark = needs_data
TOLERANCES = {"delta_E": 0.0055, "P_norm": 0.0055, "E_total": 0.0105, "projection": 0.0105, "alignment": 0.00015}
"""The recordings are rounded to 2 decimals (alignment to 4), and so was the v* they were computed with."""
MEASURES = {
    "delta_E": "energy_gain",
    "P_norm": "distance",
    "E_total": "energy",
    "projection": "projection",
    "alignment": "alignment",
}


def walked(dialogue: dict[str, Any]) -> list[Point]:
    here = frame(tuple(map(float, dialogue["P_0"])))
    points = [here.start()]
    for turn in dialogue["turns"]:
        points.append(here.move(points[-1], MDEP_PR.points(level_array(turn)), turn["turn"]))
    return points


def test_all_thirty_initial_ratings_give_the_published_deficit() -> None:
    ratings = initial_ratings()
    agree = [initial_deficit(card["iedr"]) == tuple(card["P_0"]) for card in ratings.values()]
    assert (len(agree), sum(agree)) == (30, 30)


def test_every_shift_and_position_of_the_recordings_is_met_exactly() -> None:
    dialogues = all_dialogues()
    assert len(dialogues) == DIALOGUES
    for dialogue in dialogues:
        for point, turn in zip(walked(dialogue)[1:], dialogue["turns"], strict=True):
            assert point.shift == tuple(turn["v_t"])
            assert point.position == tuple(turn["P_t"])


@pytest.mark.parametrize("figure", MEASURES)
def test_every_recorded_figure_is_met_within_its_rounding(figure: str) -> None:
    worst = max(
        abs(getattr(point, MEASURES[figure]) - turn[figure])
        for dialogue in all_dialogues()
        for point, turn in zip(walked(dialogue)[1:], dialogue["turns"], strict=True)
    )
    assert worst <= TOLERANCES[figure]


def test_every_recorded_zone_distance_is_met() -> None:
    for dialogue in all_dialogues():
        assert float(zone_distance(dialogue["P_0"])) == pytest.approx(dialogue["initial_distance"], abs=1e-6)
        distances = zone_distance([turn["P_t"] for turn in dialogue["turns"]])
        assert np.allclose(distances, [turn["distance"] for turn in dialogue["turns"]], rtol=0, atol=1e-6)


def test_every_recorded_threshold_is_met() -> None:
    for dialogue in all_dialogues():
        limits = thresholds(frame(tuple(map(float, dialogue["P_0"]))).norm, dialogue["alpha"])
        assert limits.distance == limits.direction == pytest.approx(dialogue["epsilon_distance"], abs=0.0055)
        assert limits.energy == pytest.approx(dialogue["epsilon_energy"], abs=0.0055)


def first_end(points: list[Point], params: EPMParams) -> tuple[int, str]:
    limits = thresholds(points[0].distance, params.alpha)
    for turn in range(1, len(points)):
        end = ending(points[: turn + 1], params, limits)
        if end is not None:
            return turn, verdict(end.outcome, end.kind)
    return len(points) - 1, "none"


def test_the_published_rules_end_every_dialogue_in_its_turn_with_its_verdict() -> None:
    found = [first_end(walked(dialogue), EPMParams.published()) for dialogue in all_dialogues()]
    recorded = [(d["total_turns"], VERDICTS[d["termination"]]) for d in all_dialogues()]
    assert found == recorded
    assert Counter(word for _, word in found) == {
        "positional": 148,
        "geometric": 23,
        "collapse": 100,
        "oscillation": 9,
        "turn_limit": 20,
    }


def test_without_the_oscillation_rule_the_nine_oscillations_alone_go_on() -> None:
    found = [first_end(walked(dialogue), EPMParams(oscillation=False)) for dialogue in all_dialogues()]
    missed = [d["termination"] for d, end in zip(all_dialogues(), found, strict=True) if end[0] != d["total_turns"]]
    lost = [end for end in found if end[1] == "none"]
    assert missed == []
    assert len(lost) == 9
