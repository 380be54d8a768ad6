"""From turns to tokens on tensors: the functions of :mod:`empa_gym.mapo.tokens`, on any device, dtype kept.

Each looks at its numbers first, for which the host waits for the device once; ``check=False`` leaves that out, and
what a wrong number gives is then undefined. Gradients flow from tokens to turns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor
from torch.nn.functional import pad

from empa_gym.mapo import tokens


class TokenAdvantages(NamedTuple):
    """Values of tokens, and what the response had no room for; see :class:`empa_gym.mapo.TokenAdvantages`.

    Attributes:
        values: (B, L), 0 at tokens that the policy did not write.
        truncated: (B,) turns at the end of each row that have no token in the response; 0 as a rule.
    """

    values: Tensor
    truncated: Tensor


def to_tokens_from_spans(
    values: Tensor, lengths: Tensor, *, gaps: Tensor | None = None, width: int | None = None, check: bool = True
) -> Tensor:
    """(B, L) values of tokens, from how many tokens each turn has; :func:`empa_gym.mapo.to_tokens_from_spans`.

    Without a width the host waits for the device, whatever ``check`` says.

    >>> values, lengths = torch.tensor([[0.5, -1.0], [2.0, 0.0]]), torch.tensor([[2, 1], [1, 0]])
    >>> to_tokens_from_spans(values, lengths, gaps=torch.tensor([[0, 2], [1, 0]]))
    tensor([[ 0.5000,  0.5000,  0.0000,  0.0000, -1.0000],
            [ 0.0000,  2.0000,  0.0000,  0.0000,  0.0000]])
    """
    between = torch.zeros_like(lengths) if gaps is None else gaps
    if not (values.dim() == 2 and values.shape == lengths.shape == between.shape and _whole(lengths, between)):
        _refuse(tokens.to_tokens_from_spans, values, lengths, gaps=gaps, width=width)
    needed = (lengths + between).sum(1)
    room = int(pad(needed, (1, 0)).amax()) if width is None else width
    if check and bool((lengths < 0).any() | (between < 0).any() | (needed > room).any()):
        _refuse(tokens.to_tokens_from_spans, values, lengths, gaps=gaps, width=width)
    counts = pad(torch.stack([between, lengths], 2).flatten(1), (0, 1))
    counts[:, -1] = room - needed
    worth = pad(torch.stack([torch.zeros_like(values), values], 2).flatten(1), (0, 1))
    size = len(values) * room
    return torch.repeat_interleave(worth.flatten(), counts.flatten(), output_size=size).reshape(len(values), room)


def to_tokens(values: Tensor, turn_ids: Tensor, *, check: bool = True) -> Tensor:
    """(B, L) values of tokens, from the number of the turn of each token, -1 for none; :func:`empa_gym.mapo.to_tokens`.

    >>> to_tokens(torch.tensor([[0.5, -1.0]]), torch.tensor([[0, 0, -1, -1, 1, -1]]))
    tensor([[ 0.5000,  0.5000,  0.0000,  0.0000, -1.0000,  0.0000]])
    """
    fits = _rows_match(values, turn_ids) and _whole(turn_ids)
    if not fits or (check and bool(((turn_ids < -1) | (turn_ids >= values.shape[1])).any())):
        _refuse(tokens.to_tokens, values, turn_ids)
    return pad(values, (1, 0)).gather(1, turn_ids.long() + 1)


def to_tokens_from_mask(
    values: Tensor, response_mask: Tensor, turns: Tensor | None = None, *, check: bool = True
) -> TokenAdvantages:
    """(B, L) values of tokens, from a mask whose runs of ones are the turns; :func:`empa_gym.mapo.to_tokens_from_mask`.

    >>> to_tokens_from_mask(torch.tensor([[0.5, -1.0]]), torch.tensor([[1, 1, 0, 1]])).values
    tensor([[ 0.5000,  0.5000,  0.0000, -1.0000]])
    """
    if not _rows_match(values, response_mask) or not (
        turns is None or (turns.shape == values.shape[:1] and _whole(turns))
    ):
        _refuse(tokens.to_tokens_from_mask, values, response_mask, turns)
    written = response_mask.bool()
    begins = written & ~pad(written, (1, 0))[:, :-1]
    runs = begins.sum(1)
    expected = torch.full_like(runs, values.shape[1]) if turns is None else turns
    outside = (runs > expected) | (expected < 0) | (expected > values.shape[1])
    if check and bool(outside.any() | (written != response_mask).any()):
        _refuse(tokens.to_tokens_from_mask, values, response_mask, turns)
    turn = torch.where(written, begins.cumsum(1), 0)
    return TokenAdvantages(pad(values, (1, 0)).gather(1, turn), expected - runs)


def _whole(*counts: Tensor) -> bool:
    """Whether the types are those of whole numbers."""
    return not any(one.is_floating_point() or one.dtype == torch.bool for one in counts)


def _rows_match(values: Tensor, per_token: Tensor) -> bool:
    return values.dim() == per_token.dim() == 2 and len(values) == len(per_token)


def _refuse(twin: Callable[..., Any], *given: Tensor | None, **named: Any) -> NoReturn:
    """Raise what the numpy function has to say of these arguments."""
    twin(*map(_host, given), **{name: _host(one) for name, one in named.items()})
    raise ValueError(f"{twin.__name__} does not work with these tensors: expected the shapes and types it names")


def _host(given: Any) -> Any:
    """A tensor as an array; numpy has no bfloat16."""
    if not isinstance(given, Tensor):
        return given
    given = given.detach().cpu()
    return (given.float() if given.dtype == torch.bfloat16 else given).numpy()
