"""What a dialogue follows from: equal for equal parts, another for each thing that changes what is played."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.casting import cast_from
from empa_gym.agents.views import PolicyView
from empa_gym.chat import Flow
from empa_gym.clients import ModelConfig, Prices
from empa_gym.dialogue.rewards import idr
from empa_gym.dialogue.rules import Rules
from empa_gym.drive import run
from empa_gym.epm import EPMParams
from empa_gym.policies import Supporter, make_policy
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Game, Job, plan_jobs
from empa_gym.rollout.engines import Work
from empa_gym.rollout.identity import differences, identity_of, keyed, model_identity, part_identity
from empa_gym.scenarios import get_scenario

KNEE = get_scenario("health-knee")
TINY = ModelConfig("tiny", "http://127.0.0.1:9/v1", "MY_KEY")


class Speaks:
    def __init__(self, text: str = "yes", *, warmth: float = 0.5) -> None:
        self.text = text
        self._warmth = warmth
        self._seen: list[str] = []

    def reply(self, view: PolicyView) -> Flow[str]:
        self._seen.append("something")
        return self.text
        yield


def work(policy: Any = None, **more: Any) -> Work:
    game = Game(cast_from("offline"), Rules(on_model_error="hold"))
    return Work({"mine": policy or Speaks()}, game)._replace(**more)


def key(given: Work, scenario: Any = KNEE, seed: int = 1, member: int = 0) -> str:
    return keyed([Job("mine", scenario, seed, member)], identity_of(given, [scenario]))[0].key


PLAIN = work()
OTHERS: dict[str, dict[str, Any]] = {
    "a setting": {"given": work(Speaks("no"))},
    "a private setting": {"given": work(Speaks(warmth=0.6))},
    "another policy": {"given": work(make_policy("generic"))},
    "a rule": {"given": work(game=PLAIN.game._replace(rules=Rules(EPMParams(max_turns=44), "hold")))},
    "what a failure does": {"given": work(game=PLAIN.game._replace(rules=Rules(on_model_error="truncate")))},
    "the reward": {"given": work(reward="energy")},
    "the cast": {"given": work(game=PLAIN.game._replace(cast=cast_from({"judge": "null"})))},
    "a model": {"given": work(models={"judge": TINY})},
    "the policy's model": {"given": work(policy_models={"mine": TINY})},
    "where a reply is cut": {"given": work(game=PLAIN.game._replace(max_reply_chars=9))},
    "the scenario's content": {"given": PLAIN, "scenario": replace(KNEE, version=KNEE.version + 1)},
    "the seed": {"given": PLAIN, "seed": 2},
    "the member": {"given": PLAIN, "member": 1},
}


@pytest.mark.parametrize("name", OTHERS)
def test_each_thing_that_a_dialogue_follows_from_changes_its_key(name: str) -> None:
    assert key(**OTHERS[name]) != key(PLAIN)


def test_equal_parts_have_equal_keys_whatever_they_did_before() -> None:
    used = Speaks()
    view = PolicyView((), 1, 0, 1)
    run(used.reply(view))
    assert key(work(used)) == key(PLAIN) == key(work())
    assert part_identity(Supporter()) == part_identity(Supporter())


def test_a_key_does_not_depend_on_what_else_is_played() -> None:
    other = get_scenario("values-rite")
    identity = identity_of(work(), [other, KNEE])
    assert keyed([Job("mine", KNEE, 1)], identity)[0].key == key(PLAIN)
    jobs = keyed(plan_jobs(["mine"], [KNEE, other], range(50)), identity)
    assert len({job.key for job in jobs}) == 100


@pytest.mark.parametrize(
    "change",
    [{"timeout": 9.0}, {"deadline": 9.0}, {"attempts": 2}, {"transport": "fast"}, {"prices": Prices(1.0, 2.0)}],
)
def test_how_a_model_is_reached_and_paid_is_not_what_it_answers(change: dict[str, Any]) -> None:
    assert model_identity(replace(TINY, **change)) == model_identity(TINY)


def test_what_a_model_is_asked_with_is_its_identity_and_the_name_of_a_key_is_not() -> None:
    for change in ({"temperature": 0.5}, {"model": "other"}, {"extra_body": {"top_p": 0.9}}, {"language": "zh"}):
        assert model_identity(replace(TINY, **change)) != model_identity(TINY)
    assert "MY_KEY" not in json.dumps(model_identity(TINY))


def test_a_part_that_names_its_identity_is_known_by_it_alone() -> None:
    class Trained(Speaks):
        identity = ("checkpoint", 100)

    assert part_identity(Trained("a")) == part_identity(Trained("b"))
    assert part_identity(Trained())["identity"] == ["checkpoint", 100]


def test_settings_of_every_kind_become_plain_data() -> None:
    @dataclass(frozen=True)
    class Part:
        place: Path = Path("a/b")
        kinds: frozenset[str] = frozenset({"x", "y"})
        nested: Any = field(default_factory=lambda: {"policy": LLMPolicy(system="Be kind.")})
        counted: int = field(default=3, compare=False)

    told = part_identity(Part())
    assert told["settings"]["place"] == "a/b"
    assert told["settings"]["kinds"] == ["x", "y"]
    assert told["settings"]["nested"]["policy"]["settings"] == {"system": "Be kind."}
    assert "counted" not in told["settings"]
    assert json.loads(json.dumps(told)) == told
    assert part_identity(partial(idr, "zone")) != part_identity(partial(idr, "origin"))


def test_no_key_is_told_wherever_a_policy_keeps_it() -> None:
    part = Speaks()
    for name in ("api_key", "_api_key", "hf_token", "PASSWORD", "openai_api_key"):
        setattr(part, name, "marked 0815")
    part.headers = {"Authorization": "marked 0815"}  # type: ignore[attr-defined]
    part.other = "sk-marked-0815-unbroken"  # type: ignore[attr-defined]
    told = json.dumps(part_identity(part))
    assert "marked" not in told
    assert "hash" in told


KEYED = [
    "Bearer sk-abcdef1234567890abcdef",
    "use Bearer abcdef1234567890",
    "https://x.y/?api_key=abcdef1234 and more",
    "https://me:abcdef@x.y/ and more",
    "--key sk-abcdefabcdef1234567890",
    "--api-key abcdef12",
    'headers: {"token": "abcdef12"}',
    "it is hf_abcdef1234567890abcd",
    "-H 'Authorization: Bearer abcdef1234567890'",
]


@pytest.mark.parametrize("text", KEYED)
def test_a_text_that_something_like_a_key_stands_in_is_told_by_its_hash(text: str) -> None:
    for kept in (text, ("a", text), {"X-Some": text}, {text: 1}, partial(idr, text)):
        told = json.dumps(part_identity(Speaks(kept)))  # type: ignore[arg-type]
        assert "abcdef" not in told
        assert "hash" in told


def test_a_text_of_plain_words_is_told_as_it_stands() -> None:
    prompt = "You listen. Ask what it was like, the key moment; 3 sentences at most (see https://x.y/help?page=2)."
    assert part_identity(Speaks(prompt))["settings"]["text"] == prompt


def test_what_json_has_no_word_for_is_told_and_tells_apart() -> None:
    told = [part_identity(Speaks(one)) for one in (math.inf, -math.inf, math.nan, "\ud800", "\ud801")]  # type: ignore[arg-type]
    assert len({json.dumps(one, allow_nan=False) for one in told}) == 5
    assert json.dumps(told, ensure_ascii=False).encode()


def test_what_is_long_is_told_by_its_hash_and_still_tells_apart() -> None:
    one, other = Speaks("word " * 1000), Speaks("word " * 999 + "last ")
    assert part_identity(one) != part_identity(other)
    assert len(json.dumps(part_identity(one))) < 300
    one.text, other.text = list(range(5000)), list(range(1, 5001))  # type: ignore[assignment]
    assert part_identity(one) != part_identity(other)
    assert len(json.dumps(part_identity(one))) < 300


def test_a_part_that_holds_itself_has_an_identity() -> None:
    part = Speaks()
    part.itself = part  # type: ignore[attr-defined]
    assert json.dumps(part_identity(part))


def test_differences_name_each_setting_both_ways() -> None:
    one = identity_of(work(models={"judge": TINY}), [KNEE])
    other = identity_of(work(Speaks("no"), models={"judge": replace(TINY, temperature=0.5)}), [KNEE])
    assert differences(one, one) == []
    assert differences(one, other) == [
        "models.judge.temperature: null in the folder, 0.5 asked",
        'policies.mine.settings.text: "yes" in the folder, "no" asked',
    ]
    assert differences(identity_of(work(), [KNEE]), one)[0] == 'models.judge.model: nothing in the folder, "tiny" asked'
