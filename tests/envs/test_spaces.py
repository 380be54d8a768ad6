from __future__ import annotations

import json
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Dict, Tuple
from gymnasium.spaces.utils import flatdim, flatten, flatten_space, unflatten
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from hypothesis import given, settings
from hypothesis import strategies as st

from empa_gym.envs.spaces import UnicodeText, decode, encode

STABLE = settings(deadline=None, derandomize=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SPACE = UnicodeText(40)
SAMPLES = ("", "It hurts, a lot.", "line\nbreak", "d\u00e9j\u00e0", "\u3042\u3044", "\U0001f642", "a\x00b", "\x00")


class Echo(gym.Env[dict[str, object], str]):
    """Observes the last action."""

    def __init__(self) -> None:
        self.action_space = UnicodeText(40)
        self.observation_space = Dict({"said": UnicodeText(40)})  # type: ignore[assignment]

    def reset(
        self, *, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        super().reset(seed=seed)
        return {"said": "hello, world"}, {}

    def step(self, action: str) -> tuple[dict[str, object], float, bool, bool, dict[str, object]]:
        return {"said": action}, 0.0, False, False, {}


@STABLE
@given(TEXT)
def test_every_text_up_to_the_length_is_a_member_and_survives_flattening(text: str) -> None:
    assert text in SPACE
    assert unflatten(SPACE, flatten(SPACE, text)) == text
    assert flatten(SPACE, text) in flatten_space(SPACE)
    assert decode(encode(text, 40)) == text


@pytest.mark.parametrize("other", ["x" * 41, "\ud83d", "ok \udc00", b"bytes", 3, None, ["a"]])
def test_what_is_too_long_no_text_or_not_unicode_is_no_member(other: object) -> None:
    assert other not in SPACE


def test_a_least_length_is_kept() -> None:
    space = UnicodeText(40, min_length=3, seed=0)
    assert "ab" not in space
    assert all(space.sample() in space for _ in range(200))


def test_samples_are_short_readable_members_that_a_seed_repeats() -> None:
    space = UnicodeText(8192, seed=3)
    samples = [space.sample() for _ in range(300)]
    assert all(sample in space and len(sample) < 200 for sample in samples)
    assert "" in samples
    assert any("\n" in sample for sample in samples)
    assert any(not sample.isascii() for sample in samples)
    again = UnicodeText(8192, seed=3)
    assert [again.sample() for _ in range(300)] == samples


def test_a_masked_sample_takes_its_length() -> None:
    assert len(UnicodeText(40, seed=0).sample(mask=(7, None))) == 7


def test_spaces_are_equal_by_their_bounds() -> None:
    assert UnicodeText(40) == UnicodeText(40, seed=1)
    assert UnicodeText(40) != UnicodeText(41)
    assert UnicodeText(40) != gym.spaces.Text(40, min_length=0)
    assert pickle.loads(pickle.dumps(SPACE)) == SPACE
    assert repr(SPACE) == "UnicodeText(0, 40)"


def test_it_nests_in_other_spaces_and_travels_as_json() -> None:
    space = Dict({"text": UnicodeText(40), "pair": Tuple((UnicodeText(5), UnicodeText(5)))}, seed=1)
    values = [{"text": text, "pair": ("ab", text[:5])} for text in SAMPLES]
    assert all(space.contains(value) for value in values)
    assert [unflatten(space, flatten(space, value)) for value in values] == values
    assert space.from_jsonable(json.loads(json.dumps(space.to_jsonable(values)))) == values
    assert flatdim(space) == flatten_space(space).shape[0] == 50  # type: ignore[index]


def test_a_batch_of_texts_is_a_tuple() -> None:
    batched = batch_space(SPACE, 3)
    texts = ("one", "two", "\U0001f642")
    joined = concatenate(SPACE, texts, create_empty_array(SPACE, 3))
    assert joined in batched
    assert tuple(iterate(batched, joined)) == texts


@pytest.mark.parametrize("copy", [True, False])
@pytest.mark.parametrize("context", ["forkserver", "spawn"])
def test_processes_that_share_memory_deliver_the_text_that_was_said(context: str, copy: bool) -> None:
    envs = gym.vector.AsyncVectorEnv([Echo, Echo], context=context, shared_memory=True, copy=copy)
    try:
        first, _ = envs.reset(seed=0)
        assert tuple(first["said"]) == ("hello, world", "hello, world")
        for said in zip(SAMPLES, reversed(SAMPLES), strict=True):
            observed, *_ = envs.step(said)
            assert tuple(observed["said"]) == said
        assert tuple(first["said"]) == (("hello, world",) * 2 if copy else (SAMPLES[-1], SAMPLES[0]))
        if copy:
            assert type(observed["said"]) is tuple
            assert observed in envs.observation_space
    finally:
        envs.close()


def test_a_view_of_shared_texts_reads_like_a_sequence() -> None:
    envs = gym.vector.AsyncVectorEnv([Echo, Echo], context="spawn", copy=False)
    try:
        view = envs.reset(seed=0)[0]["said"]
        envs.step(("one", "two"))
        assert (len(view), view[1], view[-1], view[:1], list(view)) == (2, "two", "two", ("one",), ["one", "two"])
        assert view == ("one", "two")
        assert view != ("one", "three")
        assert repr(view) == "SharedTextView(('one', 'two'))"
    finally:
        envs.close()


def test_flattening_knows_its_numbers() -> None:
    assert flatten(UnicodeText(4), "a\x00").tolist() == [98, 1, 0, 0]
    assert flatten(UnicodeText(4), "a").dtype == np.int32
