"""Control variates: chance that is known to be chance is taken out."""

import doctest
import math
import sys

import numpy as np
import pytest
from cases import for_each
from coverage_checks import assert_covers

from foundation.errors import HallplanError
from sim.statistics import control_mean, mean_interval


def test_a_control_by_hand():
    # y = 1, 3, 5, 9 and x = 1, 2, 3, 4 with known mean 3.  x̄ = 2.5, ȳ = 4.5; Sxy = 1.5 · 3.5 + 0.5 · 1.5 + 0.5 · 0.5 +
    # 1.5 · 4.5 = 13, Sxx = 5: slope 2.6, adjusted mean 4.5 - 2.6 (2.5 - 3) = 5.8.  Syy = 35, so the residuals' squares
    # sum to 35 - 13² / 5 = 1.2; over n - 2 0.6.  Its variance: 0.6 (1/4 + 0.5² / 5) = 0.18; plain: 35 / 12 = 2.916667.
    found = control_mean([1, 3, 5, 9], [1, 2, 3, 4], [3])
    assert found.adjusted.estimate == pytest.approx(5.8)
    # t(2, 97.5 %) = 4.302653
    assert found.adjusted.half_width == pytest.approx(4.302653 * math.sqrt(0.18), abs=1e-5)
    assert found.variance_ratio == pytest.approx(0.18 / (35 / 12))
    assert found.pays
    assert found.best == found.adjusted
    assert found.plain == mean_interval([1, 3, 5, 9])


def test_coefficients_and_r_squared_are_those_of_least_squares_by_hand():
    # As above: slope 13/5, explained 13² / 5 of 35
    result = control_mean([1, 3, 5, 9], [1, 2, 3, 4], [3])
    assert result.coefficients == pytest.approx((2.6,))
    assert result.r_squared == pytest.approx(169 / 5 / 35)
    assert result.estimate == result.adjusted.estimate


def test_two_controls_that_are_orthogonal_have_their_own_slopes():
    # x₁ = ±1 by turns, x₂ = -2, -1, 0, 1, 2, mirrored: y = 3 + 5 x₁ - 2 x₂ exactly; at means (0.5, 1) it is 3.5
    x = [[1, -2], [-1, -1], [1, 0], [-1, 1], [1, 2], [-1, 0.5]]
    y = [3 + 5 * a - 2 * b for a, b in x]
    y[0], y[1] = y[0] + 1e-6, y[1] - 1e-6  # not quite, so that there is something to estimate
    result = control_mean(y, x, [0.5, 1])
    assert result.coefficients == pytest.approx((5, -2), abs=1e-5)
    assert (result.estimate, result.r_squared) == pytest.approx((3.5, 1), abs=1e-5)


def test_a_control_that_is_left_out_has_no_coefficient():
    result = control_mean([1, 3, 5, 9], [[7, 1], [7, 2], [7, 3], [7, 4]], [7, 3])
    assert result.coefficients == pytest.approx((0, 2.6))
    alone = control_mean([1, 3], [[1, 1], [2, 4]], [1, 1])
    assert alone.coefficients == (0, 0)
    assert math.isnan(alone.r_squared)


def test_the_examples_of_the_function_hold():
    assert doctest.testmod(sys.modules["sim.statistics.controls"]).failed == 0


def test_a_control_that_has_nothing_to_do_with_it_is_not_used(rng):
    found = control_mean(rng.normal(size=40), rng.normal(size=(40, 2)), [0, 0])
    assert found.variance_ratio > 0.9
    assert not found.pays
    assert found.best is found.plain


def test_the_ratio_of_variances_is_what_theory_says(rng):
    # Correlation r = 0.8 and one control: (n - 2) / (n - 3) (1 - r²) in the mean (Lavenberg & Welch 1981)
    ratios = []
    for _ in range(2_000):
        x = rng.normal(size=40)
        found = control_mean(0.8 * x + 0.6 * rng.normal(size=40), x, [0])
        ratios.append((found.adjusted.estimate**2, found.plain.estimate**2))
    adjusted, plain = np.mean(ratios, axis=0)
    assert adjusted / plain == pytest.approx(0.36 * 38 / 37, rel=0.1)


