"""Which items are judged alone, together, or not at all."""

import numpy as np

from planner.promise_groups import least_cases, promise_groups


def test_fewer_cases_than_the_share_can_divide_are_judged_with_those_of_equal_limits():
    """With 95%, from 20 cases on; 8 and 13 of equal limits make 21, and 5 of other limits stay alone."""
    limits = np.array([[20, 20, 20, 9, 20], [5, 5, 5, 5, 3]])
    groups, too_rare = promise_groups(limits, np.array([20, 8, 13, 5, 0]), share=0.95)
    assert [group.tolist() for group in groups] == [[0], [1, 2]]
    assert too_rare.tolist() == [3]


def test_the_fewest_cases_are_those_of_which_one_may_be_late():
    """One of 20 is 5%, and one of 10 is 10%."""
    assert [least_cases(share) for share in (0.5, 0.8, 0.9, 0.95, 0.99)] == [2, 5, 10, 20, 100]
