"""Ninety-five per cent means ninety-five: whole studies, repeated, against answers known from theory.

The quick half draws from distributions whose answers are known; the slow half simulates halls.  The checker is itself
held to notice what it is for: intervals that are a little too short.
"""

import dataclasses
import math

import numpy as np
import pytest
from coverage_checks import assert_covers, coverage

from scenarios.compose.composing import compose
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.measure import measure
from sim.plan import Layout, compile_plan
from sim.run.estimates import metric_interval
from sim.run.replications import replicate
from sim.statistics import (
    mean_interval,
    pooled_quantile_interval,
    proportion_interval,
    quantile_interval,
    ratio_bootstrap,
    ratio_interval,
    typical_day_interval,
    welch_interval,
)
from sim.statistics.quantile_intervals import order_statistic_ranks

STUDIES = 4_000

# ---- means ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "level"), [(3, 0.95), (5, 0.95), (20, 0.9)])
def test_the_mean_of_normal_values_is_covered(rng, n, level):
    intervals = [mean_interval(values, level) for values in rng.normal(7, 2, size=(STUDIES, n))]
    assert_covers(intervals, 7, level=level)


def test_the_difference_of_independent_means_is_covered(rng):
    pairs = zip(rng.normal(1, 1, size=(STUDIES, 6)), rng.normal(3, 4, size=(STUDIES, 9)), strict=True)
    intervals = [welch_interval(base, other) for base, other in pairs]
    # Welch's approximation is off by less than half a point here
    assert coverage(intervals, 2) == pytest.approx(0.95, abs=0.015)


def terminating_days(rng, studies, days):
    """Return the mean wait of each day on which a Poisson(30) number of visitors stand in line at the opening.

    With work of one minute each the visitors of a day of n wait 0, 1, …, n - 1 minutes: n (n - 1) / 2 in all, and
    E[n (n - 1)] = 900 for a Poisson number of mean 30.
    """
    n = rng.poisson(30, size=(studies, days))
    return n * (n - 1) / 2


def test_a_terminating_day_is_covered(rng):
    intervals = [mean_interval(total) for total in terminating_days(rng, STUDIES, 40)]
    assert coverage(intervals, 450) == pytest.approx(0.95, abs=0.015)


# ---- ratios and quantiles ------------------------------------------------------------------------------------------


def crowded_days(rng, studies, days):
    """Return visitors and, of these, those served in time, by study and day: on crowded days a smaller part of more.

    A day is quiet or crowded with even chance, with Poisson(50) or Poisson(150) visitors of whom 90 % or 60 % are
    served in time: 45 and 90 of 50 and 150 in the mean, so the ratio is 135 / 200 = 0.675, while the mean of the days'
    shares is 0.75.
    """
    crowded = rng.random((studies, days)) < 0.5
    visitors = rng.poisson(np.where(crowded, 150, 50))
    return rng.binomial(visitors, np.where(crowded, 0.6, 0.9)), visitors


@pytest.mark.slow
def test_a_ratio_is_covered_and_the_mean_of_daily_shares_covers_something_else(rng):
    hits, visitors = crowded_days(rng, STUDIES, 40)
    pairs = list(zip(hits, visitors, strict=True))
    assert coverage([ratio_interval(*pair) for pair in pairs], 0.675) == pytest.approx(0.95, abs=0.015)
    assert coverage([mean_interval(hit / all_) for hit, all_ in pairs], 0.675) < 0.2


@pytest.mark.slow
def test_the_bootstrap_covers_a_ratio_too(rng):
    hits, visitors = crowded_days(rng, 800, 40)
    intervals = [ratio_bootstrap(*pair, resamples=500) for pair in zip(hits, visitors, strict=True)]
    assert coverage(intervals, 0.675) == pytest.approx(0.95, abs=0.025)


def test_a_quantile_of_replications_is_covered_exactly_as_often_as_the_binomial_says(rng):
    n, q = 60, 0.9
    truth = -math.log(1 - q)
    intervals = [quantile_interval(values, q) for values in rng.exponential(size=(STUDIES, n))]
    assert_covers(intervals, truth, level=order_statistic_ranks(n, q).coverage)


