"""Softer findings: what is allowed but probably not meant.

Input: a scenario that passed the check.  Output: sentences with their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from foundation.errors import HallplanError, ScenarioError
from foundation.units import format_time_of_day, parse_time_of_day
from scenarios.check.demand import expected_arrivals
from scenarios.check.faults import fault
from scenarios.check.places import final_pool
from scenarios.check.routes import routes_with_paths
from scenarios.model import DAY_MS, Arrival, Pool, Scenario
from scenarios.model.vocabulary import ARRIVAL_PROCESSES, WEEKDAYS, Weekday
from scenarios.paths import Path, dotted, key_matches, split
from scenarios.routes import expected_passes, parts, routes_of_service, share_taken, steps_of_service

__all__ = ["warnings"]


def warnings(scenario: Scenario) -> list[ScenarioError]:
    """Return what is allowed but probably not meant; each finding is a sentence with its place."""
    return [
        *_unused(scenario),
        *_idle_or_missing(scenario),
        *_shifts_without_visitors(scenario),
        *_visitors_outside_hours(scenario),
        *_never_reached(scenario),
        *_uncounted_stops(scenario),
        *_odd_promises(scenario),
        *_sources_of_nothing(scenario),
        *_keys_without_effect(scenario),
        *_ways_unknown(scenario),
    ]


def _unused(scenario: Scenario) -> Iterator[ScenarioError]:
    pools, timetables, routes = set[str](), set[str](), set[str]()
    for name, service in scenario.services.items():
        routes |= {route for route in routes_of_service(service).values() if isinstance(route, str)}
        for where, step, _ in steps_of_service(scenario, service, ("services", name)):
            pools |= {final_pool(scenario, step.pool, where)} if step.pool is not None else set()
            timetables |= {step.until} if step.until is not None else set()
            routes |= {part.route for part in parts(step) if isinstance(part.route, str)}
    requested = {name for arrival in scenario.arrivals.values() for name, w in arrival.services.items() if w > 0}
    requested |= {backlog.service for backlog in scenario.backlog.values()}
    unused: list[tuple[str, str, list[str]]] = [
        ("pools", "error.kind.pool", [p for p in scenario.pools if final_pool(scenario, p, ()) not in pools]),
        ("timetables", "error.kind.timetable", [name for name in scenario.timetables if name not in timetables]),
        ("routes", "error.kind.route", [name for name in scenario.routes if name not in routes]),
        ("services", "error.kind.service", [name for name in scenario.services if name not in requested]),
    ]
    for table, kind, names in unused:
        if names:
            yield fault("warning.unused", (table,), kind=HallplanError(kind), names=", ".join(names))


def _ever_on_duty(scenario: Scenario, pool: Pool) -> bool:
    if pool.roster is not None:
        return any(shift.servers > 0 and shift.days for shift in pool.roster)
    hours = pool.hours or scenario.sites[pool.site].hours or scenario.calendar.hours
    return pool.servers > 0 and any(hours.values())


def _idle_or_missing(scenario: Scenario) -> Iterator[ScenarioError]:
    on_duty = {final_pool(scenario, name, ()) for name, pool in scenario.pools.items() if _ever_on_duty(scenario, pool)}
    reported: set[str] = set()
    for name, service in scenario.services.items():
        for where, step, _ in steps_of_service(scenario, service, ("services", name)):
            final = final_pool(scenario, step.pool, where) if step.pool is not None else None
            if final is not None and final not in on_duty | reported and share_taken(step) > 0:
                reported.add(final)
                yield fault("warning.nobody_serves", ("pools", final), step=dotted(where))
    for name, pool in scenario.pools.items():
        if pool.roster is not None and {"servers", "hours"} & pool.model_fields_set:
            yield fault("warning.roster_counts", ("pools", name))


def _shifts_without_visitors(scenario: Scenario) -> Iterator[ScenarioError]:
    """Find shifts at times at which no visitor comes, such as a lunch hour that the profiles leave out."""
    visited = {
        final_pool(scenario, step.pool, where)
        for name, service in scenario.services.items()
        for where, step, visitor in steps_of_service(scenario, service, ("services", name))
        if visitor and step.pool is not None
    }
    for name, pool in scenario.pools.items():
        if pool.merge_into is None or final_pool(scenario, name, ()) not in visited:
            continue
        shifts = [(day, shift.hours) for shift in pool.roster or () for day in shift.days]
        if pool.roster is None:
            shifts = [(day, interval) for day, intervals in (pool.hours or {}).items() for interval in intervals]
        sources = [source for source in scenario.arrivals.values() if source.site == pool.site]
        sources = [source for source in sources if source.channel != "online"]
        pairs = product(sources, shifts)
        if shifts and sources and not any(_comes(scenario, source, *shift) for source, shift in pairs):
            opens, closes = min(start for _, (start, _) in shifts), max(end for _, (_, end) in shifts)
            times = {"begin": format_time_of_day(opens), "end": format_time_of_day(closes)}
            yield fault("warning.nobody_comes_then", ("pools", name), site=pool.site, **times)


def _visitors_outside_hours(scenario: Scenario) -> Iterator[ScenarioError]:
    """Find profiles that bring everybody of a weekday while the site is closed."""
    for name, source in scenario.arrivals.items():
        profile = source.profile or scenario.sites[source.site].profile
        if not source.per_day or profile is None or source.channel == "online":
            continue
        hours = scenario.sites[source.site].hours or scenario.calendar.hours
        days = [
            day
            for day, intervals in hours.items()
            if intervals
            and day not in scenario.calendar.weekend
            and source.weekday.get(day, 1.0) > 0
            and not any(_comes(scenario, source, day, interval) for interval in intervals)
        ]
        if days:
            yield fault(
                "warning.profile_outside_hours",
                ("arrivals", name),
                site=source.site,
                days=", ".join(days),
                first=days[0],
            )


def _comes(scenario: Scenario, source: Arrival, day: Weekday, interval: tuple[int, int]) -> bool:
    """Tell whether a source may bring anybody on a weekday between two times of day."""
    begin, end = interval
    if source.slots is not None:
        return day in source.slots.days and any(begin <= time < end for time in source.slots.times)
    profile = source.profile or scenario.sites[source.site].profile
    if source.per_day is None or profile is None:
        return True
    starts = [parse_time_of_day(text) for text in profile[day]]
    pieces = zip(starts, [*starts[1:], DAY_MS], profile[day].values(), strict=True)
    return any(weight > 0 and start < end and stop > begin for start, stop, weight in pieces)


def _never_reached(scenario: Scenario) -> Iterator[ScenarioError]:
    for path, route in routes_with_paths(scenario.routes, scenario.services):
        for name, times in expected_passes(route).items():
            if times <= 0:
                yield fault("warning.never_reached", (*path, name))
    for name, service in scenario.services.items():
        starts = any(step.start_case for _, step, _ in steps_of_service(scenario, service, ("services", name)))
        if service.case is not None and not starts:
            yield fault("warning.case_never_starts", ("services", name, "case"))


def _uncounted_stops(scenario: Scenario) -> Iterator[ScenarioError]:
    if scenario.law.on_site_check_stops_clock:
        return
    stopping = [
        (*path, name, "stops_clock")
        for path, route in routes_with_paths(scenario.routes, scenario.services)
        for name, step in route.items()
        if step.stops_clock == "on-site-check"
    ]
    if stopping:
        yield fault("warning.on_site_check", stopping[0], n=len(stopping))


def _odd_promises(scenario: Scenario) -> Iterator[ScenarioError]:
    for name, service in scenario.services.items():
        legal, promised = service.legal_limit, service.promised_limit
        if legal is not None and promised is not None and promised > legal:
            yield fault(
                "warning.promise_beyond_law", ("services", name, "promised_limit"), promised=promised, legal=legal
            )


def _sources_of_nothing(scenario: Scenario) -> Iterator[ScenarioError]:
    for name, number in expected_arrivals(scenario).items():
        if number <= 0 and not _waits_for_a_lever(scenario.arrivals[name]):
            yield fault("warning.nobody_comes", ("arrivals", name))
    if not scenario.arrivals:
        yield fault("warning.no_arrivals", ("arrivals",))
    tables = scenario.model_dump()
    for text in scenario.provenance:
        if not _is_there(tables, split(text)):
            yield fault("warning.source_of_nothing", ("provenance", text))


def _waits_for_a_lever(source: Arrival) -> bool:
    """Tell whether a source says by ``per_day = 0`` that nobody applies online yet: a lever moves visits to it."""
    return source.channel == "online" and source.per_day == 0


_HOLIDAYS: Final = ("before_holiday", "after_holiday", "around_spring_festival")
_SHAPES_OF_PER_DAY: Final = ("weekday", "month", *_HOLIDAYS, "day_dispersion")


def _keys_without_effect(scenario: Scenario) -> Iterator[ScenarioError]:
    for name, arrival in scenario.arrivals.items():
        path: Path = ("arrivals", name)
        if arrival.per_day is None:
            process = next(key for key in ARRIVAL_PROCESSES if getattr(arrival, key) is not None)
            # The profile of a source also says at what time those come back who try again.
            shapes = ("profile", *_SHAPES_OF_PER_DAY) if arrival.comes_back is None else _SHAPES_OF_PER_DAY
            reason = HallplanError("warning.reason.per_day_only", process=process)
            for key in shapes:
                if key in arrival.model_fields_set:
                    yield fault("warning.no_effect", (*path, key), reason=reason)
        if arrival.channel == "online" and arrival.patience is not None and not _queues(scenario, arrival):
            yield fault("warning.no_effect", (*path, "patience"), reason=HallplanError("warning.reason.online"))


def _ways_unknown(scenario: Scenario) -> Iterator[ScenarioError]:
    """Find what keeps the cost of visitors from being counted, where a part of what it needs is there."""
    comes = {name for name, number in expected_arrivals(scenario).items() if number > 0}
    sources = [source for name, source in scenario.arrivals.items() if name in comes]
    visited = {source.site for source in sources if source.channel != "online"}
    unknown = [name for name, site in scenario.sites.items() if name in visited and site.travel is None]
    value = scenario.visitors.value_of_hour
    if unknown and (value is not None or len(unknown) < len(visited)):
        yield fault("warning.way_unknown", ("sites", unknown[0], "travel"), names=", ".join(unknown))
    if value is None and len(unknown) < len(visited):
        yield fault("warning.hour_without_value", ("visitors", "value_of_hour"))


def _queues(scenario: Scenario, arrival: Arrival) -> bool:
    """Tell whether anybody from a source comes to a queue that they could leave: now, or at a visit that follows."""
    return any(
        visitor and step.pool is not None and step.patience is None and not step.skip
        for service in arrival.services
        for _, step, visitor in steps_of_service(scenario, scenario.services[service], ("services", service))
    )


def _is_there(node: Any, pattern: Path) -> bool:
    if not pattern:
        return True
    if not isinstance(node, Mapping):
        return False
    if any(_is_there(inner, pattern[1:]) for key, inner in node.items() if key_matches(str(key), pattern[0])):
        return True
    # What a file says once, or as `default`, the scenario has for every weekday.
    below = pattern[pattern[0] == "default" :]
    return tuple(node) == WEEKDAYS and any(_is_there(day, below) for day in node.values())
