"""Shapley values by their definition over orders, their axioms, and examples worked by hand."""

import doctest
import itertools
import sys

import numpy as np
import pytest
from cases import for_each

from foundation.errors import HallplanError
from sim.statistics import mean_interval, shapley
from sim.statistics.intervals import Interval
from sim.statistics.shapley import sampled_shapley, widened_by_orders

LICENCE = {
    # Days by which each set of reforms shortens a licence of 15 days: all three leave 3 days.
    ("co-locate",): 3,
    ("delegate",): 2,
    ("joint",): 4.5,
    ("co-locate", "delegate"): 7,
    ("co-locate", "joint"): 11,
    ("delegate", "joint"): 8.5,
    ("co-locate", "delegate", "joint"): 12,
}


def by_orders(worth, k):
    """The mean over all orders of what each player adds when it comes."""
    orders = list(itertools.permutations(range(k)))
    shares = np.zeros((k, *worth.shape[1:]))
    for order in orders:
        before = 0
        for player in order:
            shares[player] += worth[before | 1 << player] - worth[before]
            before |= 1 << player
    return shares / len(orders)


def test_the_examples_of_the_function_hold():
    assert doctest.testmod(sys.modules["sim.statistics.shapley"]).failed == 0


@for_each("k", [1, 2, 3, 4])
def test_shares_are_the_mean_over_all_orders(k):
    worth = np.random.default_rng(k).normal(size=(2**k, 7))
    assert shapley(worth).shares == pytest.approx(by_orders(worth, k))


def test_the_licence_from_fifteen_to_three_days_is_shared_out_as_worked_by_hand():
    # co-locate in the six orders: 3, 3, 7-2, 11-4.5, 12-8.5, 12-8.5: 24.5 / 6 = 49/12; the others likewise.
    result = shapley(LICENCE)
    assert result.players == ("co-locate", "delegate", "joint")
    assert result.shares == pytest.approx([49 / 12, 28 / 12, 67 / 12])
    assert result.first_in.tolist() == [3, 2, 4.5]
    assert result.last_in.tolist() == [3.5, 1, 5]
    # co-locate and delegate: ((7 - 3 - 2) + (12 - 11 - 8.5 + 4.5)) / 2 = (2 - 3) / 2
    assert result.interactions[np.triu_indices(3, 1)] == pytest.approx([-0.5, 1.0, -0.5])
    assert result.interactions == pytest.approx(result.interactions.T, nan_ok=True)


def test_sampled_shares_are_the_mean_over_the_orders_of_the_sample():
    """L completes the pair in R L Q, in its reverse Q L R, and in Q R L; R completes it in L R Q."""
    pair, members = [0, 0, 0, 1, 0, 1, 0, 1], np.arange(8)  # bits: L = 1, R = 2, Q = 4
    assert sampled_shapley(pair, members, np.array([[1, 0, 2], [2, 0, 1]])).shares.tolist() == [1, 0, 0]
    sample = sampled_shapley(pair, members, np.array([[1, 0, 2], [2, 0, 1], [0, 1, 2], [2, 1, 0]]))
    assert sample.shares.tolist() == [0.75, 0.25, 0]
    assert sample.by_pair.tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
    assert (sample.first_in.tolist(), sample.last_in.tolist()) == ([0, 0, 0], [1, 0, 0])


def test_sampled_shares_of_all_orders_are_the_shapley_values():
    worth = np.random.default_rng(4).normal(size=(16, 5))
    half = [order for order in itertools.permutations(range(4)) if order < order[::-1]]
    orders = np.array([order for one_way in half for order in (one_way, one_way[::-1])])
    assert sampled_shapley(worth, np.arange(16), orders).shares == pytest.approx(shapley(worth).shares)


def test_an_interval_is_widened_by_the_spread_of_pairs_of_orders():
    """Pairs 1 and 3: standard error 1, t of one degree of freedom 12.7062; with 5 over replications the root."""
    interval = Interval(2, -3, 7, 0.95, "mean", 9)
    wide = widened_by_orders(interval, [[1, 1, np.nan], [2, 4, 3]])
    half = np.hypot(5, 12.7062)
    assert (wide.estimate, wide.low, wide.high) == pytest.approx((2, 2 - half, 2 + half), rel=1e-5)
    assert widened_by_orders(interval, [[np.nan], [np.nan]]) == interval


def test_the_shares_sum_to_the_total_in_every_replication():
    worth = np.random.default_rng(2).normal(100, 30, size=(2**5, 50))
    result = shapley(worth)
    assert result.shares.sum(axis=0) == pytest.approx(worth[-1] - worth[0], abs=1e-10)
    assert result.total == pytest.approx(worth[-1] - worth[0])


def test_a_player_who_adds_nothing_has_no_share_and_no_interaction():
    without = np.random.default_rng(3).normal(size=8)
    result = shapley(np.concatenate([without, without]))  # player 3 is the highest bit
    assert result.shares[3] == pytest.approx(0)
    assert result.interactions[3, :3] == pytest.approx(np.zeros(3))


def test_players_who_are_interchangeable_have_equal_shares():
    by_size = np.array([0.0, 1.0, 5.0, 6.0, 10.0])
    assert shapley(by_size[np.bitwise_count(np.arange(16))]).shares == pytest.approx(np.full(4, 2.5))


def test_the_mean_of_shares_by_replication_is_the_share_of_the_means():
    worth = np.random.default_rng(4).normal(size=(8, 30))
    assert shapley(worth).shares.mean(axis=1) == pytest.approx(shapley(worth.mean(axis=1)).shares)
    assert mean_interval(shapley(worth).shares[0]).n == 30


def test_a_game_of_pairs_has_its_weights_as_interactions():
    # v(S) = Σ of w_ij over pairs in S: each interaction is its weight, each share half of its pairs' weights.
    weights = {(0, 1): 2.0, (0, 2): -1.0, (1, 2): 0.5}
    worth = [sum(w for (i, j), w in weights.items() if c >> i & c >> j & 1) for c in range(8)]
    result = shapley(worth)
    assert [result.interactions[pair] for pair in weights] == pytest.approx([2.0, -1.0, 0.5])
    assert result.shares == pytest.approx([0.5, 1.25, -0.25])


@for_each(
    ("values", "key"),
    [
        ([0, 1, 2], "error.shapley.rows"),
        ([5], "error.shapley.rows"),
        ({(): 0}, "error.shapley.rows"),
        ({("a",): 1, ("b",): 2}, "error.shapley.missing"),
        ({("a",): 1, ("b",): 2, ("a", "b"): 3, ("b", "a"): 4}, "error.shapley.twice"),
        ({"ab": 1}, "error.shapley.text"),
        ({1: 2, 2: 3, (1, 2): 5}, "error.shapley.players"),
        ({("a",): "much"}, "error.not_numbers"),
        ({("a",): [1, 2], ("b",): 3, ("a", "b"): [1, 2, 3]}, "error.not_broadcast"),
    ],
)
def test_coalitions_that_are_not_all_there_are_refused(values, key):
    with pytest.raises(HallplanError) as error:
        shapley(values)
    assert error.value.key == key


def test_a_missing_coalition_is_named():
    with pytest.raises(HallplanError, match=r"\(a, b\) has no worth"):
        shapley({("a",): 1, ("b",): 2})
