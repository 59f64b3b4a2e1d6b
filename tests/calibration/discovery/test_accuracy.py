"""Distances between logs: none from a log to itself, small to its like, large to what differs."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import hall, handmade, log_of
from scipy import stats

from calibration.discovery.accuracy.accuracy import accuracy
from calibration.discovery.accuracy.distances import DISTANCES, distances, earth_movers_distance, window_sample
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.accuracy.rebuilt import _since
from calibration.discovery.discover import discover
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.traces import UNKNOWN
from calibration.eventlog.simulated import simulated_log
from foundation.errors import HallplanError
from scenarios.model import WEEKDAYS, Scenario
from sim.calendar import DAY_MS

BEGIN, END = dt.date(2014, 3, 10), dt.date(2014, 5, 12)


def sample(replication=0, **changes):
    if not changes:
        return window_sample(log_of("two-desks", "activities", replication), BEGIN, END)
    return window_sample(simulated_log(changed(hall("two-desks"), changes), replication=replication), BEGIN, END)


def changed(scenario: Scenario, changes) -> Scenario:
    source = scenario.arrivals["all"].model_copy(update=changes)
    return scenario.model_copy(update={"arrivals": {"all": source}})


def test_a_log_is_no_way_from_itself():
    assert distances(sample(), sample()).to_numpy() == pytest.approx(0, abs=1e-9)


def test_the_earth_mover_moves_what_scipy_says():
    rng = np.random.default_rng(4)
    for many in (1, 7, 400):
        a, b = rng.integers(0, 9, many).astype(float), rng.normal(size=300)
        assert earth_movers_distance(np.sort(a), b) == pytest.approx(stats.wasserstein_distance(a, b))


def test_moments_counted_from_another_day_move_together_and_unknown_ones_stay_unknown():
    nine = pd.Timestamp("2014-03-10 09:00")
    rows = [{"case": 1, "activity": "a", "ready": nine, "start": nine, "end": nine}]
    rows.append({"case": 1, "activity": "b", "ready": None, "start": nine + pd.Timedelta(hours=1), "end": None})
    traces = read_traces(handmade(rows))
    moved = _since(traces, traces.first_day - dt.timedelta(days=3))
    for name in ("ready", "start", "end"):
        before, after = getattr(traces, name), getattr(moved, name)
        assert after.tolist() == np.where(before == UNKNOWN, UNKNOWN, before + 3 * DAY_MS).tolist()
    assert moved.last == traces.last + 3 * DAY_MS
    assert UNKNOWN in traces.ready


@pytest.mark.slow
def test_accuracy_is_the_same_on_any_number_of_workers():
    log = log_of("two-desks", "activities")
    earlier, begin, end = hold_out(log)
    scenarios = forecast_scenarios(discover(earlier), discover(log), begin, end, 5)
    one, two = (accuracy(log, scenarios, begin, end, workers=workers) for workers in (1, 2))
    for name, frame in one.frames().items():
        pd.testing.assert_frame_equal(frame, two.frames()[name], check_exact=True)


def test_distances_do_not_depend_on_the_order():
    assert distances(sample(), sample(1)).drop("circadian").to_numpy() == pytest.approx(
        distances(sample(1), sample()).drop("circadian").to_numpy()
    )


@pytest.mark.slow
@for_each(
    ("changes", "name", "times"),
    [
        ({"profile": {day: {"09:00": 0.1, "13:00": 2.0} for day in WEEKDAYS}}, "circadian", 3),
        ({"per_day": 160.0}, "in_progress", 1.5),
        ({"services": {"question": 1.0}}, "n_gram", 5),
        ({"services": {"question": 1.0}}, "cycle", 3),
        ({"weekday": {"mon": 3.0, "tue": 0.2}, "month": {"3": 0.3}}, "arrivals", 3),
        ({"weekday": {"mon": 3.0, "tue": 0.2}, "month": {"3": 0.3}}, "absolute", 3),
        ({"services": {"licence": 1.0}}, "relative", 1.5),
        ({"per_day": 160.0}, "remaining", 1.5),
    ],
)
def test_each_distance_sees_what_it_is_for(changes, name, times):
    like = np.mean([distances(sample(), sample(k))[name] for k in (1, 2, 3)])
    unlike = np.mean([distances(sample(), sample(k, **changes))[name] for k in (1, 2, 3)])
    assert unlike > times * like


def test_the_distance_of_a_shift_is_the_shift():
    log = log_of("two-desks", "activities")
    later = log.events.copy()
    for name in ("ready", "start", "end"):
        later[name] = later[name] + pd.Timedelta(hours=1)
    apart = distances(sample(), window_sample(type(log)(later, log.kind), BEGIN, END))
    assert apart["circadian"] == pytest.approx(1, abs=0.02)
    assert apart["cycle"] == pytest.approx(0, abs=1e-6)
    assert apart["n_gram"] == pytest.approx(0, abs=0.01)


def test_halves_of_a_log_together_have_all_its_cases():
    log = log_of("two-desks", "activities")
    parts = [window_sample(log, BEGIN, END, half=(1, part)) for part in (0, 1)]
    assert sum(one.arrivals.size for one in parts) == sample().arrivals.size
    assert (parts[0].in_progress + parts[1].in_progress) / 2 == pytest.approx(sample().in_progress)


def test_what_is_held_back_is_not_known_before():
    log = log_of("office", "activities")
    earlier, begin, end = hold_out(log, 0.3)
    cut = pd.Timestamp(begin)
    for name in ("ready", "start", "end"):
        assert not (earlier.events[name] >= cut).any()
    gone = earlier.events["end"].isna() & (earlier.events["outcome"].astype(str) != "left")
    assert (earlier.events.loc[gone, "outcome"].astype(str) == "open").all()
    assert gone.sum() > 0
    assert end > begin
    known = log.events[["ready", "start", "end"]].min(axis=1) < cut
    assert len(earlier.events) == known.sum()  # nothing that was open is dropped


@pytest.mark.parametrize("share", [0.0, 1.0, 0.05])
def test_a_share_that_leaves_nothing_is_a_sentence(share):
    with pytest.raises(HallplanError, match="split"):
        hold_out(log_of("two-desks", "activities"), share)


def test_a_log_of_a_week_is_too_short_to_be_held_back():
    log = log_of("two-desks", "activities")
    week = log.events[log.events["ready"] < pd.Timestamp("2014-03-08")]
    with pytest.raises(HallplanError, match="too few"):
        hold_out(type(log)(week, log.kind))


@pytest.mark.slow
def test_a_scenario_of_another_hall_is_found_out():
    log = log_of("two-desks", "activities")
    earlier, begin, end = hold_out(log)
    found, whole = discover(earlier), discover(log)
    scenarios = forecast_scenarios(found, whole, begin, end, 4)
    busier = [
        one.model_copy(update={"arrivals": {"cases": one.arrivals["cases"].model_copy(update={"per_day": 125.0})}})
        for one in scenarios
    ]
    fine, wrong = (accuracy(log, some, begin, end) for some in (scenarios, busier))
    assert fine.forecasts.loc["arrivals_per_day", "inside"]
    assert not wrong.forecasts.loc["arrivals_per_day", "inside"]
    assert wrong.distances.loc["in_progress", "simulated"] > 1.2 * fine.distances.loc["in_progress", "simulated"]
    assert set(fine.distances.index) == set(DISTANCES)
    assert fine.by_hour["log_arrivals_per_day"].sum() > 0


def test_wide_forecast_of_counts_and_times_ends_at_zero():
    log = log_of("two-desks", "activities")
    earlier, begin, end = hold_out(log)
    scenarios = forecast_scenarios(discover(earlier), discover(log), begin, end, 2)
    forecasts = accuracy(log, scenarios, begin, end).forecasts  # two logs: t quantile 12.7
    assert forecasts["low"].min() == 0
    assert (forecasts["high"] > forecasts["simulated"]).all()


def test_the_forecast_begins_with_a_full_hall_on_the_day_of_the_cut():
    log = log_of("office", "activities")
    earlier, begin, end = hold_out(log)
    scenario = forecast_scenarios(discover(earlier), discover(log), begin, end, 1)[0]
    assert scenario.run.warm_up_days > 3
    assert scenario.run.start < begin
    tried = accuracy(log, [scenario] * 4, begin, end)
    assert tried.forecasts.loc["in_progress", "simulated"] == pytest.approx(
        tried.forecasts.loc["in_progress", "log"], rel=0.25
    )
