"""Inter-activity delays at the edges of their rules, and by hand."""

import math

import numpy as np
import pytest
from cases import for_each
from discovery_halls import handmade

from calibration.discovery.log.reading import read_traces
from calibration.discovery.timing.delays import (
    Delay,
    _by_shared_timetable,
    _clock,
    _together,
    _with_zeros,
    clustered_error,
    describe_delay,
    differs,
)
from calibration.discovery.timing.timetables import Release, Weeks
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS, WorkCalendar

RNG = np.random.default_rng(1)
TRACES = read_traces(handmade([{"case": 1, "activity": "a", "start": "2014-03-03 09:00", "end": "2014-04-03 09:07"}]))
OFFICE = WorkCalendar.from_hours(
    TRACES.first_day,
    np.array([k % 7 < 5 for k in range(32)]),
    [((9 * HOUR_MS, 17 * HOUR_MS),)] * 7,
)


def described(since, until, **more) -> Delay | None:
    since, until = np.asarray(since, dtype=np.int64), np.asarray(until, dtype=np.int64)
    return describe_delay(0, 1, 2, since, until, TRACES, OFFICE, RNG, **more)


@for_each("ms, is_delay", [(29_999, False), (30_000, True)])
def test_a_transition_takes_time_from_a_mean_of_half_a_minute_on(ms, is_delay):
    at = np.full(4, 10 * HOUR_MS)
    assert (described(at, at + ms) is not None) == is_delay
    assert described([], []) is None


@for_each("by_night, is_delay", [(2, False), (3, True)])
def test_nights_alone_make_no_delay_unless_most_transitions_have_one(by_night, is_delay):
    """Of five transitions some begin at closing and end at the next opening; the others end at once."""
    since = np.full(5, 17 * HOUR_MS)
    until = since.copy()
    until[:by_night] = DAY_MS + 9 * HOUR_MS
    assert (described(since, until) is not None) == is_delay


def test_a_delay_is_described_by_its_mean_interval_and_batches():
    since = np.array([9, 10, 11, 12]) * HOUR_MS
    until = since + np.array([60, 0, 180, 120]) * MINUTE_MS
    delay = described(since, until)
    assert (delay.service, delay.source, delay.target, delay.n, delay.release) == (0, 1, 2, 4, None)
    assert (delay.unit, delay.mean) == ("working min", 90 * MINUTE_MS)
    assert delay.deviation == pytest.approx(math.sqrt(4_500) * MINUTE_MS)
    # All end on one day, and depend on each other: no less than independent ones would differ.
    assert delay.high - delay.mean == pytest.approx(1.96 * math.sqrt(18_000) / 4 * MINUTE_MS)
    assert delay.low == pytest.approx(2 * delay.mean - delay.high)
    assert delay.together == pytest.approx(2 / 3)  # 14:00 twice, of the three that took time


def test_errors_of_dependent_values_are_those_of_their_groups():
    values, group = np.array([1.0, 3.0, 5.0, 7.0]), np.array([0, 0, 1, 1])
    # Sums of deviations by group: -4 and 4; with the correction for two groups 2 · 32.
    assert clustered_error(values, group) == pytest.approx(math.sqrt(64) / 4)
    assert clustered_error(values, np.array([0, 1, 0, 1])) == pytest.approx(math.sqrt(20) / 4)
    assert clustered_error(values, np.zeros(4)) == pytest.approx(math.sqrt(20) / 4)


@for_each("n, result", [(19, False), (20, True)])
def test_services_are_compared_from_twenty_transitions_on(n, result):
    elapsed = np.r_[np.zeros(200), np.ones(n)]
    assert differs(elapsed, np.arange(200 + n) >= 200) == result
    assert not differs(elapsed, np.ones(200 + n, dtype=np.bool_))
    assert not differs(np.arange(100), np.arange(100) % 2 == 0)


@for_each(
    "at_same_time, unit",
    [(9, "working days"), (8, "working min")],
)
def test_delays_to_the_same_time_of_another_day_are_counted_in_working_days(at_same_time, unit):
    since = 10 * HOUR_MS + np.arange(10) * DAY_MS % (4 * DAY_MS)
    until = since + 7 * DAY_MS
    until[at_same_time:] += 3 * MINUTE_MS
    assert _clock(since, until, until - since, until - since, OFFICE)[0] == unit


@for_each("ms, unit", [(2 * MINUTE_MS - 1, "working days"), (2 * MINUTE_MS, "working min")])
def test_two_minutes_later_is_another_time_of_day(ms, unit):
    since = np.full(10, 10 * HOUR_MS)
    until = since + 7 * DAY_MS + ms
    clock, values = _clock(since, until, until - since, np.arange(10) + 1.0, OFFICE)
    assert clock == unit
    assert values.tolist() == ([5.0] * 10 if unit == "working days" else [k + 1.0 for k in range(10)])


