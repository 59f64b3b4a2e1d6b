"""Shifts cover a requirement at the least cost; a plan is a scenario that is checked and run."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from planner.staffing.plan import constant_roster, plan_rosters, plan_table, planned, staffed, with_rosters
from planner.staffing.requirement import requirements
from planner.staffing.shifts import cheaper_shifts, cover_requirement, least_hours, shift_label, shift_variants
from planner.staffing.targets import WaitTarget
from scenarios.check import check
from scenarios.compose.composing import composed
from scenarios.compose.writing import to_toml
from scenarios.model import Scenario
from sim.plan import compile_plan
from sim.run.replications import replicate

H = 3_600_000
DISTRICT = ((9 * H, 12 * H), (13 * H, 17 * H))
HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2, cost_per_hour = 30 }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""
TARGET = WaitTarget(0.9, 15)


def requirement(servers=None):
    scenario = Scenario.model_validate(tomllib.loads(HALL))
    (required,) = requirements(scenario, [TARGET])
    return scenario, required if servers is None else replace(required, servers=servers)


def needed(morning: int, afternoon: int) -> np.ndarray:
    servers = np.zeros(48, dtype=np.int64)
    servers[18:24], servers[26:34] = morning, afternoon
    return servers


def test_a_hall_that_shuts_at_noon_has_full_days_mornings_and_afternoons():
    assert [shift_label(shift) for shift in shift_variants(DISTRICT)] == [
        "09:00-12:00 13:00-17:00",
        "09:00-12:00",
        "13:00-17:00",
    ]


def test_a_hall_open_at_noon_has_lunch_at_different_times():
    labels = [shift_label(shift) for shift in shift_variants(((9 * H, 18 * H),))]
    assert {"09:00-12:00 13:00-18:00", "09:00-13:00 14:00-18:00", "09:00-13:00", "14:00-18:00"} <= set(labels)
    lunches = [label.split()[0][6:] for label in labels if " " in label]
    assert lunches == ["11:30", "12:00", "12:30", "13:00", "13:30", "14:00", "14:30"]


def test_three_mornings_and_two_afternoons_are_two_full_days_and_a_morning():
    # 3 x 3 h + 2 x 4 h = 17 h in any case; two full days need the fewest people.
    _, required = requirement(needed(3, 2))
    shifts = cover_requirement(required, 30.0)
    worked = {shift_label(hours): n for hours, n in shifts.shifts}
    assert worked == {"09:00-12:00 13:00-17:00": 2, "09:00-12:00": 1}
    assert (shifts.hours_per_day, shifts.heads) == (17, 3)
    assert shifts.servers.tolist() == needed(3, 2).tolist()


def test_one_at_lunch_takes_two_people_in_a_hall_that_never_shuts():
    scenario = Scenario.model_validate(tomllib.loads(HALL.replace('["09:00-12:00", "13:00-17:00"]', '["09:00-18:00"]')))
    (required,) = requirements(scenario, [TARGET])
    single = replace(required, servers=required.is_open.astype(np.int64))
    shifts = cover_requirement(single, 0.0)
    # 9 hours need one person throughout: parts of 4 h make 12, a full day with a part over its lunch makes 12 too.
    assert (shifts.hours_per_day, shifts.heads) == (12, 2)
    assert (shifts.servers[18:36] >= 1).all()


def test_the_least_hours_hold_the_work():
    # 84 x 10 min = 14 h: two full days.  Half of that fits one.
    _, required = requirement()
    assert required.work_h == pytest.approx(14)
    assert least_hours(required) == pytest.approx(14)
    assert least_hours(replace(required, work_h=7.0)) == pytest.approx(7)
    assert least_hours(replace(required, work_h=7.5)) == pytest.approx(10)  # a morning more


def test_every_cheaper_plan_that_keeps_somebody_on_duty_is_named():
    # Two full days are 14 h.  Cheaper by mornings of 3 h and afternoons of 4 h, one of each at least, 7 h of work:
    # 2 + 1 (10 h), 1 + 2 (11 h), 3 + 1 (13 h), 1 + 1 (7 h).
    _, required = requirement(needed(2, 2))
    results = list(cheaper_shifts(cover_requirement(required, 0.0), 7.0))
    assert {tuple(cheaper.servers[[18, 26]].tolist()) for cheaper in results} == {(2, 1), (1, 2), (3, 1), (1, 1)}
    assert [cheaper.servers[[18, 26]].tolist() for cheaper in results[:2]] == [
        [1, 1],
        [2, 1],
    ]  # one less, half


def test_nothing_below_the_least_hours_is_named():
    _, required = requirement(needed(2, 2))
    results = list(cheaper_shifts(cover_requirement(required, 0.0), 11.0))
    assert {tuple(cheaper.servers[[18, 26]].tolist()) for cheaper in results} == {(1, 2), (3, 1)}


def test_a_hall_with_many_shifts_has_single_moves_only():
    scenario = Scenario.model_validate(tomllib.loads(HALL.replace('["09:00-12:00", "13:00-17:00"]', '["09:00-18:00"]')))
    (required,) = requirements(scenario, [TARGET])
    shifts = cover_requirement(replace(required, servers=2 * required.is_open), 0.0)
    people = [abs(np.array(cheaper.counts) - np.array(shifts.counts)).sum() for cheaper in cheaper_shifts(shifts, 0.0)]
    assert set(people) <= {1, 2}


def test_a_plan_counts_people_hours_and_yuan():
    scenario, required = requirement(needed(3, 2))
    plan = planned(scenario, [required])
    assert (plan.heads, plan.hours_per_week, plan.cost_per_week) == (3, 17 * 5, 17 * 5 * 30)


def test_the_plans_scenario_has_its_people_on_duty():
    scenario, required = requirement(needed(3, 2))
    hall = staffed(scenario, planned(scenario, [required]))
    (pool,) = compile_plan(hall).pools
    first_day = [(int(t) // H, int(n)) for t, n in zip(pool.times, pool.servers, strict=True) if t < 24 * H]
    assert first_day == [(0, 0), (9, 3), (12, 0), (13, 2), (17, 0)]
    check(hall)
    assert replicate(hall, replications=1).means["staff_hours_per_day"] == pytest.approx(17)


def test_the_plans_file_is_the_plans_scenario(tmp_path):
    source = tmp_path / "hall.toml"
    source.write_text(HALL, encoding="utf-8")
    start = composed(source)
    scenario, required = requirement(needed(3, 2))
    plan = planned(scenario, [required])
    file = tmp_path / "plan.toml"
    file.write_text(to_toml(plan_table(start.raw, start.scenario, plan)), encoding="utf-8")
    again = composed(file)
    on_duty = [compile_plan(hall).pools[0].servers.tolist() for hall in (again.scenario, staffed(scenario, plan))]
    assert on_duty[0] == on_duty[1]
    assert again.scenario.pools["window"].cost_per_hour == 30


def test_merged_pools_give_their_people_to_the_plan():
    text = HALL + '[pools.second]\nservers = 3\nmerge_into = "window"\ncost_per_hour = 60\n'
    scenario = Scenario.model_validate(tomllib.loads(text))
    (required,) = requirements(scenario, [TARGET])
    plan = planned(scenario, [replace(required, servers=needed(2, 2))])
    hall = staffed(scenario, plan)
    (pool,) = compile_plan(hall).pools
    assert int(pool.servers.max()) == 2
    assert plan.cost_per_week == pytest.approx(2 * 7 * 5 * (2 * 30 + 3 * 60) / 5)
    assert plan_table(tomllib.loads(text), scenario, plan)["pools"]["second"]["servers"] == 0


def test_a_constant_roster_is_there_in_all_opening_hours():
    scenario, required = requirement()
    hall = with_rosters(scenario, {"window": constant_roster(required, 4)})
    assert sorted(set(compile_plan(hall).pools[0].servers.tolist())) == [0, 4]


def test_equal_hours_of_several_shifts_are_one_entry():
    scenario, required = requirement(needed(3, 2))
    (entries,) = plan_rosters(planned(scenario, [required])).values()
    assert [(entry["hours"], entry["servers"]) for entry in entries] == [("09:00-12:00", 3), ("13:00-17:00", 2)]
