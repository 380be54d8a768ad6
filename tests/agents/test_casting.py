"""Casts from plain data: names are found, and what is unknown is refused with what is known."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

import pytest

from empa_gym.agents.answers import NEUTRAL, Assessment
from empa_gym.agents.casting import cast_from, casting_from
from empa_gym.agents.llm import LLMActor, LLMDirector, LLMJudge
from empa_gym.agents.null import NullActor, NullDirector, NullJudge, null_cast
from empa_gym.agents.offline.actor import OfflineActor
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.offline.director import OfflineDirector
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow
from empa_gym.dialogue.recording import name_of
from empa_gym.errors import ConfigError


class MildJudge:
    """A judge of somebody else's."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        return NEUTRAL
        yield


def kinds(spec: object) -> list[type]:
    cast = cast_from(spec)  # type: ignore[arg-type]
    return [type(cast.actor), type(cast.director), type(cast.judge)]


def test_the_two_named_casts() -> None:
    assert kinds("offline") == [OfflineActor, OfflineDirector, OfflineJudge]
    assert kinds("null") == [NullActor, NullDirector, NullJudge]


def test_single_roles_by_name_and_the_others_offline() -> None:
    mixed = {"actor": "null", "judge": "empa_gym.agents.null:NullJudge"}
    assert kinds(mixed) == [NullActor, OfflineDirector, NullJudge]


def test_a_cast_is_taken_as_it_is() -> None:
    cast = null_cast()
    assert cast_from(cast) is cast


def test_a_role_of_the_embedded_cast_can_be_overridden() -> None:
    judge = MildJudge()
    cast = offline_cast(judge=judge)
    assert cast.judge is judge
    assert isinstance(cast.actor, OfflineActor)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("ofline", "unknown cast 'ofline'; the casts are offline, null"),
        ({"critic": "offline"}, "unknown roles .'critic'.*actor, director, judge"),
        ({"judge": "strict"}, "unknown judge 'strict'; the names are offline, null"),
        ({"judge": "empa_gym.agents.null:Nobody"}, "has no 'Nobody'"),
        ({"judge": "empa_gym.agents.null:NullActor"}, "cannot play the judge: expected a method 'assess'"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(spec: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cast_from(spec)  # type: ignore[arg-type]


def written(path: Path, data: object) -> str:
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(path)


def test_a_table_of_settings_is_a_model_and_defaults_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPA_BASE_URL", "http://localhost:9/v1")
    casting = casting_from(
        {"defaults": {"model": "tiny", "language": "zh"}, "actor": {"temperature": 0.8}, "judge": "null", "policy": {}}
    )
    assert [type(player) for player in (casting.cast.actor, casting.cast.director, casting.cast.judge)] == [
        LLMActor,
        OfflineDirector,
        NullJudge,
    ]
    assert set(casting.models) == {"actor", "policy"}
    assert casting.models["actor"].base_url == "http://localhost:9/v1"
    assert casting.cast.actor.language == "zh"  # type: ignore[attr-defined]
    assert name_of(casting.cast.actor) == "llm:tiny"


def test_llm_takes_what_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPA_MODEL", "tiny")
    assert kinds("llm") == [LLMActor, LLMDirector, LLMJudge]
    assert kinds({"judge": "llm"}) == [OfflineActor, OfflineDirector, LLMJudge]
    assert {model.model for model in casting_from("llm").models.values()} == {"tiny"}


def test_a_file_holds_what_a_mapping_does(tmp_path: Path) -> None:
    spec = {"judge": {"model": "tiny"}, "actor": "null", "director": "empa_gym.agents.null:NullDirector"}
    assert kinds(written(tmp_path / "cast.json", spec)) == [NullActor, NullDirector, LLMJudge]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 reads no TOML")
def test_a_toml_file_does_too(tmp_path: Path) -> None:
    text = 'actor = "null"\n[judge]\nmodel = "tiny"\nextra_body = { top_p = 0.9 }\n'
    casting = casting_from(written(tmp_path / "cast.toml", text))
    assert casting.models["judge"].extra_body == {"top_p": 0.9}
    with pytest.raises(ConfigError, match=r"bad\.toml: expected TOML, found an error at line 1, column 7$"):
        casting_from(written(tmp_path / "bad.toml", "key = sk-marked"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('{"judge":\n sk-marked', r"cast\.json: expected JSON, found an error at line 2, column 2$"),
        ("[" * 100_000, r"expected JSON, found one that is nested too deeply$"),
        ({"defaults": {"model": "sk-marked"}}, "a cast with defaults alone asks no model"),
        ({"model": "sk-marked"}, "expected a cast, found the settings of one model"),
        ("[]", "expected a table with the roles as its keys"),
        ({"judge": {"model": "a", "api_key": "sk-marked"}}, r"cast\.json: judge: api_key"),
        ({"judge": {"model": "a", "api_key_env": "sk-marked"}}, "expected the NAME of an environment variable"),
        ({"judge": {"model": "a", "timeout": "long"}}, r"cast\.json: judge: timeout"),
        ({"judge": {"temperature": 0}}, "name the model, or set EMPA_MODEL"),
        ({"policy": "offline"}, "policy: expected a model's settings"),
        ({"critic": {}}, "unknown roles .'critic'"),
    ],
)
def test_what_is_off_in_a_file_is_named_and_never_repeated(
    tmp_path: Path, data: object, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMPA_MODEL", raising=False)
    with pytest.raises(ValueError, match=words) as found:
        casting_from(written(tmp_path / "cast.json", data))
    assert "sk-marked" not in "".join(traceback.format_exception(found.value))
