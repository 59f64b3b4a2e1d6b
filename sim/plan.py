"""From a scenario to the hall's side of a simulation: rosters, doors, calendars and timetables on the integer clock.

Comes in: a validated :class:`~scenarios.model.Scenario`.  Goes out: a :class:`~sim.program.Plan`, in which nothing
is random, and the small facts that :mod:`sim.draw.drawing` needs about the same hall (:class:`Layout`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np

from foundation.arrays import BoolArray, IntArray
from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.model import WEEKDAYS, Pool, Scenario, Timetable
from scenarios.routes import pools_of_visits
from sim.calendar import DAY_MS, NEVER, WorkCalendar, working_days
from sim.program import NO_LAST_CALL, Plan, PoolPlan, SitePlan, TimetablePlan

__all__ = ["KEEP", "SEND_HOME", "SERVE_ALL", "Layout", "compile_plan"]

KEEP, SERVE_ALL, SEND_HOME = 0, 1, 2
"""What the day's last closing does to a pool's queue."""

_AT_CLOSE = {"keep": KEEP, "serve": SERVE_ALL, "send-home": SEND_HOME}
_BEYOND_DAYS = 400
"""Calendar days known beyond the end of the run, so that due dates and late deliveries still have a date."""

_MONDAY = 0


@dataclass(frozen=True, eq=False)
class Layout:
    """A scenario's hall on the integer clock, before capacity: days, calendars, and which pool is which.

    Attributes
    ----------
    scenario
        The scenario.
    workdays
        Which calendar days are working days.
    first_measured, first_followed, stop_day
        Calendar days on which the measured and the followed-up part of the run begin, and the day after the run.
    prepared
        What others have worked out from this layout, by their name, and want to find again with it.
    """

    scenario: Scenario
    workdays: BoolArray
    first_measured: int
    first_followed: int
    stop_day: int
    prepared: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, scenario: Scenario) -> Layout:
        """Lay out `scenario`; whoever asks soon again for the same object is given the same layout.

        Raises
        ------
        ScenarioError
            If there are not enough working days within a century.
        """
        return _lately(Identity(scenario))

    @classmethod
    def made_for(cls, scenario: Scenario) -> Layout:
        """Lay out `scenario` anew."""
        run, calendar = scenario.run, scenario.calendar
        wanted = run.all_days
        n_days = wanted + _BEYOND_DAYS
        to_the_last_date = (dt.date.max - run.start).days
        while True:
            n_days = min(n_days, to_the_last_date)
            if n_days <= _BEYOND_DAYS:
                raise ScenarioError("error.too_few_working_days", wanted=wanted)
            workdays = working_days(
                run.start,
                n_days,
                country=None if calendar.country == "none" else calendar.country,
                weekend=_weekend(scenario),
                off=calendar.off,
                work=calendar.work,
            )
            worked = np.flatnonzero(workdays)
            if worked.size >= wanted and worked[wanted - 1] + _BEYOND_DAYS <= n_days:
                break
            if n_days > 40_000 or n_days == to_the_last_date:
                raise ScenarioError("error.too_few_working_days", wanted=wanted)
            n_days *= 2
        starts = np.r_[worked[:wanted], worked[wanted - 1] + 1]
        return cls(
            scenario,
            workdays[: worked[wanted - 1] + _BEYOND_DAYS],
            int(starts[run.warm_up_days]),
            int(starts[run.warm_up_days + run.days]),
            int(starts[wanted]),
        )

    @property
    def stop(self) -> int:
        """The end of the run in ms."""
        return self.stop_day * DAY_MS

    @property
    def demand_begins(self) -> int:
        """When sources begin to bring anybody, in ms: before a stated backlog's first measured day lies its history."""
        return self.first_measured * DAY_MS if self.scenario.backlog else 0

    @property
    def weekdays(self) -> IntArray:
        """Weekday of every calendar day, Monday 0."""
        return (self.scenario.run.start.weekday() + np.arange(self.workdays.size)) % 7

    @cached_property
    def weekend(self) -> frozenset[int]:
        """Weekdays that are not worked as a rule, Monday 0."""
        return _weekend(self.scenario)

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Names of the sites, in index order."""
        return tuple(self.scenario.sites)

    @cached_property
    def calendars(self) -> tuple[WorkCalendar, ...]:
        """Working time of every site.  A site without hours on an ordinary weekday doesn't work on it."""
        common = self.scenario.calendar.hours
        calendars = []
        for site in self.scenario.sites.values():
            hours = [(site.hours or common).get(day, []) for day in WEEKDAYS]
            make_up = self.weekend if hours[_MONDAY] else frozenset()
            works = np.array([bool(intervals) or day in make_up for day, intervals in enumerate(hours)])
            workdays = self.workdays & works[self.weekdays]
            by_weekday = tuple(tuple(intervals) for intervals in hours)
            calendars.append(_calendar(self.scenario.run.start, workdays.tobytes(), by_weekday))
        return tuple(calendars)

    @cached_property
    def pools(self) -> dict[str, str]:
        """Every pool's name, and the name of the pool that does its work (itself, unless it was merged)."""
        pools = self.scenario.pools

        def target(name: str) -> str:
            seen = [name]
            while (into := pools[seen[-1]].merge_into) is not None:
                if into in seen or into not in pools:
                    raise ScenarioError("error.bad_merge", pool=name, into=into)
                seen.append(into)
            return seen[-1]

        return {name: target(name) for name in pools}

    @cached_property
    def pool_index(self) -> dict[str, int]:
        """Every pool's name (merged ones too) and the index of the pool that does its work."""
        order = {name: index for index, name in enumerate(dict.fromkeys(self.pools.values()))}
        return {name: order[into] for name, into in self.pools.items()}

    def has_doors(self, site: str) -> bool:
        """Tell whether visitors of `site` can find it shut or full."""
        calendar = self.calendars[self.sites.index(site)]
        return self.scenario.sites[site].room is not None or calendar.opens.size > 1 or bool(np.any(~self.workdays))

    @cached_property
    def visitor_pools(self) -> frozenset[str]:
        """Pools (after merging) that visitors queue at."""
        return frozenset(
            self.pools[pool]
            for service in self.scenario.services.values()
            for pool in pools_of_visits(self.scenario, service)
        )


