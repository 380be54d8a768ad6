"""The torch reference: what a step does, to the last digit, and that a killed run ends where it would have."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch reference needs torch")

from empa_gym.agents.views import PolicyView  # noqa: E402
from empa_gym.chat import Message  # noqa: E402
from empa_gym.errors import ConfigError, RecordError  # noqa: E402
from empa_gym.mapo import Advantages  # noqa: E402
from empa_gym.training.algorithms import ALGORITHMS  # noqa: E402
from empa_gym.training.config import TrainConfig, config_data, config_from  # noqa: E402
from empa_gym.training.folder import METRICS, TrainingFolder, train  # noqa: E402
from empa_gym.training.gathering import gather, turn_batch  # noqa: E402
from empa_gym.training.phrases import ACT_NAMES, END, FEATURES, FIRST_LINE, LINES, MOST, PHRASES, seen, written  # noqa: E402
from empa_gym.training.run import begin, resume  # noqa: E402
from empa_gym.training.small import SmallPolicy, inverted  # noqa: E402
from empa_gym.training.trainer import Trainer, to_replies  # noqa: E402

TINY = TrainConfig(
    steps=4,
    groups=2,
    members=3,
    held_out="health-knee",
    evaluate_every=4,
    evaluation_seeds=1,
    checkpoint_every=1,
    warmup=0,
)
MESSAGES = (Message("user", "My brother sold the orchard and I was so angry that I threw the keys into the well."),)
VIEW = PolicyView(MESSAGES, 7, 0, 1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are fastest on one thread, and far slower on many that share a core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trainer_of(**changes: Any) -> Trainer:
    config = dataclasses.replace(TINY, **changes)
    return Trainer(config, SmallPolicy(config.seed))


def weights(trainer: Trainer) -> Any:
    return torch.cat([one.detach().flatten() for one in trainer.learner.network.parameters()])


# The policy


def test_an_untrained_policy_draws_every_phrase_alike() -> None:
    scores = SmallPolicy().score(SmallPolicy().draw([VIEW]))
    torch.testing.assert_close(scores.logprobs, torch.full_like(scores.logprobs, -math.log(len(PHRASES))))
    torch.testing.assert_close(scores.entropy, torch.full_like(scores.entropy, math.log(len(PHRASES))))


def test_what_is_scored_is_what_was_drawn() -> None:
    trainer = trainer_of()
    trainer.step()
    samples = [
        one for dialogue in gather(trainer.learner, trainer.starts(), 2, trainer.game) for one in dialogue.samples
    ]
    scores = trainer.learner.score(samples).logprobs
    for row, sample in zip(scores, samples, strict=True):
        np.testing.assert_allclose(row[: len(sample.tokens)].detach(), sample.logprobs, atol=1e-5)


def test_a_reply_depends_on_its_own_address_and_not_on_what_else_is_in_the_batch() -> None:
    policy = SmallPolicy(3)
    torch.nn.init.normal_(policy.network.head.weight)  # type: ignore[union-attr,arg-type]
    views = [VIEW._replace(seed=seed, member=member) for seed in range(6) for member in range(3)]
    together = policy.draw(views)
    alone = [policy.draw([view])[0] for view in views]
    assert [one.tokens for one in together] == [one.tokens for one in alone]
    assert len({one.tokens for one in together}) > 10


def test_no_global_random_stream_is_touched() -> None:
    before, numpys = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index]
    SmallPolicy(5).draw([VIEW])
    assert torch.equal(before, torch.get_rng_state())
    assert np.random.get_state()[1].tolist() == numpys  # type: ignore[index]


def test_inverse_transform_sampling_draws_each_outcome_as_often_as_it_is_probable() -> None:
    table = torch.tensor([[0.2, 0.5, 0.3]]).log().expand(10_000, 3)
    drawn = inverted(table, torch.arange(10_000, dtype=torch.float64) / 10_000)
    np.testing.assert_allclose(torch.bincount(drawn), [2000, 5000, 3000], atol=1)
    assert int(inverted(table[:1], torch.tensor([1.0 - 1e-16]))) == 2


def test_a_reply_is_its_phrases_up_to_the_end() -> None:
    line = FIRST_LINE + 3
    assert written(VIEW, [line, END, line]) == PHRASES[line] == LINES[3]
    assert written(VIEW, [END]) == ""
    taken_up = written(VIEW, [1 + ACT_NAMES.index("restate"), line])
    assert taken_up.endswith(LINES[3])
    assert {"orchard", "keys", "brother"} & set(taken_up.replace(".", " ").split())


def test_features_say_what_was_told_and_how_much_there_is_to_take_up() -> None:
    told, empty = seen(VIEW), seen(VIEW._replace(messages=(Message("user", "Yes."),)))
    assert told.shape == empty.shape == (FEATURES,)
    assert told[-7:].sum() > empty[-7:].sum() == 0


# The step


def test_the_gradient_of_the_loss_is_the_policy_gradient_written_out() -> None:
    trainer = trainer_of(entropy_weight=0.0)
    torch.nn.init.normal_(trainer.learner.network.head.weight, std=0.3)  # type: ignore[union-attr,arg-type]
    dialogues = gather(trainer.learner, trainer.starts(), 3, trainer.game)
    batch = turn_batch(dialogues)
    advantages = trainer.estimate(batch, 0.99)
    samples = [sample for dialogue in dialogues for sample in dialogue.samples]
    trainer.loss(samples, to_replies(advantages, batch, samples)).loss.backward()
    found = torch.cat([one.grad.flatten() for one in trainer.learner.network.parameters()])  # type: ignore[union-attr]

    trainer.learner.network.zero_grad()
    total, tokens = torch.zeros(()), 0
    for row, dialogue in enumerate(dialogues):
        for turn, sample in enumerate(dialogue.samples):
            if advantages.mask[row, turn]:
                logprobs = trainer.learner.score([sample]).logprobs[0]
                total = total - float(advantages.values[row, turn]) * logprobs.sum()
                tokens += len(sample.tokens)
    (total / tokens).backward()
    by_hand = torch.cat([one.grad.flatten() for one in trainer.learner.network.parameters()])  # type: ignore[union-attr]
    assert float(by_hand.norm()) > 1e-3
    torch.testing.assert_close(found, by_hand, atol=1e-6, rtol=0)


@pytest.mark.parametrize("epochs", [1, 2])
def test_without_advantages_no_weight_changes(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trainer_of(entropy_weight=0.0, epochs=epochs)

    def nothing(batch: Any, gamma: float) -> Advantages:
        return Advantages(np.zeros(batch.mask.shape), np.asarray(batch.mask), None, None, None)

    before = weights(trainer)
    monkeypatch.setattr(trainer, "estimate", nothing)
    trainer.step()
    assert torch.equal(before, weights(trainer))


def test_credit_stands_at_every_token_of_its_turn_and_nowhere_else() -> None:
    trainer = trainer_of()
    dialogues = gather(trainer.learner, trainer.starts(), 3, trainer.game)
    batch = turn_batch(dialogues)
    advantages = trainer.estimate(batch, 0.99)
    samples = [sample for dialogue in dialogues for sample in dialogue.samples]
    credit = to_replies(advantages, batch, samples)
    row = 0
    for number, dialogue in enumerate(dialogues):
        for turn, sample in enumerate(dialogue.samples):
            length, value = len(sample.tokens), advantages.values[number, turn]
            assert credit.counted[row].tolist() == [
                bool(advantages.mask[number, turn]) and t < length for t in range(MOST)
            ]
            np.testing.assert_allclose(credit.advantages[row, :length], value, rtol=1e-6)
            assert not credit.advantages[row, length:].any()
            row += 1
    assert row == len(credit.counted)


@pytest.mark.parametrize("algo", ALGORITHMS)
def test_every_algorithm_makes_a_step(algo: str) -> None:
    trainer = trainer_of(algo=algo)
    before = weights(trainer)
    metrics = trainer.step()
    assert not torch.equal(before, weights(trainer))
    assert math.isfinite(metrics.loss)
    assert metrics.gradient_norm > 0
    json.dumps(dataclasses.asdict(metrics), allow_nan=False)


@pytest.mark.parametrize("epochs", [1, 2])
def test_parts_of_a_batch_add_up_to_the_whole(epochs: int) -> None:
    whole = trainer_of(epochs=epochs, kl_weight=0.1)
    parts = trainer_of(epochs=epochs, kl_weight=0.1, micro_batch=7)
    one, other = whole.step(), parts.step()
    torch.testing.assert_close(weights(whole), weights(parts), atol=1e-6, rtol=0)
    for name in ("loss", "policy_loss", "entropy", "kl", "clip_fraction", "drift", "gradient_norm"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-4, abs=1e-6), name


def test_several_epochs_clip_and_report_how_far_the_policy_moved() -> None:
    metrics = trainer_of(epochs=4, learning_rate=0.05, entropy_weight=0.0).step()
    assert metrics.clip_fraction > 0
    assert metrics.drift != 0


def test_the_kl_weight_holds_the_policy_near_its_beginning() -> None:
    free, held = trainer_of(learning_rate=0.05), trainer_of(learning_rate=0.05, kl_weight=5.0)
    begun = weights(free)
    for _ in range(3):
        free.step()
        last = held.step()
    assert last.kl is not None
    assert last.kl > 0
    samples = [one for dialogue in gather(free.learner, free.starts(), 2, free.game) for one in dialogue.samples]

    def moved(trainer: Trainer) -> float:
        scores = trainer.learner.score(samples).logprobs.detach() + math.log(len(PHRASES))
        return float(scores.abs().mean())

    assert moved(held) < 0.7 * moved(free)
    assert not torch.equal(begun, weights(held))


def test_members_of_a_group_begin_alike_and_groups_do_not() -> None:
    trainer = trainer_of(groups=4)
    dialogues = gather(trainer.learner, trainer.starts(), 3, trainer.game)
    openings = [(one.group, one.state.scenario.id, one.state.seed, one.state.turns[0].message) for one in dialogues]
    assert len(set(openings)) == 4
    assert len({tuple(sample.tokens for sample in one.samples) for one in dialogues}) == 12


# The run


def test_the_learning_rate_warms_up_and_falls_along_a_cosine() -> None:
    config = TrainConfig(steps=20, warmup=4, learning_rate=1.0, floor=0.1)
    rates = [config.learning_rate_at(step) for step in range(21)]
    np.testing.assert_allclose(rates[:5], [0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[12] == pytest.approx(0.55)
    assert rates[20] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"algo": "ppo"}, "expected an algorithm"),
        ({"members": 0}, "members"),
        ({"gamma": 1.5}, "gamma"),
        ({"learning_rate": math.nan}, "learning_rate"),
        ({"speed": 3}, "speed"),
    ],
)
def test_a_wrong_field_is_named(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config_from(data)


def test_a_configuration_is_read_back_as_it_was_written() -> None:
    config = TrainConfig(algo="rloo", reward="energy", scenarios=["health-knee"])
    assert config_from(json.loads(json.dumps(config_data(config)))) == config


def test_a_run_that_is_resumed_ends_with_the_same_weights_and_the_same_metrics(tmp_path: Path) -> None:
    whole, broken = TrainingFolder(tmp_path / "whole"), TrainingFolder(tmp_path / "broken")
    one, other = trainer_of(), trainer_of()
    whole.begin(TINY, "small")
    broken.begin(TINY, "small")
    list(train(one, whole))
    for line in train(other, broken):
        if line["step"] == 3:
            break  # step 3 is made and noted, and not in a checkpoint
    again = trainer_of()
    broken.restore(again)
    assert (again.done, [line["step"] for line in broken.metrics()][-1]) == (2, 2)
    list(train(again, broken))
    assert torch.equal(weights(one), weights(again))

    def lasting(folder: TrainingFolder) -> list[dict[str, Any]]:
        return [{k: v for k, v in line.items() if not k.endswith("seconds")} for line in folder.metrics()]

    assert lasting(whole) == lasting(broken)


KILLED = """
import sys
from pathlib import Path
from empa_gym.training.run import resume
for line in resume(Path(sys.argv[1])).lines:
    print(line["step"], flush=True)
