"""Attribution: how much each lever contributes to what all of them do together, by Shapley values.

Input: a base scenario and levers.  Output: the scenarios of all combinations (:func:`combinations`), and from the days
that each takes the :class:`Attribution` (:func:`attribute`).  All combinations share demand and random numbers.  So
the shares are computed for each replication, they sum to the effect of all levers in each, and their means have paired
t intervals.  Which order levers come in is a convention: the Shapley value is the mean over all orders, and the two
extremes, first in and last in, stand beside it.  With more than :data:`MOST_EXACT` levers the orders are a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.errors import HallplanError
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from sim.measure.case_days import CaseDays
from sim.run.keys import scenario_digest
from sim.statistics.intervals import Interval, mean_interval, ratio_interval
from sim.statistics.pair_effects import PairEffects, pair_effects
from sim.statistics.shapley import Shapley, order_pairs, sampled_shapley, shapley, widened_by_orders

__all__ = [
    "MOST_EXACT",
    "MOST_LEVERS",
    "Attribution",
    "Combinations",
    "LeverPair",
    "LeverPart",
    "attribute",
    "combinations",
    "mean_days",
    "share_interval",
]

MOST_EXACT: Final = 10
"""Levers, or groups of levers, up to which all combinations are simulated: 1,024."""
MOST_LEVERS: Final = 40
"""Levers, or groups of levers, of one attribution: about 900 combinations of sampled orders."""
_PAIRS: Final = 10
"""Sampled orders with their reverses: twelve levers then have at most 206 combinations."""


@dataclass(frozen=True, eq=False)
class Combinations:
    """The scenarios of all combinations of levers on one base.

    Attributes
    ----------
    names
        The levers; those of a group are joined by a plus sign.
    distinct
        The scenarios that differ in something that is simulated; the base is the first.
    place
        For each combination its scenario, as a position in `distinct`; the first has no lever, the last has all.
    members
        The levers of each combination, ascending: lever i belongs to it if bit i is set.  All 2^k of them, unless
        orders are sampled.
    orders
        Sampled orders of levers, each followed by its reverse, shape (orders, k); nothing if all orders count.
    """

    names: tuple[str, ...]
    distinct: tuple[Composed, ...]
    place: IntArray
    members: IntArray
    orders: IntArray | None = None

    @property
    def all_but_one(self) -> tuple[int, ...]:
        """Systems of all levers together, and of all but each of them, as positions in `distinct`."""
        wanted = self.members[-1] - np.array([0, *(1 << i for i in range(len(self.names)))])
        return tuple(self.place[np.searchsorted(self.members, wanted)].tolist())

    def game(self, worth: FloatArray) -> Shapley:
        """Return the Shapley values of the worth of all combinations, shape (combinations, ...)."""
        return shapley(worth) if self.orders is None else sampled_shapley(worth, self.members, self.orders)

    def pairs(self, worth: FloatArray) -> PairEffects | None:
        """Return the interactions of pairs if orders are sampled; else :meth:`game` has them."""
        return None if self.orders is None else pair_effects(worth, self.members, self.orders)


def combinations(base: Composed, groups: Sequence[Sequence[LeverUse]], seed: int | None = None) -> Combinations:
    """Compose the scenarios of all combinations of levers; each distinct one is kept once.

    With more than :data:`MOST_EXACT` levers they are those of sampled orders, of each lever alone, and of all but each.

    Parameters
    ----------
    base
        The scenario without the levers.
    groups
        The levers, in the order in which they are applied; those of a group only come together.
    seed
        Of sampled orders; by default that of the base.

    Raises
    ------
    HallplanError
        If there is no lever, or there are more than :data:`MOST_LEVERS`.
    ScenarioError
        If a combination makes no valid scenario.
    """
    if not groups:
        raise HallplanError("attribution.no_levers")
    if len(groups) > MOST_LEVERS:
        raise HallplanError("attribution.too_many", n=len(groups), most=MOST_LEVERS)
    k, orders = len(groups), None
    members: IntArray = np.arange(1 << min(k, MOST_EXACT))
    if k > MOST_EXACT:
        orders = order_pairs(k, _PAIRS, base.scenario.run.seed if seed is None else seed)
        single = 1 << np.arange(k)
        along_orders = np.cumsum(1 << orders, axis=1).ravel()
        members = np.unique(np.concatenate([[0], single, single.sum() - single, along_orders]))

    @cache
    def with_levers(mask: int) -> Composed:
        last = mask.bit_length() - 1
        return with_levers(mask - (1 << last)).changed(levers=groups[last]) if mask else base

    distinct, by_digest = list[Composed](), dict[str, int]()
    places = list[int]()
    for mask in members.tolist():
        composed = with_levers(mask)
        place = by_digest.setdefault(scenario_digest(composed.scenario), len(distinct))
        if place == len(distinct):
            distinct.append(composed)
        places.append(place)
    names = tuple("+".join(map(str, uses)) for uses in groups)
    return Combinations(names, tuple(distinct), np.array(places, dtype=np.int64), members, orders)


@dataclass(frozen=True)
class LeverPart:
    """What one lever contributes.

    Attributes
    ----------
    lever
        Its name.
    share
        Its Shapley value: mean saving over all orders, in days.
    relative
        The same as a share of the days of the base.
    first_in, last_in
        What it saves alone, and what it saves when all others are there, in days.
    """

    lever: str
    share: Interval
    relative: Interval
    first_in: Interval
    last_in: Interval


@dataclass(frozen=True)
class LeverPair:
    """By how much two levers save more together than apart, in days: below 0 they do the same work.

    Attributes
    ----------
    levers
        Their names.
    interaction
        The Grabisch-Roubens interaction index.  If orders are sampled, the interaction of a model with pairs only,
        whose interval holds the error of the sample; not-a-number if the sample does not tell the pair from others.
    """

    levers: tuple[str, str]
    interaction: Interval


@dataclass(frozen=True, eq=False)
class Attribution:
    """How a saving of days divides among levers.

    Attributes
    ----------
    parts
        One a lever, in the order of application.
    pairs
        One a pair of levers.
    base
        Days of the base.
    total, relative
        Days that all levers save together, and the same as a share of the base's.
    shapley
        The values of every replication; their parts sum to its total.
    """

    parts: tuple[LeverPart, ...]
    pairs: tuple[LeverPair, ...]
    base: Interval
    total: Interval
    relative: Interval
    shapley: Shapley


def attribute(
    days: npt.ArrayLike,
    names: Sequence[str],
    *,
    level: float = 0.95,
    game_of: Callable[[FloatArray], Shapley] = shapley,
    pairs_of: Callable[[FloatArray], PairEffects | None] = lambda _: None,
) -> Attribution:
    """Divide the days that levers save among them.

    The share of a lever in per cent is a ratio over replications, its days over those of the base.  The denominator
    is the same for all, so that these parts sum to the total too.

    Parameters
    ----------
    days
        What every combination takes in every replication, shape (combinations, replications), in the order of
        :class:`Combinations`.
    names
        Names of the levers.
    level
        Confidence level of the intervals.
    game_of
        Returns the Shapley values of the days that combinations save: of all 2^k of them, or
        :meth:`Combinations.game`.
    pairs_of
        Returns the interactions of pairs where the game has none: :meth:`Combinations.pairs`.

    Raises
    ------
    ValueError
        If the combinations are not those of so many levers.
    """
    combined = np.asarray(days, dtype=np.float64)
    base = combined[0]
    game = game_of(base - combined)
    if len(game.shares) != len(names):
        raise ValueError(f"{len(names)} levers are not the {len(game.shares)} of the combinations")
    parts = [
        LeverPart(
            name,
            share=share_interval(game, i, level=level),
            relative=_relative_interval(game, i, base, level),
            first_in=mean_interval(game.first_in[i], level),
            last_in=mean_interval(game.last_in[i], level),
        )
        for i, name in enumerate(names)
    ]
    return Attribution(
        tuple(parts),
        _pairs(game, pairs_of(base - combined), names, level),
        base=mean_interval(base, level),
        total=mean_interval(game.total, level),
        relative=ratio_interval(game.total, base, level=level),
        shapley=game,
    )


def share_interval(game: Shapley, player: int, other: int | None = None, *, level: float = 0.95) -> Interval:
    """Return the interval of a lever's share over replications, or of its difference to another lever's.

    If orders are sampled, it holds their error too.
    """
    weights = np.zeros(len(game.shares))
    weights[player] = 1.0
    if other is not None:
        weights[other] -= 1.0
    interval = mean_interval(weights @ game.shares, level)
    return interval if game.by_pair is None else widened_by_orders(interval, weights @ game.by_pair)


def _relative_interval(game: Shapley, player: int, base: FloatArray, level: float) -> Interval:
    interval = ratio_interval(game.shares[player], base, level=level)
    if game.by_pair is None:
        return interval
    return widened_by_orders(interval, game.by_pair[:, player] / mean_interval(base).estimate)


def _pairs(game: Shapley, fitted: PairEffects | None, names: Sequence[str], level: float) -> tuple[LeverPair, ...]:
    places = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    if fitted is None:
        intervals = [mean_interval(game.interactions[place], level) for place in places]
    else:
        of_pairs = zip(fitted.interactions, fitted.by_pair.swapaxes(0, 1), strict=True)
        intervals = [widened_by_orders(mean_interval(effect, level), by_pair) for effect, by_pair in of_pairs]
    return tuple(LeverPair((names[i], names[j]), interval) for (i, j), interval in zip(places, intervals, strict=True))


def mean_days(observed: Sequence[Sequence[CaseDays]], items: Sequence[str], *, by_volume: bool) -> FloatArray:
    """Return the mean elapsed days of every system and replication, shape (systems, replications).

    Parameters
    ----------
    observed
        By system and replication.
    items
        The services that count.
    by_volume
        Whether every case counts alike, else every item, however rare: of a replication those items that have cases
        in all systems.

    Returns
    -------
    FloatArray
        Not-a-number for a replication without such cases.
    """
    totals = np.array([[_totals(cases, items) for cases in row] for row in observed])
    elapsed, number = totals[:, :, 0], totals[:, :, 1]
    counted: BoolArray = np.all(number > 0, axis=0)
    if by_volume:
        numerators, denominators = elapsed.sum(axis=-1), number.sum(axis=-1)
    else:
        means = np.divide(elapsed, number, out=np.zeros_like(elapsed), where=counted)
        numerators, denominators = means.sum(axis=-1), np.broadcast_to(counted.sum(axis=-1), means.shape[:2])
    means_of_all: FloatArray = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=means_of_all, where=denominators > 0)
    return means_of_all


def _totals(cases: CaseDays, items: Sequence[str]) -> FloatArray:
    """Return the elapsed days of each item's cases, and their number, shape (2, items)."""
    place = {name: k for k, name in enumerate(items)}
    of_service = np.array([place.get(name, len(items)) for name in cases.services], dtype=np.int64)
    item = of_service[cases.service]
    columns = (cases.elapsed, np.ones_like(cases.elapsed))
    return np.stack([np.bincount(item, weights=column, minlength=len(items) + 1)[:-1] for column in columns])
