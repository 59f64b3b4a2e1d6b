"""What is certain about pairs of plans: bounds by hand, labels, ties, and how often statements are wrong."""

import numpy as np
import pytest

from planner.frontier.race import RaceRules, estimated_front, looks_until, stand
from sim.statistics.intervals import t_quantile


def rules(plans, delta=0.5, looks=(8,)):
    return RaceRules(plans, looks, delta)


def constant(*values):
    return [np.full(8, float(value)) for value in values]


def labels(x, y, **settings):
    return stand(constant(*x), constant(*y), rules(len(x), **settings)).labels


def test_looks_grow_by_half_until_the_most():
    assert looks_until(64) == (8, 12, 18, 27, 41, 62, 64)
    assert looks_until(8) == (8,)


def test_the_error_is_divided_among_all_bounds():
    # 3 pairs, 2 metrics, 2 sides, 2 looks: 24 one-sided bounds of 0.05/24 each.
    assert rules(3, looks=(8, 12)).level == pytest.approx(1 - 2 * 0.05 / 24)


def test_a_plan_that_is_no_better_in_either_is_dominated():
    assert labels((1, 2, 1), (5, 5, 6)) == ("front", "dominated", "dominated")


def test_a_plan_that_costs_more_for_less_than_what_matters_brings_no_gain():
    assert labels((1, 2, 3), (5, 4.6, 2)) == ("front", "no_gain", "front")


def test_a_chain_of_small_gains_is_not_lost():
    # 2 gains 0.4 over 1, which does not matter; 3 gains 0.8 over 1, which does.
    assert labels((1, 2, 3), (5, 4.6, 4.2)) == ("front", "no_gain", "front")


def test_equal_plans_tie_and_nothing_is_left_to_settle():
    standing = stand(constant(1, 1, 2), constant(5, 5, 1), rules(3))
    assert standing.labels == ("perhaps", "perhaps", "front")
    assert standing.ties[0].tolist() == [False, True, False]
    assert not standing.is_open.any()


def test_an_infinite_mean_is_worse_than_a_finite_one():
    y = [np.full(8, 5.0), np.array([1.0] * 7 + [np.inf])]
    assert stand(constant(2, 3), y, rules(2)).labels == ("front", "dominated")
    assert stand(constant(3, 2), y, rules(2)).labels == ("front", "front")


def test_a_difference_is_certain_from_the_students_bound_on():
    """Differences ±1 around a mean: eight of them have a standard deviation of √(8/7)."""
    wiggle, level = np.array([1.0, -1.0] * 4), rules(2).level
    bound = t_quantile(7, level) * np.sqrt(8 / 7) / np.sqrt(8)
    for gain, standing in ((bound + 0.01, ("front", "front")), (bound - 0.01, ("front", "perhaps"))):
        y = [wiggle + gain, np.zeros(8)]
        assert stand(constant(1, 2), y, rules(2)).labels == standing


def test_a_plan_with_fewer_replications_is_judged_by_those_it_has():
    y = [np.full(12, 5.0), np.full(8, 6.0)]
    x = [np.full(12, 1.0), np.full(8, 2.0)]
    assert stand(x, y, rules(2, looks=(8, 12))).labels == ("front", "dominated")


def test_the_estimated_front_goes_by_means():
    assert estimated_front(constant(3, 1, 2, 2), constant(1, 5, 6, 3)) == [1, 3, 0]


def test_statements_are_wrong_together_in_fewer_than_one_in_twenty_experiments():
    """Five plans with normal noise shared in part; 400 experiments of up to 27 replications, judged at four looks."""
    generator = np.random.default_rng(1)
    x_means, y_means = np.array([1.0, 1.0, 2, 3, 3]), np.array([5.0, 5.2, 4.9, 4.0, 4.0])
    wrong = 0
    for _ in range(400):
        shared = generator.normal(size=(27, 1))
        x = x_means + 0.1 * (shared + generator.normal(size=(27, 5)))
        y = y_means + 0.2 * (shared + generator.normal(size=(27, 5)))
        shown = stand(list(x.T), list(y.T), rules(5, delta=0.3, looks=(8, 12, 18, 27)))
        wrong += bool(
            (shown.less_x & (x_means[:, None] >= x_means)).any()
            | (shown.less_y & (y_means[:, None] >= y_means)).any()
            | (shown.near_y & (y_means[:, None] > y_means + 0.3)).any()
        )
    assert wrong <= 20
