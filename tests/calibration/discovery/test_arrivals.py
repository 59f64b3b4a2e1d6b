"""The arrival process by hand: counts by day, shape of the day, rates and tests."""

import datetime as dt
import math

import numpy as np
import pytest
from cases import for_each
from scipy import stats

from calibration.discovery.timing.arrivals import (
    MIN_DISPERSION,
    Arrivals,
    _aic,
    _bins,
    _daily,
    _evenness,
    _profile,
    _rates,
    brown_test,
    discover_arrivals,
    weekday_interaction,
)
from calibration.discovery.timing.hours import GRANULE_MS, Hours, WorkingDays
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS

MONDAY = dt.date(2014, 3, 3)
NINE_TO_FIVE = Hours((((9 * HOUR_MS, 17 * HOUR_MS),),) * 5 + ((), ()), 1, 1, 0)


def days_of(n: int) -> WorkingDays:
    return WorkingDays(np.array([k % 7 < 5 for k in range(n)]), "none", (5, 6), (), (), 0)


def at(*clocks: tuple[int, float]) -> np.ndarray:
    """Return moments: day and hour."""
    return np.array([round(day * DAY_MS + hour * HOUR_MS) for day, hour in clocks], dtype=np.int64)


def arrivals_of(moments: np.ndarray, n_days: int = 14, **more) -> Arrivals:
    rng = np.random.default_rng(1)
    return discover_arrivals(moments, days_of(n_days), NINE_TO_FIVE, first_day_weekday=0, rng=rng, **more)


def test_counts_are_those_of_the_working_days_that_are_observed():
    moments = at((0, 9), (0, 10), (1, 9), (5, 12), (7, 9), (11, 9), (12, 9))
    every = arrivals_of(moments)
    assert (every.days, every.n, every.per_day) == (10, 6, 0.6)  # Saturday's counts for Monday; the last for no day
    later = arrivals_of(moments, from_day=1, until_day=8)
    assert (later.days, later.n) == (5, 3)
    assert later.per_day == pytest.approx(0.6)


def test_the_interval_of_the_rate_allows_for_the_spread_of_the_days():
    counts = np.array([2.0, 4.0, 6.0, 4.0, 4.0])
    daily = _daily(counts, np.zeros(5, dtype=np.int64), np.ones(5, dtype=np.bool_), np.random.default_rng(1))
    assert (daily["per_day"], daily["dispersion"]) == (4, 0.5)  # 8 / 4 over 4 degrees of freedom
    half = stats.t.ppf(0.975, 4) * math.sqrt(0.5 * 4 / 5)
    assert (daily["low"], daily["high"]) == (pytest.approx(4 - half), pytest.approx(4 + half))
    assert daily["dispersion_p"] == pytest.approx(stats.chi2.sf(2, 4))
    assert math.isnan(daily["weekday_p"])
    assert daily["weekday"] is None


def test_weekdays_have_weights_of_mean_one_where_they_differ_for_certain():
    weekday = np.tile(np.arange(5), 6)
    counts = 10.0 + weekday % 2 * 10 + np.repeat([0, 1, 0, 1, 0, 1], 5)
    daily = _daily(counts, weekday, np.ones(30, dtype=np.bool_), np.random.default_rng(1))
    assert daily["weekday_p"] < 1e-6
    assert sum(daily["weekday"].values()) == pytest.approx(5)
    assert daily["weekday"]["tue"] / daily["weekday"]["mon"] == pytest.approx(20.5 / 10.5)
    # Around 10.5 and 20.5, by a half: 18 · 0.25 / 10.5 + 12 · 0.25 / 20.5, over 25 degrees of freedom.
    pearson = 18 * 0.25 / 10.5 + 12 * 0.25 / 20.5
    assert daily["dispersion"] == pytest.approx(pearson / 25)
    assert daily["dispersion_p"] == pytest.approx(stats.chi2.sf(pearson, 25))


def test_equal_days_have_the_least_dispersion_and_no_days_none():
    daily = _daily(np.full(6, 3.0), np.zeros(6, dtype=np.int64), np.ones(6, dtype=np.bool_), np.random.default_rng(1))
    assert daily["dispersion"] == MIN_DISPERSION
    none = _daily(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_), np.random.default_rng(1))
    assert (none["per_day"], none["n"], none["days"], none["low"]) == (0, 0, 0, 0)


@for_each("n, is_known", [(4, False), (5, True)])
def test_the_dispersion_has_an_interval_from_five_days_on(n, is_known):
    counts = np.arange(1.0, n + 1)
    daily = _daily(counts, np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.bool_), np.random.default_rng(1))
    assert math.isfinite(daily["dispersion_low"]) == is_known
    assert math.isfinite(daily["dispersion_high"]) == is_known


def test_weekdays_are_compared_by_the_days_own_dispersion():
    weekday = np.array([0, 0, 0, 1, 1, 1])
    counts = np.array([1.0, 2.0, 3.0, 3.0, 4.0, 5.0])
    # Between the weekdays 3 · 1 + 3 · 1 over the mean of 3; the yardstick is 0.5.
    assert _evenness(counts, weekday, 0.5) == pytest.approx(stats.f.sf(2 / 0.5, 1, 4))
    assert math.isnan(_evenness(counts[:3], weekday[:3], 0.5))
    assert math.isnan(_evenness(counts * 0, weekday, 0.5))
    assert math.isnan(_evenness(counts[[0, 3]], weekday[[0, 3]], 0.5))


def test_counts_vary_more_than_chance_only_above_a_dispersion_of_one():
    swinging = arrivals_of(at(*((7 * week + day, 9 + k / 60) for week in range(2) for day in range(5)
                                for k in range(40 * ((day + week) % 2) + 1))))  # fmt: skip
    assert swinging.overdispersed
    assert not arrivals_of(at(*((day, 9) for day in range(5)))).overdispersed