def _weekend(scenario: Scenario) -> frozenset[int]:
    stated = frozenset(WEEKDAYS.index(day) for day in scenario.calendar.weekend)
    return stated or (frozenset((5, 6)) if scenario.calendar.country == "CN" else frozenset())


@lru_cache(maxsize=64)
def _calendar(start: dt.date, workdays: bytes, hours: tuple[tuple[tuple[int, int], ...], ...]) -> WorkCalendar:
    """Return a calendar; sites of the same hours, and variants of a hall, share one."""
    return WorkCalendar.from_hours(start, np.frombuffer(workdays, dtype=np.bool_), hours)


@lru_cache(maxsize=8)
def _lately(key: Identity[Scenario]) -> Layout:
    return Layout.made_for(key.value)


def compile_plan(scenario: Scenario, layout: Layout | None = None) -> Plan:
    """Put a scenario's capacity on the integer clock.

    Parameters
    ----------
    scenario
        The scenario.
    layout
        Its layout, if it is at hand; the plan is kept with it.

    Raises
    ------
    ScenarioError
        If pools are merged in a circle, or the run has too few working days.
    """
    layout = layout or Layout.of(scenario)
    if __name__ not in layout.prepared:
        layout.prepared[__name__] = _plan(layout)
    plan: Plan = layout.prepared[__name__]
    return plan


def _plan(layout: Layout) -> Plan:
    scenario = layout.scenario
    members: dict[str, list[Pool]] = {}
    for name, into in layout.pools.items():
        members.setdefault(into, []).append(scenario.pools[name])
    roster = _rosters(layout)
    return Plan(
        pools=tuple(_pool_plan(layout, name, roster(_shifts(layout, parts))) for name, parts in members.items()),
        sites=tuple(_site_plan(layout, index) for index in range(len(layout.sites))),
        timetables=tuple(_timetable_plan(layout, name, table) for name, table in scenario.timetables.items()),
        calendars=layout.calendars,
        stop=layout.stop,
    )


