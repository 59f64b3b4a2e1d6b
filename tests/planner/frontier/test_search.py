"""The search for a front: where replications go, when it ends, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from foundation.errors import HallplanError
from planner.frontier.plans import PlanSpace, PoolRange
from planner.frontier.search import FrontierOptions, frontier
from scenarios.compose.composing import composed
from scenarios.compose.levers import LeverUse


class Simulated:
    """Two figures of a number of servers n: n itself, and a function of it with noise that all plans share in part."""

    def __init__(self, of, noise=0.0):
        self.of, self.noise, self.done = of, noise, []

    def __call__(self, scenarios, first, replications):
        rows = []
        for scenario in scenarios:
            servers = scenario.pools["window-township"].servers
            own = np.random.default_rng([servers, first]).normal(size=replications)
            rows.append(np.stack([np.full(replications, servers), self.of(servers) + self.noise * own], axis=1))
            self.done.append((servers, first, replications))
        return np.array(rows, dtype=np.float64)


@pytest.fixture(scope="module")
def desk():
    return composed("township-desk")


def searched(desk, simulate, servers=4, **options):
    space = PlanSpace.of(desk, (), (PoolRange("window-township", 1, servers),))
    return frontier(space, FrontierOptions("cost_per_day", "wait_q90_min", **options), simulate)


def standings(result):
    return {plan.servers["window-township"]: plan.standing for plan in result.plans}


def test_a_small_space_is_simulated_as_it_is(desk):
    result = searched(desk, Simulated(lambda n: 10 / n))
    assert standings(result) == dict.fromkeys((1, 2, 3), "front") | {4: "no_gain"}  # 10/3 and 10/4 differ by 0.83 < 1
    assert (result.used, result.ending, result.rules.delta) == (32, "settled", 1)


def test_a_large_space_begins_at_its_corners_and_goes_on_to_neighbours_of_the_front(desk):
    """The wait falls by 50 up to 5 servers and never again: corners are 1, 20 and 40."""
    simulate = Simulated(lambda n: 50 * max(0, 5 - n))
    result = searched(desk, simulate, servers=40, budget=300)
    assert {n for n, name in standings(result).items() if name == "front"} == {1, 2, 3, 4, 5}
    assert len(result.plans) < 40


def test_replications_go_to_plans_that_are_not_settled(desk):
    """Plans 1 and 2 differ by 8 with a noise of 6, all others by 100 or more."""
    simulate = Simulated(lambda n: {1: 500, 2: 492, 3: 200, 4: 0}[n], noise=6)
    result = searched(desk, simulate, budget=2_000)
    replications = {plan.servers["window-township"]: len(plan.values) for plan in result.plans}
    assert replications[1] == replications[2] > 8
    assert replications[3] == replications[4] == 8
    assert set(standings(result).values()) == {"front"}


def test_a_budget_that_is_used_leaves_plans_in_doubt(desk):
    result = searched(desk, Simulated(lambda n: 10 - 3 * n, noise=20), budget=40)
    assert (result.used, result.ending) == (36, "budget")  # three corners with 12 each
    assert "perhaps" in standings(result).values()


def test_a_limit_for_each_plan_leaves_plans_in_doubt(desk):
    result = searched(desk, Simulated(lambda n: 10 - 3 * n, noise=20), servers=2, budget=1_000, most=12)
    assert (result.used, result.ending) == (24, "limit")


def test_the_first_replications_are_the_same_for_all_and_none_is_simulated_twice(desk):
    simulate = Simulated(lambda n: {1: 500, 2: 492, 3: 200, 4: 0}[n], noise=6)
    result = searched(desk, simulate, budget=2_000)
    for n in (1, 2, 3, 4):
        parts = [(first, number) for servers, first, number in simulate.done if servers == n]
        assert parts[0] == (0, 8)
        assert all(first == sum(number for _, number in parts[:k]) for k, (first, _) in enumerate(parts))
    assert result.used == sum(number for _, _, number in simulate.done)


def test_frames_have_every_plan_and_replication(desk):
    frames = searched(desk, Simulated(lambda n: 10 / n)).frames()
    assert frames["plans"]["servers.window-township"].tolist() == [1, 2, 3, 4]
    assert frames["replications"].shape == (32, 4)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"budget": 15}, "frontier.error.budget"),
        ({"y": "cost_per_day"}, "frontier.error.same_metric"),
        ({"y": "visits_per_day"}, "statistics.select.no_direction"),
    ],
)
def test_a_question_without_an_answer_is_refused(desk, options, key):
    space = PlanSpace.of(desk, (), (PoolRange("window-township", 1, 2),))
    settings = {"x": "cost_per_day", "y": "wait_q90_min"} | options
    with pytest.raises(HallplanError) as failure:
        frontier(space, FrontierOptions(**settings), Simulated(lambda n: n))
    assert failure.value.key == key


def test_a_plan_without_a_value_is_named(desk):
    with pytest.raises(HallplanError) as failure:
        searched(desk, Simulated(lambda n: float("nan")))
    assert failure.value.key == "statistics.select.no_value"
    assert failure.value.values["name"] == "window-township=1"
    assert "_" not in failure.value.values["metric"]  # a title, not a key that nobody has typed


FEWER = """
format = 1
name = "fewer"
title = { en = "Fewer come", zh = "来人减少" }
why = { en = "A test.", zh = "测试。" }
cost = { note = { en = "None.", zh = "无。" } }
set.arrivals.villagers.per_day = 5
"""


def test_plans_to_which_fewer_come_are_refused_unless_that_is_meant(desk, tmp_path):
    (tmp_path / "fewer.toml").write_text(FEWER, encoding="utf-8")
    space = PlanSpace.of(desk, (LeverUse(str(tmp_path / "fewer.toml")),), ())
    options = FrontierOptions("cost_per_day", "wait_q90_min")
    with pytest.raises(HallplanError) as failure:
        frontier(space, options, Simulated(lambda n: n))
    assert failure.value.key == "statistics.select.unequal_demand"
    assert len(frontier(space, replace(options, unequal_demand=True), Simulated(lambda n: n)).plans) == 2
