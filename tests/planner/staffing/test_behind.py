"""Officers behind the windows: who is planned, where they are added, and which are taken away."""

import tomllib

import numpy as np
import pytest

from planner.staffing.certificate import cells_of
from planner.staffing.plan import planned, staffed
from planner.staffing.requirement import officers_behind, requirements
from planner.staffing.result import Effort
from planner.staffing.search import staff
from planner.staffing.shifts import variants_of
from planner.staffing.simulating import simulator
from planner.staffing.targets import CaseWaits, PromiseTarget, WaitTarget
from scenarios.model import Scenario
from sim.measure.day_counts import HALL
from sim.plan import compile_plan

DESK = """
format = 1
name = "section"
run = { start = 2014-03-03, days = 20, warm_up_days = 10, follow_up_days = 10 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window.servers = 1
pools.section.servers = 1
services.licence.kind = "committed"
services.licence.legal_limit = "10 working days"
services.licence.promised_limit = "1 working days"
services.licence.visits.apply.window = { pool = "window", work = "10 min" }
services.licence.visits.apply.file = { start_case = true }
services.licence.case.accepted = { mark = "accepted" }
services.licence.case.review = { pool = "section", work = { dist = "expon", mean = "58 min" } }
services.licence.case.decided = { mark = "decided" }
arrivals.people = { services = "licence", per_day = 7, day_dispersion = 3 }
"""
TARGET = PromiseTarget(0.95)
simulate = simulator(workers=1)


def desk(officers: int = 1, **pool) -> Scenario:
    raw = tomllib.loads(DESK)
    raw["pools"]["section"] = {"servers": officers} | pool
    return Scenario.model_validate(raw)


def test_only_a_target_for_cases_plans_behind_the_windows():
    assert [required.pool for required in requirements(desk(), [WaitTarget(0.9, 15)])] == ["window"]
    needed = requirements(desk(3), [TARGET])
    assert [(required.pool, required.is_behind) for required in needed] == [("window", False), ("section", True)]
    assert int(needed[1].servers.max()) == 3


def test_pools_behind_the_windows_are_not_judged_by_themselves():
    targets = (TARGET, WaitTarget(0.9, 15))
    assert {cell.pool for cell in cells_of(requirements(desk(), targets), targets)} == {HALL, "window"}


def test_an_officer_behind_the_windows_works_all_opening_hours():
    _, section = requirements(desk(), [TARGET])
    assert variants_of(section) == (section.hours,)


def test_a_pool_whose_officers_change_during_the_day_stays_as_it_is():
    roster = [{"hours": "09:00-12:00", "servers": 1}, {"hours": "13:00-17:00", "servers": 2}]
    assert officers_behind(desk(1, roster=roster)) == {}
    assert officers_behind(desk(2)) == {"section": 2}


def test_the_officers_that_there_are_work_as_before():
    scenario = desk(3)
    before, after = (
        {pool.name: pool for pool in compile_plan(hall).pools}["section"]
        for hall in (scenario, staffed(scenario, planned(scenario, requirements(scenario, [TARGET]))))
    )
    edges = np.union1d(before.times, after.times)
    on_duty = [pool.servers[np.searchsorted(pool.times, edges, side="right") - 1] for pool in (before, after)]
    assert on_duty[0].tolist() == on_duty[1].tolist()


LATE = """
format = 1
name = "late"
run = { start = 2014-03-03, days = 1, follow_up_days = 3 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window.servers = 9
pools.section = { servers = 1, at_break = "pause" }
services.licence.kind = "committed"
services.licence.legal_limit = "10 working days"
services.licence.promised_limit = "1 working days"
services.licence.visits.apply.file = { start_case = true }
services.licence.case.accepted = { mark = "accepted" }
services.licence.case.review = { pool = "section", work = "7 h" }
services.licence.case.decided = { mark = "decided" }
arrivals.people = { services = "licence", at = ["2014-03-03 09:00", "2014-03-03 09:00", "2014-03-03 09:00"] }
"""


def test_late_cases_wait_while_somebody_is_on_duty():
    # Three cases come at nine, a day's work each: they are decided on days 0, 1 and 2, and only the last one is late.
    # It waits for two days of seven hours; neither lunch nor the nights count.
    scenario = Scenario.model_validate(tomllib.loads(LATE))
    ((shown,),) = simulate([scenario], [CaseWaits()], 0, 1)
    (counts,) = shown
    place = counts.pools.index("section")
    assert (counts.units[0, place, 18], counts.hits[0, place, 18]) == (1, pytest.approx(2 * 7 * 60))
    assert counts.hits.sum() == pytest.approx(2 * 7 * 60)


@pytest.mark.parametrize("officers", [1, 5])
def test_officers_are_added_where_late_cases_wait_and_others_taken_away(officers):
    result = staff(desk(officers), [TARGET], simulate, Effort(search=8, check=40))
    assert result.is_certified
    assert [(shifts.requirement.pool, shifts.heads) for shifts in result.plan.pools] == [("window", 1), ("section", 2)]
    assert result.minimality == "enumerated"
