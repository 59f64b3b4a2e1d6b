"""What is left of a time, against formulas: uniform, exponential and constant laws."""

import numpy as np
import pytest

from planner.today.residual import residual_law, survival
from scenarios.model.laws import Law, mean_of
from sim.calendar import MINUTE_MS

UNIFORM = Law.model_validate({"dist": "uniform", "low": "0 min", "high": "20 min"})
EXPONENTIAL = Law.model_validate({"dist": "expon", "mean": "10 min"})


def minutes(law):
    return mean_of(law) / MINUTE_MS


def test_of_a_uniform_time_the_rest_is_uniform():
    left = residual_law([(UNIFORM, 1.0)], 12.0 * MINUTE_MS)
    assert minutes(left) == pytest.approx(4, abs=0.02)  # uniform on 0 to 8
    assert max(q.value for q in left.values) / MINUTE_MS == pytest.approx(8, abs=0.1)


def test_an_exponential_time_has_no_memory():
    assert minutes(residual_law([(EXPONENTIAL, 1.0)], 15.0 * MINUTE_MS)) == pytest.approx(10, rel=0.03)


def test_a_time_met_at_some_moment_has_the_equilibrium_rest():
    # E[R] = E[X²] / 2 E[X]: (400/3) / 20 for the uniform one, half for a constant.
    assert minutes(residual_law([(UNIFORM, 1.0)], None)) == pytest.approx(20 / 3, rel=0.01)
    assert minutes(residual_law([(Law.model_validate("8 min"), 1.0)], None)) == pytest.approx(4, rel=0.01)


def test_what_is_over_tells_which_of_two_laws_it_is():
    short, long = Law.model_validate("5 min"), Law.model_validate("20 min")
    assert minutes(residual_law([(short, 9.0), (long, 1.0)], 10.0 * MINUTE_MS)) == pytest.approx(10, rel=0.05)


def test_a_factor_is_in_the_time_that_is_over_and_not_in_what_comes_out():
    left = residual_law([(UNIFORM, 1.0)], 12.0 * MINUTE_MS, factor=2.0)  # uniform on 0 to 40: 28 left at the most
    assert minutes(left) * 2 == pytest.approx(14, rel=0.01)


def test_a_time_longer_than_any_of_the_law_ends_soon():
    left = residual_law([(UNIFORM, 1.0)], 60.0 * MINUTE_MS)
    assert minutes(left) < 0.1
    assert survival(UNIFORM, 60.0 * MINUTE_MS) == pytest.approx(0.001)


def test_a_time_without_end_stays_endless():
    values = np.array(
        [q.value for q in residual_law([(None, 1.0), (UNIFORM, 1.0)], 10.0 * MINUTE_MS, endless=9e9).values]
    )
    assert np.mean(values == 9e9) == pytest.approx(2 / 3, abs=0.01)  # one half of the uniform times is over