"""


def test_kill_9_in_the_middle_changes_nothing_of_what_a_run_ends_with(tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, steps=6)
    whole = begin(config, "small", tmp_path / "whole")
    assert [line["step"] for line in whole.lines][-1] == 6
    begin(config, "small", tmp_path / "killed")
    command = [sys.executable, "-c", KILLED, str(tmp_path / "killed")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for said in child.stdout:
            if said.strip() == "3":
                os.kill(child.pid, signal.SIGKILL)
                break
    assert child.returncode == -signal.SIGKILL
    with (tmp_path / "killed" / METRICS).open("ab") as lines:
        lines.write(b'{"step": 5, "episode_ret')  # a torn line
    rest = resume(tmp_path / "killed")
    assert 0 < rest.done < 6
    list(rest.lines)
    ends = [torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("whole", "killed")]
    assert ends[0]["done"] == ends[1]["done"] == 6
    for name, value in ends[0]["network"].items():
        assert torch.equal(value, ends[1]["network"][name]), name


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    begin(TINY, "small", tmp_path)
    with pytest.raises(ValueError, match="holds a run already"):
        begin(TINY, "small", tmp_path)


def test_a_folder_without_a_run_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="expected the configuration of a training run"):
        resume(tmp_path)


def test_a_policy_that_is_none_is_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a policy to train"):
        begin(TINY, "large", tmp_path / "run")
    assert not (tmp_path / "run").exists()
