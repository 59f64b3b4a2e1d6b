"""What was found, as :class:`~calibration.discovery.findings.Finding`: estimate, interval, test and one sentence each.

Comes in: a :class:`~calibration.discovery.discover.Discovery`.  Goes out: its findings, in the order in which a
scenario is built up, and last what the log can't tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import stats

from calibration.discovery.durations import ALL
from calibration.discovery.findings import Finding
from calibration.discovery.hours import Hours, clock
from calibration.discovery.pools import PoolFound
from calibration.discovery.priorities import Choices
from calibration.discovery.traces import MERGED
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from calibration.discovery.discover import Discovery
    from calibration.discovery.gaps import Delay
    from calibration.discovery.stops import StopFound

__all__ = ["findings_of", "hours_words", "pool_title"]

_FITS: Final = 0.05
_SURELY: Final = 0.001


def hours_words(hours: Hours) -> str:
    """Write the hours of the first weekday that has any."""
    day = next((day for day in hours.by_weekday if day), ())
    return ", ".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in day)


def pool_title(found: Discovery, pool: PoolFound) -> str:
    """Return what a pool is called: what it does."""
    title = _listed([found.traces.activities[k] for k in pool.activities])
    services = dict.fromkeys(service for service, _ in pool.tasks)
    named = [found.traces.services[k] for k in services if found.traces.services[k]]
    shared = sum(activity in pool.activities for other in found.pools for _, activity in other.tasks)
    alone = shared == len(pool.tasks)
    return title if alone or not named else f"{title}: {_listed(named)}"


def _listed(names: list[str]) -> str:
    return " / ".join(names[:3]) + (" …" if len(names) > 3 else "")


def findings_of(found: Discovery) -> Iterator[Finding]:
    """Yield everything that a log has shown, and what it can't show."""
    yield from _time(found)
    yield from _arrivals(found)
    yield from _services(found)
    yield from _routes(found)
    yield from _work(found)
    yield from _pools(found)
    yield from _choices(found)
    yield from _passages(found)
    yield from _stops(found)
    yield from _cases(found)
    yield from _assumptions(found)


def _time(found: Discovery) -> Iterator[Finding]:
    days, n = found.days, int(found.days.worked.sum())
    rule = "discovery.word.holidays_cn" if days.country == "CN" else "discovery.word.holidays_none"
    yield Finding(
        "working_days",
        estimate=n,
        unit="count",
        n=found.traces.n_days,
        values={"days": found.traces.n_days, "worked": n, "rule": rule, "off": len(days.off), "work": len(days.work)},
    )
    if days.quiet:
        yield Finding("quiet_days", estimate=days.quiet, unit="count", n=n, values={"quiet": days.quiet})
    if not found.traces.date_only:
        yield Finding(
            "hours",
            estimate=found.hall.coverage,
            unit="share",
            n=found.hall.n,
            values={"hours": hours_words(found.hall), "confidence": found.hall.confidence},
        )


def _arrivals(found: Discovery) -> Iterator[Finding]:
    one = found.arrivals
    yield Finding(
        "arrivals",
        estimate=one.per_day,
        low=one.low,
        high=one.high,
        unit="per_day",
        n=one.n,
        values={"days": one.days},
    )
    yield Finding(
        "weekdays",
        estimate=max(one.weekday.values()) if one.weekday else 1.0,
        unit="ratio",
        n=one.days,
        p_value=one.weekday_p,
        test="weekdays",
        values={"verdict": "discovery.word.differ" if one.weekday else "discovery.word.alike"},
    )
    yield Finding(
        "dispersion",
        estimate=one.dispersion,
        low=one.dispersion_low,
        high=one.dispersion_high,
        unit="ratio",
        n=one.days,
        p_value=one.dispersion_p,
        test="dispersion",
        values={"verdict": "discovery.word.varies" if one.dispersion_p < _FITS else "discovery.word.by_chance"},
    )
    if one.date_only:
        return
    profile = "discovery.word.even" if one.width_min == 0 else "discovery.word.bins"
    yield Finding(
        "profile",
        estimate=one.width_min if one.width_min else math.nan,
        unit="minutes",
        n=one.n,
        p_value=one.interaction_p,
        test="interaction",
        values={"profile": profile},
    )
    yield Finding(
        "poisson",
        estimate=one.poisson_distance,
        unit="",
        n=one.tested,
        p_value=one.poisson_p,
        test="brown",
        values={"verdict": _fits(one.poisson_p), "tested": one.tested, "n": one.n},
    )