def test_controls_that_say_nothing_new_are_left_out(rng):
    x, y = rng.normal(size=(2, 30))
    alone = control_mean(y + x, x, [0])
    assert control_mean(y + x, np.column_stack((x, 2 * x + 1, np.full(30, 4.0))), [0, 1, 4]).adjusted == alone.adjusted


def test_without_a_control_or_without_degrees_of_freedom_the_mean_stays_plain():
    for controls, known in ((np.zeros((3, 0)), ()), (np.arange(6).reshape(3, 2) ** 2, (1, 2)), (np.full(3, 2.0), (2,))):
        found = control_mean([1.0, 5.0, 4.0], controls, known)
        assert math.isnan(found.variance_ratio)
        assert found.best is found.plain


def test_a_wrong_known_mean_is_noticed(rng):
    x = rng.normal(size=100)
    found = control_mean(x + 0.1 * rng.normal(size=100), x, [0.6])
    assert not found.consistent
    assert found.best is found.plain
    assert found.variance_ratio < 0.9


def test_replications_without_a_value_are_left_out():
    found = control_mean([1, 3, np.nan, 5, 9], [1, 2, 7, 3, 4], [3])
    assert found.adjusted.estimate == pytest.approx(5.8)
    assert (found.adjusted.n, found.adjusted.missing) == (4, 1)


@for_each(
    ("controls", "means"),
    [([[1, 2], [3, 4], [5, 6]], [1]), ([[1, 2, 3], [4, 5, 6]], [1, 2]), ([1, 2], [1]), (3, [1])],
)
def test_controls_need_a_row_a_replication_and_a_known_mean_each(controls, means):
    with pytest.raises(HallplanError, match="each of the 3 replications"):
        control_mean([1, 2, 4], controls, means)


def test_a_replication_without_a_control_is_left_out():
    result = control_mean([1, 3, 5, 9, 70], [1, 2, 3, 4, math.nan], [3])
    assert result.adjusted.estimate == pytest.approx(5.8)
    assert (result.adjusted.n, result.adjusted.missing) == (4, 1)


@pytest.mark.slow
def test_the_adjusted_interval_covers(rng):
    intervals = []
    for _ in range(3_000):
        x = rng.normal(5, 1, size=(12, 2))
        intervals.append(control_mean(x @ (2, -1) + rng.normal(size=12), x, [5, 5]).adjusted)
    assert_covers(intervals, 5)


def test_control_that_costs_more_degrees_of_freedom_than_it_gains_does_not_pay():
    # y = 1, 4, 4 and x = 1, 2, 3 with known mean 2: Syy = 6, Sxy = 3, Sxx = 2, so the residuals' squares sum to
    # 6 - 9 / 2 = 1.5 with one degree of freedom.  Variances 1.5 / 3 = 0.5 and, plain, 3 / 3 = 1.
    found = control_mean([1, 4, 4], [1, 2, 3], [2])
    assert found.variance_ratio == pytest.approx(0.5)
    # t(1, 97.5 %) = 12.7062 and t(2, 97.5 %) = 4.302653
    assert found.adjusted.half_width == pytest.approx(12.7062 * math.sqrt(0.5), abs=1e-4)
    assert found.plain.half_width == pytest.approx(4.302653, abs=1e-5)
    assert not found.pays
    assert found.best == found.plain


def test_a_known_mean_that_is_no_number_is_refused():
    with pytest.raises(HallplanError) as error:
        control_mean([1, 2, 3, 4], [1, 2, 3, 4], float("nan"))
    assert error.value.key == "error.controls.mean"
