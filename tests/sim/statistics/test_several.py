"""Several comparisons at once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import HallplanError
from sim.statistics import bonferroni_level, false_coverage_level, holm, paired_interval, paired_p_values


def test_failures_of_several_intervals_add_up():
    assert bonferroni_level(0.95, 5) == pytest.approx(0.99)
    assert bonferroni_level(0.95, 1) == pytest.approx(0.95)
    with pytest.raises(ValueError, match="none"):
        bonferroni_level(0.95, 0)


def test_the_false_coverage_level_by_hand():
    # Ordered .001, .02, .03, .2, .9 against .01, .02, .03, .04, .05: the third is the last to pass, so R = 3.
    level, clear = false_coverage_level([0.9, 0.03, 0.001, math.nan, 0.2, 0.02], 0.95)
    assert (level, clear) == (pytest.approx(1 - 3 * 0.05 / 5), 3)
    assert false_coverage_level([0.5, 0.6], 0.95) == (pytest.approx(0.975), 0)
    assert false_coverage_level([math.nan], 0.95) == (0.95, 0)


def test_holm_steps_down_by_hand():
    # Ordered .005, .01, .03, .04 times 4, 3, 2, 1: .02, .03, .06, .04; none below one before it: .02, .03, .06, .06
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]).tolist() == [1, 1]
    assert holm([]).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_finds_what_bonferroni_finds_and_never_more_than_each_alone(p_values):
    adjusted, given_ = holm(p_values), np.array(p_values)
    assert (adjusted <= np.minimum(given_ * len(p_values), 1) + 1e-15).all()
    assert (adjusted >= given_).all()
    assert (np.diff(adjusted[np.argsort(given_, kind="stable")]) >= 0).all()


def test_a_p_value_is_where_the_interval_begins_to_leave_zero_out():
    # differences 1, 1, 1, 2, 0: t = 1 / √0.1 = 3.162278 with 4 degrees of freedom.  For these
    # P(|T| > t) = 1 - (3/2) s (1 - s² / 3), s = t / √(t² + 4): s = 3.162278 / √14 = 0.845154, P = 0.0341094
    base, other = [10, 20, 30, 40, 50], [11, 21, 31, 42, 50]
    p = paired_p_values(base, other)
    assert p == pytest.approx(0.0341094, abs=1e-6)
    assert paired_interval(base, other, level=1 - p).low == pytest.approx(0, abs=1e-9)


def test_p_values_without_chance_or_without_pairs():
    assert paired_p_values([1, 2], [1, 2]) == 1
    assert paired_p_values([1, 2], [2, 3]) == 0
    assert math.isnan(paired_p_values([1], [2]))
    with pytest.raises(HallplanError, match="1 and 2"):
        paired_p_values([1], [1, 2])


@pytest.mark.slow
def test_several_intervals_hold_together(rng):
    """Five scenarios that do not differ from the base: all five intervals cover zero in 95 of 100 studies, or more."""
    level, held = bonferroni_level(0.95, 5), 0
    for _ in range(1_000):
        common = rng.normal(size=15)
        base = common + rng.normal(size=15)
        intervals = [paired_interval(base, common + rng.normal(size=15), level=level) for _ in range(5)]
        held += all(one.low <= 0 <= one.high for one in intervals)
    assert 0.95 - 0.01 < held / 1_000 < 0.99


def test_a_corrected_interval_leaves_zero_out_exactly_where_its_p_value_is_small(rng):
    for _ in range(20):
        base, other = rng.exponential(size=(2, 15))
        p = paired_p_values(base, other + 0.3)
        interval = paired_interval(base, other + 0.3, level=1 - p)
        assert min(abs(interval.low), abs(interval.high)) == pytest.approx(0, abs=1e-9)


def test_pairs_without_a_finite_value_are_left_out_of_the_p_value():
    base, other = [1.0, 2.0, 4.0, math.inf, math.nan], [2.0, 3.5, 4.5, math.inf, 1.0]
    assert paired_p_values(base, other) == paired_p_values(base[:3], other[:3])


def test_figures_side_by_side_have_the_p_values_that_each_has_alone(rng):
    base, other = rng.exponential(size=(2, 5, 15))
    other[1] = base[1]  # no difference at all
    other[2, 3] = math.inf
    other[3] = math.nan
    together = paired_p_values(base, other)
    assert together.shape == (5,)
    alone = [float(paired_p_values(*pair)) for pair in zip(base, other, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-12)
    assert together[1] == 1
    assert math.isnan(together[3])