def _fits(p_value: float) -> str:
    if math.isnan(p_value):
        return "discovery.word.untested"
    return "discovery.word.fits" if p_value >= _FITS else "discovery.word.fits_not"


def _services(found: Discovery) -> Iterator[Finding]:
    traces = found.traces
    for code, name in enumerate(traces.services):
        if len(traces.services) > 1:
            n = int((traces.service == code).sum())
            low, high = _wilson(n, traces.n_cases)
            yield Finding(
                "service",
                name,
                estimate=n / traces.n_cases,
                low=low,
                high=high,
                unit="share",
                n=traces.n_cases,
                values={"column": traces.service_column.removeprefix("attr_")},
            )


def _wilson(k: int, n: int) -> tuple[float, float]:
    z2, share = 3.841459, k / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _routes(found: Discovery) -> Iterator[Finding]:
    if found.traces.kind == "ledger":
        return
    routing, traces = found.routing, found.traces
    yield Finding(
        "routing",
        estimate=routing.coverage,
        unit="share",
        n=int(routing.transitions["n"].sum()),
        values={"activities": len(traces.activities), "passages": int(routing.transitions["kept"].sum())},
    )
    for activity, kind in routing.states.split.items():
        many = routing.states.activity.count(activity)
        yield Finding(
            "memory",
            traces.activities[activity],
            estimate=many,
            unit="count",
            n=int((traces.activity == activity).sum()),
            values={"kind": f"discovery.word.{kind}"},
        )
    repeats = sum(routing.rework[k] * int((traces.service == k).sum()) for k in routing.rework) / traces.n_cases
    if repeats > 0:
        yield Finding("rework", estimate=repeats, unit="count", n=traces.n_cases)
    if routing.overlapping > 0.01:
        yield Finding("overlap", estimate=routing.overlapping, unit="share", n=traces.n_rows)


def _work(found: Discovery) -> Iterator[Finding]:
    for one in found.durations:
        activity = found.traces.activities[one.activity]
        name = activity if one.service == ALL else f"{activity} ({found.traces.services[one.service]})"
        fitted = one.fitted
        yield Finding(
            "work_guessed" if one.guessed else "work_bounded" if one.bounded else "work",
            name,
            estimate=fitted.mean / MINUTE_MS,
            low=fitted.low / MINUTE_MS,
            high=fitted.high / MINUTE_MS,
            unit="minutes",
            n=fitted.n,
            p_value=fitted.p_value,
            test="" if math.isnan(fitted.p_value) else "fit",
            values={
                "family": f"discovery.family.{fitted.family}",
                "cv": fitted.cv,
                "sampled": fitted.sampled,
                "verdict": _fits(fitted.p_value),
            },
            assumed=one.guessed,
        )


def _pools(found: Discovery) -> Iterator[Finding]:
    for pool in found.pools:
        yield Finding(
            "pool" if pool.by_queue else "pool_seen",
            pool_title(found, pool),
            estimate=pool.servers,
            low=pool.low,
            high=pool.high,
            unit="count",
            n=pool.n,
            values={
                "resources": pool.resources,
                "hours": hours_words(pool.hours),
                "evidence": pool.evidence_hours,
                "busy": pool.busy,
            },
        )
        if pool.multitasks:
            yield Finding("at_once", pool_title(found, pool), estimate=pool.at_once, unit="count", n=pool.n)


def _choices(found: Discovery) -> Iterator[Finding]:
    """Yield what goes before what, and how often the others were taken out of turn."""
    counted = {(one.pool, one.kind, one.other): one for one in found.choices}

    def named(one: Choices, kind: int) -> str:
        return found.traces.services[kind] if one.by_service else found.traces.activities[kind]

    equal = []
    for one in found.choices:
        back = counted.get((one.pool, one.other, one.kind))
        if one.goes_first:
            low, high = _wilson(one.taken, one.n)
            values = {"other": named(one, one.other), "n": one.n, "at_random": one.at_random, "back": 0, "back_n": 0}
            if back is not None:
                values |= {"back": back.taken, "back_n": back.n}
            yield Finding(
                "priority",
                named(one, one.kind),
                estimate=one.share,
                low=low,
                high=high,
                unit="share",
                n=one.n,
                p_value=one.p_value,
                test="choices",
                values=values,
            )
        elif back is None or not back.goes_first:
            equal.append(one)
    n, taken = sum(one.n for one in equal), sum(one.taken for one in equal)
    if n:
        low, high = _wilson(taken, n)
        yield Finding("no_priority", estimate=taken / n, low=low, high=high, unit="share", n=n, values={"n": n})


