"""Each interval against numbers worked out by hand, and the words that say what it is about."""

import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import HallplanError
from sim.run.estimates import metric_interval, metric_values
from sim.statistics import (
    linearised,
    mean_interval,
    paired_bootstrap,
    paired_interval,
    pooled_quantile_interval,
    proportion_interval,
    quantile_interval,
    ratio_bootstrap,
    ratio_interval,
    skewed_mean_interval,
    typical_day_interval,
    welch_interval,
)
from sim.statistics.quantile_intervals import order_statistic_ranks

# ---- means and differences -----------------------------------------------------------------------------------------


def test_the_interval_of_a_mean_is_students():
    # 1 … 5: mean 3, s = √2.5, t(4, 97.5 %) = 2.776445: half-width 2.776445 · √(2.5 / 5) = 1.963243
    found = mean_interval([1, 2, 3, 4, 5])
    assert (found.estimate, found.n, found.missing) == (3, 5, 0)
    assert found.half_width == pytest.approx(1.963243, abs=1e-6)
    # t(4, 95 %) = 2.131847
    assert mean_interval([1, 2, 3, 4, 5], 0.9).half_width == pytest.approx(2.131847 * 0.5**0.5, abs=1e-6)


def test_pairs_take_out_what_both_share():
    # differences 1, 1, 1, 2, 0: mean 1, s = √0.5, half-width 2.776445 · √(0.5 / 5)
    found = paired_interval([10, 20, 30, 40, 50], [11, 21, 31, 42, 50])
    assert found.estimate == 1
    assert found.half_width == pytest.approx(2.776445 * 0.1**0.5, abs=1e-6)
    assert found.half_width < mean_interval([11, 21, 31, 42, 50]).half_width / 10


BEFORE = [11.9, 13.1, 9.0, 10.0, 12.3, 16.3, 10.9, 11.6, 12.8, 10.6]
AFTER = [13.9, 13.8, 9.9, 10.3, 14.0, 17.2, 12.2, 12.5, 13.2, 12.0]
"""Mean waits of ten replications of two halls under common random numbers.

Differences 2.0, 0.7, 0.9, 0.3, 1.7, 0.9, 1.3, 0.9, 0.4, 1.4: sum 10.5, sum of squares 13.71, so mean 1.05 and
s² = (13.71 - 11.025) / 9 = 0.298333, and with t(9, 97.5 %) = 2.262157 a half-width of 2.262157 · √0.0298333 = 0.39073.

Each hall by itself: sums 118.5 and 129.0, sums of squares 1,440.77 and 1,702.92, so s² = 4.060556 and 4.313333; the
standard error of the difference is √0.8373889 = 0.915090, Satterthwaite's degrees of freedom
0.8373889² / ((0.4060556² + 0.4313333²) / 9) = 17.9836, t 2.10107, half-width 1.92267.
"""


def test_one_value_against_several_has_no_interval_and_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for base, other in (([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0])):
            interval = welch_interval(base, other)
            assert abs(interval.estimate) == 0.5
            assert (interval.low, interval.high) == (-math.inf, math.inf)


def test_the_same_ten_replications_say_much_as_pairs_and_nothing_as_two_samples():
    paired, independent = paired_interval(BEFORE, AFTER), welch_interval(BEFORE, AFTER)
    assert paired.estimate == pytest.approx(1.05)
    assert independent.estimate == pytest.approx(1.05)
    students = mean_interval(np.subtract(AFTER, BEFORE))
    assert (round(students.low, 2), round(students.high, 2)) == (0.66, 1.44)
    assert (round(paired.low, 2), round(paired.high, 2)) == (0.69, 1.49)  # the differences are skewed to the right
    assert (round(independent.low, 2), round(independent.high, 2)) == (-0.87, 2.97)


def test_replications_without_a_value_are_left_out_and_counted():
    found = mean_interval([1.0, np.nan, 3.0])
    assert (found.estimate, found.n, found.missing) == (2, 2, 1)
    both = welch_interval([1.0, np.nan, 3.0], [2.0, 4.0])
    assert (both.estimate, both.n, both.missing) == (1, 4, 1)


@for_each("values", [[], [1.0], [np.nan], [1.0, np.inf]])
def test_where_nothing_can_be_said_the_interval_has_no_ends(values):
    found = mean_interval(values)
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert welch_interval(values, [1.0, 2.0]).half_width == np.inf


