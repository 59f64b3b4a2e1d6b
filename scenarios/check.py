"""What no single table can know: that names lead somewhere, loops end, and the numbers fit together.

In comes a scenario whose every table is valid; out comes nothing, or the first fault, with its place.  Softer findings
(a pool that nobody uses, a source that brings nobody) are :func:`warnings`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from foundation.errors import HallplanError, ScenarioError
from foundation.units import parse_time_of_day
from scenarios.laws import BY_RANGE, Law, mean_of
from scenarios.loops import (
    Loop,
    Spawned,
    inner_routes,
    longest_loop,
    passes,
    route_of,
    visits_of,
    zero_time_loop,
)
from scenarios.model import DAY_MS, Arrival, Backlog, Pool, Scenario, Service, Step
from scenarios.paths import Path, dotted, key_matches, split, suggestion

__all__ = ["MOST_ARRIVALS", "MOST_PASSES", "check", "expected_arrivals", "warnings"]

MOST_PASSES: Final = 1_000
"""Times that one traveller may be expected to pass one step."""
MOST_STEPS_A_VISIT: Final = 100_000
MOST_ARRIVALS: Final = 50_000_000
DEEPEST_ROUTES: Final = 20
"""Routes that may go through one another."""

_PLAIN_LAWS: Final = ("work", "patience")
_TIME_LAWS: Final = ("delay", "after")


def check(scenario: Scenario) -> None:
    """Check what lies between the tables of a scenario.

    Raises
    ------
    ScenarioError
        The first fault found; its ``path`` says where.
    """
    _check_places(scenario)
    for path, route in _routes(scenario):
        _check_route(scenario, route, path)
    for name in scenario.routes:
        _check_nesting(scenario, name, (name,))
    for path, route in _routes(scenario):
        _check_loops(scenario, route, path)
    for name, service in scenario.services.items():
        _check_service(scenario, service, ("services", name))
    _check_people_in_queues(scenario)
    memory: dict[str, Spawned] = {}
    for name, service in scenario.services.items():
        _check_visits(scenario, service, ("services", name), memory)
    for name, arrival in scenario.arrivals.items():
        _check_arrival(scenario, arrival, ("arrivals", name))
    for name, backlog in scenario.backlog.items():
        _check_backlog(scenario, backlog, ("backlog", name))
    for name, target in scenario.targets.items():
        if target.low > target.high:
            raise _fault("error.target_order", ("targets", name))
    for text in scenario.provenance:
        try:
            split(text)
        except ScenarioError as error:
            raise error.at(path="provenance") from None
    _check_volume(scenario)


def _fault(key: str, path: Path, /, **values: Any) -> ScenarioError:
    return ScenarioError(key, **values).at(path=dotted(path))


def _known(name: str, things: Iterable[str], kind: str, path: Path) -> None:
    """Insist that `name` is one of `things`; `kind` is the message key of what they are."""
    names = list(things)
    if name not in names:
        near = suggestion(name, names)
        raise _fault("error.unknown_name", path, kind=HallplanError(kind), name=name, near=near)


# ---- tables --------------------------------------------------------------------------------------------------------


def _check_places(scenario: Scenario) -> None:
    if not scenario.sites:
        raise _fault("error.no_sites", ("sites",))
    for name, timetable in scenario.timetables.items():
        _known(timetable.site, scenario.sites, "error.kind.site", ("timetables", name, "site"))
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        _known(pool.site, scenario.sites, "error.kind.site", (*path, "site"))
        if pool.merge_into is None:
            continue
        path = (*path, "merge_into")
        _known(pool.merge_into, scenario.pools, "error.kind.pool", path)
        if scenario.pools[pool.merge_into].site != pool.site:
            raise _fault("error.merge_across_sites", path, pool=name, into=pool.merge_into)
        _final_pool(scenario, name, path)


def _final_pool(scenario: Scenario, name: str, path: Path) -> str:
    seen = [name]
    while (into := scenario.pools[seen[-1]].merge_into) is not None and into in scenario.pools:
        if into in seen:
            raise _fault("error.merge_circle", path, circle=" -> ".join([*seen, into]))
        seen.append(into)
    return seen[-1]


def _routes(scenario: Scenario) -> Iterator[tuple[Path, Mapping[str, Step]]]:
    """Yield every route that stands in the scenario, those inside forks too, with its path."""
    tops: list[tuple[Path, Any]] = [(("routes", name), route) for name, route in scenario.routes.items()]
    for name, service in scenario.services.items():
        tops += [(("services", name, "visits", purpose), visit) for purpose, visit in service.visits.items()]
        tops += [(("services", name, "case"), service.case)]
    while tops:
        path, route = tops.pop(0)
        if isinstance(route, Mapping):
            yield path, route
            for name, step in route.items():
                tops += [((*path, name, "fork", key), part) for key, part in (step.fork or {}).items()]


# ---- routes --------------------------------------------------------------------------------------------------------


def _check_route(scenario: Scenario, route: Mapping[str, Step], path: Path) -> None:
    for name, step in route.items():
        here = (*path, name)
        if step.pool is not None:
            _known(step.pool, scenario.pools, "error.kind.pool", (*here, "pool"))
        if step.until is not None:
            _known(step.until, scenario.timetables, "error.kind.timetable", (*here, "until"))
        if step.route is not None:
            _known(step.route, scenario.routes, "error.kind.route", (*here, "route"))
        for branch, part in (step.fork or {}).items():
            if isinstance(part, str):
                _known(part, scenario.routes, "error.kind.route", (*here, "fork", branch))
        if step.fork is not None and not step.fork:
            raise _fault("error.fork_empty", (*here, "fork"))
        for target in [step.next] if isinstance(step.next, str) else list(step.next or ()):
            _known(target, [*route, "end"], "error.kind.step", (*here, "next"))
        _check_clocks(step, here)


def _check_clocks(step: Step, path: Path) -> None:
    for key in _PLAIN_LAWS:
        _plain(getattr(step, key), (*path, key))
    for key in _TIME_LAWS:
        _time(getattr(step, key), (*path, key))
    if step.absent is not None:
        _plain(step.absent.call, (*path, "absent", "call"))
        _time(step.absent.away, (*path, "absent", "away"))


def _plain(law: Law | None, path: Path, *, may_be_early: bool = False) -> None:
    if law is not None and law.clock != "plain":
        raise _fault("error.law_must_be_plain", path)
    _not_negative(law, path, may_be_early=may_be_early)


def _time(law: Law | None, path: Path) -> None:
    if law is not None and law.clock == "number":
        raise _fault("error.law_must_be_time", path)
    _not_negative(law, path, may_be_early=False)


def _not_negative(law: Law | None, path: Path, *, may_be_early: bool) -> None:
    if law is None or may_be_early:
        return
    for part in law.mixture or []:
        _not_negative(part, path, may_be_early=False)
    lowest = law.low if law.dist in BY_RANGE else None
    if lowest is not None and lowest.value < 0:
        raise _fault("error.law_negative", path)
    if mean_of(law) < 0:
        raise _fault("error.law_negative", path)


def _check_nesting(scenario: Scenario, name: str, chain: tuple[str, ...]) -> None:
    """Insist that no route leads through itself: a breadth-first look at what each leads through."""
    parents: dict[str, str | None] = {name: None}
    front, depth = [name], 0
    while front:
        depth += 1
        inner: list[str] = []
        for here in front:
            for reference in _named_inside(scenario.routes[here]):
                if reference == name:
                    ring = [name]
                    back: str | None = here
                    while back is not None:
                        ring.append(back)
                        back = parents[back]
                    raise _fault("error.route_in_itself", ("routes", name), circle=" -> ".join(reversed(ring)))
                if reference not in parents:
                    parents[reference] = here
                    inner.append(reference)
        front = inner
        if depth > DEEPEST_ROUTES:
            raise _fault("error.routes_too_deep", ("routes", name), deepest=DEEPEST_ROUTES)


def _named_inside(route: Mapping[str, Step]) -> Iterator[str]:
    for step in route.values():
        for reference in inner_routes(step):
            if isinstance(reference, str):
                yield reference
            else:
                yield from _named_inside(reference)


def _check_loops(scenario: Scenario, route: Mapping[str, Step], path: Path) -> None:
    quick = zero_time_loop(scenario, route)
    if quick:
        raise _fault("error.loop_without_time", (*path, quick[0]), loop=_ring(quick))
    try:
        expected = passes(route)
    except Loop as loop:
        raise _fault("error.loop_endless", (*path, loop.names[0]), loop=_ring(loop.names)) from None
    if max(expected.values()) > MOST_PASSES or min(expected.values()) < -0.5:
        longest = longest_loop(route, expected)
        raise _fault(
            "error.loop_too_long",
            (*path, longest.names[0]),
            loop=_ring(longest.names),
            expected=f"{longest.expected:,.0f}",
            most=MOST_PASSES,
        )


def _ring(names: list[str]) -> str:
    return " -> ".join([*names, names[0]])


# ---- services ------------------------------------------------------------------------------------------------------


def _check_service(scenario: Scenario, service: Service, path: Path) -> None:
    if not service.visits:
        raise _fault("error.no_visits", (*path, "visits"))
    for purpose, visit in service.visits.items():
        here = (*path, "visits", purpose)
        if isinstance(visit, str):
            _known(visit, scenario.routes, "error.kind.route", here)
    if isinstance(service.case, str):
        _known(service.case, scenario.routes, "error.kind.route", (*path, "case"))
    for where, step in _steps_of(scenario, service, path):
        if step.visit is not None:
            _known(step.visit, service.visits, "error.kind.purpose", (*where, "visit"))
        if step.start_case and service.case is None:
            raise _fault("error.no_case", (*where, "start_case"), service=path[1])


def _check_visits(scenario: Scenario, service: Service, path: Path, memory: dict[str, Spawned]) -> None:
    try:
        visits = visits_of(scenario, service, memory)
    except Loop as loop:
        raise _fault("error.visits_endless", path, loop=_ring(loop.names)) from None
    for purpose, brought in visits.items():
        if max(brought.visits.values()) > MOST_PASSES or brought.steps > MOST_STEPS_A_VISIT:
            raise _fault("error.visit_too_long", path, purpose=purpose, steps=f"{brought.steps:,.0f}")


def _steps_of(scenario: Scenario, service: Service, path: Path) -> Iterator[tuple[Path, Step]]:
    """Yield every step that a service's visitors or cases can come to, once for each place where it stands."""
    for where, step, _ in _steps_with_kind(scenario, service, path):
        yield where, step


