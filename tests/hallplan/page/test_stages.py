"""How far a study goes: a first look, then twice as many at the most, until it is precise or nothing more helps."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from cases import for_each
from page_samples import two_plans

from foundation.errors import HallplanError
from hallplan.page import runs
from sim.run.sample import Sample

NAMES = ("ticket_wait_mean_min", "ticket_wait_mean_min:num", "ticket_wait_mean_min:den")
SEEDS = iter(range(1_000, 2_000))


class Server:
    """A queue whose every job is done at once, with waits that the test has chosen."""

    def __init__(self, waits):
        self.waits, self.done = waits, {}

    def submit(self, run):
        self.done[run.name] = run

    def view(self, name):
        return SimpleNamespace(state="done") if name in self.done else None

    def results(self, name):
        if name not in self.done:
            raise HallplanError("page.jobs.gone")
        rows = [self.waits(k) for k in range(self.done[name].replications)]
        return [
            Sample(NAMES, np.array([100 * wait, 100 * wait, 100.0]))
            for plan in zip(*rows, strict=True)
            for wait in plan
        ]


@pytest.fixture
def serve(monkeypatch):
    def start(waits):
        server = Server(waits)
        monkeypatch.setattr(runs, "background", lambda: server)
        return server

    return start


def walk(server, **wanted):
    """Go on until nothing follows, and return the study and its stages."""
    study = runs.prepare(two_plans(a="textbook-mm3", b="textbook-mm3", seed=next(SEEDS), **wanted))
    stages = []
    while (run := runs.progress_of(study).next_stage) is not None:
        server.submit(run)
        stages.append(run.replications)
    return study, stages


def noisy(spread):
    rng = np.random.default_rng(1)
    noise = rng.normal(0, spread, 300)
    return lambda k: (10.0, 11.0 + noise[k])


def test_a_precise_difference_takes_a_first_look_and_what_confirms_it(serve):
    study, stages = walk(serve(lambda k: (10.0, 11.0 + 0.01 * (k % 2))), precision=0.05)
    assert stages == [5, 10, 20, 25]
    assert runs.progress_of(study).done.replications == 25


def test_stages_grow_by_what_is_expected_and_double_at_the_most(serve):
    study, stages = walk(serve(noisy(3)), precision=0.05)
    comparison = runs.comparison_of(runs.progress_of(study).done)
    assert stages[:4] == [5, 10, 20, 40]
    assert all(before < after <= 2 * before for before, after in itertools.pairwise(stages))
    assert comparison.reached.confirmed
    assert comparison.replications == comparison.reached.replications <= stages[-1]
    assert 40 < comparison.replications < 200
    assert comparison.reached.figures[0].relative <= 0.05


def test_what_is_never_precise_ends_with_the_most_there_may_be(serve):
    study, stages = walk(serve(noisy(50)), precision=0.02)
    assert stages == [5, 10, 20, 40, 80, 160, 200]
    assert not runs.comparison_of(runs.progress_of(study).done).reached.confirmed


def test_what_more_would_not_help_ends_early(serve):
    _, stages = walk(serve(lambda k: (0.0, 1.0 + k % 3)), precision=0.1)  # nobody waits in plan A: no per cent of that
    assert stages == [5, 10, 20]


@for_each(("number", "stages"), [(2, [2]), (5, [5]), (7, [5, 7]), (40, [5, 10, 20, 40])])
def test_a_stated_number_is_reached_whatever_the_precision(serve, number, stages):
    study, found = walk(serve(noisy(2)), replications=number)
    assert found == stages
    comparison = runs.comparison_of(runs.progress_of(study).done)
    assert (comparison.replications, comparison.reached) == (number, None)


def test_results_that_have_made_room_are_simulated_again(serve):
    server = serve(noisy(2))
    study, _ = walk(server, replications=20)
    server.done.clear()
    assert runs.progress_of(study).done is None
    assert runs.progress_of(study).next_stage.replications == 5


def test_stages_of_the_same_plans_share_their_name_whatever_is_asked(serve):
    serve(noisy(2))
    first, second, other = (
        runs.prepare(two_plans(a="textbook-mm3", b="textbook-mm3", **wanted))
        for wanted in ({"precision": 0.02}, {"replications": 5}, {"seed": 2})
    )
    assert first.name == second.name != other.name
    assert runs.stage(first, 5).name == runs.stage(second, 5).name != runs.stage(first, 10).name
    assert first.has_no_difference
