"""What discovery makes of small logs, frozen whole: a change anywhere shows here, to be looked at."""

from frozen import frozen_text
from small_logs import LOGS, discovery_of

from calibration.discovery.scenario.table import scenario_text

ELSEWHERE = ("settings", "traces", "findings", "law")
"""Fields of a discovery that other texts hold."""


def test_scenarios_of_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        assert scenario_text(discovery_of(name)) == snapshot(name=name)


def test_estimates_from_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        assert frozen_text(discovery_of(name), leave_out=ELSEWHERE) == snapshot(name=name)


def test_findings_from_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        lines = [frozen_text(finding) for finding in discovery_of(name).findings]
        assert "\n".join(lines) == snapshot(name=name)


def test_traces_of_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        assert frozen_text(discovery_of(name).traces) == snapshot(name=name)
