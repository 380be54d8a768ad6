"""``empa-gym scenarios distill``, ``screen`` and ``card``: from transcripts to a described set, against an endpoint."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from empa_gym.scenarios import get_scenario, load_scenario, scenario_to_json
from tests.cli.conftest import Cli, Done
from tests.clients.loopback import Asked, Loopback, completion, refusal, told
from tests.pipeline.talks import SECRETS, TALK, answer

needs_detector = pytest.mark.skipif(
    not (find_spec("phonenumbers") and find_spec("stdnum")),
    reason="distill needs the extra pii, which is not installed",
)
Distill = Callable[..., Done]
SHORT = "Client: It is late.\nHelper: Yes.\nClient: Still.\n"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(lambda _: told(completion(answer()))) as loopback:
        yield loopback


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A transcript with planted details, outside the folder of the results."""
    (tmp_path / "raw").mkdir()
    path = tmp_path / "raw" / "petra-vogel.txt"
    path.write_text(TALK, encoding="utf-8")
    return path


@pytest.fixture
def distill(cli: Cli, server: Loopback) -> Distill:
    cast = {"judge": {"model": "tiny", "base_url": server.url, "api_key_env": "", "attempts": 1}}
    return lambda *more: cli("scenarios", "distill", *more, "--out", "made/set", "--cast", json.dumps(cast))


def written(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def without_secrets(folder: Path) -> None:
    """Nothing that was planted stands in a file, or in a file's name, of a folder."""
    for path in folder.rglob("*"):
        text = f"{path}\n{path.read_text(encoding='utf-8') if path.is_file() else ''}".casefold()
        assert [secret for secret in SECRETS if secret.casefold() in text] == [], path


@needs_detector
def test_nothing_planted_survives_in_any_file_the_tape_or_a_request(
    distill: Distill, server: Loopback, talk: Path, tmp_path: Path
) -> None:
    done = distill(talk, "--tape", "made/run.tape")
    assert (done.code, done.err) == (0, "")
    assert len(written(tmp_path / "made" / "set")) == 1
    assert (tmp_path / "made" / "run.tape").stat().st_size > 1000
    without_secrets(tmp_path / "made")
    sent = " ".join(asked.body.decode() for asked in server.asked)
    assert [secret for secret in SECRETS if secret.casefold() in sent.casefold()] == []
    assert "written" in done.out
    assert "phone 1" in done.out
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "made"}


@needs_detector
def test_a_model_that_writes_a_planted_name_is_asked_again_and_nothing_of_it_is_written(
    distill: Distill, server: Loopback, talk: Path, tmp_path: Path
) -> None:
    server.script = lambda _: told(completion(answer(title="Zbigniew leaves")))
    done = distill(talk)
    assert done.code == 1
    assert len(server.asked) == 3
    assert "title holds a name, a number, an address or a placeholder" in done.err
    assert written(tmp_path / "made" / "set") == []
    without_secrets(tmp_path / "made")


@needs_detector
def test_distilled_then_annotated_is_a_valid_scenario(distill: Distill, cli: Cli, talk: Path, tmp_path: Path) -> None:
    assert distill(talk).code == 0
    (path,) = written(tmp_path / "made" / "set")
    refused = cli("scenarios", "validate", path)
    assert (refused.code, "ratings" in refused.err) == (2, True)
    rated = {**json.loads(path.read_text(encoding="utf-8")), "ratings": get_scenario("health-knee").ratings}
    path.write_text(json.dumps(rated), encoding="utf-8")
    assert cli("scenarios", "validate", path).code == 0
    card = cli("scenarios", "card", path.parent, "--distilled", path.parent / "distilled.summary")
    assert card.code == 0
    assert "| phone | 1 |" in card.out


@needs_detector
def test_a_second_time_nobody_is_asked_and_what_is_there_stays(
    distill: Distill, server: Loopback, talk: Path, tmp_path: Path
) -> None:
    assert distill(talk).code == 0
    (path,) = written(tmp_path / "made" / "set")
    path.write_text("rated by hand", encoding="utf-8")
    done = distill(talk)
    assert (done.code, len(server.asked)) == (0, 1)
    assert "there already" in done.out
    assert path.read_text(encoding="utf-8") == "rated by hand"


@needs_detector
def test_a_tape_gives_the_same_scenario_again_without_the_endpoint(
    distill: Distill, server: Loopback, talk: Path, tmp_path: Path
) -> None:
    assert distill(talk, "--tape", "run.tape").code == 0
    (path,) = written(tmp_path / "made" / "set")
    before = path.read_bytes()
    path.unlink()
    done = distill(talk, "--tape", "run.tape")
    assert (done.code, len(server.asked)) == (0, 1)
    assert path.read_bytes() == before
    assert "1 came from the tape" in done.out


