"""Levels of significance and shares at which a verdict turns, from both sides."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade
from small_logs import discovery_of

from calibration.discovery import discover as discovering
from calibration.discovery.control_flow.routing import _seen_through, _waits, censored_cases
from calibration.discovery.findings.process import _zero_durations
from calibration.discovery.findings.times import _ends_together
from calibration.discovery.laws import fitting
from calibration.discovery.laws.fitting import fit_law
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import Traces
from calibration.discovery.resources.absences import _differ
from calibration.discovery.timing.arrivals import _daily
from calibration.discovery.timing.delays import describe_delay
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS, WorkCalendar

MONDAY = pd.Timestamp("2014-03-03")


def two_steps(gaps: list[float], *, last_ended: float | None = None) -> Traces:
    """Return cases whose second activity begins so many hours after the first; the last one has the first only.

    The last case's activity ends so many hours before the log does.
    """
    rows, ends = [], []
    for k, gap in enumerate(gaps):
        begin = MONDAY + pd.Timedelta(days=20 * k, hours=9, minutes=k)
        rows.append({"case": k, "activity": "check", "start": begin, "end": begin})
        later = begin + pd.Timedelta(hours=gap)
        rows.append({"case": k, "activity": "sign", "start": later, "end": later})
        ends.append(later)
    if last_ended is not None:
        moment = max(ends) - pd.Timedelta(hours=last_ended)
        rows += [{"case": len(gaps) + j, "activity": "check", "start": moment, "end": moment} for j in range(6)]
    return read_traces(handmade(rows))


@for_each("hours, is_open", [(94.9, True), (95.1, False)])
def test_a_case_is_open_until_its_successor_would_have_come_in_95_of_100_cases(hours, is_open):
    traces = two_steps([float(k) for k in range(101)], last_ended=hours)
    assert _waits(two_steps([float(k) for k in range(101)]), 0.95)[0] == 95 * HOUR_MS
    open_, _ = censored_cases(traces)
    assert open_[-6:].all() == open_[-6:].any() == is_open


@for_each("hours, is_seen", [(99.5, True), (98.5, False)])
def test_a_row_counts_if_the_log_shows_99_of_100_successors_after_it(hours, is_seen):
    traces = two_steps([float(k) for k in range(101)], last_ended=hours)
    rows = np.flatnonzero(traces.is_last & (traces.activity == 0))
    assert _seen_through(traces)[rows].tolist() == [is_seen] * 6


@for_each("monday, has_weights", [(13.5, False), (14, True)])
def test_weekdays_have_weights_from_one_in_a_hundred_on(monday, has_weights):
    weekday = np.tile(np.arange(5), 8)
    counts = 10.0 + np.repeat(np.arange(8) % 4, 5) * 2 - 3
    counts[weekday == 0] += monday - 10
    daily = _daily(counts, weekday, np.ones(40, dtype=np.bool_), np.random.default_rng(1))
    assert (daily["weekday"] is not None) == has_weights == (daily["weekday_p"] < 0.01)
    assert 0.005 < daily["weekday_p"] < 0.02


@for_each("absent, differ", [(17, False), (18, True)])
def test_services_differ_in_absences_from_one_in_a_hundred_on(absent, differ):
    missed = np.r_[np.arange(100) < absent, np.arange(100) < 5]
    assert _differ(missed, np.repeat([0, 1], 100)) == differ


@for_each("p_value, family", [(0.01, "lognorm"), (0.005, "empirical")])
def test_a_law_that_fits_one_time_in_a_hundred_is_taken(monkeypatch, p_value, family):
    monkeypatch.setattr(fitting, "fit_test", lambda *_, **__: p_value)
    sample = 60_000 * np.exp(np.sqrt(2) * np.linspace(-2, 2, 150))
    fitted = fit_law(sample, rng=np.random.default_rng(1))
    assert (fitted.family == "empirical") == (family == "empirical")
    assert fitted.p_value == p_value
    assert len(fitted.aic) == 5


@for_each("deviation, is_constant", [(0.9e-6, True), (1.1e-6, False)])
def test_values_that_differ_by_less_than_a_millionth_are_a_constant(deviation, is_constant):
    sample = 60_000 * (1 + deviation * np.tile([-1.0, 1.0], 2_000))
    fitted = fit_law(sample, rng=np.random.default_rng(1), tested=False)
    assert (fitted.family == "constant") == is_constant


@for_each("instant, is_found", [(5, False), (6, True)])
def test_activities_without_duration_are_told_if_most_have_none(instant, is_found):
    rows = [{"case": k, "activity": "a", "start": MONDAY + pd.Timedelta(hours=9 + k)} for k in range(10)]
    rows = [row | {"end": row["start"] + pd.Timedelta(minutes=int(row["case"] >= instant))} for row in rows]
    findings = list(_zero_durations(read_traces(handmade(rows))))
    assert len(findings) == is_found
    if is_found:
        assert (findings[0].estimate, findings[0].n, findings[0].unit) == (0.6, 10, "share")
        assert findings[0].low < 0.6 < findings[0].high


def test_ends_on_few_days_have_the_dispersion_of_their_counts():
    counts = np.array([1, 0, 0, 0, 72, 0, 0, 0, 0, 9])
    pearson = float(((counts - 8.2) ** 2).sum() / 8.2)
    end = np.r_[np.repeat(np.arange(10), counts) * DAY_MS, -1]

    def discovered(dispersion: float) -> list:
        return list(
            _ends_together(
                SimpleNamespace(
                    traces=SimpleNamespace(end=end.astype(np.int64)),
                    days=SimpleNamespace(worked=np.ones(12, dtype=np.bool_)),
                    arrivals=SimpleNamespace(dispersion=dispersion),
                )
            )
        )

    (finding,) = discovered(0.5)
    assert (finding.estimate, finding.n) == (pytest.approx(pearson / 9), 10)
    assert finding.values == {"busiest": 72, "mean": 8.2}
    # They must vary one and a half times as much as arrivals do.
    assert len(discovered(pearson / 9 / 1.51)) == 1
    assert discovered(pearson / 9 / 1.49) == []


@for_each("on_time, has_release", [(21, True), (20, False)])
def test_a_timetable_is_looked_for_if_most_transitions_take_time(on_time, has_release):
    row = {"case": 1, "activity": "a", "start": "2014-03-03 09:00", "end": "2014-06-03 09:07"}
    traces = read_traces(handmade([row]))
    hall = WorkCalendar.from_hours(traces.first_day, np.ones(93, dtype=np.bool_), [((9 * HOUR_MS, 17 * HOUR_MS),)] * 7)
    since = np.arange(40) * DAY_MS + 10 * HOUR_MS + np.arange(40) * MINUTE_MS
    until = since.copy()
    until[:on_time] = np.arange(on_time) * DAY_MS + 16 * HOUR_MS
    for timetabled, expected in ((np.ones(40, dtype=np.bool_), has_release), (np.zeros(40, dtype=np.bool_), False)):
        delay = describe_delay(0, 1, 2, since, until, traces, hall, np.random.default_rng(1), timetabled=timetabled)
        assert (delay.release is not None) == expected
        assert (delay.law is None) == expected


@for_each("before, observed_from", [(10, 0), (9, 10)])
def test_a_ledger_that_begins_with_less_than_half_of_the_usual_cases_is_observed_later(before, observed_from):
    """After the first end on the eleventh day two cases come a day, until the 31st day."""
    first = [{"case": k, "start": MONDAY + pd.Timedelta(days=k % 5), "end": MONDAY + pd.Timedelta(days=10 + k)}
             for k in range(before)]  # fmt: skip
    later = [{"case": 100 + k, "start": MONDAY + pd.Timedelta(days=11 + k // 2), "end": MONDAY + pd.Timedelta(days=30)}
             for k in range(40)]  # fmt: skip
    later = [row | {"start": min(row["start"], MONDAY + pd.Timedelta(days=29))} for row in later]
    rows = [row | {"activity": "case", "date_only": True} for row in first + later]
    traces = read_traces(handmade(rows, "ledger"))
    routing = discovery_of("ledger").routing
    assert discovering._observed_from(traces, routing) == observed_from * DAY_MS


def test_patience_is_that_of_those_who_left_and_a_bound_of_the_others():
    discovery = discovery_of("counter")
    traces = discovery.traces
    left = traces.left & (traces.start < 0)
    together = discovering._patience(traces, leaves_when_called=True)
    apart = discovering._patience(traces, leaves_when_called=False)
    assert apart.n - apart.censored == left.sum()
    assert together.n - together.censored == left.sum() + traces.called_in_vain.sum()
    assert apart.mean == pytest.approx(discovery.patience.mean)
    assert not math.isnan(together.mean)
