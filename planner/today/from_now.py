"""A hall's state as a scenario whose day begins now.

Input: a scenario and the state of its hall.  Output: a scenario of the same kind: opening hours and rosters begin now,
everybody who waits joins the queue now in the order of the tickets, services in hand are what is left of them, demand
is that of the rest of the day, and applications in progress are its backlog.  Both engines run it as any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from foundation.errors import HallplanError
from foundation.units import format_time_of_day
from planner.staffing.plan import with_rosters
from planner.today.demand import rest_of_demand
from planner.today.people import probes, served_now, waiting_now
from planner.today.places import places_of, visits_of
from planner.today.state import HallState, Serving
from planner.workdays import workday_before
from scenarios.model import WEEKDAYS, Backlog, Scenario, Site
from scenarios.model.vocabulary import Weekday
from scenarios.paths import suggestion
from sim.calendar import DAY_MS
from sim.plan import Layout, compile_plan

__all__ = ["FromNow", "Segments", "from_now", "with_segments"]

_DAYS_BEFORE: Final = 40
"""Calendar days before today that are looked at: holidays before a day change its demand."""

_LAST_MOMENT_MS: Final = 1_000
"""For how long a site that has closed today stays open, so that its calendar has today as a working day."""

Segments = tuple[tuple[int, int, int], ...]
"""From when until when how many servers are on duty, in ms since midnight."""


@dataclass(frozen=True, eq=False)
class FromNow:
    """The scenario of the rest of the day.

    Attributes
    ----------
    scenario
        It.
    now, closes
        When it begins, and when its last site closes, in ms since midnight.
    pools
        The pools at which visitors queue.
    probes
        By those of these pools where tickets are still given, the source that brings one more ticket now, whose service
        takes no time.
    segments
        Servers on duty from now on, by pool.
    """

    scenario: Scenario
    now: int
    closes: int
    pools: tuple[str, ...]
    probes: Mapping[str, str]
    segments: Mapping[str, Segments]


def from_now(scenario: Scenario, state: HallState) -> FromNow:
    """Return the scenario of the rest of the day.

    Raises
    ------
    HallplanError
        If nobody works today, or all sites have closed, or visitors queue nowhere.
    """
    layout, day = _today(scenario, state.now.date())
    places = places_of(scenario)
    pools = tuple(dict.fromkeys(place.pool for place in places))
    if not pools:
        raise HallplanError("today.error.no_queue", scenario=scenario.name)
    _check_names(layout, state)
    hours = _hours_left(layout, day, state)
    segments = _segments(layout, day, state)
    tickets_given = {site: _gives_tickets(layout, day, index, state.now_ms) for index, site in enumerate(layout.sites)}
    sites = {
        name: _site(site, hours[name], state.now_ms, gives_tickets=tickets_given[name], waits=bool(state.waiting))
        for name, site in scenario.sites.items()
    }
    demand = rest_of_demand(layout, day, state, visits_of(scenario), tickets_given)
    complete = with_services_in_hand(state, segments)
    served, waiting = served_now(scenario, complete, places), waiting_now(scenario, state, places)
    open_pools = [pool for pool in pools if tickets_given[scenario.pools[pool].site]]
    probing = probes(scenario, state, open_pools)
    oldest = max((group.age for group in state.cases), default=0)
    start = workday_before(scenario, state.now.date(), oldest)
    changed = scenario.model_copy(
        update={
            "run": scenario.run.model_copy(
                update={"start": start, "warm_up_days": oldest, "days": 1, "follow_up_days": 0}
            ),
            "sites": sites,
            "routes": scenario.routes | served.routes | waiting.routes,
            "services": scenario.services | served.services | waiting.services | probing.services,
            "people": scenario.people | served.people,
            "arrivals": served.arrivals | waiting.arrivals | probing.arrivals | demand,
            "backlog": _backlog(scenario, state),
            "provenance": {},
            "targets": {},
        }
    )
    closes = max(end for intervals in hours.values() for _, end in intervals)
    names = dict(zip(open_pools, probing.arrivals, strict=True))
    return FromNow(with_segments(changed, segments), state.now_ms, closes, pools, names, segments)


# ---- the day -------------------------------------------------------------------------------------------------------


def _today(scenario: Scenario, date: dt.date) -> tuple[Layout, int]:
    """Return the layout of the days before today and of today, and the number of today."""
    start = date - dt.timedelta(days=_DAYS_BEFORE)
    run = scenario.run.model_copy(
        update={"start": start, "warm_up_days": 0, "days": _DAYS_BEFORE + 1, "follow_up_days": 0}
    )
    layout = Layout.made_for(scenario.model_copy(update={"run": run, "backlog": {}}))
    if not any(calendar.workdays[_DAYS_BEFORE] for calendar in layout.calendars):
        raise HallplanError("today.error.day_off", date=date)
    return layout, _DAYS_BEFORE


def _check_names(layout: Layout, state: HallState) -> None:
    """Refuse pools that are not the scenario's, or gave their windows to another pool."""
    names = dict.fromkeys(layout.pools.values())
    for pool in (*(ticket.pool for ticket in state.waiting), *(seat.pool for seat in state.serving), *state.windows):
        if pool not in names:
            raise HallplanError("today.cell.pool", value=pool, near=suggestion(pool, names))


