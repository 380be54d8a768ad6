"""The embedded director: seven moves, stages in order, nothing new for a user who is not met."""

from __future__ import annotations

import re
from itertools import product

import pytest

from empa_gym.agents.answers import Assessment, Direction, DirectorMove
from empa_gym.agents.offline.director import OfflineDirector
from empa_gym.agents.views import DirectorView, Exchange
from empa_gym.dialogue.turn import Rules
from empa_gym.drive import run
from empa_gym.epm import Axis, EPMParams
from empa_gym.outcome import Outcome
from empa_gym.scenarios import Period, get_scenario, select_scenarios
from tests.agents.playing import ANSWERS, play, supporter

SCENARIOS = select_scenarios("starter")
NOTICE = get_scenario("home-notice")
HEARD = Exchange(
    "I kept one good week in a drawer and bought bags.",
    "You held on to one good week, and now the drawer hurts. That makes sense. What was it like with the bags?",
)
PASSED = Exchange("I kept one good week in a drawer.", "Bananas are yellow.")
WARM = Assessment(((1, 0), (1, 0), (1, 0)))


def view(share: float, *, exchange: Exchange = HEARD, past: tuple[Direction, ...] = (), **more: object) -> DirectorView:
    """A view in which ``share`` of every axis's need is won."""
    position = tuple(x * (1 - share) for x in NOTICE.deficit)
    base = DirectorView(
        scenario=NOTICE,
        exchanges=(exchange,) * (len(past) + 1),
        assessment=WARM,
        position=position,
        energy=share * 30.0,
        threshold=30.0,
        past=past,
        success_holds=False,
        seed=1,
        turn=len(past) + 1,
        turns_left=20,
    )
    return base._replace(exchanges=tuple(_varied(base.exchanges)), **more)  # type: ignore[arg-type]


def _varied(exchanges: tuple[Exchange, ...]) -> list[Exchange]:
    """Earlier replies differ, so that only the last one counts."""
    return [Exchange(f"Message {i}.", f"Reply {i}.") for i in range(len(exchanges) - 1)] + [exchanges[-1]]


def direct(scene: DirectorView) -> Direction:
    return run(OfflineDirector().direct(scene))


def over_seeds(scene: DirectorView, count: int = 60) -> list[Direction]:
    return [direct(scene._replace(seed=seed)) for seed in range(count)]


OBSERVED = Direction(DirectorMove.OBSERVE)
STAGE = [Direction(DirectorMove.REVEAL_STAGE, stage=index) for index in range(4)]


def test_every_move_but_end_is_made_over_endless_dialogues() -> None:
    moves = {
        turn.direction.move
        for scenario, answer in product(SCENARIOS, ANSWERS.values())
        for turn in play(scenario, 7, answer).turns
        if turn.direction is not None
    }
    assert moves == set(DirectorMove) - {DirectorMove.END}


def test_no_stage_or_memory_comes_out_of_order_or_twice() -> None:
    for scenario, seed in product(SCENARIOS, range(2)):
        past = [turn.direction for turn in play(scenario, seed, supporter).turns if turn.direction]
        stages = list(dict.fromkeys(d.stage for d in past if d.stage is not None))
        periods = [d.period for d in past if d.period is not None]
        turning = [d.stage for d in past if d.move is DirectorMove.TURNING_POINT]
        assert stages == list(range(len(stages)))
        assert len(set(periods)) == len(periods)
        assert len(set(turning)) == len(turning)


def test_it_ends_only_when_success_holds() -> None:
    done = view(1.1, past=(OBSERVED,) * 12)
    assert DirectorMove.END not in {d.move for d in over_seeds(done)}
    ends = [d.move is DirectorMove.END for d in over_seeds(done._replace(success_holds=True))]
    assert 0.75 <= sum(ends) / len(ends) < 1


def test_it_goes_on_while_one_axis_is_far_from_met_but_not_at_the_last_turns() -> None:
    uneven = view(1.1, position=(4.0, -17.0, 6.0), success_holds=True)
    assert {(d.move, d.axis) for d in over_seeds(uneven)} == {(DirectorMove.ADJUST_AXIS, Axis.AFFECTIVE)}
    assert {d.move for d in over_seeds(uneven._replace(turns_left=2))} == {DirectorMove.END}


