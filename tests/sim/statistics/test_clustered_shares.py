"""Bounds of shares in clusters: exact where nothing fails, binomial for independent visitors, else wider."""

import numpy as np
import pytest
from scipy import stats

from sim.statistics.clustered_shares import mean_bounds, share_bounds


def test_without_a_failure_every_cluster_counts_once():
    # (1 - level) = low^n: the n-th root of 0.05.
    bounds = share_bounds(np.full((29, 1), 7), np.full((29, 1), 7), level=0.95)
    assert bounds.low[0] == pytest.approx(0.05 ** (1 / 29))  # 0.902: 29 days show 90 %
    assert (bounds.share[0], bounds.high[0], bounds.trials[0]) == (1.0, 1.0, 203)


def test_with_failures_only_the_bounds_are_the_other_way_round():
    bounds = share_bounds(np.zeros((10, 1)), np.ones((10, 1)), level=0.95)
    assert bounds.low[0] == 0
    assert bounds.high[0] == pytest.approx(1 - 0.05**0.1)


def test_independent_trials_are_nearly_clopper_and_pearson():
    # Single trials: v = p (1 - p) / (n - 1), so that n* is n - 1 times the reduction for an estimated variance.
    successes = np.r_[np.ones(190), np.zeros(10)][:, None]
    bounds = share_bounds(successes, np.ones((200, 1)), level=0.95)
    n = 199 * (stats.norm.ppf(0.95) / stats.t.ppf(0.95, 199)) ** 2
    assert bounds.low[0] == pytest.approx(stats.beta.ppf(0.05, 0.95 * n, 0.05 * n + 1))
    assert bounds.low[0] == pytest.approx(0.917, abs=0.001)


def test_failures_that_come_together_are_worth_less():
    spread, together = np.full((50, 1), 9), np.r_[np.full(45, 10), np.zeros(5)][:, None]
    trials = np.full((50, 1), 10)
    uneven = spread - np.tile([[1], [-1]], (25, 1))
    assert share_bounds(together, trials, level=0.95).low[0] < share_bounds(uneven, trials, level=0.95).low[0]


def test_no_trial_says_nothing():
    bounds = share_bounds(np.zeros((5, 1)), np.zeros((5, 1)), level=0.9)
    assert np.isnan(bounds.share[0])
    assert (bounds.low[0], bounds.high[0]) == (0.0, 1.0)


def test_one_cluster_is_refused():
    with pytest.raises(ValueError, match="1 clusters"):
        share_bounds(np.ones((1, 1)), np.ones((1, 1)), level=0.9)


def test_the_bound_errs_as_seldom_as_stated():
    # Days of a beta share (mean 0.92) with 30 visitors each: the lower bound may pass the truth in 5 % of samples.
    random = np.random.default_rng(3)
    shares = random.beta(9.2, 0.8, size=(40, 2_000))
    hits = random.binomial(30, shares)
    bounds = share_bounds(hits, np.full(hits.shape, 30), level=0.95)
    assert (bounds.low > 0.92).mean() <= 0.05 + 3 * (0.05 * 0.95 / 2_000) ** 0.5


def test_a_mean_of_sums_over_units_has_students_bounds():
    # Two clusters of one unit, 10 and 14: mean 12, s^2 = 2 / 1 * (4 + 4) / 4 = 4, t_1 at 0.95 is 6.3138.
    bounds = mean_bounds([[10.0], [14.0]], [[1.0], [1.0]], level=0.95)
    assert (bounds.share[0], bounds.trials[0]) == (12, 2)
    assert (bounds.low[0], bounds.high[0]) == pytest.approx((12 - 6.3138 * 2, 12 + 6.3138 * 2), abs=1e-3)


def test_a_mean_of_no_unit_is_none():
    assert np.isnan(mean_bounds([[0.0], [0.0]], [[0.0], [0.0]], level=0.95).share[0])
