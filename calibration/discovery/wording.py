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


def pool_title(discovery: Discovery, pool: PoolFound) -> str:
    """Return what a pool is called: what it does."""
    title = _listed([discovery.traces.activities[k] for k in pool.activities])
    services = dict.fromkeys(service for service, _ in pool.tasks)
    named = [discovery.traces.services[k] for k in services if discovery.traces.services[k]]
    shared = sum(activity in pool.activities for other in discovery.pools for _, activity in other.tasks)
    alone = shared == len(pool.tasks)
    return title if alone or not named else f"{title}: {_listed(named)}"


def _listed(names: list[str]) -> str:
    return " / ".join(names[:3]) + (" …" if len(names) > 3 else "")


def findings_of(discovery: Discovery) -> Iterator[Finding]:
    """Yield everything that a log has shown, and what it can't show."""
    yield from _time(discovery)
    yield from _arrivals(discovery)
    yield from _services(discovery)
    yield from _routes(discovery)
    yield from _work(discovery)
    yield from _pools(discovery)
    yield from _choices(discovery)
    yield from _passages(discovery)
    yield from _stops(discovery)
    yield from _cases(discovery)
    yield from _assumptions(discovery)


def _time(discovery: Discovery) -> Iterator[Finding]:
    days, n = discovery.days, int(discovery.days.worked.sum())
    rule = "discovery.word.holidays_cn" if days.country == "CN" else "discovery.word.holidays_none"
    yield Finding(
        "working_days",
        estimate=n,
        unit="count",
        n=discovery.traces.n_days,
        values={
            "days": discovery.traces.n_days,
            "worked": n,
            "rule": rule,
            "off": len(days.off),
            "work": len(days.work),
        },
    )
    if days.quiet:
        yield Finding("quiet_days", estimate=days.quiet, unit="count", n=n, values={"quiet": days.quiet})
    if not discovery.traces.date_only:
        yield Finding(
            "hours",
            estimate=discovery.hall.coverage,
            unit="share",
            n=discovery.hall.n,
            values={"hours": hours_words(discovery.hall), "confidence": discovery.hall.confidence},
        )


def _arrivals(discovery: Discovery) -> Iterator[Finding]:
    arrivals = discovery.arrivals
    yield Finding(
        "arrivals",
        estimate=arrivals.per_day,
        low=arrivals.low,
        high=arrivals.high,
        unit="per_day",
        n=arrivals.n,
        values={"days": arrivals.days},
    )
    yield Finding(
        "weekdays",
        estimate=max(arrivals.weekday.values()) if arrivals.weekday else 1.0,
        unit="ratio",
        n=arrivals.days,
        p_value=arrivals.weekday_p,
        test="weekdays",
        values={"verdict": "discovery.word.differ" if arrivals.weekday else "discovery.word.alike"},
    )
    yield Finding(
        "dispersion",
        estimate=arrivals.dispersion,
        low=arrivals.dispersion_low,
        high=arrivals.dispersion_high,
        unit="ratio",
        n=arrivals.days,
        p_value=arrivals.dispersion_p,
        test="dispersion",
        values={"verdict": "discovery.word.varies" if arrivals.dispersion_p < _FITS else "discovery.word.by_chance"},
    )
    if arrivals.date_only:
        return
    profile = "discovery.word.even" if arrivals.width_min == 0 else "discovery.word.bins"
    yield Finding(
        "profile",
        estimate=arrivals.width_min if arrivals.width_min else math.nan,
        unit="minutes",
        n=arrivals.n,
        p_value=arrivals.interaction_p,
        test="interaction",
        values={"profile": profile},
    )
    yield Finding(
        "poisson",
        estimate=arrivals.poisson_distance,
        unit="",
        n=arrivals.tested,
        p_value=arrivals.poisson_p,
        test="brown",
        values={"verdict": _fits(arrivals.poisson_p), "tested": arrivals.tested, "n": arrivals.n},
    )


