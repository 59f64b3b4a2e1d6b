"""Promised, supported and realised compression: three numbers, each worked by hand, and never the same by accident."""

import math

import numpy as np
import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from planner.compression import promised, realised, share_within, supported, supported_limit

DAYS = st.lists(st.integers(0, 60) | st.just(math.inf), min_size=1, max_size=60)
SHARES = st.integers(1, 100).map(lambda n: n / 100)


@given(DAYS, SHARES)
def test_the_supported_limit_is_the_least_whole_number_that_suffices(days, q):
    limit = supported_limit(days, q=q)
    if math.isinf(limit):
        assert share_within(days, 1e9) < q
        return
    assert limit == int(limit)
    assert share_within(days, limit) >= q - 1e-9
    assert share_within(days, limit - 1) < q


@given(DAYS, SHARES, SHARES)
def test_asking_for_more_cases_never_shortens_the_limit(days, one, other):
    low, high = sorted((one, other))
    assert supported_limit(days, q=low) <= supported_limit(days, q=high)


@for_each(
    ("days", "q", "limit"),
    [
        ([3] * 19 + [15], 0.95, 3),
        ([3] * 18 + [15] * 2, 0.95, 15),
        ([3] * 7 + [9] * 93, 0.07, 3),  # 0.07 * 100 is a little more than 7 in floating point
        ([2.2, 2.7], 1.0, 3),
        ([0, 0, 0], 0.5, 0),
        ([1, math.inf], 0.95, math.inf),
        ([1, math.inf], 0.5, 1),
    ],
)
def test_supported_limits_worked_by_hand(days, q, limit):
    assert supported_limit(days, q=q) == limit


def test_without_cases_there_is_no_limit_and_no_share():
    assert math.isnan(supported_limit([]))
    assert math.isnan(share_within([], 3))


def test_one_item_supported_worked_by_hand():
    """19 of 20 cases within 3 days of a statutory 20: L = 3, cut 85 %."""
    found = supported([3] * 19 + [15], 20)
    assert found.limits.tolist() == [3]
    assert found.cuts.of_sums == pytest.approx(0.85)


def test_several_items_supported_worked_by_hand():
    """Items of 10 and 30 days with 4 and 2 cases, L = 4 and 33; the third has none and counts nowhere.

    Mean of 60 % and -10 %; sums 37 of 40; by volume 82 of 100 case-days.
    """
    found = supported([1, 2, 3, 4, 33, 30], [10, 30, 20], items=[0, 0, 0, 0, 1, 1], q=1.0)
    assert found.limits[:2].tolist() == [4, 33]
    assert math.isnan(found.limits[2])
    assert found.cuts.item_mean == pytest.approx(0.25)
    assert found.cuts.of_sums == pytest.approx(1 - 37 / 40)
    assert found.cuts.by_volume == pytest.approx(1 - (4 * 4 + 2 * 33) / (4 * 10 + 2 * 30))


def test_an_item_that_no_limit_supports_has_an_infinite_one():
    found = supported([math.inf] * 3, 20)
    assert found.limits.tolist() == [math.inf]
    assert found.cuts.of_sums == -math.inf


def test_promised_is_about_limits_alone():
    assert promised([15], [3]).of_sums == pytest.approx(0.8)
    assert promised([20, 20], [10, 9.2]).of_sums == pytest.approx(0.52)


def test_realised_worked_by_hand():
    """One licence from a mean of 15 to one of 3 days: 80 %."""
    assert realised([14, 16], [3, 3, 3]).of_sums == pytest.approx(0.8)


def test_a_change_of_the_mix_is_no_change_of_speed():
    """Nothing became faster; the short item became commoner, and the crude mean falls from 11 days to under 3."""
    before, items_before = [2, 20], [0, 1]
    after, items_after = [2] * 30 + [20], [0] * 30 + [1]
    cuts = realised(before, after, items_before=items_before, items_after=items_after)
    assert (cuts.item_mean, cuts.of_sums, cuts.by_volume) == (0, 0, 0)
    assert 1 - np.mean(after) / np.mean(before) > 0.7


def test_items_without_cases_on_both_sides_are_left_out():
    cuts = realised([10, 8], [5, 1], items_before=[0, 1], items_after=[0, 2])
    assert (cuts.item_mean, cuts.of_sums) == (0.5, 0.5)


def test_the_three_numbers_differ_on_one_hall():
    """Limits cut 52 %; the staff support 15 %; time fell 50 %: each right, none another."""
    before, after = [10] * 20, [1] * 15 + [17] * 5
    assert promised([20], [9.6]).of_sums == pytest.approx(0.52)
    assert supported(after, 20, q=0.95).cuts.of_sums == pytest.approx(0.15)
    assert realised(before, after).of_sums == pytest.approx(0.5)


@for_each(
    "call",
    [
        lambda: supported_limit([1], q=0),
        lambda: supported_limit([1], q=1.1),
        lambda: supported_limit([-1]),
        lambda: supported_limit([math.nan]),
        lambda: supported([], 20),
        lambda: supported([1], 0),
        lambda: supported([1], 20, items=[1]),
        lambda: supported([1], 20, items=[-1]),
        lambda: supported([1], 20, items=[0, 0]),
        lambda: supported([1], 20, items=[0.5]),
        lambda: realised([1], [math.inf]),
        lambda: realised([1], []),
        lambda: realised([1], [1], items_before=[0], items_after=[1]),
        lambda: realised([0], [1]),
    ],
)
def test_nonsense_is_refused(call):
    with pytest.raises(ValueError, match=r"\w+"):
        call()
