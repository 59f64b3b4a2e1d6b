"""How much work the demand brings to every pool, before anything is simulated: the traffic equations.

Input: a scenario.  Output: a :class:`Load`: for every pool the offered load against the servers on duty, for every
timetable with limited places those who want one, and the names of those that can't keep up; and, pool by pool, the
:class:`PoolFlow` of each source.  Expected numbers of passes
come from the absorbing Markov chain of every route (:mod:`scenarios.routes`; Kemeny and Snell 1960), so that rework,
branches and follow-up visits are in them.  Nobody loses patience here, and nobody is turned away: it is the load that
is offered, not the load that is carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from foundation.arrays import IntArray
from foundation.units import parse_moment
from scenarios.model import WEEKDAYS, Arrival, Route, Scenario, Step
from scenarios.model.laws import mean_of
from scenarios.routes import (
    CASE,
    Spawned,
    expected_passes,
    leaving_share,
    parts,
    route_of,
    routes_of_service,
    share_taken,
    spawned_by_service,
)
from sim.calendar import DAY_MS, HOUR_MS
from sim.draw.arrivals import day_means
from sim.plan import Layout, compile_plan

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Load", "PoolFlow", "PoolLoad", "TimetableLoad", "offered_load", "pool_flows"]


@dataclass(frozen=True)
class PoolLoad:
    """What a pool is asked to do on a mean working day, and what it has to do it with.

    Attributes
    ----------
    pool
        Its name; pools that were merged into another one have none of their own.
    servings_per_day
        How often somebody, or a file, comes to be served.
    work_h_per_day, rostered_h_per_day
        Server-hours asked for, and on duty.
    open_h_per_day
        Hours with at least one server on duty.
    """

    pool: str
    servings_per_day: float
    work_h_per_day: float
    rostered_h_per_day: float
    open_h_per_day: float

    @property
    def offered_load(self) -> float:
        """Mean number of servers asked for while the pool is open: arrivals per hour times mean work (erlang)."""
        return _quotient(self.work_h_per_day, self.open_h_per_day)

    @property
    def servers(self) -> float:
        """Mean number of servers on duty while the pool is open."""
        return _quotient(self.rostered_h_per_day, self.open_h_per_day)

    @property
    def utilisation(self) -> float:
        """Offered load over servers; infinite for work that nobody is there to do."""
        return _quotient(self.work_h_per_day, self.rostered_h_per_day)

    @property
    def is_overloaded(self) -> bool:
        """Whether it is asked for more than its hours hold; what becomes of that, :mod:`planner.regime` tells."""
        return self.utilisation >= 1


@dataclass(frozen=True)
class PoolFlow:
    """What one source brings to one pool on a mean measured working day.

    Attributes
    ----------
    source, pool
        Their names.
    direct
        Servings within the visits of the source, which come when its visits come.
    later
        Servings within the visits and cases that these visits lead to, on this day or later.
    work_h
        Server-hours of both.
    """

    source: str
    pool: str
    direct: float
    later: float
    work_h: float

    @property
    def servings(self) -> float:
        """Servings a day, direct and later."""
        return self.direct + self.later


@dataclass(frozen=True)
class TimetableLoad:
    """How many want a place at a timetable's departures on a mean working day, and how many places there are."""

    timetable: str
    boardings_per_day: float
    places_per_day: float

    @property
    def utilisation(self) -> float:
        """Those who want a place, over places."""
        return _quotient(self.boardings_per_day, self.places_per_day)

    @property
    def is_overloaded(self) -> bool:
        """Whether the queue for a place grows every day."""
        return self.utilisation >= 1


def _quotient(amount: float, by: float) -> float:
    if by > 0:
        return amount / by
    return float("inf") if amount > 0 else 0.0


@dataclass(frozen=True)
class Load:
    """The offered load of a scenario over its measured days.

    Attributes
    ----------
    pools, timetables
        In the scenario's order; only timetables with limited places.
    arrivals_per_day
        By source, on a mean measured working day.
    days
        Measured working days.
    """

    pools: tuple[PoolLoad, ...]
    timetables: tuple[TimetableLoad, ...]
    arrivals_per_day: Mapping[str, float]
    days: int

    @property
    def overloaded(self) -> tuple[str, ...]:
        """Names of the pools, then of the timetables, that don't keep up."""
        return tuple(
            [load.pool for load in self.pools if load.is_overloaded]
            + [load.timetable for load in self.timetables if load.is_overloaded]
        )

    def frame(self) -> pd.DataFrame:
        """Return one row a pool: its hours, offered load, servers and utilisation."""
        import pandas as pd

        columns = ("servings_per_day", "work_h_per_day", "rostered_h_per_day", "offered_load", "servers", "utilisation")
        return pd.DataFrame(
            [{"pool": load.pool, **{name: getattr(load, name) for name in columns}} for load in self.pools],
            columns=["pool", *columns],
        )


