"""Findings about inter-activity delays, clock stops, turnaround and open cases.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: its findings, one after another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import stats

from calibration.discovery.findings.finding import Finding
from calibration.discovery.laws.proportions import wilson_interval
from calibration.discovery.timing.hours import clock
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from calibration.discovery.resources.absences import Absence
    from calibration.discovery.result import Discovery
    from calibration.discovery.timing.delays import Delay
    from calibration.discovery.timing.rounds import Rounds
    from calibration.discovery.timing.stops import StopEstimate
    from calibration.discovery.timing.timetables import Release


__all__ = ["case_findings", "delay_findings", "stop_findings"]

_ROUNDS_ALPHA: Final = 0.001
"""Significance level for cases that end in rounds: one log has hundreds of days."""
_ROUNDS_DISPERSION: Final = 1.5
"""Ends of cases must vary more than arrivals by this factor: demand alone explains the rest."""
_MIN_DAYS: Final = 10
"""Working days below which the dispersion of ends is not tested."""


def delay_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield inter-activity delays and timetables."""
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
            key = "release" if delay.law is None else "release_after"
            values |= {
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
        if delay.release is not None:
            yield from _release_findings(delay.release, subject, delay.n)


def _release_findings(release: Release, subject: str, n: int) -> Iterator[Finding]:
    """Yield the places of a timetable, and the weeks in which it runs."""
    if release.capacity:
        yield Finding(
            "release_places", subject, estimate=release.capacity, unit="count", n=n, values={"full": release.full}
        )
    weeks = release.weeks
    if weeks.every > 1:
        yield Finding(
            {"date": "release_date", "weekday": "release_weekday", "": "release_weeks"}[weeks.monthly],
            subject,
            estimate=weeks.every,
            unit="count",
            n=n,
            values={"skipped": weeks.skipped, "number": weeks.number, "days": ", ".join(release.weekdays)},
            assumed=bool(weeks.monthly),
        )


def _key(delay: Delay) -> str:
    return {"min": "plain", "working min": "open", "working days": "days"}[delay.unit]


def stop_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield what stops the statutory clock: on record, by the log's own count, by its name; and what is counted yet."""
    n = discovery.traces.n_cases
    for stop in discovery.stops.values():
        rule = stop.stop.rule
        low, high = wilson_interval(stop.cases, n)
        on_site = rule.reason == "on-site-check"
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
                "article": rule.article,
                "where": "discovery.word.after_it" if rule.after else "discovery.word.during_it",
                "rule": "discovery.word.local_list" if on_site else "discovery.word.no_list",
            },
            assumed=not stop.stop.recorded and not stop.verdict,
        )
    yield from _counted(discovery)
    if discovery.traces.same_day_suspensions:
        yield Finding(
            "aside",
            estimate=discovery.traces.same_day_suspensions,
            unit="count",
            n=discovery.traces.same_day_suspensions,
        )


def _stop_key(stop: StopEstimate) -> str:
    if stop.verdict == "in":
        return "stop_held"
    if stop.stop.recorded:
        return "stop"
    if stop.verdict == "out":
        return "stop_left_out"
    if stop.stop.rule.reason in ("", "on-site-check"):
        return "stop_counted"
    return "stop_named" if stop.stop.rule.article else "stop_registered"


def _counted(discovery: Discovery) -> Iterator[Finding]:
    """Yield what the log's own count of days says."""
    days_used = discovery.days_used
    if days_used is None or not days_used.n:
        return
    low, high = wilson_interval(days_used.agree, days_used.n)
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
            low, high = wilson_interval(round(tested.without * tested.n), tested.n)
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


def case_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield patience, turnaround, open cases and the decomposition of elapsed time."""
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
    yield from _absence_findings(discovery)
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
    if discovery.rounds is not None:
        yield from _round_findings(discovery.rounds)
    elif traces.kind == "ledger":
        yield from _ends_together(discovery)
    open_, late = int(discovery.routing.open.sum()), int(discovery.routing.begun_before.sum())
    if open_:
        yield Finding("open_cases", estimate=open_, unit="count", n=traces.n_cases)
    if discovery.routing.abandoned:
        n, limit = discovery.routing.abandoned, discovery.settings.idle_days
        yield Finding("abandoned_cases", estimate=n, unit="count", n=traces.n_cases, values={"days": limit})
    late += discovery.turnaround[-1].late if -1 in discovery.turnaround else 0
    if late:
        yield Finding("late_cases", estimate=late, unit="count", n=traces.n_cases)
    if discovery.decomposition is not None and discovery.decomposition.n:
        decomposition = discovery.decomposition
        for part in ("working", "waiting", "transfer", "batching", "outside", "closed", "unknown"):
            if part == "outside" and not discovery.traces.outside.any():
                continue
            hours = getattr(decomposition, part)
            share = hours / decomposition.elapsed if decomposition.elapsed else 0.0
            yield Finding(f"split_{part}", estimate=hours, unit="hours", n=decomposition.n, values={"share": share})


def _absence_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield how often visitors miss their call; services that share an estimate have one finding."""
    traces = discovery.traces
    for numbers, absence in {_numbers(absence): absence for absence in discovery.absences.values()}.items():
        sharing = [k for (k, _), other in discovery.absences.items() if _numbers(other) == numbers]
        name = traces.activities[absence.activity]
        single = len(sharing) == 1 and len(traces.services) > 1
        yield Finding(
            "absent",
            f"{name} ({traces.services[sharing[0]]})" if single else name,
            estimate=absence.share,
            low=absence.low,
            high=absence.high,
            unit="share",
            n=absence.calls,
            values={
                "calls": absence.calls,
                "returned": absence.returned,
                "then": "discovery.word.rejoins" if absence.rejoins else "discovery.word.leaves",
            },
        )
    if traces.calls_as_rework:
        n = traces.calls_as_rework
        yield Finding("absent_cases", estimate=n, unit="count", n=traces.n_rows, assumed=True)


def _numbers(absence: Absence) -> tuple[int, int, int]:
    return absence.activity, absence.calls, absence.absent


def _round_findings(rounds: Rounds) -> Iterator[Finding]:
    """Yield the rounds of a ledger."""
    release = rounds.release
    yield Finding(
        "rounds",
        estimate=release.weeks.every,
        unit="count",
        n=rounds.n,
        values={"days": ", ".join(release.weekdays), "share": release.share, "gain": rounds.gain},
    )


def _ends_together(discovery: Discovery) -> Iterator[Finding]:
    """Tell whether cases end on the same days: rounds and meetings, which a law of single cases can't repeat."""
    ends = discovery.traces.end[discovery.traces.end >= 0] // DAY_MS
    days = np.flatnonzero(discovery.days.worked)
    days = days[(days >= ends.min(initial=0)) & (days <= ends.max(initial=0))]
    counts = np.bincount(np.searchsorted(days, ends), minlength=days.size)[: days.size]
    if days.size < _MIN_DAYS or counts.sum() == 0:
        return
    pearson = float(((counts - counts.mean()) ** 2).sum() / counts.mean())
    p_value = float(stats.chi2.sf(pearson, days.size - 1))
    dispersion = pearson / (days.size - 1)
    if p_value < _ROUNDS_ALPHA and dispersion > _ROUNDS_DISPERSION * max(discovery.arrivals.dispersion, 1.0):
        yield Finding(
            "ends_together",
            estimate=dispersion,
            unit="ratio",
            n=int(days.size),
            p_value=p_value,
            test="dispersion",
            values={"busiest": int(counts.max()), "mean": float(counts.mean())},
        )