def _hours_left(layout: Layout, day: int, state: HallState) -> dict[str, list[tuple[int, int]]]:
    """Return the opening intervals of every site from now on."""
    hours: dict[str, list[tuple[int, int]]] = {}
    latest = -1
    for site, calendar in zip(layout.sites, layout.calendars, strict=True):
        opening = np.clip(calendar.opens - day * DAY_MS, 0, DAY_MS)
        closing = np.clip(calendar.closes - day * DAY_MS, 0, DAY_MS)
        open_today = opening < closing
        intervals = list(zip(opening[open_today].tolist(), closing[open_today].tolist(), strict=True))
        latest = max([latest, *(closes for _, closes in intervals)])
        hours[site] = [(max(opens, state.now_ms), closes) for opens, closes in intervals if closes > state.now_ms]
    if not any(hours.values()):
        raise HallplanError(
            "today.error.closed",
            date=state.now.date(),
            now=format_time_of_day(state.now_ms),
            closing=format_time_of_day(latest),
        )
    return hours


def _gives_tickets(layout: Layout, day: int, index: int, now: int) -> bool:
    """Tell whether a site still gives tickets today, now or later."""
    plan = compile_plan(layout.scenario, layout).sites[index]
    of_day = (plan.opens < (day + 1) * DAY_MS) & (plan.closes > day * DAY_MS + now)
    return bool(of_day.any())


def _site(site: Site, hours: list[tuple[int, int]], now: int, *, gives_tickets: bool, waits: bool) -> Site:
    """Return a site that opens now; its doors are open for those who wait inside."""
    hours = hours or [(now, min(now + _LAST_MOMENT_MS, DAY_MS))]  # a working day, whose windows have closed
    changes: dict[str, Any] = {"hours": {day: list(hours) for day in WEEKDAYS}}
    if waits:
        changes["doors_open"] = max(site.doors_open, hours[0][0] - now)
    if not gives_tickets:
        changes["tickets_stop"] = 0
    return site.model_copy(update=changes)


def _backlog(scenario: Scenario, state: HallState) -> dict[str, Backlog]:
    """Return the applications in progress as a backlog."""
    groups: dict[tuple[str, str | None], dict[str, int]] = {}
    for group in state.cases:
        ages = groups.setdefault((group.service, group.stage), {})
        ages[str(group.age)] = ages.get(str(group.age), 0) + group.number
    site = next(iter(scenario.sites))
    return {
        f"now-{number}": Backlog(service=service, stage=stage, ages=ages, site=site)
        for number, ((service, stage), ages) in enumerate(groups.items())
    }


def with_services_in_hand(state: HallState, segments: Mapping[str, Segments]) -> HallState:
    """Return a state in which the windows of a pool are busy if tickets wait there and nobody noted who is served."""
    noted = {visitor.pool for visitor in state.serving}
    serving = list(state.serving)
    for pool in dict.fromkeys(ticket.pool for ticket in state.waiting):
        if pool not in noted:
            serving += [Serving(pool)] * sum(number for begin, _, number in segments[pool] if begin == state.now_ms)
    return replace(state, serving=tuple(serving))


# ---- servers -------------------------------------------------------------------------------------------------------


def _segments(layout: Layout, day: int, state: HallState) -> dict[str, Segments]:
    """Return the servers on duty from now on: those of the roster, and what is different now.

    The difference stays for the rest of the day.  Where the roster has nobody on duty now, it ends with the next edge
    of the roster.
    """
    segments = {}
    for pool in compile_plan(layout.scenario, layout).pools:
        edges, servers = pool.times - day * DAY_MS, pool.servers
        current = int(np.searchsorted(edges, state.now_ms, side="right")) - 1
        inside = np.flatnonzero((edges > state.now_ms) & (edges < DAY_MS))
        begins = [state.now_ms, *edges[inside].tolist()]
        numbers = [int(servers[current]), *servers[inside].tolist()]
        if pool.name in state.windows:
            more = state.windows[pool.name] - numbers[0]
            stays = numbers[0] > 0
            numbers = [
                max(0, number + more) if place == 0 or (stays and number > 0) else number
                for place, number in enumerate(numbers)
            ]
        ends = [*begins[1:], DAY_MS]
        segments[pool.name] = tuple(
            (begin, end, number) for begin, end, number in zip(begins, ends, numbers, strict=True) if number > 0
        )
    return segments


def with_segments(scenario: Scenario, segments: Mapping[str, Segments]) -> Scenario:
    """Return a scenario whose pools have servers on duty as stated."""
    days: list[Weekday] = list(WEEKDAYS)
    rosters = {
        pool: [
            {"days": days, "hours": f"{format_time_of_day(begin)}-{format_time_of_day(end)}", "servers": number}
            for begin, end, number in parts
        ]
        for pool, parts in segments.items()
    }
    return with_rosters(scenario, rosters)
