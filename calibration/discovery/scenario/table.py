"""The scenario that repeats what a log has shown, ready to run.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: the table of a scenario file.  Every number in it states its origin: ``derived`` from the log with an interval,
or ``assumed`` with a range.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np

from calibration.discovery.findings.titles import pool_title
from calibration.discovery.resources.durations import ALL
from calibration.discovery.resources.pools import PoolEstimate
from calibration.discovery.result import Discovery
from calibration.discovery.scenario.names import NameRegistry, PartNames, checked_name
from calibration.discovery.scenario.period import aligned_start
from calibration.discovery.scenario.provenance import provenance_table
from calibration.discovery.scenario.routes import service_tables
from calibration.discovery.timing.hours import GRANULE_MS, Hours, clock, hours_entry, join_intervals
from foundation import messages
from scenarios.compose.composing import compose_table
from scenarios.compose.writing import to_toml
from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import DAY_MS

__all__ = ["compose_scenario", "scenario_table", "scenario_text"]


_MAX_DAYS: Final = 2_500
"""Working days of the longest run: ten years."""
_MAX_WARM_UP_DAYS: Final = 250
"""Working days of the longest warm-up: a year."""
_FILLED: Final = 0.99
"""The hall is full once this share of the cases would be complete."""
_SAME_DAY: Final = 0.75
"""Working days below which nearly all cases are complete on their first day, and no warm-up is needed."""
_RESERVED_STEPS: Final = ("begin", "finished", "decided", "accepted", "end")
"""Names of steps that every route has."""


def scenario_text(discovery: Discovery) -> str:
    """Return the scenario as a file's text."""
    return to_toml(scenario_table(discovery))


def compose_scenario(discovery: Discovery) -> Scenario:
    """Return the scenario, composed as a user's run of its file composes it."""
    return compose_table(scenario_table(discovery), name=f"{discovery.settings.name}.toml").scenario


def scenario_table(discovery: Discovery) -> dict[str, Any]:
    """Return the table of a scenario that repeats what the log has shown, with texts in both languages.

    Raises
    ------
    HallplanError
        If its name is not allowed.
    """
    by_language = {}
    for language in messages.LANGUAGES:
        with messages.using(language):
            by_language[language] = _in_language(discovery)
    both: dict[str, Any] = _both(by_language["en"], by_language["zh"])
    return both


def _both(english: Any, chinese: Any) -> Any:
    """Merge two tables that differ in texts only: where they differ, the result holds both texts."""
    if isinstance(english, dict):
        return {key: _both(value, chinese[key]) for key, value in english.items()}
    if isinstance(english, list):
        return [_both(*pair) for pair in zip(english, chinese, strict=True)]
    return english if english == chinese else {"en": english, "zh": chinese}


def _in_language(discovery: Discovery) -> dict[str, Any]:
    """Return the scenario with its texts in the language in use."""
    name, traces = checked_name(discovery.settings.name), discovery.traces
    pool_names = NameRegistry("pool")
    pools = {pool_names.give(traces.activities[pool.activities[0]], k): pool for k, pool in enumerate(discovery.pools)}
    service_names, step_names = NameRegistry("service"), NameRegistry("step", _RESERVED_STEPS)
    parts = PartNames(
        pool_of={task: name for name, pool in pools.items() for task in pool.tasks},
        services=tuple(service_names.give(label, k) for k, label in enumerate(traces.services)),
        steps=tuple(step_names.give(label, k) for k, label in enumerate(discovery.routing.states.names)),
    )
    walk_in = traces.kind != "ledger" and not all(discovery.routing.multi_day.values())
    site_hours = _union(discovery.hall, discovery.arrival_hours) if walk_in else discovery.hall
    services, timetables = service_tables(discovery, parts)
    described = messages.text(
        "discovery.scenario.description",
        kind=messages.text(f"discovery.kind.{traces.kind}"),
        first=discovery.first_day,
        last=discovery.last_day,
        cases=traces.n_cases,
    )
    raw: dict[str, Any] = {
        "format": 1,
        "name": name,
        "title": messages.text("discovery.scenario.title", first=discovery.first_day, last=discovery.last_day),
        "description": described,
        "run": _run(discovery),
        "calendar": _calendar(discovery, site_hours),
        "pools": {key: _pool(discovery, pool, site_hours) for key, pool in pools.items()},
        "timetables": timetables,
        "services": services,
        "arrivals": {"cases": _arrivals(discovery, parts, site_hours, walk_in=walk_in)},
    }
    raw = {key: value for key, value in raw.items() if value != {}}
    return raw | {"provenance": provenance_table(discovery, parts, pools)}


def _run(discovery: Discovery) -> dict[str, Any]:
    worked = max(int(discovery.days.worked.sum()), 1)
    fill = min(_fill_days(discovery), _MAX_WARM_UP_DAYS)
    start = aligned_start(discovery, discovery.first_day)
    return {
        "start": start,
        "warm_up_days": fill,
        "days": min(worked, _MAX_DAYS),
        "follow_up_days": fill,
        "replications": 20,
        "seed": 1,
    }


