"""Covers against all covers of small cases, and what is said where there is none."""

import doctest
import itertools

import numpy as np
import pytest
from cases import for_each

import planner.cover
from foundation.errors import HallplanError
from planner.cover import cover

PAIRS = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]


def cheapest(needed, shifts, prices, most, heads):
    """The least cost over all counts up to `most`, by enumeration."""
    counts = np.array(list(itertools.product(range(most + 1), repeat=len(shifts))))
    feasible = (counts @ shifts >= needed).all(axis=1) & (counts.sum(axis=1) <= heads)
    return (counts @ prices)[feasible].min() if feasible.any() else None


def test_the_examples_of_the_functions_hold():
    assert doctest.testmod(planner.cover).failed == 0


def test_a_cover_costs_what_the_best_of_all_covers_costs():
    rng, solved = np.random.default_rng(7), 0
    for _ in range(40):
        shifts = (rng.random((4, 6)) < 0.5).astype(int)
        needed, prices, heads = rng.integers(0, 4, 6), rng.integers(1, 6, 4), int(rng.integers(2, 9))
        least_cost = cheapest(needed, shifts, prices, 5, heads)
        if least_cost is None:
            with pytest.raises(HallplanError):
                cover(needed, shifts, cost=prices, most=5, heads=heads)
            continue
        result, solved = cover(needed, shifts, cost=prices, most=5, heads=heads), solved + 1
        assert result.cost == least_cost == prices @ result.counts
        assert (result.staffed >= needed).all()
        assert result.heads <= heads
    assert 10 <= solved <= 30  # both kinds are there


def test_least_counts_are_kept_and_costs_decide():
    # 2 people in the second interval: the first shift costs 3, the second 1, so that one of each does.
    result = cover([1, 2, 1, 1], PAIRS, cost=[3, 1, 1])
    assert (result.counts.tolist(), result.cost) == ([1, 1, 1], 5)
    assert cover([1, 2, 1, 1], PAIRS, least=[0, 2, 0]).counts.tolist() == [1, 2, 1]


def test_a_part_of_a_person_covers_a_part_of_a_requirement():
    # Half of the time at the window, half in the office: 1.2 people take three such shifts.
    assert cover([1.2], [[0.5]]).counts.tolist() == [3]


def test_costs_that_differ_by_little_are_still_told_apart():
    # A relative gap of 1e-4, the solver's own default, would take either.
    assert cover([1], [[1], [1]], cost=[100_001, 100_000]).cost == 100_000


@for_each(
    ("options", "key", "words"),
    [
        ({"shifts": [[1, 1, 0]]}, "error.cover.shape", r"\(1, 3\)"),
        ({"requirements": [1, np.nan, 0, 0]}, "error.cover.number", "requirements"),
        ({"cost": [1, -1, 1]}, "error.cover.number", "cost .* -1"),
        ({"least": [1, 1]}, "error.cover.by_shift", "3 shifts"),
        ({"shifts": PAIRS[:2], "labels": ["9:00", "9:30", "10:00", "10:30"]}, "error.cover.none", "interval 10:30"),
        ({"most": [1, 0, 5]}, "error.cover.short", r"1 people to the interval 1, which needs 2"),
        ({"heads": 2}, "error.cover.heads", "2 people do not suffice: .* at least 3"),
        ({"least": 0.2, "most": 0.8, "shifts": np.ones((3, 4))}, "error.cover.bounds", "widen"),
    ],
)
def test_what_cannot_be_covered_is_said_with_the_reason(options, key, words):
    with pytest.raises(HallplanError, match=words) as error:
        cover(options.pop("requirements", [1, 2, 1, 1]), options.pop("shifts", PAIRS), **options)
    assert error.value.key == key


@for_each(("needed", "shifts"), [(["two", 1], [[1, 0], [0, 1]]), ([1, 2], [[1, 0], [1]])])
def test_what_is_no_table_of_numbers_is_refused(needed, shifts):
    with pytest.raises(HallplanError) as error:
        cover(needed, shifts)
    assert error.value.key == "error.not_numbers"
