from __future__ import annotations

import dataclasses
import io
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.wrappers import RecordVideo
from PIL import ImageFont

from empa_gym.envs import picture as drawing
from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.glyphs import DOTS, glyph
from empa_gym.envs.pillow_text import _words
from empa_gym.envs.transcript import write
from tests.dialogue.scripted import WORSE, Fails, scripted

LONG = "word " * 400 + "x" * 3000


@dataclasses.dataclass
class Says:
    """Says one thing every turn."""

    message: str

    def speak(self, view: Any) -> Any:
        return self.message
        yield


def env_of(render_mode: str | None, cast: Any = None, **arguments: Any) -> EmpaEnv:
    given = {"scenarios": "values-rite", "cast": cast or scripted(), "render_mode": render_mode, **arguments}
    return EmpaEnv(**given)


def frames(env: EmpaEnv, replies: list[str]) -> list[Any]:
    env.reset(seed=0)
    shown = [env.render()]
    for reply in replies:
        _, _, terminated, truncated, _ = env.step(reply)
        shown.append(env.render())
        if terminated or truncated:
            break
    return shown


def test_ansi_is_one_text_with_everything_that_was_said() -> None:
    shown = frames(env_of("ansi"), ["no", "I see"])
    assert all(type(text) is str for text in shown)
    for said in ("message 0 after 0 refusals", "supporter: no", "supporter: I see", "message 2 after 1 refusals"):
        assert said in shown[-1]
    assert "turn 2 of 45, running" in shown[-1]


def test_ansi_says_how_a_dialogue_ended() -> None:
    assert "the dialogue is over: recovered, " in frames(env_of("ansi"), ["hello"] * 45)[-1]


@pytest.mark.parametrize("mode", ["ansi", "human"])
def test_what_steers_a_terminal_is_shown_and_not_passed_on(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    steering = "\x1b[2J\x1b]0;title\x07 \x00 \u202eabc \x9b1m\r"
    cast = dataclasses.replace(scripted(), actor=Says(steering))
    shown = "".join(text or "" for text in frames(env_of(mode, cast), [steering])) + capsys.readouterr().out
    assert not set(shown) & set("\x1b\x07\x00\u202e\x9b\r")
    assert shown.count("\\x1b[2J\\x1b]0;title\\x07 \\x00 \\u202eabc \\x9b1m\\r") >= 3


def test_a_reply_of_several_lines_cannot_pass_for_a_message() -> None:
    name = env_of("ansi").scenarios[0].persona.name
    shown = frames(env_of("ansi"), [f"I see\n{name}: I am well now\n[the dialogue is over]"])[-1]
    begun = [line for line in shown.splitlines() if line.startswith(f"{name}:")]
    assert len(begun) == 2
    assert f"    {name}: I am well now" in shown


def test_human_writes_each_exchange_itself(capsys: pytest.CaptureFixture[str]) -> None:
    env = env_of("human")
    env.reset(seed=0)
    assert "message 0" in capsys.readouterr().out
    env.step("I see")
    out = capsys.readouterr().out
    assert "supporter: I see" in out
    assert "message 1" in out
    assert "message 0" not in out
    assert env.render() is None
    assert capsys.readouterr().out == ""


def test_human_survives_an_output_that_cannot_show_every_character(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    write("d\u00e9j\u00e0 \U0001f642 \ud83d")
    narrow.seek(0)
    assert narrow.read() == "d?j? ? ?\n"


@pytest.mark.parametrize("pillow", [True, False])
def test_a_picture_keeps_its_size_whatever_happens(pillow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not pillow:
        monkeypatch.setitem(sys.modules, "empa_gym.envs.pillow_text", None)
    casts = [
        scripted(),
        scripted({turn: ((0, -2),) * 3 for turn in range(1, 46)}),
        scripted({turn: ((2, 0),) * 3 for turn in range(1, 46)}),
        scripted(actor=Fails({2})),
    ]
    for cast in casts:
        env = env_of("rgb_array", cast, rules={"rules_end": False}, on_model_error="hold")
        for image in frames(env, ["", "hello", LONG, "\U0001f642\u3042\n\x00"] + ["I see"] * 41):
            assert (image.shape, image.dtype) == ((480, 640, 3), np.uint8)


def test_a_picture_works_without_pillow_and_shows_the_words_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    env = env_of("rgb_array")
    with_words = frames(env, ["I see"])[-1]
    monkeypatch.setitem(sys.modules, "empa_gym.envs.pillow_text", None)
    without = env.render()
    assert np.array_equal(with_words[: drawing.TEXT_TOP], without[: drawing.TEXT_TOP])
    assert (without[drawing.TEXT_TOP :] == drawing.PAPER).all()
    assert not (with_words[drawing.TEXT_TOP :] == drawing.PAPER).all()


def test_a_word_without_an_end_is_broken_after_few_measurements() -> None:
    class Measured:
        count = 0

        def getlength(self, text: str) -> float:
            self.count += 1
            return 7.0 * len(text)

    font: Any = Measured()
    pieces = list(_words("x" * 8192 + " y", font, 560))
    assert [len(piece) for piece in pieces] == [80] * 102 + [32, 1]
    assert font.count < 12 * len(pieces)
    font = ImageFont.load_default(13)
    assert "".join(_words("W\u3042i" * 300, font, 560)) == "W\u3042i" * 300
    assert all(font.getlength(piece) <= 560 for piece in _words("Wi" * 500, font, 560))


def test_a_picture_draws_each_axis_the_energy_and_the_outcome() -> None:
    def holds(image: Any, colour: tuple[int, int, int]) -> int:
        return int((image == colour).all(-1).sum())

    first, *_, last = frames(env_of("rgb_array"), ["hello"] * 45)
    for colour in (*drawing.AXIS_COLOURS, drawing.ENERGY):
        assert holds(last, colour) > holds(first, colour) > 0
    assert (last[0] == drawing.SUCCESS).all()
    failed = frames(env_of("rgb_array", scripted({turn: WORSE for turn in range(1, 46)})), ["hello"] * 45)[-1]
    assert (failed[0] == drawing.FAILURE).all()
    outage = frames(env_of("rgb_array", scripted(actor=Fails({1})), on_model_error="hold"), ["hello"])[-1]
    assert (outage[0] == drawing.OUTAGE).all()


def test_every_character_of_the_tiny_font_is_its_own() -> None:
    shapes = {character: glyph(character, 1).tobytes() for character in DOTS}
    assert all(glyph(character, 2).shape == (10, 6) for character in [*DOTS, "?", "\u3042", "a"])
    assert len(set(shapes.values())) == len(shapes)
    assert glyph("?", 1).tobytes() not in shapes.values()


def test_render_before_reset_is_refused_and_without_a_mode_warns() -> None:
    with pytest.raises(ResetNeeded, match="call reset"):
        env_of("ansi").render()
    env = env_of(None)
    env.reset(seed=0)
    with pytest.warns(UserWarning, match="render_mode='ansi'"):
        assert env.render() is None


def test_a_video_of_a_dialogue_is_written(tmp_path: Path) -> None:
    pytest.importorskip("moviepy")
    env = RecordVideo(gym.make("EMPA-Train-v0", render_mode="rgb_array"), str(tmp_path / "videos"), disable_logger=True)
    env.reset(seed=0)
    ended = False
    while not ended:
        _, _, terminated, truncated, _ = env.step("That sounds hard. What happened then?")
        ended = terminated or truncated
    env.close()
    (video,) = (tmp_path / "videos").glob("*.mp4")
    assert video.stat().st_size > 1000
