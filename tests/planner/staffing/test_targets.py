"""Targets: how they are read, what of them is judged, and on which side of a limit each has to lie."""

import tomllib

import numpy as np
import pytest
from cases import for_each

from foundation.errors import HallplanError
from planner.staffing.certificate import cells_of, certify
from planner.staffing.requirement import requirements
from planner.staffing.result import Effort, Nearest
from planner.staffing.search import staff
from planner.staffing.simulating import simulator
from planner.staffing.targets import (
    HallWaitTarget,
    LeaveTarget,
    OvertimeTarget,
    PromiseTarget,
    UtilisationTarget,
    WaitTarget,
    label_of,
    parse_target,
)
from scenarios.model import Scenario
from sim.measure.day_counts import HALL as WHOLE_HALL
from sim.measure.day_counts import DayCounts

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 20 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window.servers = 2
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""
SCENARIO = Scenario.model_validate(tomllib.loads(HALL))
ALL = (
    WaitTarget(0.9, 15),
    PromiseTarget(0.95),
    LeaveTarget(0.02),
    OvertimeTarget(15.0),
    UtilisationTarget(0.85),
)


@for_each(
    "text, target",
    [
        ("90% within 15 min", ALL[0]),
        ("90% within 15 min hall-wide", HallWaitTarget(0.9, 15)),
        ("95% of cases within promise", ALL[1]),
        ("leave <= 2%", ALL[2]),
        ("overtime ≤ 15 min", ALL[3]),
        ("utilisation at most 85%", ALL[4]),
        ("utilization<=85%", ALL[4]),
    ],
)
def test_each_form_is_read(text, target):
    assert parse_target(text) == target


@for_each(
    "text",
    [
        "leave >= 2%",
        "leave <= 2",
        "overtime <= 0 min",
        "utilisation <= 100%",
        "95% of cases",
        "90% hall-wide",
        "90% inside 15 min",
        "",
    ],
)
def test_other_forms_are_refused(text):
    with pytest.raises(HallplanError):
        parse_target(text)


def test_a_wait_of_the_hall_is_another_target_than_one_of_each_pool():
    assert parse_target("90% within 15 min") != parse_target("90% within 15 min hall-wide")
    assert HallWaitTarget(0.9, 15).label("en") == "90% called within 15 min, hall-wide"


def test_targets_are_said_in_both_languages():
    assert label_of(ALL[2:4], "en") == "at most 2% unserved; at most 15 min of overtime a day"
    assert label_of(ALL[2:4], "zh") == "未办理离开率不超过 2%；每天加班不超过 15 分钟"


def test_a_wait_is_judged_by_half_hour_a_cap_by_pool_and_promises_in_the_hall():
    cells = cells_of(requirements(SCENARIO, ALL), ALL)
    assert [sum(cell.target == place for cell in cells) for place in range(5)] == [14, 1, 1, 1, 1]
    assert [cell.pool for cell in cells[14:]] == [WHOLE_HALL, "window", "window", "window"]


def test_a_cap_on_utilisation_asks_for_more_than_the_work():
    # 84 x 10 min over 7 h are 2 erlang: 3 servers keep up, and 2 / 0.5 = 4 are busy half of their time.
    (required,) = requirements(SCENARIO, [UtilisationTarget(0.5)])
    assert set(required.servers[required.is_open].tolist()) == {4}


def by_day(pools, units, hits, days=100):
    return DayCounts(pools, np.full((days, 1, 1), units), np.full((days, 1, 1), hits))


def test_a_cap_holds_below_its_limit_and_the_others_above():
    # 20 weeks that are all alike: means have no width; of shares 20 clusters without a failure show 0.05^(1/20).
    cells = cells_of(requirements(SCENARIO, ALL[1:]), ALL[1:])
    shown = [
        (
            by_day((WHOLE_HALL,), 10.0, 10.0),
            by_day(("window",), 80.0, 0.0),
            by_day(("window",), 1.0, 14.0),
            by_day(("window",), 60.0, 54.0),
        )
    ]
    certificate = certify(ALL[1:], cells, shown, level=0.8)
    assert certificate.bound.tolist() == pytest.approx([0.05 ** (1 / 20), 1 - 0.05 ** (1 / 20), 14.0, 0.9])
    assert certificate.holds.tolist() == [False, False, True, False]
    assert certificate.misses.tolist() == [False, False, False, True]
    assert certificate.kept_limit(3) == pytest.approx(0.9)


def test_the_nearest_targets_are_rounded_to_the_safe_side():
    assert Nearest(ALL[0], 0.8456, 40).attained == (WaitTarget(0.845, 15), WaitTarget(0.9, 40))
    assert Nearest(ALL[2], 0.0312, None).attained == (LeaveTarget(0.032),)
    assert Nearest(ALL[3], 17.23, None).attained == (OvertimeTarget(17.3),)
    assert Nearest(ALL[0], 0.0, None).attained == ()


def test_several_targets_are_certified_at_once():
    targets = (WaitTarget(0.8, 30), UtilisationTarget(0.6))
    result = staff(SCENARIO, targets, simulator(workers=1), Effort(search=8, check=30))
    assert result.is_certified
    # 14 h of work are at most 60% of 23.3 h: two full days of 7 h would be busy throughout.
    assert result.plan.hours_per_week >= 5 * 14 / 0.6
    judged = result.frames()["certificate"]
    assert set(judged["target"]) == {"wait", "utilisation"}
    assert judged.loc[judged["target"] == "utilisation", "high"].max() <= 0.6