@needs_detector
def test_each_transcript_has_a_fate_of_its_own(distill: Distill, server: Loopback, talk: Path, tmp_path: Path) -> None:
    def script(asked: Asked) -> Any:
        return refusal(400, "too odd") if "It is late" in asked.body.decode() else told(completion(answer()))

    server.script = script
    several = tmp_path / "raw" / "several.txt"
    several.write_text(f"{SHORT}---\n{TALK}---\nonly prose\n---\n{SHORT}", encoding="utf-8")
    done = distill(several, talk, "--json")
    assert done.code == 1
    fates = [(row["place"].rpartition(": ")[2], row["fate"]) for row in json.loads(done.out)]
    assert sorted(fates) == [
        ("line 1", "no usable answer"),
        ("line 1", "the same as another"),
        ("line 12", "not readable"),
        ("line 14", "the same as another"),
        ("line 5", "written"),
    ]
    assert "HTTP 400" in done.err
    summary = json.loads((tmp_path / "made" / "set" / "distilled.summary").read_text(encoding="utf-8"))
    assert (summary["transcripts"], summary["removed"]["phone"]) == (5, 1)
    assert "several" not in json.dumps(summary)
    without_secrets(tmp_path / "made")


@needs_detector
def test_a_ceiling_is_told_for_each_transcript_that_it_stopped(distill: Distill, talk: Path, tmp_path: Path) -> None:
    short = tmp_path / "raw" / "short.txt"
    short.write_text(SHORT, encoding="utf-8")
    done = distill(talk, short, "--ceilings", '{"calls": 1}', "--at-once", 1)
    assert done.code == 1
    assert "a ceiling was reached" in done.err
    assert len(written(tmp_path / "made" / "set")) == 1


@needs_detector
def test_a_file_that_is_not_there_is_one_sentence_and_makes_no_folder(distill: Distill, tmp_path: Path) -> None:
    done = distill("nowhere.txt")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "nowhere.txt: expected a readable file of transcripts" in done.err
    assert list(tmp_path.iterdir()) == []


def test_without_its_detector_distill_writes_nothing_and_says_how_to_install_it(
    distill: Distill, server: Loopback, talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    monkeypatch.delitem(sys.modules, "empa_gym.pipeline.pii", raising=False)
    done = distill(talk, "--tape", "run.tape")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "pip install 'empa-gym[pii]'" in done.err
    assert server.asked == []
    assert {path.name for path in tmp_path.iterdir()} == {"raw"}


def test_screen_writes_what_is_kept_and_a_card_tells_of_it(cli: Cli, tmp_path: Path) -> None:
    done = cli("scenarios", "screen", "health-knee", "values-rite", "--seeds", 1, "--out", "kept")
    assert (done.code, done.err) == (0, "")
    assert "kept 2, too hard 0" in done.out
    assert load_scenario(tmp_path / "kept" / "health-knee.json") == get_scenario("health-knee")
    report = ("--screened", "kept/screening.report", "--licence", "CC0-1.0", "--out", "card.md")
    assert cli("scenarios", "card", "kept", *report).code == 0
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "| kept | 2 |" in text
    assert "licence: CC0-1.0" in text
    assert "never written over" in cli("scenarios", "card", "kept", *report).err


def test_screen_keeps_nothing_that_cannot_be_passed(cli: Cli, tmp_path: Path) -> None:
    done = cli("scenarios", "screen", "health-knee", "--strong", "generic", "--seeds", 1, "--out", "kept", "--json")
    assert [row["verdict"] for row in json.loads(done.out)] == ["too hard"]
    assert written(tmp_path / "kept") == []


def mute(path: Path) -> Path:
    """A scenario that only a model can speak."""
    card = json.loads(scenario_to_json(get_scenario("health-knee")))
    path.write_text(json.dumps({**card, "voice": None}), encoding="utf-8")
    return path


BAD: dict[str, tuple[tuple[object, ...], str]] = {
    "no seeds": (("screen", "health-knee", "--seeds", 0), "--seeds must be at least 1"),
    "no such policy": (("screen", "health-knee", "--strong", "nobody"), "nobody"),
    "no voice": (("screen", "mute.json"), "has no voice"),
    "no report": (("card", "health-knee", "--screened", "mute.json"), "expected the report of"),
    "no summary": (("card", "health-knee", "--distilled", "mute.json"), "expected the summary of"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(cli: Cli, tmp_path: Path, name: str) -> None:
    mute(tmp_path / "mute.json")
    arguments, words = BAD[name]
    done = cli("scenarios", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert words in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["mute.json"]
