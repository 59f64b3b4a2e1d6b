"""Which lever earned the supported compression: shares of the limit that a hall keeps for 95% of its cases.

Input: the days of cases of every combination of levers, by replication.  Output: :class:`SupportedDays`: the mean
supported limit of items before, and what each lever takes off it, by Shapley values.  A quantile of the few cases
of one replication is its slowest case.  So the cases of all replications are pooled, the shares sum to the total of the
pooled limits, and intervals come from resampling whole replications, all combinations with the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from planner.attribution import LeverPart
from planner.clocks import CasePool
from sim.statistics.bootstrap import bootstrap_bounds
from sim.statistics.intervals import Interval
from sim.statistics.shapley import Shapley, shapley, widened_by_orders

__all__ = ["SupportedDays", "attribute_supported", "supported_limits"]

_RESAMPLES: Final = 200
_SEED: Final = 0
_DUST: Final = 1e-9
"""What floating point adds to a share times a number of cases."""


@dataclass(frozen=True, eq=False)
class SupportedDays:
    """The attribution of supported limits.

    Attributes
    ----------
    parts
        What each lever takes off the mean supported limit, in working days of the statutory clock.
    base
        The mean supported limit without levers.
    total, relative
        What all levers take off it together, and the same as a share.
    items
        How many items count.
    without_limit
        How many are left out, since some combination keeps no limit for the share of their cases, or has none.
    """

    parts: tuple[LeverPart, ...]
    base: Interval
    total: Interval
    relative: Interval
    items: int
    without_limit: int


def supported_limits(cases: CasePool, counts: IntArray, *, items: int, q: float) -> FloatArray:
    """Return the limit that the share `q` of each item's cases keeps, in samples of replications.

    Parameters
    ----------
    cases
        The cases of one system.
    counts
        How often every replication is in a sample, shape (samples, replications).
    items
        How many items there are.
    q
        Share of cases.

    Returns
    -------
    FloatArray
        Whole days, shape (samples, items); infinite if no limit is kept, not-a-number without cases.
    """
    limits = np.full((len(counts), items), np.nan)
    for item in range(items):
        members = np.flatnonzero(cases.item == item)
        if not members.size:
            continue
        order = members[np.argsort(cases.statutory[members], kind="stable")]
        reached = np.cumsum(counts[:, cases.unit[order]], axis=1)
        total = reached[:, -1]
        needed = np.maximum(np.ceil(q * total - _DUST), 1)
        place = np.argmax(reached >= needed[:, None], axis=1)
        limits[:, item] = np.where(total > 0, np.ceil(cases.statutory[order][place]), np.nan)
    return limits


def attribute_supported(
    systems: Sequence[CasePool],
    names: Sequence[str],
    *,
    place: IntArray,
    items: int,
    by_volume: bool,
    q: float = 0.95,
    level: float = 0.95,
    game_of: Callable[[FloatArray], Shapley] = shapley,
) -> SupportedDays | None:
    """Divide what levers take off the supported limits; ``None`` if no item has one in all combinations.

    Parameters
    ----------
    systems
        Cases of each system, all of the same replications.
    names
        Names of the levers.
    place
        For each combination its system, as :class:`planner.attribution.Combinations` has it.
    items
        How many items the cases are of.
    by_volume
        Whether items count by their cases with all levers; else each counts once.
    q
        Share of cases that a limit is kept for.
    level
        Confidence level of the intervals.
    game_of
        As for :func:`planner.attribution.attribute`.
    """
    units = systems[0].units

    def limits_of(counts: IntArray) -> FloatArray:
        """Return supported limits, shape (samples, systems, items)."""
        return np.stack([supported_limits(cases, counts, items=items, q=q) for cases in systems], axis=1)

    present = limits_of(np.ones((1, units), dtype=np.int64))
    counted: BoolArray = np.isfinite(present[0]).all(axis=0)
    if not counted.any():
        return None
    volumes = np.bincount(systems[place[-1]].item, minlength=items) if by_volume else np.ones(items)
    weights = np.where(counted, volumes, 0.0)

    def figures(counts: IntArray) -> FloatArray:
        return _figures(limits_of(counts), weights, place, game_of)

    estimates = _figures(present, weights, place, game_of)[0]
    ends = np.tile([[-np.inf], [np.inf]], estimates.size)
    if units >= 2:
        ends = bootstrap_bounds(figures, units, level, resamples=_RESAMPLES, seed=_SEED)
    intervals = _intervals(estimates, ends, level, units)
    columns = [intervals[3 + len(names) * figure : 3 + len(names) * (figure + 1)] for figure in range(4)]
    columns[:2] = _widened(columns[:2], game_of(_saved(present, weights, place)[1]), estimates[0])
    parts = tuple(LeverPart(name, *row) for name, *row in zip(names, *columns, strict=True))
    base, total, relative = intervals[:3]
    number = int(counted.sum())
    return SupportedDays(parts, base, total, relative, items=number, without_limit=items - number)


def _widened(columns: Sequence[list[Interval]], game: Shapley, base: float) -> list[list[Interval]]:
    """Return the intervals of shares, in days and of the days of the base, with the error of sampled orders."""
    if game.by_pair is None or base <= 0:
        return list(columns)
    scaled = (game.by_pair, game.by_pair / base)
    return [
        [widened_by_orders(interval, by_pair[:, i]) for i, interval in enumerate(intervals)]
        for intervals, by_pair in zip(columns, scaled, strict=True)
    ]


def _intervals(estimates: FloatArray, ends: FloatArray, level: float, units: int) -> list[Interval]:
    return [
        Interval(float(estimate), float(low), float(high), level, "ratio", units)
        for estimate, low, high in zip(estimates, *ends, strict=True)
    ]


def _saved(limits: FloatArray, weights: FloatArray, place: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the days of the base, shape (samples,), and what combinations save, shape (combinations, samples).

    An item that has no limit in some system of a sample is left out of that sample.
    """
    usable = np.isfinite(limits).all(axis=1) * weights
    sums = np.einsum("bsi,bi->bs", np.where(np.isfinite(limits), limits, 0.0), usable)
    with np.errstate(invalid="ignore", divide="ignore"):  # samples without items
        days = (sums / usable.sum(axis=1, keepdims=True))[:, place].T
    return days[0], days[0] - days


def _figures(
    limits: FloatArray, weights: FloatArray, place: IntArray, game_of: Callable[[FloatArray], Shapley]
) -> FloatArray:
    """Return base, total, its share, and four figures of every lever, shape (samples, 3 + 4 levers)."""
    base, saved = _saved(limits, weights, place)
    game = game_of(saved)
    with np.errstate(invalid="ignore", divide="ignore"):  # samples without items, and limits of 0 days
        relative = np.stack([game.total, *game.shares]) / base
    rows = [base, game.total, relative[0], *game.shares, *relative[1:], *game.first_in, *game.last_in]
    return np.stack(rows, axis=-1)
