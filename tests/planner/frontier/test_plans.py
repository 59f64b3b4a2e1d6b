"""The plans of a frontier: all of them, corners, neighbours, scenarios, and what makes no space."""

import pytest
from cases import for_each

from foundation.errors import HallplanError
from planner.frontier.plans import PlanSpace, PoolRange
from scenarios.compose.composing import composed
from scenarios.compose.levers import LeverUse

MORE = LeverUse.parse("add-staff:pool=agent")


@pytest.fixture(scope="module")
def desk():
    return composed("township-desk")


WINDOWS = PoolRange("window-township", 1, 3)


def space(desk, levers=(MORE,), pools=(WINDOWS,)):
    return PlanSpace.of(desk, levers, pools)


def test_every_subset_of_levers_is_joined_with_every_number_of_servers(desk):
    assert list(space(desk).every()) == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]
    assert space(desk).size == 6


def test_neighbours_differ_by_one_lever_or_one_server(desk):
    assert sorted(space(desk).neighbours((0, 2))) == [(0, 1), (0, 3), (1, 2)]
    assert sorted(space(desk).neighbours((1, 3))) == [(0, 3), (1, 2)]


def test_corners_have_the_fewest_the_middle_and_the_most_servers(desk):
    wide = space(desk, pools=(PoolRange("window-township", 1, 5), PoolRange("agent", 2, 4)))
    assert set(wide.corners()) == {(bit, *servers) for bit in (0, 1) for servers in ((1, 2), (3, 3), (5, 4))}


def test_a_plan_is_the_scenario_with_its_levers_and_then_its_servers(desk):
    scenario = space(desk).composed((1, 3)).scenario
    assert scenario.levers == ["add-staff:pool=agent"]
    assert (scenario.pools["agent"].servers, scenario.pools["window-township"].servers) == (2, 3)


@for_each(
    "levers, pools, key",
    [
        ((), (), "single"),
        ((MORE, MORE), (), "twice"),
        ((), (PoolRange("agent", 1, 2), PoolRange("agent", 1, 2)), "twice"),
        ((), (PoolRange("agents", 1, 2),), "no_pool"),
        ((), (PoolRange("agent", 1, 99), PoolRange("window-township", 1, 99)), "too_many"),
    ],
)
def test_what_makes_no_space_is_refused(desk, levers, pools, key):
    with pytest.raises(HallplanError) as failure:
        PlanSpace.of(desk, levers, pools)
    assert failure.value.key == f"frontier.error.{key}"


def test_a_pool_with_a_roster_has_no_single_number():
    roster = [{"hours": "09:00-12:00", "servers": 2}]
    hall = composed("township-desk", overrides={"pools.agent.roster": roster})
    with pytest.raises(HallplanError) as failure:
        PlanSpace.of(hall, (), (PoolRange("agent", 1, 2),))
    assert failure.value.key == "frontier.error.roster"
