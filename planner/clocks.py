"""Three clocks of a hall's items: by how much limits and times are below others, as promised, supported and realised.

Input: days of cases before and after, by replication, and the scenario that states the limits.  Output:
:class:`ThreeClocks`: the three compressions of :mod:`planner.compression`, by sums and by volume, with bootstrap
intervals over replications, and the same by item.  All three speak of the same items: those with both limits and with
cases before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from planner.compression import promised, realised, supported, supported_limit
from scenarios.model import Scenario
from sim.measure.case_days import CaseDays
from sim.statistics.bootstrap import bootstrap_ends
from sim.statistics.intervals import Interval, ratio_interval

__all__ = [
    "CLOCKS",
    "CasePool",
    "Clock",
    "ItemClocks",
    "ThreeClocks",
    "item_limits",
    "items_with_limits",
    "limited_items",
    "share_within_promise",
    "three_clocks",
]

CLOCKS: Final = ("promised", "supported", "realised")
_RESAMPLES: Final = 400
"""Bootstrap samples: an end then stands to about a tenth of the interval's width."""
_SEED: Final = 0
_COLUMNS: Final = ("elapsed", "statutory", "unstopped", "calendar")
"""Days of cases, as :class:`~sim.measure.case_days.CaseDays` has them."""


@dataclass(frozen=True)
class Clock:
    """One compression by two weightings, as shares.

    Attributes
    ----------
    by_sums
        Every item counts once: ``1 - sum / sum``.
    by_volume
        Every item counts by its cases after.
    """

    by_sums: Interval
    by_volume: Interval


@dataclass(frozen=True)
class ItemClocks:
    """The clocks of one item, in working days.

    Attributes
    ----------
    item
        Name of the service.
    cases
        Cases after, over all replications.
    statutory, promised
        Its limits.
    supported
        The least whole number of days of the statutory clock in which the share `q` is decided; infinite if none is.
    within_promise
        Share of its cases that are decided within the promise.
    before, after
        Mean elapsed days.
    """

    item: str
    cases: int
    statutory: float
    promised: float
    supported: float
    within_promise: Interval
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class ThreeClocks:
    """Promised, supported and realised compression of the same items.

    Attributes
    ----------
    q
        Share of cases that a supported limit is kept for.
    promised, supported, realised
        The three.
    within_promise
        Share of all cases that are decided within the promise.
    items
        Item by item.
    without_cases
        Items with limits that are left out, since they have no cases before or after.
    """

    q: float
    promised: Clock
    supported: Clock
    realised: Clock
    within_promise: Interval
    items: tuple[ItemClocks, ...]
    without_cases: tuple[str, ...]

    @property
    def weak(self) -> tuple[ItemClocks, ...]:
        """Items whose promise is kept for less than the share `q` of their cases, the weakest first."""
        late = [item for item in self.items if item.supported > item.promised]
        return tuple(sorted(late, key=lambda item: item.within_promise.estimate))


def limited_items(scenario: Scenario) -> tuple[str, ...]:
    """Return the services that have a statutory and a promised limit; there may be none."""
    return tuple(
        name
        for name, service in scenario.services.items()
        if service.legal_limit and service.promised_limit is not None
    )


