"""``empa-gym scenarios annotate``: a model rates the initial deficit of a scenario that has no ratings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.llm.iedr import IEDRRating, ItemRating, LLMIedr, agreement, settled
from empa_gym.cli.annotate import rate
from empa_gym.clients import ScriptedClient
from empa_gym.errors import ModelError
from empa_gym.scenarios import get_scenario, load_scenario, scenario_to_json
from tests.cli.conftest import Cli, Done
from tests.clients.loopback import Asked, Loopback, Told, completion, refusal, told

KNEE = get_scenario("health-knee")
ITEMS = {
    "cognitive": ("situation", "depth", "priority"),
    "affective": ("intensity", "accessibility", "priority"),
    "proactive": ("agency", "value", "priority"),
}
Annotate = Callable[..., Done]


def form(*levels: int) -> str:
    """A filled form: nine levels, in the order of the items."""
    given = iter(levels)
    filled = {
        axis: {
            name: {"quote": "the shoes", "reasoning": f"{axis} {name}, plainly.", "level": next(given)}
            for name in names
        }
        for axis, names in ITEMS.items()
    }
    return json.dumps(filled)


def rating(*levels: int) -> IEDRRating:
    names = [(f"{axis[0].upper()}.{n}", name) for axis, names in ITEMS.items() for n, name in enumerate(names, 1)]
    return IEDRRating(
        tuple(ItemRating(item, name, level, "", "") for (item, name), level in zip(names, levels, strict=True))
    )


ONE, TWO, MIXED = (1,) * 9, (2,) * 9, (3, 1, 1, 1, 1, 1, 1, 1, 2)


def test_the_median_of_each_item_is_settled_on_and_of_an_even_number_the_lower() -> None:
    assert set(settled([rating(*ONE), rating(*TWO), rating(*TWO)]).values()) == {2}
    assert set(settled([rating(*ONE), rating(*TWO)]).values()) == {1}
    assert list(settled([rating(*ONE), rating(*MIXED), rating(*MIXED)]).values()) == list(MIXED)


def test_agreement_is_the_share_of_levels_that_are_the_same_in_pairs() -> None:
    assert agreement([rating(*ONE)]) is None
    assert agreement([rating(*ONE), rating(*MIXED)]) == pytest.approx(7 / 9)
    assert agreement([rating(*ONE), rating(*MIXED), rating(*TWO)]) == pytest.approx((7 + 0 + 1) / 27)


def test_each_rating_has_its_own_place_on_a_tape_and_a_failure_stands_in_its_place() -> None:
    client = ScriptedClient([form(*ONE), ModelError("down"), form(*TWO)])
    first, failed, last = asyncio.run(rate(LLMIedr(), KNEE, client, 3))
    assert isinstance(first, IEDRRating)
    assert isinstance(last, IEDRRating)
    assert (first.deficit, last.deficit) == ((-7.0, -9.0, -9.0), (-14.0, -18.0, -18.0))
    assert str(failed) == "judge: down"
    assert [(one.scenario, one.role, one.member) for one in client.requests] == [
        ("health-knee", "judge", number) for number in range(3)
    ]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(lambda _: told(completion(form(*ONE)))) as loopback:
        yield loopback


@pytest.fixture
def unrated(tmp_path: Path) -> Path:
    """The file of a scenario without ratings."""
    card = json.loads(scenario_to_json(KNEE))
    del card["ratings"]
    path = tmp_path / "knee.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    return path


@pytest.fixture
def annotate(cli: Cli, server: Loopback, unrated: Path) -> Annotate:
    cast = {"judge": {"model": "tiny", "base_url": server.url, "api_key_env": "", "attempts": 1}}
    return lambda *more: cli("scenarios", "annotate", unrated, "--cast", json.dumps(cast), *more)


def in_turn(*texts: str) -> Callable[[Asked], Told]:
    return lambda asked: told(completion(texts[asked.index % len(texts)]))


def test_a_scenario_without_ratings_is_written_with_the_settled_ones_and_nothing_else_changes(
    annotate: Annotate, cli: Cli, server: Loopback, unrated: Path
) -> None:
    server.script = in_turn(form(*ONE), form(*MIXED), form(*MIXED))
    done = annotate()
    assert (done.code, done.err) == (0, "")
    written = load_scenario(unrated)
    assert list(written.ratings.values()) == list(MIXED)
    card = json.loads(unrated.read_text(encoding="utf-8"))
    assert {**card, "ratings": 0} == {**json.loads(scenario_to_json(KNEE)), "ratings": 0}
    said = " ".join(done.out.split())
    assert "single levels on which two ratings agree: 85%" in said
    assert "deficit: cognitive -11, affective -9, proactive -12" in said
    assert "A.2 accessibility 1 1 1 1 affective accessibility, plainly." in said
    assert cli("scenarios", "validate", unrated).code == 0
    assert list(unrated.parent.glob("*.part")) == []


def test_the_model_is_shown_the_card_and_not_the_place_holders_of_the_ratings(
    annotate: Annotate, server: Loopback
) -> None:
    assert annotate("--times", 1).code == 0
    prompt = server.asked[0].json["messages"][1]["content"]
    assert KNEE.experience.childhood[:60] in prompt
    assert "C.1" not in prompt


def test_json_holds_every_rating_with_its_reasons(annotate: Annotate, server: Loopback) -> None:
    server.script = in_turn(form(*ONE), form(*MIXED))
    (found,) = json.loads(annotate("--times", 2, "--json").out)
    assert (found["scenario"], found["asked"], found["rated"]) == ("health-knee", 2, 2)
    assert found["agreement"] == pytest.approx(7 / 9)
    first = found["items"][0]
    assert (first["item"], first["name"], first["level"]) == ("C.1", "situation", 1)
    assert sorted(one["level"] for one in first["given"]) == [1, 3]
    assert {one["quote"] for one in first["given"]} == {"the shoes"}


def test_with_a_tape_the_second_time_nobody_is_asked(annotate: Annotate, server: Loopback, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert annotate("--tape", "iedr.tape", "--out", name).code == 0
    assert len(server.asked) == 3
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_ratings_that_mostly_fail_write_nothing_and_exit_with_1(
    annotate: Annotate, server: Loopback, unrated: Path
) -> None:
    before = unrated.read_bytes()
    server.script = lambda asked: refusal(401, "bad key") if asked.index else told(completion(form(*ONE)))
    done = annotate()
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert (
        "1 of 3 ratings came, too few to settle on; nothing is written; the first failure: judge: HTTP 401" in done.err
    )
    assert unrated.read_bytes() == before


def test_one_rating_that_fails_of_three_is_told(annotate: Annotate, server: Loopback) -> None:
    server.script = lambda asked: told(completion(form(*ONE))) if asked.index else refusal(401, "bad key")
    done = annotate()
    assert done.code == 0
    assert "2 of 3 ratings came; the first failure: judge: HTTP 401" in done.out


def test_a_card_without_any_deficit_is_not_written(annotate: Annotate, server: Loopback, unrated: Path) -> None:
    server.script = in_turn(form(*(0,) * 9))
    done = annotate()
    assert done.code == 2
    assert "the model found no deficit on any axis; nothing is written" in done.err
    assert "ratings" not in json.loads(unrated.read_text(encoding="utf-8"))


def rated_already(path: Path) -> None:
    path.write_text(scenario_to_json(KNEE), encoding="utf-8")


def without(field: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        card = json.loads(path.read_text(encoding="utf-8"))
        del card[field]
        path.write_text(json.dumps(card), encoding="utf-8")

    return change


def with_value(field: str, value: Any) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        card = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**card, field: value}), encoding="utf-8")

    return change


BAD: dict[str, tuple[Callable[[Path], Any], tuple[object, ...], str]] = {
    "rated already": (rated_already, (), "ratings: expected none, found nine"),
    "another field": (without("topic"), (), "topic: expected: Field required"),
    "half a rating": (with_value("ratings", {"C.1": 2}), (), "ratings must hold the nine items"),
    "no such language": (with_value("language", "fr"), (), "expected a language that there are prompts in (en, zh)"),
    "no JSON": (lambda path: path.write_text("{"), (), "expected JSON"),
    "no file": (lambda path: path.unlink(), (), "expected a readable UTF-8 file"),
    "no times": (lambda _: None, ("--times", 0), "--times must be at least 1"),
    "no judge": (lambda _: None, ("--cast", "offline"), "the judge of offline asks none"),
    "no folder": (lambda _: None, ("--out", "nowhere/b.json"), "--out must lie in a folder"),
    "taken": (lambda path: path.with_name("b.json").write_text(""), ("--out", "b.json"), "is never written over"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_asks_nobody(
    annotate: Annotate, server: Loopback, unrated: Path, name: str
) -> None:
    change, arguments, words = BAD[name]
    change(unrated)
    before = {path: path.read_bytes() for path in unrated.parent.iterdir()}
    done = annotate(*arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert words in done.err
    assert server.asked == []
    assert {path: path.read_bytes() for path in unrated.parent.iterdir()} == before


def test_a_rated_scenario_is_rated_anew_into_another_file(annotate: Annotate, unrated: Path, tmp_path: Path) -> None:
    rated_already(unrated)
    before = unrated.read_bytes()
    assert annotate("--out", "anew.json").code == 0
    assert unrated.read_bytes() == before
    assert set(load_scenario(tmp_path / "anew.json").ratings.values()) == {1}
