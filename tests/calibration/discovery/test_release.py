"""Timetables and rounds at the edges of their rules."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from cases import for_each
from discovery_halls import handmade

from calibration.discovery.log.reading import read_traces
from calibration.discovery.timing.rounds import Rhythm, _criterion, find_rhythm
from calibration.discovery.timing.timetables import (
    EVERY_WEEK,
    Weeks,
    _by_month,
    _in_order,
    capacity_of,
    departure_weeks,
    find_release,
    week_of,
)
from sim.calendar import DAY_MS, HOUR_MS, WorkCalendar

MONDAY = dt.date(2014, 3, 3)
TRACES = read_traces(handmade([{"case": 1, "activity": "a", "start": "2014-03-03 09:00", "end": "2014-04-03 09:07"}]))
CALENDAR = WorkCalendar.from_hours(
    MONDAY, np.array([k % 7 < 5 for k in range(280)]), [((9 * HOUR_MS, 17 * HOUR_MS),)] * 7
)


def on_time(counts: dict[float, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return transitions that end at hours of the day, so many at each, on one Tuesday after another."""
    until = [(1 + 7 * k) * DAY_MS + round(hour * HOUR_MS) for hour, n in counts.items() for k in range(n)]
    return np.array(until) - 2 * HOUR_MS, np.array(until)


def times(counts: dict[float, int]) -> list[float] | None:
    release = find_release(*on_time(counts), TRACES)
    return None if release is None else [t / HOUR_MS for t in release.times]


@for_each(
    "counts, result",
    [
        ({10: 19}, None),
        ({10: 20}, [10]),
        ({10: 20, **{11 + k / 10: 1 for k in range(2)}}, [10, 11, 11.1]),  # 2% of 22 are less than one
        ({10: 90, **{11 + k / 10: 1 for k in range(10)}}, [10]),  # nine of ten
        ({10: 89, **{11 + k / 10: 1 for k in range(11)}}, None),
        ({10: 49, 16: 1}, [10, 16]),  # one of fifty
        ({10: 50, 16: 1}, [10]),
        ({8 + k: 5 for k in range(6)}, [8, 9, 10, 11, 12, 13]),
        ({8 + k: 5 for k in range(7)}, None),  # seven times are no timetable
        ({8 + k: 4 if k < 1 else 5 for k in range(6)}, None),  # 29 for six times
    ],
)
def test_a_timetable_has_nearly_all_transitions_at_few_times(counts, result):
    assert times(counts) == result


def test_a_timetable_says_its_weekdays_and_its_share():
    since, until = on_time({10: 98, 16: 2})
    until[-1] += DAY_MS
    release = find_release(since, until, TRACES)
    assert release.weekdays == ("tue",)
    until[-2] += DAY_MS
    assert find_release(since, until, TRACES).weekdays == ("tue",)  # two of a hundred are no weekday
    until[-3] += DAY_MS
    release = find_release(since, until, TRACES)
    assert (release.weekdays, release.share, release.weeks) == (("tue", "wed"), 1.0, EVERY_WEEK)
    since, until = on_time({10: 96, 12: 1, 13: 1, 14: 1, 15: 1})
    assert find_release(since, until, TRACES).share == 0.96


def test_weeks_are_counted_from_monday():
    assert week_of(np.array([0, 3, 4, 10, 11]), MONDAY + dt.timedelta(days=3)).tolist() == [0, 0, 1, 1, 2]


def weeks_of(departures: list[int], per_departure: int = 3) -> Weeks:
    """Return the weeks of departures on Tuesdays, for which files have waited since the day after the last."""
    before = [departures[0] - 3, *departures[:-1]]
    since = [(7 * week + 2) * DAY_MS for week in before for _ in range(per_departure)]
    until = [(7 * week + 1) * DAY_MS for week in departures for _ in range(per_departure)]
    return departure_weeks(np.array(since), np.array(until), first_day=MONDAY)


@for_each(
    "departures, weeks",
    [
        ([4, 6, 8, 10], Weeks(2, 0, skipped=5)),
        ([5, 8, 11], EVERY_WEEK),  # three departures are too few
        ([5, 8, 11, 14], Weeks(3, 2, skipped=8)),
        ([4, 5, 6, 7, 8], EVERY_WEEK),
        ([3, 11, 19, 27], Weeks(8, 3, skipped=23)),
        ([3, 14, 25, 36], EVERY_WEEK),
        ([4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 41], Weeks(2, 0, skipped=20)),
        ([4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 37], EVERY_WEEK),  # 17 of 18: less than 95%
    ],
)
def test_departures_every_so_many_weeks_are_found(departures, weeks):
    assert weeks_of(departures) == weeks


