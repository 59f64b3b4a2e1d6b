"""With so many people: hours that fewer people need, how they are divided, and what so few can do."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from foundation.errors import HallplanError
from planner.staffing.people import fewest_in_all, least_people, stretched, within_heads
from planner.staffing.requirement import requirements
from planner.staffing.result import Effort
from planner.staffing.search import staff
from planner.staffing.simulating import simulator
from planner.staffing.targets import WaitTarget
from scenarios.model import Scenario

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 20 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.first.servers = 2
pools.second.servers = 2
services.a.visits.apply.serve = { pool = "first", work = "10 min", mark = "finished" }
services.b.visits.apply.serve = { pool = "second", work = "10 min", mark = "finished" }
arrivals.people-a = { services = "a", per_day = 42 }
arrivals.people-b = { services = "b", per_day = 42 }
"""
SCENARIO = Scenario.model_validate(tomllib.loads(HALL))
TARGETS = (WaitTarget(0.9, 15),)


def needed(*pairs):
    """Return requirements of so many in the morning and so many in the afternoon, pool by pool."""
    result = []
    for required, (morning, afternoon) in zip(requirements(SCENARIO, TARGETS), pairs, strict=True):
        servers = np.zeros(48, dtype=np.int64)
        servers[18:24], servers[26:34] = morning, afternoon
        result.append(replace(required, servers=servers))
    return result


def open_at_noon():
    text = HALL.replace('["09:00-12:00", "13:00-17:00"]', '["09:00-18:00"]')
    return Scenario.model_validate(tomllib.loads(text))


def test_the_cheapest_plan_is_taken_where_it_has_few_enough_people():
    plan = within_heads(SCENARIO, needed((3, 2), (1, 2)), 5)
    assert (plan.heads, plan.hours_per_week) == (5, 5 * (3 * 3 + 2 * 4 + 1 * 3 + 2 * 4))


def test_too_few_people_cover_nothing():
    assert within_heads(SCENARIO, needed((3, 2), (1, 2)), 4) is None
    assert fewest_in_all(needed((3, 2), (1, 2))) == 5


def test_fewer_people_work_more_hours_where_that_costs_least():
    # Open from 9 to 18: one on duty throughout takes 12 h of two people at the least, and no single shift covers it.
    # Two on duty at noon only: parts of four hours are the cheapest, full days the fewest people.
    scenario = open_at_noon()
    servers = np.where(requirements(scenario, TARGETS)[0].is_open, 2, 0)
    pair = [replace(required, servers=servers) for required in requirements(scenario, TARGETS)]
    fewest = fewest_in_all(pair)
    plan = within_heads(scenario, pair, fewest)
    assert plan.heads == fewest == 6  # three each: two full days with different lunches, and a part over both
    assert all((shifts.servers >= servers).all() for shifts in plan.pools)


def test_nobody_can_do_with_fewer_than_the_work_takes():
    # 42 x 10 min = 7 h: one full day each.  At 50 a day it is 8.3 h, more than one.
    assert least_people(requirements(SCENARIO, TARGETS)) == 2
    raw = tomllib.loads(HALL)
    raw["arrivals"]["people-a"]["per_day"] = 50
    assert least_people(requirements(Scenario.model_validate(raw), TARGETS)) == 3


def test_people_who_are_too_few_work_full_days_and_are_all_used():
    def lowered(level):
        return requirements(SCENARIO, [WaitTarget(max(level, 0.01), 15)])

    plan = stretched(SCENARIO, needed((4, 4), (3, 3)), 5, lowered=lowered)
    assert plan.heads == 5
    assert plan.hours_per_week == 5 * 5 * 7


simulate = simulator(workers=1)


def test_a_cap_that_is_enough_is_kept_and_certified():
    result = staff(SCENARIO, TARGETS, simulate, Effort(search=8, check=40), heads=4)
    assert result.is_certified
    assert (result.needed, result.nearest) == (None, ())
    assert result.plan.heads <= 4


def test_a_cap_that_is_too_low_has_its_nearest_targets():
    result = staff(SCENARIO, TARGETS, simulate, Effort(search=8, check=40), heads=2)
    assert not result.is_certified
    assert (result.plan.heads, result.least) == (2, 2)
    assert result.needed > 2
    (nearest,) = result.nearest
    assert nearest.limit < 0.9
    assert all(target.share < 0.9 or target.within_min > 15 for target in nearest.attained)


def test_fewer_than_the_least_are_refused():
    with pytest.raises(HallplanError, match="2 people are needed"):
        staff(SCENARIO, TARGETS, simulate, heads=1)
