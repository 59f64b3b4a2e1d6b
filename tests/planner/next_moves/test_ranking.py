"""Ranks with ties, and which moves need more replications."""

import numpy as np
import pytest

from planner.next_moves.ranking import ranks_of
from sim.statistics.intervals import t_quantile


def constant(*values, n=8):
    return [np.full(n, float(value)) for value in values]


def test_gains_that_do_not_vary_are_ranked():
    ranks = ranks_of(constant(1, 3, 2), (8,))
    assert (ranks.best, ranks.worst) == ([3, 1, 2], [3, 1, 2])
    assert ranks.undecided(3) == []


def test_equal_gains_share_the_ranks_that_they_may_have():
    ranks = ranks_of(constant(2, 2, 1), (8,))
    assert (ranks.best, ranks.worst) == ([1, 1, 3], [2, 2, 3])
    assert ranks.undecided(1) == [0, 1]


def test_a_gain_is_ahead_from_the_students_bound_on():
    """Two moves at one look: two one-sided bounds of 0.05/2 each, the two-sided level 0.95."""
    wiggle = np.array([1.0, -1.0] * 4)
    bound = t_quantile(7, 0.95) * np.sqrt(8 / 7) / np.sqrt(8)
    assert ranks_of([wiggle + bound + 0.01, np.zeros(8)], (8,)).best == [1, 2]
    assert ranks_of([wiggle + bound - 0.01, np.zeros(8)], (8,)).best == [1, 1]


def test_moves_that_cannot_be_among_the_first_are_left():
    ranks = ranks_of(constant(5, 4, 1, 1), (8,))
    assert ranks.undecided(2) == []
    assert ranks.undecided(3) == [2, 3]


def test_all_ranks_together_are_wrong_in_fewer_than_one_in_twenty_experiments():
    generator, means = np.random.default_rng(2), np.array([1.0, 1.0, 1.1, 2.0])
    wrong = 0
    for _ in range(400):
        gains = means + generator.normal(size=(18, 1)) + 0.3 * generator.normal(size=(18, 4))
        ahead = ranks_of(list(gains.T), (8, 12, 18)).ahead
        wrong += bool((ahead & (means[:, None] <= means)).any())
    assert wrong <= 20


@pytest.mark.parametrize("number", [0, 1])
def test_a_single_move_is_the_first(number):
    assert ranks_of(constant(*range(number)), (8,)).best == [1] * number
