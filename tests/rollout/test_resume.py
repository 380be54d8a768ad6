"""A run that is killed goes on where it stopped: each dialogue once, none changed, and never as another run."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.views import PolicyView
from empa_gym.chat import Flow
from empa_gym.dialogue.record import EpisodeRecord, from_line, to_line
from empa_gym.errors import ConfigError, ExtensionError, ModelError, RecordError
from empa_gym.rollout import Progress, Rollouts, collect, stream
from empa_gym.rollout.ledger import Ledger, address_of, read_run
from empa_gym.rollout.line_file import LineFile, read_line, read_lines
from tests.clients.loopback import Asked, Loopback, Told, refusal
from tests.clients.players import speaks

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
TWO = ["health-knee", "values-rite"]
SHORT = {"base": "training", "min_turns": 2, "max_turns": 3}


def small(folder: Path | None, policy: Any = "random", **more: Any) -> Rollouts:
    return collect(policy, TWO, **{"group_size": 3, "rules": SHORT, "folder": folder, **more})


def by_address(records: Any) -> dict[Any, str]:
    return {address_of(record): to_line(record) for record in records}


def whole_lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


BIG = {
    "policy": "random",
    "scenarios": "starter-train",
    "group_size": 5,
    "groups": 5,
    "rules": {"base": "training", "min_turns": 4, "max_turns": 8},
}
PLAYS = f"import sys; from empa_gym import collect; collect(**{BIG!r}, folder=sys.argv[1], resume=True)"


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_after_three_kills_there_are_exactly_200_dialogues_none_twice_and_none_changed(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    for kept in (20, 70, 130):
        process = subprocess.Popen([sys.executable, "-c", PLAYS, str(tmp_path)], cwd=ROOT)
        limit = time.monotonic() + PATIENCE
        while whole_lines(file) < kept and time.monotonic() < limit and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        assert process.wait(PATIENCE) == -signal.SIGKILL, "it ended before it could be killed"
        with file.open("ab") as end:
            end.write(b'{"schema":1,"scenario":"torn')
    assert 130 <= whole_lines(file) < 200
    subprocess.run([sys.executable, "-c", PLAYS, str(tmp_path)], cwd=ROOT, check=True)
    lines = file.read_text(encoding="utf-8").splitlines()
    uninterrupted = by_address(collect(**BIG).records)  # type: ignore[arg-type]
    assert len(lines) == len(uninterrupted) == 200
    assert {address_of(from_line(line)): line for line in lines} == uninterrupted
    assert not (tmp_path / "failures.jsonl").exists()


def test_a_run_goes_on_where_it_stopped_and_plays_nothing_twice(tmp_path: Path) -> None:
    whole = small(None)
    small(tmp_path)
    file = tmp_path / "records.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:4]))
    told: list[Progress] = []
    again = small(tmp_path, resume=True, on_progress=told.append)
    assert list(again.records) == list(whole.records)
    assert [(one.planned, one.earlier, one.done) for one in told] == [(6, 4, 1), (6, 4, 2)]
    assert file.read_bytes() == b"".join(lines)
    small(tmp_path, resume=True)
    assert file.read_bytes() == b"".join(lines)


@pytest.mark.parametrize("cut", [1, 40, -40])
def test_a_torn_last_line_is_cut_off_and_its_dialogue_is_played_again(tmp_path: Path, cut: int) -> None:
    small(tmp_path)
    file = tmp_path / "records.jsonl"
    data = file.read_bytes()
    last = data.rindex(b"\n", 0, -1) + 1
    file.write_bytes(data[: last + cut] if cut > 0 else data[:cut])
    assert len(Rollouts.from_folder(tmp_path)) == 5
    small(tmp_path, resume=True)
    assert file.read_bytes() == data


class Bold:
    """A policy with a setting."""

    def __init__(self, text: str = "yes", other: Any = None) -> None:
        self.text = text
        self.other = other

    def reply(self, view: PolicyView) -> Flow[str]:
        return self.text
        yield


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a rule": ({"rules": {**SHORT, "max_turns": 5}}, "rules.max_turns: 3 in the folder, 5 asked"),
    "the cast": ({"cast": {"judge": "null"}}, 'cast.judge.name: "empa_gym.agents.offline.judge:OfflineJudge" in the'),
    "the reward": ({"reward": "energy"}, 'reward.name: "{\\"idr\\": \\"zone\\"}" in the folder, "energy" asked'),
    "a policy's setting": ({"policy": Bold("no")}, '.settings.text: "yes" in the folder, "no" asked'),
    "the seed": ({"seed": 1}, "seed: 0 in the folder, 1 asked"),
    "the size of groups": ({"group_size": 4}, "group_size: 3 in the folder, 4 asked"),
    "the scenarios": ({"scenarios": ["health-knee"]}, '"values-rite"] in the folder, ["health-knee"] asked'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_run_is_refused_with_what_differs(tmp_path: Path, change: str) -> None:
    same = {"policy": Bold(), "scenarios": TWO, "group_size": 3, "rules": SHORT, "folder": tmp_path}
    collect(**same)  # type: ignore[arg-type]
    before = (tmp_path / "records.jsonl").read_bytes()
    other, said = CHANGES[change]
    with pytest.raises(ValueError, match="holds another run") as refused:
        collect(**{**same, **other}, resume=True)
    assert said in str(refused.value)
    assert (tmp_path / "records.jsonl").read_bytes() == before


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    small(tmp_path)
    with pytest.raises(ValueError, match="holds a run already; go on with it"):
        small(tmp_path)
    (tmp_path / "settings.json").unlink()
    with pytest.raises(ValueError, match=r"holds dialogues but no settings\.json"):
        small(tmp_path, resume=True)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("settings", [None, b'{"mine": 1}', b"mine"])
def test_the_files_of_a_stranger_are_refused_and_left_byte_for_byte(
    tmp_path: Path, settings: bytes | None, *, resume: bool
) -> None:
    theirs = {"records.jsonl": b'{"mine": 1}\n{"mine": 2}', "failures.jsonl": b"mine"}
    if settings is not None:
        theirs["settings.json"] = settings
    for name, data in theirs.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises((ValueError, RecordError), match=r"settings\.json"):
        small(tmp_path, resume=resume)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == theirs


def test_another_run_with_a_torn_line_is_refused_and_left_byte_for_byte(tmp_path: Path) -> None:
    small(tmp_path)
    file = tmp_path / "records.jsonl"
    file.write_bytes(torn := file.read_bytes() + b'{"schema":1')
    for more in ({"seed": 1, "resume": True}, {}):
        with pytest.raises(ValueError, match=r"holds another run|holds a run already"):
            small(tmp_path, **more)
        assert file.read_bytes() == torn


def test_a_folder_without_a_name_is_refused() -> None:
    for named in (lambda folder: small(folder), Rollouts.from_folder):
        with pytest.raises(ValueError, match="expected the name of a folder, got ''"):
            named("")
        with pytest.raises(TypeError, match="expected folder as a str or a Path, got 5"):
            named(5)


@pytest.mark.parametrize("setting", [math.inf, -math.inf, math.nan, "half \ud83d", 10**400, b"x", {(1, 2): math.inf}])
def test_a_run_that_was_begun_can_go_on_whatever_its_policy_is_set_to(tmp_path: Path, setting: Any) -> None:
    first = small(tmp_path, Bold("yes", setting))
    assert list(small(tmp_path, Bold("yes", setting), resume=True).records) == list(first.records)
    json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_a_dialogue_of_another_run_in_the_folder_is_refused(tmp_path: Path) -> None:
    small(tmp_path / "a")
    small(tmp_path / "b", reward="energy")
    (tmp_path / "a" / "records.jsonl").write_bytes((tmp_path / "b" / "records.jsonl").read_bytes())
    with pytest.raises(RecordError, match="the dialogue is of another run"):
        small(tmp_path / "a", resume=True)


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    small(tmp_path)
    groups = iter(stream("random", TWO, group_size=3, rules=SHORT, folder=tmp_path, resume=True))
    next(groups)
    with pytest.raises(RecordError, match="another run writes there; wait for its end"):
        small(tmp_path, resume=True)
    groups.close()
    small(tmp_path, resume=True)


class Fails:
    """A policy whose model is down for one scenario, until it is mended."""

    identity = "the same, broken or not"

    def __init__(self) -> None:
        self.down = True

    def reply(self, view: PolicyView) -> Flow[str]:
        if self.down and view.turn == 2 and view.member == 1:
            raise ModelError("no route to host")
        return f"yes {view.turn}"
        yield


def test_what_failed_stands_beside_and_is_retried_alone(tmp_path: Path) -> None:
    policy = Fails()
    first = small(tmp_path, policy)
    assert [group.complete for group in first.groups] == [(True, False, True)] * 2
    assert first.failures == {"policy: no route to host": 2}
    assert (whole_lines(tmp_path / "records.jsonl"), whole_lines(tmp_path / "failures.jsonl")) == (4, 2)
    policy.down = False
    played: list[Progress] = []
    assert small(tmp_path, policy, resume=True, on_progress=played.append).failures == first.failures
    assert played == []
    mended = small(tmp_path, policy, resume=True, retry_failed=True, on_progress=played.append)
    assert [one.done for one in played] == [1, 2]
    assert list(mended.records) == list(small(None, policy).records)
    assert mended.failures == {}
    assert whole_lines(tmp_path / "failures.jsonl") == 2, "nothing that was kept is taken away"
    assert len(list(read_run(tmp_path / "records.jsonl"))) == 6


def test_a_dialogue_that_fails_again_counts_once(tmp_path: Path) -> None:
    small(tmp_path, Fails())
    again = small(tmp_path, Fails(), resume=True, retry_failed=True)
    assert whole_lines(tmp_path / "failures.jsonl") == 4
    assert len(again) == len(list(read_run(tmp_path / "records.jsonl"))) == 6


def test_what_a_tape_holds_as_failed_is_asked_again_when_it_is_retried(tmp_path: Path) -> None:
    up: list[bool] = []

    def script(asked: Asked) -> Told:
        return speaks(asked) if up else refusal(404, "no such model")

    with Loopback(script) as server:
        model = {"model": "tiny", "base_url": server.url, "api_key_env": "", "attempts": 1}
        given = {"cast": {"judge": model}, "tape": tmp_path / "run.tape", "at_once": 1}
        assert small(tmp_path / "run", **given).outcomes == {"model_error": 6}
        up.append(True)
        small(tmp_path / "run", **given, resume=True)
        assert len(server.asked) == 6 * 3, "each dialogue ends with its third lost judgement, and is not asked again"
        again = small(tmp_path / "run", **given, resume=True, retry_failed=True)
        assert again.outcomes == {"turn_limit": 6}
        assert sum(used.calls + used.failed for used in again.usage) == len(server.asked), "what failed was paid too"
        assert Rollouts.from_folder(tmp_path / "run").usage == again.usage


def test_a_key_that_is_missing_is_told_before_anything_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    cast = {"judge": {"model": "tiny", "base_url": "http://127.0.0.1:9/v1", "api_key_env": "NO_SUCH_KEY"}}
    with pytest.raises(ConfigError, match="the environment variable NO_SUCH_KEY holds no key"):
        small(tmp_path, cast=cast)
    assert (whole_lines(tmp_path / "records.jsonl"), whole_lines(tmp_path / "failures.jsonl")) == (0, 0)


class Breaks(Bold):
    """A policy with a mistake in it that shows in the second group."""

    def reply(self, view: PolicyView) -> Flow[str]:
        if "knee" not in view.messages[0].content and view.turn == 2:
            raise KeyError("mood")
        return self.text
        yield


def test_a_broken_policy_stops_the_collection_and_what_was_over_is_kept(tmp_path: Path) -> None:
    seen = small(None, Bold()).groups[0].records[0].turns[0].message
    assert "knee" in seen
    with pytest.raises(ExtensionError, match="KeyError: 'mood'"):
        small(tmp_path, Breaks())
    assert whole_lines(tmp_path / "records.jsonl") == 3
    told: list[str] = []
    kept = small(tmp_path, Breaks(), resume=True, on_broken=lambda job, error: told.append(job.scenario.id))
    assert told == ["values-rite"] * 3
    assert [group.complete for group in kept.groups] == [(True,) * 3, (False,) * 3]


def test_a_disk_that_is_full_is_a_sentence_and_leaves_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write: Callable[[int, Any], int] = os.write
    left = [6000]

    def nearly_full(file: int, data: Any) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(left[0], len(data))
        left[0] -= taken
        return write(file, bytes(data[:taken]))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", nearly_full)
        with pytest.raises(RecordError, match="No space left on device; what was finished is kept"):
            small(tmp_path)
    data = (tmp_path / "records.jsonl").read_bytes()
    assert 0 < len(data) < 6000
    assert data.endswith(b"\n")
    assert list(small(tmp_path, resume=True).records) == list(small(None).records)


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RecordError, match="expected a folder for a run, cannot be made"):
        small(tmp_path / "file")
    (tmp_path / "run" / "records.jsonl").mkdir(parents=True)
    with pytest.raises(RecordError, match=r"records\.jsonl: cannot be written on"):
        small(tmp_path / "run")


def test_a_dialogue_that_an_engine_tells_twice_is_written_once(tmp_path: Path) -> None:
    record: EpisodeRecord = small(None).groups[0].records[0]
    with Ledger(tmp_path) as ledger:
        assert [ledger.keep(record), ledger.keep(record)] == [True, False]
    assert whole_lines(tmp_path / "records.jsonl") == 1


def test_a_malformed_line_in_the_middle_is_named(tmp_path: Path) -> None:
    small(tmp_path)
    file = tmp_path / "records.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b'{"scenario": 3}\n', *lines[1:]]))
    with pytest.raises(RecordError, match=r"records\.jsonl:2: scenario: expected"):
        small(tmp_path, resume=True)


def test_lines_are_found_again_at_their_places(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines")
    places = [file.append(text) for text in (b"one", b"", b"three \xc3\xa9")]
    assert [read_line(file.path, place) for place in places] == [b"one", b"", b"three \xc3\xa9"]
    assert [place for place, _ in read_lines(file.path)] == places
    file.close()
    file.close()


def test_a_file_that_is_closed_was_synced_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync: Callable[[int], None] = os.fsync
    synced: list[int] = []

    def noted(file: int) -> None:
        synced.append(os.fstat(file).st_size)
        sync(file)

    monkeypatch.setattr(os, "fsync", noted)
    file = LineFile(tmp_path / "lines")
    file.append(b"one")
    assert synced == []
    file.close()
    assert synced == [4]
