"""The certificate and the search: what is judged, what is certified, and what no staff can mend."""

import tomllib

import numpy as np
import pytest

from foundation.errors import HallplanError
from planner.staffing.certificate import Cell, cells_of, certify, closed_per_day
from planner.staffing.plan import staffed, with_rosters
from planner.staffing.requirement import requirements
from planner.staffing.result import FRAMES, Effort
from planner.staffing.search import staff
from planner.staffing.simulating import simulator
from planner.staffing.targets import WaitTarget
from scenarios.model import Scenario
from sim.measure.day_counts import DayCounts

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 20 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2, cost_per_hour = 30 }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""
TARGET = WaitTarget(0.9, 15)
TARGETS = (TARGET,)
LIGHT = Effort(search=8, check=30)


def hall(**changes) -> Scenario:
    raw = tomllib.loads(HALL)
    raw["arrivals"]["people"] |= changes
    return Scenario.model_validate(raw)


simulate = simulator(workers=1)


def counts(joined, in_time, days=5) -> tuple[DayCounts]:
    """Return counts of one pool that are the same on every day, by half-hour."""
    shape = (days, 1, 48)
    return (DayCounts(("window",), np.broadcast_to(joined, shape), np.broadcast_to(in_time, shape)),)


# ---- what is judged ------------------------------------------------------------------------------------------------


def test_busy_half_hours_are_judged_alone():
    cells = cells_of(requirements(hall(), TARGETS), TARGETS)
    assert [cell.half_hours for cell in cells] == [(k,) for k in (*range(18, 24), *range(26, 34))]
    assert cells[0].visitors_per_day == pytest.approx(6)


def test_quiet_half_hours_are_judged_together():
    (cell,) = cells_of(requirements(hall(per_day=56), TARGETS), TARGETS)
    assert (cell.is_pooled, len(cell.half_hours)) == (True, 14)
    assert cell.visitors_per_day == pytest.approx(56)


def test_a_rest_of_few_takes_the_quietest_of_the_others_with_it():
    # 84 in proportion to 20 a half-hour are 6.8 each, 5.4 at 15:30, 2.7 at 11:30 and 0.3 at 16:30: 3 are too few.
    profile = {"09:00": 20, "11:30": 8, "12:00": 0, "13:00": 20, "15:30": 16, "16:00": 20, "16:30": 1}
    cells = cells_of(requirements(hall(profile=profile), TARGETS), TARGETS)
    assert [cell.half_hours for cell in cells if cell.is_pooled] == [(23, 31, 33)]


def test_a_pool_of_hardly_anybody_is_not_judged():
    assert cells_of(requirements(hall(per_day=0.1), TARGETS), TARGETS) == ()


def test_a_share_is_hits_over_visitors_with_a_bound_below():
    # 20 weeks of 5 days with 10 visitors in one half-hour, all called in time: 20 clusters without a failure.
    joined = np.zeros(48)
    joined[20] = 10
    cell = Cell(0, "window", (20,), False, 10.0)
    shown = [counts(joined, joined)] * 20
    certificate = certify(TARGETS, [cell], shown, level=0.95)
    assert certificate.bounds.share[0] == 1
    assert certificate.bounds.low[0] == pytest.approx(0.05 ** (1 / 20))
    assert not certificate.is_certified  # 0.861: twenty weeks can't show 90 %
    assert certify(TARGETS, [cell], shown, level=0.95, weight=2).is_certified  # 0.05^(1/40) = 0.928


def test_those_who_join_while_the_pool_is_closed_are_counted_apart():
    joined = np.zeros(48)
    joined[20], joined[24] = 10, 3
    cell = Cell(0, "window", (20,), False, 10.0)
    assert closed_per_day(TARGETS, [cell], [counts(joined, joined)]) == pytest.approx(3)


# ---- a plan, and its certificate -----------------------------------------------------------------------------------


def test_a_small_hall_is_certified():
    result = staff(hall(), TARGETS, simulate, LIGHT)
    assert result.is_certified
    assert result.certificate.bounds.low.min() >= 0.9
    assert result.plan.hours_per_week >= result.bound_per_week
    assert result.certificate.replications == 30
    assert result.minimality == "enumerated"


def test_a_plan_that_is_too_few_is_not_certified():
    scenario = hall()
    days, hours = ["mon", "tue", "wed", "thu", "fri"], ("09:00-12:00", "13:00-17:00")
    few = with_rosters(scenario, {"window": [{"days": days, "hours": part, "servers": 2} for part in hours]})
    (shown,) = simulate([few], TARGETS, 0, 30)
    certificate = certify(TARGETS, cells_of(requirements(scenario, TARGETS), TARGETS), shown, level=0.95)
    assert not certificate.is_certified
    assert certificate.misses.any()


