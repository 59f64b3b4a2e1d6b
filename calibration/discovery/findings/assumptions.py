"""Findings about what the log cannot show, so that the scenario assumes it.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: its assumptions, one after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from calibration.discovery.control_flow.routing import MIN_OVERLAP
from calibration.discovery.findings.finding import Finding
from calibration.discovery.log.traces import MERGED

if TYPE_CHECKING:
    from calibration.discovery.result import Discovery


__all__ = ["assumption_findings"]


def assumption_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield what the log can't tell and the scenario therefore assumes."""
    traces = discovery.traces
    if traces.kind == "ledger" or traces.date_only:
        yield Finding("no_minutes", assumed=True)
        yield Finding("no_staff", assumed=True)
        yield from _never_discovered(discovery)
        return
    if traces.bare_dates:
        n = sum(traces.bare_dates.values())
        yield Finding("bare_dates", estimate=n, unit="count", n=n, values={"n": n}, assumed=True)
    if discovery.estimated_starts > 0:
        yield Finding("no_starts", estimate=discovery.estimated_starts, unit="share", n=traces.n_rows, assumed=True)
    if traces.idle_requests:
        yield Finding("idle_requests", estimate=traces.idle_requests, unit="count", n=traces.n_rows, assumed=True)
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
    if discovery.routing.overlapping > MIN_OVERLAP:
        yield Finding("order", assumed=True)
    elif traces.kind != "tickets":
        yield Finding("no_branches", assumed=True)
    yield from _never_discovered(discovery)


def _never_discovered(discovery: Discovery) -> Iterator[Finding]:
    """Yield what no discovery here looks for, whatever the log holds."""
    yield Finding("no_rules", assumed=True)
    if not discovery.absences:
        yield Finding("no_absences", assumed=True)
    yield Finding("no_returns_tickets" if discovery.traces.kind == "tickets" else "no_returns", assumed=True)
    yield Finding("no_stops", assumed=True)
    yield Finding("no_seasons", n=discovery.traces.n_rows, values={"days": discovery.traces.n_days}, assumed=True)
