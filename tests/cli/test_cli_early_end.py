"""A run whose endpoint never answers ends soon, says so, and does not exit as if all were well."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.null import null_cast
from empa_gym.cli.early_end import PATIENCE, EarlyEnd
from empa_gym.clients.addressed import RoleUsage
from empa_gym.dialogue.record import EpisodeRecord
from empa_gym.dialogue.recording import Label, record_dialogue
from empa_gym.dialogue.rules import PUBLISHED
from empa_gym.dialogue.state import DialogueState
from empa_gym.epm import frame
from empa_gym.outcome import Outcome
from empa_gym.rollout import Job
from empa_gym.rollout.ledger import read_run
from empa_gym.scenarios import get_scenario
from tests.cli.conftest import Cli
from tests.clients.loopback import Asked, Loopback, Told, refusal
from tests.clients.players import speaks

KNEE = get_scenario("health-knee")
JOBS = [Job(policy, KNEE, seed) for seed in range(20) for policy in ("a", "b")]


def ended(policy: str, outcome: Outcome, *used: tuple[str, int, int]) -> EpisodeRecord:
    """The record of a dialogue that came to nothing; of each role the calls answered and failed."""
    state = DialogueState(KNEE, 1, "", (frame(KNEE.deficit).start(),), outcome=outcome)
    usage = [RoleUsage(role, answered, failed, 0, 0, 0, 0.0, 0.0) for role, answered, failed in used]
    return record_dialogue(state, (), Label(policy, "idr"), null_cast(), PUBLISHED, error="it is down", usage=usage)


def left(early: EarlyEnd) -> list[str]:
    """The policies whose dialogues are still handed out."""
    return sorted({job.policy for job in early.worth_playing(JOBS)})


def test_a_silent_role_of_the_cast_ends_the_run_and_a_silent_policy_its_own_dialogues() -> None:
    cast, policy = EarlyEnd(), EarlyEnd()
    for _ in range(PATIENCE):
        assert left(cast) == left(policy) == ["a", "b"]
        cast.note(ended("a", Outcome.MODEL_ERROR, ("actor", 9, 0), ("judge", 0, 3)))
        policy.note(ended("a", Outcome.MODEL_ERROR, ("actor", 9, 0), ("policy", 0, 1)))
    assert (left(cast), left(policy)) == ([], ["b"])
    assert "the model of the judge never answered" in cast.sentence(7)
    assert "7 dialogues not played, because the model of the policy a never answered" in policy.sentence(7)
    assert "the first failure: it is down" in policy.sentence(7)


def test_a_model_that_answered_once_is_never_given_up() -> None:
    early = EarlyEnd()
    early.note(ended("a", Outcome.TURN_LIMIT, ("judge", 1, 0)))
    for _ in range(3 * PATIENCE):
        early.note(ended("a", Outcome.MODEL_ERROR, ("judge", 0, 3)))
    assert left(early) == ["a", "b"]
    assert early.sentence(0) == ""


def test_a_ceiling_that_is_reached_is_no_silent_model() -> None:
    early = EarlyEnd()
    for _ in range(3 * PATIENCE):
        early.note(ended("a", Outcome.BUDGET, ("judge", 0, 1)))
    assert left(early) == ["a", "b"]


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address of this machine at which nothing listens, and nothing can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def model_at(url: str, **more: Any) -> dict[str, Any]:
    return {"model": "tiny", "base_url": url, "api_key_env": "", "attempts": 2, "pause": 0.01, **more}


def records(folder: Path) -> list[EpisodeRecord]:
    return list(read_run(folder / "records.jsonl"))


def test_a_run_at_a_closed_port_ends_after_a_few_dialogues_with_a_sentence_and_exit_code_4(
    cli: Cli, tmp_path: Path, nobody: str
) -> None:
    cast = json.dumps({"defaults": model_at(nobody), "actor": {}, "director": {}, "judge": {}})
    done = cli("run", "--cast", cast, "--policy", "generic", "--at-once", 1, "--name", "a")
    played = records(tmp_path / "runs" / "a")
    assert (done.code, len(played)) == (4, PATIENCE)
    assert {record.outcome for record in played} == {Outcome.MODEL_ERROR}
    early, unscored = done.err.splitlines()
    assert f"{36 - PATIENCE} dialogues not played, because the model of the actor never answered" in early
    assert "no dialogue of generic is scored, so there is no score" in unscored
    summary = json.loads((tmp_path / "runs" / "a" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["planned"], summary["finished"], summary["models"][0]["epmq"]) == (36, PATIENCE, None)
    assert sum(cause["dialogues"] for cause in summary["failures"]) == PATIENCE
    assert len(summary["failures"]) == 1, "one cause, however long each call was tried"


def test_many_at_once_end_as_early(cli: Cli, tmp_path: Path, nobody: str) -> None:
    cast = json.dumps({"judge": model_at(nobody)})
    done = cli("run", "--cast", cast, "--policy", "generic", "--seeds", 40, "--name", "a")
    assert done.code == 4
    assert PATIENCE <= len(records(tmp_path / "runs" / "a")) < 480 / 2
    assert "the model of the judge never answered" in done.err


def test_a_policy_whose_model_is_not_there_ends_alone_and_the_run_is_not_called_a_success(
    cli: Cli, tmp_path: Path
) -> None:
    def script(asked: Asked) -> Told:
        return refusal(404, "no such model") if asked.json["model"] == "gone" else speaks(asked)

    with Loopback(script) as server:
        for name in ("gone", "there"):
            (tmp_path / f"{name}.json").write_text(json.dumps(model_at(server.url, model=name)), encoding="utf-8")
        done = cli(
            *("run", "--policy", "gone.json", "there.json", "--scenarios", "health-knee", "--seeds", 12),
            *("--rules", '{"base": "training", "max_turns": 3, "min_turns": 2}', "--name", "a", "--at-once", 2),
        )
    played = [record.policy for record in records(tmp_path / "runs" / "a")]
    assert done.code == 4
    assert played.count("there") == 12
    assert PATIENCE <= played.count("gone") < 12
    assert "the model of the policy gone never answered; the first failure: policy: HTTP 404" in done.err
    assert "no dialogue of gone is scored" in done.err


LIMPS = """
from empa_gym.errors import ModelError


class Limps:
    asked = 0

    def reply(self, view):
        Limps.asked += 1
        if Limps.asked == 1:
            raise ModelError("no route")
        return "So the shoes stayed in the bag?"
        yield
"""


def test_a_run_that_is_scored_in_part_warns_and_exits_with_0(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "limps_for_run.py").write_text(LIMPS)
    done = cli("run", "--policy", "limps_for_run:Limps", "--scenarios", "health-knee", "--seeds", 2, "--name", "a")
    assert (done.code, done.err) == (0, "")
    assert "only 1 of 2 planned dialogues are scored, less than 90%" in " ".join(done.out.split())


def test_the_exit_codes_stand_in_the_help(cli: Cli) -> None:
    done = cli("run", "--help")
    said = " ".join(done.out.split())
    assert done.code == 0
    for words in ("0, every policy", "2, an argument", "3, an error in the code", "4, no dialogue", "130, Ctrl-C"):
        assert words in said
