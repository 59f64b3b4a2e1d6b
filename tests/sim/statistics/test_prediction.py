"""Prediction intervals: ranks by hand, and coverage of a next value."""

import math

import numpy as np
import pytest

from sim.statistics.prediction import prediction_interval


@pytest.mark.parametrize(("n", "rank", "coverage"), [(39, 1, 0.95), (199, 5, 0.95), (100, 2, 97 / 101)])
def test_ranks_are_those_of_the_binomial_free_formula(n, rank, coverage):
    prediction = prediction_interval(np.arange(1.0, n + 1))
    assert (prediction.low, prediction.high) == (rank, n + 1 - rank)
    assert prediction.coverage == pytest.approx(coverage)


def test_too_few_values_have_no_ends():
    prediction = prediction_interval(np.arange(38.0))
    assert (prediction.low, prediction.high, prediction.coverage) == (-math.inf, math.inf, 1.0)


def test_infinite_values_are_values_and_missing_ones_are_not():
    values = [*range(38), math.inf, math.nan]
    prediction = prediction_interval(values)
    assert (prediction.low, prediction.high, prediction.n) == (0, math.inf, 39)


def test_the_next_value_lies_inside_as_often_as_promised():
    generator = np.random.default_rng(7)
    values = generator.exponential(size=(2_000, 40))
    inside = [p.low <= row[39] <= p.high for row in values for p in [prediction_interval(row[:39])]]
    assert 0.94 < np.mean(inside) < 0.96  # 0.95, standard error 0.005
