"""The parts of the posterior, each held against what is known without it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calibration.posterior.emulator import Emulator, effects, fit_quadratic
from calibration.posterior.likelihood import Likelihood, interval_log_probability
from calibration.posterior.matching import match
from calibration.posterior.measurement import measurables, narrowing
from calibration.posterior.report import split_variance
from calibration.posterior.sensitivity import sobol_indices
from calibration.posterior.smc import sample, systematic
from calibration.posterior.targets import from_scale, observed_targets, period_span, to_scale
from foundation.errors import HallplanError

RNG = np.random.default_rng


def cube(points=512, parameters=6, seed=1):
    return RNG(seed).standard_normal((points, parameters))


# ---- the emulator ----


def test_a_quadratic_is_found_again():
    x = cube()
    y = 3 + 2 * x[:, 0] - x[:, 1] + 0.5 * x[:, 0] ** 2 + 0.7 * x[:, 0] * x[:, 1]
    found = fit_quadratic(x, y, np.array([0, 1]))
    fresh = cube(50, seed=2)
    truth = 3 + 2 * fresh[:, 0] - fresh[:, 1] + 0.5 * fresh[:, 0] ** 2 + 0.7 * fresh[:, 0] * fresh[:, 1]
    np.testing.assert_allclose(found.mean(fresh), truth, atol=0.05)
    assert found.explained > 0.999


def test_the_error_is_that_at_points_left_out():
    """Noise of standard deviation 0.5: the error says so, though twenty terms have been fitted to a hundred points."""
    x, noise = cube(100), 0.5 * RNG(3).standard_normal(100)
    found = fit_quadratic(x, x[:, 0] + noise, np.array([0, 1, 2, 3, 4]))
    fresh = cube(4_000, seed=4)
    missed = fresh[:, 0] + 0.5 * RNG(5).standard_normal(4_000) - found.mean(fresh)
    assert found.sd == pytest.approx(missed.std(), rel=0.2)
    assert found.sd > 0.5


def test_effects_are_the_parts_of_each_parameter_and_noise_has_none():
    """2 x moves y by 2; x squared by its own standard deviation, the root of two."""
    x = cube(2_000)
    found = effects(x, 2 * x[:, 0] + x[:, 1] ** 2 + RNG(6).standard_normal(2_000))
    assert found[0] == pytest.approx(2, rel=0.1)
    assert found[1] == pytest.approx(math.sqrt(2), rel=0.15)
    assert (found[2:] < 0.15).all()


def test_with_few_points_only_straight_effects_are_looked_for():
    x = cube(30)
    found = effects(x, 2 * x[:, 0])
    assert found.argmax() == 0
    assert found[0] == pytest.approx(2, rel=0.3)


def test_squares_are_looked_for_from_three_points_a_term_on():
    """Six parameters have twelve terms: 36 points.  Points with their mirror images hide no square in a slope."""
    for points, is_seen in ((34, False), (36, True)):
        half = cube(points // 2)
        x = np.concatenate([half, -half])
        assert (effects(x, x[:, 1] ** 2)[1] > 0.5) == is_seen


# ---- the likelihood ----


@given(st.floats(-40, 40), st.floats(0.01, 5), st.floats(0.05, 3))
@settings(deadline=None)
def test_the_chance_of_an_interval_is_a_difference_of_the_distribution_function(low, width, sd):
    found = interval_log_probability(np.array(low), np.array(low + width), np.array(0.0), np.array(sd))
    a, b = low / sd, (low + width) / sd
    known = stats.norm.cdf(b) - stats.norm.cdf(a) if low < 0 else stats.norm.sf(a) - stats.norm.sf(b)
    if known > 1e-200:
        assert float(found) == pytest.approx(math.log(known), rel=1e-6, abs=1e-6)
    assert np.isfinite(found)


def test_an_open_end_is_a_bound():
    found = interval_log_probability(np.array(-np.inf), np.array(0.0), np.array([-9.0, 0.0, 3.0]), np.array(1.0))
    np.testing.assert_allclose(np.exp(found), stats.norm.cdf([9.0, 0.0, -3.0]), rtol=1e-9)


def test_the_articles_intervals_are_those_of_its_words():
    known = {one.key: (one.low, one.high) for one in observed_targets()}
    assert known["visits-before"] == (200, 250)
    assert known["items-now"] == (7_000, 7_500)
    assert known["open-cases"] == (89.5, 90.5)
    assert known["licence-before"] == (14.5, 15.5)
    assert known["accepted-now"] == (38_470.5, 38_471.5)
    assert known["instant-share"][0] < 36_259 / 38_471 < known["instant-share"][1]
    checks = ["items-before", "items-now", "instant-share", "appointments", "completion", "committed-completion"]
    assert [one.key for one in observed_targets() if not one.target.fitted] == checks


def test_an_unknown_target_is_told():
    with pytest.raises(HallplanError, match="no target nonsense"):
        observed_targets(["nonsense"])
    assert [one.key for one in observed_targets(["staff"])] == ["staff"]


@given(st.floats(1e-3, 1 - 1e-3))
def test_scales_can_be_undone(value):
    for scale in ("log", "logit"):
        assert float(from_scale(to_scale(np.array(value), scale), scale)) == pytest.approx(value, rel=1e-9)


def _likelihood(discrepancy):
    targets = observed_targets(["items-now", "accepted-now"])
    x = cube(400, 2)
    parts = tuple(fit_quadratic(x, 8.9 + 0.1 * x[:, 0] + 0.01 * x[:, 1], np.array([0])) for _ in targets)
    return Likelihood.of(Emulator(parts), targets, discrepancy=discrepancy)


def test_a_count_grows_with_its_period_and_a_rate_does_not():
    likelihood, x = _likelihood(True), np.zeros((2, 2))
    rate, count = likelihood.means(x, np.array([126.0, 147.0])).T
    assert rate[0] == rate[1]
    assert count[1] - count[0] == pytest.approx(math.log(147 / 126))
    assert count[0] - rate[0] == pytest.approx(math.log(126 / 21))
    assert period_span() == (115, 160)


def test_discrepancies_widen_and_a_target_can_be_left_out():
    wide, strict = _likelihood(True), _likelihood(False)
    assert (wide.sd > strict.sd).all()
    rest = wide.without("items-now")
    assert [one.key for one in rest.targets] == ["accepted-now"]
    x, period = cube(10, 2), np.full(10, 130.0)
    np.testing.assert_array_equal(rest.log_parts(x, period)[:, 0], wide.log_parts(x, period)[:, 1])


# ---- history matching ----


def test_points_beyond_three_standard_deviations_go():
    targets = observed_targets(["visits-before", "visits-now"])
    inside = [math.log(220), math.log(720)]
    means = np.array([inside, [math.log(250) + 0.29, inside[1]], [math.log(250) + 0.31, inside[1]]])
    found = match(means, np.array([0.1, 0.1]), targets)
    assert found.retained.tolist() == [True, True, False]
    assert found.implausibility[0].tolist() == [0, 0]
    assert found.implausibility[1, 0] == pytest.approx(2.9)
    assert found.shares == {"visits-before": pytest.approx(2 / 3), "visits-now": 1.0}


def test_two_figures_that_no_point_suits_together_are_in_conflict():
    targets = observed_targets(["visits-before", "visits-now"])
    good, bad = (math.log(220), math.log(720)), (math.log(900), math.log(100))
    either = np.array([[good[0], bad[1]]] * 50 + [[bad[0], good[1]]] * 50)
    (conflict,) = match(either, np.array([0.01, 0.01]), targets).conflicts
    assert (conflict.first, conflict.second, conflict.expected, conflict.simulated) == (
        "visits-before",
        "visits-now",
        0.25,
        0,
    )
    both = np.array([[good[0], good[1]]] * 100)
    assert match(both, np.array([0.01, 0.01]), targets).conflicts == ()


# ---- sequential Monte Carlo ----


def test_a_normal_posterior_is_found_with_its_evidence():
    """Prior N(0, 1) in four dimensions; the first is seen as 1.5 with error 0.5: posterior N(1.2, 0.2)."""

    def log_likelihood(z):
        return stats.norm.logpdf(1.5, z[:, 0], 0.5)

    found = sample(log_likelihood, 4, particles=4_000, rng=RNG(1))
    assert found.z[:, 0].mean() == pytest.approx(1.2, abs=0.04)
    assert found.z[:, 0].std() == pytest.approx(math.sqrt(0.2), rel=0.06)
    np.testing.assert_allclose(found.z[:, 1:].mean(axis=0), 0, atol=0.07)
    np.testing.assert_allclose(found.z[:, 1:].std(axis=0), 1, rtol=0.06)
    assert found.log_evidence == pytest.approx(stats.norm.logpdf(1.5, 0, math.sqrt(1.25)), abs=0.1)
    assert found.degrees[-1] == 1
    assert list(found.degrees) == sorted(found.degrees)


def test_a_posterior_on_a_ridge_is_found():
    """Only the sum is seen: it becomes sharp, the difference stays as it was."""
    found = sample(lambda z: stats.norm.logpdf(2.0, z[:, 0] + z[:, 1], 0.05), 2, particles=4_000, rng=RNG(2))
    total, difference = found.z[:, 0] + found.z[:, 1], found.z[:, 0] - found.z[:, 1]
    assert total.mean() == pytest.approx(2.0, abs=0.02)
    assert total.std() == pytest.approx(0.05, rel=0.15)
    assert difference.std() == pytest.approx(math.sqrt(2), rel=0.08)


def test_systematic_draws_are_as_many_of_each_as_its_weight_says_also_of_the_last():
    assert systematic(np.array([0.25, 0.0, 0.75]), 8, RNG(3)).tolist() == [0, 0, 2, 2, 2, 2, 2, 2]
    assert systematic(np.array([0.0, 1.0]), 3, RNG(3)).tolist() == [1, 1, 1]


def test_the_same_seed_draws_the_same_particles():
    one, two = (sample(lambda z: -((z[:, 0] - 1) ** 2), 3, particles=64, rng=RNG(5)) for _ in range(2))
    np.testing.assert_array_equal(one.z, two.z)


# ---- where variance comes from ----


def test_a_variance_is_split_into_its_known_parts():
    """Two calibrated parts of variance 1 together, one assumed of 1, chance of 2: a quarter, a quarter, a half."""
    rng = RNG(4)
    x = rng.standard_normal((4_000, 4))
    mean = (x[:, 0] + x[:, 1]) / math.sqrt(2) + x[:, 2]
    values = mean[:, None] + math.sqrt(2) * rng.standard_normal((4_000, 2))
    found = split_variance(values, x, np.array([True, True, False, False]))
    assert found["chance"] == pytest.approx(0.5, abs=0.03)
    assert found["calibrated"] == pytest.approx(0.25, abs=0.03)
    assert found["assumed"] == pytest.approx(0.25, abs=0.03)
    assert sum(found.values()) == pytest.approx(1)


def test_too_few_draws_for_a_regression_say_nothing_of_what_is_calibrated():
    rng = RNG(4)
    x = rng.standard_normal((10, 8))
    found = split_variance(x[:, :1] + 0.1 * rng.standard_normal((10, 2)), x, np.ones(8, dtype=bool))
    assert found["calibrated"] == 0


def test_sobol_indices_of_a_sum_and_a_product():
    """y = 2 a + b + c d: variances 4, 1 and 1; c and d matter only together."""
    x = cube(3_000, 6)
    y = 2 * x[:, 0] + x[:, 1] + x[:, 2] * x[:, 3] + 0.5 * RNG(7).standard_normal(3_000)
    found = sobol_indices(x, y, seed=1)
    first, total = (dict(zip(found.inputs, part, strict=True)) for part in (found.first, found.total))
    for place, known in ((0, 4 / 6), (1, 1 / 6), (2, 0), (3, 0)):
        assert first[place] == pytest.approx(known, abs=0.05)
    assert total[2] == pytest.approx(1 / 6, abs=0.05)
    assert total[4] < 0.02
    assert found.explained == pytest.approx(6 / 6.25, abs=0.03)


def test_a_record_narrows_by_what_it_explains():
    """A forecast of variance 1, a record with an error of variance 1: a half; blurred by another 1: a third."""
    rng = RNG(8)
    f = rng.standard_normal(20_000)
    forecast = f[:, None] + 0.7 * rng.standard_normal((20_000, 2))
    record = (f + rng.standard_normal(20_000))[:, None]
    assert narrowing(forecast, record, np.zeros(1)) == pytest.approx(1 / 2, abs=0.03)
    assert narrowing(forecast, record, np.array([1.0])) == pytest.approx(1 / 3, abs=0.03)
    assert narrowing(forecast, rng.standard_normal((20_000, 1)), np.zeros(1)) < 0.01
    assert narrowing(np.tile(rng.standard_normal((50, 1)), 2) * [1, -1], record[:50], np.zeros(1)) == 0


def test_what_could_be_measured_has_a_title_in_both_languages():
    assert len(measurables()) >= 8
    for one in measurables().values():
        assert one.title.en
        assert one.title.zh
        assert one.outcomes or one.parameters
