"""All findings of a discovery: estimate, interval, test and one sentence each.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: its findings in the order in which a scenario is built, and last what the log cannot show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from calibration.discovery.findings.assumptions import assumption_findings
from calibration.discovery.findings.demand import arrival_findings, service_findings, time_findings
from calibration.discovery.findings.finding import Finding
from calibration.discovery.findings.process import duration_findings, pool_findings, priority_findings, routing_findings
from calibration.discovery.findings.times import case_findings, delay_findings, stop_findings

if TYPE_CHECKING:
    from calibration.discovery.result import Discovery


__all__ = ["collect_findings"]


def collect_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield everything that a log has shown, and what it can't show."""
    yield from time_findings(discovery)
    yield from arrival_findings(discovery)
    yield from service_findings(discovery)
    yield from routing_findings(discovery)
    yield from duration_findings(discovery)
    yield from pool_findings(discovery)
    yield from priority_findings(discovery)
    yield from delay_findings(discovery)
    yield from stop_findings(discovery)
    yield from case_findings(discovery)
    yield from assumption_findings(discovery)
