"""Every rule that ends a dialogue, in cases small enough to check by hand.

Unless said otherwise P_0 = (-10, 0, 0), so that v* = (1, 0, 0) and delta_E is the first number of a shift.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.epm import Ending, EPMParams, Point, Thresholds, ending, frame, rules_from, thresholds
from empa_gym.epm.termination import success
from empa_gym.outcome import Outcome

DEFICIT = (-10.0, 0.0, 0.0)
PUBLISHED = EPMParams.published()
NO_MINIMUM = EPMParams(min_turns=1, oscillation=False)
COLLAPSED = Ending(Outcome.COLLAPSED)
STALLED = Ending(Outcome.STALLED)
OSCILLATED = Ending(Outcome.OSCILLATED)
LIMIT = Ending(Outcome.TURN_LIMIT)
STABLE = settings(deadline=None, derandomize=True)
Shift = float | tuple[float, ...]


def walk(
    shifts: Sequence[Shift], deficit: tuple[float, ...] = DEFICIT, every: int = 1, current: bool = False
) -> list[Point]:
    """The judged points of these shifts; a bare number moves the first axis."""
    here = frame(deficit)
    points = [here.start()]
    for number, shift in enumerate(shifts, 1):
        moved = np.array(shift if isinstance(shift, tuple) else (shift, *[0.0] * (len(deficit) - 1)))
        points.append(here.move(points[-1], moved, number * every, current_direction=current))
    return points


def end_of(points: list[Point], params: EPMParams = PUBLISHED) -> Ending | None:
    return ending(points, params, thresholds(points[0].distance, params.alpha))


def padded(shifts: Sequence[Shift], turns: int = 12) -> list[Shift]:
    """These shifts at the end of so many turns; the ones before move nothing."""
    return [0.0] * (turns - len(shifts)) + list(shifts)


def test_success_needs_the_energy_of_the_whole_deficit() -> None:
    assert end_of(walk(padded([9.9]))) is None
    assert end_of(walk(padded([10.0]))) == Ending(Outcome.RECOVERED, "geometric")


def test_a_recovery_close_to_balance_is_called_geometric_and_one_beside_it_positional() -> None:
    still: list[Shift] = [0.0] * 11
    assert end_of(walk([*still, (10.0, 0.8, 0.0)])) == Ending(Outcome.RECOVERED, "geometric")
    assert end_of(walk([*still, (10.0, 1.2, 0.0)])) == Ending(Outcome.RECOVERED, "positional")
    assert end_of(walk([*still, (10.0, 0.8, 0.0)]), EPMParams.release()) == Ending(Outcome.RECOVERED, "positional")


def test_no_success_before_min_turns() -> None:
    shifts: list[Shift] = [*[0.0] * 10, 10.0]
    assert end_of(walk(shifts)) is None
    assert end_of(walk([*shifts, 0.0])) == Ending(Outcome.RECOVERED, "geometric")
    assert end_of(walk(shifts), EPMParams.training()) == Ending(Outcome.RECOVERED, "geometric")


@STABLE
@given(st.tuples(*[st.integers(1, 27)] * 3))
def test_an_end_exactly_at_the_threshold_is_a_success(depths: tuple[int, int, int]) -> None:
    """P = 10 (b, -a, 0) lies at right angles to v*: P . v* is exactly 0, whatever the floats say."""
    a, b, c = map(float, depths)
    points = walk([*[(0.0, 0.0, 0.0)] * 11, (a + 10 * b, b - 10 * a, c)], deficit=(-a, -b, -c))
    assert points[-1].position == (10 * b, -10 * a, 0.0)
    found = end_of(points)
    assert found is not None
    assert found.outcome is Outcome.RECOVERED


@STABLE
@given(
    shift=st.tuples(*[st.floats(-5, 30)] * 3),
    limits=st.tuples(*[st.floats(0, 30)] * 3),
    wider=st.tuples(*[st.floats(0, 30)] * 3),
)
def test_easier_thresholds_never_take_a_success_away(
    shift: tuple[float, ...], limits: tuple[float, ...], wider: tuple[float, ...]
) -> None:
    point = walk([shift], deficit=(-17.0, -18.0, -13.0))[-1]
    strict = Thresholds(limits[0], limits[1], limits[2], 1e-9)
    easy = Thresholds(limits[0] + wider[0], limits[1] + wider[1], limits[2] - wider[2], 1e-9)
    assert success(point, strict) is None or success(point, easy) is not None


def test_five_falls_in_a_row_are_a_collapse_and_four_are_not() -> None:
    assert end_of(walk(padded([-1.0] * 5))) == COLLAPSED
    assert end_of(walk(padded([-1.0] * 4))) is None


@pytest.mark.parametrize("pause", [0.0, (0.0, 3.0, 0.0), 1.0])
def test_a_turn_that_does_not_fall_breaks_a_collapse(pause: Shift) -> None:
    assert end_of(walk(padded([-1.0, -1.0, pause, -1.0, -1.0]))) is None
    assert end_of(walk(padded([-1.0, -1.0, -1.0, -1.0, pause]))) is None
    assert end_of(walk(padded([pause, -1.0, -1.0, -1.0, -1.0, -1.0]))) == COLLAPSED


@STABLE
@given(st.tuples(*[st.integers(1, 27)] * 3))
def test_a_shift_at_right_angles_to_the_way_is_not_a_fall(depths: tuple[int, int, int]) -> None:
    a, b, c = map(float, depths)
    for across in ((b, -a, 0.0), (-b, a, 0.0)):
        assert end_of(walk([across] * 5, deficit=(-a, -b, -c)), NO_MINIMUM) is None


def test_no_failure_before_min_turns() -> None:
    assert end_of(walk(padded([-1.0] * 5, turns=11))) is None
    assert end_of(walk([-1.0] * 4), NO_MINIMUM) is None
    assert end_of(walk([-1.0] * 5), NO_MINIMUM) == COLLAPSED


SLOW_FALL = (-0.3, -0.3, -0.3, 0.0, -0.3, -0.3, -0.3, 0.0)
"""Six of eight fall, in sum -1.8; the last five distances spread by 0.39; no five in a row."""


def test_standing_still_while_falling_is_stalled() -> None:
    assert end_of(walk(padded(SLOW_FALL))) == STALLED


@pytest.mark.parametrize(
    ("shifts", "why"),
    [
        ([gain * 1.35 for gain in SLOW_FALL], "the distances spread by 0.53 (sample; the population value is 0.47)"),
        ((-0.3, -0.3, -0.3, 0.0, -0.3, -0.3, 0.1, 0.0), "only five of eight fall"),
        ([gain / 2 for gain in SLOW_FALL], "in sum -0.9"),
    ],
)
def test_half_of_a_stall_is_none(shifts: Sequence[float], why: str) -> None:
    assert end_of(walk(padded(shifts))) is None, why


def test_a_sum_of_exactly_minus_one_is_no_stall_in_whatever_order_it_is_added() -> None:
    for order in set(itertools.permutations((-0.2, -0.2, -0.2, 0.0, -0.2, -0.1, -0.1))):
        assert end_of(walk([*order, 0.0]), NO_MINIMUM) is None, order


def test_stall_is_silent_until_eight_turns_and_turn_0_exist() -> None:
    assert end_of(walk([gain * 1.1 for gain in SLOW_FALL[1:]]), NO_MINIMUM) is None
    assert end_of(walk(SLOW_FALL), NO_MINIMUM) == STALLED


def test_stall_measures_the_spread_of_exactly_five_distances() -> None:
    """A jump into the first of the five is not seen, a jump into the second is."""
    jump_before = [-0.3, -0.3, 0.0, -1.2, -0.3, -0.3, -0.3, 0.0]
    jump_within = [-0.3, -0.3, 0.0, -0.3, -1.2, -0.3, -0.3, 0.0]
    assert end_of(walk(jump_before), NO_MINIMUM) == STALLED
    assert end_of(walk(jump_within), NO_MINIMUM) is None


def back_and_forth(turns: int, size: float = 2.0) -> list[Shift]:
    return [size if turn % 2 else -size for turn in range(turns)]


def test_twelve_turns_that_lead_nowhere_are_an_oscillation_and_eleven_are_not() -> None:
    assert end_of(walk(back_and_forth(12))) == OSCILLATED
    assert end_of(walk(back_and_forth(11)), EPMParams(min_turns=11)) is None


def test_oscillation_does_not_look_at_min_turns_and_can_be_switched_off() -> None:
    assert end_of(walk(back_and_forth(12)), EPMParams(min_turns=40)) == OSCILLATED
    assert end_of(walk(back_and_forth(12)), EPMParams.release()) is None


def test_oscillation_compares_the_first_and_the_last_of_twelve_positions() -> None:
    """The shift into the first of the twelve positions does not count as a change; the next one does."""
    assert end_of(walk([-9.0, *back_and_forth(11, 0.5)])) == OSCILLATED
    assert end_of(walk([0.5, -9.0, *back_and_forth(10, 0.5)])) is None
    assert end_of(walk([0.5, -9.0, *back_and_forth(11, 0.5)])) == OSCILLATED


@pytest.mark.parametrize(("change", "expected"), [(2.9, OSCILLATED), (3.0, None)])
def test_a_change_of_three_points_is_no_oscillation(change: float, expected: Ending | None) -> None:
    assert end_of(walk([0.0, (0.0, change / 2, -change / 2), *back_and_forth(10)])) == expected


@pytest.mark.parametrize(("way", "expected"), [(3.0, OSCILLATED), (2.9, None), (0.0, None)])
def test_oscillation_needs_three_points_of_way_the_first_shift_included(way: float, expected: Ending | None) -> None:
    assert end_of(walk([-way, *[0.0] * 11])) == expected


def test_with_an_interval_the_oscillation_window_is_ten_judgements() -> None:
    for every, window in ((1, 12), (2, 10), (3, 10)):
        params = EPMParams(eval_every=every, max_turns=99)
        assert params.oscillation_window == window
        assert end_of(walk(back_and_forth(window - 1), every=every), params) is None
        assert end_of(walk(back_and_forth(window), every=every), params) == OSCILLATED


def test_the_first_rule_in_the_published_order_names_the_end() -> None:
    at_limit = EPMParams(max_turns=12)
    recovered: list[Shift] = [10.0, *back_and_forth(10), 0.5]
    assert end_of(walk(recovered), at_limit) == Ending(Outcome.RECOVERED, "geometric")
    fallen: list[Shift] = [*[0.0] * 6, 5.0, *[-1.0] * 5]
    assert end_of(walk(fallen), EPMParams(min_turns=13)) == OSCILLATED
    assert end_of(walk(fallen), at_limit) == COLLAPSED
    assert end_of(walk(back_and_forth(12)), at_limit) == OSCILLATED
    assert end_of(walk(padded([])), at_limit) == Ending(Outcome.TURN_LIMIT)
    assert end_of(walk(padded([]))) is None


def test_endless_rules_know_the_turn_limit_alone() -> None:
    params = EPMParams.endless(14)
    for shifts in ([10.0] * 13, [-1.0] * 13, back_and_forth(13)):
        assert end_of(walk(shifts), params) is None
        assert end_of(walk([*shifts, 0.0]), params) == Ending(Outcome.TURN_LIMIT)


@STABLE
@given(st.lists(st.tuples(*[st.integers(-3, 3).map(float)] * 3), min_size=1, max_size=20))
def test_the_current_direction_changes_measures_and_never_a_verdict(shifts: list[Shift]) -> None:
    rules = EPMParams(min_turns=1)
    current = EPMParams(min_turns=1, current_direction=True)
    deficit = (-5.0, -2.0, -1.0)
    assert end_of(walk(shifts, deficit, current=True), current) == end_of(walk(shifts, deficit), rules)


def test_a_path_away_from_the_current_deficit_alone_is_no_collapse_under_the_current_direction() -> None:
    """Beyond balance every further step leads away from it, but on along v*."""
    points = walk([12.0, *[1.0] * 5], current=True)
    assert all(point.energy_gain < 0 for point in points[-5:])
    rules = EPMParams(min_turns=6, current_direction=True, oscillation=False)
    assert end_of([*points[:1], *points[1:]], rules) == Ending(Outcome.RECOVERED, "positional")
    sideways = walk([(9.0, 3.0, 0.0), *[(0.1, 1.0, 0.0)] * 5], current=True)
    assert all(point.energy_gain < 0 for point in sideways[-5:])
    assert end_of(sideways, rules) is None


def test_rule_sets_hold_the_published_numbers() -> None:
    assert PUBLISHED == EPMParams() == rules_from("published")
    assert (PUBLISHED.alpha, PUBLISHED.min_turns, PUBLISHED.max_turns) == (0.1, 12, 45)
    assert (PUBLISHED.eval_every, PUBLISHED.oscillation) == (1, True)
    assert rules_from("release") == EPMParams(alpha=0.05, oscillation=False)
    assert rules_from("training") == EPMParams(min_turns=8, max_turns=15)
    assert rules_from({"base": "training", "max_turns": 30}) == EPMParams(min_turns=8, max_turns=30)
    assert rules_from({"alpha": 0.2}) == EPMParams(alpha=0.2)
    assert rules_from(PUBLISHED) is PUBLISHED


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("leagues", "unknown rules 'leagues'; the rule sets are published, release, training"),
        ({"base": "training", "min_turn": 3}, r"unknown rules \['min_turn'\]; the fields are alpha"),
        ({"min_turns": 0}, "min_turns must be a whole number of at least 1 and at most 1000000, got 0"),
        ({"max_turns": 1.5}, "max_turns must be a whole number"),
        ({"eval_every": True}, "eval_every must be a whole number"),
        ({"alpha": 1.0}, r"alpha must lie in \[0, 1\), got 1.0"),
        ({"min_turns": 50}, "min_turns must be at most max_turns, .* got min_turns=50 and max_turns=45"),
        ({"max_turns": 5}, "got min_turns=12 and max_turns=5"),
        ({"base": "training", "max_turns": 7}, "got min_turns=8 and max_turns=7"),
        ({"base": "release", "min_turns": 46}, "got min_turns=46 and max_turns=45"),
        ({"eval_every": 46}, "eval_every must be at most max_turns, .* got eval_every=46 and max_turns=45"),
        ({"rules_end": False, "max_turns": 3, "eval_every": 4}, "got eval_every=4 and max_turns=3"),
        ({"rules_end": False, "director_ends": True}, "director_ends needs rules_end"),
    ],
)
def test_rules_that_do_not_exist_are_refused_in_one_sentence(rules: str | dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rules_from(rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"min_turns": 45},
        {"eval_every": 45},
        {"base": "training", "max_turns": 8, "eval_every": 8},
        {"rules_end": False, "max_turns": 1},
        {"min_turns": 1, "max_turns": 1},
    ],
)
def test_a_recovery_can_be_reached_under_every_rule_set_that_is_taken(rules: dict[str, object]) -> None:
    params = rules_from(rules)
    last = walk([100.0], every=params.max_turns)
    assert end_of(last, params) == (Ending(Outcome.RECOVERED, "positional") if params.rules_end else LIMIT)


def test_thresholds_are_shares_of_the_initial_distance() -> None:
    assert thresholds(20.0, 0.1) == pytest.approx((2.0, 2.0, 20.0, 2e-8))