def test_it_brings_dialogues_to_their_close_when_the_rules_leave_that_to_it() -> None:
    rules = Rules(EPMParams(director_ends=True))
    ends = [play(scenario, 3, supporter, rules=rules).outcome for scenario in SCENARIOS]
    assert ends.count(Outcome.ENDED_BY_DIRECTOR) >= 1
    assert Outcome.RECOVERED not in ends


def test_a_user_who_is_passed_by_hears_of_no_new_stage() -> None:
    for past in ((), (OBSERVED,), (OBSERVED,) * 12):
        moves = {d.move for d in over_seeds(view(0.9, exchange=PASSED, past=past))}
        assert moves <= {DirectorMove.OBSERVE, DirectorMove.ADJUST_AXIS, DirectorMove.ADVISE}
    assert DirectorMove.ADVISE in moves


@pytest.mark.parametrize(("share", "stage"), [(0.0, 0), (0.3, 1), (0.5, 2)])
def test_stages_open_in_order_as_energy_is_won(share: float, stage: int) -> None:
    past = (*STAGE[:stage], OBSERVED)
    assert {(d.move, d.stage) for d in over_seeds(view(share, past=past))} == {(DirectorMove.REVEAL_STAGE, stage)}
    if share:
        early = over_seeds(view(share - 0.15, past=past))
        assert stage not in {d.stage for d in early}


def test_the_last_stage_is_a_turning_point_pressing_for_what_lags() -> None:
    scene = view(0.8, past=(*STAGE[:3], OBSERVED), position=(-2.0, -12.0, -2.0))
    assert {(d.move, d.stage, d.axis) for d in over_seeds(scene)} == {(DirectorMove.TURNING_POINT, 3, Axis.AFFECTIVE)}


def test_a_dialogue_that_is_stuck_gets_a_new_angle_and_in_the_end_a_new_stage() -> None:
    told = view(0.0, past=(STAGE[0], OBSERVED))
    assert (DirectorMove.REVEAL_STAGE, 0) in {(d.move, d.stage) for d in over_seeds(told)}
    waiting = view(0.0, past=(STAGE[0], *(OBSERVED,) * 10))
    assert {d.stage for d in over_seeds(waiting)} == {1}


def test_memories_come_when_the_user_is_touched_and_each_once() -> None:
    past = (STAGE[0], OBSERVED, STAGE[0])
    touched = over_seeds(view(0.1, past=past))
    cold = over_seeds(view(0.1, past=past, assessment=Assessment(((1, 0), (0, -1), (1, 0)))))
    assert {d.period for d in touched} >= set(Period)
    assert {d.period for d in cold} == {None}
    known = Direction(DirectorMove.REVEAL_MEMORY, period=Period.CHILDHOOD)
    later = over_seeds(view(0.1, past=(known, *past, OBSERVED, STAGE[0])))
    assert Period.CHILDHOOD not in {d.period for d in later}


def test_the_axis_that_lags_is_pressed_for() -> None:
    scene = view(0.1, past=(STAGE[0], OBSERVED, STAGE[0]), position=(-5.0, -5.0, -19.0))
    assert {d.axis for d in over_seeds(scene)} == {None, Axis.PROACTIVE}


def test_an_unjudged_turn_is_directed_too() -> None:
    assert direct(view(0.1, assessment=None)).move in DirectorMove


def test_every_move_comes_with_guidance_in_plain_words() -> None:
    for answer in ANSWERS.values():
        for turn in play(NOTICE, 11, answer, turns=44).turns:
            assert turn.direction is not None
            assert len(turn.direction.guidance.split()) >= 5
            assert not re.search(r"[{}]|P_|E_t|\baxis\b|\bscore\b", turn.direction.guidance)


def test_the_same_view_gives_the_same_move() -> None:
    assert direct(view(0.4)) == direct(view(0.4))
