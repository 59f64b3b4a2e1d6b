"""Claims about working time and the counting of days, against the official calendar and against naive walkers.

The oracles know nothing of cumulated time or binary search: they walk minute by minute over a list of flags, or
day by day over a list of working days.
"""

from __future__ import annotations

import doctest
import itertools
import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import for_each
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foundation import messages
from foundation.errors import HallplanError
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS, NEVER, SECOND_MS, WorkCalendar, working_days

Hours = list[list[tuple[int, int]]]

WEEKEND = frozenset({5, 6})
DAY_MINUTES = 24 * 60
NEW_YEAR = date(2014, 1, 1)
WHOLE_DAY = [(0, DAY_MS)]
OFFICE_DAY = [(9 * HOUR_MS, 12 * HOUR_MS), (13 * HOUR_MS, 17 * HOUR_MS)]
MORNING = [(9 * HOUR_MS, 12 * HOUR_MS)]
CLOSED: list[tuple[int, int]] = []
OFFICE_WEEK: Hours = [OFFICE_DAY] * 5 + [CLOSED] * 2

# 国务院办公厅关于2014年部分节假日安排的通知, 国办发明电〔2013〕28号, 11 December 2013: what it says, date by date.
NOTICE_OFF = {
    "元旦": [date(2014, 1, 1)],
    "春节": [date(2014, 1, 31) + timedelta(days=i) for i in range(7)],
    "清明节": [date(2014, 4, 5), date(2014, 4, 7)],
    "劳动节": [date(2014, 5, 1) + timedelta(days=i) for i in range(3)],
    "端午节": [date(2014, 6, 2)],
    "中秋节": [date(2014, 9, 8)],
    "国庆节": [date(2014, 10, 1) + timedelta(days=i) for i in range(7)],
}
NOTICE_WORKED = [date(2014, 1, 26), date(2014, 2, 8), date(2014, 5, 4), date(2014, 9, 28), date(2014, 10, 11)]


def china(first_day: date, n_days: int, *, off: Sequence[date] = (), work: Sequence[date] = ()) -> Any:
    return working_days(first_day, n_days, country="CN", weekend=WEEKEND, off=off, work=work)


def year_2014() -> dict[date, bool]:
    worked = china(NEW_YEAR, 365)
    return {NEW_YEAR + timedelta(days=i): bool(worked[i]) for i in range(365)}


def office(first_day: date = NEW_YEAR, n_days: int = 365) -> WorkCalendar:
    return WorkCalendar.from_hours(first_day, china(first_day, n_days), OFFICE_WEEK)