@dataclass
class _Work:
    """Work in ms: of visitors (to be multiplied by a person's factor), and of everything else."""

    servings: float = 0.0
    visitors_ms: float = 0.0
    other_ms: float = 0.0


@dataclass
class _Demand:
    """What one passage of a route brings: work by pool, and boardings by timetable."""

    work: dict[str, _Work] = field(default_factory=dict)
    boardings: dict[str, float] = field(default_factory=dict)

    def add(self, other: _Demand, times: float) -> None:
        for pool, work in other.work.items():
            total = self.work.setdefault(pool, _Work())
            total.servings += times * work.servings
            total.visitors_ms += times * work.visitors_ms
            total.other_ms += times * work.other_ms
        for timetable, number in other.boardings.items():
            self.boardings[timetable] = self.boardings.get(timetable, 0.0) + times * number


def offered_load(scenario: Scenario) -> Load:
    """Work out the offered load of every pool over the scenario's measured days.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    layout = Layout.of(scenario)
    total = _Demand()
    visitors: dict[str, float] = {}
    arrivals = _arrivals_per_day(layout)
    for brought in _brought(layout, arrivals):
        total.add(brought.demand, brought.number)
        for pool, work in brought.demand.work.items():
            visitors[pool] = visitors.get(pool, 0.0) + brought.number * brought.factor * work.visitors_ms
    days = _measured_days(layout)
    return Load(
        pools=tuple(_pool_loads(layout, total, visitors, days)),
        timetables=tuple(_timetable_loads(layout, total, days)),
        arrivals_per_day=arrivals,
        days=days,
    )


def pool_flows(scenario: Scenario) -> tuple[PoolFlow, ...]:
    """Return what every source brings to every pool, on the mean of the scenario's measured days.

    Their servings and work add up to those of :func:`offered_load`.

    Raises
    ------
    ScenarioError
        If the calendar has too few working days.
    """
    layout = Layout.of(scenario)
    flows: dict[tuple[str, str], PoolFlow] = {}
    for brought in _brought(layout, _arrivals_per_day(layout)):
        for pool, work in brought.demand.work.items():
            first = brought.first.work.get(pool, _Work())
            work_h = brought.number * (brought.factor * work.visitors_ms + work.other_ms) / HOUR_MS
            direct, servings = brought.number * first.servings, brought.number * work.servings
            before = flows.get((brought.source, pool), PoolFlow(brought.source, pool, 0.0, 0.0, 0.0))
            flows[brought.source, pool] = PoolFlow(
                brought.source,
                pool,
                before.direct + direct,
                before.later + servings - direct,
                before.work_h + work_h,
            )
    return tuple(flows.values())


@dataclass(frozen=True)
class _Brought:
    """The visits that a source brings for one service on a mean day, what one of them asks for, and all it leads to."""

    source: str
    number: float
    factor: float
    first: _Demand
    demand: _Demand


def _brought(layout: Layout, arrivals: Mapping[str, float]) -> Iterator[_Brought]:
    routes = _Routes(layout)
    for name, source in layout.scenario.arrivals.items():
        factor = _mean_factor(layout.scenario, source)
        weights = sum(source.services.values())
        for service, weight in source.services.items():
            demand = routes.of_service(service).get(source.purpose)
            if demand is not None and weight:
                first = routes.of_visits(service)[source.purpose]
                yield _Brought(name, arrivals[name] * weight / weights, factor, first, demand)


def _measured_days(layout: Layout) -> int:
    return int(layout.workdays[layout.first_measured : layout.first_followed].sum())


def _arrivals_per_day(layout: Layout) -> dict[str, float]:
    days = _measured_days(layout)
    return {name: _arrivals(layout, source) / days for name, source in layout.scenario.arrivals.items()}


def _mean_factor(scenario: Scenario, source: Arrival) -> float:
    weights = source.people.values()
    factors = [scenario.people[name].work_factor for name in source.people]
    return sum(w * f for w, f in zip(weights, factors, strict=True)) / sum(weights)


# ---- demand --------------------------------------------------------------------------------------------------------


def _arrivals(layout: Layout, source: Arrival) -> float:
    """Return how many visits a source is expected to bring in the measured days."""
    first, last = layout.first_measured, layout.first_followed
    days = np.arange(first, last)[layout.workdays[first:last]]
    if source.per_day is not None:
        number = float(day_means(layout, source)[first:last].sum())
    elif source.every is not None:
        calendar = layout.calendars[layout.sites.index(source.site)]
        open_ms = calendar.worked(last * DAY_MS) - calendar.worked(first * DAY_MS)
        number = float(open_ms) / mean_of(source.every) * layout.scenario.demand
    elif source.slots is not None:
        slots = source.slots
        on = np.isin(layout.weekdays[days], [WEEKDAYS.index(day) for day in slots.days])
        number = float(on.sum()) * len(slots.times) * slots.seats * slots.booked * (1 - slots.no_show)
    else:
        number = float(sum(_times(layout, moment, days) for moment in source.at or ()))
    return number * (mean_of(source.batch) if source.batch is not None else 1.0)


def _times(layout: Layout, moment: str, days: IntArray) -> int:
    """Return how often a stated moment, of one date or of every working day, lies in the measured days."""
    date, _ = parse_moment(moment)
    if date is None:
        return int(days.size)
    day = (date - layout.scenario.run.start).days
    return int(layout.first_measured <= day < layout.first_followed)


# ---- routes --------------------------------------------------------------------------------------------------------


class _Routes:
    """What passages of routes bring, each route worked out once."""

    def __init__(self, layout: Layout) -> None:
        self._layout, self._scenario = layout, layout.scenario
        self._known: dict[tuple[str, bool], _Demand] = {}
        self._spawned: dict[str, Spawned] = {}
        self._services: dict[str, dict[str, _Demand]] = {}

    def of_service(self, name: str) -> dict[str, _Demand]:
        """Return, by the purpose of a service's first visit, all that comes of it: later visits and cases too."""
        if name not in self._services:
            service, direct = self._scenario.services[name], self.of_visits(name)
            self._services[name] = {}
            for purpose, spawned in spawned_by_service(self._scenario, service, self._spawned).items():
                total = self._services[name].setdefault(purpose, _Demand())
                for inner, number in spawned.visits.items():
                    total.add(direct[inner], number)
        return self._services[name]

    def of_visits(self, name: str) -> dict[str, _Demand]:
        """Return, by purpose, what one visit of a service asks for itself; and one case, by :data:`CASE`."""
        routes = routes_of_service(self._scenario.services[name])
        return {purpose: self._of(route, visitor=purpose != CASE) for purpose, route in routes.items()}

    def _of(self, reference: str | Route, *, visitor: bool) -> _Demand:
        if not isinstance(reference, str):
            return self._walk(reference, visitor=visitor)
        key = (reference, visitor)
        if key not in self._known:
            self._known[key] = self._walk(route_of(self._scenario, reference), visitor=visitor)
        return self._known[key]

    def _walk(self, route: Route, *, visitor: bool) -> _Demand:
        total = _Demand()
        for step, number in zip(route.values(), expected_passes(route).values(), strict=True):
            passages = number * share_taken(step)
            if passages <= 0:
                continue
            for part in parts(step):
                # The person's own pace does not apply to the parallel branches of a visit.
                total.add(self._of(part.route, visitor=visitor and part.in_line), passages)
            if step.pool is not None:
                total.add(_Demand({self._layout.pools[step.pool]: self._served(step, visitor=visitor)}), passages)
            if step.until is not None:
                total.add(_Demand(boardings={step.until: 1.0}), passages)
        return total

    def _served(self, step: Step, *, visitor: bool) -> _Work:
        assert step.pool is not None
        assert step.work is not None
        factor = self._scenario.pools[self._layout.pools[step.pool]].work_factor
        served, called_ms, work_ms = 1 - leaving_share(step), 0.0, mean_of(step.work) * factor
        if step.absent is not None:
            called_ms = step.absent.share * mean_of(step.absent.call)
        work = _Work(servings=1.0, other_ms=called_ms)
        if visitor:
            work.visitors_ms = served * work_ms
        else:
            work.other_ms += served * work_ms
        return work


