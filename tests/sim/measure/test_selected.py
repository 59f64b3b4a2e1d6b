"""Metrics that are asked for by name: the same numbers, and nothing else is computed."""

import pytest

import hallplan
from sim.measure.frames import Metrics
from sim.run.simulating import simulate

SHORT = {"run.days": 4, "run.warm_up_days": 1, "run.follow_up_days": 1}


def measured() -> Metrics:
    return simulate(hallplan.load("township-desk", overrides=SHORT), seed=1, replication=0)


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    return measured()


def test_every_metric_of_the_summary_is_there_by_its_own_name(metrics):
    differing = [
        name for name, value in metrics.summary.items() if repr(metrics.selected([name])) != repr({name: value})
    ]
    assert not differing
    assert len(metrics.summary) > 300


def test_several_metrics_stand_in_the_order_of_the_summary(metrics):
    wanted = ("case_elapsed_mean_days:den", "left_share", "visits_per_day", "no_such_metric")
    assert list(metrics.selected(wanted)) == ["visits_per_day", "left_share", "case_elapsed_mean_days:den"]


def test_what_they_do_not_need_is_not_computed():
    metrics = measured()
    metrics.selected(["ticket_wait_mean_min", "case_elapsed_mean_days"])
    assert not {"first_waits", "case_milestones", "pool_totals", "summary"} & set(vars(metrics))