def _passages(found: Discovery) -> Iterator[Finding]:
    for one in found.delays:
        names = found.routing.states.names
        subject = f"{names[one.source]} → {names[one.target]}"
        if one.service >= 0 and found.traces.services[one.service]:
            subject = f"{found.traces.services[one.service]}: {subject}"
        if one.unit == "working days":
            unit, scale = "days", 1.0
        else:
            unit, scale = "hours", HOUR_MS
        key = "delay"
        values: dict[str, Any] = {
            "family": f"discovery.family.{one.family}",
            "clock": f"discovery.clock.{_key(one)}",
        }
        if one.release is not None:
            key = "release"
            values = {
                "times": ", ".join(clock(t) for t in one.release.times),
                "days": ", ".join(one.release.weekdays),
                "share": one.release.share,
            }
        yield Finding(
            key,
            subject,
            estimate=one.mean / scale,
            low=one.low / scale,
            high=one.high / scale,
            unit=unit,
            n=one.n,
            p_value=one.p_value,
            test="" if math.isnan(one.p_value) else "fit",
            values={**values, "together": one.together},
        )


def _key(one: Delay) -> str:
    return {"min": "plain", "working min": "open", "working days": "days"}[one.unit]


def _stops(found: Discovery) -> Iterator[Finding]:
    """Yield what stops the statutory clock: on record, by the log's own count, by its name; and what is counted yet."""
    n = found.traces.n_cases
    for one in found.stops.values():
        word = one.stop.word
        low, high = _wilson(one.cases, n)
        on_site = word.reason == "on-site-check"
        yield Finding(
            _stop_key(one),
            one.name,
            estimate=one.days,
            low=one.low,
            high=one.high,
            unit="days",
            n=one.n,
            values={
                "cases": one.cases / n,
                "low": low,
                "high": high,
                "open": one.open,
                "article": word.article,
                "where": "discovery.word.after_it" if word.after else "discovery.word.during_it",
                "rule": "discovery.word.local_list" if on_site else "discovery.word.no_list",
            },
            assumed=not one.stop.recorded and not one.verdict,
        )
    yield from _counted(found)
    if found.traces.aside:
        yield Finding("aside", estimate=found.traces.aside, unit="count", n=found.traces.aside)


def _stop_key(one: StopFound) -> str:
    if one.verdict == "in":
        return "stop_held"
    if one.stop.recorded:
        return "stop"
    if one.verdict == "out":
        return "stop_left_out"
    if one.stop.word.reason in ("", "on-site-check"):
        return "stop_counted"
    return "stop_named" if one.stop.word.article else "stop_registered"


def _counted(found: Discovery) -> Iterator[Finding]:
    """Yield what the log's own count of days says."""
    one = found.counted
    if one is None or not one.n:
        return
    low, high = _wilson(one.agree, one.n)
    yield Finding(
        "counted" if one.believed else "counted_otherwise",
        one.column,
        estimate=one.agree / one.n,
        low=low,
        high=high,
        unit="share",
        n=one.n,
        values={
            "fewer": one.fewer / one.n,
            "first": "discovery.word.first_counts" if one.first_counts else "discovery.word.first_not",
        },
    )
    for code, tested in one.stops.items():
        if tested.n:
            low, high = _wilson(round(tested.without * tested.n), tested.n)
            verdict = {"out": "stop_out", "in": "stop_in", "": "stop_unclear"}[tested.verdict]
            yield Finding(
                "counted_stop",
                found.stops[code].name,
                estimate=tested.without,
                low=low,
                high=high,
                unit="share",
                n=tested.n,
                values={"within": tested.within, "verdict": f"discovery.word.{verdict}"},
            )


