"""From what a log has shown to a scenario that runs at once.

Comes in: a :class:`~calibration.discovery.discover.Discovery`.  Goes out: the table of a scenario file, in which every
number says where it comes from: ``derived`` from the log with its interval, or ``assumed`` with a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from calibration.discovery.discover import Discovery
from calibration.discovery.durations import ALL
from calibration.discovery.gaps import Delay
from calibration.discovery.hours import Hours, clock, hours_table
from calibration.discovery.pools import PoolFound
from calibration.discovery.survival import Lifetimes
from calibration.discovery.wording import pool_title
from foundation import messages
from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text
from scenarios.compose.writing import to_toml
from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import DAY_MS, MINUTE_MS

__all__ = ["checked_name", "composed_scenario", "scenario_of", "scenario_text"]

_GRANULE_MS: Final = 30 * MINUTE_MS
_MOST_DAYS: Final = 2_500
_LONGEST_WARM_UP: Final = 250
_INSTANT: Final = "1 s"
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_MOST_TAIL: Final = 20
_DISPERSED: Final = 0.05


class _Names:
    """Names for a scenario's parts, made of what the log calls them, each given once."""

    def __init__(self, kind: str, reserved: Iterable[str] = ()) -> None:
        self._kind, self._taken = kind, set(reserved)

    def give(self, text: str, number: int) -> str:
        """Return a name for `text`: its letters and digits if they are Latin, else what kind of thing it is."""
        plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:48].strip("-")
        latin = len(re.sub(r"[^a-z0-9]", "", text.lower())) >= 0.6 * len(re.sub(r"\s", "", text))
        base = plain if latin and _SLUG.fullmatch(plain) else f"{self._kind}-{number + 1}"
        name, again = base, 2
        while name in self._taken:
            name, again = f"{base}-{again}", again + 1
        self._taken.add(name)
        return name


@dataclass(frozen=True, eq=False)
class _Parts:
    """Names of a scenario's parts by their codes in the log."""

    pool_of: Mapping[tuple[int, int], str]
    services: tuple[str, ...]
    steps: tuple[str, ...]


def checked_name(name: str) -> str:
    """Return a name that a scenario can have.

    Raises
    ------
    HallplanError
        If it can't.
    """
    if not _SLUG.fullmatch(name):
        raise HallplanError("discovery.fault.name", value=name)
    return name


def scenario_text(discovery: Discovery) -> str:
    """Return the scenario as a file's text."""
    return to_toml(scenario_of(discovery))


def composed_scenario(discovery: Discovery) -> Scenario:
    """Return the scenario, composed from its own file's text: what a user's run of that file simulates."""
    return compose_text(scenario_text(discovery), name=f"{discovery.settings.name}.toml").scenario


def scenario_of(discovery: Discovery) -> dict[str, Any]:
    """Return the table of a scenario that repeats what the log has shown, its texts in both languages.

    Raises
    ------
    HallplanError
        If its name can't be one.
    """
    by_language = {}
    for language in messages.LANGUAGES:
        with messages.using(language):
            by_language[language] = _in_language(discovery)
    both: dict[str, Any] = _both(by_language["en"], by_language["zh"])
    return both


def _both(english: Any, chinese: Any) -> Any:
    """Lay two tables over each other that differ in texts alone: where they do, both stand."""
    if isinstance(english, dict):
        return {key: _both(value, chinese[key]) for key, value in english.items()}
    if isinstance(english, list):
        return [_both(*pair) for pair in zip(english, chinese, strict=True)]
    return english if english == chinese else {"en": english, "zh": chinese}