def test_what_does_not_vary_is_known_exactly():
    assert mean_interval([4.0, 4.0, 4.0]).half_width == 0
    assert welch_interval([4.0, 4.0], [5.0, 5.0]).half_width == 0


@for_each("level", [0, 1, 95])
@for_each(
    "interval",
    [
        mean_interval,
        lambda values, level: welch_interval(values, values, level=level),
        lambda values, level: ratio_bootstrap(values, values, level=level),
        lambda values, level: quantile_interval(values, 0.5, level=level),
        lambda values, level: pooled_quantile_interval(values, values, 0.5, level=level),
        lambda values, level: proportion_interval(1, 2, level=level),
    ],
)
def test_a_level_lies_between_nothing_and_all(interval, level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        interval([1, 2], level)


def test_results_of_different_length_are_no_pairs():
    for pairing in (paired_interval, paired_bootstrap, ratio_interval, linearised):
        with pytest.raises(HallplanError, match="2 and 3 replications"):
            pairing([1, 2], [1, 2, 3])
    with pytest.raises(HallplanError, match="2 and 3"):
        pooled_quantile_interval([1, 2], ["a", "b", "c"], 0.5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_an_interval_goes_along_with_a_change_of_unit(values, shift, scale):
    one, other = mean_interval(values), mean_interval(np.array(values) * scale + shift)
    size = scale * max(map(abs, values)) + abs(shift) + 1
    assert other.low == pytest.approx(one.low * scale + shift, abs=1e-9 * size)
    assert other.high == pytest.approx(one.high * scale + shift, abs=1e-9 * size)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.floats(0.5, 0.9), st.floats(0.9, 0.999))
def test_more_confidence_takes_a_wider_interval(values, low, high):
    one, other = mean_interval(values, low), mean_interval(values, high)
    assert other.low <= one.low <= one.high <= other.high


# ---- ratios --------------------------------------------------------------------------------------------------------

HITS, VISITORS = [8, 30, 12], [10, 50, 20]
"""Three days.  R = 50 / 80 = 0.625, not the mean of 0.8, 0.6 and 0.6.  Residuals y - R x: 1.75, -1.25, -0.5; their
squares sum to 3.0625 + 1.5625 + 0.25 = 4.875, so the standard error is √(4.875 / 2 / 3) / (80 / 3) = 0.0338020; with
t(2, 97.5 %) = 4.302653 the half-width is 0.145438."""


def test_a_ratio_of_sums_has_the_delta_methods_error():
    found = ratio_interval(HITS, VISITORS)
    assert found.estimate == pytest.approx(0.625)
    assert found.half_width == pytest.approx(0.145438, abs=1e-6)


def test_linearised_units_turn_a_ratio_into_a_mean():
    # 0.625 + 1.75, -1.25, -0.5 each over 80 / 3
    assert linearised(HITS, VISITORS) == pytest.approx([0.690625, 0.578125, 0.60625])


def test_a_day_without_visitors_counts_as_a_day_and_one_without_numbers_is_missing():
    quiet = ratio_interval([*HITS, 0], [*VISITORS, 0])
    assert (quiet.estimate, quiet.n) == (pytest.approx(0.625), 4)
    # The same residuals, but n = 4 and x̄ = 20: √(4.875 / 3 / 4) / 20 · t(3, 97.5 %) = 3.182446
    assert quiet.half_width == pytest.approx(3.182446 * math.sqrt(4.875 / 12) / 20, abs=1e-6)
    missing = ratio_interval([*HITS, np.nan], [*VISITORS, 7])
    assert (missing.estimate, missing.n, missing.missing) == (pytest.approx(0.625), 3, 1)
    assert missing.half_width == pytest.approx(0.145438, abs=1e-6)


def test_nobody_at_all_gives_no_ratio():
    found = ratio_interval([0, 0], [0, 0])
    assert math.isnan(found.estimate)
    assert found.half_width == np.inf
    assert ratio_bootstrap([0, 0], [0, 0]).half_width == np.inf


def test_the_bootstrap_agrees_with_the_delta_method_on_many_days(rng):
    visitors = rng.poisson(100, 400)
    hits = rng.binomial(visitors, np.clip(1.6 - visitors / 100, 0.05, 1))
    one, other = ratio_interval(hits, visitors), ratio_bootstrap(hits, visitors, resamples=10_000)
    assert one.estimate == other.estimate
    assert other.half_width == pytest.approx(one.half_width, rel=0.05)
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=0.1 * one.half_width)


