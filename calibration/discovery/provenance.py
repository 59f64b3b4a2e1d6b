"""Where a discovered scenario's numbers come from: the log, with intervals, or an assumption, with a range.

Comes in: a :class:`~calibration.discovery.discover.Discovery` and the names of the scenario's parts.  Goes out: the
scenario's ``provenance`` table.  It names the log by its kind and dates only: nothing personal, no file name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from calibration.discovery.durations import ALL, GUESS
from calibration.discovery.gaps import Delay
from calibration.discovery.laws import FittedLaw
from calibration.discovery.pools import PoolFound
from calibration.discovery.stops import StopFound
from calibration.discovery.wording import hours_words
from foundation import messages
from sim.calendar import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from calibration.discovery.discover import Discovery

__all__ = ["provenance_of"]

_MORE_SERVERS: Final = 2.0
_SHORTER: Final = 0.5


def provenance_of(
    found: Discovery, *, services: Mapping[int, str], steps: Mapping[int, str], pools: Mapping[str, PoolFound]
) -> dict[str, Any]:
    """Return an entry for every number of the scenario.

    Parameters
    ----------
    found
        What the log has shown.
    services, steps
        Names of the scenario's parts by code.
    pools
        Pools by name.
    """
    traces = found.traces
    log = messages.text(
        "discovery.provenance.log",
        kind=messages.text(f"discovery.kind.{traces.kind}"),
        first=found.first_day,
        last=found.last_day,
    )
    entries: dict[str, Any] = {
        "run": _assumed(["1", "250"], "discovery.provenance.run"),
        "calendar": _derived(log, "discovery.provenance.calendar", n=int(found.days.worked.sum())),
    }
    if traces.date_only:
        entries["calendar.hours"] = _assumed(["08:30-17:30", "09:00-17:00"], "discovery.provenance.no_hours")
    else:
        entries["calendar.hours"] = _derived(log, "discovery.provenance.hours", hours=hours_words(found.hall))
    entries |= _demand(found, log)
    for code, service in services.items():
        entries |= _service(found, log, code, service, steps)
    for name, pool in pools.items():
        entries[f"pools.{name}"] = _pool(pool, log)
    if any(one.release is not None for one in found.delays):
        entries["timetables"] = _derived(log, "discovery.provenance.timetables")
    return entries


def _derived(log: str, key: str, *, interval: tuple[float, float] | None = None, **values: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": "derived", "source": log, "formula": messages.text(key, **values)}
    if interval is not None and all(math.isfinite(end) for end in interval):
        entry["range"] = [float(f"{end:.4g}") for end in interval]
        entry["why"] = messages.text("discovery.provenance.interval")
    return entry


def _assumed(ends: list[Any], key: str, **values: Any) -> dict[str, Any]:
    return {"kind": "assumed", "range": ends, "why": messages.text(key, **values)}


def _demand(found: Discovery, log: str) -> dict[str, Any]:
    one = found.arrivals
    entries = {
        "arrivals.cases": _derived(log, "discovery.provenance.arrivals", n=one.n, days=one.days),
        "arrivals.cases.per_day": _derived(
            log, "discovery.provenance.arrivals", interval=(one.low, one.high), n=one.n, days=one.days
        ),
        "arrivals.cases.day_dispersion": _derived(
            log,
            "discovery.provenance.dispersion",
            interval=(one.dispersion_low, one.dispersion_high),
            days=one.days,
        ),
    }
    if one.dispersion <= 1 or one.dispersion_p >= 0.05:
        del entries["arrivals.cases.day_dispersion"]
    if found.patience is not None:
        entries["arrivals.cases.patience"] = _law(found.patience, log, MINUTE_MS)
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


def _service(found: Discovery, log: str, code: int, service: str, steps: Mapping[int, str]) -> dict[str, Any]:
    n = int((found.traces.service == code).sum())
    entries = {f"services.{service}": _derived(log, "discovery.provenance.route", n=n)}
    if found.traces.kind == "ledger":
        lives = found.turnaround.get(code, found.turnaround[-1])
        entries[f"services.{service}.case.turnaround"] = _derived(
            log, "discovery.provenance.turnaround", n=lives.n, open=lives.open
        )
        return entries
    where = f"services.{service}.case" if found.routing.multi_day[code] else f"services.{service}.visits.apply"
    used = set(found.routing.codes[found.routing.codes[:, 0] == code][:, 1:].ravel().tolist())
    for state in sorted(used & set(steps)):
        activity = found.routing.states.activity[state]
        stop = found.stops.get(activity)
        if stop is not None and stop.reason and not stop.stop.word.after:
            entries[f"{where}.{steps[state]}.stops_clock"] = _stop(stop, log)
        if stop is not None and stop.stop.outside:
            lasting = stop.delays.get(code, stop.delays.get(ALL))
            if lasting is not None:
                entries[f"{where}.{steps[state]}.delay"] = _passage(lasting, log, "discovery.provenance.stop_lasts")
            continue
        if (code, activity) in found.priorities:
            entries[f"{where}.{steps[state]}.priority"] = _priority(found, code, activity, log)
        laws = {one.service: one for one in found.durations if one.activity == activity}
        one = laws.get(code, laws.get(ALL))
        path = f"{where}.{steps[state]}.work"
        if one is None:
            entries[path] = _assumed(["0 min", "60 min"], "discovery.provenance.no_work")
        elif one.guessed:
            ends = ["0 min", f"{one.fitted.mean / MINUTE_MS / GUESS:.3g} min"]
            entries[path] = _assumed(ends, "discovery.provenance.guessed", n=one.fitted.n)
        elif one.bounded:
            mean = one.fitted.mean / MINUTE_MS
            ends = [f"{_SHORTER * mean:.3g} min", f"{mean:.3g} min"]
            entries[path] = _assumed(ends, "discovery.provenance.bounded", n=one.fitted.n)
        else:
            entries[path] = _law(one.fitted, log, MINUTE_MS)
    for passage in found.delays:
        if passage.service == code and passage.release is None:
            entries[f"{where}.pass-{passage.source + 1}-{passage.target + 1}.delay"] = _passage(passage, log)
        stop = found.stops.get(found.routing.states.activity[passage.source])
        if passage.service == code and stop is not None and stop.reason and stop.stop.word.after:
            entries[f"{where}.pass-{passage.source + 1}-{passage.target + 1}.stops_clock"] = _stop(stop, log)
    return entries


def _priority(found: Discovery, service: int, activity: int, log: str) -> dict[str, Any]:
    """Say how often other work was taken before a task."""
    pool = next(place for place, one in enumerate(found.pools) if (service, activity) in one.tasks)
    ahead = [
        one
        for one in found.choices
        if one.pool == pool and one.goes_first and one.other == (service if one.by_service else activity)
    ]
    n, taken = sum(one.n for one in ahead), sum(one.taken for one in ahead)
    return _derived(log, "discovery.provenance.priority", n=n, taken=taken)


def _stop(one: StopFound, log: str) -> dict[str, Any]:
    """Say why a step stops the clock: stamps of suspension do so for certain, a name by assumption."""
    if one.verdict == "out":
        return _derived(log, "discovery.provenance.stop_left_out", n=one.n)
    if one.stop.recorded:
        return _derived(log, "discovery.provenance.stop_recorded", n=one.n)
    key = "discovery.provenance.stop_law" if one.stop.word.article else "discovery.provenance.stop_named"
    return _assumed(["", one.stop.word.reason], key, name=one.name, article=one.stop.word.article)


def _passage(one: Delay, log: str, key: str = "discovery.provenance.passage") -> dict[str, Any]:
    scale = 1.0 if one.unit == "working days" else HOUR_MS
    return _derived(
        log,
        key,
        interval=(one.low / scale, one.high / scale),
        unit=messages.text("discovery.unit.days" if one.unit == "working days" else "discovery.unit.hours"),
        mean=one.mean / scale,
        n=one.n,
    )


def _pool(pool: PoolFound, log: str) -> dict[str, Any]:
    if pool.by_queue:
        return _derived(log, "discovery.provenance.pool", interval=(pool.low, pool.high), hours=pool.evidence_hours)
    most = max(int(_MORE_SERVERS * pool.servers), pool.servers + 1)
    return _assumed([pool.servers, most], "discovery.provenance.seen")
