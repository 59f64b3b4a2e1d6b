"""Sobol indices of the product, held against SALib, an independent implementation, and against the simulator itself."""

import warnings

import numpy as np
import pytest

from calibration.posterior.artefact import load_posterior
from calibration.posterior.design import AFTER, Halls
from calibration.posterior.sensitivity import sobol_indices

WAIT = f"{AFTER}: wait_mean_min"


def problem(names, bounds=(0.0, 1.0)):
    return {"num_vars": len(names), "names": list(names), "bounds": [list(bounds)] * len(names)}


def test_salib_finds_the_same_indices_of_a_quadratic():
    """A quadratic of uniform inputs, fitted from noisy points here and computed exactly there."""
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as design

    def outcome(x):
        return 3 * x[:, 0] + 1.5 * x[:, 1] ** 2 + 2 * x[:, 2] * x[:, 3]

    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (3_000, 5))
    ours = sobol_indices(x, outcome(x) + 0.3 * rng.standard_normal(3_000), seed=1)
    named = problem("abcde", (-1.0, 1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SALib's own deprecations
        theirs = analyze.analyze(named, outcome(design.sample(named, 2_048, seed=1)), seed=1)
    np.testing.assert_allclose(ours.first, theirs["S1"], atol=0.03)
    np.testing.assert_allclose(ours.total, theirs["ST"], atol=0.03)


@pytest.mark.slow
def test_morris_on_the_simulator_agrees_about_what_a_wait_depends_on():
    """Elementary effects (Morris 1991) of the mean of two replications under common random numbers.

    Two parameters that matter for the wait by the artefact's indices, and two that don't, by SALib's design.
    """
    from SALib.analyze import morris as analyze
    from SALib.sample import morris as design

    posterior, halls = load_posterior(), Halls.of((AFTER,))
    total = {row["parameter"]: row["total"] for row in posterior.manifest["sensitivity"] if row["forecast"] == WAIT}
    keys = [key.removeprefix(f"{AFTER}: ") for key in halls.table.keys]
    strong = [key.removeprefix(f"{AFTER}: ") for key in sorted(total, key=lambda key: -total[key])][:2]
    weak = ["services.*.case.publish", "services.*.visits.*.refused"]
    named = problem([*strong, *weak])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unit = design.sample(named, N=6, num_levels=4, seed=3)
    places = [keys.index(key) for key in named["names"]]
    column = halls.columns.index(WAIT)
    shown = []
    for row in unit:
        at = np.full(len(keys), 0.5)
        at[places] = 0.1 + 0.8 * row
        outcomes = halls.outcomes(halls.table.from_unit(at), seed=5, replications=[0, 1])
        shown.append(outcomes[:, column].mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = analyze.analyze(named, unit, np.array(shown), num_levels=4, seed=3)
    effect = dict(zip(named["names"], np.asarray(found["mu_star"], dtype=float), strict=True))
    assert min(effect[key] for key in strong) > 3 * max(effect[key] for key in weak)
