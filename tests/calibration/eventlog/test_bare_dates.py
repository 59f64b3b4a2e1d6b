"""A clock time is of bare dates if it is frequent, at night, and nobody works near it: both sides of each limit."""

from __future__ import annotations

import numpy as np

from calibration.eventlog.bare_dates import bare_dates, one_clock_time

DAY = np.datetime64("2014-03-03", "ns")


def column(*groups: tuple[str, int]) -> np.ndarray:
    """Return moments, so many at each clock time, a day apart."""
    parts = [
        (np.datetime64(f"2014-03-03T{clock}", "ns") + np.arange(number) * np.timedelta64(1, "D"))
        for clock, number in groups
    ]
    return np.concatenate([np.array(["NaT"], "datetime64[ns]"), *parts])


def bare(*groups: tuple[str, int]) -> int:
    return int(bare_dates(column(*groups)).sum())


def test_a_clock_time_of_bare_dates_is_frequent() -> None:
    assert bare(("00:00", 20), ("10:00", 380)) == 20
    assert bare(("00:00", 20), ("10:00", 381)) == 0
    assert bare(("00:00", 20), ("10:00", 1)) == 20
    assert bare(("00:00", 19), ("10:00", 1)) == 0


def test_a_clock_time_of_bare_dates_lies_within_four_hours_of_midnight() -> None:
    for clock, number in (("04:00", 20), ("04:01", 0), ("20:00", 20), ("19:59", 0), ("23:00", 20)):
        assert bare((clock, 20), ("10:00", 100)) == number, clock


def test_near_a_clock_time_of_bare_dates_hardly_anybody_works() -> None:
    work = ("10:00", 100)
    for near, number in (
        (("00:30", 2), 20),
        (("00:30", 3), 0),
        (("00:31", 3), 20),
        (("23:30", 3), 0),
        (("23:29", 3), 20),
    ):
        assert bare(("00:00", 20), near, work) == number, near


def test_two_clock_times_of_bare_dates_may_be_near_each_other() -> None:
    """Dates in winter and in summer time; two more moments nearby are a tenth of each."""
    assert bare(("22:50", 20), ("23:00", 20), ("22:55", 2), ("10:00", 100)) == 40


def test_a_column_of_nothing_but_dates_has_no_bare_ones() -> None:
    assert bare(("00:00", 40)) == 0
    assert bare(("00:00", 20), ("01:00", 20)) == 0
    assert bare() == 0


def test_dates_of_one_clock_time_are_at_least_twenty() -> None:
    assert one_clock_time(column(("09:00", 20)))
    assert not one_clock_time(column(("09:00", 19)))
    assert not one_clock_time(column(("09:00", 20), ("10:00", 1)))
    assert not one_clock_time(column())