def test_a_certificate_is_of_days_that_the_search_has_not_seen():
    seen = []

    def watched(scenarios, targets, first, replications):
        seen.append((first, replications, len(scenarios)))
        return simulate(scenarios, targets, first, replications)

    staff(hall(), TARGETS, watched, LIGHT)
    assert {(first, number) for first, number, _ in seen[:-1]} == {(0, 8), (0, 30)}
    assert seen[-1] == (1_000_000, 30, 2)


def test_failed_attempts_are_on_other_fresh_days_and_end():
    seen = []

    def late(scenarios, targets, first, replications):
        """Everybody is called in time while the search looks, and nobody afterwards."""
        seen.append(first)
        joined = np.zeros(48)
        joined[18:24], joined[26:34] = 6, 6
        shown = counts(joined, joined * (first == 0), days=20)
        return [[shown * len(targets)] * replications for _ in scenarios]

    result = staff(hall(), TARGETS, late, Effort(search=10, check=20, attempts=3))
    assert [first for first in dict.fromkeys(seen) if first] == [1_000_000, 1_000_020, 1_000_040, 1_000_060]
    assert (result.is_certified, result.attempts) == (False, 3)
    assert result.certificate.level == pytest.approx(1 - 0.05 / 8)


def test_what_no_staff_can_mend_is_named():
    def never(scenarios, targets, first, replications):
        joined = np.zeros(48)
        joined[18:24], joined[26:34] = 6, 6
        in_time = joined.copy()
        in_time[20] = 3  # half of those who come from 10:00 to 10:30, whatever the staff
        return [[counts(joined, in_time, days=20) * len(targets)] * replications for _ in scenarios]

    result = staff(hall(), TARGETS, never, LIGHT)
    assert [(cell.half_hours, share) for cell, share in result.out_of_reach] == [((20,), pytest.approx(0.5))]
    assert not result.is_certified


def test_a_hall_without_visitors_has_nothing_to_staff():
    with pytest.raises(HallplanError, match="no pool at which visitors queue"):
        staff(hall(per_day=0), TARGETS, simulate, LIGHT)


def test_the_effort_grows_with_the_target():
    # 3 ln(0.025 / 14) / ln 0.9 = 180.2 weeks of 4 a replication; / ln 0.99: 1889.2.
    assert Effort.enough_for(hall(), TARGETS, 14).check == 46
    assert Effort.enough_for(hall(), [WaitTarget(0.99, 15)], 14).check == 473


def test_the_certified_plan_runs_as_a_scenario():
    result = staff(hall(), TARGETS, simulate, LIGHT)
    (shown,) = simulate([staffed(result.scenario, result.plan)], TARGETS, 1_000_000, 30)
    again = certify(TARGETS, result.certificate.cells, shown, level=result.certificate.level)
    assert again.bounds.low.tolist() == result.certificate.bounds.low.tolist()


def test_the_frames_agree_with_the_plan():
    result = staff(hall(), TARGETS, simulate, LIGHT)
    frames = result.frames()
    assert tuple(frames) == FRAMES
    assert frames["shifts"]["hours_per_week"].sum() == pytest.approx(result.plan.hours_per_week)
    assert frames["shifts"]["yuan_per_week"].sum() == pytest.approx(result.plan.cost_per_week)
    half_hours = frames["half_hours"]
    assert half_hours["on_duty"].sum() / 2 * 5 == pytest.approx(result.plan.hours_per_week)
    assert half_hours["visitors"].sum() == pytest.approx(84)
    assert frames["certificate"]["holds"].all() == result.is_certified


def test_no_cheaper_plan_of_a_small_hall_would_be_certified():
    # All rosters of so many in the morning and so many in the afternoon that work fewer hours, tried one by one.
    result = staff(hall(), TARGETS, simulate, LIGHT)
    days = ["mon", "tue", "wed", "thu", "fri"]
    per_day = result.plan.hours_per_week / 5
    rosters = [(m, a) for m in range(1, 9) for a in range(1, 9) if result.bound_per_week / 5 <= 3 * m + 4 * a < per_day]
    halls = [
        with_rosters(
            hall(),
            {
                "window": [
                    {"days": days, "hours": "09:00-12:00", "servers": morning},
                    {"days": days, "hours": "13:00-17:00", "servers": afternoon},
                ]
            },
        )
        for morning, afternoon in rosters
    ]
    assert len(halls) > 3
    shown = simulate(halls, TARGETS, 0, LIGHT.search)
    weight = -(-LIGHT.check // LIGHT.search)
    cells = result.certificate.cells
    verdicts = [certify(TARGETS, cells, counts, level=0.975, weight=weight).is_certified for counts in shown]
    assert not any(verdicts)
