"""The provenance of a discovered scenario: the log with intervals, or an assumption with a range.

Input: a :class:`~calibration.discovery.result.Discovery` and the names of the scenario's parts.
Output: the scenario's ``provenance`` table.  It names the log by kind and dates only: nothing personal, no file name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from calibration.discovery.findings.titles import hours_text
from calibration.discovery.laws.fitting import FittedLaw
from calibration.discovery.resources.absences import Absence
from calibration.discovery.resources.durations import ALL, GUESS
from calibration.discovery.resources.pools import PoolEstimate
from calibration.discovery.scenario.names import PartNames, wait_names
from calibration.discovery.timing.delays import Delay
from calibration.discovery.timing.stops import StopEstimate
from foundation import messages
from sim.calendar import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from calibration.discovery.result import Discovery

__all__ = ["provenance_table"]

_MORE_SERVERS: Final = 2.0
"""Upper end of the range of an assumed number of servers, as a multiple of the number seen."""
_SHORTER: Final = 0.5
"""Lower end of the range of assumed work, as a multiple of its upper bound."""


def provenance_table(discovery: Discovery, parts: PartNames, pools: Mapping[str, PoolEstimate]) -> dict[str, Any]:
    """Return an entry for every number of the scenario.

    Parameters
    ----------
    discovery
        What the log has shown.
    parts
        Names of the scenario's parts.
    pools
        Pools by name.
    """
    traces, steps = discovery.traces, dict(enumerate(parts.steps))
    log = messages.text(
        "discovery.provenance.log",
        kind=messages.text(f"discovery.kind.{traces.kind}"),
        first=discovery.first_day,
        last=discovery.last_day,
    )
    entries: dict[str, Any] = {
        "run": _assumed(["1", "250"], "discovery.provenance.run"),
        "calendar": _derived(log, "discovery.provenance.calendar", n=int(discovery.days.worked.sum())),
    }
    if traces.date_only:
        entries["calendar.hours"] = _assumed(["08:30-17:30", "09:00-17:00"], "discovery.provenance.no_hours")
    else:
        entries["calendar.hours"] = _derived(log, "discovery.provenance.hours", hours=hours_text(discovery.hall))
    entries |= _demand(discovery, log)
    for code, service in enumerate(parts.services):
        entries |= _service(discovery, log, code, service, steps)
    for name, pool in pools.items():
        entries[f"pools.{name}"] = _pool(pool, log)
    releases = [release for release, _ in discovery.releases]
    if discovery.rounds is not None:
        entries["timetables"] = _derived(log, "discovery.provenance.rounds", n=discovery.rounds.n)
    elif releases:
        entries["timetables"] = _derived(log, "discovery.provenance.timetables")
    for weeks, days in {release.weeks: ", ".join(release.weekdays) for release in releases}.items():
        if weeks.monthly:
            on_date, on_weekday = "discovery.provenance.release_date", "discovery.provenance.release_weekday"
            key = on_date if weeks.monthly == "date" else on_weekday
            entries["timetables.*.every_weeks"] = _assumed([4, 5], key, number=weeks.number, days=days)
    return entries


def _derived(log: str, key: str, *, interval: tuple[float, float] | None = None, **values: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": "derived", "source": log, "formula": messages.text(key, **values)}
    if interval is not None and all(math.isfinite(end) for end in interval):
        entry["range"] = [float(f"{end:.4g}") for end in interval]
        entry["why"] = messages.text("discovery.provenance.interval")
    return entry


def _assumed(ends: list[Any], key: str, **values: Any) -> dict[str, Any]:
    return {"kind": "assumed", "range": ends, "why": messages.text(key, **values)}


def _demand(discovery: Discovery, log: str) -> dict[str, Any]:
    arrivals = discovery.arrivals
    entries = {
        "arrivals.cases": _derived(log, "discovery.provenance.arrivals", n=arrivals.n, days=arrivals.days),
        "arrivals.cases.per_day": _derived(
            log,
            "discovery.provenance.arrivals",
            interval=(arrivals.low, arrivals.high),
            n=arrivals.n,
            days=arrivals.days,
        ),
        "arrivals.cases.day_dispersion": _derived(
            log,
            "discovery.provenance.dispersion",
            interval=(arrivals.dispersion_low, arrivals.dispersion_high),
            days=arrivals.days,
        ),
    }
    if not arrivals.overdispersed:
        del entries["arrivals.cases.day_dispersion"]
    if discovery.patience is not None:
        entries["arrivals.cases.patience"] = _law(discovery.patience, log, MINUTE_MS)
    return entries


def _law(fitted: FittedLaw, log: str, scale: float) -> dict[str, Any]:
    return _derived(
        log,
        "discovery.provenance.law",
        interval=(fitted.low / scale, fitted.high / scale),
        family=messages.text(f"discovery.family.{fitted.family}"),
        mean=fitted.mean / scale,
        n=fitted.n,
    )


def _service(discovery: Discovery, log: str, code: int, service: str, steps: Mapping[int, str]) -> dict[str, Any]:
    n = int((discovery.traces.service == code).sum())
    entries = {f"services.{service}": _derived(log, "discovery.provenance.route", n=n)}
    if discovery.traces.kind == "ledger":
        by_service = discovery.turnaround if discovery.rounds is None else discovery.rounds.turnaround
        lives = by_service.get(code, by_service[ALL])
        entries[f"services.{service}.case.turnaround"] = _derived(
            log, "discovery.provenance.turnaround", n=lives.n, open=lives.open
        )
        return entries
    where = f"services.{service}.case" if discovery.routing.multi_day[code] else f"services.{service}.visits.apply"
    routing = discovery.routing
    in_route = routing.transitions["kept"].to_numpy() & (routing.codes[:, 0] == code)
    used = set(routing.codes[in_route][:, 1:].ravel().tolist())
    for state in sorted(used & set(steps)):
        activity = discovery.routing.states.activity[state]
        stop = discovery.stops.get(activity)
        if stop is not None and stop.reason and not stop.stop.rule.after:
            entries[f"{where}.{steps[state]}.stops_clock"] = _stop(stop, log)
        if stop is not None and stop.stop.outside:
            lasting = stop.delays.get(code, stop.delays.get(ALL))
            if lasting is not None:
                entries[f"{where}.{steps[state]}.delay"] = _delay(lasting, log, "discovery.provenance.stop_lasts")
            continue
        if (code, activity) in discovery.absences:
            entries |= _absent(discovery.absences[code, activity], f"{where}.{steps[state]}.absent", log)
        if (code, activity) in discovery.priorities:
            entries[f"{where}.{steps[state]}.priority"] = _priority(discovery, code, activity, log)
        laws = {duration.service: duration for duration in discovery.durations if duration.activity == activity}
        duration = laws.get(code, laws.get(ALL))
        path = f"{where}.{steps[state]}.work"
        if duration is None:
            entries[path] = _assumed(["0 min", "60 min"], "discovery.provenance.no_work")
        elif duration.guessed:
            ends = ["0 min", f"{duration.fitted.mean / MINUTE_MS / GUESS:.3g} min"]
            entries[path] = _assumed(ends, "discovery.provenance.guessed", n=duration.fitted.n)
        elif duration.bounded:
            mean = duration.fitted.mean / MINUTE_MS
            ends = [f"{_SHORTER * mean:.3g} min", f"{mean:.3g} min"]
            entries[path] = _assumed(ends, "discovery.provenance.bounded", n=duration.fitted.n)
        else:
            entries[path] = _law(duration.fitted, log, MINUTE_MS)
    for delay in discovery.delays:
        if delay.service == code and delay.law is not None:
            entries[f"{where}.{wait_names(delay)[1]}.delay"] = _delay(delay, log)
        stop = discovery.stops.get(discovery.routing.states.activity[delay.source])
        if delay.service == code and stop is not None and stop.reason and stop.stop.rule.after:
            entries[f"{where}.{wait_names(delay)[0]}.stops_clock"] = _stop(stop, log)
    return entries


def _absent(absence: Absence, path: str, log: str) -> dict[str, Any]:
    """Say how many calls were in vain, and what is assumed of their length."""
    interval = (absence.low, absence.high)
    entries = {path: _derived(log, "discovery.provenance.absent", interval=interval, calls=absence.calls)}
    if absence.call is None:
        entries[f"{path}.call"] = _assumed(["10 s", "5 min"], "discovery.provenance.call")
    return entries


def _priority(discovery: Discovery, service: int, activity: int, log: str) -> dict[str, Any]:
    """Say how often other work was taken before a task."""
    pool = next(number for number, candidate in enumerate(discovery.pools) if (service, activity) in candidate.tasks)
    ahead = [
        choice
        for choice in discovery.choices
        if choice.pool == pool and choice.goes_first and choice.other == (service if choice.by_service else activity)
    ]
    n, overtakes = sum(choice.n for choice in ahead), sum(choice.overtakes for choice in ahead)
    return _derived(log, "discovery.provenance.priority", n=n, taken=overtakes)


def _stop(stop: StopEstimate, log: str) -> dict[str, Any]:
    """Say why a step stops the clock: stamps of suspension do so for certain, a name by assumption."""
    if stop.verdict == "out":
        return _derived(log, "discovery.provenance.stop_left_out", n=stop.n)
    if stop.stop.recorded:
        return _derived(log, "discovery.provenance.stop_recorded", n=stop.n)
    key = "discovery.provenance.stop_law" if stop.stop.rule.article else "discovery.provenance.stop_named"
    return _assumed(["", stop.stop.rule.reason], key, name=stop.name, article=stop.stop.rule.article)


def _delay(delay: Delay, log: str, key: str = "discovery.provenance.passage") -> dict[str, Any]:
    scale = 1.0 if delay.unit == "working days" else HOUR_MS
    return _derived(
        log,
        key,
        interval=(delay.low / scale, delay.high / scale),
        unit=messages.text("discovery.unit.days" if delay.unit == "working days" else "discovery.unit.hours"),
        mean=delay.mean / scale,
        n=delay.n,
    )


def _pool(pool: PoolEstimate, log: str) -> dict[str, Any]:
    if pool.by_queue:
        return _derived(log, "discovery.provenance.pool", interval=(pool.low, pool.high), hours=pool.evidence_hours)
    most = max(int(_MORE_SERVERS * pool.servers), pool.servers + 1)
    return _assumed([pool.servers, most], "discovery.provenance.seen")
