"""What docs/llm.md shows and says is so."""

from __future__ import annotations

import dataclasses
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.casting import casting_from
from empa_gym.cli import failures, terminal
from empa_gym.cli.main import build_parser
from empa_gym.cli.players import make_players
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.limits import Limits
from tests.clients.loopback import Loopback
from tests.clients.players import speaks

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "llm.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading row."""
    table = PAGE[PAGE.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Loopback]:
    monkeypatch.chdir(tmp_path)
    with Loopback(speaks) as server:
        monkeypatch.setenv("EMPA_MODEL", "my-model")
        monkeypatch.setenv("EMPA_BASE_URL", server.url)
        monkeypatch.setenv("EMPA_API_KEY_ENV", "")
        yield server


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.split("\n")[0])
def test_each_piece_of_python_runs(block: str, endpoint: Loopback) -> None:
    names: dict[str, Any] = {}
    exec(compile(block, "llm.md", "exec"), names)
    if "env" in names:
        assert len(endpoint.asked) == 4, "opening, judge, director, actor"
        assert names["observation"]["turn"] == 1


COMMANDS = [line for block in blocks("bash") for line in block.splitlines() if line.startswith("empa-gym ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_one_that_there_is(command: str) -> None:
    arguments = build_parser().parse_args(shlex.split(command, comments=True)[1:])
    assert callable(arguments.command)


def test_the_page_shows_commands() -> None:
    assert {command.split()[1] for command in COMMANDS} == {"run", "doctor", "scenarios"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 reads no TOML")
def test_the_files_of_the_page_are_a_cast_and_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cast, policy = blocks("toml")
    Path("cast.toml").write_text(cast, encoding="utf-8")
    Path("mine.toml").write_text(policy, encoding="utf-8")
    casting = casting_from("cast.toml")
    models = {role: model.model for role, model in casting.models.items()}
    assert models == {"actor": "some/actor-model", "judge": "some/judge-model", "policy": "some/model-under-test"}
    assert all(model.prices for model in casting.models.values()), "so that a ceiling on cost is taken"
    players = make_players(["llm", "mine.toml"], casting)
    assert players.models["mine"].api_key_env == ""
    assert "Listen first" in players.policies["mine"].system  # type: ignore[attr-defined]


def test_the_table_of_settings_names_every_setting_with_its_default() -> None:
    fields = {field.name: field for field in dataclasses.fields(ModelConfig)}
    told = {name: row[1] for row in rows("| setting |") for name in re.findall(r"`(\w+)`", row[0])}
    assert set(told) == set(fields)
    for name in ("api_key_env", "language", "transport", "answers"):
        assert told[name] == f"`{fields[name].default}`"
    assert told["timeout"] == f"{fields['timeout'].default:g}, {fields['deadline'].default:g} s"
    assert told["attempts"] == f"{fields['attempts'].default}, {fields['pause'].default:g} s"


def test_every_ceiling_is_named() -> None:
    section = PAGE[PAGE.index("## Ceilings") : PAGE.index("## When things go wrong")]
    named = set(re.findall(r"`(\w+)`", section))
    assert {field.name for field in dataclasses.fields(Limits)} <= named


def test_the_exit_codes_are_those_of_the_program() -> None:
    codes = {int(row[0]) for row in rows("| exit code")}
    assert codes == {0, terminal.BAD_INPUT, failures.BROKEN, failures.UNSCORED, failures.STOPPED, terminal.INTERRUPTED}
