"""Timetables with places, with weeks between departures, and by the month."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from discovery_halls import discovered, hall, handmade

from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.discovery.scenario.period import aligned_start
from calibration.discovery.scenario.table import compose_scenario, scenario_table
from calibration.discovery.timing.timetables import Weeks, capacity_of
from calibration.eventlog.simulated import simulated_log
from sim.calendar import DAY_MS, HOUR_MS
from sim.plan import compile_plan


def rounds_log(departures: list[pd.Timestamp], per_day: int = 1):
    """Return a log in which files are written up at 08:00 daily and entered at the next departure."""
    rows, case = [], 0
    day = departures[0].normalize() - pd.Timedelta(days=20)
    while day < departures[-1]:
        for _ in range(per_day if day.weekday() < 5 else 0):
            start = day + pd.Timedelta(hours=8, minutes=case % 30)
            leaves = next(departure for departure in departures if departure >= start)
            for activity, begin in (("write up", start), ("enter", leaves)):
                end = begin + pd.Timedelta(minutes=10)
                rows.append({"case": case, "activity": activity, "resource": activity, "ready": begin, "start": begin})
                rows[-1]["end"] = end
            case += 1
        day += pd.Timedelta(days=1)
    return handmade(rows)


def test_a_run_begins_at_most_half_a_year_earlier_and_then_suits_the_most_transitions():
    # One timetable runs every fifth week, one every sixth: both run in the first week of a run 29 weeks earlier.
    day, every_5, every_6 = dt.date(2014, 3, 3), Weeks(5, 1), Weeks(6, 1)
    assert (1 + 29) % 5 == (1 + 29) % 6 == 0
    for n_5, n_6, weeks in ((10, 20, 5), (20, 10, 4)):
        releases = [(SimpleNamespace(weeks=every_5), n_5), (SimpleNamespace(weeks=every_6), n_6)]
        assert aligned_start(SimpleNamespace(first_day=day, releases=releases), day) == day - dt.timedelta(weeks=weeks)


def the_release(discovery):
    (release,) = {delay.release for delay in discovery.delays} - {None}
    return release


def test_departures_that_leave_files_behind_show_their_places():
    hour = HOUR_MS
    since = np.array([1, 1, 1, 1, 1, 2, 2, 9, 9, 9, 9, 9]) * hour  # departures at 3, 5, 7 and 10, 11, 12 o'clock
    until = np.array([3, 3, 5, 5, 7, 7, 7, 10, 10, 11, 11, 12]) * hour
    days = np.arange(4)[:, None] * DAY_MS
    assert capacity_of((since + days).ravel(), (until + days).ravel()) == (0, 0)  # at 7 three went, at 3 two of seven
    until = np.array([3, 3, 5, 5, 7, 7, 8, 10, 10, 11, 11, 12]) * hour
    # Two a departure: 3, 5, 7, 10 and 11 o'clock leave somebody behind on each of four days.
    assert capacity_of((since + days).ravel(), (until + days).ravel()) == (2, 20)


def test_departures_that_take_all_who_wait_show_no_places():
    since = np.arange(200) * HOUR_MS
    assert capacity_of(since, since // (6 * HOUR_MS) * 6 * HOUR_MS + 6 * HOUR_MS) == (0, 0)


def test_files_that_overtake_each_other_show_no_places():
    # One file a departure, but the later file goes first: they were held up by something else than places.
    since = np.arange(40) * HOUR_MS
    until = since + np.where(np.arange(40) % 2 == 0, 30, 10) * HOUR_MS
    assert capacity_of(since, until) == (0, 0)


@pytest.mark.slow
def test_a_courier_with_four_places_is_found_again():
    discovery = discovered("places", "activities")
    release = the_release(discovery)
    assert (release.capacity, release.weeks.every) == (4, 1)
    assert release.full > 50
    scenario = compose_scenario(discovery)
    (table,) = scenario.timetables.values()
    assert table.capacity == 4
    assert "release_places" in {finding.key for finding in discovery.findings}


def test_a_round_every_fourth_week_is_found_with_its_phase():
    first = pd.Timestamp("2014-03-19 09:30")  # the third Wednesday from Monday 2014-03-03
    departures = [first + pd.Timedelta(weeks=4 * k) for k in range(7)]
    discovery = discover(rounds_log(departures))
    weeks = the_release(discovery).weeks
    assert (weeks.every, weeks.monthly) == (4, "")
    monday = discovery.first_day - dt.timedelta(days=discovery.first_day.weekday())
    assert (first.date() - monday).days // 7 % 4 == weeks.phase
    plan = compile_plan(compose_scenario(discovery))
    start = compose_scenario(discovery).run.start
    simulated = {start + dt.timedelta(days=int(t) // DAY_MS) for t in plan.timetables[0].departures}
    assert {departure.date() for departure in departures if departure.date() >= start} <= simulated
    assert {(day - first.date()).days % 28 for day in simulated} == {0}
    assert "release_weeks" in {finding.key for finding in discovery.findings}


def test_a_forecast_departs_in_the_weeks_of_the_log():
    departures = [pd.Timestamp("2014-03-19 09:30") + pd.Timedelta(weeks=4 * k) for k in range(10)]
    log = rounds_log(departures)
    earlier, begin, end = hold_out(log)
    (scenario,) = forecast_scenarios(discover(earlier), discover(log), begin, end, 1)
    plan = compile_plan(scenario)
    days = [scenario.run.start + dt.timedelta(days=int(t) // DAY_MS) for t in plan.timetables[0].departures]
    held_back = {departure.date() for departure in departures if departure.date() >= begin}
    assert held_back == {day for day in days if begin <= day < end}


def test_a_weekly_round_is_every_week():
    departures = [pd.Timestamp("2014-03-19 09:30") + pd.Timedelta(weeks=k) for k in range(20)]
    assert the_release(discover(rounds_log(departures))).weeks == Weeks()


def test_the_first_tuesday_of_the_month_becomes_every_fourth_week_by_assumption():
    days = [pd.Timestamp(2014, month, 1) for month in range(3, 13)]
    departures = [day + pd.Timedelta(days=(1 - day.weekday()) % 7, hours=10) for day in days]
    discovery = discover(rounds_log(departures))
    release = the_release(discovery)
    assert (release.weeks.every, release.weeks.monthly, release.weeks.number) == (4, "weekday", 1)
    assert release.weekdays == ("tue",)
    (finding,) = [finding for finding in discovery.findings if finding.key == "release_weekday"]
    assert finding.assumed
    entry = scenario_table(discovery)["provenance"]["timetables.*.every_weeks"]
    assert entry["kind"] == "assumed"


def test_a_day_of_the_month_that_weekends_move_becomes_every_fourth_week_by_assumption():
    days = [pd.Timestamp(2014, month, 15) for month in range(3, 13)]
    departures = [day + pd.Timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0), hours=10) for day in days]
    release = the_release(discover(rounds_log(departures)))
    assert (release.weeks.every, release.weeks.monthly, release.weeks.number) == (4, "date", 15)
    assert release.weekdays == (("mon", "tue", "wed", "thu", "fri")[departures[-1].weekday()],)


def test_the_run_begins_as_many_weeks_earlier_as_the_rhythm_needs():
    discovery = discover(rounds_log([pd.Timestamp("2014-03-19 09:30") + pd.Timedelta(weeks=4 * k) for k in range(7)]))
    phase = the_release(discovery).weeks.phase
    monday = discovery.first_day - dt.timedelta(days=discovery.first_day.weekday())
    for later in range(10):
        day = monday + dt.timedelta(days=40 + later)
        start = aligned_start(discovery, day)
        assert 0 <= (day - start).days < 28
        assert (day - start).days % 7 == 0
        assert (start - monday).days // 7 % 4 == phase


def test_services_that_share_a_courier_share_its_places():
    scenario = hall("places")
    services = {"permit": scenario.services["permit"], "other": scenario.services["permit"]}
    source = scenario.arrivals["applicants"].model_copy(update={"services": {"permit": 0.5, "other": 0.5}})
    both = scenario.model_copy(update={"services": services, "arrivals": {"applicants": source}})
    table = scenario_table(discover(simulated_log(both, "activities")))
    assert [entry["capacity"] for entry in table["timetables"].values()] == [4]