def _steps_with_kind(scenario: Scenario, service: Service, path: Path) -> Iterator[tuple[Path, Step, bool]]:
    """Yield place, step, and whether it is a visitor (not an application, not a part of a visit) who takes it."""
    tops: list[tuple[Path, Any, bool]] = [
        ((*path, "visits", purpose), visit, True) for purpose, visit in service.visits.items()
    ]
    if service.case is not None:
        tops.append(((*path, "case"), service.case, False))
    seen: set[tuple[Path, bool]] = set()
    while tops:
        where, reference, visitor = tops.pop(0)
        if isinstance(reference, str):
            where = ("routes", reference)
        if (where, visitor) in seen:
            continue
        seen.add((where, visitor))
        for name, step in route_of(scenario, reference).items():
            here = (*where, name)
            yield here, step, visitor
            if step.route is not None:
                tops.append(((*here, "route"), step.route, visitor))
            inside = visitor and step.order == "sequential"
            tops += [((*here, "fork", key), part, inside) for key, part in (step.fork or {}).items()]


def _check_people_in_queues(scenario: Scenario) -> None:
    visited: set[str] = set()
    worked: set[str] = set()
    for name, service in scenario.services.items():
        for where, step, visitor in _steps_with_kind(scenario, service, ("services", name)):
            if step.pool is not None:
                final = _final_pool(scenario, step.pool, where)
                worked.add(final)
                visited |= {final} if visitor else set()
            if visitor:
                continue
            for key in ("patience", "absent"):
                if getattr(step, key) is not None:
                    raise _fault("error.only_for_visitors", (*where, key), key=key)
            if step.start_case:
                raise _fault("error.case_in_case", (*where, "start_case"))
    for name, pool in scenario.pools.items():
        path, final = ("pools", name), _final_pool(scenario, name, ("pools", name))
        if pool.room is not None and final in worked - visited:
            raise _fault("error.only_for_visitors", (*path, "room"), key="room")
        at_close = pool.at_close or (scenario.sites[pool.site].at_close if final in visited else "keep")
        if pool.at_break == "pause" and at_close == "serve" and final in worked:
            raise _fault("error.pause_and_serve", (*path, "at_break"))