@pytest.mark.slow
def test_a_quantile_over_visitors_is_covered_by_resampling_days_and_not_by_the_days_own(rng):
    # A day's crowd is a common factor: visitors wait factor · Exp(1), 10 of them on a day of factor 1, 30 on a day of
    # factor 3.  So P(W > t) = (10 e^-t + 30 e^(-t / 3)) / 40; where it is 0.1 is found by bisection.
    low, high = 0.0, 50.0
    for _ in range(100):
        t = (low + high) / 2
        low, high = (t, high) if 0.25 * math.exp(-t) + 0.75 * math.exp(-t / 3) > 0.1 else (low, t)
    pooled, typical = [], []
    for _ in range(400):
        factor = rng.choice([1, 3], size=40)
        day = np.repeat(np.arange(40), 10 * factor)
        waits = factor[day] * rng.exponential(size=day.size)
        pooled.append(pooled_quantile_interval(waits, day, 0.9, resamples=300))
        typical.append(typical_day_interval(waits, day, 0.9))
    assert coverage(pooled, low) == pytest.approx(0.95, abs=0.03)
    assert coverage(typical, low) < 0.2


def test_a_share_of_days_is_covered_at_least_as_often_as_promised(rng):
    for share in (0.5, 0.9, 0.99):
        passes = rng.binomial(29, share, size=STUDIES).tolist()
        assert coverage([proportion_interval(k, 29) for k in passes], share) >= 0.95 - 0.01


# ---- the checker ---------------------------------------------------------------------------------------------------


def shrunk(interval, factor):
    half = interval.half_width * factor
    return dataclasses.replace(interval, low=interval.estimate - half, high=interval.estimate + half)


def test_the_checker_notices_a_normal_quantile_in_students_place(rng, monkeypatch):
    """1.96 instead of t: with five replications only 88 % are covered."""
    monkeypatch.setattr("sim.statistics.intervals.t_quantile", lambda degrees, level: 1.959964)
    intervals = [mean_interval(values) for values in rng.normal(size=(STUDIES, 5))]
    assert coverage(intervals, 0) == pytest.approx(0.878, abs=0.015)
    with pytest.raises(AssertionError, match=r"0\.8\d+ of the intervals cover, not 0\.95"):
        assert_covers(intervals, 0)


def test_the_checker_notices_n_in_the_place_of_n_minus_one(rng, monkeypatch):
    """With five replications the interval is √(4 / 5) of what it should be, and covers in 93.2 %."""
    monkeypatch.setattr(
        "sim.statistics.intervals.standard_error", lambda values: float(values.std()) / math.sqrt(values.size)
    )
    intervals = [mean_interval(values) for values in rng.normal(size=(3 * STUDIES, 5))]
    assert coverage(intervals, 0) == pytest.approx(0.932, abs=0.007)
    with pytest.raises(AssertionError, match="of the intervals cover"):
        assert_covers(intervals, 0)


def test_the_checker_notices_a_bias_of_a_third_of_a_standard_error(rng):
    """A bias of δ standard errors takes about δ² z φ(z) away: of 1/2 3 points.  Here by a mean that is 0.05 s off."""
    intervals = [mean_interval(values) for values in rng.normal(size=(STUDIES, 100))]
    assert_covers(intervals, 0)
    with pytest.raises(AssertionError, match="of the intervals cover"):
        assert_covers(intervals, 0.05)


def test_the_checker_notices_intervals_that_are_too_wide(rng):
    intervals = [shrunk(mean_interval(values), 1.1) for values in rng.normal(size=(STUDIES, 30))]
    with pytest.raises(AssertionError, match=r"0\.9[67]\d+ of the intervals cover"):
        assert_covers(intervals, 0)


# ---- whole studies of simulated halls ------------------------------------------------------------------------------

HALLS = 500
"""Studies, each of so many replications as its test says."""

QUEUE = {
    "pools.windows.servers": 1,
    "services.item.visits.apply.serve.work.mean": "6 min",
    "arrivals.visitors.every.mean": "12 min",
    "run.warm_up_days": 1,
    "run.days": 3,
}
"""M/M/1, five come an hour and ten could be served: load 1/2.  Mean wait 1/2 / (10 - 5) h = 6 min;
P(wait <= t) = 1 - 1/2 e^(-5 t), t in hours (Kleinrock 1975, section 3.2)."""


