"""Inverse distribution functions: the moments that were asked, SciPy's own values, and the order of quantiles.

Moments are integrals of the quantile function: with u = Φ(z) they become ∫ q(Φ(z))^k φ(z) dz, for which the trapezoidal
rule on a fine grid converges faster than any power of its step.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from scenarios.model.laws import Law
from sim.draw.laws import quantile, whole

MIN = 60_000.0
_Z = np.linspace(-8.0, 8.0, 8_001)
_WEIGHT = np.exp(-_Z * _Z / 2) / math.sqrt(2 * math.pi) * (_Z[1] - _Z[0])


def law(value: Any) -> Law:
    return Law.model_validate(value)


def at(value: Any, *u: float) -> list[float]:
    return quantile(law(value), np.array(u)).tolist()


def moments(value: Any) -> tuple[float, float]:
    """Return mean and coefficient of variation of a law, by quadrature of its quantile function."""
    q = quantile(law(value), special.ndtr(_Z))
    mean = float((q * _WEIGHT).sum())
    return mean, math.sqrt(float((np.square(q - mean) * _WEIGHT).sum())) / mean


LAWS: dict[str, Any] = {
    "constant": "8 min",
    "expon": {"dist": "expon", "mean": "8 min"},
    "gamma": {"dist": "gamma", "mean": "8 min", "cv": 0.6},
    "lognorm": {"dist": "lognorm", "mean": "8 min", "cv": 0.6},
    "weibull": {"dist": "weibull_min", "mean": "8 min", "cv": 0.6},
    "norm": {"dist": "norm", "mean": "8 min", "cv": 0.2},
    "uniform": {"dist": "uniform", "low": "4 min", "high": "12 min"},
    "triangular": {"dist": "triangular", "low": "2 min", "mode": "5 min", "high": "20 min"},
    "pert": {"dist": "pert", "low": "2 min", "mode": "5 min", "high": "20 min"},
    "beta": {"dist": "beta", "a": 2.0, "b": 3.0, "scale": "20 min"},
    "shifted": {"dist": "gamma", "a": 2.5, "loc": "1 min", "scale": "3 min"},
    "values": {"values": ["1 min", "2 min", "9 min"], "shares": [0.5, 0.3, 0.2]},
}
laws = st.sampled_from(sorted(LAWS))
probability = st.floats(0, 1, exclude_max=True)
means = st.floats(0.05, 500)
cvs = st.floats(0.02, 2)
by_mean_and_cv = st.sampled_from(["gamma", "lognorm", "weibull_min"])


# ---- moments ---------------------------------------------------------------------------------------------------------


@for_each("dist", ["gamma", "lognorm", "weibull_min", "norm"])
@for_each("cv", [0.05, 0.3, 0.6, 1.0, 1.5])
def test_a_family_has_the_mean_and_cv_that_were_asked(dist: str, cv: float) -> None:
    assert moments({"dist": dist, "mean": "12 min", "cv": cv}) == pytest.approx((12 * MIN, cv), rel=1e-3)


def test_an_exponential_law_has_cv_one() -> None:
    assert moments({"dist": "expon", "mean": "5 min"}) == pytest.approx((5 * MIN, 1), rel=1e-3)


@given(by_mean_and_cv, means, st.floats(0.05, 1.5))
def test_any_mean_and_cv_come_out_as_asked(dist: str, mean: float, cv: float) -> None:
    assert moments({"dist": dist, "mean": f"{mean:.6f} min", "cv": cv}) == pytest.approx((mean * MIN, cv), rel=1e-3)


@for_each("cv", [1e-6, 1e-4, 5e-4, 1e-3, 2e-3])
def test_a_weibull_law_can_be_almost_constant(cv: float) -> None:
    assert moments({"dist": "weibull_min", "mean": "10 min", "cv": cv}) == pytest.approx((10 * MIN, cv), rel=2e-3)


@for_each("dist", ["gamma", "lognorm", "weibull_min", "norm"])
def test_without_variation_every_value_is_the_mean(dist: str) -> None:
    assert at({"dist": dist, "mean": "7 min", "cv": 0.0}, 0, 0.3, 0.999) == [7 * MIN] * 3


def test_ranges_have_the_means_of_their_formulas() -> None:
    # (low + high)/2; (low + mode + high)/3; (low + 4 mode + high)/6.
    assert moments(LAWS["uniform"])[0] == pytest.approx(8 * MIN, rel=1e-3)
    assert moments(LAWS["triangular"])[0] == pytest.approx(9 * MIN, rel=1e-3)
    assert moments(LAWS["pert"])[0] == pytest.approx(7 * MIN, rel=1e-3)


def test_a_uniform_law_has_its_variance() -> None:
    assert moments(LAWS["uniform"])[1] == pytest.approx(8 / math.sqrt(12) / 8, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.1, 30), st.floats(0.1, 30))
def test_a_mixture_s_mean_is_the_weighted_mean(share: float, first: float, second: float) -> None:
    mixture = {
        "mixture": [{"dist": "gamma", "mean": f"{m:.6f} min", "cv": 0.5} for m in (first, second)],
        "shares": [share, 1 - share],
    }
    u = (np.arange(20_000) + 0.5) / 20_000  # the midpoint rule: the quantile function jumps where one part ends
    mean = float(quantile(law(mixture), u).mean())
    assert mean == pytest.approx((share * first + (1 - share) * second) * MIN, rel=2e-3)


# ---- known values ----------------------------------------------------------------------------------------------------


@given(st.sampled_from(["gamma", "weibull_min", "lognorm", "invgauss"]), st.floats(0.2, 5), st.floats(0.01, 0.99))
def test_a_scipy_law_gives_scipy_s_quantiles(dist: str, shape: float, u: float) -> None:
    family = getattr(stats, dist)
    name = family.shapes
    given_law = {"dist": dist, name: shape, "loc": "2 min", "scale": "3 min"}
    assert at(given_law, u) == pytest.approx([family.ppf(u, shape, loc=2 * MIN, scale=3 * MIN)])


@given(st.floats(0.5, 5), st.floats(0.5, 5), st.floats(0.01, 0.99))
def test_a_scipy_law_of_two_shapes_gives_scipy_s_quantiles(a: float, b: float, u: float) -> None:
    assert at({"dist": "beta", "a": a, "b": b, "scale": "9 min"}, u) == pytest.approx(
        [stats.beta.ppf(u, a, b, scale=9 * MIN)]
    )


@for_each("u", [0.01, 0.25, 0.5, 0.9, 0.999])
def test_families_by_mean_are_scipy_s_with_other_parameters(u: float) -> None:
    m, cv = 8 * MIN, 0.6
    sigma = math.sqrt(math.log(1 + cv**2))
    assert at(LAWS["expon"], u) == pytest.approx([stats.expon.ppf(u, scale=m)])
    assert at(LAWS["gamma"], u) == pytest.approx([stats.gamma.ppf(u, 1 / cv**2, scale=m * cv**2)])
    assert at(LAWS["lognorm"], u) == pytest.approx([stats.lognorm.ppf(u, sigma, scale=m * math.exp(-(sigma**2) / 2))])
    assert at(LAWS["norm"], u) == pytest.approx([stats.norm.ppf(u, m, 0.2 * m)])


@for_each("u", [0.0, 0.1, 1 / 6, 0.5, 0.99])
def test_ranges_are_scipy_s_with_other_parameters(u: float) -> None:
    low, width, peak = 2 * MIN, 18 * MIN, 1 / 6
    assert at(LAWS["uniform"], u) == pytest.approx([stats.uniform.ppf(u, 4 * MIN, 8 * MIN)])
    assert at(LAWS["triangular"], u) == pytest.approx([stats.triang.ppf(u, peak, low, width)])
    assert at(LAWS["pert"], u) == pytest.approx([stats.beta.ppf(u, 1 + 4 * peak, 5 - 4 * peak, low, width)])


def test_the_median_of_an_exponential_law() -> None:
    assert at(LAWS["expon"], 0.5) == pytest.approx([8 * MIN * math.log(2)])


@for_each(("u", "minutes"), [(0.0, 1), (0.499999, 1), (0.5, 2), (0.799999, 2), (0.8, 9), (0.999999, 9)])
def test_a_list_of_values_is_taken_by_its_shares(u: float, minutes: int) -> None:
    assert at(LAWS["values"], u) == [minutes * MIN]


def test_values_without_shares_are_equally_likely_and_a_share_of_nothing_is_never_taken() -> None:
    u = (np.arange(300) + 0.5) / 300
    assert np.bincount(quantile(law({"values": [0, 1, 2]}), u).astype(int)).tolist() == [100, 100, 100]
    never = quantile(law({"values": [0, 1, 2], "shares": [0.0, 1.0, 0.0]}), np.array([0.0, 0.5, np.nextafter(1, 0)]))
    assert never.tolist() == [1, 1, 1]


def test_a_mixture_takes_each_part_whole() -> None:
    mixture = {"mixture": [{"dist": "uniform", "low": "0 min", "high": "10 min"}, "20 min"], "shares": [0.25, 0.75]}
    # The first quarter of the probability runs through all of the first part.
    assert at(mixture, 0, 0.125, 0.25, 0.9) == pytest.approx([0, 5 * MIN, 20 * MIN, 20 * MIN], abs=1e-6)


# ---- laws of order ---------------------------------------------------------------------------------------------------


@given(laws, probability, probability)
def test_a_quantile_never_falls_as_the_probability_rises(name: str, first: float, second: float) -> None:
    low, high = at(LAWS[name], *sorted((first, second)))
    assert low <= high


@given(laws, st.floats(0, 10), probability)
def test_a_factor_multiplies_every_value(name: str, factor: float, u: float) -> None:
    scaled = law(LAWS[name]).model_copy(update={"factor": factor})
    assert quantile(scaled, np.array([u])) == pytest.approx(factor * quantile(law(LAWS[name]), np.array([u])))


@given(by_mean_and_cv, means, st.floats(1, 3), cvs, probability)
def test_a_longer_mean_makes_no_service_shorter(dist: str, mean: float, more: float, cv: float, u: float) -> None:
    short, long = (at({"dist": dist, "mean": f"{m:.9f} min", "cv": cv}, u)[0] for m in (mean, mean * more))
    assert short <= long * (1 + 1e-12)


@given(laws, probability)
def test_what_is_drawn_is_whole_and_not_negative(name: str, u: float) -> None:
    value = whole(quantile(law(LAWS[name]), np.array([u])))
    assert value.dtype == np.int64
    assert value[0] >= 0


@given(st.floats(0.001, 100), probability)
def test_the_negative_part_of_a_normal_law_is_cut_off(cv: float, u: float) -> None:
    drawn = whole(quantile(law({"dist": "norm", "mean": "1 min", "cv": cv}), np.array([u])))[0]
    exact = MIN * (1 + cv * float(special.ndtri(max(u, 2**-54))))
    assert drawn == round(max(exact, 0.0))


@given(st.floats(allow_nan=False))
def test_whole_numbers_stay_inside_the_clock(value: float) -> None:
    assert 0 <= whole(np.array([value]))[0] <= 2**62


@given(st.integers(0, 2**50))
def test_a_whole_number_of_milliseconds_stays_what_it_is(value: int) -> None:
    assert whole(np.array([float(value)]))[0] == value


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6), probability)
def test_no_probability_falls_outside_a_mixture(weights: list[float], u: float) -> None:
    shares = [weight / math.fsum(weights) for weight in weights]
    parts = [{"dist": "lognorm", "mean": f"{k + 1} min", "cv": 1.0} for k in range(len(shares))]
    value = at({"mixture": parts, "shares": shares}, u)[0]
    assert math.isfinite(value)
    assert value >= 0


@for_each("name", sorted(LAWS))
def test_the_ends_of_the_unit_interval_give_numbers(name: str) -> None:
    ends = quantile(law(LAWS[name]), np.array([0.0, np.nextafter(1.0, 0.0)]))
    assert np.isfinite(whole(ends)).all()
    assert not np.isnan(ends).any()


def test_an_array_comes_back_in_its_shape() -> None:
    u = np.linspace(0, 0.99, 12).reshape(3, 4)
    for value in LAWS.values():
        assert quantile(law(value), u).shape == (3, 4)
