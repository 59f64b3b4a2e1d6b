"""When work comes to a pool: servings and modified offered load by half-hour of the day, weekday by weekday.

Input: a scenario.  Output: a :class:`PoolDemand` for every pool at which visitors queue.  Visits come by the profile of
their source; visits that follow from others, and files, by the profile of the pool's site.  Whoever comes while a pool
is closed joins at its next opening.  The way to a pool inside the hall takes no time here: simulating corrects that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, FloatArray
from foundation.units import parse_moment
from planner.load import PoolFlow, pool_flows
from scenarios.model import WEEKDAYS, Arrival, Pool, Scenario
from scenarios.model.vocabulary import Weekday
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from sim.draw.arrivals import day_means, time_of_day_profile
from sim.measure.table import BIN_MS, BINS
from sim.plan import Layout

__all__ = ["PoolDemand", "modified_load", "opening_hours", "pool_demands"]

CELL_MS: Final = 5 * MINUTE_MS
"""Step in which the load is followed through the day: a half of a short service."""
_CELLS: Final = DAY_MS // CELL_MS
_IN_BIN: Final = BIN_MS // CELL_MS


@dataclass(frozen=True, eq=False)
class PoolDemand:
    """What a pool meets on a weekday of mean demand.

    Attributes
    ----------
    pool
        Its name.
    weekday
        Number of the weekday, Monday 0.
    hours
        Its opening hours on that weekday, in ms of the day.
    servings
        Servings by half-hour of joining the queue, shape (48,).
    load
        The highest modified offered load of each half-hour (erlang), shape (48,).
    work_min
        Mean minutes of a serving.
    day_variance
        Variance of the factor by which a day's demand differs from its mean.
    """

    pool: str
    weekday: int
    hours: tuple[tuple[int, int], ...]
    servings: FloatArray
    load: FloatArray
    work_min: float
    day_variance: float

    @property
    def is_open(self) -> BoolArray:
        """Tell in which half-hours the pool is open for some time."""
        return np.asarray(_cells_open(self.hours).reshape(BINS, _IN_BIN).any(axis=1), dtype=np.bool_)

    @property
    def mean_load(self) -> float:
        """Work of the day over the hours in which the pool is open (erlang)."""
        open_ms = sum(closes - opens for opens, closes in self.hours)
        return float(self.servings.sum()) * self.work_min * MINUTE_MS / open_ms if open_ms else 0.0


def pool_demands(scenario: Scenario, behind: Collection[str] = ()) -> tuple[PoolDemand, ...]:
    """Return what comes to every pool at which visitors queue, on every weekday on which it is open.

    Pools to which nobody comes are left out.

    Parameters
    ----------
    scenario
        The scenario.
    behind
        Pools behind the windows that are wanted as well.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    layout = Layout.of(scenario)
    by_pool: dict[str, list[PoolFlow]] = {}
    for flow in pool_flows(scenario):
        by_pool.setdefault(flow.pool, []).append(flow)
    levels = {name: _levels(layout, source) for name, source in scenario.arrivals.items()}
    measured = np.arange(layout.first_measured, layout.first_followed)
    worked = np.unique(layout.weekdays[measured[layout.workdays[measured]]]).tolist()
    weekdays = [day for day in worked if day not in layout.weekend] or worked  # make-up days are worked like Mondays
    demands = list[PoolDemand]()
    for pool in dict.fromkeys(layout.pools.values()):
        flows = by_pool.get(pool, [])
        if pool not in {*layout.visitor_pools, *behind} or sum(flow.servings for flow in flows) <= 0:
            continue
        for weekday in weekdays:
            hours = opening_hours(scenario, pool)[weekday]
            if hours:
                demands.append(_demand(layout, flows, hours, levels=levels, weekday=weekday))
    return tuple(demands)


def opening_hours(scenario: Scenario, pool: str) -> list[tuple[tuple[int, int], ...]]:
    """Return by weekday when a pool is open, in ms: its hours, its roster's, or its site's."""
    spec = scenario.pools[pool]
    if spec.roster is not None:
        return [_union([shift.hours for shift in spec.roster if day in shift.days]) for day in WEEKDAYS]
    hours = _hours(scenario, spec)
    return [tuple(hours.get(day, ())) for day in WEEKDAYS]


def _hours(scenario: Scenario, pool: Pool) -> Mapping[Weekday, Sequence[tuple[int, int]]]:
    return pool.hours or scenario.sites[pool.site].hours or scenario.calendar.hours