def _fits(p_value: float) -> str:
    if math.isnan(p_value):
        return "discovery.word.untested"
    return "discovery.word.fits" if p_value >= _FITS else "discovery.word.fits_not"


def _services(discovery: Discovery) -> Iterator[Finding]:
    traces = discovery.traces
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


def _routes(discovery: Discovery) -> Iterator[Finding]:
    if discovery.traces.kind == "ledger":
        return
    routing, traces = discovery.routing, discovery.traces
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


def _work(discovery: Discovery) -> Iterator[Finding]:
    for duration in discovery.durations:
        activity = discovery.traces.activities[duration.activity]
        name = activity if duration.service == ALL else f"{activity} ({discovery.traces.services[duration.service]})"
        fitted = duration.fitted
        yield Finding(
            "work_guessed" if duration.guessed else "work_bounded" if duration.bounded else "work",
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
            assumed=duration.guessed,
        )


def _pools(discovery: Discovery) -> Iterator[Finding]:
    for pool in discovery.pools:
        yield Finding(
            "pool" if pool.by_queue else "pool_seen",
            pool_title(discovery, pool),
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
            yield Finding("at_once", pool_title(discovery, pool), estimate=pool.at_once, unit="count", n=pool.n)


def _choices(discovery: Discovery) -> Iterator[Finding]:
    """Yield what goes before what, and how often the others were taken out of turn."""
    counted = {(choice.pool, choice.kind, choice.other): choice for choice in discovery.choices}

    def named(choice: Choices, kind: int) -> str:
        return discovery.traces.services[kind] if choice.by_service else discovery.traces.activities[kind]

    equal = []
    for choice in discovery.choices:
        back = counted.get((choice.pool, choice.other, choice.kind))
        if choice.goes_first:
            low, high = _wilson(choice.taken, choice.n)
            values = {
                "other": named(choice, choice.other),
                "n": choice.n,
                "at_random": choice.at_random,
                "back": 0,
                "back_n": 0,
            }
            if back is not None:
                values |= {"back": back.taken, "back_n": back.n}
            yield Finding(
                "priority",
                named(choice, choice.kind),
                estimate=choice.share,
                low=low,
                high=high,
                unit="share",
                n=choice.n,
                p_value=choice.p_value,
                test="choices",
                values=values,
            )
        elif back is None or not back.goes_first:
            equal.append(choice)
    n, taken = sum(choice.n for choice in equal), sum(choice.taken for choice in equal)
    if n:
        low, high = _wilson(taken, n)
        yield Finding("no_priority", estimate=taken / n, low=low, high=high, unit="share", n=n, values={"n": n})


def _passages(discovery: Discovery) -> Iterator[Finding]:
    for delay in discovery.delays:
        names = discovery.routing.states.names
        subject = f"{names[delay.source]} → {names[delay.target]}"
        if delay.service >= 0 and discovery.traces.services[delay.service]:
            subject = f"{discovery.traces.services[delay.service]}: {subject}"
        if delay.unit == "working days":
            unit, scale = "days", 1.0
        else:
            unit, scale = "hours", HOUR_MS
        key = "delay"
        values: dict[str, Any] = {
            "family": f"discovery.family.{delay.family}",
            "clock": f"discovery.clock.{_key(delay)}",
        }
        if delay.release is not None:
            key = "release"
            values = {
                "times": ", ".join(clock(t) for t in delay.release.times),
                "days": ", ".join(delay.release.weekdays),
                "share": delay.release.share,
            }
        yield Finding(
            key,
            subject,
            estimate=delay.mean / scale,
            low=delay.low / scale,
            high=delay.high / scale,
            unit=unit,
            n=delay.n,
            p_value=delay.p_value,
            test="" if math.isnan(delay.p_value) else "fit",
            values={**values, "together": delay.together},
        )


def _key(delay: Delay) -> str:
    return {"min": "plain", "working min": "open", "working days": "days"}[delay.unit]


def _stops(discovery: Discovery) -> Iterator[Finding]:
    """Yield what stops the statutory clock: on record, by the log's own count, by its name; and what is counted yet."""
    n = discovery.traces.n_cases
    for stop in discovery.stops.values():
        word = stop.stop.word
        low, high = _wilson(stop.cases, n)
        on_site = word.reason == "on-site-check"
        yield Finding(
            _stop_key(stop),
            stop.name,
            estimate=stop.days,
            low=stop.low,
            high=stop.high,
            unit="days",
            n=stop.n,
            values={
                "cases": stop.cases / n,
                "low": low,
                "high": high,
                "open": stop.open,
                "article": word.article,
                "where": "discovery.word.after_it" if word.after else "discovery.word.during_it",
                "rule": "discovery.word.local_list" if on_site else "discovery.word.no_list",
            },
            assumed=not stop.stop.recorded and not stop.verdict,
        )
    yield from _counted(discovery)
    if discovery.traces.aside:
        yield Finding("aside", estimate=discovery.traces.aside, unit="count", n=discovery.traces.aside)


def _stop_key(stop: StopFound) -> str:
    if stop.verdict == "in":
        return "stop_held"
    if stop.stop.recorded:
        return "stop"
    if stop.verdict == "out":
        return "stop_left_out"
    if stop.stop.word.reason in ("", "on-site-check"):
        return "stop_counted"
    return "stop_named" if stop.stop.word.article else "stop_registered"


def _counted(discovery: Discovery) -> Iterator[Finding]:
    """Yield what the log's own count of days says."""
    days_used = discovery.counted
    if days_used is None or not days_used.n:
        return
    low, high = _wilson(days_used.agree, days_used.n)
    yield Finding(
        "counted" if days_used.believed else "counted_otherwise",
        days_used.column,
        estimate=days_used.agree / days_used.n,
        low=low,
        high=high,
        unit="share",
        n=days_used.n,
        values={
            "fewer": days_used.fewer / days_used.n,
            "first": "discovery.word.first_counts" if days_used.first_counts else "discovery.word.first_not",
        },
    )
    for code, tested in days_used.stops.items():
        if tested.n:
            low, high = _wilson(round(tested.without * tested.n), tested.n)
            verdict = {"out": "stop_out", "in": "stop_in", "": "stop_unclear"}[tested.verdict]
            yield Finding(
                "counted_stop",
                discovery.stops[code].name,
                estimate=tested.without,
                low=low,
                high=high,
                unit="share",
                n=tested.n,
                values={"within": tested.within, "verdict": f"discovery.word.{verdict}"},
            )


def _cases(discovery: Discovery) -> Iterator[Finding]:
    traces, unit = discovery.traces, "days" if discovery.traces.date_only else "hours"
    if discovery.patience is not None:
        patience = discovery.patience
        yield Finding(
            "patience",
            estimate=patience.mean / MINUTE_MS,
            low=patience.low / MINUTE_MS,
            high=patience.high / MINUTE_MS,
            unit="minutes",
            n=patience.n,
            values={
                "left": patience.n - patience.censored,
                "served": patience.censored,
                "family": f"discovery.family.{patience.family}",
            },
        )
    for service, lifetimes in discovery.turnaround.items():
        if service >= 0 and len(traces.services) < 2:
            continue
        for share in (0.5, 0.95):
            low, high = lifetimes.quantile_interval(share)
            yield Finding(
                "turnaround",
                "" if service < 0 else traces.services[service],
                estimate=lifetimes.quantile(share),
                low=low,
                high=high,
                unit=unit,
                n=lifetimes.n,
                values={"share": share, "open": lifetimes.open, "closed_mean": lifetimes.mean_closed},
            )
    if traces.kind == "ledger":
        yield from _ends_together(discovery)
    open_, late = int(discovery.routing.open.sum()), int(discovery.routing.late.sum())
    if open_:
        yield Finding("open_cases", estimate=open_, unit="count", n=traces.n_cases)
    late += discovery.turnaround[-1].late if -1 in discovery.turnaround else 0
    if late:
        yield Finding("late_cases", estimate=late, unit="count", n=traces.n_cases)
    if discovery.split is not None and discovery.split.n:
        decomposition = discovery.split
        for part in ("working", "waiting", "transfer", "batching", "outside", "closed", "unknown"):
            if part == "outside" and not discovery.traces.outside.any():
                continue
            yield Finding(
                f"split_{part}",
                estimate=getattr(decomposition, part),
                unit="hours",
                n=decomposition.n,
                values={
                    "share": getattr(decomposition, part) / decomposition.elapsed if decomposition.elapsed else 0.0
                },
            )


def _ends_together(discovery: Discovery) -> Iterator[Finding]:
    """Tell whether cases end on the same days: rounds and meetings, which a law of single cases can't repeat."""
    ends = discovery.traces.end[discovery.traces.end >= 0] // DAY_MS
    days = np.flatnonzero(discovery.days.worked)
    days = days[(days >= ends.min(initial=0)) & (days <= ends.max(initial=0))]
    counts = np.bincount(np.searchsorted(days, ends), minlength=days.size)[: days.size]
    if days.size < 10 or counts.sum() == 0:
        return
    pearson = float(((counts - counts.mean()) ** 2).sum() / counts.mean())
    p_value = float(stats.chi2.sf(pearson, days.size - 1))
    dispersion = pearson / (days.size - 1)
    if p_value < _SURELY and dispersion > 1.5 * max(discovery.arrivals.dispersion, 1.0):
        yield Finding(
            "ends_together",
            estimate=dispersion,
            unit="ratio",
            n=int(days.size),
            p_value=p_value,
            test="dispersion",
            values={"busiest": int(counts.max()), "mean": float(counts.mean())},
        )


def _assumptions(discovery: Discovery) -> Iterator[Finding]:
    """Yield what the log can't tell and the scenario therefore assumes."""
    traces = discovery.traces
    if traces.kind == "ledger" or traces.date_only:
        yield Finding("no_minutes", assumed=True)
        yield Finding("no_staff", assumed=True)
        yield from _never_found(discovery)
        return
    if discovery.estimated_starts > 0:
        yield Finding("no_starts", estimate=discovery.estimated_starts, unit="share", n=traces.n_rows, assumed=True)
    if discovery.estimated_ready > 0:
        yield Finding("no_ready", estimate=discovery.estimated_ready, unit="share", n=traces.n_rows, assumed=True)
    if any(not pool.by_queue for pool in discovery.pools):
        n = sum(not pool.by_queue for pool in discovery.pools)
        yield Finding("servers_at_least", estimate=n, unit="count", n=len(discovery.pools), assumed=True)
    if discovery.patience is None and not all(discovery.routing.multi_day.values()):
        yield Finding("no_patience", assumed=True)
    if not traces.service_column:
        yield Finding("one_service", assumed=True)
    elif len(traces.services) == 1:
        yield Finding("services_together", assumed=True)
    if MERGED in traces.activities:
        yield Finding("activities_together", assumed=True)
    if discovery.routing.overlapping > 0.01:
        yield Finding("order", assumed=True)
    elif traces.kind != "tickets":
        yield Finding("no_branches", assumed=True)
    yield from _never_found(discovery)


def _never_found(discovery: Discovery) -> Iterator[Finding]:
    """Yield what no discovery here looks for, whatever the log holds."""
    yield Finding("no_rules", assumed=True)
    yield Finding("no_returns_tickets" if discovery.traces.kind == "tickets" else "no_returns", assumed=True)
    yield Finding("no_stops", assumed=True)
    yield Finding("no_seasons", n=discovery.traces.n_rows, values={"days": discovery.traces.n_days}, assumed=True)
