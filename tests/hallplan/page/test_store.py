"""What the page has simulated is stored, and read again by a server that starts anew."""

import time

import pytest
from page_samples import two_plans

from hallplan.page import runs
from hallplan.page.runs import prepare, progress_of, stage, submit
from sim.run.store import default_store
from sim.run.study import Task

PATIENCE_S = 120
SETTINGS = two_plans(a="textbook-mm3", b="textbook-mm3", demand=0.9, replications=2, seed=71)


@pytest.fixture
def start():
    """Start a server anew: the queue that all visitors share is another one."""

    def new():
        runs.background().close()
        runs.background.cache_clear()
        return runs.background()

    yield new
    new()


@pytest.mark.slow
def test_a_server_that_starts_again_simulates_nothing_twice(start):
    first, run = start(), stage(prepare(SETTINGS), 2)
    submit(run.name, run.units, owner="me")
    end = time.monotonic() + PATIENCE_S
    study, store = run.study.study, default_store()
    keys = [study.key_of(Task(system, number)) for system in (0, 1) for number in (0, 1)]
    while len(store.get(keys, curves=True)) < len(keys):
        assert time.monotonic() < end, first.view(run.name)
        time.sleep(0.05)
    start()
    assert submit(run.name, run.units, owner="you").state == "done"
    assert progress_of(prepare(SETTINGS)).done.replications == 2