def _union(intervals: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join intervals that touch or overlap."""
    joined = list[tuple[int, int]]()
    for opens, closes in sorted(intervals):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def modified_load(arrivals: FloatArray, mean_work_ms: float, *, cell_ms: int = CELL_MS) -> FloatArray:
    """Return the mean number in service if nobody ever waited: ``m(t) = ∫ λ(t-u) P(S > u) du``.

    Service is exponential here, so that ``m' = λ - m / E S``, which is solved exactly for a rate that is constant in
    each cell (Jennings, Mandelbaum, Massey and Whitt 1996; Eick, Massey and Whitt 1993).

    Parameters
    ----------
    arrivals
        Expected arrivals by cell, the day's first cell first.
    mean_work_ms
        Mean service E S in ms.
    cell_ms
        Length of a cell in ms.

    Returns
    -------
    FloatArray
        The load at the end of each cell (erlang).
    """
    left = np.exp(-cell_ms / mean_work_ms)
    load, loads = 0.0, np.zeros_like(arrivals, dtype=np.float64)
    for cell, number in enumerate(arrivals.tolist()):
        load = load * left + number * mean_work_ms / cell_ms * (1 - left)
        loads[cell] = load
    return loads


def _demand(
    layout: Layout,
    flows: Sequence[PoolFlow],
    hours: tuple[tuple[int, int], ...],
    *,
    levels: Mapping[str, FloatArray],
    weekday: int,
) -> PoolDemand:
    scenario, pool = layout.scenario, flows[0].pool
    servings, work_h = sum(flow.servings for flow in flows), sum(flow.work_h for flow in flows)
    later = _shape(time_of_day_profile(layout, scenario.pools[pool].site, None)[weekday])
    arrivals, variance = np.zeros(_CELLS), 0.0
    for flow in flows:
        source, level = scenario.arrivals[flow.source], float(levels[flow.source][weekday])
        arrivals += flow.direct * level * _source_shape(layout, source, weekday) + flow.later * later
        if source.per_day and scenario.demand:
            of_source = (source.day_dispersion - 1) / (source.per_day * scenario.demand)
            variance += (flow.direct / servings) ** 2 * of_source
    arrivals = _at_openings(arrivals, hours)
    work_ms = work_h / servings * HOUR_MS
    loads = modified_load(arrivals, max(work_ms, 1.0))
    return PoolDemand(
        pool=pool,
        weekday=weekday,
        hours=hours,
        servings=arrivals.reshape(BINS, _IN_BIN).sum(axis=1),
        load=loads.reshape(BINS, _IN_BIN).max(axis=1),
        work_min=work_ms / MINUTE_MS,
        day_variance=variance,
    )


def _levels(layout: Layout, source: Arrival) -> FloatArray:
    """Return by weekday how much more than on a mean measured day comes."""
    days = np.arange(layout.first_measured, layout.first_followed)
    days = days[layout.workdays[days]]
    if source.per_day is None:
        return np.ones(len(WEEKDAYS))
    means = day_means(layout, source)[days]
    weekdays, mean = layout.weekdays[days], float(means.mean()) or 1.0
    number = np.maximum(np.bincount(weekdays, minlength=len(WEEKDAYS)), 1)
    level: FloatArray = np.bincount(weekdays, weights=means, minlength=len(WEEKDAYS)) / number / mean
    return level


def _source_shape(layout: Layout, source: Arrival, weekday: int) -> FloatArray:
    """Return which part of a day's visits of a source comes in each cell."""
    if source.slots is not None:
        return _at_times(source.slots.times) if WEEKDAYS[weekday] in source.slots.days else np.zeros(_CELLS)
    if source.at is not None:
        return _at_times([parse_moment(moment)[1] for moment in source.at])
    if source.every is not None:
        site = layout.scenario.sites[source.site]
        is_open = _cells_open((site.hours or layout.scenario.calendar.hours).get(WEEKDAYS[weekday], []))
        return is_open / max(int(is_open.sum()), 1)
    return _shape(time_of_day_profile(layout, source.site, source.profile)[weekday])


def _shape(profile: tuple[FloatArray, FloatArray]) -> FloatArray:
    moments, come_by = profile
    return np.diff(np.interp(np.arange(_CELLS + 1) * CELL_MS, moments, come_by))


def _at_times(times: Sequence[int]) -> FloatArray:
    cells = np.array([time % DAY_MS // CELL_MS for time in times], dtype=np.int64)
    return np.bincount(cells, minlength=_CELLS) / max(cells.size, 1)


def _cells_open(hours: Sequence[tuple[int, int]]) -> BoolArray:
    begins = np.arange(_CELLS) * CELL_MS
    is_open = np.zeros(_CELLS, dtype=np.bool_)
    for opens, closes in hours:
        is_open |= (begins < closes) & (begins + CELL_MS > opens)
    return is_open


def _at_openings(arrivals: FloatArray, hours: Sequence[tuple[int, int]]) -> FloatArray:
    """Move those who come while a pool is closed to its next opening; those after its last hour to that hour."""
    cells = np.flatnonzero(_cells_open(hours))
    places = np.minimum(np.searchsorted(cells, np.arange(_CELLS)), cells.size - 1)
    return np.bincount(cells[places], weights=arrivals, minlength=_CELLS).astype(np.float64)
