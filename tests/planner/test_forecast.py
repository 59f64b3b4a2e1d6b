"""Forecasts with parameters drawn from a posterior: what changes, what does not, and what the two intervals are."""

import numpy as np
import pandas as pd
import pytest

from calibration.posterior.artefact import Posterior, load_posterior
from foundation.errors import HallplanError
from planner.forecast import ComparedForecasts, Forecast, Spread, drawn_system, forecast_systems
from planner.select import Best
from scenarios.compose.composing import compose_text, composed
from sim.run.policy import BudgetAllocation
from sim.run.replications import CancellationError, replicate
from sim.run.study import Study, run

SMALL = """
format = 1
name = "small"

[run]
days = 3
replications = 4

[pools.desk]
servers = 2

[services.permit.visits.apply]
desk = { pool = "desk", work = { dist = "lognorm", mean = "10 min", cv = 0.5 } }

[arrivals.people]
services = { permit = 1 }
per_day = 60

[provenance]
"arrivals.people.per_day" = { kind = "assumed", range = [40, 80], why = "Guess." }
"pools.desk.servers" = { kind = "assumed", range = [1, 4], why = "Guess." }
"""
WAIT, VISITS = "wait_mean_min", "visits_per_day"


def replicate_draws(composed, posterior, *, cancel=None, **options):
    return run(Study.of(drawn_system(composed, posterior), engine="compiled", **options), cancel=cancel).runs[0]


def forecast(composed, posterior, *, replications, progress=None):
    study = Study.of(*forecast_systems([composed], posterior), replications=replications, engine="compiled")
    return Forecast.of(run(study, progress=progress))


def compare_forecasts(scenarios, posterior, *, replications):
    study = Study.of(*forecast_systems(scenarios, posterior), replications=replications, engine="compiled")
    return ComparedForecasts.of(run(study))


@pytest.fixture(scope="module")
def small():
    return compose_text(SMALL, name="small.toml")


@pytest.fixture(scope="module")
def posterior(tmp_path_factory):
    """Three draws of two parameters, of which only the demand is known here."""
    parameters = [
        {"parameter": "demand", "entry": "arrivals.people.per_day", "kind": "assumed", "range": [40, 80], "base": 60.0}
    ]
    draws = pd.DataFrame({"demand": [60.0, 45.0, 75.0]})
    return Posterior({"parameters": parameters, "scenarios": {}}, draws, tmp_path_factory.mktemp("none"))


def test_replication_k_takes_draw_k_and_the_draws_begin_anew(small, posterior):
    found = replicate_draws(small, posterior, replications=4).summaries
    for number, demand in enumerate((60, 45, 75, 60)):
        changed = small.changed(overrides={"arrivals.people.per_day": float(demand)}).scenario
        own = replicate(changed, replications=1, first=number, curves=False).summaries
        pd.testing.assert_frame_equal(found.loc[[number]], own)


def test_the_first_draw_at_the_base_is_the_scenario_itself(small, posterior):
    one = forecast(small, posterior, replications=4)
    pd.testing.assert_frame_equal(one.drawn.summaries.loc[[0]], one.own.summaries.loc[[0]])
    assert not one.drawn.summaries.loc[[1]].equals(one.own.summaries.loc[[1]])
    pd.testing.assert_frame_equal(one.own.summaries, replicate(small.scenario, curves=False).summaries)
    assert set(one.frames()) == {"summaries", "posterior_summaries"}


def test_numbers_are_the_same_on_any_number_of_processes(small, posterior):
    alone = replicate_draws(small, posterior, replications=5).summaries
    pd.testing.assert_frame_equal(alone, replicate_draws(small, posterior, replications=5, workers=2).summaries)


def test_replications_go_on_where_others_ended(small, posterior):
    later = replicate_draws(small, posterior, replications=2, first=3).summaries
    pd.testing.assert_frame_equal(later, replicate_draws(small, posterior, replications=5).summaries.loc[[3, 4]])


def test_the_best_is_chosen_over_draws_of_the_parameters_as_well(small, posterior):
    busier = small.changed(overrides={"services.permit.visits.apply.desk.work": {"dist": "expon", "mean": "14 min"}})
    candidates = [drawn_system(candidate, posterior) for candidate in (busier, small)]
    policy = BudgetAllocation("wait_mean_min", 40)
    best = Best.of(run(Study.of(*candidates, policy=policy, engine="compiled")))
    assert best.scenario == small.scenario
    assert best.draws == len(posterior)
    drawn = replicate_draws(small, posterior, replications=best.values[1].size).summaries["wait_mean_min"]
    assert best.values[1].tolist() == drawn.tolist()
    assert f"of {len(posterior)} draws" in best.message("en")
    own = Best.of(run(Study.of(busier.scenario, small.scenario, policy=policy, engine="compiled")))
    assert own.draws == 0
    assert "draws" not in own.message("en")


def test_uncertain_parameters_widen_what_is_foretold(small, posterior):
    one = forecast(small, posterior, replications=30)
    spread, own = one.spread(VISITS), one.own.summaries[VISITS]
    assert spread.low < own.quantile(0.025)
    assert spread.high > own.quantile(0.975)
    assert spread.parameters > 0.5
    assert spread.n == 30


def test_the_share_of_the_parameters_is_what_the_variance_has_more():
    rng = np.random.default_rng(1)
    own = rng.standard_normal(4_000)
    found = Spread.of(own + np.sqrt(3) * rng.standard_normal(4_000), own, 0.9)
    assert found.parameters == pytest.approx(0.75, abs=0.03)
    assert found.high == pytest.approx(2 * 1.645, abs=0.15)
    assert np.isnan(Spread.of(np.array([np.nan]), own, 0.9).mean)
    assert np.isnan(Spread.of(np.ones(5), own, 0.9).parameters)


def test_a_comparison_shares_random_numbers_and_draws(small, posterior):
    more = small.changed(overrides={"pools.desk.servers": 3})
    found = compare_forecasts([small, more], posterior, replications=6)
    assert found.own.difference(WAIT).change.estimate < 0
    spread = found.spread(WAIT)
    drawn = [sampled.summaries[WAIT] for sampled in found.drawn.runs]
    assert spread.low == pytest.approx(np.quantile(drawn[1] - drawn[0], 0.025))
    pd.testing.assert_series_equal(*(sampled.summaries[VISITS] for sampled in found.drawn.runs))
    assert "posterior_differences" in found.frames()
    assert found.spread("no_such_metric") is None


def test_what_makes_no_sense_is_refused(small, posterior):
    with pytest.raises(HallplanError, match="replication"):
        replicate_draws(small, posterior, replications=0)
    with pytest.raises(HallplanError, match="shares no assumed number"):
        forecast(composed("textbook-mm3"), posterior, replications=1)
    with pytest.raises(HallplanError, match="two"):
        forecast_systems([], posterior)


def test_work_can_be_stopped_and_tells_how_far_it_is(small, posterior):
    class Stop:
        def is_set(self):
            return True

    with pytest.raises(CancellationError):
        replicate_draws(small, posterior, replications=3, cancel=Stop())
    states = []
    forecast(small, posterior, replications=2, progress=states.append)
    assert [(state.total_done, state.total_expected) for state in states] == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.slow
def test_the_posterior_in_the_package_goes_with_both_halls():
    known = load_posterior()
    for name in ("honghuagang-2013", "honghuagang-2014"):
        one = replicate_draws(composed(name, overrides={"run.days": 2}), known, replications=1)
        assert one.summaries["visits_per_day"].iloc[0] > 100