_Shifts: TypeAlias = tuple[tuple[tuple[int, int, int], ...], ...]
"""For every weekday the ``(open, close, servers)`` of some pools together."""


def _shifts(layout: Layout, pools: Sequence[Pool]) -> _Shifts:
    """Return the shifts of some pools, one pool after the other."""
    by_day: list[list[tuple[int, int, int]]] = [[] for _ in WEEKDAYS]
    for pool in pools:
        for day, shifts in enumerate(_shifts_of(layout, pool)):
            by_day[day] += shifts
    return tuple(map(tuple, by_day))


def _shifts_of(layout: Layout, pool: Pool) -> list[list[tuple[int, int, int]]]:
    """Return for every weekday the pool's ``(open, close, servers)``."""
    hours = pool.hours or layout.scenario.sites[pool.site].hours or layout.scenario.calendar.hours
    by_day: list[list[tuple[int, int, int]]] = [[] for _ in WEEKDAYS]
    if pool.roster is None:
        for day, intervals in hours.items():
            by_day[WEEKDAYS.index(day)] = [(*interval, pool.servers) for interval in intervals]
    for shift in pool.roster or ():
        for day in shift.days:
            by_day[WEEKDAYS.index(day)].append((*shift.hours, shift.servers))
    # A make-up working day is worked like a Monday where nothing else is said.
    return [shifts or (by_day[_MONDAY] if day in layout.weekend else []) for day, shifts in enumerate(by_day)]


def _rosters(layout: Layout) -> Callable[[_Shifts], tuple[IntArray, IntArray]]:
    """Return what gives the edges of the servers on duty: times in ms, and servers from then on.

    Most pools of a hall work the same shifts, so each set of shifts is laid over the days once.
    """
    days_of = [np.flatnonzero(layout.workdays & (layout.weekdays == weekday)) * DAY_MS for weekday in range(7)]

    @cache
    def roster(shifts: _Shifts) -> tuple[IntArray, IntArray]:
        times: list[IntArray] = [np.zeros(1, dtype=np.int64)]
        changes: list[IntArray] = [np.zeros(1, dtype=np.int64)]
        for days, of_day in zip(days_of, shifts, strict=True):
            for opens, closes, servers in of_day:
                times += [days + opens, days + closes]
                changes += [np.full(days.size, servers), np.full(days.size, -servers)]
        moments, where = np.unique(np.concatenate(times), return_inverse=True)
        on_duty = np.cumsum(np.bincount(where, weights=np.concatenate(changes)).astype(np.int64))
        changed = np.r_[True, np.diff(on_duty) != 0]
        return moments[changed], on_duty[changed]

    return roster