def days_after(*dates: dt.date) -> np.ndarray:
    return np.array([(date - MONDAY).days for date in dates])


@for_each(
    "dates, weeks",
    [
        ([(3, 4), (4, 1), (5, 6), (6, 3)], Weeks(4, 1, "weekday", 1, 9)),  # first Tuesdays
        ([(3, 10), (4, 10), (5, 12), (6, 10)], Weeks(4, 2, "date", 10, 9)),  # the tenth, or the Monday after it
        ([(3, 10), (4, 10), (5, 14), (6, 10)], Weeks(4, 2, "date", 10, 9)),
        ([(3, 10), (4, 10), (5, 15), (6, 10)], EVERY_WEEK),  # five days apart is no date
        ([(3, 31), (4, 30), (6, 2), (6, 30)], Weeks(4, 1, "date", 30, 9)),  # the last day of May is moved to June
        ([(3, 10), (4, 3), (5, 6)], EVERY_WEEK),  # the third and the tenth are seven days apart
    ],
)
def test_departures_once_a_month_are_the_nearest_weeks(dates, weeks):
    days = days_after(*(dt.date(2014, month, day) for month, day in dates))
    phase = int(week_of(days[-1:], MONDAY)[0]) % weeks.every
    assert _by_month(days, MONDAY, 9) == (weeks if weeks == EVERY_WEEK else replace(weeks, phase=phase))


@for_each("departures, places", [(5, (2, 5)), (4, (0, 0))])
def test_places_are_counted_from_five_departures_that_left_files_behind(departures, places):
    until = np.repeat(np.arange(1, departures + 2) * HOUR_MS, 2)
    since = np.zeros(until.size, dtype=np.int64)
    assert capacity_of(since, until) == places


@for_each("short, places", [(1, (3, 10)), (2, (0, 0))])
def test_nine_full_departures_of_ten_show_the_places(short, places):
    boarded = [3] * (10 - short) + [2] * short + [1]
    until = np.repeat(np.arange(1, 12) * HOUR_MS, boarded)
    assert capacity_of(np.zeros(until.size, dtype=np.int64), until) == places


def test_files_that_overtake_are_counted():
    since, departure = np.arange(20), np.arange(20)
    assert _in_order(since, departure) == 1
    departure[10] = 0
    assert _in_order(since, departure) == 0.95


# ---- rounds ----------------------------------------------------------------------------------------------------------


def test_whoever_comes_on_the_day_of_a_round_takes_part_in_the_evening_only():
    wednesdays = Weeks(2, 1)
    morning, evening = Rhythm(wednesdays, 2, same_day=False), Rhythm(wednesdays, 2, same_day=True)
    days = np.array([0, 9, 10, 22, 23, 24])
    assert morning.boarded(days, CALENDAR).tolist() == [9, 23, 23, 23, 37, 37]
    assert evening.boarded(days, CALENDAR).tolist() == [9, 9, 23, 23, 23, 37]
    assert morning.boarded(np.array([279]), CALENDAR).tolist() == [289]  # after the log's end
    assert (morning.moment(CALENDAR), evening.moment(CALENDAR)) == (9 * HOUR_MS, 17 * HOUR_MS)
    always = WorkCalendar.always_open(MONDAY, 28)
    assert (morning.moment(always), evening.moment(always)) == (0, DAY_MS)
    release = evening.release(CALENDAR, share=0.9)
    assert (release.times, release.weekdays, release.share, release.weeks) == (
        (17 * HOUR_MS,),
        ("wed",),
        0.9,
        wednesdays,
    )


def test_the_criterion_of_days_is_their_likelihood_less_the_free_shares():
    assert _criterion(np.array([2, 2, 3, 5])) == pytest.approx(2 * np.log(0.5) + 2 * np.log(0.25) - 2)
    assert _criterion(np.array([4, 4])) == 0


@for_each("n, early, is_rhythm", [(59, 0, False), (60, 0, True), (200, 2, True), (200, 3, False)])
def test_rounds_are_looked_for_from_sixty_cases_of_which_one_in_a_hundred_may_go_on_early(n, early, is_rhythm):
    came = np.sort(np.arange(n) * 37 % 190)
    went_on = Rhythm(Weeks(3, 1), 3, same_day=False).boarded(came, CALENDAR)
    waits = np.flatnonzero(went_on > came + 3)
    went_on[waits[:early]] = came[waits[:early]] + 1
    rhythm = find_rhythm(came, went_on, CALENDAR)
    actual = None if rhythm is None else (rhythm.weeks, rhythm.weekday)
    assert (actual == (Weeks(3, 1), 3)) == is_rhythm
    assert (rhythm is None) == (n < 60)
