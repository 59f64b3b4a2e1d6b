"""An audit of stopped clocks: the applicant's days beside those of the clock, and what a compression owes to stops.

Input: cases of all replications, and their statutory limits.  Output: a :class:`StoppedClocks`.  Hearings, inspections,
testing and expert review do not count on the statutory clock (Administrative Licensing Law, art. 45), so a limit can
shrink by naming more of them.  The applicant waits all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from foundation.arrays import FloatArray, IntArray
from planner.clocks import CasePool
from planner.supported_days import supported_limits
from sim.statistics.bootstrap import bootstrap_bounds
from sim.statistics.intervals import Interval

__all__ = ["ItemDays", "StoppedClocks", "stopped_clocks"]

_RESAMPLES: Final = 200
_SEED: Final = 0


@dataclass(frozen=True)
class ItemDays:
    """Days of the decided cases of one item, by four ways of counting, and its limits.

    Attributes
    ----------
    item
        Name of the service.
    calendar, working
        Mean calendar days, and mean working days, from application to end.
    clock, stopped
        Mean working days of the statutory clock, and of the stages that stop it.
    limit, limit_unstopped
        The least whole number of days that the requested share of the cases keeps, on the clock, and if nothing stopped
        it.
    """

    item: str
    calendar: float
    working: float
    clock: float
    stopped: float
    limit: float
    limit_unstopped: float


@dataclass(frozen=True)
class StoppedClocks:
    """The audit.

    Attributes
    ----------
    items
        Items with decided cases, the one with most stopped days first.
    supported, unstopped
        By how much the limits that the share of the cases keeps are below the statutory ones, by sums: on the clock,
        and if nothing stopped it.
    won
        The difference: what is won by stages that do not count.
    """

    items: tuple[ItemDays, ...]
    supported: Interval
    unstopped: Interval
    won: Interval

    @property
    def has_stops(self) -> bool:
        """Whether any stage stops the clock."""
        return any(item.stopped > 0 for item in self.items)


def stopped_clocks(
    cases: CasePool, names: Sequence[str], statutory: FloatArray, *, q: float = 0.95, level: float = 0.95
) -> StoppedClocks:
    """Return the audit of some items.

    Parameters
    ----------
    cases, names, statutory
        The cases, their items, and the statutory limits of these.
    q
        Share of cases for which a limit is kept.
    level
        Confidence level of the intervals, over resampled replications.
    """
    clocks = (cases, replace(cases, statutory=cases.unstopped))

    def limits_of(counts: IntArray) -> FloatArray:
        """Return limits on the clock and without stops, shape (2, samples, items)."""
        return np.stack([supported_limits(clock, counts, items=len(names), q=q) for clock in clocks])

    def cuts(counts: IntArray) -> FloatArray:
        """Return the two compressions and their difference, shape (samples, 3)."""
        limits = limits_of(counts)
        usable = np.isfinite(limits).all(axis=0)
        sums = np.where(usable, limits, 0.0).sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):  # samples in which no item keeps any limit
            supported, unstopped = 1 - sums / (usable * statutory).sum(axis=1)
        return np.stack([supported, unstopped, supported - unstopped], axis=-1)

    once = np.ones((1, cases.units), dtype=np.int64)
    ends = np.tile([[-np.inf], [np.inf]], 3)
    if cases.units >= 2:
        ends = bootstrap_bounds(cuts, cases.units, level, resamples=_RESAMPLES, seed=_SEED)
    intervals = [
        Interval(float(estimate), float(low), float(high), level, "ratio", cases.units)
        for estimate, low, high in zip(cuts(once)[0], *ends, strict=True)
    ]
    items = _items(cases, names, limits_of(once)[:, 0])
    return StoppedClocks(items, *intervals)


def _items(cases: CasePool, names: Sequence[str], limits: FloatArray) -> tuple[ItemDays, ...]:
    decided = np.isfinite(cases.statutory)
    numbers = np.bincount(cases.item[decided], minlength=len(names))
    columns = (cases.calendar, cases.elapsed, cases.statutory, cases.unstopped)
    sums = [np.bincount(cases.item[decided], weights=days[decided], minlength=len(names)) for days in columns]
    items = []
    for place in np.flatnonzero(numbers).tolist():
        calendar, working, clock, unstopped = (float(total[place] / numbers[place]) for total in sums)
        on_clock, without = (float(limit) for limit in limits[:, place])
        items.append(ItemDays(names[place], calendar, working, clock, unstopped - clock, on_clock, without))
    return tuple(sorted(items, key=lambda item: -item.stopped))