def _day_closes(times: IntArray, servers: IntArray) -> BoolArray:
    """Tell at which edges nobody is left on duty until another calendar day."""
    following = np.r_[times[1:], NEVER]
    closed: BoolArray = (servers == 0) & ((times - 1) // DAY_MS != following // DAY_MS)
    return closed


def _pauses(
    layout: Layout, times: IntArray, servers: IntArray, day_close: BoolArray, at_close: int
) -> WorkCalendar | None:
    """Return the time in which a service in hand goes on, for servers who pause at an edge.

    A pool that serves everybody before it goes home doesn't pause at the day's last closing.
    """
    on = servers > 0
    if at_close != KEEP:
        on = on | day_close
    opens, closes = times[on], np.r_[times[1:], layout.workdays.size * DAY_MS][on]
    opens, closes = opens[opens < closes], closes[opens < closes]  # the last day may close at its very end
    if opens.size == 0:
        return None
    return _work_calendar(layout.scenario.run.start, layout.workdays.size, opens.tobytes(), closes.tobytes())


@lru_cache(maxsize=256)
def _work_calendar(start: dt.date, days: int, opens: bytes, closes: bytes) -> WorkCalendar:
    """Return the calendar of some intervals; pools of the same hours, and plans of similar halls, share one."""
    begins, ends = np.frombuffer(opens, dtype=np.int64), np.frombuffer(closes, dtype=np.int64)
    open_days = np.zeros(days, dtype=np.bool_)
    for first, last in zip(begins // DAY_MS, (ends - 1) // DAY_MS, strict=True):
        open_days[first : last + 1] = True
    return WorkCalendar(start, begins, ends, open_days)


def _last_calls(times: IntArray, servers: IntArray, day_close: BoolArray, at_close: int) -> IntArray:
    """Return by edge until when a service must end that is called after it: the next edge that leaves no server.

    A pool that serves everybody before it goes home is not limited by the day's last closing.
    """
    limits = np.full(times.size, NO_LAST_CALL, dtype=np.int64)
    limit = NO_LAST_CALL
    for edge in reversed(range(times.size)):
        limits[edge] = limit
        if servers[edge] == 0:
            limit = NO_LAST_CALL if day_close[edge] and at_close == SERVE_ALL else int(times[edge])
    return limits


def _pool_plan(layout: Layout, name: str, roster: tuple[IntArray, IntArray]) -> PoolPlan:
    pool, (times, servers) = layout.scenario.pools[name], roster
    day_close = _day_closes(times, servers)
    if pool.at_close is not None:
        at_close = _AT_CLOSE[pool.at_close]
    elif name in layout.visitor_pools:
        at_close = _AT_CLOSE[layout.scenario.sites[pool.site].at_close]
    else:
        at_close = KEEP
    return PoolPlan(
        name=name,
        site=layout.sites.index(pool.site),
        times=times,
        servers=servers,
        day_close=day_close,
        at_close=at_close,
        pauses=_pauses(layout, times, servers, day_close, at_close) if pool.at_break == "pause" else None,
        last_calls=_last_calls(times, servers, day_close, at_close)
        if pool.at_break == "last-call"
        else np.full(times.size, NO_LAST_CALL, dtype=np.int64),
        by_due_date=pool.discipline == "due-date",
        preemptive=pool.preemptive,
        room=-1 if pool.room is None else pool.room,
    )


def _site_plan(layout: Layout, index: int) -> SitePlan:
    """Open the doors once a day, from before the first opening to before the last closing."""
    site, calendar = layout.scenario.sites[layout.sites[index]], layout.calendars[index]
    # The day of an interval that begins before midnight and goes on is its opening's.
    days = calendar.opens // DAY_MS
    first = np.r_[True, days[1:] != days[:-1]]
    opens = calendar.opens[first] - site.doors_open
    closes = calendar.closes[np.r_[np.flatnonzero(first)[1:] - 1, days.size - 1]] - site.tickets_stop
    return SitePlan(
        name=layout.sites[index],
        opens=np.maximum(opens, 0),
        closes=np.maximum(closes, opens + 1),
        room=-1 if site.room is None else site.room,
        has_doors=layout.has_doors(layout.sites[index]),
    )


def _timetable_plan(layout: Layout, name: str, table: Timetable) -> TimetablePlan:
    site = layout.sites.index(table.site)
    if table.count is not None:
        longest = -1 if table.longest is None else table.longest
        return TimetablePlan(name, np.zeros(0, dtype=np.int64), -1, count=table.count, longest=longest, site=site)
    if table.every is not None:
        start, end = table.between
        times = np.arange(start, end, table.every, dtype=np.int64)
    else:
        times = np.array(sorted(table.times or ()), dtype=np.int64)
    weeks = (layout.scenario.run.start.weekday() + np.arange(layout.workdays.size)) // 7
    on = layout.calendars[site].workdays & (weeks % table.every_weeks == 0)
    on &= np.isin(layout.weekdays, [WEEKDAYS.index(day) for day in table.days])
    departures = (np.flatnonzero(on)[:, None] * DAY_MS + times[None, :]).ravel()
    return TimetablePlan(name=name, departures=departures, capacity=-1 if table.capacity is None else table.capacity)
