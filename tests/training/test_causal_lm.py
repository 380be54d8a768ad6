"""A causal language model as the policy: a tiny one with random weights, made on the spot, and a real tokenizer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("transformers", reason="a language model needs transformers: make lm")

from benchmarks.tiny_model import main as make_tiny_model  # noqa: E402
from empa_gym.agents.views import PolicyView  # noqa: E402
from empa_gym.chat import Message  # noqa: E402
from empa_gym.training.causal_lm import CausalLMPolicy, left_padded, to_the_left  # noqa: E402
from empa_gym.training.config import TrainConfig  # noqa: E402
from empa_gym.training.run import begin, resume  # noqa: E402
from empa_gym.training.trainer import Trainer  # noqa: E402

CONFIG = TrainConfig(
    steps=2,
    groups=2,
    members=2,
    held_out="health-knee",
    evaluate_every=5,
    evaluation_seeds=1,
    checkpoint_every=1,
    warmup=0,
    micro_batch=8,
    rules={"base": "training", "min_turns": 1, "max_turns": 4},
    model={"max_tokens": 12, "max_context": 200},
)
TOLD = ("Nobody came.", "My brother sold the orchard, and I threw the keys into the well behind the house.", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    make_tiny_model(path)
    return path


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def views() -> list[PolicyView]:
    return [PolicyView((Message("user", text),), seed, 0, 1) for seed, text in enumerate(TOLD)]


def weights(trainer: Trainer) -> Any:
    return torch.cat([one.detach().flatten() for one in trainer.learner.network.parameters()])


def test_what_is_scored_is_what_was_drawn(folder: Path) -> None:
    policy = CausalLMPolicy(folder, max_tokens=9)
    samples = policy.draw(views())
    scores = policy.score(samples).logprobs.detach()
    for row, sample in zip(scores, samples, strict=True):
        np.testing.assert_allclose(row[: len(sample.tokens)], sample.logprobs, atol=2e-5)


def test_a_reply_is_drawn_alike_alone_and_beside_longer_dialogues(folder: Path) -> None:
    policy = CausalLMPolicy(folder, max_tokens=9)
    assert [one.tokens for one in policy.draw(views())] == [policy.draw([view])[0].tokens for view in views()]


def test_the_log_probability_is_the_models_own_at_exactly_these_tokens(folder: Path) -> None:
    policy = CausalLMPolicy(folder, max_tokens=6)
    (sample,) = policy.draw(views()[1:2])
    row = torch.tensor([[*sample.context.tolist(), *sample.tokens]])
    table = torch.log_softmax(policy.network(input_ids=row).logits[0].float(), -1)
    begin_at = len(sample.context)
    by_hand = [float(table[begin_at + place - 1, token].detach()) for place, token in enumerate(sample.tokens)]
    np.testing.assert_allclose(sample.logprobs, by_hand, atol=2e-5)


def test_the_gradient_is_that_of_the_drawn_tokens_alone(folder: Path) -> None:
    policy = CausalLMPolicy(folder, max_tokens=6)
    samples = policy.draw(views())
    scores = policy.score(samples)
    lengths = [len(sample.tokens) for sample in samples]
    total = sum(row[:length].sum() for row, length in zip(scores.logprobs, lengths, strict=True))
    total.backward()  # type: ignore[union-attr]
    found = torch.cat([one.grad.flatten() for one in policy.network.parameters()])
    policy.network.zero_grad()
    for sample in samples:
        row = torch.tensor([[*sample.context.tolist(), *sample.tokens]])
        table = torch.log_softmax(policy.network(input_ids=row).logits[0].float(), -1)
        places = range(len(sample.context) - 1, row.shape[1] - 1)
        sum(table[place, token] for place, token in zip(places, sample.tokens, strict=True)).backward()  # type: ignore[union-attr]
    by_hand = torch.cat([one.grad.flatten() for one in policy.network.parameters()])
    torch.testing.assert_close(found, by_hand, atol=1e-4, rtol=1e-4)


def test_the_context_is_the_dialogue_under_the_chat_template_and_its_newest_part_where_it_is_long(folder: Path) -> None:
    policy, short = CausalLMPolicy(folder, system="Listen."), CausalLMPolicy(folder, max_context=5)
    tokens = policy.context(views()[1])
    assert policy.tokenizer.decode(tokens) == f"<|system|>Listen.<|end|><|user|>{TOLD[1]}<|end|><|assistant|>"
    assert short.context(views()[1]) == tokens[-5:]


def test_a_reply_ends_at_the_end_sign_which_is_a_token_and_no_text(folder: Path) -> None:
    policy = CausalLMPolicy(folder, max_tokens=400)
    samples = policy.draw(views())
    ended = [sample for sample in samples if sample.tokens[-1] in policy.ends]
    assert all(token not in policy.ends for sample in samples for token in sample.tokens[:-1])
    assert all("<|end|>" not in sample.text for sample in ended)


def test_a_step_trains_and_a_resumed_run_ends_with_the_same_weights(folder: Path, tmp_path: Path) -> None:
    whole = begin(CONFIG, str(folder), tmp_path / "whole")
    assert len(list(whole.lines)) == 1 + 2 + 1
    broken = begin(CONFIG, str(folder), tmp_path / "broken")
    for line in broken.lines:
        if line["step"] == 2:
            break
    again = resume(tmp_path / "broken")
    assert again.done == 1
    list(again.lines)
    ends = [torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["network"] for name in ("whole", "broken")]
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")  # peft asks transformers for it
def test_lora_trains_the_adapter_alone(folder: Path) -> None:
    pytest.importorskip("peft", reason="LoRA needs peft")
    policy = CausalLMPolicy(folder, max_tokens=8, max_context=200, lora=2)
    trainer = Trainer(dataclasses.replace(CONFIG, learning_rate=0.01), policy)
    before = {name: value.detach().clone() for name, value in policy.network.named_parameters()}
    trainer.step()
    changed = {name for name, value in policy.network.named_parameters() if not torch.equal(value, before[name])}
    assert changed
    assert all("lora" in name for name in changed)


def test_rows_are_padded_on_the_left_and_brought_back_to_it() -> None:
    tokens, mask = left_padded([[5], [6, 7, 8]], "cpu")
    assert tokens.tolist() == [[0, 0, 5], [6, 7, 8]]
    assert mask.tolist() == [[0, 0, 1], [1, 1, 1]]
    assert to_the_left(tokens, torch.tensor([2, 0])).tolist() == [[5, 5, 5], [6, 7, 8]]


def test_a_tokenizer_without_a_chat_template_is_refused(folder: Path, tmp_path: Path) -> None:
    policy = CausalLMPolicy(folder)
    policy.network.save_pretrained(tmp_path)  # type: ignore[operator]
    policy.tokenizer.chat_template = None
    policy.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="no chat template"):
        CausalLMPolicy(tmp_path)