# ---- demand --------------------------------------------------------------------------------------------------------


def _check_arrival(scenario: Scenario, arrival: Arrival, path: Path) -> None:
    _known(arrival.site, scenario.sites, "error.kind.site", (*path, "site"))
    for name in arrival.people:
        _known(name, scenario.people, "error.kind.person", (*path, "people"))
    for name, weight in arrival.services.items():
        _known(name, scenario.services, "error.kind.service", (*path, "services"))
        visits = scenario.services[name].visits
        if weight > 0 and arrival.purpose not in visits:
            raise _fault(
                "error.purpose_not_served",
                (*path, "purpose"),
                purpose=arrival.purpose,
                service=name,
                near=suggestion(arrival.purpose, visits),
            )
    _plain(arrival.patience, (*path, "patience"))
    if arrival.every is not None:
        _plain(arrival.every, (*path, "every"))
        if mean_of(arrival.every) < 1:
            raise _fault("error.every_zero", (*path, "every"))
    if arrival.slots is not None:
        _plain(arrival.slots.lateness, (*path, "slots", "lateness"), may_be_early=True)
    if arrival.comes_back is not None:
        _time(arrival.comes_back.after, (*path, "comes_back", "after"))
    if arrival.batch is not None:
        _whole(arrival.batch, (*path, "batch"))
    for moment in arrival.at or []:
        _check_moment(moment, (*path, "at"))


