"""Counts for targets: who was called in time or went unserved, hours of work, overtime, promises; by hand."""

import tomllib

import numpy as np
import pytest

from scenarios.model import Scenario
from sim.measure.day_counts import (
    HALL,
    called_counts,
    overtime_counts,
    promise_counts,
    unserved_counts,
    work_counts,
)
from sim.run.simulating import simulate

# Every day one comes at 9:00, 9:00 and 16:50 and takes 20 minutes of the only window: the second waits 20 minutes,
# the third is done at 17:10.  Its window is open from 9 to 17.
HALL_OF_THREE = """
format = 1
name = "three"
run = { start = 2014-03-03, days = 3 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-17:00"] }
pools.window.servers = 1
services.item.visits.apply.serve = { pool = "window", work = "20 min", mark = "finished" }
arrivals.first = { services = "item", at = ["2014-03-03 09:00", "2014-03-03 09:00", "2014-03-03 16:50"] }
arrivals.second = { services = "item", at = ["2014-03-04 09:00", "2014-03-04 09:00", "2014-03-04 16:50"] }
arrivals.third = { services = "item", at = ["2014-03-05 09:00", "2014-03-05 09:00", "2014-03-05 16:50"] }
"""


@pytest.fixture(scope="module")
def metrics():
    raw = tomllib.loads(HALL_OF_THREE)
    return simulate(Scenario.model_validate(raw), seed=1, replication=0)


def test_who_waits_too_long_is_late(metrics):
    counts = called_counts(metrics, within_min=15)
    assert counts.units[:, 0, [18, 33]].tolist() == [[2, 1]] * 3
    assert counts.hits[:, 0, [18, 33]].tolist() == [[1, 1]] * 3


def test_nobody_goes_unserved_who_is_called(metrics):
    counts = unserved_counts(metrics)
    assert (counts.units.sum(), counts.hits.sum()) == (9, 0)


def test_hours_of_work_are_held_against_hours_on_duty(metrics):
    counts = work_counts(metrics)
    assert counts.units[:, 0, 0].tolist() == [480] * 3
    assert counts.hits[:, 0, 0].tolist() == [60] * 3


def test_overtime_is_work_after_closing(metrics):
    counts = overtime_counts(metrics)
    assert counts.units[:, 0, 0].tolist() == [1] * 3
    assert counts.hits[:, 0, 0].tolist() == [10] * 3


def test_a_hall_without_promises_has_no_cases_to_judge(metrics):
    counts = promise_counts(metrics)
    assert counts.pools == (HALL,)
    assert np.array_equal(counts.units, np.zeros((3, 1, 1)))
