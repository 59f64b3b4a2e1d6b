"""Logs with the habits of published ones give halls that repeat their cycle times, with sensible hours."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from discovery_halls import handmade, log_of
from published_logs import SILENT_MONTH, loan_log, permit_log

from calibration.discovery.accuracy.accuracy import accuracy
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.accuracy.rebuilt import rebuilt_decomposition
from calibration.discovery.discover import discover
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import UNKNOWN
from calibration.discovery.resources.requests import without_idle_requests
from calibration.discovery.result import Discovery, Settings
from calibration.discovery.scenario.table import scenario_table
from calibration.discovery.timing.hours import discover_work_hours, discover_working_days
from calibration.eventlog import EventLog, read_log
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS


@cache
def published(name: str) -> tuple[EventLog, pd.DataFrame]:
    """Return a log as it is read, and the rows of its file."""
    with TemporaryDirectory() as folder:
        write = {"loans": loan_log, "permits": permit_log}[name]
        path = write(Path(folder) / f"{name}.csv")
        return read_log(path), pd.read_csv(path, parse_dates=["time:timestamp"])


@cache
def discovered(name: str) -> Discovery:
    return discover(published(name)[0])


def test_loan_requests_that_idle_servers_leave_are_delays_not_queues() -> None:
    """Pools are idle three quarters of their time, so hardly anything waits for them."""
    found = discovered("loans")
    split = found.decomposition
    assert split is not None
    assert split.waiting + split.closed_within["waiting"] < 0.03 * split.elapsed
    assert split.transfer + split.closed_within["transfer"] > 0.9 * split.elapsed
    assert found.traces.idle_requests > 500
    assert not any(pool.by_queue for pool in found.pools)
    assert [finding.n for finding in found.findings if finding.key == "idle_requests"] == [found.traces.n_rows]


def test_loan_offices_close_in_the_evening_and_applications_come_until_ten() -> None:
    """The hours are in one piece on every weekday, though a quiet evening has half-hours with hardly an event."""
    found = discovered("loans")
    for weekday in range(7):
        ((opens, closes),) = found.hall.by_weekday[weekday]
        assert opens == 8 * HOUR_MS
        assert 20.5 * HOUR_MS <= closes <= 22 * HOUR_MS
    checks = found.traces.activities.index("W_Validate application")
    (pool,) = [pool for pool in found.pools if checks in pool.activities]
    assert all(day[-1][1] <= 18.5 * HOUR_MS for day in pool.hours.by_weekday)


def test_rebuilt_loan_hall_takes_as_long_as_the_log() -> None:
    rows = published("loans")[1]
    lasted = rows.groupby("case:concept:name")["time:timestamp"].agg(["min", "max"])
    last_rows = rows.groupby("case:concept:name")["concept:name"].last()
    ended = last_rows.isin(["A_DECLINED", "A_CANCELLED", "A_ACTIVATED"]).to_numpy()
    hours = ((lasted["max"] - lasted["min"]).dt.total_seconds() / 3600)[ended].mean()
    assert 168 < hours < 5 * 168
    hall = rebuilt_decomposition(discovered("loans"))
    assert hall is not None
    assert hall.elapsed == pytest.approx(hours, rel=0.12)  # 600 cases, coefficient of variation 1.1: three errors


@pytest.mark.slow
def test_permits_have_office_hours_and_no_invented_night_or_timetable() -> None:
    found = discovered("permits")
    assert found.days.weekend == (5, 6)
    for hours in (found.hall, *(pool.hours for pool in found.pools)):
        for weekday, day in enumerate(hours.by_weekday):
            assert bool(day) == (weekday < 5)
            assert all(opens >= 8 * HOUR_MS and closes <= 18 * HOUR_MS + HOUR_MS // 2 for opens, closes in day)
    assert not [delay for delay in found.delays if delay.release is not None]


def test_abandoned_permits_are_closed_by_the_rule() -> None:
    """Whatever was last done in them, cases idle for over a year are not open."""
    found = discovered("permits")
    idle = found.traces.last - found.traces.last_moment > 365 * DAY_MS
    assert not (found.routing.open & idle).any()
    assert found.routing.abandoned > 30
    assert found.routing.open.sum() < 70
    assert found.turnaround[-1].quantile(0.9) < 200 * 24


def test_silent_month_is_named_and_is_no_holiday_of_the_hall() -> None:
    found = discovered("permits")
    first, until = (moment.date() for moment in SILENT_MONTH)
    assert found.days.silent == ((first, until - dt.timedelta(days=1)),)
    assert not [day for day in found.days.off if first <= day < until]
    (finding,) = [finding for finding in found.findings if finding.key == "silent"]
    assert finding.estimate == 28
    assert not [day for day in scenario_table(found)["calendar"].get("off", ()) if first <= day < until]


def test_silence_of_a_fortnight_is_a_closure_and_of_sixteen_days_is_silent() -> None:
    monday = dt.date(2014, 9, 1)

    def days_with(gap: int):
        day = np.r_[np.arange(60), np.arange(60 + gap, 150)]
        moments = (day * DAY_MS)[:, None] + 9 * HOUR_MS + np.arange(20) * 10 * MINUTE_MS
        return discover_working_days(moments.ravel(), first_day=monday, n_days=150)

    short, long = days_with(14), days_with(16)
    assert short.silent == ()
    assert len(short.off) == 14
    assert long.silent == ((dt.date(2014, 10, 31), dt.date(2014, 11, 15)),)
    assert long.off == ()
    assert long.worked.sum() == 150 - 16


def test_a_log_that_is_mostly_silent_has_no_silent_stretch() -> None:
    """A committee that meets once a month."""
    day = np.arange(0, 600, 30)
    moments = (day * DAY_MS)[:, None] + 9 * HOUR_MS + np.arange(20) * 10 * MINUTE_MS
    days = discover_working_days(moments.ravel(), first_day=dt.date(2014, 9, 1), n_days=571)
    assert days.silent == ()


def test_requests_that_wait_for_busy_servers_stay() -> None:
    traces = read_traces(log_of("office", "activities"))
    days = discover_working_days(traces.start, first_day=traces.first_day, n_days=traces.n_days)
    hall = discover_work_hours(traces.start, traces.start, traces.end, days, first_day=traces.first_day)
    assert without_idle_requests(traces, traces.start, days, hall, visited=np.array([False])) is traces


def test_a_case_that_begins_with_an_idle_request_arrives_by_it() -> None:
    """Requested at nine, begun an hour later by somebody who was idle; the file goes on the next day.

    A second request is never answered.
    """
    rows = []
    for case in range(60):
        asked = pd.Timestamp("2014-03-03") + pd.Timedelta(days=case, hours=9)
        begun = asked + pd.Timedelta(hours=1)
        done, signed = begun + pd.Timedelta(minutes=10), begun + pd.Timedelta(hours=24, minutes=case)
        rows += [
            {"case": case, "activity": "Check", "resource": "a", "ready": asked, "start": begun, "end": done},
            {"case": case, "activity": "Visit", "resource": "a", "ready": begun},
            {
                "case": case,
                "activity": "Sign",
                "resource": "b",
                "start": signed,
                "end": signed + pd.Timedelta(minutes=5),
            },
        ]
        # Others are checked at all hours.
        other = asked + pd.Timedelta(minutes=20 * (case % 12))
        end = other + pd.Timedelta(minutes=5)
        rows += [{"case": 1000 + case, "activity": "Check", "resource": "a", "start": other, "end": end}]
    found = discover(handmade(rows))
    names = np.array(found.traces.activities)[found.traces.activity]
    assert (names[found.traces.case == 0] == ["Request", "Check", "Sign"]).all()
    assert "Visit" not in names
    assert (found.traces.ready == UNKNOWN).all()
    delays = {found.routing.states.names[delay.source]: delay.mean for delay in found.delays}
    assert delays["Request"] == pytest.approx(HOUR_MS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["loans", "permits"])
def test_forecast_of_the_cycle_time_contains_what_was_held_back(name: str) -> None:
    log, found = published(name)[0], discovered(name)
    earlier, begin, end = hold_out(log)
    scenarios = forecast_scenarios(discover(earlier, settings=Settings()), found, begin, end, 6)
    forecasts = accuracy(found.traces, scenarios, begin, end).forecasts
    assert forecasts.loc[["cycle_mean_h", "cycle_p90_h"], "inside"].all()
    assert "wait_mean_min" not in forecasts.index  # no request is left that shows a wait for a server
