"""What is read of replications is that of simulating each, for several scenarios and on several workers."""

import pytest

from scenarios.compose.composing import compose
from sim.measure.day_counts import called_counts
from sim.run.observing import observe
from sim.run.replications import CancellationError
from sim.run.simulating import simulate
from sim.run.study import Study

QUICK = {"run.days": 2, "run.warm_up_days": 0}


def halls():
    return [compose("textbook-mm3", overrides=QUICK | {"pools.windows.servers": n}) for n in (3, 4)]


def read(metrics):
    return metrics.summary["wait_within_15_share:num"], called_counts(metrics, within_min=15)


def test_each_replication_is_read_for_each_system():
    scenarios = halls()
    observed = observe(Study.of(*scenarios, replications=2, seed=5, first=7, engine="compiled", workers=1), read)
    for scenario, row in zip(scenarios, observed, strict=True):
        alone = [simulate(scenario, seed=5, replication=7 + k).summary["wait_within_15_share:num"] for k in range(2)]
        assert [hits for hits, _ in row] == alone


def test_workers_change_nothing():
    studies = [Study.of(*halls(), replications=3, engine="compiled", workers=n) for n in (1, 2)]
    alone, together = ([[hits for hits, _ in row] for row in observe(study, read)] for study in studies)
    assert alone == together


def test_counts_add_up_to_the_share_called_in_time():
    metrics = simulate(halls()[0], seed=1, replication=0)
    counts = called_counts(metrics, within_min=15)
    assert counts.units.shape == (2, 1, 48)
    assert counts.hits.sum() == metrics.summary["wait_within_15_share:num"]
    assert counts.units.sum() == metrics.summary["wait_within_15_share:den"]


def test_progress_is_told_and_work_can_be_stopped():
    announced = []
    study = Study.of(*halls(), replications=2, engine="compiled", workers=1)
    observe(study, read, progress=lambda state: announced.append(state.total_done))
    assert announced == [1, 2, 3, 4]

    class Stopped:
        def is_set(self):
            return True

    with pytest.raises(CancellationError):
        observe(study, read, cancel=Stopped())
