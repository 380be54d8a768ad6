"""The embedded actor: in character, never twice the same, and different by how it was met."""

from __future__ import annotations

import dataclasses
import re
from itertools import product

import pytest

from empa_gym.agents.answers import Direction, DirectorMove
from empa_gym.agents.offline import phrases
from empa_gym.agents.offline.actor import OfflineActor, voice_of
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.offline.spoken import Mood, lines_of, split
from empa_gym.agents.views import ActorView, Exchange
from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.turn import take_turn
from empa_gym.drive import run
from empa_gym.epm import Axis
from empa_gym.scenarios import Period, Scenario, get_scenario, select_scenarios
from tests.agents.kinds import kind_of
from tests.agents.playing import ANSWERS, ENDLESS, dismiss, past_exchange, play, repeat, supporter, user_messages

SCENARIOS = select_scenarios("starter")
IDS = [scenario.id for scenario in SCENARIOS]
NOTICE = get_scenario("home-notice")
LEAKS = re.compile(
    r"[{}\[\]<>*_]|\b(?:empathy|score|scores|rubric|cognitive|affective|proactive|axis|judge|prompt|simulation|"
    r"director|guidance|stage [0-9]|energy|deficit|template|placeholder)\b",
    re.IGNORECASE,
)
TOLD = "I kept one good week in a drawer, and then I bought bags and put them on the stairs."
GOOD = "You held on to one good week, and now the drawer hurts. That makes sense. What was it like on the stairs?"
DISMISSAL = "It's not a big deal, everyone goes through this. You're overreacting."


def speak(view: ActorView) -> str:
    return run(OfflineActor().speak(view))


def view_after(*exchanges: Exchange, direction: Direction | None = None, scenario: Scenario = NOTICE) -> ActorView:
    past = () if direction is None else (direction,)
    return ActorView(scenario, exchanges, direction, past, 3, len(exchanges))


def test_the_first_message_is_the_opening() -> None:
    assert speak(view_after()) == NOTICE.voice.opening  # type: ignore[union-attr]


def test_a_scenario_without_a_voice_is_refused_by_name_with_what_to_do() -> None:
    mute = dataclasses.replace(NOTICE, voice=None)
    with pytest.raises(ValueError, match=r"'home-notice' has no voice.*chat model"):
        speak(view_after(scenario=mute))


def test_the_same_view_gives_the_same_message_and_another_seed_another() -> None:
    exchange = Exchange(NOTICE.voice.opening, GOOD)  # type: ignore[union-attr]
    view = view_after(exchange)
    assert speak(view) == speak(view)
    assert len({speak(view._replace(seed=seed)) for seed in range(20)}) > 5


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_no_message_comes_twice_in_an_endless_dialogue_whatever_the_policy(scenario: Scenario) -> None:
    for seed, answer in product(range(20), ANSWERS.values()):
        messages = user_messages(play(scenario, seed, answer))
        assert len(messages) == len(set(messages)) == 45


def test_a_dialogue_of_one_reaction_only_still_never_repeats_itself() -> None:
    """Longer than any dialogue: the lines run out, and phrases are joined anew."""
    for reply in ("", DISMISSAL):
        exchanges: tuple[Exchange, ...] = (Exchange("Hello.", reply),)
        while len(exchanges) < 150:
            exchanges = (*exchanges, Exchange(speak(view_after(*exchanges)), reply))
        assert len({exchange.message for exchange in exchanges}) == 150


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_every_message_is_made_of_the_persons_own_lines(scenario: Scenario) -> None:
    lines = lines_of(scenario)
    for answer in ANSWERS.values():
        for message in user_messages(play(scenario, 1, answer)):
            assert " ".join(split(lines, message)) == message


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_no_message_leaks_a_score_a_rule_or_a_slot(scenario: Scenario) -> None:
    titles = {stage.title for stage in scenario.stages}
    for answer in ANSWERS.values():
        for message in user_messages(play(scenario, 2, answer)):
            assert not LEAKS.search(message), message
            assert titles.isdisjoint(re.split(r"[.!?] ", message))


@pytest.fixture(scope="module")
def branches() -> list[DialogueState]:
    """300 moments of dialogues with a supporter who listens: scenario x seed x turn."""
    moments = product(SCENARIOS, range(5), (3, 6, 9, 13, 18))
    return [play(scenario, seed, supporter, turns=turn) for scenario, seed, turn in moments]


def test_a_dismissal_a_reflection_and_a_repeat_are_answered_in_three_kinds(branches: list[DialogueState]) -> None:
    wanted = ((dismiss, "pushback"), (supporter, "disclosure"), (repeat, "withdrawal"))
    cast = offline_cast()

    def kinds_differ(state: DialogueState) -> bool:
        answered = [run(take_turn(state, answer(state), cast, ENDLESS)).message for answer, _ in wanted]
        return [kind_of(message) for message in answered] == [kind for _, kind in wanted]

    hits = sum(kinds_differ(state) for state in branches)
    assert len(branches) == 300
    assert hits >= 270, f"{hits} of 300"