def _whole(law: Law, path: Path) -> None:
    """Insist on a law of whole numbers from 1 on."""
    for part in law.mixture or [law]:
        numbers = [part.constant] if part.constant is not None else part.values
        fits = numbers is not None and all(
            q.clock == "number" and q.value >= 1 and (q.value * part.factor * law.factor).is_integer() for q in numbers
        )
        if not fits:
            raise _fault("error.law_must_be_whole", path)


def _check_moment(moment: str, path: Path) -> None:
    day, _, time = moment.strip().rpartition(" ")
    try:
        if day:
            dt.date.fromisoformat(day.strip())
        inside = parse_time_of_day(time) < DAY_MS
    except ValueError:
        inside = False
    if not inside:
        raise _fault("error.bad_moment", path, value=moment)


def expected_arrivals(scenario: Scenario) -> dict[str, float]:
    """Return about how many visits every source brings in a whole run (holidays left out of account)."""
    run = scenario.run
    days = run.warm_up_days + run.days + run.follow_up_days
    return {
        name: days * _per_day(scenario, arrival) * (mean_of(arrival.batch) if arrival.batch else 1.0)
        for name, arrival in scenario.arrivals.items()
    }


def _per_day(scenario: Scenario, arrival: Arrival) -> float:
    if arrival.per_day is not None:
        months = [arrival.month.get(str(month), 1.0) for month in range(1, 13)]
        return arrival.per_day * scenario.demand * sum(months) / 12
    if arrival.every is not None:
        hours = scenario.sites[arrival.site].hours or scenario.calendar.hours
        longest = max((sum(end - start for start, end in day) for day in hours.values()), default=0)
        return longest * scenario.demand / max(mean_of(arrival.every), 1.0)
    if arrival.slots is not None:
        return len(arrival.slots.times) * arrival.slots.seats * arrival.slots.booked
    return float(len(arrival.at or []))


def _check_backlog(scenario: Scenario, backlog: Backlog, path: Path) -> None:
    _known(backlog.service, scenario.services, "error.kind.service", (*path, "service"))
    _known(backlog.site, scenario.sites, "error.kind.site", (*path, "site"))
    case = scenario.services[backlog.service].case
    if case is None:
        raise _fault("error.backlog_without_case", (*path, "service"), service=backlog.service)
    if backlog.stage is not None:
        _known(backlog.stage, route_of(scenario, case), "error.kind.step", (*path, "stage"))
    oldest = max(map(int, backlog.ages))
    if oldest > scenario.run.warm_up_days:
        raise _fault("error.backlog_too_old", (*path, "ages"), oldest=oldest, days=scenario.run.warm_up_days)


def _check_volume(scenario: Scenario) -> None:
    expected = expected_arrivals(scenario)
    total = sum(expected.values())
    if total > MOST_ARRIVALS:
        most = max(expected, key=lambda name: expected[name])
        raise _fault("error.too_many_arrivals", ("arrivals", most), n=f"{total:,.0f}", most=f"{MOST_ARRIVALS:,}")


# ---- soft findings -------------------------------------------------------------------------------------------------


def warnings(scenario: Scenario) -> list[ScenarioError]:
    """Return what is allowed but probably not meant; each finding is a sentence with its place."""
    return [
        *_unused(scenario),
        *_idle_or_missing(scenario),
        *_never_reached(scenario),
        *_uncounted_stops(scenario),
        *_odd_promises(scenario),
        *_sources_of_nothing(scenario),
    ]