def items_with_limits(scenario: Scenario, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the services that have a statutory and a promised limit, all or those named.

    Raises
    ------
    HallplanError
        If a named one has no such limits, or none has.
    """
    limited = limited_items(scenario)
    for name in names:
        if name not in limited:
            from scenarios.paths import suggestion

            raise HallplanError("clocks.no_item", item=name, scenario=scenario.name, near=suggestion(name, limited))
    if not limited:
        raise HallplanError("clocks.no_limits", scenario=scenario.name)
    return tuple(names) or limited


def three_clocks(
    before: Sequence[CaseDays],
    after: Sequence[CaseDays],
    scenario: Scenario,
    *,
    items: Sequence[str],
    q: float = 0.95,
    level: float = 0.95,
) -> ThreeClocks:
    """Return promised, supported and realised compression over replications.

    Parameters
    ----------
    before, after
        Days of cases of each replication; replications are paired.
    scenario, items
        States the limits, and the services of it that count (:func:`items_with_limits`).
    q
        Share of cases that a supported limit is kept for.
    level
        Confidence level of the intervals.

    Raises
    ------
    HallplanError
        If no item has cases both before and after, or all cases of an item took no time before.
    """
    pools = [CasePool.of(side, items) for side in (before, after)]
    common = np.intersect1d(pools[0].item, pools[1].item)
    if not common.size:
        raise HallplanError("clocks.no_cases", scenario=scenario.name)
    names = [items[place] for place in common]
    old, new = (pool.of_items(common) for pool in pools)
    _refuse_items_without_days(old, names, scenario.name)
    statutory, promises = item_limits(scenario, names)

    def cuts(counts: IntArray) -> FloatArray:
        """Return the compressions of one sample of replications, shape (clocks, 2)."""
        earlier, later = old.sample(counts), new.sample(counts)
        results = (
            promised(statutory, promises, volumes=np.bincount(later.item, minlength=common.size)),
            supported(later.statutory, statutory, items=later.item, q=q).cuts,
            realised(earlier.elapsed, later.elapsed, items_before=earlier.item, items_after=later.item),
        )
        return np.array([(cut.of_sums, cut.by_volume) for cut in results])

    clocks = _clocks(cuts, units=len(after), level=level)
    return ThreeClocks(
        q,
        promised=clocks[0],
        supported=clocks[1],
        realised=clocks[2],
        within_promise=share_within_promise(new, promises, level),
        items=tuple(
            _item_clocks(name, old.of_items([k]), new.of_items([k]), statutory[k], promises[k], q=q, level=level)
            for k, name in enumerate(names)
        ),
        without_cases=tuple(name for name in items if name not in names),
    )


def _refuse_items_without_days(pool: CasePool, names: Sequence[str], scenario: str) -> None:
    """Refuse items whose cases all end at the moment of their application: nothing can be saved of no days."""
    without_days = [name for k, name in enumerate(names) if not pool.of_items([k]).elapsed.any()]
    if without_days:
        raise HallplanError("clocks.no_days", scenario=scenario, items=", ".join(without_days))


def item_limits(scenario: Scenario, names: Sequence[str]) -> FloatArray:
    """Return the statutory and the promised limits of items, shape (2, items)."""
    services = [scenario.services[name] for name in names]
    return np.array([(service.legal_limit, service.promised_limit) for service in services], dtype=np.float64).T


@dataclass(frozen=True, eq=False)
class CasePool:
    """Cases of several replications, shape (cases,): item and replication as positions, and days."""

    item: IntArray
    unit: IntArray
    elapsed: FloatArray
    statutory: FloatArray
    unstopped: FloatArray
    calendar: FloatArray
    units: int

    @classmethod
    def of(cls, replications: Sequence[CaseDays], items: Sequence[str]) -> CasePool:
        """Return the cases of some items."""
        place = {name: k for k, name in enumerate(items)}
        item = [np.array([place.get(name, -1) for name in days.services])[days.service] for days in replications]
        columns = {name: np.concatenate([getattr(days, name) for days in replications]) for name in _COLUMNS}
        unit = np.repeat(np.arange(len(replications)), [positions.size for positions in item])
        pooled = cls(item=np.concatenate(item), unit=unit, units=len(replications), **columns)
        return pooled._at(np.flatnonzero(pooled.item >= 0))

    def _at(self, rows: IntArray) -> CasePool:
        columns = {name: getattr(self, name)[rows] for name in ("item", "unit", *_COLUMNS)}
        return replace(self, **columns)

    def of_items(self, items: Sequence[int] | IntArray) -> CasePool:
        """Return the cases of some items, numbered anew in the order of `items`, which rises."""
        members = self._at(np.flatnonzero(np.isin(self.item, items)))
        return replace(members, item=np.searchsorted(items, members.item))

    def sample(self, counts: IntArray) -> CasePool:
        """Return the cases with every replication as often as `counts` says."""
        return self._at(np.repeat(np.arange(self.item.size), counts[self.unit]))


def _clocks(cuts: Callable[[IntArray], FloatArray], *, units: int, level: float) -> list[Clock]:
    """Return the three clocks with intervals over resampled replications, which all six figures share."""
    estimates = cuts(np.ones(units, dtype=np.int64))
    sampled: dict[bytes, FloatArray] = {}

    def interval(clock: int, weighting: int) -> Interval:
        def of_samples(samples: IntArray) -> FloatArray:
            for counts in samples:
                if counts.tobytes() not in sampled:
                    sampled[counts.tobytes()] = cuts(counts)
            return np.array([sampled[counts.tobytes()][clock, weighting] for counts in samples])

        ends = bootstrap_ends(of_samples, units, level, _RESAMPLES, _SEED)
        return Interval(float(estimates[clock, weighting]), *ends, level, "ratio", units)

    return [Clock(interval(clock, 0), interval(clock, 1)) for clock in range(len(CLOCKS))]


def share_within_promise(cases: CasePool, promises: FloatArray, level: float) -> Interval:
    """Return the share of cases decided within the promise of their item, and its interval over replications."""
    in_time = cases.statutory <= promises[cases.item]
    numerators, denominators = (
        np.bincount(cases.unit, weights=weights, minlength=cases.units) for weights in (in_time, np.ones(in_time.size))
    )
    return ratio_interval(numerators, denominators, level=level)


def _item_clocks(
    name: str, old: CasePool, new: CasePool, statutory: float, promise: float, *, q: float, level: float
) -> ItemClocks:
    return ItemClocks(
        name,
        cases=new.item.size,
        statutory=float(statutory),
        promised=float(promise),
        supported=supported_limit(new.statutory, q=q),
        within_promise=share_within_promise(new, np.array([promise]), level),
        before=float(old.elapsed.mean()),
        after=float(new.elapsed.mean()),
    )
