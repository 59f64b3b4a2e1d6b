"""Opening hours and working days at the very edges of their rules."""

import datetime as dt
from dataclasses import replace

import numpy as np
from cases import for_each

from calibration.discovery.timing.hours import (
    GRANULES_PER_DAY,
    Hours,
    WorkingDays,
    _bridged,
    _by_rule,
    _intervals,
    _open_granules,
    _open_on,
    _silent_stretches,
    discover_hours,
    discover_working_days,
    hours_entry,
    join_intervals,
    stretches_of,
    work_calendar,
)
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS, working_days

MONDAY = dt.date(2014, 3, 3)


def day(**counts: int) -> np.ndarray:
    """Return counts by half-hour: ``g18_26=100`` for the half-hours 18 to 25."""
    granules = np.zeros(GRANULES_PER_DAY, dtype=np.int64)
    for name, count in counts.items():
        first, _, past = name[1:].partition("_")
        granules[int(first) : int(past)] = count
    return granules


def open_stretches(counts: np.ndarray) -> list[tuple[int, int]]:
    return stretches_of(_open_granules(counts))


@for_each(
    "counts, stretches",
    [
        (day(g18_34=100, g34_35=10), [(18, 35)]),  # a tenth of the usual is open, less is not
        (day(g18_34=100, g34_35=9), [(18, 34)]),
        (day(g18_34=100, g34_39=9), [(18, 34)]),  # 1,600 of 1,645 are more than 97%, 1,600 of 1,654 are not
        (day(g18_34=100, g34_40=9), [(18, 35)]),
        (day(g18_34=9, g25_26=0), [(18, 34)]),  # half of nine are silent by chance in one half-hour of a hundred
        (day(g18_34=10, g25_26=0), [(18, 25), (26, 34)]),
        (day(g18_26=1000, g26_27=150, g27_28=70, g28_29=140, g29_37=1000), [(18, 37)]),  # half of 140 is no break
        (day(g18_26=1000, g26_27=150, g27_28=69, g28_29=140, g29_37=1000), [(18, 27), (28, 37)]),
        (day(g0_30=10), [(0, 48)]),  # a log round the clock with little in it
        (day(g0_30=15), [(0, 30)]),
        (day(g0_25=10), [(0, 48)]),
        (day(g0_24=10), [(0, 24)]),
        (day(), [(0, 48)]),
    ],
)
def test_a_half_hour_is_open_from_its_share_of_the_usual_on(counts, stretches):
    assert open_stretches(counts) == stretches


@for_each(
    "rest, of_all, past",
    [(0, 100, 30), (5, 20, 34), (4, 20, 30)],
)
def test_a_weekday_closes_earlier_only_if_a_quarter_of_what_is_expected_is_missing(rest, of_all, past):
    every = day(g18_30=100, g30_34=of_all)
    own = _open_on(day(g18_30=100, g30_34=rest), every, _open_granules(every))
    assert stretches_of(own) == [(18, past)]


@for_each("per_granule, past", [(10, 30), (9, 34)])
def test_thirty_moments_must_be_missing_before_a_weekday_has_hours_of_its_own(per_granule, past):
    every = day(g18_34=100)  # of 120 moments in the morning, 40 more would be expected: of 108 it is 27 of a quarter
    own = _open_on(day(g18_30=per_granule), every, _open_granules(every))
    assert stretches_of(own) == [(18, past)]


def at(*clocks: tuple[int, float, int]) -> np.ndarray:
    """Return moments of a day: so many at an hour and minute."""
    return np.concatenate([np.full(n, round(hour * HOUR_MS + minute * MINUTE_MS)) for hour, minute, n in clocks])


@for_each(
    "times, hours",
    [
        (at((9, 10, 11)), ("09:00", "10:30")),  # (20/30)^11 is more than 1%, (20/30)^12 is not
        (at((9, 10, 12)), ("09:10", "10:30")),
        (at((9, 12, 12)), ("09:10", "10:30")),
        (at((9, 15, 100), (9, 1, 1)), ("09:15", "10:30")),  # one of a hundred may be a wrong stamp
        (at((9, 15, 98), (9, 1, 1)), ("09:00", "10:30")),
        (at((10, 17.5, 10)), ("09:00", "10:20")),
        (at((10, 20, 12)), ("09:00", "10:25")),  # somebody begins at 10:20 itself
        (at((10, 20, 11)), ("09:00", "10:30")),
        (at((10, 5, 99), (10, 29, 1)), ("09:00", "10:10")),
        (at((10, 5, 98), (10, 29, 1)), ("09:00", "10:30")),
    ],
)
def test_hours_begin_and_end_within_a_half_hour_where_chance_cannot_explain_it(times, hours):
    open_ = np.zeros(GRANULES_PER_DAY, dtype=np.bool_)
    open_[18:21] = True
    ((opens, closes),) = _intervals(open_, times)
    assert hours_entry(Hours((((opens, closes),),) * 7, 1, 1, 0)) == [f"{hours[0]}-{hours[1]}"]


