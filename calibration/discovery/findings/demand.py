"""Findings about working time, arrivals and services.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: its findings, one after another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from calibration.discovery.findings.finding import Finding, fit_verdict
from calibration.discovery.findings.titles import hours_text
from calibration.discovery.laws.families import ALPHA
from calibration.discovery.laws.proportions import wilson_interval
from calibration.discovery.timing.arrivals import MIN_DISPERSION

if TYPE_CHECKING:
    from calibration.discovery.result import Discovery


__all__ = ["arrival_findings", "service_findings", "time_findings"]


def time_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield working days and opening hours."""
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
    for first, final in days.silent:
        length = (final - first).days + 1
        values = {"first": first, "last": final, "days": length}
        yield Finding(
            "silent",
            f"{first} – {final}",
            estimate=length,
            unit="count",
            n=discovery.traces.n_days,
            values=values,
            assumed=True,
        )
    if not discovery.traces.date_only:
        yield Finding(
            "hours",
            estimate=discovery.hall.coverage,
            unit="share",
            n=discovery.hall.n,
            values={"hours": hours_text(discovery.hall), "confidence": discovery.hall.confidence},
        )


def arrival_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield the arrival rate, its pattern by weekday and time of day, dispersion, and the Poisson test."""
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
        estimate=arrivals.dispersion if arrivals.dispersion > MIN_DISPERSION else 0.0,
        low=arrivals.dispersion_low,
        high=arrivals.dispersion_high,
        unit="ratio",
        n=arrivals.days,
        p_value=arrivals.dispersion_p,
        test="dispersion",
        values={"verdict": "discovery.word.varies" if arrivals.dispersion_p < ALPHA else "discovery.word.by_chance"},
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
        values={"verdict": fit_verdict(arrivals.poisson_p), "tested": arrivals.tested, "n": arrivals.n},
    )


def service_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield the share of each service."""
    traces = discovery.traces
    for code, name in enumerate(traces.services):
        if len(traces.services) > 1:
            n = int((traces.service == code).sum())
            low, high = wilson_interval(n, traces.n_cases)
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