@for_each(
    "late, over_night, unit",
    [
        (0, 2, "working min"),  # over days, and all end in opening hours
        (1, 2, "min"),  # one in ten ends at night: the clock that varies least is theirs
        (0, 1, "min"),  # too few over days
    ],
)
def test_delays_run_in_opening_hours_if_they_end_in_them(late, over_night, unit):
    since = 10 * HOUR_MS + np.arange(10) * MINUTE_MS
    until = since + 60 * MINUTE_MS
    until[:over_night] = DAY_MS + 9 * HOUR_MS + 25 * MINUTE_MS * (1 + np.arange(over_night))
    until[9 : 9 + late] = 18 * HOUR_MS
    plain, open_ = np.linspace(100, 110, 10), np.linspace(10, 100, 10)
    assert _clock(since, until, plain, open_, OFFICE)[0] == unit


@for_each("ratio, unit", [(0.89, "min"), (0.91, "working min")])
def test_the_clock_is_taken_only_if_delays_on_it_are_clearly_more_regular(ratio, unit):
    since = np.full(4, 10 * HOUR_MS)
    open_ = np.array([1.0, 1.2, 0.8, 1.0])
    plain = 1 + (open_ - 1) * ratio
    assert _clock(since, since + MINUTE_MS, plain, open_, OFFICE)[0] == unit
    assert _clock(since, since + MINUTE_MS, open_ * 0, open_, OFFICE)[0] == "working min"
    always = WorkCalendar.always_open(TRACES.first_day, 32)
    assert _clock(since, since + MINUTE_MS, plain, open_, always)[0] == "min"


def test_what_ends_in_the_same_minute_ends_together():
    assert _together(np.array([0, 59_999, 60_000, 200_000]), 1) == pytest.approx(0.5)
    assert _together(np.array([5]), 1) == 0
    assert _together(np.array([0, 0]), DAY_MS) == 0
    assert _together(np.array([0, 0]), MINUTE_MS) == 1


@for_each("zeros, positives, has_zero", [(2, 98, False), (3, 100, True), (1, 100, False), (50, 99, False)])
def test_delays_are_a_mixture_with_zero_from_one_in_a_hundred_on(zeros, positives, has_zero):
    """A family needs a hundred delays that take time."""
    times = 600_000 + np.arange(positives) * 6_000.0
    law, _, _ = _with_zeros(np.r_[np.zeros(zeros), times], "min", np.random.default_rng(1))
    is_mixture = isinstance(law, dict) and law.get("mixture", [{}])[0] == {"constant": "0 min"}
    assert is_mixture == has_zero
    if has_zero:
        assert law["shares"] == [round(1 - round(100 / 103, 9), 9), round(100 / 103, 9)]


@for_each("ms, is_mixture", [(3_000, True), (3_001, False)])
def test_delays_of_three_seconds_count_as_zero(ms, is_mixture):
    values = np.r_[np.full(20, float(ms)), 600_000 + np.arange(150) * 6_000.0]
    law, _, _ = _with_zeros(values, "min", np.random.default_rng(1))
    assert (isinstance(law, dict) and law.get("mixture", [{}])[0] == {"constant": "0 min"}) == is_mixture


def a_delay(law: object, release: Release | None, service: int = 0) -> Delay:
    return Delay(service, 1, 2, "min", law, "expon", 5.0, 4.0, 6.0, 1.0, 9, 0.5, release, 0.0)


def test_services_share_a_timetable_unless_their_own_has_other_departures():
    tuesday, friday = (Release((HOUR_MS,), (name,), 1.0, Weeks()) for name in ("tue", "fri"))
    pooled = a_delay(None, tuesday, service=-1)
    own = a_delay("5 min", None, service=3)
    shared = _by_shared_timetable(own, pooled)
    assert (shared.release, shared.law, shared.family, shared.service) == (tuesday, None, "timetable", 3)
    assert math.isnan(shared.p_value)
    other = a_delay(None, friday, service=3)
    assert _by_shared_timetable(other, pooled) is other
    assert _by_shared_timetable(own, None) is own
    assert _by_shared_timetable(own, a_delay("4 min", None)) is own
    after = a_delay("7 min", tuesday, service=-1)  # the delay goes on after the departure
    assert (_by_shared_timetable(own, after).law, _by_shared_timetable(own, after).service) == ("7 min", 3)


@for_each(
    "other, alike",
    [
        ({}, True),
        ({"weeks": Weeks(2, 0)}, False),
        ({"weeks": Weeks(1, 1)}, False),
        ({"weekdays": ("fri",)}, False),
        ({"times": (1,)}, False),
        ({"capacity": 4}, True),
    ],
)
def test_timetables_run_alike_if_their_departures_are_the_same(other, alike):
    plain = {"times": (HOUR_MS,), "weekdays": ("tue",), "share": 1.0}
    assert Release(**plain).runs_like(Release(**{**plain, **other})) == alike
