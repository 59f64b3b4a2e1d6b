"""The shortest promise that a hall keeps for most cases of an item, and how sure it is of the one it has given.

Input: days of cases of each replication, each at its own draw of the posterior or all at the scenario's own numbers.
Output: :class:`Promises`.  A replication is one possible period.  In it a promise is *kept* if a share of the cases,
95% say, is decided within it, on the statutory clock in whole working days.  The probability of that is a share of
replications.  The shortest promise with a probability is then a quantile of the replications' supported limits
(:func:`planner.compression.supported_limit`), with an interval from order statistics.

With fewer than ``1 / (1 - share)`` cases in a period, 95% of them means all of them.  So items that are rarer are
judged together with the other rare items of the same two limits; what is still rarer is not judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray
from foundation.errors import HallplanError
from planner.clocks import CasePool, item_limits, items_with_limits, share_within_promise
from planner.compression import supported_limit
from planner.forecast import drawn_system
from planner.promise_groups import promise_groups
from scenarios.compose.composing import Composed
from sim.measure.case_days import CaseDays
from sim.run.record import RunRecord
from sim.run.study import System
from sim.statistics.intervals import Interval, proportion_interval
from sim.statistics.quantile_intervals import quantile_interval

if TYPE_CHECKING:
    import pandas as pd

    from calibration.posterior.artefact import Posterior
    from planner.headroom import Headroom

__all__ = [
    "FRAMES",
    "REPLICATIONS",
    "CutPromise",
    "ItemPromise",
    "JudgedPromise",
    "PromiseGoal",
    "Promises",
    "cut_limits",
    "moving_posterior",
    "promise_system",
    "promises_of",
    "shares_together",
]

REPLICATIONS: Final = 40
"""Enough for an upper bound of a 90% quantile: all of 40 lie below it with a probability of 0.9^40 = 1.5%."""
FRAMES: Final = ("promises", "items", "periods")
"""Names of the frames of :class:`Promises`."""


@dataclass(frozen=True)
class PromiseGoal:
    """What it takes to keep a promise.

    Attributes
    ----------
    share
        Share of the cases of a period that are to be decided within the promise.
    probability
        Share of the periods in which that is to be so.
    level
        Confidence level of intervals.
    cut
        By how much the promise of every item is below its statutory limit in the question about all of them; 52% is
        the article's.
    """

    share: float = 0.95
    probability: float = 0.9
    level: float = 0.95
    cut: float = 0.52


@dataclass(frozen=True)
class ItemPromise:
    """One item and its limits in working days.

    Attributes
    ----------
    item
        Name of the service.
    statutory, promised
        Its limits.
    cases
        Mean number of its cases in a replication.
    within_promise
        Share of all its cases that are decided within the promise.
    """

    item: str
    statutory: float
    promised: float
    cases: float
    within_promise: Interval


@dataclass(frozen=True, eq=False)
class JudgedPromise:
    """Items that are judged as one: a frequent item, or rare items of the same limits.

    Attributes
    ----------
    items
        The items.
    within_promise
        Share of their cases, over all replications, that are decided within the promise.
    holds
        Probability that the present promise is kept.
    shortest
        The least whole number of working days that is kept with the requested probability; infinite if none is.
    supported
        The least promise that each replication would keep, shape (replications,); not-a-number without cases.
    """

    items: tuple[ItemPromise, ...]
    within_promise: Interval
    holds: Interval
    shortest: Interval
    supported: FloatArray

    @property
    def statutory(self) -> float:
        """The statutory limit of the items."""
        return self.items[0].statutory

    @property
    def promised(self) -> float:
        """The promise of the items."""
        return self.items[0].promised

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the items."""
        return tuple(item.item for item in self.items)

    @property
    def cases(self) -> float:
        """Mean number of cases in a replication."""
        return sum(item.cases for item in self.items)


