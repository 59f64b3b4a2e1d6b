"""Durations: the right family, a mean inside its interval, and tests of fit that mean what they say."""

import math

import numpy as np
import pytest
from cases import for_each
from scipy import stats

from calibration.discovery.laws.entries import empirical_law
from calibration.discovery.laws.families import ESTIMATORS as FITS
from calibration.discovery.laws.families import FAMILIES, fit_test, log_density
from calibration.discovery.laws.fitting import censored_law, fit_law
from scenarios.model.laws import Law, mean_of

MINUTE = 60_000.0
SHAPES = {"expon": (), "gamma": (2.5,), "lognorm": (0.7,), "weibull_min": (1.7,), "fisk": (3.5,)}


def sample(family, n, seed):
    return getattr(stats, family)(*SHAPES[family], scale=10 * MINUTE).rvs(n, random_state=seed)


@for_each("family", FAMILIES)
def test_a_fit_finds_the_maximum_that_scipy_finds(family):
    x = sample(family, 800, 4)
    shape, scale = (float(one[0]) for one in FITS[family](x[None, :]))
    theirs = getattr(stats, family).fit(x, floc=0)
    law = getattr(stats, family)
    ours = law(scale=scale) if family == "expon" else law(shape, scale=scale)
    assert ours.logpdf(x).sum() >= law(*theirs).logpdf(x).sum() - 1e-3
    assert scale == pytest.approx(theirs[-1], rel=2e-3)


@for_each("family", ["gamma", "lognorm", "weibull_min", "fisk"])
def test_the_best_family_is_the_true_one(family):
    found = fit_law(sample(family, 4_000, 10), rng=np.random.default_rng(1))
    assert found.family == family
    assert found.p_value > 0.01
    assert mean_of(Law.model_validate(found.law)) == pytest.approx(found.mean, rel=1e-4)


SHAPES_MEAN = {
    family: float(getattr(stats, family)(*shape, scale=10 * MINUTE).mean()) for family, shape in SHAPES.items()
}


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gamma", "lognorm", "weibull_min"])
def test_a_test_of_fit_rejects_the_truth_as_often_as_it_says(family):
    rng = np.random.default_rng(2)
    p = np.array([fit_test(family, sample(family, 120, seed), rng=rng, resamples=99) for seed in range(150)])
    # 150 tests at 10%: between 5 and 26 rejections with 99.9% (binomial).
    assert 5 <= (p <= 0.1).sum() <= 26
    assert 0.4 <= p.mean() <= 0.6


def test_a_test_of_fit_notices_a_wrong_family():
    rng = np.random.default_rng(3)
    assert fit_test("expon", sample("lognorm", 400, 1), rng=rng) <= 0.01
    mixed = np.r_[sample("gamma", 250, 1), 60 * MINUTE + sample("gamma", 250, 2) / 20]
    assert fit_law(mixed, rng=rng).family == "empirical"


def test_a_test_of_fit_says_what_scipys_says():
    x = sample("lognorm", 100, 5) * np.linspace(0.6, 1.4, 100)
    theirs = stats.goodness_of_fit(
        stats.lognorm, x, known_params={"loc": 0}, statistic="ad", n_mc_samples=400, rng=np.random.default_rng(1)
    )
    assert fit_test("lognorm", x, rng=np.random.default_rng(1)) == pytest.approx(theirs.pvalue, abs=0.12)


def test_the_interval_of_a_mean_covers_it():
    rng = np.random.default_rng(9)
    covered = 0
    for seed in range(200):
        found = fit_law(sample("gamma", 60, seed), rng=rng)
        covered += found.low <= SHAPES_MEAN["gamma"] <= found.high
    assert covered >= 180  # 190 expected; fewer than 180 has a probability below 0.1% at 95%


