"""From turns to tokens: every token that the policy wrote carries the value of its turn, every other token carries 0.

Trainers hold responses as (B, L) arrays of tokens: the policy's turns with the environment's messages between them,
padded on the right. What is known of the turns there decides which function fits: their token counts
(:func:`to_tokens_from_spans`, the fastest), a turn number for each token (:func:`to_tokens`; TRL), or only whether
the policy wrote a token (:func:`to_tokens_from_mask`; verl's ``response_mask``). Neighbouring tokens mostly agree, so
each function finds or is told the segments, looks up one value a segment and repeats it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from empa_gym.mapo.scan import Whole

NO_TURN = -1
"""The turn number of a token that the policy did not write."""


class TokenAdvantages(NamedTuple):
    """Values of tokens, and what the response had no room for.

    Attributes:
        values: (B, L), 0 at tokens that the policy did not write.
        truncated: (B,) turns at the end of each row that have no token in the response; 0 as a rule.
    """

    values: NDArray[Any]
    truncated: Whole


def to_tokens_from_spans(
    values: ArrayLike, lengths: ArrayLike, *, gaps: ArrayLike | None = None, width: int | None = None
) -> NDArray[Any]:
    """(B, L) values of tokens, from how many tokens each turn has.

    Args:
        values: (B, T) one value a turn; its dtype is kept.
        lengths: (B, T) tokens that the policy wrote in each turn; 0 for an empty reply and for a turn that did not
            happen.
        gaps: (B, T) tokens before each turn that the policy did not write, counted from the turn before or, at the
            first turn, from the start of the row; none when left out.
        width: L; as many as the longest row needs when left out. The rest of a row holds 0.

    Raises:
        ValueError: a shape differs, a count is negative, or a row needs more tokens than ``width``; names the row.
        TypeError: a count is not a whole number.

    >>> to_tokens_from_spans([[0.5, -1.0], [2.0, 0.0]], [[2, 1], [1, 0]], gaps=[[0, 2], [1, 0]])
    array([[ 0.5,  0.5,  0. ,  0. , -1. ],
           [ 0. ,  2. ,  0. ,  0. ,  0. ]])
    """
    worth = _turns(values)
    rows, turns = worth.shape
    spans = _counts(lengths, "lengths", worth.shape)
    between = None if gaps is None else _counts(gaps, "gaps", worth.shape)
    needed = spans.sum(1) if between is None else spans.sum(1) + between.sum(1)
    room = int(needed.max(initial=0)) if width is None else width
    if (needed > room).any():
        row = int((needed > room).argmax())
        raise ValueError(f"row {row}: expected turns of at most {room} tokens in all (the width), got {needed[row]}")
    step = 1 if between is None else 2
    segments = np.zeros((rows, step * turns + 1), worth.dtype)
    counts = np.empty(segments.shape, np.intp)
    segments[:, step - 1 : -1 : step] = worth
    counts[:, step - 1 : -1 : step] = spans
    if between is not None:
        counts[:, :-1:2] = between
    counts[:, -1] = room - needed
    return np.repeat(segments.ravel(), counts.ravel()).reshape(rows, room)


def to_tokens(values: ArrayLike, turn_ids: ArrayLike) -> NDArray[Any]:
    """(B, L) values of tokens, from the number of the turn that each token belongs to.

    Args:
        values: (B, T) one value a turn; its dtype is kept.
        turn_ids: (B, L) whole numbers: 0 for the first turn, -1 for a token that the policy did not write. Turns may
            lack tokens, and may stand in any order.

    Raises:
        ValueError: the rows differ, or a number is not within [-1, T); names the row and the token.
        TypeError: the numbers are not whole ones.

    >>> to_tokens([[0.5, -1.0]], [[0, 0, -1, -1, 1, -1]])
    array([[ 0.5,  0.5,  0. ,  0. , -1. ,  0. ]])
    """
    worth = _turns(values)
    ids = _tokens(turn_ids, "turn_ids", len(worth))
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"expected turn_ids to be whole numbers, got {ids.dtype}")
    starts, found = _segments(ids)
    turns = worth.shape[1]
    if (wrong := (found < NO_TURN) | (found >= turns)).any():
        row, token = divmod(int(starts[wrong.argmax()]), ids.shape[1])
        raise ValueError(
            f"row {row}, token {token}: expected a turn number below {turns}, or -1, got {ids[row, token]}"
        )
    lookup = np.zeros((len(worth), turns + 1), worth.dtype)
    lookup[:, 1:] = worth
    rows = starts // max(1, ids.shape[1])
    return _spread(lookup.ravel()[rows * (turns + 1) + found.astype(np.intp) + 1], starts, ids.shape)


def to_tokens_from_mask(values: ArrayLike, response_mask: ArrayLike, turns: ArrayLike | None = None) -> TokenAdvantages:
    """(B, L) values of tokens, from a mask in which every run of ones is a turn, in order; and how many were cut off.

    A response that was cut at its end shows fewer runs than its dialogue had turns: the turns at the end get no token,
    and ``truncated`` counts them. An empty reply leaves no run either, which a mask cannot tell from a cut: later
    turns would take its place. Where replies may be empty, use spans or turn numbers.

    Args:
        values: (B, T) one value a turn; its dtype is kept.
        response_mask: (B, L) 1 or True where the policy wrote the token, 0 or False elsewhere.
        turns: (B,) turns that happened (:attr:`TurnBatch.lengths`). When left out each row is taken to have T, so that
            ``truncated`` counts the padding of ``values`` too.

    Raises:
        ValueError: a row has more runs than turns, a shape differs, or the mask holds something else than 0 and 1;
            names the row.
        TypeError: the turns are not whole numbers.

    >>> to_tokens_from_mask([[0.5, -1.0], [2.0, 3.0]], [[1, 1, 0, 1], [0, 1, 0, 0]])
    TokenAdvantages(values=array([[ 0.5,  0.5,  0. , -1. ],
           [ 0. ,  2. ,  0. ,  0. ]]), truncated=array([0, 1]))
    """
    worth = _turns(values)
    mask = _tokens(response_mask, "response_mask", len(worth))
    expected = _expected_turns(turns, worth.shape)
    starts, found = _segments(mask)
    ones = found == 1
    if (wrong := ~ones & (found != 0)).any():
        row, token = divmod(int(starts[wrong.argmax()]), mask.shape[1])
        raise ValueError(f"row {row}, token {token}: expected a mask of 0 and 1, got {mask[row, token]}")
    rows = starts[ones] // max(1, mask.shape[1])
    runs = np.bincount(rows, minlength=len(worth))
    if (runs > expected).any():
        row = int((runs > expected).argmax())
        raise ValueError(
            f"row {row}: expected at most {expected[row]} runs of ones, one for each turn, got {runs[row]}; "
            f"a turn must not be split, and values must hold every turn"
        )
    first = np.cumsum(runs) - runs
    segments = np.zeros(len(starts), worth.dtype)
    segments[ones] = worth[rows, np.arange(len(rows)) - first[rows]]
    return TokenAdvantages(_spread(segments, starts, mask.shape), expected - runs)


def _segments(labels: NDArray[Any]) -> tuple[Whole, NDArray[Any]]:
    """Flat positions of (B, L) at which a row begins or its label changes, and the labels from there on."""
    if not labels.size:
        return np.zeros(0, np.intp), np.zeros(0, labels.dtype)
    begins = np.empty(labels.shape, np.bool_)
    begins[:, 0] = True
    np.not_equal(labels[:, 1:], labels[:, :-1], out=begins[:, 1:])
    starts = np.flatnonzero(begins)
    return starts, labels.ravel()[starts]


def _spread(segments: NDArray[Any], starts: Whole, shape: tuple[int, ...]) -> NDArray[Any]:
    """(B, L) tokens of segments that begin at flat positions."""
    return np.repeat(segments, np.diff(starts, append=shape[0] * shape[1])).reshape(shape)


def _turns(values: ArrayLike) -> NDArray[Any]:
    worth = np.asarray(values)
    if worth.ndim != 2:
        raise ValueError(f"expected values of shape (rows, turns), got shape {worth.shape}")
    return worth


def _tokens(given: ArrayLike, name: str, rows: int) -> NDArray[Any]:
    tokens = np.ascontiguousarray(given)
    if tokens.ndim != 2 or len(tokens) != rows:
        raise ValueError(f"expected {name} of shape ({rows}, tokens), one row for each of values, got {tokens.shape}")
    return tokens


def _counts(given: ArrayLike, name: str, shape: tuple[int, ...]) -> Whole:
    counts = np.asarray(given)
    if counts.shape != shape:
        raise ValueError(f"expected {name} of shape {shape} as values have, got {counts.shape}")
    if counts.size and counts.dtype.kind not in "iu":
        raise TypeError(f"expected {name} to be whole numbers, got {counts.dtype}")
    if (counts < 0).any():
        row, turn = np.argwhere(counts < 0)[0]
        raise ValueError(f"row {row}, turn {turn}: expected {name} of 0 or more tokens, got {counts[row, turn]}")
    return counts.astype(np.intp, copy=False)


def _expected_turns(turns: ArrayLike | None, shape: tuple[int, ...]) -> Whole:
    if turns is None:
        return np.full(shape[0], shape[1], np.intp)
    expected = np.asarray(turns)
    if expected.shape != shape[:1]:
        raise ValueError(f"expected turns of shape ({shape[0]},), one number a row, got shape {expected.shape}")
    if expected.size and expected.dtype.kind not in "iu":
        raise TypeError(f"expected turns to be whole numbers, got {expected.dtype}")
    if ((expected < 0) | (expected > shape[1])).any():
        row = int(((expected < 0) | (expected > shape[1])).argmax())
        raise ValueError(
            f"row {row}: expected turns within 0 and {shape[1]}, as many as values hold, got {expected[row]}"
        )
    return expected.astype(np.intp, copy=False)
