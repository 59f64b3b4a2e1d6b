"""Interactions of two changes where not all of their combinations are known: those of a model with pairs only.

Input: the worth of some coalitions, as along sampled orders.  Output: :class:`PairEffects`.  The worth of a coalition
is taken to be a sum over its players and over its pairs of players, fitted by least squares (Hammer and Holzman 1992,
"Approximations of pseudo-Boolean functions"; Grabisch, Marichal and Roubens 2000, "Equivalent representations of set
functions").  If no three players interact, the fitted interactions are exactly those of
:func:`sim.statistics.shapley.shapley`.  Else they are an approximation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray

__all__ = ["PairEffects", "pair_effects"]

_DUST: Final = 1e-6
"""By how much a weight may differ from 0 or 1 through rounding."""


@dataclass(frozen=True, eq=False)
class PairEffects:
    """Fitted interactions of all pairs of players, in the order (0, 1), (0, 2), ..., (1, 2), ....

    Attributes
    ----------
    interactions
        By how much a pair is worth more together than apart, shape (pairs, ...); not-a-number where the coalitions do
        not tell the pair from others, or would not without some pair of orders.
    by_pair
        Jackknife values over the pairs of orders, shape (pairs of orders, pairs, ...): their standard error is that of
        the sample of orders.
    """

    interactions: FloatArray
    by_pair: FloatArray


def pair_effects(worth: FloatArray, members: IntArray, orders: IntArray) -> PairEffects:
    """Return the interactions of a model with pairs only.

    Parameters
    ----------
    worth, members, orders
        As for :func:`sim.statistics.shapley.sampled_shapley`.
    """
    k, number = orders.shape[1], len(orders) // 2
    terms = _terms(members, k)
    gains = np.asarray(worth, dtype=np.float64) - worth[0]
    visited = np.cumsum(1 << orders, axis=1).reshape(number, -1)
    always = np.array([0, *(1 << np.arange(k)), *((1 << k) - 1 - (1 << np.arange(k))), (1 << k) - 1])
    interactions, told_apart = _fitted(terms, gains, k)
    jackknife = np.empty((number, *interactions.shape))
    for left_out in range(number):
        used = np.isin(members, np.concatenate([always, *np.delete(visited, left_out, axis=0)]))
        without, told_apart_without = _fitted(terms[used], gains[used], k)
        jackknife[left_out] = number * interactions - (number - 1) * without
        told_apart &= told_apart_without
    interactions[~told_apart] = np.nan
    return PairEffects(interactions, jackknife)


def _terms(members: IntArray, players: int) -> FloatArray:
    """Return which players and which pairs each coalition has, shape (coalitions, players and pairs)."""
    present: BoolArray = (members[:, None] >> np.arange(players) & 1).astype(np.bool_)
    first, second = np.triu_indices(players, 1)
    return np.hstack([present, present[:, first] & present[:, second]]).astype(np.float64)


def _fitted(terms: FloatArray, gains: FloatArray, players: int) -> tuple[FloatArray, BoolArray]:
    """Return the fitted interactions, and which of them the coalitions tell from all other terms."""
    inverse = np.linalg.pinv(terms)
    resolution = inverse @ terms
    told_apart: BoolArray = np.abs(resolution - np.eye(len(resolution))).max(axis=1) < _DUST
    fitted: FloatArray = np.tensordot(inverse, gains, axes=1)
    return fitted[players:], told_apart[players:]