def test_the_shape_of_a_day_has_bins_from_opening_to_closing():
    busy_morning = [9 + (k + 0.5) / 50 for k in range(50)] * 8 + [10 + 7 * (k + 0.5) / 50 for k in range(50)]
    times = np.array([round(hour * HOUR_MS) for hour in busy_morning])
    width, profile = _profile(times, NINE_TO_FIVE)
    assert width == 120  # on the clock, so that the first two hours are one
    assert profile["09:00"] == 1
    assert profile["17:00"] == 0
    assert list(profile) == ["09:00", "10:00", "12:00", "14:00", "16:00", "17:00"]
    assert profile["12:00"] == pytest.approx(1 / 8 / 7, rel=0.2)
    even = np.array([round((9 + 8 * (k + 0.5) / 96) * HOUR_MS) for k in range(96)])
    assert _profile(even, NINE_TO_FIVE) == (0, {})
    assert _profile(even[:0], NINE_TO_FIVE) == (0, {})


def test_bins_begin_on_the_clock_and_anew_after_a_break():
    open_ = np.zeros(288, dtype=np.bool_)
    open_[9 * 12 + 4 : 11 * 12] = True  # 9:20 to 11:00
    open_[12 * 12 : 12 * 12 + 3] = True
    label = _bins(open_, 60)
    assert label[~open_].tolist() == [-1] * int((~open_).sum())
    assert label[open_].tolist() == [0] * 8 + [1] * 12 + [2] * 3


def test_the_criterion_of_a_shape_is_that_of_its_likelihood():
    counts, label = np.array([3.0, 1.0, 0.0, 0.0, 9.0]), np.array([0, 0, 1, 1, -1])
    # Of 13 arrivals four fall into two slots, and none into two others.
    assert _aic(counts, label) == pytest.approx(2 * 1 - 2 * 4 * math.log(4 / 13 / 2))


@for_each("n, is_tested", [(20, False), (21, True)])
def test_shapes_of_weekdays_are_compared_at_hours_with_more_than_twenty_arrivals(n, is_tested):
    monday, tuesday = [(0, 9.5)] * (n - 1) + [(0, 10.5)] * 3, [(1, 9.5)] + [(1, 10.5)] * (n - 3)
    p = weekday_interaction(at(*monday, *tuesday), 0)
    assert math.isfinite(p) == is_tested
    if is_tested:
        table = np.array([[n - 1, 3], [1, n - 3]])
        statistic, _, free, _ = stats.chi2_contingency(table)
        assert p == pytest.approx(stats.chi2.sf(statistic, free))
    assert math.isnan(weekday_interaction(at(*monday), 0))


@for_each("n, is_tested", [(19, False), (20, True)])
def test_arrivals_are_tested_from_twenty_on(n, is_tested):
    p, distance, tested = brown_test(np.arange(n) * 7 * MINUTE_MS, rng=np.random.default_rng(1))
    assert tested == n
    assert math.isfinite(p) == math.isfinite(distance) == is_tested


def test_the_numbers_of_the_poisson_test_are_those_of_the_formula():
    """Two blocks with arrivals after 6 and 18 minutes, and after 15."""
    times = np.sort(np.r_[[6, 18, 45], 60 + 30 * np.arange(20) + 29]) * MINUTE_MS
    numbers = [3 - 1, 3 - 2, 2 - 1] * np.array([-math.log(24 / 30), -math.log(12 / 24), -math.log(15 / 30)])
    numbers = np.r_[numbers, np.full(20, -math.log(1 / 30))]
    p, distance, tested = brown_test(times, rng=np.random.default_rng(1))
    expected = stats.kstest(numbers, "expon")
    assert (p, distance, tested) == (pytest.approx(expected.pvalue), pytest.approx(expected.statistic), 23)


def test_rates_by_half_hour_have_the_exact_interval_of_a_poisson_count():
    times = at((0, 9.1), (0, 9.2), (7, 9.4), (1, 9.6))
    rates = _rates(times, np.array([0, 1, 2, 7, 8]), 0, 1.0)
    assert rates[["weekday", "half_hour", "days"]].to_numpy().tolist() == [["mon", "09:00", 2], ["tue", "09:30", 2]]
    assert rates["arrivals_per_hour"].tolist() == [3, 1]  # three in two half-hours, one in two
    assert rates["low"].tolist() == pytest.approx([stats.chi2.ppf(0.025, 6) / 2, stats.chi2.ppf(0.025, 2) / 2])
    assert rates["high"].tolist() == pytest.approx([stats.chi2.ppf(0.975, 8) / 2, stats.chi2.ppf(0.975, 4) / 2])
    wider = _rates(times, np.array([0, 1, 2, 7, 8]), 0, 4.0)
    assert (wider["high"] - 3)[0] == pytest.approx(2 * (rates["high"] - 3)[0])
    assert wider["low"].tolist() == [0, 0]
    assert _rates(times, np.array([2]), 0, 0.5)["high"].tolist() == pytest.approx((rates["high"] * 2).tolist())
    assert GRANULE_MS == 30 * MINUTE_MS


def test_stamps_in_coarse_units_are_spread_within_them_for_the_test():
    moments = np.sort(at(*((day, 9 + k / 60) for day in range(5) for k in (0, 0, 1, 2, 2, 3, 5, 8, 13, 21))))
    plain, spread = (arrivals_of(moments, resolution_ms=unit) for unit in (1, 60_000))
    assert plain.poisson_distance != spread.poisson_distance
    assert plain.tested == spread.tested == 50
    assert arrivals_of(moments, date_only=True).tested == 0