def _unused(scenario: Scenario) -> Iterator[ScenarioError]:
    pools, timetables, routes = set[str](), set[str](), set[str]()
    for name, service in scenario.services.items():
        routes |= {part for part in (*service.visits.values(), service.case) if isinstance(part, str)}
        for where, step in _steps_of(scenario, service, ("services", name)):
            pools |= {_final_pool(scenario, step.pool, where)} if step.pool is not None else set()
            timetables |= {step.until} if step.until is not None else set()
            routes |= {part for part in inner_routes(step) if isinstance(part, str)}
    asked = {name for arrival in scenario.arrivals.values() for name, w in arrival.services.items() if w > 0}
    asked |= {backlog.service for backlog in scenario.backlog.values()}
    unused: list[tuple[str, str, list[str]]] = [
        ("pools", "error.kind.pool", [p for p in scenario.pools if _final_pool(scenario, p, ()) not in pools]),
        ("timetables", "error.kind.timetable", [name for name in scenario.timetables if name not in timetables]),
        ("routes", "error.kind.route", [name for name in scenario.routes if name not in routes]),
        ("services", "error.kind.service", [name for name in scenario.services if name not in asked]),
    ]
    for table, kind, names in unused:
        if names:
            yield _fault("warning.unused", (table,), kind=HallplanError(kind), names=", ".join(names))


def _ever_on_duty(scenario: Scenario, pool: Pool) -> bool:
    if pool.roster is not None:
        return any(shift.servers > 0 and shift.days for shift in pool.roster)
    hours = pool.hours or scenario.sites[pool.site].hours or scenario.calendar.hours
    return pool.servers > 0 and any(hours.values())


def _idle_or_missing(scenario: Scenario) -> Iterator[ScenarioError]:
    on_duty = {
        _final_pool(scenario, name, ()) for name, pool in scenario.pools.items() if _ever_on_duty(scenario, pool)
    }
    told: set[str] = set()
    for name, service in scenario.services.items():
        for where, step in _steps_of(scenario, service, ("services", name)):
            final = _final_pool(scenario, step.pool, where) if step.pool is not None else None
            if final is not None and final not in on_duty | told and not step.skip and step.share > 0:
                told.add(final)
                yield _fault("warning.nobody_serves", ("pools", final), step=dotted(where))
    for name, pool in scenario.pools.items():
        if pool.roster is not None and {"servers", "hours"} & pool.model_fields_set:
            yield _fault("warning.roster_counts", ("pools", name))


def _never_reached(scenario: Scenario) -> Iterator[ScenarioError]:
    for path, route in _routes(scenario):
        for name, times in passes(route).items():
            if times <= 0:
                yield _fault("warning.never_reached", (*path, name))
    for name, service in scenario.services.items():
        starts = any(step.start_case for _, step in _steps_of(scenario, service, ("services", name)))
        if service.case is not None and not starts:
            yield _fault("warning.case_never_starts", ("services", name, "case"))


def _uncounted_stops(scenario: Scenario) -> Iterator[ScenarioError]:
    if scenario.law.on_site_check_stops_clock:
        return
    stopping = [
        (*path, name, "stops_clock")
        for path, route in _routes(scenario)
        for name, step in route.items()
        if step.stops_clock == "on-site-check"
    ]
    if stopping:
        yield _fault("warning.on_site_check", stopping[0], n=len(stopping))


def _odd_promises(scenario: Scenario) -> Iterator[ScenarioError]:
    for name, service in scenario.services.items():
        legal, promised = service.legal_limit, service.promised_limit
        if legal is not None and promised is not None and promised > legal:
            yield _fault(
                "warning.promise_beyond_law", ("services", name, "promised_limit"), promised=promised, legal=legal
            )


def _sources_of_nothing(scenario: Scenario) -> Iterator[ScenarioError]:
    for name, number in expected_arrivals(scenario).items():
        if number <= 0:
            yield _fault("warning.nobody_comes", ("arrivals", name))
    if not scenario.arrivals:
        yield _fault("warning.no_arrivals", ("arrivals",))
    whole = scenario.model_dump()
    for text in scenario.provenance:
        if not _is_there(whole, split(text)):
            yield _fault("warning.source_of_nothing", ("provenance", text))


def _is_there(node: Any, pattern: Path) -> bool:
    if not pattern:
        return True
    return isinstance(node, Mapping) and any(
        _is_there(inner, pattern[1:]) for key, inner in node.items() if key_matches(str(key), pattern[0])
    )
