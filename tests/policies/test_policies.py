"""The scripted policies and their registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.agents.views import PolicyView
from empa_gym.chat import Message
from empa_gym.drive import run
from empa_gym.policies import POLICIES, make_policy
from empa_gym.policies.generic import STOCK
from empa_gym.policies.hearing import WORD
from empa_gym.policies.speaking import ACTS, STEP_FROM
from empa_gym.policies.words import FUNCTION
from empa_gym.scenarios import Scenario, select_scenarios

SCENARIOS = select_scenarios("starter-train")


def view(*texts: str, seed: int = 0, member: int = 0) -> PolicyView:
    """The view of a dialogue in which seeker and supporter took turns, the seeker first."""
    roles = ("user", "assistant")
    messages = tuple(Message(roles[index % 2], text) for index, text in enumerate(texts))
    return PolicyView(messages, seed, member, len(texts) // 2 + 1)


def lines_of(scenario: Scenario) -> Iterator[str]:
    """The person's own lines, reactions in between, as an actor would speak them."""
    assert scenario.voice is not None
    told = [line for stage in scenario.stages for line in stage.lines] + list(scenario.voice.threads)
    yield scenario.voice.opening
    for index, line in enumerate(told):
        yield line if index % 3 else f"{scenario.voice.met[index % len(scenario.voice.met)]} {line}"


def talk(scenario: Scenario, seed: int = 0, turns: int = 45, name: str = "supporter") -> list[tuple[str, str]]:
    policy, texts, pairs = make_policy(name), [], []
    told = list(lines_of(scenario))
    for turn in range(turns):
        texts.append(told[turn % len(told)] if turn < len(told) else f"{told[turn % len(told)]} Again, yes.")
        reply = run(policy.reply(view(*texts, seed=seed)))
        pairs.append((texts[-1], reply))
        texts.append(reply)
    return pairs


def content(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if word not in FUNCTION and len(word) > 3}


def test_an_unknown_policy_is_refused_with_the_list_of_the_known() -> None:
    with pytest.raises(ValueError, match=r"supporter, generic, random.*'oracle'"):
        make_policy("oracle")


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_view_has_the_same_reply(name: str) -> None:
    moment = view("My hands are too slow, they said.", "Who said it?", "The sister on the ward, in front of six beds.")
    assert run(make_policy(name).reply(moment)) == run(make_policy(name).reply(moment))


@pytest.mark.parametrize("name", POLICIES)
def test_members_of_a_group_answer_differently_somewhere(name: str) -> None:
    replies = {
        tuple(
            run(make_policy(name).reply(view(line, seed=3, member=member))) for line in list(lines_of(SCENARIOS[0]))[:5]
        )
        for member in range(4)
    }
    assert len(replies) > 1


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
def test_the_supporter_takes_up_words_of_what_was_just_said(scenario: Scenario) -> None:
    pairs = talk(scenario, turns=20)
    taken = [bool(content(reply) & (content(said) | content(before))) for (before, _), (said, reply) in pairwise(pairs)]
    assert sum(taken) >= 0.9 * len(taken)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
def test_the_supporter_keeps_its_variety_over_45_turns(scenario: Scenario) -> None:
    replies = [reply for _, reply in talk(scenario)]
    assert len(set(replies)) == len(replies)
    openings = [" ".join(reply.split()[:3]) for reply in replies]
    assert all(one != other for one, other in pairwise(openings))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
def test_the_supporter_answers_in_a_few_sentences_of_clean_text(scenario: Scenario) -> None:
    for _, reply in talk(scenario, seed=7):
        assert 8 <= len(reply.split()) <= 110
        assert not re.search(r"[{}]|\s{2}|\.\.|\bI (was|am) told\b", reply)
        assert all(sentence[0].isupper() for sentence in re.split(r"(?<=[.?!]) ", reply))


def test_the_supporter_offers_no_step_before_it_has_listened() -> None:
    marks = [max(re.split(r"\{\w+\}", frame), key=len) for frame in ACTS["step"]]
    for seed in range(5):
        for reply in [reply for _, reply in talk(SCENARIOS[0], seed=seed)][: STEP_FROM - 1]:
            assert not any(mark in reply for mark in marks)


@pytest.mark.parametrize(
    ("message", "act"),
    [
        ("No, that's not what I told you.", "own"),
        ("You said that already, word for word.", "afresh"),
        ("Never mind. Forget it.", "room"),
    ],
)
def test_the_supporter_owns_a_miss_starts_afresh_and_gives_room(message: str, act: str) -> None:
    reply = run(make_policy("supporter").reply(view("I lost my brass key on the ferry.", "Ah, travel.", message)))
    opening = re.split(r"(?<=[.?!]) ", reply)[0]
    assert any(opening.startswith(frame.split("{")[0][:8]) for frame in ACTS[act])
    assert "key" in reply or "ferry" in reply


@given(st.lists(st.text(max_size=200), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_every_policy_has_an_answer_to_any_text(texts: list[str]) -> None:
    for name in POLICIES:
        said = texts if len(texts) % 2 else texts[:-1]
        assert run(make_policy(name).reply(view(*said)))


def test_generic_says_each_stock_phrase_once_before_any_comes_again() -> None:
    replies = [reply for _, reply in talk(SCENARIOS[0], turns=2 * len(STOCK), name="generic")]
    assert sorted(replies[: len(STOCK)]) == sorted(STOCK)
    assert replies[: len(STOCK)] == replies[len(STOCK) :]


def test_generic_does_not_listen() -> None:
    one, other = (run(make_policy("generic").reply(view(text, seed=5))) for text in ("My dog died.", "I won a prize."))
    assert one == other


def test_the_supporter_does_not_say_the_same_clause_back_twice() -> None:
    line, texts = "I carried the old stove down four flights of stairs.", []
    for turn in range(6):
        texts.append(f"{line} The lift was broken, as in week {turn}.")
        texts.append(run(make_policy("supporter").reply(view(*texts, seed=2))))
    replies = " ".join(texts[1::2]).lower()
    assert replies.count("you carried the old stove down four flights of stairs") == 1