def _in_language(discovery: Discovery) -> dict[str, Any]:
    """Return the scenario with its texts in the language in use."""
    name, traces = checked_name(discovery.settings.name), discovery.traces
    pool_names = _Names("pool")
    pools = {pool_names.give(traces.activities[pool.activities[0]], k): pool for k, pool in enumerate(discovery.pools)}
    service_names, step_names = _Names("service"), _Names("step", ("begin", "finished", "decided", "accepted", "end"))
    parts = _Parts(
        pool_of={task: name for name, pool in pools.items() for task in pool.tasks},
        services=tuple(service_names.give(label, k) for k, label in enumerate(traces.services)),
        steps=tuple(step_names.give(label, k) for k, label in enumerate(discovery.routing.states.names)),
    )
    walk_in = traces.kind != "ledger" and not all(discovery.routing.multi_day.values())
    site_hours = _union(discovery.hall, discovery.arrival_hours) if walk_in else discovery.hall
    services, timetables = _services(discovery, parts)
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
    return raw | {"provenance": _provenance(discovery, parts, pools)}


# ---- time ------------------------------------------------------------------------------------------------------------


def _run(discovery: Discovery) -> dict[str, Any]:
    worked = max(int(discovery.days.worked.sum()), 1)
    fill = min(_fill_days(discovery), _LONGEST_WARM_UP)
    return {
        "start": discovery.first_day,
        "warm_up_days": fill,
        "days": min(worked, _MOST_DAYS),
        "follow_up_days": fill,
        "replications": 20,
        "seed": 1,
    }


def _fill_days(discovery: Discovery) -> int:
    """Return in how many working days nearly all cases are done: what it takes to fill the hall, or to follow it up."""
    lifetimes = discovery.turnaround.get(-1)
    if lifetimes is None or not lifetimes.times.size:
        return 0
    duration = lifetimes.quantile(0.99)
    duration = float(lifetimes.times[-1]) if not np.isfinite(duration) else duration
    if not discovery.traces.date_only:
        per_week = sum(bool(day) for day in discovery.hall.by_weekday) / 7
        duration = duration / 24 * max(per_week, 1 / 7)
        if duration < 0.75:
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
    return table | {"hours": hours_table(hours)}


