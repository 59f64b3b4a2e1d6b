"""A choice on the page is the planner's, however its replications came; and so are beginnings and controls."""

from types import SimpleNamespace

import numpy as np
import pytest
from page_samples import plan_b, two_plans
from studies import beginning_of

from foundation.errors import HallplanError
from hallplan.page import choosing
from hallplan.page.choosing import Question, levers_to_try, metrics_of, progress_of, question_of
from hallplan.page.method import LOOKS, beginning, beginning_units, controls, controls_units
from hallplan.page.runs import prepare
from hallplan.page.state import REPLICATIONS, LeverChoice
from planner.controls import controls_of
from planner.select import Best
from scenarios.compose.composing import compose
from sim.run.policy import BudgetAllocation, IndifferenceZone
from sim.run.replications import replicate
from sim.run.study import Study, run

HALLS = tuple(
    compose("textbook-mm3", overrides={"run.days": 1, "run.warm_up_days": 0, "pools.windows.servers": servers})
    for servers in (4, 6, 5)
)
METRIC = "ticket_wait_mean_min"


class Server:
    """A queue whose every job is done at once, and which counts what it has done."""

    def __init__(self):
        self.done, self.jobs = {}, {}

    def submit(self, progress):
        for unit in progress.units:
            if unit.key not in self.done:
                self.done[unit.key] = unit.function(*unit.arguments)
        self.jobs[progress.job] = [self.done[unit.key] for unit in progress.units]

    def view(self, name):
        return SimpleNamespace(state="done") if name in self.jobs else None

    def results(self, name):
        return self.jobs[name]


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(choosing, "background", lambda: server)
    return server


def question(halls=HALLS, metric=METRIC, *, delta=None, budget=0):
    return Question(tuple(f"hall {k}" for k in range(len(halls))), halls, metric, 5, delta, budget)


def walk(server, posed):
    """Go on until the choice is made; return it and how many stages it took."""
    stages = 0
    while (now := progress_of(posed)).best is None:
        assert now.job not in server.jobs, "the same stage twice"
        server.submit(now)
        stages += 1
    return now.best, stages


@pytest.mark.slow
@pytest.mark.parametrize("delta", [5.0, 0.2, 0.02])
def test_a_guaranteed_choice_is_that_of_the_planner(server, delta):
    best, stages = walk(server, question(delta=delta))
    direct = Best.of(run(Study.of(*HALLS, policy=IndifferenceZone(METRIC, delta, at_most=REPLICATIONS[1]), seed=5)))
    assert best.selection == direct.selection
    assert [one.tolist() for one in best.values] == [one.tolist() for one in direct.values]
    assert best.names == ("hall 0", "hall 1", "hall 2")
    assert stages <= 8


@pytest.mark.slow
def test_a_small_difference_takes_several_stages_and_stops_at_the_most(server):
    near = (
        HALLS[1],
        compose("textbook-mm3", overrides={"run.days": 1, "run.warm_up_days": 0, "pools.windows.servers": 7}),
    )
    best, stages = walk(server, question(near, delta=1e-6))
    assert stages > 2
    assert best.selection.procedure == "kn-stopped"
    assert max(best.selection.replications) == REPLICATIONS[1]


@pytest.mark.slow
def test_a_budget_is_spent_as_the_planner_spends_it(server):
    best, _ = walk(server, question(budget=110))
    direct = Best.of(run(Study.of(*HALLS, policy=BudgetAllocation(METRIC, 110), seed=5)))
    assert best.selection == direct.selection
    assert len(server.done) == 110, "nothing beyond the budget is simulated"


def test_a_plan_without_a_value_is_named(server):
    posed = question(metric="case_elapsed_mean_days", delta=1.0)
    with pytest.raises(HallplanError, match=r"hall 0.*Mean duration of a case"):
        walk(server, posed)


def test_plans_to_choose_from_are_a_b_and_b_with_each_lever():
    settings = two_plans(a="township-desk", b="township-desk", demand=1.1)
    names = ("A", "B")
    levers = {"extended-hours": "B + hours", "merge-sections": "B + merged"}
    posed = question_of(settings, levers, names=names, metric=METRIC, delta=1.0, budget=0)
    assert posed.titles == ("A", "B", "B + hours"), "merging changes nothing in a hall without sections"
    assert posed.scenarios[:2] == tuple(plan.scenario for plan in prepare(settings).plans)
    changed = plan_b(two_plans(a="township-desk", b="township-desk", demand=1.1, on=(LeverChoice("extended-hours"),)))
    assert posed.scenarios[2] == changed.scenario
    same = two_plans(a="township-desk", b="township-desk")
    assert question_of(same, {}, names=names, metric=METRIC, delta=1.0, budget=0).titles == ("A",)
    assert posed.name != question_of(settings, levers, names=names, metric=METRIC, delta=2.0, budget=0).name


def test_a_lever_that_plan_b_has_is_none_to_try():
    settings = two_plans(b="honghuagang-2014", on=(LeverChoice("extended-hours"),), off=("merge-sections",))
    offered = levers_to_try(settings.plan)
    assert "posted-certificates" in offered
    assert not {"extended-hours", "merge-sections", "co-locate-reviewers"} & set(offered)


def test_only_metrics_that_both_plans_have_can_be_chosen_by():
    with_cases = metrics_of(prepare(two_plans(a="township-desk", b="township-desk")))
    without = metrics_of(prepare(two_plans(a="textbook-mm3", b="township-desk")))
    assert "case_elapsed_mean_days" in with_cases
    assert "case_elapsed_mean_days" not in without
    assert METRIC in without


# ---- method --------------------------------------------------------------------------------------------------------


def test_the_beginning_from_single_replications_is_that_of_the_planner():
    plan = plan_b(two_plans(b="township-desk"))
    units = beginning_units(plan, seed=3)
    assert len({unit.key for unit in units}) == LOOKS
    result = beginning(plan, [unit.function(*unit.arguments) for unit in units], seed=3)
    direct = beginning_of(plan.scenario, replications=LOOKS, seed=3)
    assert result.open_cases == pytest.approx(direct.open_cases)
    assert result.days == direct.days
    for place in (0, 30):
        assert result.interval(place).low == pytest.approx(direct.interval(place).low)
        assert result.interval(place).high == pytest.approx(direct.interval(place).high)
    assert result.own_days == 40


def test_a_hall_without_cases_has_no_such_work():
    with pytest.raises(HallplanError) as failure:
        beginning_units(plan_b(two_plans(b="textbook-mm3")), seed=1)
    assert failure.value.key == "statistics.warm_up.no_cases"


def test_controls_from_single_draws_are_those_of_the_planner():
    sample = replicate(HALLS[0], replications=12, seed=4, curves=False)
    units = controls_units(sample)
    result = controls(sample, [unit.function(*unit.arguments) for unit in units])
    direct = controls_of(sample)
    assert np.array_equal(result.drawn, direct.drawn)
    assert result.adjust(METRIC) == direct.adjust(METRIC)


def test_without_a_known_mean_there_is_nothing_to_draw():
    in_groups = compose("textbook-mm3", overrides={"run.days": 1, "arrivals.visitors.batch": 2})
    sample = replicate(in_groups, replications=2, seed=1, curves=False)
    assert controls_units(sample) == []
    assert controls(sample, ()).expected.size == 0
