"""Any causal language model from a local folder as the policy (extra ``lm``): its chat template, its own tokens.

A reply is trained on exactly the tokens that were drawn, after exactly the tokens that it was drawn from; nothing is
tokenised twice. What the person said is context and is never scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from empa_gym.agents.views import PolicyView, rng
from empa_gym.loading import load
from empa_gym.training.learner import Sample, Scores
from empa_gym.training.small import inverted

SYSTEM = "Somebody tells you what weighs on them. Answer in two or three sentences, as a person who listens closely."


class CausalLMPolicy:
    """Draws replies token by token; see :class:`~empa_gym.training.learner.Learner`.

    The model is held in bfloat16 on a GPU and in float32 on a CPU.

    Args:
        path: a folder with a model, its tokenizer and a chat template; nothing is downloaded.
        seed: unused by the model, whose parameters are given; the first adapter parameters follow from it.
        system: the system message; "" for none.
        max_tokens: of a reply, its end included.
        max_context: tokens of the dialogue that the model is given, the newest.
        temperature: of drawing and scoring.
        lora: rank of a LoRA adapter (extra ``lm``, through peft); None trains every parameter.

    Raises:
        ValueError: the folder holds no chat template, or a number is out of range.
        OSError: it holds no model.
    """

    name = "causal-lm"

    def __init__(
        self,
        path: str | Path,
        seed: int = 0,
        *,
        system: str = SYSTEM,
        max_tokens: int = 128,
        max_context: int = 2048,
        temperature: float = 1.0,
        lora: int | None = None,
    ) -> None:
        if max_tokens < 1 or max_context < 1 or temperature <= 0:
            raise ValueError(
                f"expected max_tokens and max_context of at least 1 and a temperature above 0, got {max_tokens}, "
                f"{max_context} and {temperature}"
            )
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer: Any = AutoTokenizer.from_pretrained(path, local_files_only=True)
        if not self.tokenizer.chat_template:
            raise ValueError(f"the tokenizer in {path} has no chat template; give it one that marks who speaks")
        kind = torch.bfloat16 if self.device == "cuda" else torch.float32
        model: Any = AutoModelForCausalLM.from_pretrained(path, local_files_only=True, dtype=kind).to(self.device)
        self.network: torch.nn.Module = model if lora is None else adapted(model, lora, seed)
        self.network.eval()  # dropout would make the scores differ from what was drawn
        self.ends = frozenset(as_list(self.tokenizer.eos_token_id) + as_list(model.generation_config.eos_token_id))
        self.system, self.max_tokens, self.max_context = system, max_tokens, max_context
        self.temperature = temperature

    @torch.no_grad()
    def draw(self, views: Sequence[PolicyView], greedy: bool = False) -> list[Sample]:
        """A reply to each of several dialogues, in one batch with a key-value cache."""
        contexts = [self.context(view) for view in views]
        tokens, mask = left_padded(contexts, self.device)
        chances = np.stack([rng(one.seed, one.member, one.turn, "policy").random(self.max_tokens) for one in views])
        past, going = None, [True] * len(views)
        drawn: list[list[int]] = [[] for _ in views]
        logprobs: list[list[float]] = [[] for _ in views]
        for position in range(self.max_tokens):
            told = self.network(
                input_ids=tokens, attention_mask=mask, position_ids=positions(mask, tokens), past_key_values=past,
                use_cache=True, logits_to_keep=1,
            )  # fmt: skip
            past, table = told.past_key_values, self._table(told.logits[:, -1])
            chance = torch.from_numpy(chances[:, position]).to(table.device)
            last = table.argmax(-1) if greedy else inverted(table, chance)
            scores = table.gather(-1, last[:, None])[:, 0].tolist()
            for row, token in enumerate(last.tolist()):
                if going[row]:
                    drawn[row].append(token)
                    logprobs[row].append(scores[row])
                    going[row] = token not in self.ends
            if not any(going):
                break
            tokens, mask = last[:, None], torch.cat([mask, torch.ones_like(last[:, None])], 1)
        return [
            Sample(self.text(reply), tuple(reply), tuple(score), torch.tensor(context))
            for reply, score, context in zip(drawn, logprobs, contexts, strict=True)
        ]

    def score(self, samples: Sequence[Sample]) -> Scores:
        """Log-probabilities and entropies of drawn replies under the present parameters, with gradient."""
        longest = max(len(sample.tokens) for sample in samples)
        rows = [[*sample.context.tolist(), *sample.tokens] for sample in samples]
        lengths = [len(sample.tokens) for sample in samples]
        tokens, mask = left_padded(rows, self.device)
        told = self.network(
            input_ids=tokens, attention_mask=mask, position_ids=positions(mask, tokens), logits_to_keep=longest + 1
        )
        table = self._table(told.logits[:, :-1])  # (R, longest, V): what stands before each of the last tokens
        logprobs = table.gather(-1, tokens[:, -longest:, None])[..., 0]
        entropy = -(table.exp() * table).sum(-1)
        starts = torch.tensor([longest - length for length in lengths], device=tokens.device)
        return Scores(to_the_left(logprobs, starts), to_the_left(entropy, starts))

    def context(self, view: PolicyView) -> list[int]:
        """The tokens that a reply is drawn from: the newest of the dialogue under the chat template."""
        said = [{"role": message.role, "content": message.content} for message in view.messages]
        opening = [{"role": "system", "content": self.system}] if self.system else []
        text = self.tokenizer.apply_chat_template([*opening, *said], add_generation_prompt=True, tokenize=False)
        tokens: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens[-self.max_context :]

    def text(self, tokens: Sequence[int]) -> str:
        """What drawn tokens say, without the sign that ends a reply."""
        said: str = self.tokenizer.decode(list(tokens), skip_special_tokens=True)
        return said.strip()

    def _table(self, logits: Tensor) -> Tensor:
        return torch.log_softmax(logits.float() / self.temperature, dim=-1)


def adapted(model: Any, rank: int, seed: int) -> torch.nn.Module:
    """The model with a LoRA adapter of that rank on every linear layer; only the adapter is trained.

    Raises:
        MissingExtra: peft is not installed.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        peft = load("peft", "lm")
        config = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
        wrapped: torch.nn.Module = peft.get_peft_model(model, config)
        return wrapped


def as_list(ids: int | Sequence[int] | None) -> list[int]:
    """Ids as a list, however a tokenizer or a model gives them."""
    if ids is None:
        return []
    return [ids] if isinstance(ids, int) else list(ids)


def left_padded(rows: Sequence[Sequence[int]], device: str) -> tuple[Tensor, Tensor]:
    """Rows of tokens, padded on the left to the longest, and the mask of what is real; (R, L) each."""
    longest = max(map(len, rows))
    tokens = [[0] * (longest - len(row)) + list(row) for row in rows]
    mask = [[0] * (longest - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)


def positions(mask: Tensor, tokens: Tensor) -> Tensor:
    """Where the last ``tokens.shape[1]`` tokens of each row stand, padding not counted; (R, L)."""
    return (mask.cumsum(-1) - 1).clamp(min=0)[:, -tokens.shape[1] :]


def to_the_left(values: Tensor, starts: Tensor) -> Tensor:
    """Each row without its first ``starts`` values, filled up with its last one; (R, L)."""
    across = torch.arange(values.shape[1], device=values.device)[None] + starts[:, None]
    return values.gather(1, across.clamp(max=values.shape[1] - 1))
