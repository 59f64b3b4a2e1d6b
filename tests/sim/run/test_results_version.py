"""The results of this version are frozen, and the package carries some of them."""

import json

import pytest

from benchmarks.results import FROZEN, REPLICATIONS, frozen_hashes, package_study
from scenarios.compose.composing import scenario_names
from sim.run.keys import RESULTS_VERSION
from sim.run.simulating import simulate_sample
from sim.run.store import default_store
from sim.run.study import run


def test_results_change_only_with_the_results_version():
    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))
    advice = "raise RESULTS_VERSION, then run `python -m benchmarks.results hashes` and `… package`"
    assert frozen["results_version"] == RESULTS_VERSION, advice
    assert frozen["hashes"] == frozen_hashes(), advice


def test_the_package_carries_the_default_results_of_every_built_in_scenario():
    for name in scenario_names():
        result = run(package_study(name), store=default_store())
        assert result.stored >= REPLICATIONS, name
        assert result.simulated == 0, name


@pytest.mark.slow
def test_results_in_the_package_are_those_that_simulating_gives():
    for place, name in enumerate(scenario_names()):
        study = package_study(name)
        stored = run(study, store=default_store()).runs[0].samples[place]
        again = simulate_sample(study.scenarios[0], study.seed, place)
        assert stored.names == again.names
        for key, value in again.summary.items():
            assert stored.summary[key] == pytest.approx(value, rel=1e-12, abs=0, nan_ok=True), (name, key)