def test_a_stage_is_not_told_to_somebody_who_made_it_small() -> None:
    reveal = Direction(DirectorMove.REVEAL_STAGE, stage=1)
    told = speak(view_after(Exchange(TOLD, GOOD), direction=reveal))
    withheld = speak(view_after(Exchange(TOLD, DISMISSAL), direction=reveal))
    assert any(line in told for line in NOTICE.stages[1].lines)
    assert not any(line in withheld for line in NOTICE.stages[1].lines)


def test_trust_comes_back_in_small_things_after_a_withdrawal() -> None:
    reveal = Direction(DirectorMove.REVEAL_STAGE, stage=1)
    closed = NOTICE.voice.withdrawn[0]  # type: ignore[union-attr]
    before = Exchange(TOLD, "")
    message = speak(view_after(before, Exchange(closed, GOOD), direction=reveal))
    parts = split(lines_of(NOTICE), message)
    assert parts[0] in phrases.THAW
    assert parts[1] in NOTICE.voice.threads  # type: ignore[union-attr]


def test_a_user_who_was_pushed_back_twice_gives_up_at_the_third() -> None:
    beside = ("Bananas are yellow.", "The train to Lisbon leaves on Fridays.", "Volcanoes have been known to whistle.")
    exchanges: tuple[Exchange, ...] = ()
    message, moods = "I lost the flat.", []
    for reply in beside:
        exchanges = (*exchanges, Exchange(message, reply))
        message = speak(view_after(*exchanges))
        moods.append(lines_of(NOTICE).mood(message))
    assert moods == [Mood.PUSHBACK, Mood.PUSHBACK, Mood.WITHDRAWN]


@pytest.mark.parametrize("axis", list(Axis))
def test_a_user_presses_for_what_the_director_says(axis: Axis) -> None:
    press = Direction(DirectorMove.ADJUST_AXIS, axis=axis)
    message = speak(view_after(Exchange(TOLD, GOOD), direction=press))
    assert any(line in message for line in NOTICE.voice.pressing[axis])  # type: ignore[union-attr]


def test_a_turning_point_tells_the_stage_and_asks_for_the_axis() -> None:
    turning = Direction(DirectorMove.TURNING_POINT, stage=3, axis=Axis.AFFECTIVE)
    message = speak(view_after(Exchange(TOLD, GOOD), direction=turning))
    assert any(line in message for line in NOTICE.stages[3].lines)
    assert any(line in message for line in NOTICE.voice.pressing.affective)  # type: ignore[union-attr]


def test_advice_of_the_director_brings_nothing_new() -> None:
    advise = Direction(DirectorMove.ADVISE)
    message = speak(view_after(Exchange(TOLD, GOOD), direction=advise))
    content = split(lines_of(NOTICE), message)[-1]
    assert content in phrases.RESTING


def test_only_opened_stages_and_memories_are_told_when_the_detail_runs_out() -> None:
    first = Direction(DirectorMove.REVEAL_STAGE, stage=0)
    childhood = Direction(DirectorMove.REVEAL_MEMORY, period=Period.CHILDHOOD)
    voice = voice_of(NOTICE)
    told = [*voice.threads, *NOTICE.stages[0].lines, *voice.memories.childhood]
    exchanges = [Exchange(line, f"Reply {index}.") for index, line in enumerate(told[:-1])] + [Exchange(TOLD, GOOD)]
    left = {speak(ActorView(NOTICE, tuple(exchanges), first, (first, childhood), seed, 9)) for seed in range(30)}
    exchanges[0] = Exchange(told[-1], "Reply 0.")
    none = {speak(ActorView(NOTICE, tuple(exchanges), first, (first, childhood), seed, 9)) for seed in range(30)}
    assert {split(lines_of(NOTICE), message)[-1] for message in left} == {told[-1]}
    assert {split(lines_of(NOTICE), message)[-1] for message in none} == {told[0]}
    rested = (*exchanges[:-1], Exchange(told[0], "Reply."), exchanges[-1])
    rest = {speak(ActorView(NOTICE, rested, first, (first, childhood), seed, 9)) for seed in range(30)}
    assert {split(lines_of(NOTICE), message)[-1] for message in rest} <= set(phrases.RESTING)


def test_no_line_of_a_story_is_told_twice() -> None:
    """Up to the turn where the lines run out at the earliest."""
    for scenario in SCENARIOS:
        messages = user_messages(play(scenario, 3, supporter, turns=30))
        lines = [line for message in messages for line in split(lines_of(scenario), message)]
        assert len(lines) == len(set(lines))


def test_the_actor_plays_beside_history_that_it_did_not_write() -> None:
    state = play(NOTICE, 0, supporter, turns=4)
    foreign = tuple(exchange._replace(message="Quite another message.") for exchange in past_exchange(state, GOOD))
    assert speak(view_after(*foreign))