@dataclass(frozen=True)
class CutPromise:
    """A promise to all items that is so much below their statutory limits, in whole days, rounded down.

    Attributes
    ----------
    together
        Probability that all cases together keep it.
    every
        Probability that every judged item keeps it in the same period.
    weakest
        What keeps it with less than the requested probability, as places of the judged promises, the weakest first.
    """

    together: Interval
    every: Interval
    weakest: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Promises:
    """The answer.

    Attributes
    ----------
    composed
        The scenario.
    goal
        What it takes to keep a promise.
    draws
        Draws of the posterior; 0 if every replication has the scenario's own numbers.
    judged
        What is judged, the least sure promise first.
    too_rare
        Items with too few cases to be judged, even together with others of the same limits.
    without_cases
        Items that never have a case.
    every
        Probability that every judged item keeps its promise in the same period.
    together
        Probability that all cases together do: the share of all of them within the promise of their item.
    every_shortest
        Probability that every item keeps the shortest promise in the same period.
    cut
        How sure a promise so much below the statutory limits is.
    within_promise
        Share of all cases that are decided within their promise.
    replications
        How many there are.
    cases
        The cases of the items.
    names, limits
        The items of `cases`, and their statutory and promised limits, shape (2, items).
    provenance
        What the results were made from, and with what.
    headroom
        The demand up to which the present promises are kept, if that was asked.
    """

    composed: Composed
    goal: PromiseGoal
    draws: int
    judged: tuple[JudgedPromise, ...]
    too_rare: tuple[ItemPromise, ...]
    without_cases: tuple[str, ...]
    every: Interval
    together: Interval
    every_shortest: Interval
    cut: CutPromise
    within_promise: Interval
    replications: int
    cases: CasePool
    names: tuple[str, ...]
    limits: FloatArray
    provenance: RunRecord | None = None
    headroom: Headroom | None = None

    @property
    def weak(self) -> tuple[JudgedPromise, ...]:
        """What keeps its promise with less than the requested probability, the weakest first."""
        return tuple(judged for judged in self.judged if judged.holds.estimate < self.goal.probability)

    @property
    def hidden(self) -> tuple[ItemPromise, ...]:
        """Rare items with too small a share of all simulated cases within their promise, the weakest first."""
        rare = [item for judged in self.judged if len(judged.items) > 1 for item in judged.items]
        late = [item for item in (*rare, *self.too_rare) if item.within_promise.estimate < self.goal.share]
        return tuple(sorted(late, key=lambda item: item.within_promise.estimate))

    def compression(self, *, shortest: bool) -> float:
        """Return by how much the promises of the judged items are below the statutory limits, by sums."""
        limits = [
            (item.statutory, judged.shortest.estimate if shortest else item.promised)
            for judged in self.judged
            for item in judged.items
        ]
        if not limits:
            return math.nan
        statutory, promises = np.array(limits).T.sum(axis=1)
        return float(1 - promises / statutory)

    @cached_property
    def items(self) -> tuple[ItemPromise, ...]:
        """All items with cases: those that are judged, and those that are too rare."""
        return (*(item for judged in self.judged for item in judged.items), *self.too_rare)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the judged promises, the items, and what each replication supports."""
        import pandas as pd

        rows = [
            {
                "items": " ".join(judged.names),
                "cases": judged.cases,
                "statutory": judged.statutory,
                "promised": judged.promised,
                **_ends("within_promise", judged.within_promise),
                **_ends("holds", judged.holds),
                **_ends("shortest", judged.shortest),
            }
            for judged in self.judged
        ]
        judged_with = {item.item: len(judged.items) for judged in self.judged for item in judged.items}
        items = [
            {
                "item": item.item,
                "judged_with": judged_with.get(item.item, 0),
                "cases": item.cases,
                "statutory": item.statutory,
                "promised": item.promised,
                **_ends("within_promise", item.within_promise),
            }
            for item in self.items
        ]
        periods = [
            {"items": row["items"], "replication": replication, "supported": days}
            for row, judged in zip(rows, self.judged, strict=True)
            for replication, days in enumerate(judged.supported.tolist())
        ]
        columns = {"periods": ["items", "replication", "supported"]}
        tables = {"promises": rows, "items": items, "periods": periods}
        frames = {name: pd.DataFrame(table, columns=columns.get(name)) for name, table in tables.items()}
        return frames if self.headroom is None else {**frames, "headroom": self.headroom.frame(self)}


def _ends(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def moving_posterior(composed: Composed, posterior: Posterior | None) -> Posterior | None:
    """Return a posterior if it moves a number of a scenario, else ``None``."""
    return posterior if posterior is not None and posterior.moves(composed) else None


def promise_system(composed: Composed, posterior: Posterior | None) -> System:
    """Return what is simulated: one draw a replication, or the scenario's own numbers without a posterior."""
    return System(composed.scenario) if posterior is None else drawn_system(composed, posterior)