def _fill_days(discovery: Discovery) -> int:
    """Return the working days in which nearly all cases are complete: the warm-up, and the follow-up."""
    lifetimes = discovery.turnaround.get(ALL)
    if lifetimes is None or not lifetimes.times.size:
        return 0
    duration = lifetimes.quantile(_FILLED)
    duration = float(lifetimes.times[-1]) if not np.isfinite(duration) else duration
    if not discovery.traces.date_only:
        per_week = sum(bool(day) for day in discovery.hall.by_weekday) / 7
        duration = duration / 24 * max(per_week, 1 / 7)
        if duration < _SAME_DAY:
            return 0
    return int(np.ceil(duration)) + 1


def _calendar(discovery: Discovery, hours: Hours) -> dict[str, Any]:
    days = discovery.days
    table: dict[str, Any] = {"country": days.country}
    if days.weekend and (days.country == "none" or set(days.weekend) != {5, 6}):
        table["weekend"] = [WEEKDAYS[k] for k in days.weekend]
    if days.off:
        table["off"] = list(days.off)
    if days.work:
        table["work"] = list(days.work)
    return table | {"hours": hours_entry(hours)}


def _union(first: Hours, second: Hours) -> Hours:
    """Return hours that are open when either is: when the doors are open, or when work starts."""
    pairs = zip(first.by_weekday, second.by_weekday, strict=True)
    return replace(first, by_weekday=tuple(join_intervals([*a, *b]) for a, b in pairs))


def _pool(discovery: Discovery, pool: PoolEstimate, site: Hours) -> dict[str, Any]:
    visited = any(not discovery.routing.multi_day[service] for service, _ in pool.tasks)
    table: dict[str, Any] = {"title": pool_title(discovery, pool)}
    on = pool.roster[pool.roster > 0]
    if on.size and (on != pool.servers).any():
        table["roster"] = _shifts(pool)
    else:
        table["servers"] = pool.servers
        if pool.hours.by_weekday != site.by_weekday:
            table["hours"] = hours_entry(pool.hours)
    if pool.pauses and not visited:
        table["at_break"] = "pause"
    return table


def _shifts(pool: PoolEstimate) -> list[dict[str, Any]]:
    """Write the roster as shifts: one for each stretch of half-hours with the same number on duty."""
    shifts: list[dict[str, Any]] = []
    groups: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for name, day in zip(WEEKDAYS, pool.hours.by_weekday, strict=True):
        if day:
            groups.setdefault(day, []).append(name)
    for day, names in groups.items():
        for opens, closes in day:
            edges = [opens, *range((opens // GRANULE_MS + 1) * GRANULE_MS, closes, GRANULE_MS), closes]
            pieces: list[list[int]] = []
            for begin, end in pairwise(edges):
                number = int(pool.roster[begin // GRANULE_MS]) or pool.servers
                if pieces and pieces[-1][2] == number:
                    pieces[-1][1] = end
                else:
                    pieces.append([begin, end, number])
            for begin, end, number in pieces:
                shift: dict[str, Any] = {"hours": f"{clock(begin)}-{clock(end)}", "servers": number}
                shifts.append(shift if len(groups) == 1 and len(names) == 7 else {"days": names, **shift})
    return shifts


def _arrivals(discovery: Discovery, parts: PartNames, site: Hours, *, walk_in: bool) -> dict[str, Any]:
    arrivals, traces = discovery.arrivals, discovery.traces
    counts = np.bincount(traces.service, minlength=len(traces.services))
    table: dict[str, Any] = {
        "title": messages.text("discovery.scenario.arrivals"),
        "services": {name: int(n) for name, n in zip(parts.services, counts, strict=True) if n},
        "channel": "walk-in" if walk_in else "online",
        "per_day": float(f"{arrivals.per_day:.6g}"),
    }
    if arrivals.profile:
        table["profile"] = arrivals.profile
    elif not arrivals.date_only and discovery.arrival_hours.by_weekday != site.by_weekday:
        table["profile"] = _even(discovery.arrival_hours)
    if arrivals.weekday:
        table["weekday"] = {name: float(f"{weight:.4g}") for name, weight in arrivals.weekday.items()}
    if arrivals.overdispersed:
        table["day_dispersion"] = float(f"{arrivals.dispersion:.4g}")
    if discovery.patience is not None:
        table["patience"] = discovery.patience.law
    return table


def _even(hours: Hours) -> dict[str, float]:
    day = next(day for day in hours.by_weekday if day)
    profile: dict[str, float] = {}
    for opens, closes in day:
        profile[clock(opens)] = 1.0
        if closes < DAY_MS:
            profile[clock(closes)] = 0.0
    return profile