def test_the_interval_of_two_durations_has_one_degree_of_freedom():
    law = fit_law(np.array([2.0, 4.0]) * MINUTE, rng=np.random.default_rng(1))
    # Mean 3, standard error 1, and the quantile of Student's law with one degree (Cauchy's): tan(0.475 π) = 12.71.
    assert (law.low, law.high) == (0, pytest.approx((3 + math.tan(0.475 * math.pi)) * MINUTE))


def test_few_rows_speak_for_themselves():
    x = sample("lognorm", 60, 3)
    found = fit_law(x, rng=np.random.default_rng(1))
    assert found.family == "empirical"
    law = Law.model_validate(found.law)
    assert mean_of(law) == pytest.approx(x.mean(), rel=1e-3)
    assert found.law["mixture"][1]["dist"] == "expon"  # longer than anything seen is possible


def test_one_value_is_a_constant_and_zero_is_one_too():
    assert fit_law(np.full(200, 5 * MINUTE), rng=np.random.default_rng(1)).law == "5 min"
    assert fit_law(np.zeros(200), rng=np.random.default_rng(1)).law == "0 min"


def test_constant_law_says_how_many_rows_it_rests_on():
    assert fit_law(np.full(200, 5 * MINUTE), rng=np.random.default_rng(1)).sampled == 200


def test_working_days_keep_their_shares():
    law = Law.model_validate(empirical_law(np.array([1.0, 1.0, 1.0, 4.0]), unit="working days"))
    assert law.clock == "days"
    assert law.shares == [0.75, 0.25]


@pytest.mark.parametrize(("shape", "family"), [(1.0, "expon"), (2.2, "weibull_min")])
def test_patience_is_found_although_most_are_served_before_it_ends(shape, family):
    patience = stats.weibull_min(shape, scale=30 * MINUTE).rvs(6_000, random_state=1)
    offered = stats.expon(scale=12 * MINUTE).rvs(6_000, random_state=2)
    left = patience < offered
    found = censored_law(patience[left], offered[~left])
    assert found is not None
    truth = 30 * MINUTE * math.gamma(1 + 1 / shape)
    assert found.censored > found.n / 2
    assert found.mean == pytest.approx(truth, rel=0.12)
    assert found.aic is not None
    assert found.family == min(found.aic, key=found.aic.__getitem__)
    assert found.family == family or abs(found.aic["expon"] - found.aic["weibull_min"]) < 4
    # Those who left alone would make everybody look impatient.
    assert patience[left].mean() < 0.7 * truth


def test_patience_needs_somebody_who_left():
    assert censored_law(np.full(3, MINUTE), np.full(100, MINUTE)) is None
    assert censored_law(np.full(4, MINUTE), np.full(100, MINUTE)) is None
    law = censored_law(np.full(5, MINUTE), np.full(100, MINUTE))
    assert law is not None
    assert law.mean == pytest.approx(105 * MINUTE / 5)


@for_each("family", FAMILIES)
def test_the_density_is_scipys(family):
    x = np.array([0.01, 0.4, 1.0, 3.0, 40.0])
    shapes = SHAPES[family]
    expected = getattr(stats, family)(*shapes, scale=2.5).logpdf(x)
    assert log_density(family, x, *(shapes or (1.0,)), 2.5) == pytest.approx(expected)


@for_each("tied", [0.55, 0.9, 0.999])
def test_a_sample_that_is_mostly_zero_keeps_its_zeros_and_its_mean(tied):
    x = np.zeros(2_000)
    x[: round((1 - tied) * x.size)] = 3 * MINUTE
    fitted = fit_law(x, rng=np.random.default_rng(1))
    assert fitted.family == "empirical"
    assert mean_of(Law.model_validate(fitted.law)) == pytest.approx(x.mean(), rel=1e-3)


@for_each("family", FAMILIES)
def test_a_test_of_fit_rejects_equal_durations(family):
    assert fit_test(family, np.full(500, 30_000.0), rng=np.random.default_rng(1)) <= 0.01
