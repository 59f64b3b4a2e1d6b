"""Quantities: what a text means, that writing undoes reading, and that nonsense is refused."""

import contextlib
import datetime as dt

import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import ScenarioError
from foundation.units import (
    Quantity,
    format_quantity,
    format_time_of_day,
    parse_days,
    parse_duration,
    parse_moment,
    parse_quantity,
    parse_time_of_day,
)


@for_each(
    ("text", "value", "clock"),
    [
        ("90 s", 90_000, "plain"),
        ("12 min", 720_000, "plain"),
        ("12min", 720_000, "plain"),
        ("  1.5 h ", 5_400_000, "plain"),
        ("250 ms", 250, "plain"),
        ("2 days", 172_800_000, "plain"),
        ("1 week", 604_800_000, "plain"),
        ("2 working hours", 7_200_000, "open"),
        ("30 working min", 1_800_000, "open"),
        ("3 working days", 3, "days"),
        ("-5 min", -300_000, "plain"),
        (4, 4, "number"),
        (0.25, 0.25, "number"),
    ],
)
def test_a_text_means_a_number_on_a_clock(text, value, clock):
    assert parse_quantity(text) == Quantity(value, clock)


@for_each("text", ["", "min", "12", "12 mins", "12 working weeks", "一 min", "1e99 d", "5 min 3 s", "nan min"])
def test_a_text_that_is_no_quantity_is_refused(text):
    with pytest.raises(ScenarioError) as failure:
        parse_quantity(text)
    assert all(text in failure.value.sentence(language) for language in ("en", "zh"))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400])
def test_a_number_without_end_is_refused(number):
    with pytest.raises(ScenarioError):
        parse_quantity(number)


@given(st.floats(-3e4, 3e4, allow_nan=False), st.sampled_from(["plain", "open", "days", "number"]))
def test_writing_a_quantity_loses_less_than_a_millisecond(value, clock):
    back = parse_quantity(format_quantity(Quantity(value, clock)) if clock != "number" else value)
    assert back.clock == clock
    assert back.value == pytest.approx(value, rel=1e-9, abs=1e-3)


@given(st.integers(0, 10**9), st.sampled_from(["plain", "open"]))
def test_writing_whole_milliseconds_and_reading_them_is_exact(value, clock):
    back = parse_quantity(format_quantity(Quantity(value, clock)))
    assert (round(back.value), back.clock) == (value, clock)


@given(st.floats(0, 3e4, allow_nan=False), st.sampled_from([("min", "s", 60), ("h", "min", 60), ("d", "h", 24)]))
def test_units_agree_with_one_another(number, units):
    large, small, ratio = units
    assert parse_quantity(f"{number!r} {large}").value == pytest.approx(
        parse_quantity(f"{number * ratio!r} {small}").value
    )


@given(st.integers(0, 86_400))
def test_every_second_of_the_day_can_be_written(second):
    text = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    assert parse_time_of_day(text) == second * 1_000


