"""Pools over time: queue length, utilisation, staff hours, overtime and cost.

Input: the log as a :class:`~sim.measure.table.Table`.  Output: the frames ``pool_half_hours``, ``staff``
and ``overtime``.  Time averages integrate step functions exactly, in whole ms times servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from foundation.identity import Identity
from scenarios.model import Pool, Scenario
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from sim.measure.pool_times import time_by_half_hour, time_by_pool
from sim.measure.steps import PLANS, clocks, on_duty, rostered
from sim.measure.table import BIN_LABELS, BIN_MS, BINS, Table, labelled, ratio
from sim.measure.visits import Trips
from sim.program import Plan

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "PoolTotals",
    "hourly_costs",
    "last_departures",
    "overtime_frame",
    "pool_half_hours_frame",
    "pool_totals",
    "staff_frame",
]


@dataclass(frozen=True, eq=False)
class PoolTotals:
    """Totals of each pool over the measured window, in ms times servers, shape (pools,), and its cost.

    Attributes
    ----------
    rostered, busy
        Servers on duty, and servers at work, integrated over time.  A service that pauses overnight isn't
        work meanwhile.
    overtime
        Work after the day's last closing, by measured working day, shape (pools, days).
    yuan
        Cost of the rostered hours.
    staffed
        Time with anybody on duty.
    waiting, present
        Visitors and files that wait, and that are there (waiting or served), integrated over that time.
    """

    rostered: IntArray
    busy: IntArray
    overtime: IntArray
    yuan: FloatArray
    staffed: IntArray
    waiting: IntArray
    present: IntArray


def _stays(table: Table) -> tuple[tuple[IntArray, IntArray, IntArray, IntArray], ...]:
    """Return pool, ready, start and end of the stays that are over, and of those that last when the run stops."""
    rest, rows = table.unfinished, table.serves
    stop = np.full(rest.entity.size, table.window.stop, dtype=np.int64)
    return (
        (table.pool_of_serve, table.ready[rows], table.start[rows], table.end[rows]),
        (rest.pool, rest.ready, rest.start, stop),
    )


def pool_totals(table: Table) -> PoolTotals:
    """Return what each pool was there for, and what it did, in the measured window."""
    window, plan, clock = table.window, table.plan, clocks(table.plan)
    on_duty_ms, staffed_ms = rostered(plan, window.begin, window.end)
    sums = (time_by_pool(clock, *columns, (window.begin, window.end), table.measured_day) for columns in _stays(table))
    busy, overtime, waiting, present = (over + not_over for over, not_over in zip(*sums, strict=True))
    yuan = on_duty_ms / HOUR_MS * hourly_costs(Identity(table.scenario), tuple(table.pools))
    return PoolTotals(on_duty_ms, busy, overtime, yuan, staffed_ms, waiting, present)


@lru_cache(maxsize=32)
def hourly_costs(of: Identity[Scenario], names: tuple[str, ...]) -> FloatArray:
    """Return each pool's cost of a server-hour; merged pools share theirs, weighted by weekly server-hours.

    A merged pool without a price of its own, such as a shift over lunch, costs what an hour of the others costs.
    """
    scenario = of.value
    members: dict[str, list[Pool]] = {name: [] for name in names}
    for name, spec in scenario.pools.items():
        members[_does_work_of(scenario, name)].append(spec)
    costs = np.zeros(len(names))
    for k, parts in enumerate(members.values()):
        specs = [spec for spec in parts if "cost_per_hour" in spec.model_fields_set] or parts
        weights = [_weekly_server_ms(scenario, spec) for spec in specs] if len(specs) > 1 else []
        if len(specs) == 1:
            costs[k] = specs[0].cost_per_hour
        elif sum(weights) > 0:
            costs[k] = np.average([spec.cost_per_hour for spec in specs], weights=weights)
    return costs


def _does_work_of(scenario: Scenario, name: str) -> str:
    while (into := scenario.pools[name].merge_into) is not None:
        name = into
    return name


def _weekly_server_ms(scenario: Scenario, pool: Pool) -> int:
    if pool.roster is not None:
        return sum(len(shift.days) * (shift.hours[1] - shift.hours[0]) * shift.servers for shift in pool.roster)
    site = scenario.sites.get(pool.site)
    hours = pool.hours or (site.hours if site is not None else None) or scenario.calendar.hours
    return pool.servers * sum(closes - opens for day in hours.values() for opens, closes in day)


def staff_frame(table: Table, totals: PoolTotals) -> pd.DataFrame:
    """Return one row a pool: hours rostered, busy and overtime, utilisation and cost in the measured window."""
    import pandas as pd

    days = table.window.days.size
    return pd.DataFrame(
        {
            "pool": table.pools,
            "rostered_hours": totals.rostered / HOUR_MS,
            "busy_hours": totals.busy / HOUR_MS,
            "overtime_hours": totals.overtime.sum(axis=1) / HOUR_MS,
            "utilisation": ratio(totals.busy, totals.rostered),
            "rostered_hours_per_day": totals.rostered / HOUR_MS / days,
            "cost_yuan": totals.yuan,
            "cost_yuan_per_day": totals.yuan / days,
        }
    )


def last_departures(table: Table, trips: Trips) -> FloatArray:
    """Return for each measured day how many minutes after a site's last closing its last visitor left, at
    least 0.

    The latest of the sites counts; a day without visitors, and a site without doors, has none (not-a-number).
    """
    latest = np.full(table.window.days.size, -np.inf)
    over = table.window.contains(trips.arrive) & (trips.leave >= 0) & (trips.enter >= 0) & (trips.site >= 0)
    for site, calendar in enumerate(table.plan.calendars):
        here = np.flatnonzero(over & (trips.site == site))
        if here.size:
            closing = calendar.last_closing_of_day(trips.arrive[here])
            late = np.maximum(trips.leave[here] - closing, 0) / MINUTE_MS
            np.maximum.at(latest, table.day_index(trips.arrive[here]), late)
    return np.where(np.isinf(latest), np.nan, latest)


def overtime_frame(table: Table, totals: PoolTotals, trips: Trips) -> pd.DataFrame:
    """Return one row a measured working day: work after closing, and when the last visitor left."""
    import pandas as pd

    return pd.DataFrame(
        {
            "date": table.dates,
            "overtime_server_min": totals.overtime.sum(axis=0) / MINUTE_MS,
            "last_departure_min_after_closing": last_departures(table, trips),
        }
    )


def pool_half_hours_frame(table: Table, means: FloatArray) -> pd.DataFrame:
    """Return one row a pool and half-hour of the day, from :func:`half_hour_integrals`."""
    import pandas as pd

    names = table.pools
    places = {
        "pool": labelled(np.repeat(np.arange(len(names)), BINS), names),
        "half_hour": labelled(np.tile(np.arange(BINS), len(names)), BIN_LABELS),
    }
    return pd.DataFrame(places | {name: means[:, :, k].ravel() for k, name in enumerate(_HALF_HOUR_COLUMNS)})


_HALF_HOUR_COLUMNS = ("queue_mean", "busy_mean", "rostered_mean", "utilisation")


def half_hour_integrals(table: Table) -> FloatArray:
    """Return mean queue, servers busy, servers rostered and utilisation, shape (pools, half-hours of the day, 4).

    Means over time, over the measured working days of the pool's site; utilisation is busy over rostered.
    """
    begin, clock = table.window.begin, clocks(table.plan)
    is_worked, rostered_ms = _half_hours(table.plan, begin, table.window.end)
    stays = (time_by_half_hour(clock, *columns, begin, is_worked, BIN_MS) for columns in _stays(table))
    queue, busy = (over + not_over for over, not_over in zip(*stays, strict=True))
    span = np.maximum(is_worked.sum(axis=1), 1)[:, None] * BIN_MS
    return np.stack([*(cells / span for cells in (queue, busy, rostered_ms)), ratio(busy, rostered_ms)], axis=2)


@lru_cache(maxsize=PLANS)
def _half_hours(plan: Plan, begin: int, end: int) -> tuple[BoolArray, IntArray]:
    """Return what a plan says about half-hours; kept, since every replication asks for it.

    Returns
    -------
    is_worked : bool array, shape (pools, days)
        Whether the pool's site works on a day.
    rostered_ms : int64 array, shape (pools, half-hours of the day)
        Servers on duty integrated over the worked days, in ms times servers.
    """
    first_day = begin // DAY_MS
    days = -(-end // DAY_MS) - first_day
    grid = np.arange(days * BINS + 1, dtype=np.int64) * BIN_MS + begin
    workdays = [calendar.workdays[first_day : first_day + days] for calendar in plan.calendars]
    is_worked = np.array([workdays[pool.site] for pool in plan.pools], dtype=np.bool_).reshape(len(plan.pools), days)
    rostered_ms = np.zeros((len(plan.pools), BINS), dtype=np.int64)
    for k, pool in enumerate(plan.pools):
        cells = np.diff(on_duty(pool).integral(grid)).reshape(days, BINS)
        rostered_ms[k] = cells[is_worked[k]].sum(axis=0)
    return is_worked, rostered_ms
