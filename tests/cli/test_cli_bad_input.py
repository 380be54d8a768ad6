"""Bad input of every kind is one sentence on stderr and exit code 2; nothing is made, nothing is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

DEEP = "[" * 100_000


def bad_files(folder: Path) -> None:
    (folder / "file").write_text("x")
    (folder / "empty").mkdir()
    (folder / "deep.jsonl").write_text(DEEP + "\n")
    (folder / "deep.json").write_text(DEEP)
    (folder / "digits.json").write_text("1" * 5000)
    (folder / "script_001_result.json").write_text(DEEP)
    (folder / "binary.jsonl").write_bytes(bytes(range(256)) * 10 + b"\n")
    (folder / "list.jsonl").write_text("[]\n")
    (folder / "run").mkdir()
    (folder / "run" / "records.jsonl").write_text("")
    (folder / "run" / "settings.json").write_text(DEEP)
    (folder / "breaks_for_cli.py").write_text("{}['key']\n")
    (folder / "needs_for_cli.py").write_text("class Needs:\n    def __init__(self, model):\n        pass\n")


RUN = ("run", "--scenarios", "health-knee", "--seeds", "1", "--policy")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("replay", "/dev/null"), "found neither a file nor a folder"),
        (("show", "/dev/null"), "found neither a file nor a folder"),
        (("score", ""), "expected a path, got an empty one"),
        (("replay", " "), "expected a path, got an empty one"),
        (("show", ""), "expected a path, got an empty one"),
        (("scenarios", "validate", ""), "expected a path, got an empty one"),
        (("score", "empty"), "found neither in it"),
        (("score", "file"), "expected JSON"),
        (("show", "missing.jsonl"), "found no such file or folder"),
        (("show", "file"), "found none in it"),
        (("score", "deep.jsonl"), "deep.jsonl:1: expected: Invalid JSON: recursion limit"),
        (("show", "deep.jsonl"), "recursion limit"),
        (("replay", "deep.jsonl"), "recursion limit"),
        (("score", "script_001_result.json"), "expected JSON, found: Invalid JSON: recursion limit"),
        (("replay", "script_001_result.json"), "expected JSON, found: Invalid JSON: recursion limit"),
        (("score", "run"), "settings.json"),
        (("score", "binary.jsonl"), "binary.jsonl:1"),
        (("score", "list.jsonl"), "list.jsonl:1: expected: "),
        (("scenarios", "show", "deep.json"), "nested too deeply"),
        (("scenarios", "show", "digits.json"), "digits.json"),
        (("scenarios", "validate", "digits.json"), "digits.json"),
        (("scenarios", "show", ""), "each of scenarios must be"),
        (("scenarios", "list", "empty"), "scenarios must be at least one"),
        (("run", "--out", "file"), "--out must be a folder in which runs can be kept, file is a file"),
        (("run", "--out", "file/below"), "--out must be a folder in which runs can be kept"),
        (("run", "--out", "/proc/nowhere"), "--out must be a folder in which runs can be kept"),
        (("run", "--out", ""), "expected a path, got an empty one"),
        (("run", "--name", "n" * 300), "cannot make the folder of a run"),
        (("run", "--turns", "0"), "unrecognized arguments"),
        (("run", "--seeds", "-1"), "--seeds must be at least 1"),
        (("run", "--seed", "-1"), "--seed at least 0"),
        (("run", "--seeds", "100000000"), "a run may have at most 1,000,000 dialogues"),
        (("run", "--scenarios", "nosuch"), "got 'nosuch'"),
        (("run", "--scenarios", ""), "each of scenarios must be"),
        (("run", "--scenarios", "empty"), "scenarios must be at least one"),
        (("run", "--scenarios", "deep.json"), "nested too deeply"),
        (("run", "--cast", '{"judge": 3}'), "unknown judge 3"),
        (("run", "--cast", '{"judge": null}'), "unknown judge None"),
        (("run", "--cast", '{"a":' + DEEP), "nested too deeply"),
        (("run", "--rules", '{"base": [1]}'), "unknown rules [1]"),
        (("run", "--rules", '{"alpha": "x"}'), "alpha must lie in [0, 1), got 'x'"),
        (("run", "--rules", '{"oscillation": 2}'), "oscillation must be true or false"),
        (("run", "--reward", '{"potential": {"a": "x"}}'), "potential needs a > 0"),
        (("run", "--policy", "empty", "generic", "empty"), "expected each policy once, got empty twice"),
        (("run", "--policy", "empty,empty"), "expected each policy once, got empty twice"),
        (("run", "--policy", ","), "--policy must name at least one policy"),
        (("run", "--policy", ""), "--policy must name at least one policy"),
        ((*RUN, "json"), "any 'package.module:Name', for example 'my_policies:Listener'"),
        ((*RUN, "json:"), "expected 'package.module:Name', for example"),
        ((*RUN, "nowhere_at_all:Mine"), "there is no module 'nowhere_at_all' here"),
        ((*RUN, "breaks_for_cli:Mine"), "module 'breaks_for_cli' broke while it was imported: KeyError: 'key'"),
        ((*RUN, "needs_for_cli:Needs"), "'needs_for_cli:Needs' cannot be made without arguments: TypeError"),
        ((*RUN, "needs_for_cli:Mine"), "module 'needs_for_cli' has no 'Mine'; it has Needs"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_bad_input_is_one_sentence_and_exit_code_2(cli: Any, tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    bad_files(tmp_path)
    done = cli(*args)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())