def test_the_bootstrap_of_a_mean_is_as_wide_as_students_for_normal_values(rng):
    values = rng.normal(10, 2, 30)
    base = rng.normal(5, 2, 30)
    student, bootstrap = mean_interval(values), paired_bootstrap(base, base + values, resamples=20_000)
    assert bootstrap.covers == "difference"
    assert bootstrap.estimate == pytest.approx(student.estimate)
    assert bootstrap.half_width == pytest.approx(student.half_width, rel=0.05)


def test_a_bootstrap_is_the_same_whenever_it_is_asked_and_however_it_is_cut_into_blocks(monkeypatch, rng):
    values = rng.exponential(size=20), np.ones(20)
    whole = ratio_bootstrap(*values)
    assert ratio_bootstrap(*values) == whole
    assert ratio_bootstrap(*values, seed=1) != whole
    monkeypatch.setattr("sim.statistics.bootstrap._AT_ONCE", 70)
    blocks = ratio_bootstrap(*values)
    assert (blocks.low, blocks.high) == pytest.approx((whole.low, whole.high), rel=1e-12)


def test_one_unit_can_not_be_resampled():
    assert ratio_bootstrap([3], [4]).half_width == np.inf


# ---- quantiles -----------------------------------------------------------------------------------------------------


def test_ranks_around_a_median_are_the_sign_tests():
    # B(10, 1/2): P(B <= 1) = 11 / 1024 = 0.0107 <= 0.025 < P(B <= 2) = 0.0547: ranks 2 and 9,
    # and P(2 <= B <= 8) = 1 - 22 / 1024 = 0.978516
    ranks = order_statistic_ranks(10, 0.5)
    assert (ranks.low, ranks.high) == (2, 9)
    assert ranks.coverage == pytest.approx(1 - 22 / 1024)


def test_ranks_around_a_high_quantile_need_enough_replications():
    # P(B(28, 0.9) <= 27) = 1 - 0.9 ** 28: is the greatest of 28 values surely enough above the 90 % quantile?  At level
    # 0.9 an end may fail in 5 % of studies: 0.9 ** 28 = 0.0523 does not do, 0.9 ** 29 = 0.0471 does.
    assert order_statistic_ranks(28, 0.9, level=0.9).high == 29
    assert order_statistic_ranks(29, 0.9, level=0.9).high == 29
    found = quantile_interval(range(28), 0.9, level=0.9)
    assert found.high == np.inf
    assert found.low > 0


@for_each(("n", "q", "level"), [(20, 0.5, 0.95), (60, 0.9, 0.95), (500, 0.95, 0.99), (7, 0.2, 0.8)])
def test_ranks_are_the_innermost_that_keep_the_level(n, q, level):
    def at_most(k):
        return sum(math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k + 1))

    ranks, outside = order_statistic_ranks(n, q, level=level), (1 - level) / 2
    assert at_most(ranks.low - 1) <= outside < at_most(ranks.low)
    assert at_most(ranks.high - 1) >= 1 - outside > at_most(ranks.high - 2)
    assert ranks.coverage == pytest.approx(at_most(ranks.high - 1) - at_most(ranks.low - 1))
    assert ranks.coverage >= level


def test_a_quantile_of_replications_lies_between_two_of_them():
    found = quantile_interval([5, 3, 9, 1, 7, 10, 2, 8, 4, 6], 0.5)
    assert (found.estimate, found.low, found.high, found.n) == (5, 2, 9, 10)


def test_a_quantiles_share_lies_between_nothing_and_all():
    for wrong in (0, 1, 95):
        with pytest.raises(ValueError, match="share lies between 0 and 1"):
            order_statistic_ranks(10, wrong)
        with pytest.raises(ValueError, match="share lies between 0 and 1"):
            typical_day_interval([1.0], [0], wrong)