def promises_of(
    composed: Composed,
    observed: Sequence[CaseDays],
    goal: PromiseGoal | None = None,
    *,
    items: Sequence[str] = (),
    draws: int = 0,
    provenance: RunRecord | None = None,
) -> Promises:
    """Return the shortest promises, and how sure the present ones are.

    Parameters
    ----------
    composed
        The scenario, which states the limits.
    observed
        Days of the cases of every replication.
    goal
        What it takes to keep a promise; 95% of cases with 90% probability by default.
    items
        Services that count; all that have a statutory and a promised limit by default.
    draws
        Draws of the posterior; 0 if every replication has the scenario's own numbers.
    provenance
        What the results were made from.

    Raises
    ------
    HallplanError
        If an item has no limits, or no item has cases.
    """
    goal = goal or PromiseGoal()
    names = items_with_limits(composed.scenario, items)
    cases, limits = CasePool.of(observed, names), item_limits(composed.scenario, names)
    promises = _item_promises(names, cases, limits, level=goal.level)
    mean_cases = np.array([promise.cases for promise in promises])
    if not mean_cases.any():
        raise HallplanError("promise.no_cases", scenario=composed.scenario.name)
    groups, too_rare = promise_groups(limits, mean_cases, share=goal.share)
    judged = [_judged([promises[place] for place in group], cases.of_items(group), goal) for group in groups]
    judged.sort(key=lambda promise: (promise.holds.estimate, promise.within_promise.estimate))
    present, shortest = ([promise.promised for promise in judged], [promise.shortest.estimate for promise in judged])
    return Promises(
        composed,
        goal,
        draws,
        judged=tuple(judged),
        too_rare=tuple(promises[place] for place in too_rare),
        without_cases=tuple(promise.item for promise in promises if not promise.cases),
        every=_all_keep(judged, present, goal.level),
        together=_share_of_periods(shares_together(cases, limits[1]) >= goal.share, goal.level),
        every_shortest=_all_keep(judged, shortest, goal.level),
        cut=_cut_promise(judged, cases, limits[0], goal),
        within_promise=share_within_promise(cases, limits[1], goal.level),
        replications=len(observed),
        cases=cases,
        names=names,
        limits=limits,
        provenance=provenance,
    )


def _item_promises(names: Sequence[str], cases: CasePool, limits: FloatArray, *, level: float) -> list[ItemPromise]:
    """Return every item with its limits and its own share within the promise; not-a-number without cases."""
    numbers = np.bincount(cases.item, minlength=len(names)) / cases.units
    promises = []
    for place, name in enumerate(names):
        statutory, promised = limits[:, place].tolist()
        within = share_within_promise(cases.of_items([place]), limits[1, [place]], level)
        promises.append(ItemPromise(name, statutory, promised, float(numbers[place]), within))
    return promises


def shares_together(cases: CasePool, promises: FloatArray) -> FloatArray:
    """Return the share of all cases within the promise of their item in each replication; 1 without any case."""
    in_time = cases.statutory <= promises[cases.item]
    numbers, early = (np.bincount(cases.unit, weights=weights, minlength=cases.units) for weights in (None, in_time))
    return np.divide(early, numbers, out=np.ones(cases.units), where=numbers > 0)


def _judged(items: Sequence[ItemPromise], cases: CasePool, goal: PromiseGoal) -> JudgedPromise:
    by_period = [cases.statutory[cases.unit == unit] for unit in range(cases.units)]
    supported = np.array([supported_limit(days, q=goal.share) for days in by_period])
    promised = items[0].promised
    with_cases = supported[~np.isnan(supported)]
    return JudgedPromise(
        tuple(items),
        within_promise=share_within_promise(cases, np.full(len(items), promised), goal.level),
        holds=_share_of_periods(with_cases <= promised, goal.level),
        shortest=quantile_interval(supported, goal.probability, level=goal.level),
        supported=supported,
    )


def cut_limits(statutory: FloatArray, cut: float) -> FloatArray:
    """Return limits that are so much below statutory ones, in whole days, rounded down.

    Examples
    --------
    >>> cut_limits(np.array([20, 5]), 0.52).tolist()
    [9.0, 2.0]
    """
    return np.floor(np.round((1 - cut) * statutory, 9))


def _cut_promise(
    judged: Sequence[JudgedPromise], cases: CasePool, statutory: FloatArray, goal: PromiseGoal
) -> CutPromise:
    shares = shares_together(cases, cut_limits(statutory, goal.cut))
    limits = [float(cut_limits(np.array([promise.statutory]), goal.cut)[0]) for promise in judged]
    sureness = [float(_keeps(promise.supported, limit).mean()) for promise, limit in zip(judged, limits, strict=True)]
    late = [place for place, share in enumerate(sureness) if share < goal.probability]
    return CutPromise(
        together=_share_of_periods(shares >= goal.share, goal.level),
        every=_all_keep(judged, limits, goal.level),
        weakest=tuple(sorted(late, key=lambda place: sureness[place])),
    )


def _keeps(supported: FloatArray, promise: float) -> BoolArray:
    """Tell in which replications a promise is kept; one without cases breaks none."""
    passed: BoolArray = np.isnan(supported) | (supported <= promise)
    return passed


def _all_keep(judged: Sequence[JudgedPromise], limits: Sequence[float], level: float) -> Interval:
    """Return the share of the periods in which every one of the limits is kept."""
    passed = [_keeps(promise.supported, limit) for promise, limit in zip(judged, limits, strict=True)]
    together = np.all(passed, axis=0) if passed else np.zeros(0, dtype=np.bool_)
    return _share_of_periods(together, level)


def _share_of_periods(passed: BoolArray, level: float) -> Interval:
    return proportion_interval(int(passed.sum()), passed.size, level=level)