@for_each("text", ["24:00:01", "24:30", "9", "9:5", "09:60", "-1:00", "", "09:30pm"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(ScenarioError):
        parse_time_of_day(text)


@for_each(
    ("text", "date", "time"),
    [
        ("09:30", None, "9:30"),
        (" 09:30 ", None, "9:30"),
        ("2014-03-03 09:30", dt.date(2014, 3, 3), "9:30"),
        ("  2014-03-03   09:30:00 ", dt.date(2014, 3, 3), "9:30"),
        ("2014-03-03 23:59:59", dt.date(2014, 3, 3), "23:59:59"),
    ],
)
def test_a_moment_is_read_with_any_spaces_around_its_date_and_time(text, date, time):
    assert parse_moment(text) == (date, parse_time_of_day(time))


@for_each("text", ["", " ", "24:00", "2014-03-03", "2014-02-30 09:00", "2014 03 03 09:00", "2014-03-03 24:00"])
def test_what_is_no_moment_is_refused_by_its_text(text):
    assert key_of(parse_moment, text) == ("error.bad_moment", {"value": text})


@pytest.mark.parametrize("text", ["2 working hours", "-1 min", "3 working days"])
def test_a_duration_is_plain_and_not_negative(text):
    with pytest.raises(ScenarioError):
        parse_duration(text)


@for_each("text", ["3 days", "2.5 working days", "-1 working days", "3"])
def test_a_limit_is_a_whole_number_of_working_days(text):
    with pytest.raises(ScenarioError):
        parse_days(text)


@given(st.text(max_size=30))
def test_no_text_makes_reading_fail_in_another_way(text):
    with contextlib.suppress(ScenarioError):
        assert parse_quantity(text).clock in ("plain", "open", "days")


def test_a_quantity_is_written_in_the_largest_unit_of_which_it_is_a_whole_number():
    for milliseconds, clock, text in (
        (7_200_000, "plain", "2 h"),
        (5_400_000, "plain", "90 min"),
        (45_000, "plain", "45 s"),
        (5_400_000, "open", "90 working min"),
        (500, "plain", "0.00833333333333333 min"),
        (0, "plain", "0 min"),
        (2, "days", "2 working days"),
        (0.5, "number", "0.5"),
    ):
        assert format_quantity(Quantity(milliseconds, clock)) == text


def key_of(read, text):
    """Return why a text is refused: the message's key and its values; "" if it is read."""
    try:
        read(text)
    except ScenarioError as error:
        return (error.key, error.values)
    return ""


def test_a_refusal_says_what_is_wrong_and_gives_an_example():
    units = "ms, s, min, h, d, week, working min, working h, working days"
    cases = (
        (parse_quantity, "12", ("error.bad_quantity", {"value": "12", "example": "12 min"})),
        (parse_quantity, "3 parsec", ("error.unknown_unit", {"value": "3 parsec", "unit": "parsec", "known": units})),
        (parse_quantity, "1e9 d", ("error.quantity_too_long", {"value": "1e9 d"})),
        (
            parse_quantity,
            "2 working weeks",
            ("error.bad_quantity", {"value": "2 working weeks", "example": "5 working days"}),
        ),
        (parse_quantity, 1e300, ("error.not_finite", {"value": 1e300})),
        (parse_duration, "-1 ms", ("error.bad_quantity", {"value": "-1 ms", "example": "12 min"})),
        (parse_duration, "2 working min", ("error.bad_quantity", {"value": "2 working min", "example": "12 min"})),
        (parse_days, "3 days", ("error.bad_quantity", {"value": "3 days", "example": "3 working days"})),
        (parse_time_of_day, "24:00:01", ("error.bad_time_of_day", {"value": "24:00:01"})),
        (parse_time_of_day, "noon", ("error.bad_time_of_day", {"value": "noon"})),
    )
    for read, text, refusal in cases:
        assert key_of(read, text) == refusal


def test_limits_of_what_is_read_are_inclusive():
    century = 36_600 * 86_400_000
    for read, text, value in (
        (parse_quantity, "36600 d", Quantity(century, "plain")),
        (parse_quantity, "-36600 d", Quantity(-century, "plain")),
        (parse_quantity, 9.9e299, Quantity(9.9e299, "number")),
        (parse_quantity, "1 working day", Quantity(1, "days")),
        (parse_quantity, "1 working d", Quantity(1, "days")),
        (parse_quantity, "+1.5e1 sec", Quantity(15_000, "plain")),
        (parse_quantity, "1 d", Quantity(86_400_000, "plain")),
        (parse_quantity, "2 weeks", Quantity(1_209_600_000, "plain")),
        (parse_duration, "0 min", 0),
        (parse_duration, "0.6 ms", 1),
        (parse_days, "0 working days", 0),
        (parse_days, "3 working days", 3),
        (parse_time_of_day, "24:00", 86_400_000),
        (parse_time_of_day, " 9:05 ", 32_700_000),
        (parse_time_of_day, "00:00:01", 1_000),
    ):
        assert read(text) == value
    assert key_of(parse_quantity, "36600.01 d") != ""
    assert isinstance(parse_time_of_day("09:00"), int)
    assert isinstance(parse_days("3 working days"), int)
    assert key_of(parse_quantity, -1e300)[0] == "error.not_finite"


def test_a_number_is_written_as_a_file_holds_it():
    for quantity, text in (
        (Quantity(0.125, "number"), "0.125"),
        (Quantity(2.5, "days"), "2.5 working days"),
        (Quantity(1e-6, "plain"), "1.66666666666667e-11 min"),
        (Quantity(3_600_000, "open"), "1 working h"),
        (Quantity(-60_000, "plain"), "-1 min"),
    ):
        assert format_quantity(quantity) == text


def test_a_time_of_day_is_written_as_it_is_read():
    for text in ("00:00", "09:05", "23:59:59", "24:00"):
        assert format_time_of_day(parse_time_of_day(text)) == text