def test_a_busy_day_weighs_more_among_visitors_than_among_days():
    # A quiet day: waits 1 and 2.  A busy day: 10, 20, …, 80.  Over all ten visitors the 50 % quantile is the fifth
    # wait, 30; the days' own are 1 and 40, whose mean is 20.5.
    waits, day = [1, 2, 10, 20, 30, 40, 50, 60, 70, 80], [0] * 2 + [1] * 8
    pooled, typical = pooled_quantile_interval(waits, day, 0.5), typical_day_interval(waits, day, 0.5)
    assert (pooled.estimate, pooled.n, pooled.covers) == (30, 2, "pooled_quantile")
    assert (typical.estimate, typical.n, typical.covers) == (20.5, 2, "typical_day")


def test_days_may_be_called_anything_and_come_in_any_order():
    waits, day = (
        [3.0, 1.0, 2.0, 4.0],
        np.array(["2014-03-04", "2014-03-03", "2014-03-03", "2014-03-04"], "datetime64[D]"),
    )
    # quantiles of the days: 1 and 3
    assert typical_day_interval(waits, day, 0.5).estimate == 2
    assert pooled_quantile_interval(waits, day, 0.5).estimate == 2


def test_a_pooled_quantiles_samples_are_samples_of_days():
    # Two days of constant waits: a sample has the quiet one twice (quantile 1), the busy one twice (quantile 9), or
    # both, when the 80 % quantile of one 1 and three 9s is 9.  So P(1) = 1/4, and at 50 % the ends are 1 … 9: the
    # expanded share outside, Φ(-√2 t(1, 75 %)) = Φ(-√2) = 0.0786, is less than 1/4.
    found = pooled_quantile_interval([1.0, 9.0, 9.0, 9.0], [0, 1, 1, 1], 0.8, level=0.5)
    assert (found.low, found.estimate, found.high) == (1, 9, 9)


def test_without_visitors_there_is_no_quantile():
    assert math.isnan(pooled_quantile_interval([], [], 0.5).estimate)
    assert math.isnan(typical_day_interval([], [], 0.5).estimate)


# ---- yes and no ----------------------------------------------------------------------------------------------------


@for_each(
    ("successes", "n", "level", "bound"),
    [
        (29, 29, 0.90, 0.05 ** (1 / 29)),  # n passes in n: the bound p solves p ** n = 0.05, here .9019
        (44, 44, 0.98, 0.01 ** (1 / 44)),  # .9006
        (190, 200, 0.90, 0.917),
        (372, 400, 0.90, 0.905),
    ],
)
def test_the_lower_bound_of_a_share_is_exact(successes, n, level, bound):
    found = proportion_interval(successes, n, level=level)
    assert found.low == pytest.approx(bound, abs=5e-4)
    # by its definition: with the bound for the true share, so many successes or more have probability (1 - level) / 2
    p = found.low
    more = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(successes, n + 1))
    assert more == pytest.approx((1 - level) / 2, rel=1e-6)


def test_a_share_of_none_and_of_all_has_an_end_that_is_certain():
    assert proportion_interval(0, 10).low == 0
    assert proportion_interval(0, 10).high == pytest.approx(1 - 0.025 ** (1 / 10))
    assert proportion_interval(10, 10).high == 1
    assert math.isnan(proportion_interval(0, 0).estimate)
    with pytest.raises(ValueError, match="3 successes in 2"):
        proportion_interval(3, 2)


# ---- which interval a metric gets, and what it says ----------------------------------------------------------------


def test_a_ratio_metric_is_a_ratio_of_sums_and_any_other_a_mean():
    summaries = {
        "wait_within_15_share": [0.8, 0.6, 0.6],
        "wait_within_15_share:num": HITS,
        "wait_within_15_share:den": VISITORS,
        "open_cases": [1, 2, 3],
    }
    share, mean = metric_interval(summaries, "wait_within_15_share"), metric_interval(summaries, "open_cases")
    assert (share.estimate, share.covers) == (pytest.approx(0.625), "ratio")
    assert share.half_width == pytest.approx(0.145438, abs=1e-6)
    assert (mean.estimate, mean.covers) == (2, "mean")
    assert metric_values(summaries, "open_cases").tolist() == [1, 2, 3]
    with pytest.raises(KeyError):
        metric_interval(summaries, "no_such_metric")


def test_a_shares_interval_ends_where_shares_end():
    columns = {"left_share": [0.0], "left_share:num": [0, 0, 3], "left_share:den": [10, 10, 10]}
    assert metric_interval(columns, "left_share").low == 0
    assert metric_interval(columns | {"left_share:num": [10, 10, 7]}, "left_share").high == 1


