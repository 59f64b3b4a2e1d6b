"""Sensitivity indices, against analytic values and an independent implementation."""

import warnings

import numpy as np
import pytest

from planner.sweep.unit import unit_points
from sim.statistics.sensitivity import chance_variance, elementary_effects, sobol_indices

G_COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0])


def ishigami(unit):
    """``sin x + 7 sin² y + 0.1 z⁴ sin x`` on (-π, π)³ (Ishigami and Homma 1990)."""
    x, y, z = (np.pi * (2 * unit - 1)).T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def g_function(unit):
    """``Π (|4u - 2| + a) / (1 + a)`` (Sobol 1993)."""
    return np.prod((np.abs(4 * unit - 2) + G_COEFFICIENTS) / (1 + G_COEFFICIENTS), axis=1)


def ishigami_indices():
    v_x, v_y, v_xz = 0.5 * (1 + np.pi**4 / 50) ** 2, 49 / 8, 0.01 * np.pi**8 * 8 / 225
    variance = v_x + v_y + v_xz
    return np.array([v_x, v_y, 0]) / variance, np.array([v_x + v_xz, v_y, v_xz]) / variance, variance


def g_indices():
    parts = 1 / (3 * (1 + G_COEFFICIENTS) ** 2)
    variance = np.prod(1 + parts) - 1
    return parts / variance, parts * np.prod(1 + parts) / (1 + parts) / variance, variance


def blocks_of(function, keys, number, *, replications=1, shared=0.0, noise=0.0):
    """Return outcomes of a Saltelli design with chance that all points share, and chance of each."""
    unit = unit_points("saltelli", number, keys, seed=3)
    rng = np.random.default_rng(5)
    common = shared * rng.standard_normal((1, replications))
    values = function(unit)[:, None] + common + noise * rng.standard_normal((len(unit), replications))
    return values.reshape(number, keys + 2, replications)


@pytest.mark.parametrize(
    ("function", "analytic", "keys"), [(ishigami, ishigami_indices, 3), (g_function, g_indices, 4)]
)
def test_indices_are_the_analytic_ones(function, analytic, keys):
    first, total, variance = analytic()
    indices = sobol_indices(blocks_of(function, keys, 4096))
    np.testing.assert_allclose(indices.first[0], first, atol=0.02)
    np.testing.assert_allclose(indices.total[0], total, atol=0.02)
    assert indices.variance == pytest.approx(variance, rel=0.02)


def test_chance_is_not_taken_for_an_effect():
    """Noise with half of the function's variance in each mean: without care the indices would shrink by a third."""
    first, total, variance = ishigami_indices()
    noise = np.sqrt(0.5 * variance * 4)
    indices = sobol_indices(blocks_of(ishigami, 3, 4096, replications=4, shared=30.0, noise=noise))
    np.testing.assert_allclose(indices.first[0], first, atol=0.05)
    np.testing.assert_allclose(indices.total[0], total, atol=0.05)
    assert indices.noise == pytest.approx(0.5 / 1.5, abs=0.02)


def test_intervals_hold_the_analytic_index_about_as_often_as_they_say():
    first, total, _ = g_indices()
    held = []
    for seed in range(60):
        values = g_function(unit_points("saltelli", 256, 4, seed=seed)).reshape(256, 6, 1)
        indices = sobol_indices(values, seed=seed)
        for ends, truth in ((indices.first, first), (indices.total, total)):
            held.append((ends[1] <= truth) & (truth <= ends[2]))
    assert 0.93 <= np.mean(held) <= 1.0, "Sobol points are spread more evenly than the bootstrap supposes"


def test_a_metric_that_never_changes_has_no_indices():
    indices = sobol_indices(np.ones((8, 4, 2)))
    assert np.isnan([indices.first, indices.total]).all()
    assert np.isnan(indices.noise)


def test_blocks_without_a_number_are_left_out():
    values = blocks_of(ishigami, 3, 64, replications=2)
    values[5, 2] = np.nan
    values[9, 0, 0] = np.inf
    assert sobol_indices(values).blocks == 63
    np.testing.assert_array_equal(
        sobol_indices(np.delete(values, 5, axis=0)).total, sobol_indices(values).total, "only the block of the gap"
    )


def test_elementary_effects_are_those_of_salib():
    from SALib.analyze import morris

    unit = unit_points("morris", 40, 4, seed=2)
    values = g_function(unit)
    ours = elementary_effects(values.reshape(40, 5, 1), unit.reshape(40, 5, 4))
    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[0, 1]] * 4}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = morris.analyze(problem, unit, values, num_levels=4, seed=1)
    for name in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose(getattr(ours, name)[0], np.asarray(theirs[name], dtype=float), rtol=1e-9)


def test_sigma_is_without_chance_which_is_stated():
    """A straight line has no sigma; noise of sd s in each of 4 replications moves an effect by s · √(2/4) · 1.5."""
    unit = unit_points("morris", 2_000, 2, seed=2)
    noise = 0.3 * np.random.default_rng(1).standard_normal((len(unit), 4))
    values = (unit @ [2.0, 0.0])[:, None] + noise
    effects = elementary_effects(values.reshape(2_000, 3, 4), unit.reshape(2_000, 3, 2))
    spread = 0.3 * np.sqrt(2 / 4) * 1.5
    assert (effects.sigma[0] < 0.35 * spread).all()
    np.testing.assert_allclose(effects.noise, np.sqrt(2 / np.pi) * spread, rtol=0.03)
    assert effects.mu_star[0, 1] == pytest.approx(effects.noise[1], rel=0.05), "the second key has no effect"


def test_what_all_points_share_is_no_chance_between_them():
    rng = np.random.default_rng(1)
    values = np.arange(50.0)[:, None] + 9 * rng.standard_normal((1, 5))
    np.testing.assert_allclose(chance_variance(values), 0, atol=1e-12)