def test_hours_that_touch_midnight_are_not_cut():
    times = at((0, 20, 50), (23, 40, 50))
    assert _intervals(np.ones(GRANULES_PER_DAY, dtype=np.bool_), times) == ((0, DAY_MS),)


def test_a_half_hour_counts_as_open_if_more_than_half_of_it_is():
    def granules(opens: float, closes: float) -> list[tuple[int, int]]:
        interval = (round(opens * MINUTE_MS), round(closes * MINUTE_MS))
        return stretches_of(Hours(((interval,),) + ((),) * 6, 1, 1, 0).open_granules)

    assert granules(555, 645) == [(18, 21)]  # 9:15 to 10:45
    assert granules(556, 646) == [(19, 22)]
    assert granules(0, 10) == []
    assert granules(0, 24 * 60) == [(0, 48)]


def test_the_opening_belongs_to_the_hours_and_the_closing_does_not():
    nine, ten = 9 * HOUR_MS, 10 * HOUR_MS
    hours = Hours(((), ((nine, ten),), (), (), (), (), ()), 1, 1, 0)
    moments = np.array([nine - 1, nine, ten - 1, ten, nine + DAY_MS])
    assert hours.contains(moments, 1).tolist() == [False, True, True, False, False]
    assert hours.contains(moments + DAY_MS, 0).tolist() == [False, True, True, False, False]
    assert not hours.always
    assert Hours((((0, DAY_MS),),) * 7, 1, 1, 0).always


def test_intervals_that_touch_or_overlap_become_one_and_empty_ones_none():
    assert join_intervals([(5, 7), (1, 3), (3, 4), (6, 6), (2, 3), (8, 8)]) == ((1, 4), (5, 7))
    assert join_intervals([(1, 9), (2, 3)]) == ((1, 9),)


@for_each("gap, joined", [(59, True), (60, False)])
def test_appointments_less_than_an_hour_apart_are_one_opening(gap, joined):
    first, second = (540 * MINUTE_MS, 570 * MINUTE_MS), ((570 + gap) * MINUTE_MS, 700 * MINUTE_MS)
    assert _bridged((first, second)) == (((first[0], second[1]),) if joined else (first, second))


def test_hours_are_written_as_a_scenario_has_them():
    def entry(*days: tuple[tuple[int, int], ...]) -> object:
        return hours_entry(Hours(days + ((),) * (7 - len(days)), 1, 1, 0))

    morning, late = ((9 * HOUR_MS, 12 * HOUR_MS),), ((9 * HOUR_MS, 19 * HOUR_MS + 5 * MINUTE_MS),)
    assert entry(*[morning] * 5) == ["09:00-12:00"]
    assert entry(morning, late, morning) == {"default": ["09:00-12:00"], "tue": ["09:00-19:05"]}
    assert entry(*[((0, DAY_MS),)] * 7) == "always"
    assert entry(*[((0, DAY_MS),)] * 6) == ["00:00-24:00"]


@for_each("busy_days, silent_days, is_reported", [(9, 15, True), (9, 14, False), (8, 15, False)])
def test_a_silence_of_fifteen_days_is_reported_beside_ten_days_with_moments(busy_days, silent_days, is_reported):
    counts = np.r_[np.full(busy_days, 20), np.zeros(silent_days, dtype=np.int64), 20]
    assert _silent_stretches(counts) == ([(busy_days, busy_days + silent_days)] if is_reported else [])