def at(calendar: WorkCalendar, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    days = (date(2014, month, day) - calendar.first_day).days
    return days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS


# ---- the official calendar of 2014 ----------------------------------------------------------------------------


def test_2014_has_250_working_days() -> None:
    assert sum(year_2014().values()) == 250


@pytest.mark.parametrize(
    ("last", "expected"), [(date(2014, 6, 30), 122), (date(2014, 7, 31), 145), (date(2014, 8, 21), 160)]
)
def test_working_days_of_2014_up_to_a_date(last: date, expected: int) -> None:
    assert sum(worked for day, worked in year_2014().items() if day <= last) == expected


def test_each_month_of_2014_has_the_working_days_of_the_notice() -> None:
    months = [sum(worked for day, worked in year_2014().items() if day.month == m) for m in range(1, 13)]
    assert months == [22, 17, 21, 21, 21, 20, 23, 21, 22, 19, 20, 23]


@for_each("festival", NOTICE_OFF)
def test_a_festival_is_off_as_the_notice_says(festival: str) -> None:
    assert not any(year_2014()[day] for day in NOTICE_OFF[festival])


@for_each("day", NOTICE_WORKED, ids=str)
def test_a_make_up_weekend_day_is_worked_as_the_notice_says(day: date) -> None:
    assert day.weekday() in WEEKEND
    assert year_2014()[day]


def test_work_resumes_on_8_october_2014() -> None:
    assert year_2014()[date(2014, 10, 8)]


def test_2014_differs_from_the_plain_week_only_where_the_notice_says_so() -> None:
    off = set(itertools.chain.from_iterable(NOTICE_OFF.values()))
    for day, worked in year_2014().items():
        assert worked == ((day.weekday() not in WEEKEND and day not in off) or day in NOTICE_WORKED)


def test_a_make_up_day_in_december_for_a_holiday_in_january_is_found() -> None:
    # New Year 2012 was 1 to 3 January; Saturday 31 December 2011 was worked for it.
    assert china(date(2011, 12, 31), 1).tolist() == [True]


def test_the_users_day_off_wins_over_a_make_up_day() -> None:
    assert china(date(2014, 1, 26), 1, off=[date(2014, 1, 26)]).tolist() == [False]


def test_the_users_working_day_wins_over_a_public_holiday() -> None:
    assert china(date(2014, 10, 1), 2, work=[date(2014, 10, 2)]).tolist() == [False, True]


def test_overrides_outside_the_period_change_nothing() -> None:
    far = [date(2020, 1, 1)], [date(2010, 1, 2)]
    assert china(NEW_YEAR, 31, off=far[0], work=far[1]).tolist() == china(NEW_YEAR, 31).tolist()


def test_a_date_both_off_and_worked_is_an_error_that_names_it_in_both_languages() -> None:
    day = date(2014, 3, 8)
    with pytest.raises(HallplanError) as raised:
        china(NEW_YEAR, 31, off=[day], work=[day])
    for language in messages.LANGUAGES:
        assert "2014-03-08" in raised.value.sentence(language)


def test_without_a_country_only_the_weekend_is_off() -> None:
    worked = working_days(date(2014, 9, 29), 14, country=None, weekend=frozenset({6}), off=[], work=[])
    assert worked.tolist() == [True] * 6 + [False] + [True] * 6 + [False]


def test_an_unknown_country_is_an_error_that_names_it() -> None:
    with pytest.raises(HallplanError, match="Q9"):
        working_days(NEW_YEAR, 1, country="Q9", weekend=WEEKEND, off=[], work=[])


@pytest.mark.parametrize(("n_days", "weekend"), [(0, WEEKEND), (1, frozenset({7})), (1, frozenset({-1}))])
def test_a_period_without_days_and_a_weekday_that_does_not_exist_are_refused(
    n_days: int, weekend: frozenset[int]
) -> None:
    with pytest.raises(ValueError, match="not"):
        working_days(NEW_YEAR, n_days, country=None, weekend=weekend, off=[], work=[])


@given(st.dates(date(2008, 1, 1), date(2024, 12, 31)), st.integers(2, 60), st.integers(1, 59), st.booleans())
@settings(deadline=None)
def test_whether_a_day_is_worked_does_not_depend_on_where_the_period_begins(
    first_day: date, n_days: int, cut: int, chinese: bool
) -> None:
    assume(cut < n_days)
    country = "CN" if chinese else None
    whole = working_days(first_day, n_days, country=country, weekend=WEEKEND, off=[], work=[])
    later = first_day + timedelta(days=cut)
    tail = working_days(later, n_days - cut, country=country, weekend=WEEKEND, off=[], work=[])
    assert whole[cut:].tolist() == tail.tolist()


# ---- opening hours --------------------------------------------------------------------------------------------


def test_units_of_time() -> None:
    assert (SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS) == (1_000, 60_000, 3_600_000, 86_400_000)


def test_a_lunch_break_makes_two_intervals_a_day() -> None:
    calendar = office(date(2014, 3, 3), 1)
    assert (calendar.opens // HOUR_MS).tolist() == [9, 13]
    assert (calendar.closes // HOUR_MS).tolist() == [12, 17]
    assert calendar.cum.tolist() == [0, 3 * HOUR_MS, 7 * HOUR_MS]


def test_a_hall_can_close_at_noon_on_fridays() -> None:
    hours = [OFFICE_DAY] * 4 + [MORNING, CLOSED, CLOSED]
    calendar = WorkCalendar.from_hours(date(2014, 3, 3), china(date(2014, 3, 3), 7), hours)
    assert calendar.between(4 * DAY_MS, 5 * DAY_MS) == 3 * HOUR_MS
    assert calendar.last_closing_of_day(4 * DAY_MS) == 4 * DAY_MS + 12 * HOUR_MS


def test_hours_may_be_given_in_any_order() -> None:
    day = date(2014, 3, 3)
    shuffled = WorkCalendar.from_hours(day, np.ones(1, dtype=np.bool_), [OFFICE_DAY[::-1]] * 7)
    assert shuffled.opens.tolist() == office(day, 1).opens.tolist()


def test_a_make_up_sunday_without_hours_of_its_own_takes_mondays() -> None:
    hours = [MORNING, *[OFFICE_DAY] * 4, CLOSED, CLOSED]
    sunday = date(2014, 1, 26)
    calendar = WorkCalendar.from_hours(sunday, china(sunday, 1), hours)
    assert (calendar.opens.tolist(), calendar.closes.tolist()) == ([9 * HOUR_MS], [12 * HOUR_MS])


def test_a_make_up_sunday_with_hours_of_its_own_keeps_them() -> None:
    hours = [*[OFFICE_DAY] * 5, CLOSED, [(10 * HOUR_MS, 11 * HOUR_MS)]]
    sunday = date(2014, 5, 4)
    assert WorkCalendar.from_hours(sunday, china(sunday, 1), hours).worked(DAY_MS) == HOUR_MS


def test_adjacent_intervals_become_one() -> None:
    hours = [[(9 * HOUR_MS, 12 * HOUR_MS), (12 * HOUR_MS, 17 * HOUR_MS)]] * 7
    calendar = WorkCalendar.from_hours(NEW_YEAR, np.ones(2, dtype=np.bool_), hours)
    assert (calendar.opens % DAY_MS // HOUR_MS).tolist() == [9, 9]


def test_days_of_24_hours_run_into_each_other_at_midnight() -> None:
    workdays = np.array([True, True, False, True])
    calendar = WorkCalendar.from_hours(NEW_YEAR, workdays, [WHOLE_DAY] * 7)
    assert (calendar.opens // DAY_MS).tolist() == [0, 3]
    assert (calendar.closes // DAY_MS).tolist() == [2, 4]


def test_always_open_is_the_same_as_24_hours_on_every_day() -> None:
    by_hours = WorkCalendar.from_hours(NEW_YEAR, np.ones(30, dtype=np.bool_), [WHOLE_DAY] * 7)
    always = WorkCalendar.always_open(NEW_YEAR, 30)
    for name in ("opens", "closes", "cum", "workdays"):
        assert getattr(always, name).tolist() == getattr(by_hours, name).tolist()


@given(st.integers(0, 30 * DAY_MS), st.integers(0, 30 * DAY_MS))
def test_where_it_never_closes_working_time_is_plain_time(a: int, b: int) -> None:
    always = WorkCalendar.always_open(NEW_YEAR, 30)
    assert always.worked(a) == a
    assert always.between(a, b) == b - a
    assert always.add(a, b) == (a + b if a + b <= 30 * DAY_MS else NEVER)
    assert always.last_closing_of_day(a) == (a // DAY_MS + 1) * DAY_MS if a < 30 * DAY_MS else NEVER
    assert always.elapsed_days(a, b) == pytest.approx((b - a) / DAY_MS, abs=1e-12)


@for_each(
    "monday",
    [
        [(12 * HOUR_MS, 9 * HOUR_MS)],
        [(9 * HOUR_MS, 9 * HOUR_MS)],
        [(9 * HOUR_MS, 13 * HOUR_MS), (12 * HOUR_MS, 17 * HOUR_MS)],
        [(-HOUR_MS, 9 * HOUR_MS)],
        [(9 * HOUR_MS, 25 * HOUR_MS)],
    ],
    ids=["reversed", "empty", "overlapping", "before midnight", "after midnight"],
)
def test_impossible_hours_are_an_error_that_names_the_weekday(monday: list[tuple[int, int]]) -> None:
    with pytest.raises(HallplanError, match="weekday 1 "):
        WorkCalendar.from_hours(NEW_YEAR, np.ones(7, dtype=np.bool_), [monday, *[OFFICE_DAY] * 6])


def test_a_working_day_without_hours_is_an_error_when_monday_has_none_either() -> None:
    with pytest.raises(HallplanError, match="2014-01-01"):
        WorkCalendar.from_hours(NEW_YEAR, np.ones(1, dtype=np.bool_), [CLOSED] * 7)


def test_a_hall_that_never_opens_is_an_error() -> None:
    with pytest.raises(HallplanError, match="no open time"):
        WorkCalendar.from_hours(NEW_YEAR, np.zeros(7, dtype=np.bool_), OFFICE_WEEK)


def test_hours_need_seven_weekdays() -> None:
    with pytest.raises(ValueError, match="not 5"):
        WorkCalendar.from_hours(NEW_YEAR, np.ones(1, dtype=np.bool_), [OFFICE_DAY] * 5)


@for_each(
    ("opens", "closes", "workdays"),
    [
        ([5], [5], [True]),
        ([0, 3], [4, 9], [True]),
        ([6, 0], [9, 4], [True]),
        ([0], [1, 2], [True]),
        ([-1], [5], [True]),
        ([0], [DAY_MS + 1], [True]),
        ([0], [5], [True, True]),
        ([0], [5], [False]),
    ],
)
def test_intervals_that_contradict_themselves_or_the_working_days_are_refused(
    opens: list[int], closes: list[int], workdays: list[bool]
) -> None:
    with pytest.raises(ValueError, match="must"):
        WorkCalendar(NEW_YEAR, np.array(opens), np.array(closes), np.array(workdays))


def test_a_calendar_cannot_be_changed_nor_reached_through_the_arrays_it_was_made_of() -> None:
    opens, closes, workdays = np.array([5]), np.array([9]), np.array([True])
    calendar = WorkCalendar(NEW_YEAR, opens, closes, workdays)
    opens[0], closes[0], workdays[0] = 6, 7, False
    assert (calendar.opens[0], calendar.closes[0], calendar.workdays[0]) == (5, 9, True)
    for name in ("opens", "closes", "cum", "workdays"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(calendar, name)[0] = 1


def test_a_calendar_travels_to_a_worker_process() -> None:
    calendar = office(n_days=40)
    copy = pickle.loads(pickle.dumps(calendar))  # noqa: S301 - our own bytes
    moments = np.arange(0, 40 * DAY_MS, 17 * MINUTE_MS)
    assert copy.first_day == calendar.first_day
    assert np.array_equal(copy.add(moments, HOUR_MS), calendar.add(moments, HOUR_MS))
    assert np.array_equal(copy.deadline(moments, 3), calendar.deadline(moments, 3))


# ---- naive walkers and the halls they walk --------------------------------------------------------------------


@dataclass(frozen=True)
class Hall:
    """A calendar, and beside it what it was made of, for the oracles to walk."""

    calendar: WorkCalendar
    minutes: list[bool]  # open or not, minute by minute
    days: list[bool]  # working day or not

    def day_minutes(self, day: int) -> list[bool]:
        return self.minutes[day * DAY_MINUTES : (day + 1) * DAY_MINUTES]

    def worked(self, t: int) -> int:
        return sum(self.minutes[:t])

    def add(self, t: int, work: int) -> int | None:
        """Walk on from `t` and spend a minute of work in each open minute."""
        while work > 0:
            if t >= len(self.minutes):
                return None
            work -= self.minutes[t]
            t += 1
        return t

    def day(self, t: int) -> int:
        return t // DAY_MINUTES

    def counted(self, after: int, through: int) -> set[int]:
        return {d for d, worked in enumerate(self.days) if worked and after < d <= through}


def ms(minute: int | None) -> int:
    return NEVER if minute is None else minute * MINUTE_MS


# The strategies below draw whole numbers and decode them: a third of the draws that lists of choices take, each of
# which costs Hypothesis more than the claim that it is for.


@st.composite
def day_hours(draw: st.DrawFn, *, least: int = 0) -> list[tuple[int, int]]:
    """Up to three intervals of a day in minutes, edges at midnight included."""
    n = draw(st.integers(least, 3))
    around_the_day = st.integers(-DAY_MINUTES // 4, DAY_MINUTES * 5 // 4)  # every third edge falls on midnight
    edges = sorted({min(max(draw(around_the_day), 0), DAY_MINUTES) for _ in range(2 * n)})
    intervals = list(zip(edges[::2], edges[1::2], strict=False))
    return intervals or ([(0, DAY_MINUTES)] if least else [])


@st.composite
def halls(draw: st.DrawFn) -> Hall:
    first_day = date(2013, 12, 1) + timedelta(days=draw(st.integers(0, 395)))  # to 31 December 2014
    n_days = draw(st.integers(1, 9))
    worked_days = draw(st.integers(1, 2**n_days - 1))  # a bit a day, at least one of them set
    days = [bool(worked_days >> i & 1) for i in range(n_days)]
    monday, other = draw(day_hours(least=1)), draw(day_hours())
    others = draw(st.integers(0, 3**6 - 1))  # a digit a weekday
    week = [monday, *([monday, other, []][others // 3**i % 3] for i in range(6))]
    minutes: list[bool] = []
    for i, worked in enumerate(days):
        weekday = (first_day + timedelta(days=i)).weekday()
        intervals = (week[weekday] or week[0]) if worked else []
        today = [False] * DAY_MINUTES
        for a, b in intervals:
            today[a:b] = [True] * (b - a)
        minutes += today
    hours = [[(a * MINUTE_MS, b * MINUTE_MS) for a, b in weekday] for weekday in week]
    return Hall(WorkCalendar.from_hours(first_day, np.array(days), hours), minutes, days)


@st.composite
def minutes_of(draw: st.DrawFn, hall: Hall) -> int:
    """A minute of the calendar, its end included; often an edge, where mistakes live."""
    last = len(hall.minutes)
    edges = [0, last, *(int(edge) // MINUTE_MS for edge in (*hall.calendar.opens, *hall.calendar.closes))]
    which = draw(st.integers(0, 2 * len(edges) - 1))
    return edges[which] if which < len(edges) else draw(st.integers(0, last))


@st.composite
def moments_of(draw: st.DrawFn, calendar: WorkCalendar) -> int:
    """A moment of the calendar in ms, often at or beside an edge."""
    last = calendar.workdays.size * DAY_MS
    nearby = [int(edge) + ms for edge in (*calendar.opens, *calendar.closes) for ms in (0, -1, 1)]
    which = draw(st.integers(0, 2 * len(nearby) - 1))
    return min(max(nearby[which], 0), last) if which < len(nearby) else draw(st.integers(0, last))


@st.composite
def hall_and_minutes(draw: st.DrawFn, n: int) -> tuple[Hall, list[int]]:
    hall = draw(halls())
    return hall, [draw(minutes_of(hall)) for _ in range(n)]


@st.composite
def calendar_and_moments(draw: st.DrawFn, n: int) -> tuple[WorkCalendar, list[int]]:
    calendar = draw(halls()).calendar
    return calendar, [draw(moments_of(calendar)) for _ in range(n)]


def works(calendar: WorkCalendar) -> st.SearchStrategy[int]:
    """Amounts of work in ms: nothing, anything, exactly one of the amounts that end at an edge, too much."""
    total = int(calendar.cum[-1])
    return st.one_of(st.integers(0, total + 1), st.sampled_from(calendar.cum.tolist()), st.just(0))


claim = settings(deadline=None)

# ---- against the walkers --------------------------------------------------------------------------------------


@given(hall_and_minutes(1))
@claim
def test_is_open_agrees_with_the_minutes(drawn: tuple[Hall, list[int]]) -> None:
    hall, (t,) = drawn
    assert hall.calendar.is_open(ms(t)) == (t < len(hall.minutes) and hall.minutes[t])


@given(hall_and_minutes(1))
@claim
def test_worked_counts_the_open_minutes(drawn: tuple[Hall, list[int]]) -> None:
    hall, (t,) = drawn
    assert hall.calendar.worked(ms(t)) == ms(hall.worked(t))


@given(hall_and_minutes(2))
@claim
def test_between_counts_the_open_minutes_between(drawn: tuple[Hall, list[int]]) -> None:
    hall, (a, b) = drawn
    assert hall.calendar.between(ms(a), ms(b)) == ms(hall.worked(b) - hall.worked(a))


@given(hall_and_minutes(1), st.data())
@claim
def test_add_ends_where_a_walker_ends(drawn: tuple[Hall, list[int]], data: st.DataObject) -> None:
    hall, (t,) = drawn
    left = sum(hall.minutes[t:])
    work = data.draw(st.one_of(st.integers(0, left + 1), st.just(left), st.just(0)))
    assert hall.calendar.add(ms(t), ms(work)) == ms(hall.add(t, work))


@given(halls(), st.data())
@claim
def test_at_worked_is_where_a_walker_from_midnight_ends(hall: Hall, data: st.DataObject) -> None:
    w = data.draw(st.integers(0, sum(hall.minutes) + 1))
    assert hall.calendar.at_worked(ms(w)) == ms(hall.add(0, w))


@given(hall_and_minutes(1))
@claim
def test_next_opening_is_the_next_open_minute(drawn: tuple[Hall, list[int]]) -> None:
    hall, (t,) = drawn
    upcoming = next((m for m in range(t, len(hall.minutes)) if hall.minutes[m]), None)
    assert hall.calendar.next_opening(ms(t)) == ms(upcoming)


@given(hall_and_minutes(1))
@claim
def test_last_closing_is_after_the_days_last_open_minute(drawn: tuple[Hall, list[int]]) -> None:
    hall, (t,) = drawn
    day = next((d for d in range(hall.day(t), len(hall.days)) if hall.days[d]), None)
    last = None if day is None else day * DAY_MINUTES + max(m for m, o in enumerate(hall.day_minutes(day)) if o)
    assert hall.calendar.last_closing_of_day(ms(t)) == (NEVER if last is None else ms(last + 1))


@given(hall_and_minutes(2))
@claim
def test_elapsed_adds_up_each_days_share_of_its_own_hours(drawn: tuple[Hall, list[int]]) -> None:
    hall, drawn_minutes = drawn
    a, b = sorted(drawn_minutes)
    share = Fraction(0)
    for day, worked in enumerate(hall.days):
        if worked:
            start = day * DAY_MINUTES
            today = hall.minutes[max(a, start) : max(min(b, start + DAY_MINUTES), 0)]
            share += Fraction(sum(today), sum(hall.day_minutes(day)))
    assert hall.calendar.elapsed_days(ms(a), ms(b)) == pytest.approx(float(share), abs=1e-12)
    assert hall.calendar.elapsed_days(ms(b), ms(a)) == pytest.approx(-float(share), abs=1e-12)


@given(hall_and_minutes(2))
@claim
def test_touched_counts_the_working_days_from_the_first_to_the_last(drawn: tuple[Hall, list[int]]) -> None:
    hall, (a, b) = drawn
    assert hall.calendar.touched_days(ms(a), ms(b)) == len(hall.counted(hall.day(a) - 1, hall.day(b)))


@given(hall_and_minutes(2))
@claim
def test_statutory_counts_the_working_days_after_acceptance(drawn: tuple[Hall, list[int]]) -> None:
    hall, (a, b) = drawn
    assert hall.calendar.statutory_days(ms(a), ms(b)) == len(hall.counted(hall.day(a), hall.day(b)))


@pytest.mark.slow
@given(halls(), st.data())
@claim
def test_stops_take_out_the_union_of_their_days_case_by_case(hall: Hall, data: st.DataObject) -> None:
    minute = minutes_of(hall)
    cases = data.draw(st.lists(st.tuples(minute, minute), min_size=1, max_size=4))
    index = st.integers(0, len(cases) - 1)
    stops = data.draw(st.lists(st.tuples(minute, minute, index), max_size=8))
    expected = []
    for i, (accepted, decided) in enumerate(cases):
        stopped = [hall.counted(hall.day(s), hall.day(e)) for s, e, case in stops if case == i]
        expected.append(len(hall.counted(hall.day(accepted), hall.day(decided)).difference(*stopped)))
    table = np.array(cases, dtype=np.int64) * MINUTE_MS
    starts, ends, case_index = np.array(stops, dtype=np.int64).reshape(-1, 3).T
    count = hall.calendar.statutory_days(
        table[:, 0], table[:, 1], stops=(starts * MINUTE_MS, ends * MINUTE_MS, case_index)
    )
    assert count.tolist() == expected


@pytest.mark.slow
@given(hall_and_minutes(1), st.integers(0, 10))
@claim
def test_the_deadline_is_the_closing_of_the_last_day_allowed(drawn: tuple[Hall, list[int]], limit: int) -> None:
    hall, (accepted,) = drawn
    after = sorted(hall.counted(hall.day(accepted) - (limit == 0), len(hall.days)))
    nth = max(limit - 1, 0)
    deadline = hall.calendar.deadline(ms(accepted), limit)
    if nth >= len(after):
        assert deadline == NEVER
    else:
        assert deadline == hall.calendar.last_closing_of_day(after[nth] * DAY_MS)


@given(halls(), st.integers(-3, 12))
@claim
def test_workday_number_counts_up_to_and_including_the_day(hall: Hall, day: int) -> None:
    assert hall.calendar.workday_number(day) == sum(hall.days[: max(day + 1, 0)])


@given(hall_and_minutes(1))
@claim
def test_day_and_date_walk_together(drawn: tuple[Hall, list[int]]) -> None:
    hall, (t,) = drawn
    assert hall.calendar.day_of(ms(t)) == hall.day(t)
    assert hall.calendar.date_of(ms(t)) == hall.calendar.first_day + timedelta(days=hall.day(t))


# ---- the algebra of working time ------------------------------------------------------------------------------


@given(halls(), st.data())
@claim
def test_worked_undoes_at_worked(hall: Hall, data: st.DataObject) -> None:
    calendar = hall.calendar
    w = data.draw(st.integers(0, int(calendar.cum[-1])))
    assert calendar.worked(calendar.at_worked(w)) == w


@given(halls(), st.data())
@claim
def test_at_worked_undoes_worked_after_an_opening_up_to_its_closing(hall: Hall, data: st.DataObject) -> None:
    calendar = hall.calendar
    i = data.draw(st.integers(0, calendar.opens.size - 1))
    t = data.draw(st.integers(int(calendar.opens[i]) + 1, int(calendar.closes[i])))
    assert calendar.at_worked(calendar.worked(t)) == t


@given(halls(), st.data())
@claim
def test_at_worked_is_the_earliest_such_moment(hall: Hall, data: st.DataObject) -> None:
    calendar = hall.calendar
    w = data.draw(st.integers(1, int(calendar.cum[-1])))
    assert calendar.worked(calendar.at_worked(w) - 1) == w - 1


@given(calendar_and_moments(1), st.data())
@claim
def test_work_can_be_added_in_two_goes(drawn: tuple[WorkCalendar, list[int]], data: st.DataObject) -> None:
    # For all t and all a, b >= 0, whether they fit or not.
    calendar, (t,) = drawn
    a, b = data.draw(works(calendar)), data.draw(works(calendar))
    assert calendar.add(calendar.add(t, a), b) == calendar.add(t, a + b)


@given(calendar_and_moments(1), st.data())
@claim
def test_between_recovers_the_work_that_was_added(drawn: tuple[WorkCalendar, list[int]], data: st.DataObject) -> None:
    calendar, (t,) = drawn
    work = data.draw(st.integers(0, calendar.between(t, NEVER)))
    assert calendar.between(t, calendar.add(t, work)) == work


@given(halls(), st.data())
@claim
def test_adding_the_time_between_leads_there(hall: Hall, data: st.DataObject) -> None:
    # For u after an opening edge, up to and including its closing edge, and t < u.  (At an opening edge u itself
    # the work is already done at the closing edge before.)
    calendar = hall.calendar
    i = data.draw(st.integers(0, calendar.opens.size - 1))
    u = data.draw(st.integers(int(calendar.opens[i]) + 1, int(calendar.closes[i])))
    t = data.draw(st.integers(0, u - 1))
    assert calendar.add(t, calendar.between(t, u)) == u


@given(calendar_and_moments(1), st.data())
@claim
def test_work_ends_in_open_time_or_at_a_closing_edge(
    drawn: tuple[WorkCalendar, list[int]], data: st.DataObject
) -> None:
    calendar, (t,) = drawn
    work = data.draw(st.integers(1, int(calendar.cum[-1]) + 1))
    end = calendar.add(t, work)
    assert end == NEVER or calendar.is_open(end - 1)
    assert end >= t + work


@pytest.mark.slow
@given(calendar_and_moments(2), st.data())
@claim
def test_work_that_starts_later_never_ends_earlier(drawn: tuple[WorkCalendar, list[int]], data: st.DataObject) -> None:
    calendar, (t, u) = drawn
    work = data.draw(works(calendar))
    assert calendar.add(min(t, u), work) <= calendar.add(max(t, u), work)


@given(calendar_and_moments(3))
@claim
def test_between_is_additive(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, (a, b, c) = drawn
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(a, b) == -calendar.between(b, a)


@given(calendar_and_moments(1))
@claim
def test_no_work_ends_where_it_starts_even_when_closed(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, (t,) = drawn
    assert calendar.add(t, 0) == t


@given(calendar_and_moments(1))
@claim
def test_next_opening_is_open_or_never_and_skips_no_working_time(
    drawn: tuple[WorkCalendar, list[int]],
) -> None:
    calendar, (t,) = drawn
    opening = calendar.next_opening(t)
    assert opening >= t
    assert opening == NEVER or calendar.is_open(opening)
    assert calendar.between(t, opening) == 0
    assert calendar.next_opening(opening) == opening


def test_work_that_fills_the_day_ends_at_closing_and_not_the_next_morning() -> None:
    calendar = office()
    friday = at(calendar, 3, 7, 16)
    assert calendar.add(friday, HOUR_MS) == at(calendar, 3, 7, 17)
    assert calendar.add(friday, HOUR_MS + 1) == at(calendar, 3, 10, 9) + 1


def test_nothing_is_open_beyond_the_end() -> None:
    calendar = office(n_days=31)
    assert not calendar.is_open(NEVER)
    assert calendar.worked(NEVER) == calendar.cum[-1] == 22 * 7 * HOUR_MS
    assert calendar.next_opening(31 * DAY_MS) == NEVER
    assert calendar.last_closing_of_day(31 * DAY_MS) == NEVER
    assert calendar.add(NEVER, 1) == calendar.add(NEVER, 0) == calendar.add(0, NEVER) == NEVER


def test_a_case_that_is_never_decided_is_counted_to_the_last_day() -> None:
    calendar = office(n_days=31)  # January: 22 working days
    accepted = at(calendar, 1, 2, 9)
    assert calendar.touched_days(accepted, NEVER) == 22
    assert calendar.statutory_days(accepted, NEVER) == 21
    assert calendar.elapsed_days(accepted, NEVER) == 22.0


def test_negative_amounts_and_fractions_of_a_millisecond_are_refused() -> None:
    calendar = office(n_days=31)
    with pytest.raises(ValueError, match="negative"):
        calendar.at_worked(-1)
    with pytest.raises(ValueError, match="negative"):
        calendar.add(0, -1)
    with pytest.raises(ValueError, match="negative"):
        calendar.deadline(0, -1)
    with pytest.raises(TypeError, match="whole numbers"):
        calendar.worked(np.array([0.5]))


def test_what_never_happens_has_no_date() -> None:
    with pytest.raises(ValueError, match="no date"):
        office(n_days=31).date_of(NEVER)


# ---- the algebra of days --------------------------------------------------------------------------------------


@given(hall_and_minutes(2))
@claim
def test_touched_is_statutory_and_the_day_of_acceptance(drawn: tuple[Hall, list[int]]) -> None:
    # For acts on working days, in order, without stops.
    hall, drawn_minutes = drawn
    a, b = sorted(drawn_minutes)
    assume(hall.day(b) < len(hall.days))
    assume(hall.days[hall.day(a)] and hall.days[hall.day(b)])
    assert hall.calendar.touched_days(ms(a), ms(b)) == hall.calendar.statutory_days(ms(a), ms(b)) + 1


@given(calendar_and_moments(3))
@claim
def test_elapsed_never_falls_as_time_goes_on(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, (a, b, c) = drawn
    b, c = min(b, c), max(b, c)
    assert calendar.elapsed_days(a, b) <= calendar.elapsed_days(a, c)
    assert calendar.elapsed_days(b, a) >= calendar.elapsed_days(c, a)


def test_elapsed_never_falls_over_a_closing_edge_to_the_next_morning() -> None:
    # Hours of a prime number of ms make shares that no float holds exactly.
    hours = [[(11, 11 + 86_028_121)], [(5, 5 + 67_867_967)]] * 3 + [[(0, 49_979_687)]]
    calendar = WorkCalendar.from_hours(NEW_YEAR, np.ones(300, dtype=np.bool_), hours)
    edges = np.concatenate([calendar.opens, calendar.closes])
    moments = np.unique(np.concatenate([edges - 1, edges, edges + 1]))
    for start in range(0, DAY_MS, 99_991):
        assert np.all(np.diff(calendar.elapsed_days(start, moments)) >= 0)


@given(calendar_and_moments(3))
@claim
def test_elapsed_is_additive(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, (a, b, c) = drawn
    total = calendar.elapsed_days(a, b) + calendar.elapsed_days(b, c)
    assert total == pytest.approx(calendar.elapsed_days(a, c), abs=1e-12)


@given(st.integers(9 * 60, 17 * 60), st.integers(0, 200))
@claim
def test_elapsed_from_a_time_of_day_to_the_same_is_a_whole_number_of_days(minute: int, n: int) -> None:
    calendar = office()
    days = np.flatnonzero(calendar.workdays)
    start = int(days[10]) * DAY_MS + minute * MINUTE_MS
    end = int(days[10 + n]) * DAY_MS + minute * MINUTE_MS
    assert calendar.elapsed_days(start, end) == float(n)


@given(calendar_and_moments(2))
@claim
def test_a_case_never_elapses_more_days_than_it_touches(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, moments = drawn
    a, b = sorted(moments)
    assert 0 <= calendar.elapsed_days(a, b) <= calendar.touched_days(a, b)


@given(calendar_and_moments(2), st.integers(1, 10))
@claim
def test_within_the_limit_is_before_the_deadline(drawn: tuple[WorkCalendar, list[int]], limit: int) -> None:
    calendar, (accepted, decided) = drawn
    assume(calendar.is_open(decided))
    within = calendar.statutory_days(accepted, decided) <= limit
    assert within == (decided < calendar.deadline(accepted, limit))


@given(calendar_and_moments(2), st.data())
@claim
def test_a_stop_cut_in_two_repeated_or_reversed_changes_nothing(
    drawn: tuple[WorkCalendar, list[int]], data: st.DataObject
) -> None:
    calendar, (accepted, decided) = drawn
    s, m, e = sorted(data.draw(moments_of(calendar)) for _ in range(3))

    def count(*stops: tuple[int, int]) -> int:
        starts, ends = np.array(stops, dtype=np.int64).T
        return calendar.statutory_days(accepted, decided, stops=(starts, ends, np.zeros_like(starts)))

    once = count((s, e))
    assert once == count((s, m), (m, e)) == count((m, e), (s, m)) == count((s, e), (s, e), (s, m))
    assert count((e, s)) == calendar.statutory_days(accepted, decided)


@given(calendar_and_moments(2), st.data())
@claim
def test_stops_only_shorten_and_never_below_zero(drawn: tuple[WorkCalendar, list[int]], data: st.DataObject) -> None:
    calendar, (accepted, decided) = drawn
    starts = np.array([data.draw(moments_of(calendar)) for _ in range(3)], dtype=np.int64)
    ends = np.array([data.draw(moments_of(calendar)) for _ in range(3)], dtype=np.int64)
    counts = [
        calendar.statutory_days(accepted, decided, stops=(starts[:n], ends[:n], np.zeros(n, dtype=np.int64)))
        for n in range(4)
    ]
    assert counts[0] == calendar.statutory_days(accepted, decided)
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= 0


@given(calendar_and_moments(2))
@claim
def test_a_stop_from_acceptance_that_never_ends_leaves_nothing(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, (accepted, decided) = drawn
    stop = np.array([accepted]), np.array([NEVER]), np.array([0])
    assert calendar.statutory_days(accepted, decided, stops=stop) == 0


@for_each("stop", [([0], [1], [2]), ([0], [1], [-1]), ([0, 0], [1], [0]), ([0], [1], [0, 0])])
def test_a_stop_without_a_case_or_without_an_end_is_refused(stop: tuple[list[int], ...]) -> None:
    starts, ends, cases = (np.array(column, dtype=np.int64) for column in stop)
    moments = np.array([0, 0], dtype=np.int64)
    with pytest.raises(ValueError, match="stop"):
        office(n_days=31).statutory_days(moments, moments, stops=(starts, ends, cases))


def test_stops_find_their_case_in_a_table_of_any_shape() -> None:
    calendar = office()
    accepted = np.full((2, 1), at(calendar, 3, 3, 9))
    decided = np.array([[at(calendar, 3, 7, 9), at(calendar, 3, 14, 9)]])
    stop = np.array([at(calendar, 3, 4, 9)]), np.array([at(calendar, 3, 6, 9)]), np.array([3])
    assert calendar.statutory_days(accepted, decided, stops=stop).tolist() == [[4, 9], [4, 7]]


def test_the_reference_licence_touches_3_days_and_spends_2_of_its_limit() -> None:
    # The article, ¶5: accepted on day 1, inspected on day 2, reviewed and issued on day 3.
    calendar = office()
    accepted, issued = at(calendar, 3, 5, 10), at(calendar, 3, 7, 16)
    assert calendar.touched_days(accepted, issued) == 3
    assert calendar.statutory_days(accepted, issued) == 2
    assert calendar.elapsed_days(accepted, issued) == pytest.approx(2 + 5 / 7)


def test_twenty_working_days_across_the_national_holiday() -> None:
    # Art. 42.  By hand, after Thursday 25 September 2014: 26, 28 (a Sunday), 29, 30 September; 8, 9, 10, 11 (a
    # Saturday), 13-17, 20-24, 27, 28 October.
    calendar = office()
    assert calendar.deadline(at(calendar, 9, 25, 10), 20) == at(calendar, 10, 28, 17)
    assert calendar.statutory_days(at(calendar, 9, 25, 10), at(calendar, 10, 28, 17)) == 20


def test_quarantine_over_a_weekend_stops_the_clock_on_working_days_only() -> None:
    # Art. 45.  Accepted Monday, samples out on Wednesday, result on the next Tuesday, decided on Thursday: of the
    # 8 days after Monday, Thursday, Friday, Monday and Tuesday don't count.
    calendar = office()
    stop = np.array([at(calendar, 3, 5, 9)]), np.array([at(calendar, 3, 11, 16)]), np.array([0])
    accepted, decided = at(calendar, 3, 3, 9), at(calendar, 3, 13, 9)
    assert calendar.statutory_days(accepted, decided) == 8
    assert calendar.statutory_days(accepted, decided, stops=stop) == 4


# ---- one moment, many moments, compiled -----------------------------------------------------------------------

ONE_MOMENT = (
    "is_open",
    "next_opening",
    "last_closing_of_day",
    "worked",
    "at_worked",
    "day_of",
    "date_of",
    "workday_number",
)
TWO_MOMENTS = ("add", "between", "elapsed_days", "touched_days", "statutory_days", "deadline")


@given(calendar_and_moments(4))
@claim
def test_many_moments_give_what_each_gives_alone(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, moments = drawn
    for name in ONE_MOMENT:
        method: Callable[[Any], Any] = getattr(calendar, name)
        alone = [method(t) for t in moments]
        assert {type(answer) for answer in alone} <= {int, bool, date}, name
        assert method(np.array(moments).reshape(2, 2)).tolist() == [alone[:2], alone[2:]], name
        assert method(np.int64(moments[0])) == alone[0], name


@pytest.mark.slow
@given(calendar_and_moments(4))
@claim
def test_many_pairs_give_what_each_gives_alone(drawn: tuple[WorkCalendar, list[int]]) -> None:
    calendar, (first, *moments) = drawn
    many = np.array(moments)
    for name in TWO_MOMENTS:
        method: Callable[[Any, Any], Any] = getattr(calendar, name)
        alone = [method(first, t) for t in moments]
        assert {type(answer) for answer in alone} <= {int, float}, name
        assert method(first, many).tolist() == alone, name
        assert method(many, first).tolist() == [method(t, first) for t in moments], name
        assert method(many, many).tolist() == [method(t, t) for t in moments], name


# ---- documentation --------------------------------------------------------------------------------------------


def test_the_examples_in_the_guide_to_counting_days_are_true() -> None:
    guide = Path(__file__).parents[3] / "docs" / "explanation" / "counting-days.md"
    text = re.sub(r"^```.*$", "", guide.read_text(encoding="utf-8"), flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(text, {}, guide.name, str(guide), 0)
    result = doctest.DocTestRunner().run(examples)
    assert result.attempted > 20
    assert result.failed == 0