def test_utilisation_may_exceed_one_and_its_interval_holds_its_estimate():
    columns = {"utilisation.w": [2.0], "utilisation.w:num": [16, 17, 15], "utilisation.w:den": [8, 8, 8]}
    interval = metric_interval(columns, "utilisation.w")
    assert interval.low < interval.estimate == 2 < interval.high


def test_one_replication_has_no_interval_whatever_the_metric():
    for key in ("left_share", "open_cases", "utilisation.w"):
        columns = {key: [0.5], f"{key}:num": [5], f"{key}:den": [10]}
        interval = metric_interval(columns, key)
        assert (interval.low, interval.high) == (-math.inf, math.inf)


def test_no_metric_s_interval_reaches_below_nothing():
    assert metric_interval({"wait_mean_min": [0.0, 0.0, 3.0]}, "wait_mean_min").low == 0


def test_every_interval_says_something_of_its_own_in_both_languages():
    intervals = [
        mean_interval([1, 2, 3]),
        paired_interval([1, 2], [2, 3]),
        welch_interval([1, 2], [2, 3]),
        ratio_interval(HITS, VISITORS),
        quantile_interval(range(40), 0.5),
        pooled_quantile_interval([1, 2, 3], [1, 2, 3], 0.5),
        typical_day_interval([1, 2, 3], [1, 2, 3], 0.5),
        proportion_interval(3, 4),
        mean_interval([1, 2, 3]).about("controlled_mean"),
        mean_interval([1, 2, 3]).about("transient"),
    ]
    for language in ("en", "zh"):
        labels = sorted(one.label(language) for one in intervals)
        assert all(one != other for one, other in pairwise(labels))
        assert all("95%" in label for label in labels)
    assert "not what is uncertain about the inputs" in intervals[0].label("en")
    assert "3 次模拟" in intervals[0].label("zh")
    assert "same random numbers" in intervals[1].label("en")
    assert "no statement about a share of all visitors" in intervals[6].label("en")


# ---- skewness ------------------------------------------------------------------------------------------------------


def test_a_skewed_mean_s_interval_reaches_further_to_the_side_of_the_skewness():
    values = [1.0] * 9 + [11.0]
    plain, skewed = mean_interval(values), skewed_mean_interval(values)
    # n = 10: mean 2, s² = 10, third moment 10 / (9 · 8) · (9 · (-1)³ + 9³) = 100, so skewness 100 / 10^1.5 = √10,
    # a = √10 / (6 √10) = 1 / 6 and s / √n = 1: the ends are 2 - ((1 + (r - 1/6))^(1/3) - 1) · 3 for r = ± t(9)
    t = 2.262157
    assert skewed.high == pytest.approx(2 + 3 * (1 + np.cbrt(t + 1 / 6 - 1)), rel=1e-6)
    assert skewed.low == pytest.approx(2 - 3 * (np.cbrt(t - 1 / 6 + 1) - 1), rel=1e-6)
    assert skewed.high - 2 > plain.high - 2 > 2 - skewed.low


def test_a_symmetric_mean_s_interval_and_that_of_few_values_is_students():
    assert skewed_mean_interval(range(11)) == mean_interval(range(11))
    assert skewed_mean_interval([1.0] * 8 + [11.0]) == mean_interval([1.0] * 8 + [11.0])
    assert skewed_mean_interval([3.0] * 12) == mean_interval([3.0] * 12)


def test_a_skewed_mean_is_covered_as_often_as_is_said_where_student_s_misses(rng):
    truth, runs = 1.0, rng.exponential(1.0, (2_000, 20))
    methods = (mean_interval, skewed_mean_interval)
    intervals = [[method(values) for values in runs] for method in methods]
    student, corrected = (sum(each.low <= truth <= each.high for each in of_method) for of_method in intervals)
    assert student < 1_880  # 94 %
    assert corrected >= 1_870  # 95 % less 3 standard errors
    assert corrected > student


def test_the_quantile_of_two_days_lies_between_that_of_either():
    """Of samples of the days a quarter hold the first alone, and a quarter the second alone."""
    pooled = pooled_quantile_interval([1.0, 2.0], ["mon", "tue"], 0.5)
    assert (pooled.low, pooled.estimate, pooled.high) == (1.0, 1.0, 2.0)
