"""What a finding says beside its words: a number has a unit, and how many observations it rests on."""

import math

import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade

import hallplan
from calibration.discovery.discover import discover
from calibration.discovery.findings.finding import fit_verdict
from calibration.eventlog.simulated import simulated_log

WITHOUT_UNIT = {"poisson"}
"""Statistics of a test."""


@pytest.fixture(scope="module")
def discoveries():
    hall = hallplan.load("township-desk", overrides={"run.warm_up_days": 0, "run.days": 15})
    return {kind: discover(simulated_log(hall, kind)) for kind in ("tickets", "ledger")}


@for_each("kind", ["tickets", "ledger"])
def test_every_finding_with_a_number_has_a_unit_and_observations(discoveries, kind):
    discovery = discoveries[kind]
    numbers = [finding for finding in discovery.findings if math.isfinite(finding.estimate)]
    assert len(numbers) > 5
    assert [finding.key for finding in numbers if not finding.unit and finding.key not in WITHOUT_UNIT] == []
    assert [finding.key for finding in numbers if finding.n < 1] == []
    (weekdays,) = [finding for finding in numbers if finding.key == "weekdays"]
    factors = discovery.arrivals.weekday
    # Without a pattern every weekday is as busy as the mean: a factor of one.
    assert weekdays.estimate == (max(factors.values()) if factors else 1.0)
    assert weekdays.estimate >= 1


@for_each("kind", ["tickets", "ledger"])
def test_every_interval_of_a_finding_has_two_ends_around_its_estimate(discoveries, kind):
    findings = discoveries[kind].findings
    with_interval = [finding for finding in findings if math.isfinite(finding.low) or math.isfinite(finding.high)]
    assert [finding for finding in with_interval if not finding.low <= finding.estimate <= finding.high] == []
    assert {finding.key for finding in with_interval} >= {"arrivals", "dispersion", "service", "turnaround"}


def test_dispersion_of_equal_days_is_zero_within_its_interval():
    starts = [day + pd.Timedelta(hours=9 + k) for day in pd.bdate_range("2014-03-03", periods=20) for k in range(4)]
    rows = [
        {"case": case, "activity": "Register", "resource": "a", "start": start, "end": start + pd.Timedelta(minutes=9)}
        for case, start in enumerate(starts)
    ]
    (dispersion,) = [finding for finding in discover(handmade(rows)).findings if finding.key == "dispersion"]
    assert dispersion.low <= dispersion.estimate <= dispersion.high
    assert dispersion.estimate == 0


def test_a_law_fits_unless_the_p_value_is_below_five_per_cent():
    verdicts = [fit_verdict(p_value) for p_value in (0.05, 0.049, math.nan)]
    assert verdicts == ["discovery.word.fits", "discovery.word.fits_not", "discovery.word.untested"]
