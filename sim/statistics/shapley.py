"""Shapley values: how much each of several changes contributes to their joint effect.

Input: the worth of every combination of changes, in each replication.  Output: :class:`Shapley`, a share for each
change and an interaction for each pair.  The shares are linear in the worths.  So they are computed for every
replication, they sum to the joint effect in each, and their means have ordinary intervals.  Where there are too many
combinations, the shares are means over a sample of orders (:func:`sampled_shapley`), whose error widens the intervals.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import comb

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray, broadcast, number_array
from foundation.errors import HallplanError
from sim.statistics.intervals import Interval, standard_error, t_quantile

__all__ = ["Shapley", "order_pairs", "sampled_shapley", "shapley", "widened_by_orders"]


@dataclass(frozen=True, eq=False)
class Shapley:
    """What each player contributes to the worth of all.

    Attributes
    ----------
    players
        Their names, in the order of the arrays; numbers from 0 on if they have none.
    shares
        Shapley values, shape (players, ...).
    interactions
        By how much a pair is worth more together than apart, shape (players, players, ...): above 0 they need each
        other, below 0 they do the same work.  The diagonal is not-a-number, as is all of it if orders are sampled.
    first_in, last_in
        What each player adds to nobody and to all others, shape (players, ...).
    total
        Worth of all less worth of nobody, shape (...): the sum of the shares.
    by_pair
        The shares by each sampled pair of orders, shape (pairs, players, ...); nothing if all orders count.
    """

    players: tuple[Hashable, ...]
    shares: FloatArray
    interactions: FloatArray
    first_in: FloatArray
    last_in: FloatArray
    total: FloatArray
    by_pair: FloatArray | None = None


def shapley(values: npt.ArrayLike | Mapping[Iterable[Hashable], npt.ArrayLike]) -> Shapley:
    """Return the Shapley value of every player, and the interaction of every pair.

    ``φ_i = Σ_{S ∌ i} s! (k-s-1)! / k! · (v(S ∪ i) - v(S))`` (Shapley 1953, "A value for n-person games") and
    ``I_ij = Σ_{S ∌ i,j} s! (k-s-2)! / (k-1)! · (v(S ∪ ij) - v(S ∪ i) - v(S ∪ j) + v(S))`` (Grabisch and Roubens 1999,
    "An axiomatic approach to the concept of interaction"), s the size of S and k the number of players.

    Parameters
    ----------
    values
        The worth of every coalition: a mapping from its players, as a tuple or a frozenset, to a number or an array
        (of replications); nobody is worth 0 if `()` is left out.  Or an array of shape (2^k, ...), in which player i
        belongs to coalition c if bit i of c is set: row 5 = 0b101 is players 0 and 2.

    Returns
    -------
    Shapley
        Players in the order in which the mapping first names them.

    Raises
    ------
    HallplanError
        If a coalition is missing or named twice, or the first axis of an array is no power of two.

    Examples
    --------
    A pair of gloves: player L has a left one, R and Q have a right one each, and a pair is worth 1.

    >>> pair = [0, 0, 0, 1, 0, 1, 0, 1]  # bits: L = 1, R = 2, Q = 4
    >>> shapley(pair).shares.round(4).tolist()  # L is the one who completes a pair in 4 of 6 orders
    [0.6667, 0.1667, 0.1667]
    >>> shapley({("a",): 1, ("b",): 2, ("a", "b"): [6, 4]}).shares.tolist()  # two replications
    [[2.5, 1.5], [3.5, 2.5]]
    """
    players, worth = _from_mapping(values) if isinstance(values, Mapping) else _from_array(values)
    k, coalitions = len(players), np.arange(len(worth))
    sizes = np.bitwise_count(coalitions)
    shares = np.empty((k, *worth.shape[1:]))
    interactions = np.full((k, k, *worth.shape[1:]), np.nan)
    for i in range(k):
        without = coalitions[coalitions >> i & 1 == 0]
        gains = worth[without | 1 << i] - worth[without]
        shares[i] = np.tensordot(_weights(k, sizes[without]), gains, axes=1)
        for j in range(i):
            neither = without[without >> j & 1 == 0]
            with_j = neither | 1 << j
            excess = worth[with_j | 1 << i] - worth[with_j] - worth[neither | 1 << i] + worth[neither]
            interactions[i, j] = interactions[j, i] = np.tensordot(_weights(k - 1, sizes[neither]), excess, axes=1)
    single = 1 << np.arange(k)
    return Shapley(
        players,
        shares,
        interactions,
        first_in=worth[single] - worth[0],
        last_in=worth[-1] - worth[len(worth) - 1 - single],
        total=np.asarray(worth[-1] - worth[0]),
    )


def order_pairs(players: int, pairs: int, seed: int) -> IntArray:
    """Return random orders of players, each followed by its reverse, shape (2 pairs, players).

    Who comes early in an order comes late in its reverse: such antithetic pairs vary less than independent orders
    (Mitchell, Cooper, Frank and Holmes 2022, "Sampling permutations for Shapley value estimation").
    """
    generator = np.random.default_rng(seed)
    drawn = [generator.permutation(players) for _ in range(pairs)]
    return np.array([order for one_way in drawn for order in (one_way, one_way[::-1])], dtype=np.int64)


def sampled_shapley(values: npt.ArrayLike, members: IntArray, orders: IntArray) -> Shapley:
    """Return the mean, over sampled orders, of what every player adds when it comes (Castro, Gómez and Tejada 2009).

    In each order these additions sum to the worth of all less that of nobody, and so do their means.

    Parameters
    ----------
    values
        The worth of coalitions, shape (coalitions, ...): of nobody, of all, of each player alone, of all but each, and
        of the first players of every order.
    members
        The players of each coalition as bits, ascending, shape (coalitions,).
    orders
        Pairs of orders, shape (orders, players), from :func:`order_pairs`.
    """
    worth = np.asarray(values, dtype=np.float64)
    k = orders.shape[1]
    single, everybody = 1 << np.arange(k), (1 << k) - 1

    def worth_of(coalitions: IntArray) -> FloatArray:
        of_coalitions: FloatArray = worth[np.searchsorted(members, coalitions)]
        return of_coalitions

    by_order = np.empty((len(orders), k, *worth.shape[1:]))
    for additions, order in zip(by_order, orders, strict=True):
        after = np.cumsum(1 << order)
        additions[order] = worth_of(after) - worth_of(after - (1 << order))
    by_pair = (by_order[0::2] + by_order[1::2]) / 2
    return Shapley(
        tuple(range(k)),
        shares=by_pair.mean(axis=0),
        interactions=np.full((k, k, *worth.shape[1:]), np.nan),
        first_in=worth_of(single) - worth[0],
        last_in=worth[-1] - worth_of(everybody - single),
        total=np.asarray(worth[-1] - worth[0]),
        by_pair=by_pair,
    )


def widened_by_orders(interval: Interval, by_pair: npt.ArrayLike) -> Interval:
    """Return an interval of a share, widened by the error of sampled orders.

    The half-width over replications and that over pairs of orders, Student's t times the standard error of the pairs'
    estimates, are independent: their squares add up.

    Parameters
    ----------
    interval
        Over replications, at the sampled orders.
    by_pair
        The shares by every pair of orders, shape (pairs, replications).
    """
    shares = np.asarray(by_pair, dtype=np.float64)
    measured = shares[:, np.isfinite(shares).all(axis=0)]
    if not measured.size or not np.isfinite(interval.half_width):
        return interval
    estimates = measured.mean(axis=1)
    half = t_quantile(estimates.size - 1, interval.level) * float(standard_error(estimates))
    low, high = (np.hypot(end - interval.estimate, half) for end in (interval.low, interval.high))
    return replace(interval, low=interval.estimate - float(low), high=interval.estimate + float(high))


def _weights(n: int, sizes: IntArray) -> FloatArray:
    """Return ``s! (n-s-1)! / n!``: the probability that exactly these s of n come before a player."""
    return np.array([1 / (n * comb(n - 1, size)) for size in range(n)])[sizes]


def _from_array(values: npt.ArrayLike) -> tuple[tuple[Hashable, ...], FloatArray]:
    worth = number_array("values", values)
    n = worth.shape[0] if worth.ndim else 0
    if n < 2 or n & (n - 1):
        raise HallplanError("error.shapley.rows", n=n)
    return tuple(range(n.bit_length() - 1)), worth


def _from_mapping(
    values: Mapping[Iterable[Hashable], npt.ArrayLike],
) -> tuple[tuple[Hashable, ...], FloatArray]:
    """Return the players, and the worths in the order of bits."""
    if any(isinstance(coalition, str) for coalition in values):
        raise HallplanError("error.shapley.text", coalition=next(key for key in values if isinstance(key, str)))
    for coalition in values:
        if not isinstance(coalition, Iterable):
            raise HallplanError("error.shapley.players", coalition=coalition)
    players = tuple(dict.fromkeys(player for coalition in values for player in coalition))
    bit = {player: 1 << i for i, player in enumerate(players)}
    rows: dict[int, npt.ArrayLike] = {}
    for coalition, worth in values.items():
        row = sum(bit[player] for player in set(coalition))
        if row in rows:
            raise HallplanError("error.shapley.twice", coalition=_named(coalition))
        rows[row] = worth
    rows.setdefault(0, 0.0)
    for row in range(1 << len(players)):
        if row not in rows:
            missing = [player for player in players if row & bit[player]]
            raise HallplanError("error.shapley.missing", coalition=_named(missing), n=len(players))
    if not players:
        raise HallplanError("error.shapley.rows", n=1)
    worths = [number_array("values", rows[row]) for row in range(len(rows))]
    return players, np.stack(broadcast(**{str(row): worth for row, worth in enumerate(worths)}))


def _named(coalition: Iterable[Hashable]) -> str:
    return "(" + ", ".join(map(str, coalition)) + ")"
