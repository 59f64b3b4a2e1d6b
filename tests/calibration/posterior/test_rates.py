"""Rates in words are departures a week, and a timetable becomes about as frequent as is asked for."""

import math

from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from calibration.posterior.rates import departures_a_week, rate_of, with_rate
from scenarios.model import WEEKDAYS

SIGNING = {"times": ["15:00"], "days": ["tue", "fri"], "capacity": 40}
HALF_DAYS = {"times": ["09:00", "14:00"], "days": ["tue", "thu"]}
COURIER = {"times": ["15:00"], "transfer": True}


@for_each(
    ("words", "a_week"),
    [
        ("1 a month", 0.25),
        ("1 a fortnight", 0.5),
        ("3 a week", 3),
        ("2 a day", 10),
        ("1 half day a week", 1),
        ("10 half days a week", 10),
    ],
)
def test_rates_in_words(words, a_week):
    assert rate_of(words) == a_week


@for_each("words", ["2 h a day", "08:30-17:30", "10 officers, 2 h a day", "5 min"])
def test_other_words_are_no_rates(words):
    assert rate_of(words) is None


def test_departures_of_an_ordinary_week():
    assert departures_a_week(SIGNING) == 2
    assert departures_a_week(HALF_DAYS) == 4
    assert departures_a_week(COURIER) == 5
    assert departures_a_week(SIGNING | {"days": ["wed", "sat"], "every_weeks": 2}) == 0.5
    assert math.isnan(departures_a_week({"every": "30 min"}))


def test_signing_days_worked_by_hand():
    """A third day goes where there is most room: between Tuesday and Friday, and of two such the earlier."""
    assert with_rate(SIGNING, 1)["days"] == ["tue"]
    assert with_rate(SIGNING, 3)["days"] == ["tue", "wed", "fri"]
    assert with_rate(SIGNING, 5)["days"] == list(WEEKDAYS[:5])
    fortnightly = with_rate(SIGNING, 0.5)
    assert (fortnightly["days"], fortnightly["every_weeks"], fortnightly["capacity"]) == (["tue"], 2, 40)


def test_half_days_come_in_pairs_but_for_a_single_one():
    assert with_rate(HALF_DAYS, 6) == HALF_DAYS | {"days": ["mon", "tue", "thu"], "every_weeks": 1}
    assert with_rate(HALF_DAYS, 1)["times"] == ["09:00"]


def test_more_than_once_a_day_needs_more_times():
    assert with_rate(COURIER, 10)["times"] == ["10:00", "15:00"]


def test_make_up_days_stay():
    every_day = HALF_DAYS | {"days": list(WEEKDAYS)}
    assert with_rate(every_day, 6)["days"][-2:] == ["sat", "sun"]
    assert departures_a_week(with_rate(every_day, 6)) == 6


@given(
    st.lists(st.sampled_from(WEEKDAYS[:5]), min_size=1, unique=True),
    st.sampled_from([1, 2, 4]),
    st.floats(0.25, 15),
)
def test_a_timetable_is_as_near_to_its_rate_as_whole_days_allow(days, weeks, rate):
    own = {"times": ["15:00"], "days": sorted(days, key=WEEKDAYS.index), "every_weeks": weeks}
    assert with_rate(own, departures_a_week(own)) == own
    reached = departures_a_week(with_rate(own, rate))
    assert 1 / 1.45 < reached / rate < 1.45
