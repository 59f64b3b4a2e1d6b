"""Days, hours and arrivals are read off what happened, and chance is not taken for a rule."""

import datetime as dt
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade
from scipy import stats

from calibration.discovery.discover import discover
from calibration.discovery.findings.times import _ends_together
from calibration.discovery.log.reading import read_traces
from calibration.discovery.resources.pool_hours import pool_hours, with_late_work
from calibration.discovery.scenario.table import compose_scenario
from calibration.discovery.timing.arrivals import (
    _dispersion_interval,
    brown_test,
    discover_arrivals,
    weekday_interaction,
)
from calibration.discovery.timing.hours import (
    Hours,
    _open_granules,
    discover_hours,
    discover_work_hours,
    discover_working_days,
    hours_entry,
    work_calendar,
)
from calibration.eventlog.simulated import simulated_log
from scenarios.compose.composing import compose_text
from sim.calendar import DAY_MS, working_days

MONDAY = dt.date(2014, 3, 3)
MINUTE, HOUR = 60_000, 3_600_000
WORKED = (9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)


def moments(days, per_day, intervals=WORKED, seed=1):
    """Return Poisson moments, even over the intervals of every worked day."""
    rng = np.random.default_rng(seed)
    found = []
    length = sum(closes - opens for opens, closes in intervals)
    for day in np.flatnonzero(days):
        at = np.sort(rng.uniform(0, length, rng.poisson(per_day)))
        for opens, closes in intervals:
            found += [day * DAY_MS + opens + t for t in at[(at >= 0) & (at < closes - opens)]]
            at = at - (closes - opens)
    return np.sort(np.array(found)).astype(np.int64)


def chinese(n):
    return working_days(MONDAY, n, country="CN", weekend=frozenset({5, 6}), off=(), work=())


def every_weekday(n):
    return working_days(MONDAY, n, country=None, weekend=frozenset({5, 6}), off=(), work=())


