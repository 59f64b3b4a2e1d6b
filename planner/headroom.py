"""Headroom: the demand up to which promises and a target for waits are kept, and what gives out first.

Input: a scenario, and how to simulate it at a multiple of its demand.  Output: a :class:`Headroom`.  Periods at all
multiples share random numbers and draws of the posterior.  In each period every target has a root: the multiple up to
which its share is reached, by linear interpolation between the multiples tried.  The root that 90% of the periods
reach, and the median, are quantiles of periods, with intervals from order statistics.  The search halves the gap
between two multiples that holds most of these, until each lies in a gap as narrow as requested, or the trials are used
up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias, overload

import numpy as np

from foundation.arrays import FloatArray
from foundation.errors import HallplanError, ScenarioError
from planner.clocks import CasePool
from planner.load import offered_load
from planner.promises import PromiseGoal, Promises, cut_limits, promise_system, shares_together
from planner.staffing.targets import WaitTarget, parse_target
from scenarios.compose.composing import Composed
from scenarios.compose.levers import LeverUse
from scenarios.model import Scenario
from sim.measure.period import Period
from sim.run.study import System
from sim.statistics.intervals import Interval
from sim.statistics.quantile_intervals import quantile_interval

if TYPE_CHECKING:
    import pandas as pd

    from calibration.posterior.artefact import Posterior

__all__ = [
    "REPLICATIONS",
    "TRIALS",
    "WIDTH",
    "Bottleneck",
    "Headroom",
    "Officer",
    "TargetHeadroom",
    "demand_system",
    "headroom_of",
    "next_multiple",
    "roots_of",
    "wait_target",
]

REPLICATIONS: Final = 20
"""Of each demand: the median then lies between the 6th and the 15th."""
TRIALS: Final = 10
"""Most multiples that are tried, the present demand included."""
WIDTH: Final = 0.03
"""How far apart two multiples may be that a root lies between, as a share of the lower one."""
_STEP: Final = 1.5
"""By what the range of multiples grows where roots lie outside it."""
_LEAST: Final = 0.5
_MOST: Final = 4.0
_BEYOND: Final = 1.5
"""Multiples of what the busiest pool can bear that are worth trying: beyond, queues only grow."""
_OFFICER_TRIALS: Final = 4
"""Multiples that are tried with one more officer."""
_DUST: Final = 1e-9

Observe: TypeAlias = Callable[[System], Sequence[Period]]
"""Simulates the periods of a system."""


@dataclass(frozen=True, eq=False)
class TargetHeadroom:
    """Up to which multiple of the present demand one target is kept.

    Attributes
    ----------
    reliable
        The multiple that it is kept up to with the requested probability; 0 if at none that was tried, infinite if at
        all.
    median
        The multiple that half of the periods keep it up to.
    roots
        The same of each period, shape (periods,).
    """

    reliable: Interval
    median: Interval
    roots: FloatArray

    @classmethod
    def of(cls, roots: FloatArray, goal: PromiseGoal) -> TargetHeadroom:
        """Return the headroom of a target from its roots."""
        reliable = quantile_interval(roots, 1 - goal.probability, level=goal.level)
        return cls(reliable, quantile_interval(roots, 0.5, level=goal.level), roots)


@dataclass(frozen=True)
class Bottleneck:
    """The pool or timetable that is asked for all it can give before any other.

    Attributes
    ----------
    name
        Its name.
    share
        Share of the periods in which it is the first.
    capacity
        Median multiple of the demand at which its work fills its hours.
    """

    name: str
    share: float
    capacity: Interval


@dataclass(frozen=True)
class Officer:
    """What one more officer buys at the pool where most visitors are called late as the target for waits fails.

    Attributes
    ----------
    pool
        The pool.
    late
        Its part of all late calls there.
    gain
        By how much the multiple rises up to which the target for waits is kept: the median over periods.
    """

    pool: str
    late: float
    gain: Interval


@dataclass(frozen=True, eq=False)
class Headroom:
    """The answer.

    Attributes
    ----------
    target
        The target for waits.
    visits_per_day
        Mean visits a day at the present demand.
    multiples
        Multiples of the present demand that were tried.
    width
        How far apart two of them may be that a root lies between, as a share of the lower one.
    wide
        How many figures lie between two that are farther apart, since the trials were used up.
    wait
        Headroom of the target for waits, over all queues.
    together, cut
        That of all cases together: within their promise, and within the cut statutory limit.
    promises
        That of each judged promise, in the order of the promises.
    bottleneck
        What is full first; ``None`` if nothing has any work.
    officer
        What one more officer buys; ``None`` if nobody is called late at any multiple tried, or none can be added.
    """

    target: WaitTarget
    visits_per_day: float
    multiples: tuple[float, ...]
    width: float
    wide: int
    wait: TargetHeadroom
    together: TargetHeadroom
    cut: TargetHeadroom
    promises: tuple[TargetHeadroom, ...]
    bottleneck: Bottleneck | None
    officer: Officer | None

    def frame(self, promises: Promises) -> pd.DataFrame:
        """Return one row a target: the multiples, and visits a day."""
        import pandas as pd

        names = ["wait", "together", "cut", *(" ".join(judged.names) for judged in promises.judged)]
        rows = []
        for name, headroom in zip(names, (self.wait, self.together, self.cut, *self.promises), strict=True):
            row: dict[str, Any] = {"target": name}
            for figure in ("reliable", "median"):
                interval = getattr(headroom, figure)
                row |= {figure: interval.estimate, f"{figure}_low": interval.low, f"{figure}_high": interval.high}
                row[f"{figure}_visits_per_day"] = interval.estimate * self.visits_per_day
            rows.append(row)
        return pd.DataFrame(rows)


class _AtDemand(Sequence[Scenario]):
    """Scenarios at a multiple of their demand, each made when it is needed."""

    def __init__(self, scenarios: Sequence[Scenario], multiple: float) -> None:
        self._scenarios, self._multiple = scenarios, multiple

    def __len__(self) -> int:
        return len(self._scenarios)

    @overload
    def __getitem__(self, place: int) -> Scenario: ...

    @overload
    def __getitem__(self, place: slice) -> list[Scenario]: ...

    def __getitem__(self, place: int | slice) -> Scenario | list[Scenario]:
        if isinstance(place, slice):
            return [_at_demand(scenario, self._multiple) for scenario in self._scenarios[place]]
        return _at_demand(self._scenarios[place], self._multiple)


def _at_demand(scenario: Scenario, multiple: float) -> Scenario:
    return scenario.model_copy(update={"demand": scenario.demand * multiple})


def demand_system(system: System, multiple: float) -> System:
    """Return a system at a multiple of its demand, with the same draws."""
    if multiple == 1:
        return system
    draws = _AtDemand(system.draws, multiple) if len(system.draws) else ()
    return System(_at_demand(system.scenario, multiple), draws)


def wait_target(text: str) -> WaitTarget:
    """Read a target for waits, such as ``90% within 15 min``.

    Raises
    ------
    HallplanError
        If it is not of that form.
    """
    target = parse_target(text)
    if type(target) is not WaitTarget:  # one for the hall's half-hours is another
        raise HallplanError("error.headroom.target", value=text)
    return target


def roots_of(multiples: Sequence[float], shares: FloatArray, least: float) -> FloatArray:
    """Return the multiple up to which a share is reached, by linear interpolation.

    Parameters
    ----------
    multiples
        Rising.
    shares
        At each multiple, shape (multiples, ...); not-a-number counts as reached.
    least
        The share to be reached.

    Returns
    -------
    FloatArray
        Shape (...): 0 if the share is not even reached at the first multiple, infinite if at all.

    Examples
    --------
    >>> roots_of([1, 2], np.array([[1.0, 0.8, 1.0], [0.8, 0.7, 0.9]]), least=0.9).tolist()
    [1.5, 0.0, inf]
    """
    reached = np.isnan(shares) | (shares >= least - _DUST)
    fails = np.argmin(reached, axis=0)
    fails = np.where(reached.all(axis=0), len(multiples), fails)
    grid = np.asarray(multiples, dtype=np.float64)
    after = np.clip(fails, 1, len(multiples) - 1)
    ends = [np.take_along_axis(shares, place[None], axis=0)[0] for place in (after - 1, after)]
    above, below = np.where(np.isnan(ends[0]), 1.0, ends[0]), ends[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip((above - least) / (above - below), 0.0, 1.0)
    between = grid[after - 1] + part * (grid[after] - grid[after - 1])
    roots = np.where(fails == 0, 0.0, np.where(fails == len(multiples), np.inf, between))
    return np.asarray(roots, dtype=np.float64)


def next_multiple(multiples: Sequence[float], roots: FloatArray, most: float, *, width: float = WIDTH) -> float | None:
    """Return the multiple to try next: the middle of the gap that holds most roots; ``None`` if no gap is worth it.

    Parameters
    ----------
    multiples
        Those tried, rising.
    roots
        The roots that are searched for.
    most
        The highest multiple worth trying.
    width
        A gap of two multiples that is narrower, as a share of the lower one, is not halved.

    Examples
    --------
    Two of three roots lie beyond 1, where nothing was tried; then two lie between 1 and 1.5:

    >>> next_multiple([1.0], np.array([0.0, np.inf, np.inf]), most=4)
    1.5
    >>> round(next_multiple([1.0, 1.5], np.array([0.0, 1.2, 1.4]), most=4), 3)
    1.225
    """
    gaps = _gaps(multiples)
    worth = [
        number * math.log(high / low)
        for number, (low, high) in zip(_in_wide_gaps(multiples, roots, most, width=width), gaps, strict=True)
    ]
    best = int(np.argmax(worth))
    if not worth[best]:
        return None
    return float(np.clip(math.sqrt(gaps[best][0] * gaps[best][1]), _LEAST, most))


def _gaps(multiples: Sequence[float]) -> list[tuple[float, float]]:
    """Return the gaps between multiples, with one below the lowest and one above the highest."""
    lowest, highest = multiples[0], multiples[-1]
    below = (max(lowest / _STEP**2, _LEAST / 2), lowest)
    return [below, *pairwise(multiples), (highest, highest * _STEP**2)]


def _in_wide_gaps(multiples: Sequence[float], roots: FloatArray, most: float, *, width: float) -> list[int]:
    """Return how many roots lie in each gap, 0 for a gap that is narrow or whose far end no trial can reach."""
    gaps = _gaps(multiples)
    numbers = [int(np.count_nonzero(roots == 0))]
    numbers += [int(np.count_nonzero((roots >= low) & (roots < high))) for low, high in gaps[1:-1]]
    numbers.append(int(np.count_nonzero(np.isinf(roots))))
    if multiples[0] <= _LEAST:
        numbers[0] = 0
    if multiples[-1] >= most * (1 - _DUST):
        numbers[-1] = 0
    return [number if high > low * (1 + width) else 0 for number, (low, high) in zip(numbers, gaps, strict=True)]


def headroom_of(
    composed: Composed,
    posterior: Posterior | None,
    promises: Promises,
    present: Sequence[Period],
    observe: Observe,
    *,
    target: WaitTarget,
    trials: int = TRIALS,
    width: float = WIDTH,
) -> Headroom:
    """Search for the demand up to which the present promises and a target for waits are kept.

    Parameters
    ----------
    composed, posterior
        The scenario, and where its parameters come from, one draw a period.
    promises
        What is judged.
    present
        Periods at the present demand.
    observe
        Simulates as many periods at another.
    target
        The target for waits.
    trials
        Most multiples that are tried.
    width
        The search ends sooner if every figure lies between two multiples so near to each other
        (:func:`next_multiple`).
    """
    system = promise_system(composed, posterior)
    bottleneck = _bottleneck(system, len(present), level=promises.goal.level)
    most = _MOST if bottleneck is None else float(np.clip(_BEYOND * bottleneck.capacity.estimate, _STEP, _MOST))
    tried: dict[float, Sequence[Period]] = {1.0: present}
    search = _Search(promises, target, most, width)
    while len(tried) < trials:
        multiple = next_multiple(sorted(tried), search.figures(tried), most, width=width)
        if multiple is None:
            break
        tried[multiple] = observe(demand_system(system, multiple))
    headrooms = search.headrooms(tried)
    wide = _in_wide_gaps(sorted(tried), search.figures(tried), most, width=width)
    return Headroom(
        target=target,
        visits_per_day=float(np.mean([period.visits_per_day for period in present])),
        multiples=tuple(sorted(tried)),
        width=width,
        wide=sum(wide),
        wait=headrooms[0],
        together=headrooms[1],
        cut=headrooms[2],
        promises=tuple(headrooms[3:]),
        bottleneck=bottleneck,
        officer=_officer(composed, posterior, tried, search, observe),
    )


@dataclass(frozen=True, eq=False)
class _Search:
    """What is searched for: the roots of the target for waits, of all cases together, and of the judged promises."""

    promises: Promises
    target: WaitTarget
    most: float
    width: float

    def headrooms(self, tried: Mapping[float, Sequence[Period]]) -> list[TargetHeadroom]:
        """Return the headroom of every target."""
        return [TargetHeadroom.of(roots, self.promises.goal) for roots in self.roots(tried)]

    def figures(self, tried: Mapping[float, Sequence[Period]]) -> FloatArray:
        """Return the figures that are reported: two of every target."""
        headrooms = self.headrooms(tried)
        return np.array([figure.estimate for row in headrooms for figure in (row.reliable, row.median)])

    def roots(self, tried: Mapping[float, Sequence[Period]]) -> FloatArray:
        """Return the roots of every target and period, shape (targets, periods)."""
        multiples = sorted(tried)
        shares = np.stack([self._shares(tried[multiple]) for multiple in multiples])
        least = [self.target.share, *[self.promises.goal.share] * (shares.shape[1] - 1)]
        return np.stack([roots_of(multiples, shares[:, place], share) for place, share in enumerate(least)])

    def wait_roots(self, tried: Mapping[float, Sequence[Period]]) -> FloatArray:
        """Return the roots of the target for waits alone, shape (periods,)."""
        multiples = sorted(tried)
        shares = [[period.called_in_time for period in tried[multiple]] for multiple in multiples]
        return roots_of(multiples, np.array(shares), self.target.share)

    def _shares(self, periods: Sequence[Period]) -> FloatArray:
        """Return the share of every target in every period, shape (targets, periods); not-a-number without cases."""
        names = self.promises.names
        cases = CasePool.of([period.cases for period in periods], names)
        shares = [np.array([period.called_in_time for period in periods])]
        statutory, promised = self.promises.limits
        shares += [shares_together(cases, days) for days in (promised, cut_limits(statutory, self.promises.goal.cut))]
        for judged in self.promises.judged:
            of_items = cases.of_items(sorted(map(names.index, judged.names)))
            numbers = np.bincount(of_items.unit, minlength=cases.units)
            in_time = np.bincount(of_items.unit, weights=of_items.statutory <= judged.promised, minlength=cases.units)
            shares.append(np.divide(in_time, numbers, out=np.full(cases.units, np.nan), where=numbers > 0))
        return np.stack(shares)


def _bottleneck(system: System, periods: int, *, level: float) -> Bottleneck | None:
    """Return what is full first, by its offered load at the numbers of each period."""

    def utilisations(scenario: Scenario) -> dict[str, float]:
        load = offered_load(scenario)
        parts = {pool.pool: pool.utilisation for pool in load.pools}
        return parts | {table.timetable: table.utilisation for table in load.timetables}

    number = min(periods, len(system.draws)) or 1
    of_draws = [utilisations(system.simulated(period)) for period in range(number)]
    busiest = [max(draw, key=lambda name: draw[name], default="") for draw in of_draws]
    name = max(dict.fromkeys(busiest), key=busiest.count)
    if not name or not any(draw[name] > 0 for draw in of_draws):
        return None
    capacities = [1 / draw[name] if draw[name] > 0 else math.inf for draw in of_draws]
    return Bottleneck(name, busiest.count(name) / number, quantile_interval(capacities, 0.5, level=level))


def _officer(
    composed: Composed,
    posterior: Posterior | None,
    tried: Mapping[float, Sequence[Period]],
    search: _Search,
    observe: Observe,
) -> Officer | None:
    """Return what one more officer buys, by a search of its own from the median root of the target for waits upwards.

    Below it the officer is left out, and what is gained there with it.
    """
    multiples, roots = sorted(tried), search.wait_roots(tried)
    first = min(int(np.searchsorted(multiples, float(np.median(roots)))), len(multiples) - 1)
    late = np.sum([period.joined - period.in_time for period in tried[multiples[first]]], axis=0)
    if not late.any():
        return None
    place = int(np.argmax(late))
    pool = tried[multiples[first]][0].pools[place]
    try:
        system = promise_system(composed.changed(levers=[LeverUse("add-staff", {"pool": pool})]), posterior)
    except ScenarioError:
        return None
    new = {multiple: tried[multiple] for multiple in multiples[:first]}
    following = multiples[first]
    for _ in range(_OFFICER_TRIALS):
        new[following] = observe(demand_system(system, following))
        median = np.array([np.median(search.wait_roots(new))])
        multiple = next_multiple(sorted(new), median, search.most, width=search.width)
        if multiple is None:
            break
        following = multiple
    with np.errstate(invalid="ignore"):  # beyond what was tried with and without: nothing is known of the gain
        gain = search.wait_roots(new) - roots
    interval = quantile_interval(gain, 0.5, level=search.promises.goal.level)
    return Officer(pool, float(late[place] / late.sum()), interval)