def _union(first: Hours, second: Hours) -> Hours:
    """Return hours that hold both: when the doors are open, and when work begins."""

    def join(a: Iterable[tuple[int, int]], b: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        joined: list[tuple[int, int]] = []
        for opens, closes in sorted([*a, *b]):
            if joined and opens <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
            else:
                joined.append((opens, closes))
        return tuple(joined)

    pairs = zip(first.by_weekday, second.by_weekday, strict=True)
    return Hours(tuple(join(a, b) for a, b in pairs), first.coverage, first.confidence, first.n)


# ---- pools -----------------------------------------------------------------------------------------------------------


def _pool(discovery: Discovery, pool: PoolFound, site: Hours) -> dict[str, Any]:
    visited = any(not discovery.routing.multi_day[service] for service, _ in pool.tasks)
    table: dict[str, Any] = {"title": pool_title(discovery, pool)}
    on = pool.roster[pool.roster > 0]
    if on.size and (on != pool.servers).any():
        table["roster"] = _shifts(pool)
    else:
        table["servers"] = pool.servers
        if pool.hours.by_weekday != site.by_weekday:
            table["hours"] = hours_table(pool.hours)
    if pool.pauses and not visited:
        table["at_break"] = "pause"
    return table


def _shifts(pool: PoolFound) -> list[dict[str, Any]]:
    """Write the roster as shifts: one for each stretch of half-hours with the same number on duty."""
    shifts: list[dict[str, Any]] = []
    groups: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for name, day in zip(WEEKDAYS, pool.hours.by_weekday, strict=True):
        if day:
            groups.setdefault(day, []).append(name)
    for day, names in groups.items():
        for opens, closes in day:
            edges = [opens, *range((opens // _GRANULE_MS + 1) * _GRANULE_MS, closes, _GRANULE_MS), closes]
            pieces: list[list[int]] = []
            for begin, end in pairwise(edges):
                number = int(pool.roster[begin // _GRANULE_MS]) or pool.servers
                if pieces and pieces[-1][2] == number:
                    pieces[-1][1] = end
                else:
                    pieces.append([begin, end, number])
            for begin, end, number in pieces:
                shift: dict[str, Any] = {"hours": f"{clock(begin)}-{clock(end)}", "servers": number}
                shifts.append(shift if len(groups) == 1 and len(names) == 7 else {"days": names, **shift})
    return shifts


# ---- services --------------------------------------------------------------------------------------------------------


def _services(discovery: Discovery, parts: _Parts) -> tuple[dict[str, Any], dict[str, Any]]:
    services: dict[str, Any] = {}
    timetables: dict[str, Any] = {}
    for code, name in enumerate(parts.services):
        title = discovery.traces.services[code] or messages.text(
            "discovery.word.others" if len(parts.services) > 1 else "discovery.word.all_services"
        )
        if discovery.traces.kind == "ledger":
            case: dict[str, Any] = {
                "accepted": {"mark": "accepted"},
                "turnaround": {
                    "title": messages.text("discovery.finding.turnaround.title"),
                    "delay": _lasting(discovery.turnaround.get(code, discovery.turnaround[-1])),
                    "mark": "decided",
                },
                "finished": {"mark": "finished"},
            }
            services[name] = _behind(title, case)
            continue
        route = _route(discovery, parts, code, timetables)
        if discovery.routing.multi_day[code]:
            services[name] = _behind(title, {"accepted": {"mark": "accepted"}, **route})
        else:
            services[name] = {"title": title, "kind": "instant", "visits": {"apply": route}}
    return services, timetables


def _behind(title: str, case: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "kind": "committed",
        "visits": {"apply": {"file": {"start_case": True}}},
        "case": case,
    }


def _lasting(lives: Lifetimes) -> Any:
    """Return the law of a turnaround in working days; what lasts longer than anything seen goes on at its last rate."""
    times, shares = lives.times, lives.shares.clip(min=0)
    if not times.size:
        return "1 working days"
    beyond = lives.beyond
    if beyond > 1e-6:
        half = times >= np.median(times)
        alive = 1 - np.r_[0.0, np.cumsum(shares)][:-1]
        ended = float(shares[half].sum())
        lived = float((alive[half] * np.diff(np.r_[times[half], times[-1] + 1])).sum())
        rate = min(max(ended / lived if lived > 0 else 1.0, 0.02), 1.0)
        step = max(int(np.ceil(3 / rate / _MOST_TAIL)), 1)
        more = np.arange(1, _MOST_TAIL + 1)
        weights = (1 - rate) ** (step * (more - 1)) * (1 - (1 - rate) ** step)
        times = np.r_[times, times[-1] + step * more]
        shares = np.r_[shares, beyond * weights / weights.sum()]
    shares = np.round(shares / shares.sum(), 9)
    shares[np.argmax(shares)] += 1 - shares.sum()
    if times.size == 1:
        return f"{times[0]:.0f} working days"
    return {"values": [f"{t:.0f} working days" for t in times], "shares": [float(share) for share in shares]}


def _route(discovery: Discovery, parts: _Parts, service: int, timetables: dict[str, Any]) -> dict[str, Any]:
    """Return a service's route: an activity is a step, a passage that takes time a step before the next one."""
    traces, states = discovery.traces, discovery.routing.states
    n = len(states.names)
    retained = discovery.routing.transitions["kept"].to_numpy() & (discovery.routing.codes[:, 0] == service)
    codes, counts = discovery.routing.codes[retained], discovery.routing.transitions["n"].to_numpy()[retained]
    passages = {(delay.source, delay.target): delay for delay in discovery.delays if delay.service == service}
    route: dict[str, Any] = {}
    waits: dict[str, Any] = {}

    def following(source: int) -> Any:
        outgoing = codes[:, 1] == source
        shares = counts[outgoing] / counts[outgoing].sum() if outgoing.any() else np.zeros(0)
        into: dict[str, float] = {}
        for target, share in zip(codes[outgoing, 2].tolist(), shares.tolist(), strict=True):
            step = "finished" if target == n else parts.steps[target]
            passage = passages.get((source, target))
            if passage is not None:
                step = _wait(passage, discovery, parts, waits, timetables, then=step)
            into[step] = round(share, 9)
        if not into:
            return "finished"
        if len(into) == 1:
            return next(iter(into))
        top = max(into, key=lambda step: into[step])
        into[top] = round(into[top] + 1 - sum(into.values()), 12)
        return into

    first = following(n)
    if isinstance(first, str) and first == "finished":
        first = parts.steps[int(codes[0, 2])] if codes.size else "finished"
    route["begin"] = {"next": first}
    for state in _in_order(discovery, service, codes):
        activity = states.activity[state]
        step: dict[str, Any] = {"title": traces.activities[activity]}
        stop = discovery.stops.get(activity)
        if stop is not None and stop.stop.outside:
            passage = stop.delays.get(service, stop.delays.get(ALL))
            step["delay"] = _INSTANT if passage is None else passage.law
        else:
            step |= {"pool": parts.pool_of[service, activity], "work": _work(discovery, activity, service)}
            if (service, activity) in discovery.priorities:
                step["priority"] = discovery.priorities[service, activity]
        if stop is not None and stop.reason and not stop.stop.word.after:
            step["stops_clock"] = stop.reason
        route[parts.steps[state]] = step | {"next": following(state)}
    return {**route, **waits, "decided": {"mark": "decided"}, "finished": {"mark": "finished", "next": "end"}}


def _in_order(discovery: Discovery, service: int, codes: Any) -> list[int]:
    """Return a service's states in the order in which they come in its cases on average."""
    traces, states = discovery.traces, discovery.routing.states
    used = [k for k in np.unique(codes[:, 1:]).tolist() if k < len(states.names)]
    rows = traces.service[traces.case] == service
    position = np.arange(traces.n_rows) - traces.first_row[:-1][traces.case]
    mean = {k: float(position[rows & (states.state == k)].mean()) for k in used}
    return sorted(used, key=lambda k: mean[k])


def _wait(
    passage: Delay,
    discovery: Discovery,
    parts: _Parts,
    waits: dict[str, Any],
    timetables: dict[str, Any],
    *,
    then: str,
) -> str:
    """Add the step in which a passage's time goes by, and return its name."""
    name = f"pass-{passage.source + 1}-{passage.target + 1}"
    names = discovery.routing.states.names
    title = f"{names[passage.source]} → {names[passage.target]}"
    step: dict[str, Any] = {"title": title}
    if passage.release is None:
        step["delay"] = passage.law
    else:
        table = f"release-{passage.source + 1}-{passage.target + 1}"
        timetables.setdefault(
            table,
            {
                "title": title,
                "times": [clock(t) for t in passage.release.times],
                "days": list(passage.release.weekdays),
                "transfer": True,
            },
        )
        step["until"] = table
    stop = discovery.stops.get(discovery.routing.states.activity[passage.source])
    if stop is not None and stop.reason and stop.stop.word.after:
        step["stops_clock"] = stop.reason
    waits[name] = step | {"next": then}
    return name


def _work(discovery: Discovery, activity: int, service: int) -> Any:
    by_service = {duration.service: duration for duration in discovery.durations if duration.activity == activity}
    duration = by_service.get(service, by_service.get(ALL))
    if duration is None:
        return _INSTANT
    return _INSTANT if duration.fitted.mean < MINUTE_MS / 60 else duration.fitted.law


# ---- demand ----------------------------------------------------------------------------------------------------------


def _arrivals(discovery: Discovery, parts: _Parts, site: Hours, *, walk_in: bool) -> dict[str, Any]:
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
    if arrivals.dispersion > 1 and arrivals.dispersion_p < _DISPERSED:
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


# ---- where it comes from ---------------------------------------------------------------------------------------------


def _provenance(discovery: Discovery, parts: _Parts, pools: Mapping[str, PoolFound]) -> dict[str, Any]:
    from calibration.discovery.provenance import provenance_of

    steps = dict(enumerate(parts.steps))
    return provenance_of(discovery, services=dict(enumerate(parts.services)), steps=steps, pools=pools)
