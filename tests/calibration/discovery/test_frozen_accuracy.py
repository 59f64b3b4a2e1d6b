"""Forecasts of the later part of small logs, frozen whole: a change anywhere shows here, to be looked at."""

import datetime as dt
from functools import cache

import numpy as np
import pytest
from frozen import frozen_text
from small_logs import LOGS, MONDAY, discovery_of

from calibration.discovery.accuracy.accuracy import accuracy, between_periods
from calibration.discovery.accuracy.distances import distances, window_sample
from calibration.discovery.accuracy.draws import draw_discovery, draw_work_factors
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.accuracy.rebuilt import rebuilt_decomposition
from calibration.discovery.discover import discover
from calibration.discovery.result import Discovery

TRIED = ("hall", "office", "rounds", "centre")


@cache
def earlier_part(name: str) -> tuple[Discovery, dt.date, dt.date]:
    earlier, begin, end = hold_out(LOGS[name]())
    return discover(earlier), begin, end


def test_forecast_scenarios_of_small_logs_are_as_they_were(snapshot):
    for name in TRIED:
        discovery, begin, end = earlier_part(name)
        (scenario,) = forecast_scenarios(discovery, discovery_of(name), begin, end, 1)
        parts = scenario.model_dump(mode="json", include={"run", "calendar", "arrivals"})
        assert f"{begin} {end} {frozen_text(parts)}" == snapshot(name=name)


def frozen_accuracy(name: str) -> str:
    discovery, begin, end = earlier_part(name)
    scenarios = forecast_scenarios(discovery, discovery_of(name), begin, end, 2)
    return frozen_text(accuracy(LOGS[name](), scenarios, begin, end))


def test_accuracy_of_scenarios_of_small_logs_is_as_it_was(snapshot):
    for name in ("rounds", "centre"):
        assert frozen_accuracy(name) == snapshot(name=name)


@pytest.mark.slow
def test_accuracy_of_scenarios_of_logs_with_many_waits_is_as_it_was(snapshot):
    for name in ("hall", "office"):
        assert frozen_accuracy(name) == snapshot(name=name)


def test_drawn_discoveries_of_small_logs_are_as_they_were(snapshot):
    fields = ("pools", "delays", "absences", "patience", "turnaround", "stops", "rounds")
    for name in ("counter", "office", "marks", "ledger", "rounds"):
        rng = np.random.default_rng(1)
        drawn = draw_discovery(discovery_of(name), rng, demand=1.5)
        parts = {part: getattr(drawn, part) for part in fields}
        numbers = {"per_day": drawn.arrivals.per_day, "n": drawn.routing.transitions["n"].to_numpy()}
        factors = {"factors": draw_work_factors(discovery_of(name), rng), **numbers, **parts}
        assert frozen_text(factors, leave_out=("hours", "release", "rule")) == snapshot(name=name)


def test_decompositions_of_rebuilt_small_halls_are_as_they_were(snapshot):
    for name in ("counter", "office"):
        assert frozen_text(rebuilt_decomposition(discovery_of(name))) == snapshot(name=name)


def test_distances_between_parts_of_a_small_log_are_as_they_were(snapshot):
    first, second = (MONDAY + dt.timedelta(days=days) for days in (7, 14))
    for name in ("counter", "hall", "ledger"):
        traces = discovery_of(name).traces
        weeks = [window_sample(traces, day.date(), (day + dt.timedelta(days=7)).date()) for day in (first, second)]
        half = window_sample(traces, first.date(), second.date(), half=(3, 1))
        apart = [distances(*weeks), distances(weeks[1], weeks[0]), distances(weeks[0], half)]
        assert frozen_text([*weeks, half, *apart]) == snapshot(name=name)


def test_variances_between_periods_of_a_small_log_are_as_they_were(snapshot):
    begin = MONDAY.date() + dt.timedelta(days=112)
    variance = between_periods(
        discovery_of("rounds").traces, begin, begin + dt.timedelta(days=28), full_after=MONDAY.date()
    )
    assert frozen_text(variance) == snapshot
