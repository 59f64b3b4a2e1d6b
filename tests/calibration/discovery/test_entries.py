"""Laws as entries of a scenario file, by hand."""

import math

import numpy as np
import pytest
from cases import for_each

from calibration.discovery.laws.entries import empirical_law, law_table, quantity_writer, rounded_shares
from calibration.discovery.laws.fitting import fit_law
from sim.calendar import HOUR_MS, MINUTE_MS


def test_quantities_are_written_in_their_unit():
    assert quantity_writer("min")(90_000.0) == "1.5 min"
    assert quantity_writer("working min")(20 * HOUR_MS + 7_000) == "1200.1 working min"
    assert quantity_writer("working days")(12.0) == "12 working days"
    assert quantity_writer("working days")(1234567.0) == "1.23457e+06 working days"


@for_each(
    "family, shape, law, with_mean",
    [
        ("expon", 1.0, {"dist": "expon", "mean": "2 min"}, {"dist": "expon", "mean": "5 min"}),
        ("gamma", 4.0, {"dist": "gamma", "mean": "8 min", "cv": 0.5}, {"dist": "gamma", "mean": "5 min", "cv": 0.5}),
        ("weibull_min", 1.0, {"dist": "weibull_min", "c": 1.0, "scale": "2 min"},
         {"dist": "weibull_min", "c": 1.0, "scale": "5 min"}),
        ("fisk", 2.0, {"dist": "fisk", "c": 2.0, "scale": "2 min"}, {"dist": "fisk", "c": 2.0, "scale": "3.1831 min"}),
        ("lognorm", math.sqrt(math.log(2)), {"dist": "lognorm", "mean": "2.8284 min", "cv": 1.0},
         {"dist": "lognorm", "mean": "5 min", "cv": 1.0}),
    ],
)  # fmt: skip
def test_a_law_is_written_with_its_own_mean_or_that_of_the_data(family, shape, law, with_mean):
    write = quantity_writer("min")
    assert law_table(family, shape, 2 * MINUTE_MS, write=write) == law
    assert law_table(family, shape, 2 * MINUTE_MS, write=write, mean=5.0 * MINUTE_MS) == with_mean


def test_a_small_sample_is_a_law_of_its_values():
    minutes = np.array([3, 1, 1, 2]) * float(MINUTE_MS)
    assert empirical_law(minutes, unit="min") == {"values": ["1 min", "2 min", "3 min"], "shares": [0.5, 0.25, 0.25]}
    assert empirical_law(minutes[1:3], unit="min") == {"constant": "1 min"}
    days = empirical_law(np.arange(40.0), unit="working days")
    assert len(days["values"]) == 40


@for_each("n, has_tail", [(19, False), (20, True)])
def test_the_largest_tenth_of_a_sample_is_an_exponential_tail(n, has_tail):
    law = empirical_law(np.arange(1.0, n + 1) * MINUTE_MS, unit="min")
    assert ("mixture" in law) == has_tail
    if has_tail:
        body, tail = law["mixture"]
        assert (len(body["values"]), body["values"][-1]) == (18, "18 min")
        assert tail == {"dist": "expon", "loc": "18 min", "scale": "1.5 min"}
        assert law["shares"] == [0.9, 0.1]


def test_equal_largest_values_have_no_tail():
    assert "values" in empirical_law(np.r_[np.arange(1.0, 18), [20, 20, 20]] * MINUTE_MS, unit="min")


@for_each("n, values", [(55, 50), (56, 50)])
def test_the_body_of_a_large_sample_is_fifty_values_of_the_same_mean(n, values):
    sample = np.arange(1.0, n + 1) ** 2 * MINUTE_MS
    body = empirical_law(sample, unit="min")["mixture"][0]
    minutes = np.array([float(text.split()[0]) for text in body["values"]])
    assert minutes.size == values
    retained = sample[: n - n // 10] / MINUTE_MS
    assert minutes @ np.array(body["shares"]) == pytest.approx(retained.mean(), rel=1e-3)


def test_shares_add_up_to_one_and_the_largest_takes_the_rounding():
    shares = rounded_shares(np.array([1.0, 1.0, 4.0]))
    assert shares.tolist() == pytest.approx([0.166666667, 0.166666667, 0.666666666], abs=1e-12)
    assert shares.sum() == pytest.approx(1, abs=1e-15)


@for_each("n, ties, family", [(99, 1, "empirical"), (100, 1, ""), (100, 50, ""), (100, 51, "empirical")])
def test_a_family_is_fitted_from_a_hundred_rows_without_half_of_them_alike(n, ties, family):
    x = -np.log(1 - (np.arange(n) + 0.5) / n) * 60_000
    x[:ties] = 30_000
    fitted = fit_law(x, rng=np.random.default_rng(1), tested=False)
    assert (fitted.family == "empirical") == (family == "empirical")
    assert fitted.n == fitted.sampled == n
