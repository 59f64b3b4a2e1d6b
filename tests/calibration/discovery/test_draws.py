"""Drawn halls: as far apart as the estimates are unsure, no further, and scenarios all of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import discovered, hall, handmade, log_of
from scipy import stats

from calibration.discovery.accuracy.accuracy import between_periods
from calibration.discovery.accuracy.draws import (
    _delay_law,
    draw_discovery,
    draw_service_weights,
    scale_law,
    stratified_normals,
)
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.discovery.log.reading import read_traces
from calibration.discovery.scenario.table import scenario_table
from calibration.discovery.timing.delays import clustered_error
from calibration.eventlog.simulated import simulated_log
from scenarios.model import Scenario
from scenarios.model.laws import Law, mean_of


@pytest.mark.slow
def test_shares_are_drawn_as_far_apart_as_counts_say():
    discovery = discovered("two-desks", "activities")
    rows = discovery.routing.transitions.set_index(["service", "from", "to"])
    n, total = rows.loc[("licence", "Window", "Desk"), "n"], rows.loc["licence"].loc["Window", "n"].sum()
    rng, shares = np.random.default_rng(1), []
    for _ in range(300):
        one = draw_discovery(discovery, rng, demand=0.0).routing.transitions.set_index(["service", "from", "to"])["n"]
        shares.append(one[("licence", "Window", "Desk")] / one.loc["licence"].loc["Window"].sum())
    share = n / total
    assert np.mean(shares) == pytest.approx(share, abs=4 * np.std(shares) / np.sqrt(300))
    assert np.std(shares) == pytest.approx(np.sqrt(share * (1 - share) / total), rel=0.2)


def test_a_service_that_nobody_asked_for_is_not_drawn():
    weights = draw_service_weights({"a": 90, "b": 10, "c": 0}, np.random.default_rng(2))
    assert weights["c"] == 0
    assert weights["a"] > weights["b"] > 0


@for_each(
    "law",
    [
        "5 min",
        {"constant": "5 min"},
        {"dist": "gamma", "mean": "7 min", "cv": 0.5},
        {"dist": "weibull_min", "c": 1.5, "scale": "3 working min"},
        {"mixture": [{"values": ["1 min", "4 min"], "shares": [0.5, 0.5]}, {"dist": "expon", "loc": "9 min",
         "scale": "2 min"}], "shares": [0.9, 0.1]},
    ],
)  # fmt: skip
def test_a_stretched_law_has_so_many_times_the_mean(law):
    assert mean_of(Law.model_validate(scale_law(law, 1.5))) == pytest.approx(
        1.5 * mean_of(Law.model_validate(law)), rel=1e-4
    )


@for_each(
    "unit, law",
    [
        ("min", {"dist": "expon", "scale": "2 min"}),
        ("working days", {"values": ["1 working days", "3 working days"], "shares": [0.5, 0.5]}),
    ],
)
def test_the_mean_of_a_delay_is_drawn_as_far_apart_as_its_interval_says(unit, law):
    mean, rng = mean_of(Law.model_validate(law)), np.random.default_rng(4)
    delay = SimpleNamespace(unit=unit, law=law, mean=mean, deviation=mean / 2, n=3)
    drawn = [mean_of(Law.model_validate(_delay_law(delay, 0.02 * mean, rng))) for _ in range(300)]
    assert np.std(drawn) == pytest.approx(0.02 * mean, rel=0.2)  # five standard errors of a deviation


def test_what_ends_together_is_not_so_many_values():
    rng = np.random.default_rng(3)
    rounds = np.repeat(np.arange(25), 40)
    common = rng.normal(size=25)[rounds]
    together = clustered_error(common, rounds)
    assert together == pytest.approx(common[::40].std(ddof=1) / 5, rel=0.05)  # 25 values, not 1,000
    apart = rng.normal(size=1_000)
    assert clustered_error(apart, np.arange(1_000)) == pytest.approx(apart.std() / np.sqrt(1_000), rel=0.01)


@pytest.mark.slow
@for_each(
    ("name", "kind"), [("two-desks", "activities"), ("township-desk", "tickets"), ("office", "activities"),
                       ("township-desk", "ledger")]
)  # fmt: skip
def test_every_draw_is_a_scenario_and_one_alone_is_the_estimates(name, kind):
    log = log_of(name, kind)
    earlier, begin, end = hold_out(log)
    discovery, entire = discover(earlier), discovered(name, kind)
    (plain,) = forecast_scenarios(discovery, entire, begin, end, 1)
    assert plain.services == Scenario.model_validate(scenario_table(discovery)).services
    scenarios = forecast_scenarios(discovery, entire, begin, end, 5)
    for one in scenarios:
        assert one.arrivals["cases"].per_day != plain.arrivals["cases"].per_day
        assert one.services != plain.services or kind == "tickets"
        assert set(one.services) == set(plain.services)
    assert forecast_scenarios(discovery, entire, begin, end, 5) == scenarios


def test_stops_of_the_clock_are_drawn_as_far_apart_as_they_are_unsure():
    discovery = discover(simulated_log(hall("laboratory"), "events", shows_stops="recorded"))
    ((code, stop),) = discovery.stops.items()
    (wait,) = stop.delays.values()
    rng, means = np.random.default_rng(4), []
    for _ in range(200):
        (law,) = (one.law for one in draw_discovery(discovery, rng, demand=0.0).stops[code].delays.values())
        means.append(
            sum(float(value.split()[0]) * share for value, share in zip(law["values"], law["shares"], strict=True))
        )
    assert wait.unit == "working days"
    assert np.mean(means) == pytest.approx(wait.mean, rel=0.02)
    assert np.std(means) == pytest.approx((wait.high - wait.low) / 3.92, rel=0.25)


def test_stratified_draws_are_one_from_every_part():
    rng = np.random.default_rng(5)
    for _ in range(20):
        ranks = np.sort(stats.norm.cdf(stratified_normals(8, rng)) * 8)
        assert np.floor(ranks).tolist() == list(range(8))
    assert np.std([stratified_normals(4, rng) for _ in range(4_000)]) == pytest.approx(1.0, abs=0.03)


def test_periods_of_a_log_with_rounds_differ_by_more_than_chance():
    """Cases wait for a monthly round; a period has one round or two, and the figure is what that makes it."""
    rows = []
    for k in range(600):
        came = pd.Timestamp("2014-01-01") + pd.Timedelta(days=k // 4)
        back = pd.Timestamp("2014-01-01") + pd.Timedelta(days=(k // 4 // 28 + 1) * 28)
        rows.append({"case": k, "activity": "case", "start": came, "end": back})
    traces = read_traces(handmade(rows, "ledger"))
    begin = (pd.Timestamp("2014-01-01") + pd.Timedelta(days=112)).date()
    end = (pd.Timestamp("2014-01-01") + pd.Timedelta(days=147)).date()
    discovery = between_periods(traces, begin, end, full_after=traces.first_day)
    assert "arrivals_per_day" not in discovery.index
    assert np.sqrt(discovery["cycle_mean_h"]) > 24
    # A period before the log's beginning is none, and one period tells nothing.
    assert between_periods(traces, begin, begin + (begin - traces.first_day), full_after=begin).empty