def studies_of(scenario, replications, *, number=HALLS):
    """Simulate ``number · replications`` replications, and return the summaries of each study."""
    run = replicate(scenario, replications=number * replications, engine=run_compiled, curves=False)
    return [part for _, part in run.summaries.groupby(np.arange(len(run)) // replications)]


@pytest.fixture(scope="module")
def queue_studies():
    return studies_of(compose("textbook-mm3", overrides=QUEUE), 20)


def assert_as_promised(intervals, truth):
    """Hold the coverage of 500 studies to 93 to 97 per cent."""
    assert len(intervals) == HALLS
    assert 0.93 <= coverage(intervals, truth) <= 0.97


@pytest.mark.slow
def test_the_mean_wait_of_a_steady_queue_is_covered(queue_studies):
    assert_as_promised([metric_interval(one, "wait_mean_min") for one in queue_studies], 6.0)


@pytest.mark.slow
def test_a_share_of_a_steady_queues_visitors_is_covered(queue_studies):
    truth = 1 - 0.5 * math.exp(-10 / 12)
    assert_as_promised([metric_interval(one, "wait_within_10_share") for one in queue_studies], truth)


@pytest.mark.slow
def test_a_terminating_day_of_a_hall_is_covered():
    """Ten people stand at the door at nine; the k-th waits for k - 1 services of 4 min: 18 min in the mean."""
    scenario = compose(
        "textbook-mm3",
        overrides={
            "pools.windows.servers": 1,
            "services.item.visits.apply.serve.work.mean": "4 min",
            "arrivals.visitors": {"services": "item", "at": ["09:00"], "batch": 10},
            "calendar.hours": "09:00-12:00",
            "run.warm_up_days": 0,
            "run.days": 1,
        },
    )
    assert_as_promised([metric_interval(one, "wait_mean_min") for one in studies_of(scenario, 20)], 18.0)


@pytest.mark.slow
def test_a_backlog_of_cases_is_covered():
    """An office that never closes: 3 cases a day, 4 h of work each: load 1/2, and 1/2 / (1 - 1/2) = 1 case open.

    The wait before the measured days is ten days, five times as long as the queue remembers:
    1 / (μ (1 - √ρ)²) = 4 h / 0.0858 = 47 h (Morse 1955).
    """
    scenario = compose(
        "textbook-mm3",
        overrides={
            "pools.windows": {"servers": 1, "at_close": "keep"},
            "services.item": {
                "kind": "committed",
                "visits": {"apply": {"file": {"start_case": True}}},
                "case": {"review": {"pool": "windows", "work": {"dist": "expon", "mean": "4 h"}, "mark": "finished"}},
            },
            "arrivals.visitors.every.mean": "8 h",
            "run.warm_up_days": 10,
            "run.days": 30,
        },
    )
    studies = studies_of(scenario, 20)
    assert_as_promised([metric_interval(one, "open_cases") for one in studies], 1.0)


@pytest.mark.slow
def test_a_quantile_of_a_steady_queues_visitors_is_covered():
    """1/2 e^(-5 t) = 0.1 at t = ln 5 / 5 h = 19.31 min: nine visitors in ten wait no longer."""
    scenario = compose("textbook-mm3", overrides=QUEUE)
    layout = Layout.of(scenario)
    plan = compile_plan(scenario, layout)
    waits = []
    for replication in range(20 * HALLS):
        program = draw(scenario, 7, replication, layout)
        found = measure(scenario, program, plan, run_compiled(program, plan)).first_waits
        waits.append(found.wait[found.called])
    intervals = []
    for study in range(HALLS):
        part = waits[20 * study : 20 * (study + 1)]
        unit = np.repeat(np.arange(20), [one.size for one in part])
        intervals.append(pooled_quantile_interval(np.concatenate(part), unit, 0.9, resamples=400))
    assert_as_promised(intervals, 60 * math.log(5) / 5)
