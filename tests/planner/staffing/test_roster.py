"""A weekly roster: nobody works too long, and no more officers than that takes."""

import tomllib
from dataclasses import replace

import pytest

from planner.staffing.plan import StaffPlan
from planner.staffing.requirement import requirements
from planner.staffing.roster import weekly_roster
from planner.staffing.shifts import PoolShifts
from planner.staffing.targets import WaitTarget
from scenarios.model import Scenario

H = 3_600_000
MORNING, AFTERNOON = (9 * H, 12 * H), (13 * H, 17 * H)
FULL = (MORNING, AFTERNOON)
EIGHT = ((8 * H, 12 * H), AFTERNOON)
HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window.servers = 2
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""


@pytest.fixture(scope="module")
def required():
    return requirements(Scenario.model_validate(tomllib.loads(HALL)), [WaitTarget(0.9, 15)])[0]


def roster(required, *patterns):
    """Return the roster of a pool, given weekdays with the people on each shift."""
    pools = [
        PoolShifts(replace(required, weekdays=tuple(days)), tuple(people), tuple(people.values()), 0.0)
        for days, people in patterns
    ]
    return weekly_roster(StaffPlan(tuple(pools)))


def test_in_a_week_of_five_days_everybody_keeps_a_shift(required):
    officers = roster(required, (range(5), {FULL: 2, (MORNING,): 1}))
    assert [(officer.number, officer.hours) for officer in officers] == [(1, 35), (2, 35), (3, 15)]
    assert [set(officer.shifts.values()) for officer in officers] == [{FULL}, {FULL}, {(MORNING,)}]


def test_five_on_duty_for_eight_hours_on_six_days_are_six_officers_of_forty_hours(required):
    officers = roster(required, (range(6), {EIGHT: 5}))  # 5 x 6 x 8 h = 6 x 40 h
    assert [(officer.hours, len(officer.shifts)) for officer in officers] == [(40, 5)] * 6


def test_nobody_works_on_seven_days(required):
    officers = roster(required, (range(7), {(AFTERNOON,): 1}))  # 28 h would do for one
    assert sorted(len(officer.shifts) for officer in officers) == [1, 6]


def test_a_saturday_above_forty_hours_is_for_another_officer(required):
    first, second = roster(required, (range(5), {EIGHT: 1}), ((5,), {(AFTERNOON,): 1}))
    assert (first.hours, second.hours) == (40, 4)
    assert list(second.shifts) == [5]


def test_a_day_of_other_hours_takes_the_same_officers(required):
    officers = roster(required, (range(4), {FULL: 1}), ((4,), {(MORNING,): 2}))
    assert sorted(officer.hours for officer in officers) == [3, 4 * 7 + 3]
