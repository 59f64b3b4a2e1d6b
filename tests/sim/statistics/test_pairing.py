"""What pairing is worth, worked by hand."""

import doctest
import math
import sys

import pytest

from foundation.errors import HallplanError
from sim.statistics import paired, paired_interval, welch_interval

BEFORE = [11.9, 13.1, 9.0, 10.0, 12.3, 16.3, 10.9, 11.6, 12.8, 10.6]
AFTER = [13.9, 13.8, 9.9, 10.3, 14.0, 17.2, 12.2, 12.5, 13.2, 12.0]


def test_the_examples_of_the_function_hold():
    assert doctest.testmod(sys.modules["sim.statistics.pairing"]).failed == 0


def test_the_paired_interval_is_students_and_the_others_stand_beside_it():
    # Differences 2.0 0.7 0.9 0.3 1.7 0.9 1.3 0.9 0.4 1.4: mean 1.05, squares sum to 13.71, s² = (13.71 - 11.025) / 9;
    # t(9, 97.5 %) = 2.262157
    result = paired(BEFORE, AFTER)
    half = 2.262157 * math.sqrt((13.71 - 11.025) / 9 / 10)
    assert result.difference == pytest.approx(1.05)
    assert (result.interval.low, result.interval.high) == pytest.approx((1.05 - half, 1.05 + half), abs=1e-5)
    assert (round(result.interval.low, 2), round(result.interval.high, 2)) == (0.66, 1.44)
    assert result.corrected == paired_interval(BEFORE, AFTER)
    assert result.independent == welch_interval(BEFORE, AFTER)


def test_the_variance_that_pairing_takes_away_is_worked_by_hand():
    # a = 1, 2, 6 and b = 2, 4, 9: variances 7 and 13, differences 1, 2, 3 with variance 1: 1 - 1/20; Cov = 19/2
    result = paired([1, 2, 6], [2, 4, 9])
    assert result.variance_reduction == pytest.approx(0.95)
    assert result.correlation == pytest.approx(9.5 / math.sqrt(7 * 13))


def test_pairing_that_does_harm_is_negative():
    # Variances 1 and 1, differences 2, 0, -2 with variance 4: 1 - 4/2
    assert paired([1, 2, 3], [3, 2, 1]).variance_reduction == pytest.approx(-1)


def test_pairs_with_a_missing_value_are_left_out():
    result = paired([1, 2, 3, math.nan], [2, 4, 3, 9])
    assert result.variance_reduction == paired([1, 2, 3], [2, 4, 3]).variance_reduction
    assert (result.interval.n, result.interval.missing, result.independent.n) == (3, 1, 6)


def test_without_variation_nothing_is_said_of_it():
    result = paired([5, 5, 5], [5, 5, 5])
    assert math.isnan(result.correlation)
    assert math.isnan(result.variance_reduction)
    assert paired([1], [2]).interval.high == math.inf


def test_two_lengths_are_no_pairs():
    with pytest.raises(HallplanError):
        paired([1, 2], [1, 2, 3])
