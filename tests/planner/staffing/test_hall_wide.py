"""A target for waits of all pools together: what is judged, where it is missed, and the search with it."""

import tomllib

import numpy as np
import pytest

from planner.staffing.certificate import cells_of, certify, closed_per_day
from planner.staffing.requirement import requirements
from planner.staffing.result import Effort
from planner.staffing.search import staff
from planner.staffing.shortfall import Turns, missed_by_pool, worst_parts
from planner.staffing.simulating import simulator
from planner.staffing.targets import HallWaitTarget, WaitTarget
from scenarios.model import Scenario
from sim.measure.day_counts import HALL, DayCounts

TWO = """
format = 1
name = "two"
run = { start = 2014-03-03, days = 20 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.quiet.servers = 2
pools.busy = { servers = 2, hours = ["10:00-12:00", "13:00-17:00"] }
services.short.visits.apply.serve = { pool = "quiet", work = "20 min", mark = "finished" }
services.long.visits.apply.serve = { pool = "busy", work = "10 min", mark = "finished" }
arrivals.few = { services = "short", per_day = 42 }
arrivals.many = { services = "long", per_day = 140, profile = { "10:00" = 1, "12:00" = 0, "13:00" = 1, "17:00" = 0 } }
"""
SCENARIO = Scenario.model_validate(tomllib.loads(TWO))
TARGET = HallWaitTarget(0.9, 15)


def counts(joined: dict[str, dict[int, int]], late: dict[str, dict[int, int]]) -> tuple[DayCounts]:
    """Return counts of 100 days that are all alike, by pool and half-hour."""
    units, missed = np.zeros((2, 100, 2, 48), dtype=np.int64)
    for place, pool in enumerate(("quiet", "busy")):
        for array, values in ((units, joined), (missed, late)):
            for half_hour, number in values.get(pool, {}).items():
                array[:, place, half_hour] = number
    return (DayCounts(("quiet", "busy"), units, units - missed),)


def test_every_half_hour_of_the_hall_is_judged_with_the_pools_that_are_open():
    cells = cells_of(requirements(SCENARIO, [TARGET]), [TARGET])
    # 42 over 7 h are 3 a half-hour: too few to be judged alone before the busy pool opens, then 3 + 140 / 12.
    assert {cell.pool for cell in cells} == {HALL}
    assert [cell.half_hours for cell in cells if not cell.is_pooled] == [(k,) for k in (*range(20, 24), *range(26, 34))]
    by_half_hour = {cell.half_hours: cell for cell in cells}
    assert by_half_hour[20,].visitors_per_day == pytest.approx(3 + 140 / 12)
    assert by_half_hour[20,].members == (("quiet", (20,)), ("busy", (20,)))
    (pooled,) = (cell for cell in cells if cell.is_pooled)
    assert pooled.members == (("quiet", (18, 19)),)


def test_the_share_is_that_of_all_pools_together():
    (cell,) = [cell for cell in cells_of(requirements(SCENARIO, [TARGET]), [TARGET]) if cell.half_hours == (20,)]
    shown = [counts({"quiet": {20: 2, 18: 5}, "busy": {20: 18, 18: 7}}, {"quiet": {20: 2}})]
    certificate = certify([TARGET], [cell], shown, level=0.95)
    assert certificate.bounds.share[0] == pytest.approx(0.9)  # 2 of 20 late: nobody of the quiet pool is in time
    assert certificate.bounds.trials[0] == 2000
    assert closed_per_day([TARGET], [cell], shown) == pytest.approx(12)


def test_officers_are_added_where_most_is_missed():
    (cell,) = [cell for cell in cells_of(requirements(SCENARIO, [TARGET]), [TARGET]) if cell.half_hours == (20,)]
    shown = [counts({"quiet": {20: 4}, "busy": {20: 18}}, {"quiet": {20: 1, 21: 3}, "busy": {20: 3}})]
    assert missed_by_pool(TARGET, shown, [cell]) == {"quiet": 100, "busy": 300}
    assert [(part.pool, part.half_hours) for part in worst_parts(TARGET, shown, cell)] == [("busy", (20,))]


def test_fewer_pools_are_tried_after_a_failure_and_more_after_a_success():
    turns = Turns(4)
    turns.fewer({0: 3.0, 1: 0.0, 2: 5.0, 3: 1.0})
    assert (turns.order, turns.most) == ([1, 3, 0, 2], 2)
    turns.next([1, 3], is_enough=True)
    assert (turns.order, turns.most) == ([0, 2, 1, 3], 4)


@pytest.mark.slow
def test_the_hall_as_a_whole_takes_fewer_hours_than_each_of_its_pools():
    scenario = Scenario.model_validate(tomllib.loads(TWO.replace("per_day = 42", "per_day = 14")))
    plans = {
        kind: staff(scenario, [kind(0.9, 15)], simulator(workers=1), Effort(search=8, check=40))
        for kind in (WaitTarget, HallWaitTarget)
    }
    assert all(result.is_certified for result in plans.values())
    assert plans[HallWaitTarget].plan.hours_per_week < plans[WaitTarget].plan.hours_per_week
    mended = plans[HallWaitTarget]
    assert (mended.attempts, mended.minimality) == (2, "none"), "what was mended after a failure is not proved least"


def test_what_the_hall_keeps_instead_is_a_target_of_the_hall():
    result = staff(SCENARIO, [TARGET], simulator(workers=1), Effort(search=4, check=20, attempts=1), heads=6)
    assert not result.is_certified
    assert all(isinstance(target, HallWaitTarget) for target in result.nearest[0].attained)
