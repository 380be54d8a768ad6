"""The searching attacker."""

from __future__ import annotations

import pytest

from empa_gym.agents.answers import NEUTRAL, Assessment
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.probes import VARIANTS, AttackStep, attack
from empa_gym.probes.material import Material
from empa_gym.scenarios import get_scenario

SCENARIO = get_scenario("career-handover")
SHORT = Rules(epm=EPMParams.endless(6))


class Gullible:
    """Pays for one phrase, in any company."""

    language = "en"

    def __init__(self) -> None:
        self.asked: list[JudgeView] = []

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        self.asked.append(view)
        return Assessment(((0, 0), (0, 0), (2, 0))) if "took courage" in view.exchanges[-1].reply else NEUTRAL
        yield


def gullible_cast() -> tuple[Cast, Gullible]:
    judge = Gullible()
    return offline_cast(judge=judge), judge


def test_the_attacker_finds_what_a_gullible_judge_pays_for() -> None:
    result = attack(SCENARIO, 0, gullible_cast()[0], queries=600, rules=SHORT)
    assert [step.score for step in result.steps] == [3.0] * 6


def test_it_asks_no_more_than_its_queries_and_the_turns_that_it_plays() -> None:
    cast, judge = gullible_cast()
    result = attack(SCENARIO, 0, cast, queries=100, rules=SHORT)
    assert result.queries <= 100
    assert len(judge.asked) == result.queries + len(result.steps)


def test_without_queries_it_plays_a_guess() -> None:
    result = attack(SCENARIO, 0, gullible_cast()[0], queries=0, rules=SHORT)
    assert result.queries == 0
    assert all(step.reply for step in result.steps)


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_attack_is_the_same_for_the_same_seed_and_another_for_another(variant: str) -> None:
    one, same, other = (
        attack(SCENARIO, seed, offline_cast(), variant, queries=60, rules=SHORT).steps for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_it_tells_after_every_turn_how_far_it_is() -> None:
    told: list[AttackStep] = []
    result = attack(SCENARIO, 0, offline_cast(), queries=60, rules=SHORT, on_step=told.append)
    assert tuple(told) == result.steps
    assert [step.turn for step in told] == [1, 2, 3, 4, 5, 6]


def test_an_unknown_variant_is_refused_with_the_list_of_the_known() -> None:
    with pytest.raises(ValueError, match=r"blind, free.*'deaf'"):
        attack(SCENARIO, 0, offline_cast(), "deaf")


def test_the_blind_attacker_has_none_of_the_supporters_moves() -> None:
    messages = ("I taught Jonas to draw with that pencil.",)
    blind, free = (Material(variant, messages) for variant in ("blind", "free"))
    assert set(blind.templates) < set(free.templates)
    assert not any(hole in template for template in blind.templates for hole in ("{c}", "{d}", "{t}"))
