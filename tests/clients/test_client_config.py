"""Settings of models and casts, from data, files and the environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from empa_gym.agents.casting import read_table
from empa_gym.clients.config import FROM_ENVIRONMENT, ModelConfig, cast_configs, model_config
from empa_gym.errors import ConfigError, MissingExtra

CAST: dict[str, Any] = {
    "defaults": {"model": "tiny", "base_url": "http://localhost:8000/v1/", "api_key_env": "", "timeout": 30},
    "actor": {"temperature": 0.8, "language": "zh"},
    "director": {"model": "small", "transport": "fast"},
    "judge": "offline",
}
TOML = """
[defaults]
model = "tiny"
base_url = "http://localhost:8000/v1/"
api_key_env = ""
timeout = 30

[actor]
temperature = 0.8
language = "zh"

[director]
model = "small"
transport = "fast"
"""


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FROM_ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)


def test_a_role_has_what_is_common_and_what_is_its_own() -> None:
    cast = cast_configs(CAST)
    usual = {"base_url": "http://localhost:8000/v1", "api_key_env": "", "timeout": 30.0}
    assert cast == {
        "actor": ModelConfig("tiny", temperature=0.8, language="zh", **usual),
        "director": ModelConfig("small", transport="fast", **usual),
        "judge": None,
    }


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "cast.json").write_text(json.dumps(CAST), encoding="utf-8")
    expected = cast_configs(read_table(tmp_path / "cast.json"))
    assert expected == cast_configs(CAST)
    (tmp_path / "cast.toml").write_text('judge = "offline"\n' + TOML, encoding="utf-8")
    if sys.version_info >= (3, 11):
        assert cast_configs(read_table(tmp_path / "cast.toml")) == expected
    else:
        with pytest.raises(MissingExtra):
            cast_configs(read_table(tmp_path / "cast.toml"))


def test_the_environment_fills_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPA_MODEL", "from-outside")
    monkeypatch.setenv("EMPA_BASE_URL", "http://localhost:1/v1")
    assert model_config({}).model == "from-outside"
    assert model_config({"model": "mine"}).model == "mine"
    assert model_config({}).base_url == "http://localhost:1/v1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "model: .*EMPA_MODEL"),
        ({"model": ""}, "model"),
        ({"model": "a", "modle": "b"}, "modle: .*known are model, base_url"),
        ({"model": "a", "base_url": "localhost:8000"}, "base_url: expected 'http://' or 'https://' .*: write"),
        ({"model": "a", "base_url": "//localhost/v1"}, "base_url: expected 'http://'"),
        ({"model": "a", "base_url": "http:///v1"}, "base_url: expected a host"),
        ({"model": "a", "base_url": "http://local host/v1"}, "base_url: expected a host"),
        ({"model": "a", "base_url": "http://localhost:port/v1"}, "base_url: expected a port from 1 to 65535"),
        ({"model": "a", "base_url": "http://localhost:65536/v1"}, "base_url: expected a port"),
        ({"model": "a", "base_url": "http://localhost:0/v1"}, "base_url: expected a port"),
        ({"model": "a", "base_url": "http://localhost:/v1"}, "base_url: expected a port"),
        ({"model": "a", "base_url": "http://[::1/v1"}, "base_url: expected an address"),
        ({"model": "a", "base_url": "http://me:secret@localhost/v1"}, "base_url: .*without name.*api_key_env"),
        ({"model": "a", "base_url": "http://localhost/v1?key=1"}, "base_url: .*query"),
        ({"model": "a", "base_url": "http://localhost/v1/chat/completions/"}, "base_url: .*without /chat/completions"),
        ({"model": "a", "base_url": "http://localhost/v1/completions"}, "base_url: .*without /completions"),
        ({"model": "a", "base_url": "file:///etc/passwd"}, "base_url"),
        ({"model": "a", "temperature": -1}, "temperature"),
        ({"model": "a", "timeout": 0}, "timeout: expected seconds from 0.001 to 86,400"),
        ({"model": "a", "timeout": 1e-6}, "timeout: expected seconds"),
        ({"model": "a", "timeout": 86_401}, "timeout: expected seconds"),
        ({"model": "a", "timeout": float("inf")}, "timeout: expected seconds"),
        ({"model": "a", "timeout": float("nan")}, "timeout: expected seconds"),
        ({"model": "a", "transport": "slow"}, "transport: .*'openai' or 'fast'"),
        ({"model": "a", "api_key_env": "not a name"}, "api_key_env: .*NAME"),
        ({"model": "a", "extra_body": {"messages": []}}, "extra_body: .*messages"),
        ({"model": "a", "extra_body": {"x": {1, 2}}}, "extra_body: .*JSON"),
        ({"model": "a", "extra_body": {"max_tokens": 4}}, "extra_body: .*'max_tokens' here: write max_tokens among"),
        ({"model": "a", "extra_body": {"max_completion_tokens": 4}}, "extra_body: .*write max_tokens among"),
        ({"model": "a", "extra_body": {"Api-Key": "x"}}, "extra_body: expected no key at 'Api-Key'"),
        ({"model": "a", "extra_body": {"a": {"b": {"api_key": "x"}}}}, "extra_body: .*at 'a.b.api_key'"),
        ({"model": "a", "extra_body": {"a": [1, {"Authorization": "x"}]}}, "extra_body: .*at 'a.1.Authorization'"),
        ({"model": "a", "extra_body": {"route": {"access_token": 5}}}, "extra_body: .*at 'route.access_token'"),
        ({"model": "a", "extra_body": {"header": ["Bearer 0123456789"]}}, "extra_body: .*at 'header.0'"),
        ({"model": "a", "prices": {"prompt": 1}}, "prices.completion"),
    ],
)
def test_settings_that_are_off_are_named_in_a_sentence(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        model_config(data)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "fields",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 512}},
        {"reasoning": {"max_tokens": 512}},
        {"guided_json": {"type": "object", "properties": {"token": {"type": "string"}}, "required": ["token"]}},
        {"top_p": 0.9, "stop": ["sk-"], "logit_bias": {}},
    ],
)
def test_fields_that_only_sound_like_a_key_are_sent(fields: dict[str, Any]) -> None:
    assert model_config({"model": "a", "extra_body": fields}).extra_body == fields


def test_an_address_of_numbers_and_colons_is_one() -> None:
    assert model_config({"model": "a", "base_url": "https://[::1]:8443/v1//"}).base_url == "https://[::1]:8443/v1"


def test_an_empty_name_of_the_keys_variable_means_no_key_and_other_empty_variables_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in FROM_ENVIRONMENT.values():
        monkeypatch.setenv(name, "")
    assert model_config({"model": "a"}) == ModelConfig("a", api_key_env="")
    assert model_config({"model": "a", "api_key_env": "MINE"}).api_key_env == "MINE"
    with pytest.raises(ConfigError, match="name the model"):
        model_config({})


def test_what_is_off_in_the_environment_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPA_BASE_URL", "localhost:8000")
    with pytest.raises(ConfigError, match=r"base_url: expected .*\(this comes from EMPA_BASE_URL\)"):
        model_config({"model": "a"})


@pytest.mark.parametrize(
    ("cast", "words"),
    [
        ({"jugde": {}}, "jugde: expected one of the roles actor, director, judge, policy"),
        ({"judge": "online"}, "judge: expected a table of settings, or offline"),
        ({"defaults": 3}, "defaults: expected a table"),
        ({"judge": {"model": "a", "timeout": -1}}, "the cast: judge: timeout"),
    ],
)
def test_a_cast_that_is_off_is_named_in_a_sentence(cast: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        cast_configs(cast)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[]", b"[" * 100_000, None])
def test_a_file_that_is_no_cast_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "cast.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"cast\.json"):
        read_table(path)
