"""Checks of demand: sources, backlog, and the expected number of arrivals.

Input: a scenario.  Output: nothing, or the first fault; the expected number of arrivals by source.
"""

from __future__ import annotations

from typing import Final

from foundation.errors import ScenarioError
from foundation.units import parse_moment
from scenarios.check.faults import fault, require_name, require_plain, require_time
from scenarios.model import WEEKDAYS, Arrival, Backlog, Law, Scenario, Timetable
from scenarios.model.laws import mean_of
from scenarios.model.vocabulary import ARRIVAL_PROCESSES
from scenarios.paths import Path, dotted, suggestion
from scenarios.routes import route_of

__all__ = ["MOST_ARRIVALS", "check_arrival", "check_backlog", "check_volume", "expected_arrivals"]

MOST_ARRIVALS: Final = 50_000_000
"""Visits, or open cases, of one run at the most."""
MOST_DEPARTURES: Final = 10_000_000
"""Departures of all timetables in one run at the most: 80 MB, and one every ten seconds for three years."""


def check_arrival(scenario: Scenario, arrival: Arrival, path: Path) -> None:
    """Check the names, laws and moments of a source."""
    require_name(arrival.site, scenario.sites, "error.kind.site", (*path, "site"))
    for name in arrival.people:
        require_name(name, scenario.people, "error.kind.person", (*path, "people"))
    for name, weight in arrival.services.items():
        require_name(name, scenario.services, "error.kind.service", (*path, "services"))
        visits = scenario.services[name].visits
        if weight > 0 and arrival.purpose not in visits:
            raise fault(
                "error.purpose_not_served",
                (*path, "purpose"),
                purpose=arrival.purpose,
                service=name,
                near=suggestion(arrival.purpose, visits),
            )
    require_plain(arrival.patience, (*path, "patience"))
    if arrival.every is not None:
        require_plain(arrival.every, (*path, "every"))
        if mean_of(arrival.every) < 1:
            raise fault("error.every_zero", (*path, "every"))
    if arrival.slots is not None:
        require_plain(arrival.slots.lateness, (*path, "slots", "lateness"), may_be_early=True)
    if arrival.comes_back is not None:
        require_time(arrival.comes_back.after, (*path, "comes_back", "after"))
    if arrival.batch is not None:
        _whole(arrival.batch, (*path, "batch"))
    for moment in arrival.at or []:
        try:
            parse_moment(moment)
        except ScenarioError as error:
            raise error.at(path=dotted((*path, "at"))) from None


def _whole(law: Law, path: Path) -> None:
    """Insist on a law of whole numbers from 1 on."""
    for part in law.mixture or [law]:
        numbers = [part.constant] if part.constant is not None else part.values
        fits = numbers is not None and all(
            q.clock == "number" and q.value >= 1 and (q.value * part.factor * law.factor).is_integer() for q in numbers
        )
        if not fits:
            raise fault("error.law_must_be_whole", path)


def expected_arrivals(scenario: Scenario) -> dict[str, float]:
    """Return about how many visits every source brings in a whole run (holidays left out of account)."""
    days = scenario.run.all_days
    numbers = dict[str, float]()
    for name, arrival in scenario.arrivals.items():
        number = days * _per_day(scenario, arrival) + _stated_once(scenario, arrival)
        numbers[name] = number * (mean_of(arrival.batch) if arrival.batch else 1.0)
    return numbers


def _per_day(scenario: Scenario, arrival: Arrival) -> float:
    if arrival.per_day is not None:
        months = [arrival.month.get(str(month), 1.0) for month in range(1, 13)]
        return arrival.per_day * scenario.demand * sum(months) / 12
    if arrival.every is not None:
        hours = scenario.sites[arrival.site].hours or scenario.calendar.hours
        longest = max((sum(end - start for start, end in day) for day in hours.values()), default=0)
        return longest * scenario.demand / max(mean_of(arrival.every), 1.0)
    if arrival.slots is not None:
        slots = arrival.slots
        return len(slots.times) * slots.seats * slots.booked * (1 - slots.no_show) if slots.days else 0.0
    return float(sum(parse_moment(moment)[0] is None for moment in arrival.at or ()))


def _stated_once(scenario: Scenario, arrival: Arrival) -> int:
    """Return how many stated moments have a date, not before the run's first day."""
    dates = [parse_moment(moment)[0] for moment in arrival.at or ()]
    return sum(date is not None and date >= scenario.run.start for date in dates)


def check_backlog(scenario: Scenario, backlog: Backlog, path: Path) -> None:
    """Check that a backlog's cases exist and fit into the warm-up."""
    require_name(backlog.service, scenario.services, "error.kind.service", (*path, "service"))
    require_name(backlog.site, scenario.sites, "error.kind.site", (*path, "site"))
    case = scenario.services[backlog.service].case
    if case is None:
        raise fault("error.backlog_without_case", (*path, "service"), service=backlog.service)
    if backlog.stage is not None:
        require_name(backlog.stage, route_of(scenario, case), "error.kind.step", (*path, "stage"))
    oldest = max(map(int, backlog.ages))
    if oldest > scenario.run.warm_up_days:
        raise fault("error.backlog_too_old", (*path, "ages"), oldest=oldest, days=scenario.run.warm_up_days)


def check_volume(scenario: Scenario) -> None:
    """Check that a run stays within a bounded number of arrivals, open cases and departures."""
    expected = expected_arrivals(scenario)
    total = sum(expected.values())
    if total > MOST_ARRIVALS:
        most = max(expected, key=lambda name: expected[name])
        process = next(name for name in ARRIVAL_PROCESSES if getattr(scenario.arrivals[most], name) is not None)
        path: Path = ("arrivals", most, process)
        raise fault("error.too_many_arrivals", path, n=f"{total:,.0f}", most=f"{MOST_ARRIVALS:,}")
    cases = {name: sum(backlog.ages.values()) for name, backlog in scenario.backlog.items()}
    total_cases = sum(cases.values())
    if total_cases > MOST_ARRIVALS:
        path = ("backlog",) if len(cases) > 1 else ("backlog", *cases, "ages")
        raise fault("error.too_large_backlog", path, n=f"{total_cases:,}", most=f"{MOST_ARRIVALS:,}")
    departures = {name: _departures(scenario, timetable) for name, timetable in scenario.timetables.items()}
    total_departures = sum(departures.values())
    if total_departures > MOST_DEPARTURES:
        most = max(departures, key=lambda name: departures[name])
        path = ("timetables", most, "times" if scenario.timetables[most].every is None else "every")
        raise fault("error.too_many_departures", path, n=f"{total_departures:,.0f}", most=f"{MOST_DEPARTURES:,}")


def _departures(scenario: Scenario, timetable: Timetable) -> float:
    """Return about how many departures a timetable has in a whole run."""
    start, end = timetable.between
    a_day = len(timetable.times or ()) if timetable.every is None else (end - start) / timetable.every
    return scenario.run.all_days * a_day / timetable.every_weeks * len(set(timetable.days)) / len(WEEKDAYS)
