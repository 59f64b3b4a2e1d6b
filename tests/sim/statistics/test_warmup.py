"""Where a series has settled."""

import numpy as np
import pytest

from sim.statistics import mser, welch
from sim.statistics.warmup import WarmUp


def test_a_series_that_does_not_change_is_left_whole():
    found = mser(np.full(100, 7.0))
    assert (found.cut, found.accepted) == (0, True)


def test_the_statistic_is_the_squared_error_of_what_is_left():
    # Batches of 1: 6, 0, 1, 0, 1, 0, 1, 0, 1, 0 without the last five cuts.  Cut 0: mean 1, Σ = 25 + 5 · 1 + 4 · 0,
    # over 100; cut 1: mean 4/9, Σ = 5 (4/9)² + 4 (5/9)² = 20/9, over 81; cut 2: mean 1/2, Σ = 8/4 = 2, over 64.
    found = mser([6, 0, 1, 0, 1, 0, 1, 0, 1, 0], batch=1)
    assert found.statistic[:3] == pytest.approx([0.3, 20 / 9 / 81, 2 / 64])
    assert found.cut == 1
    assert found.statistic.size == 5


def test_days_are_taken_five_at_a_time():
    series = np.concatenate((np.linspace(0, 50, 12), np.tile([49.0, 51.0], 60)))
    found = mser(series)
    # the first batch is all rise, the second too, and the third has two values of it
    assert found.cut == 15
    assert found.accepted


def test_a_series_that_keeps_rising_is_not_accepted():
    found = mser(np.arange(200.0))
    assert not found.accepted
    assert found.cut >= 100


def test_a_short_series_says_nothing():
    for size in (0, 4, 25, 29):
        assert not mser(np.ones(size)).accepted


def test_what_is_left_over_after_the_last_batch_is_not_used():
    assert mser([*np.ones(50), *[1e6] * 4]).cut == mser(np.ones(50)).cut


def test_the_cut_takes_most_of_the_bias_of_an_empty_start_away(rng):
    # Open cases rise to 100 like 100 (1 - e^(-t / 8)): over 120 days their mean is 100 (1 - 8 / 120) = 93.3.
    t = np.arange(120) + 0.5
    noise = rng.normal(0, 3, 120)
    series = 100 * (1 - np.exp(-t / 8)) + noise
    found = mser(series)
    assert found.accepted
    assert 15 <= found.cut <= 45
    assert abs(series[found.cut :].mean() - 100) < 1.5 < 6 < abs(series.mean() - 100)


def test_welchs_average_is_centred_and_shorter_at_the_ends():
    # window 2: ends 1, then (1 + 2 + 4) / 3, then (1 + 2 + 4 + 8 + 16) / 5
    assert welch([1, 2, 4, 8, 16, 32], 2) == pytest.approx([1, 7 / 3, 31 / 5, 62 / 5, 56 / 3, 32])
    assert welch([1, 2, 4], 0).tolist() == [1, 2, 4]
    assert welch([], 3).size == 0
    with pytest.raises(ValueError, match="none"):
        welch([1, 2], -1)


def test_fewer_than_fifty_days_are_too_short_and_fifty_have_not_settled():
    # Five days a batch; the last five batches are never cut, and at most half of the days may be left out.
    sentences = [WarmUp(None, np.zeros(days), 3).message("en") for days in (49, 50)]
    assert ["50" in sentence for sentence in sentences] == [True, True]
    assert len({sentence.replace("49", "50") for sentence in sentences}) == 2