def test_quiet_evenings_stay_open_in_one_piece_and_a_short_friday_is_seen():
    """Twenty moments an hour until six, three in the evening, in bunches of three; nothing on Friday afternoon."""
    rng = np.random.default_rng(3)
    found = []
    for day in np.flatnonzero(every_weekday(70)):
        last = 13 * HOUR if day % 7 == 4 else 22 * HOUR
        for opens, closes, n in ((8 * HOUR, 18 * HOUR, 200), (18 * HOUR, 22 * HOUR, 12)):
            at = np.repeat(rng.uniform(opens, closes, n // 3), 3)
            found.append(day * DAY_MS + at[at < last].astype(np.int64))
    stamps = np.sort(np.concatenate(found))
    days = discover_working_days(stamps, first_day=MONDAY, n_days=70)
    hours = discover_hours(stamps, days, first_day=MONDAY)
    for weekday in range(4):
        ((opens, closes),) = hours.by_weekday[weekday]
        assert opens == 8 * HOUR
        assert 21.5 * HOUR <= closes <= 22 * HOUR
    assert hours.by_weekday[4] == ((8 * HOUR, 13 * HOUR),)


def test_a_quiet_stretch_before_the_last_customers_is_no_break_and_lunch_is_one():
    # Half-hours: eight to six with 100 each, but four at lunch; then six of 8, and two of 12 until ten.
    counts = np.zeros(48, dtype=np.int64)
    counts[16:36], counts[24:26], counts[36:42], counts[42:44] = 100, 4, 8, 12
    assert np.flatnonzero(_open_granules(counts)).tolist() == [*range(16, 24), *range(26, 44)]


def test_public_holidays_and_make_up_days_are_recognised():
    found = discover_working_days(moments(chinese(240), 40), first_day=MONDAY, n_days=240)
    assert (found.country, found.weekend, found.off, found.work) == ("CN", (5, 6), (), ())
    assert (found.worked == chinese(240)).all()


def test_holidays_show_even_where_little_happens():
    found = discover_working_days(moments(chinese(240), 2), first_day=MONDAY, n_days=240)
    assert found.country == "CN"
    assert (found.worked == chinese(240)).all()
    assert found.quiet > 5


def test_a_hall_without_holidays_and_its_own_days_off():
    days = every_weekday(200)
    days[[10, 50]] = False
    found = discover_working_days(moments(days, 40), first_day=MONDAY, n_days=200)
    assert (found.country, found.weekend) == ("none", (5, 6))
    assert found.off == (MONDAY + dt.timedelta(days=10), MONDAY + dt.timedelta(days=50))
    assert found.work == ()


@for_each("weeks, weekend", [(5, ()), (6, (5, 6))])
def test_a_weekend_needs_more_silence_than_chance_brings(weeks, weekend):
    # One moment a weekday: at 0.8 times their rate a Saturday is silent w times by chance with exp(-0.8 w), 1% at 5.8.
    at = np.flatnonzero(every_weekday(7 * weeks)) * DAY_MS + 10 * HOUR
    assert discover_working_days(at, first_day=MONDAY, n_days=7 * weeks).weekend == weekend


def test_seven_days_a_week_is_no_weekend():
    found = discover_working_days(moments(np.ones(60, dtype=bool), 30), first_day=MONDAY, n_days=60)
    assert (found.country, found.weekend, found.off, found.work) == ("none", (), (), ())


@pytest.mark.parametrize(
    ("intervals", "text"),
    [
        (WORKED, ["09:00-12:00", "13:00-17:00"]),
        (
            ((8 * HOUR + 45 * MINUTE, 11 * HOUR + 50 * MINUTE), (14 * HOUR, 17 * HOUR + 15 * MINUTE)),
            ["08:45-11:50", "14:00-17:15"],
        ),
        (((0, DAY_MS),), "always"),
    ],
)
def test_hours_and_lunch_are_found_to_five_minutes(intervals, text):
    days = every_weekday(120) if text != "always" else np.ones(120, dtype=bool)
    at = moments(days, 80, intervals)
    found = discover_hours(at, discover_working_days(at, first_day=MONDAY, n_days=120), first_day=MONDAY)
    assert hours_entry(found) == text
    assert found.coverage > 0.97


def test_a_short_friday_is_a_friday_of_its_own():
    days = every_weekday(200)
    fridays = np.arange(200) % 7 == 4
    at = np.sort(np.r_[moments(days & ~fridays, 120), moments(days & fridays, 120, WORKED[:1])])
    found = discover_hours(at, discover_working_days(at, first_day=MONDAY, n_days=200), first_day=MONDAY)
    assert hours_entry(found) == {"default": ["09:00-12:00", "13:00-17:00"], "fri": ["09:00-12:00"]}


def test_a_few_stray_stamps_do_not_open_the_hall_at_night():
    days = every_weekday(120)
    at = np.sort(np.r_[moments(days, 80), np.array([3, 20, 40]) * DAY_MS + 3 * HOUR])
    found = discover_hours(at, discover_working_days(at, first_day=MONDAY, n_days=120), first_day=MONDAY)
    assert hours_entry(found) == ["09:00-12:00", "13:00-17:00"]
    assert found.coverage < 1


def test_few_stampsdo_not_prove_a_break():
    days = every_weekday(40)
    at = moments(days, 1, ((9 * HOUR, 17 * HOUR),))
    found = discover_hours(at, discover_working_days(at, first_day=MONDAY, n_days=40), first_day=MONDAY)
    assert all(len(day) == 1 for day in found.by_weekday[:5])


def arrivals(at, days, **more):
    found = discover_working_days(at, first_day=MONDAY, n_days=days.size)
    hours = discover_hours(at, found, first_day=MONDAY)
    assert work_calendar(hours, found, first_day=MONDAY).opens.size
    return discover_arrivals(at, found, hours, first_day_weekday=0, rng=np.random.default_rng(1), **more)


@pytest.mark.slow
def test_the_mean_lies_in_its_interval_as_often_as_it_says():
    days = every_weekday(84)
    covered = 0
    for seed in range(60):
        found = arrivals(moments(days, 25, seed=seed), days)
        covered += found.low <= 25 <= found.high
    assert covered >= 51  # fewer has a probability of 0.1% at 95%


def test_even_poisson_arrivals_are_found_to_be_just_that():
    found = arrivals(moments(every_weekday(200), 60, seed=2), every_weekday(200))
    assert found.weekday is None
    assert found.dispersion_p > 0.01
    assert found.poisson_p > 0.01
    assert found.width_min == 0
    assert found.dispersion_low <= 1 <= found.dispersion_high
    lower = found.rates["arrivals_per_hour"] >= found.rates["low"]
    assert (lower & (found.rates["arrivals_per_hour"] <= found.rates["high"])).all()


def test_what_varies_is_found_to_vary():
    days, rng = every_weekday(300), np.random.default_rng(3)
    weight = np.array([1.5, 1.0, 1.0, 1.0, 0.5, 1, 1])
    busy = [
        moments(np.arange(300) == day, 50 * weight[day % 7] * rng.gamma(20) / 20, WORKED[:1], seed=day)
        for day in np.flatnonzero(days)
    ]
    quiet = moments(days, 12, WORKED[1:], seed=9)
    found = arrivals(np.sort(np.concatenate([*busy, quiet])), days)
    assert found.weekday is not None
    assert found.weekday["mon"] > 1.2 > 1.1 > found.weekday["wed"] > 0.9 > found.weekday["fri"]
    assert found.dispersion_p < 0.001
    assert found.dispersion > 1.5
    assert found.width_min > 0
    assert found.profile["09:00"] > 2.5 * found.profile["13:00"]
    assert found.profile["12:00"] == 0


def test_a_weekday_with_nothing_but_rare_times_of_day_is_no_hindrance():
    # Mondays and Tuesdays at nine and ten, and one Wednesday at half past three, a time at which hardly anybody comes.
    weeks = np.repeat(np.arange(20), 4) * 7 * DAY_MS
    usual = np.tile(np.array([0, 0, 1, 1]) * DAY_MS + np.array([9, 10, 9, 10]) * 3_600_000, 20)
    at = np.sort(np.append(weeks + usual, 2 * DAY_MS + 15 * 3_600_000 + 1_800_000))
    assert weekday_interaction(at, 0) == pytest.approx(1)


def test_a_weekday_with_a_single_visitor_is_a_weekday_among_others():
    table = [[30, 10], [10, 30], [1, 0]]  # Monday to Wednesday, from nine and from ten
    at = [day * DAY_MS + (9 + k) * HOUR for day, row in enumerate(table) for k, n in enumerate(row) for _ in range(n)]
    assert weekday_interaction(np.array(at), 0) == pytest.approx(stats.chi2_contingency(table).pvalue)


@for_each("counts, has_interval", [([1, 2, 3, 4], False), ([1, 2, 3, 4, 5], True), ([0] * 9, False)])
def test_dispersion_has_an_interval_from_five_days_with_somebody_on(counts, has_interval):
    one_group = np.zeros(len(counts), dtype=np.int64)
    ends = _dispersion_interval(np.array(counts, dtype=np.float64), one_group, np.random.default_rng(1))
    assert np.isfinite(ends).tolist() == [has_interval] * 2


def test_people_who_come_by_the_clock_are_no_poisson_process():
    days = np.arange(100)[every_weekday(100)]
    by_the_clock = (days[:, None] * DAY_MS + np.arange(9 * HOUR, 12 * HOUR, 5 * MINUTE)[None, :] + 1).ravel()
    p, distance, n = brown_test(np.sort(by_the_clock), rng=np.random.default_rng(1))
    assert p < 1e-6
    assert distance > 0.2
    assert n == by_the_clock.size


def test_minutes_on_the_stamps_do_not_make_arrivals_look_bunched():
    days = every_weekday(200)
    at = moments(days, 150, seed=5) // MINUTE * MINUTE
    assert arrivals(at, days, resolution_ms=MINUTE).poisson_p > 0.01


def test_brown_test_has_its_level():
    p = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        p.append(brown_test(np.sort(rng.integers(0, 20 * DAY_MS, 2_000)), rng=rng)[0])
    assert 2 <= (np.array(p) < 0.1).sum() <= 21


BUSY = """
format = 1
name = "busy"
run = { start = 2014-03-03, days = 60, seed = 3 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.desk = { servers = 1 }
[services.all.visits.apply]
desk = { title = "Desk", pool = "desk", work = { dist = "gamma", mean = "8 min", cv = 0.7 } }
[arrivals.all]
services = "all"
per_day = 42
"""


def test_nobody_comes_after_the_doors_are_shut_though_work_goes_on():
    log = simulated_log(compose_text(BUSY, name="busy").scenario)
    assert (log.events["start"].dt.hour >= 17).mean() > 0.02
    made = simulated_log(compose_scenario(discover(log))).events
    came = made["ready"].dt.hour
    assert not (came >= 17).any()
    assert (came == 16).mean() > 0.1


def late_rows(*, same_day: bool):
    """Two files a day for a month: one in the morning; one that comes at 16:50, begun at 17:20 or the next morning."""
    rows = []
    for k, day in enumerate(pd.bdate_range("2014-03-03", periods=100)):
        for number, ready, start in ((0, 600, 600), (1, 1010, 1040 if same_day else 1980)):
            stamps = {"ready": day + pd.Timedelta(minutes=ready), "start": day + pd.Timedelta(minutes=start)}
            rows.append({"case": f"{k}-{number}", "activity": "a", "resource": "w", **stamps})
            rows[-1]["end"] = rows[-1]["start"] + pd.Timedelta(minutes=5)
    return read_traces(handmade(rows))


def test_files_that_are_begun_after_closing_on_their_day_make_it_longer():
    week = Hours((*[((9 * HOUR, 17 * HOUR),)] * 5, (), ()), 1.0, 1.0, 200)
    for same_day, closes in ((True, 17 * HOUR + 25 * HOUR // 60), (False, 17 * HOUR)):
        traces = late_rows(same_day=same_day)
        found = with_late_work(traces, np.arange(traces.n_rows), week, traces.start)
        assert found.by_weekday == (*[((9 * HOUR, closes),)] * 5, (), ())


def test_a_pool_without_a_queue_has_hours_of_its_own_from_two_hours_on():
    days = every_weekday(60)
    at = moments(days, 40)
    week = discover_working_days(at, first_day=MONDAY, n_days=60)
    hall = discover_hours(at, week, first_day=MONDAY)
    for minutes, is_own in ((120, True), (115, False)):
        # The first and the last start of the day lie on the edges: hours are found to five minutes.
        opens, closes = 9 * HOUR, 9 * HOUR + minutes * MINUTE
        begun = moments(days, 40, ((opens, closes),))
        edges = np.flatnonzero(days)[:, None] * DAY_MS + np.array([opens, closes - 1])
        begun = np.sort(np.r_[begun, edges.ravel()])
        levels = (np.zeros(0, dtype=np.int64),) * 3
        own = pool_hours(
            SimpleNamespace(first_day=MONDAY),
            np.arange(begun.size),
            begun,
            days=week,
            hall=hall,
            levels=levels,
            queue_known=False,
        )
        assert own.by_weekday[0] == (((opens, closes),) if is_own else WORKED), minutes


def test_appointments_at_full_hours_make_two_openings_and_not_one_each():
    # Weekdays of eight weeks; work of 35 to 50 minutes from each full hour of the morning and of the afternoon.
    rng = np.random.default_rng(5)
    day = np.array([k for k in range(56) if k % 7 < 5])
    begun = (day[:, None] * DAY_MS + np.array([8, 9, 10, 14, 15]) * HOUR).ravel()
    ended = begun + rng.integers(35, 51, begun.size) * HOUR // 60
    days = discover_working_days(begun, first_day=MONDAY, n_days=56)
    found = discover_work_hours(begun, begun, ended, days, first_day=MONDAY)
    (morning_opens, morning_closes), (afternoon_opens, afternoon_closes) = found.by_weekday[0]
    assert (morning_opens, afternoon_opens) == (8 * HOUR, 14 * HOUR)
    assert 10.5 * HOUR <= morning_closes <= 11 * HOUR
    assert 15.5 * HOUR <= afternoon_closes <= 16 * HOUR
    unknown = np.zeros(0, dtype=np.int64)
    stamps_only = discover_work_hours(begun, unknown, unknown, days, first_day=MONDAY)
    assert [opens for opens, _ in stamps_only.by_weekday[0]] == [8 * HOUR, 14 * HOUR]


def test_ends_on_one_day_are_a_round_with_the_dispersion_worked_by_hand():
    # Thirty-one days: ten cases end on the first, one on each other.  Pearson: (100 + 30) / (40 / 31) - 40 = 60.75.
    ends = np.concatenate((np.zeros(10, dtype=np.int64), np.arange(1, 31))) * DAY_MS + 10 * HOUR
    discovery = SimpleNamespace(
        traces=SimpleNamespace(end=ends),
        days=SimpleNamespace(worked=np.ones(31, dtype=np.bool_)),
        arrivals=SimpleNamespace(dispersion=1.0),
    )
    (finding,) = _ends_together(discovery)
    assert finding.estimate == pytest.approx(60.75 / 30)
    assert (finding.unit, finding.n) == ("ratio", 31)
    assert finding.values["busiest"] == 10
    # χ² with 30 degrees of freedom exceeds x as often as a Poisson number of mean x / 2 is below 15.
    below = sum((60.75 / 2) ** k / math.factorial(k) for k in range(15))
    assert finding.p_value == pytest.approx(math.exp(-60.75 / 2) * below)