# ---- capacity ------------------------------------------------------------------------------------------------------


def _pool_loads(layout: Layout, total: _Demand, visitors: Mapping[str, float], days: int) -> Iterator[PoolLoad]:
    begin, end = layout.first_measured * DAY_MS, layout.first_followed * DAY_MS
    for pool in compile_plan(layout.scenario, layout).pools:
        lengths = np.diff(np.clip(np.append(pool.times, end), begin, end))
        work = total.work.get(pool.name, _Work())
        yield PoolLoad(
            pool=pool.name,
            servings_per_day=work.servings,
            work_h_per_day=(visitors.get(pool.name, 0.0) + work.other_ms) / HOUR_MS,
            rostered_h_per_day=float((lengths * pool.servers).sum()) / HOUR_MS / days,
            open_h_per_day=float(lengths[pool.servers > 0].sum()) / HOUR_MS / days,
        )


def _timetable_loads(layout: Layout, total: _Demand, days: int) -> Iterator[TimetableLoad]:
    begin, end = layout.first_measured * DAY_MS, layout.first_followed * DAY_MS
    for table in compile_plan(layout.scenario, layout).timetables:
        if table.capacity >= 0:
            departures = int(((table.departures >= begin) & (table.departures < end)).sum())
            yield TimetableLoad(table.name, total.boardings.get(table.name, 0.0), departures * table.capacity / days)
