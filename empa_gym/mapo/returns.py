"""What a turn was worth: the discounted sum of the rewards from it on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from empa_gym.mapo.arrays import before
from empa_gym.mapo.batch import TurnBatch
from empa_gym.mapo.layout import Mask
from empa_gym.mapo.options import check_gamma
from empa_gym.mapo.scan import Array, scan


class GAE(NamedTuple):
    """Generalised advantage estimates.

    Attributes:
        advantages: (B, T), 0 where the turn does not vote.
        targets: (B, T), advantages + values: what a critic is fitted to; 0 where the turn does not vote.
    """

    advantages: Array
    targets: Array


def monte_carlo_returns(batch: TurnBatch, gamma: float = 0.99) -> Array:
    """(B, T) discounted returns of every turn that votes, 0 elsewhere.

        G_{i,t} = sum_{k=t}^{T_i} gamma^(k-t) r_{i,k}        (MAPO, section 4.1)

    The discount is per turn, not per token. At a turn that is not valid the reward counts 0: the next valid turn pays
    what was missing. A turn behind the last valid one, and a row that is not complete, has no known return: 0.

    Args:
        batch: the rewards.
        gamma: within [0, 1].

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0], [4.0]], ["a", "a"])
    >>> monte_carlo_returns(batch, gamma=0.5)
    array([[2., 2.],
           [4., 0.]])
    """
    check_gamma(gamma)
    return _discounted(batch.paid, gamma)


def gae(
    batch: TurnBatch, values: ArrayLike, *, gamma: float = 0.99, lam: float = 0.95, bootstrap: ArrayLike | None = None
) -> GAE:
    """Generalised advantage estimation from a critic's values.

        delta_t = r_t + gamma V_{t+1} - V_t,    A_t = delta_t + gamma lam A_{t+1}     (Schulman et al. 2016, eq. 16)

    With lam = 1 it is the Monte-Carlo return minus the value, with lam = 0 the one-step error. As everywhere here, a
    row that is not complete has no advantage.

    Args:
        batch: the rewards.
        values: (B, T) V of the state in which each turn was taken, finite where the turn votes.
        gamma: discount per turn, within [0, 1].
        lam: within [0, 1].
        bootstrap: (B,) V of the state behind the last turn; 0 when left out. Give it where a turn limit cut the
            dialogue off (Pardo et al. 2018).

    Raises:
        ValueError: a shape differs, or a value of a turn that votes is not finite; names the row.

    >>> batch = TurnBatch.from_ragged([[1.0, 2.0]], ["a"])
    >>> gae(batch, [[0.5, 1.0]], gamma=1.0, lam=1.0).advantages
    array([[2.5, 1. ]])
    """
    check_gamma(gamma)
    check_gamma(lam, "lam")
    shape, dtype = batch.rewards.shape, batch.rewards.dtype
    worth = np.asarray(values, dtype)
    if worth.shape != shape:
        raise ValueError(f"expected values of shape {shape} as the rewards have, got {worth.shape}")
    after = np.zeros(len(batch), dtype) if bootstrap is None else np.asarray(bootstrap, dtype)
    if after.shape != shape[:1]:
        raise ValueError(f"expected bootstrap of shape {shape[:1]}, one per row, got {after.shape}")
    voting = votes(batch)
    if bad := np.flatnonzero((voting & ~np.isfinite(worth)).any(1)).tolist():
        raise ValueError(f"row {bad[0]}: expected finite values at turns that vote")
    if bad := np.flatnonzero((batch.known > 0) & ~np.isfinite(after)).tolist():
        raise ValueError(f"row {bad[0]}: expected a finite bootstrap, got {after[bad[0]]}")
    return _gae(batch, np.where(voting, worth, 0), after, gamma, lam)


def _gae(batch: TurnBatch, worth: Array, after: Array, gamma: float, lam: float) -> GAE:
    voting, last = votes(batch), batch.known - 1
    following = np.zeros_like(worth)
    following[:, :-1] = worth[:, 1:]
    rows = np.flatnonzero(last >= 0)
    following[rows, last[rows]] = after[rows]
    delta = np.where(voting, batch.paid + gamma * following - worth, 0).astype(worth.dtype)
    advantages = _discounted(delta, gamma * lam)
    return GAE(advantages, np.where(voting, advantages + worth, 0).astype(worth.dtype))


def _discounted(values: Array, gamma: float) -> Array:
    """(B, T) discounted sums from each turn on."""
    sums = np.empty(values.shape[::-1], values.dtype)
    return (scan(values.T, gamma, sums) if sums.size else sums).T


def votes(batch: TurnBatch) -> Mask:
    """(B, T) turns whose return is known: of complete rows, up to the last valid turn."""
    return before(batch.known, batch.rewards.shape[1], batch.order)