def _cases(found: Discovery) -> Iterator[Finding]:
    traces, unit = found.traces, "days" if found.traces.date_only else "hours"
    if found.patience is not None:
        one = found.patience
        yield Finding(
            "patience",
            estimate=one.mean / MINUTE_MS,
            low=one.low / MINUTE_MS,
            high=one.high / MINUTE_MS,
            unit="minutes",
            n=one.n,
            values={
                "left": one.n - one.censored,
                "served": one.censored,
                "family": f"discovery.family.{one.family}",
            },
        )
    for kind, one_life in found.turnaround.items():
        if kind >= 0 and len(traces.services) < 2:
            continue
        for share in (0.5, 0.95):
            low, high = one_life.quantile_interval(share)
            yield Finding(
                "turnaround",
                "" if kind < 0 else traces.services[kind],
                estimate=one_life.quantile(share),
                low=low,
                high=high,
                unit=unit,
                n=one_life.n,
                values={"share": share, "open": one_life.open, "closed_mean": one_life.mean_closed},
            )
    if traces.kind == "ledger":
        yield from _ends_together(found)
    open_, late = int(found.routing.open.sum()), int(found.routing.late.sum())
    if open_:
        yield Finding("open_cases", estimate=open_, unit="count", n=traces.n_cases)
    late += found.turnaround[-1].late if -1 in found.turnaround else 0
    if late:
        yield Finding("late_cases", estimate=late, unit="count", n=traces.n_cases)
    if found.split is not None and found.split.n:
        one_split = found.split
        for part in ("working", "waiting", "transfer", "batching", "outside", "closed", "unknown"):
            if part == "outside" and not found.traces.outside.any():
                continue
            yield Finding(
                f"split_{part}",
                estimate=getattr(one_split, part),
                unit="hours",
                n=one_split.n,
                values={"share": getattr(one_split, part) / one_split.elapsed if one_split.elapsed else 0.0},
            )


def _ends_together(found: Discovery) -> Iterator[Finding]:
    """Tell whether cases end on the same days: rounds and meetings, which a law of single cases can't repeat."""
    ends = found.traces.end[found.traces.end >= 0] // DAY_MS
    days = np.flatnonzero(found.days.worked)
    days = days[(days >= ends.min(initial=0)) & (days <= ends.max(initial=0))]
    counts = np.bincount(np.searchsorted(days, ends), minlength=days.size)[: days.size]
    if days.size < 10 or counts.sum() == 0:
        return
    pearson = float(((counts - counts.mean()) ** 2).sum() / counts.mean())
    p_value = float(stats.chi2.sf(pearson, days.size - 1))
    dispersion = pearson / (days.size - 1)
    if p_value < _SURELY and dispersion > 1.5 * max(found.arrivals.dispersion, 1.0):
        yield Finding(
            "ends_together",
            estimate=dispersion,
            unit="ratio",
            n=int(days.size),
            p_value=p_value,
            test="dispersion",
            values={"busiest": int(counts.max()), "mean": float(counts.mean())},
        )


def _assumptions(found: Discovery) -> Iterator[Finding]:
    """Yield what the log can't tell and the scenario therefore assumes."""
    traces = found.traces
    if traces.kind == "ledger" or traces.date_only:
        yield Finding("no_minutes", assumed=True)
        yield Finding("no_staff", assumed=True)
        yield from _never_found(found)
        return
    if found.estimated_starts > 0:
        yield Finding("no_starts", estimate=found.estimated_starts, unit="share", n=traces.n_rows, assumed=True)
    if found.estimated_ready > 0:
        yield Finding("no_ready", estimate=found.estimated_ready, unit="share", n=traces.n_rows, assumed=True)
    if any(not pool.by_queue for pool in found.pools):
        n = sum(not pool.by_queue for pool in found.pools)
        yield Finding("servers_at_least", estimate=n, unit="count", n=len(found.pools), assumed=True)
    if found.patience is None and not all(found.routing.multi_day.values()):
        yield Finding("no_patience", assumed=True)
    if not traces.service_column:
        yield Finding("one_service", assumed=True)
    elif len(traces.services) == 1:
        yield Finding("services_together", assumed=True)
    if MERGED in traces.activities:
        yield Finding("activities_together", assumed=True)
    if found.routing.overlapping > 0.01:
        yield Finding("order", assumed=True)
    elif traces.kind != "tickets":
        yield Finding("no_branches", assumed=True)
    yield from _never_found(found)


def _never_found(found: Discovery) -> Iterator[Finding]:
    """Yield what no discovery here looks for, whatever the log holds."""
    yield Finding("no_rules", assumed=True)
    yield Finding("no_returns_tickets" if found.traces.kind == "tickets" else "no_returns", assumed=True)
    yield Finding("no_stops", assumed=True)
    yield Finding("no_seasons", n=found.traces.n_rows, values={"days": found.traces.n_days}, assumed=True)