@for_each("moments, is_reported", [(38, False), (39, True)])
def test_a_silence_is_reported_unless_chance_explains_it(moments, is_reported):
    """In 100 other days: exp(-0.8 · 0.38 · 15) is more than 1%, exp(-0.8 · 0.39 · 15) is not."""
    others = np.diff(np.arange(101) * moments // 100)
    assert _silent_stretches(np.r_[others, np.zeros(15, dtype=np.int64)]) == ([(100, 115)] if is_reported else [])


def test_silent_days_are_neither_worked_nor_off():
    moments = np.array([d * DAY_MS + k for d in range(60) if d % 7 < 5 and not 21 <= d < 42 for k in range(9)])
    days = discover_working_days(moments, first_day=MONDAY, n_days=60)
    # From the Saturday before: two weekends of it are off in any case.
    assert days.silent == ((MONDAY + dt.timedelta(days=19), MONDAY + dt.timedelta(days=41)),)
    assert len(days.silent_days) == 23
    assert (days.off, days.work, days.quiet, days.country) == ((), (), 0, "none")
    assert days.worked.sum() == np.unique(moments // DAY_MS).size


@for_each(
    "saturdays, weekend",
    [
        ((4, 4, 4, 5), (5, 6)),  # 17 in ten weeks: less than a fifth of the nine of other days
        ((4, 4, 5, 5), (6,)),
        ((3, 3, 3, 3, 3), (6,)),  # on every second Saturday somebody comes
    ],
)
def test_a_weekday_is_off_with_few_moments_on_less_than_half_of_its_days(saturdays, weekend):
    counts = np.array([(9, 9, 9, 9, 9, 0, 0)[k % 7] for k in range(70)])
    counts[5::7][: len(saturdays)] = saturdays
    days = _by_rule(counts, np.zeros(70, dtype=np.bool_), [MONDAY + dt.timedelta(days=k) for k in range(70)])
    assert days.weekend == weekend


@for_each("saturdays, work", [(2, 0), (3, 1)])
def test_a_day_off_was_worked_with_more_than_three_tenths_of_the_usual(saturdays, work):
    counts = np.array([(9, 9, 9, 9, 9, 0, 0)[k % 7] for k in range(70)])
    counts[5] = saturdays
    days = _by_rule(counts, np.zeros(70, dtype=np.bool_), [MONDAY + dt.timedelta(days=k) for k in range(70)])
    assert len(days.work) == work
    assert days.worked.sum() == 50 + work


def test_a_make_up_day_takes_the_hours_of_monday():
    hours = Hours((((9 * HOUR_MS, 17 * HOUR_MS),),) + (((9 * HOUR_MS, 12 * HOUR_MS),),) * 4 + ((), ()), 1, 1, 0)
    worked = np.array([True] * 6 + [False] + [False, True])
    days = WorkingDays(worked, "none", (5, 6), (), (), 0)
    calendar = work_calendar(hours, days, first_day=MONDAY)
    assert calendar.opens.size == 7
    saturday = 5 * DAY_MS
    assert calendar.between(np.array([saturday]), np.array([saturday + DAY_MS]))[0] == 8 * HOUR_MS
    # A Saturday without hours that is no weekend is closed.
    assert work_calendar(hours, replace(days, weekend=(6,)), first_day=MONDAY).opens.size == 6


def test_hours_of_a_weekday_need_four_hundred_moments_of_its_own():
    def hours(fridays: int) -> Hours:
        moments = [
            d * DAY_MS + 9 * HOUR_MS + round(8 * HOUR_MS * (k + 0.5) / 100) for d in range(40) if d % 7 < 4
            for k in range(100)
        ]  # fmt: skip
        moments += [4 * DAY_MS + 9 * HOUR_MS + round(3 * HOUR_MS * k / fridays) for k in range(fridays)]
        days = discover_working_days(np.array(moments), first_day=MONDAY, n_days=40)
        return discover_hours(np.array(moments), replace(days, weekend=(5, 6)), first_day=MONDAY)

    assert hours(399).by_weekday[4] == hours(399).by_weekday[0] == ((9 * HOUR_MS, 17 * HOUR_MS),)
    assert hours(400).by_weekday[4] == ((9 * HOUR_MS, 12 * HOUR_MS),)


def test_hours_of_no_moments_are_those_of_every_hour():
    days = discover_working_days(np.array([9 * HOUR_MS]), first_day=MONDAY, n_days=7)
    hours = discover_hours(np.zeros(0, dtype=np.int64), days, first_day=MONDAY)
    assert (hours.coverage, hours.confidence, hours.n, hours.by_weekday[0]) == (1.0, 0.0, 0, ((0, DAY_MS),))


def test_worked_days_without_a_moment_are_counted_outside_long_silences():
    """Six moments on each working day of 2014; three such days and four weeks of August have none."""
    first, n_days = dt.date(2014, 1, 1), 365
    worked = working_days(first, n_days, country="CN", weekend={5, 6}, off=(), work=())
    silent = np.zeros(n_days, dtype=np.bool_)
    silent[213:241] = True
    missing = np.flatnonzero(worked & ~silent)[[20, 90, 200]]
    busy = worked & ~silent
    busy[missing] = False
    times = (np.flatnonzero(busy)[:, None] * DAY_MS + (9 + np.arange(6)) * HOUR_MS).ravel()
    days = discover_working_days(times, first_day=first, n_days=n_days)
    assert (days.country, days.quiet) == ("CN", 3)
    assert days.silent == ((dt.date(2014, 8, 2), dt.date(2014, 8, 31)),)
    assert days.worked[missing].all()
