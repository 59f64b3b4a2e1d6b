"""Slimming down: limits from the present, windows by penalty, break-even, and what is set free."""

import tomllib

import pytest

from foundation.errors import HallplanError
from planner.slim import SlimGoal, _first, slim_down
from planner.staffing.simulating import simulator
from scenarios.compose.composing import compose_text, composed

HALL = """
format = 1
name = "departments"
run = { start = 2014-03-03, days = 20 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window-a.servers = 2
pools.window-b.servers = 2
pools.window-c.servers = 2
pools.window-d.servers = 2
services.a.visits.apply.serve = { pool = "window-a", work = "8 min", mark = "finished" }
services.b.visits.apply.serve = { pool = "window-b", work = "8 min", mark = "finished" }
services.c.visits.apply.serve = { pool = "window-c", work = "8 min", mark = "finished" }
services.d.visits.apply.serve = { pool = "window-d", work = "8 min", mark = "finished" }
arrivals.a = { services = "a", per_day = 60 }
arrivals.b = { services = "b", per_day = 50 }
arrivals.c = { services = "c", per_day = 2 }
arrivals.d = { services = "d", per_day = 2 }
"""


def hall(text=HALL):
    return compose_text(text, name="departments.toml")


@pytest.fixture(scope="module")
def result():
    return slim_down(hall(), simulator(workers=1), SlimGoal(training_h=52.0))


def test_fewer_windows_are_enough_and_nobody_waits_longer(result):
    assert result.staffing.is_certified
    assert (result.windows_now, result.hours_now) == (8, 8 * 35)
    assert result.windows < 8
    assert all(row.high <= row.limit <= max(row.now, 1.0) for row in result.departments)


def test_quiet_departments_are_judged_together(result):
    assert [row.pool for row in result.departments] == ["window-a", "window-b", "window-c window-d"]
    assert result.departments[2].visits_per_day == pytest.approx(4, abs=0.5)


def test_a_higher_penalty_never_takes_fewer_windows(result):
    windows = [result.by_penalty[penalty] for penalty in (1.0, 1.15, 1.4)]
    assert [by.estimate for by in windows] == sorted(by.estimate for by in windows)
    assert all(by.low <= by.estimate <= by.high for by in windows)
    assert result.ratios == (windows[0].low / 8, max(by.high for by in windows) / 8)


def test_the_break_even_lies_where_the_work_still_fits(result):
    # 52 h of training a year of 52 x 35 h leave 8 x (1 - 1/35) = 7.8, so 8 windows, for 114 x 8 min = 2.17 erlang: at
    # 8 / 2.17 = 3.7 times the work they would be busy throughout, and everybody would wait.
    assert 1.4 < result.break_even.estimate < 3.0
    assert result.break_even.low <= result.break_even.estimate <= result.break_even.high


def test_the_people_set_free_are_hours_saved_less_training(result):
    # An hour of training a week for each person; a full officer works 35 hours.
    assert result.training_h == pytest.approx(result.staffing.plan.heads)
    assert result.freed == pytest.approx((280 - result.hours - result.training_h) / 35)


def test_the_frames_have_departments_penalties_and_shifts(result):
    frames = result.frames()
    assert len(frames["departments"]) == 3
    assert frames["penalties"]["work_factor"].tolist() == [1.0, 1.15, 1.4]
    assert frames["shifts"]["hours_per_week"].sum() == pytest.approx(result.hours)


def test_a_hall_without_departments_has_nothing_to_slim():
    with pytest.raises(HallplanError, match="no two pools called window-"):
        slim_down(composed("township-desk"), simulator(workers=1))


def test_a_hall_to_which_nobody_comes_is_one_sentence():
    raw = HALL
    for number in (60, 50, 2):
        raw = raw.replace(f"per_day = {number}", "per_day = 0")
    assert all(source["per_day"] == 0 for source in tomllib.loads(raw)["arrivals"].values())
    with pytest.raises(HallplanError, match="Nobody comes to the windows"):
        slim_down(hall(raw), simulator(workers=1))


def test_the_first_number_is_sought_by_halving():
    assert _first(lambda number: number >= 7, 1, 20) == 7
    assert _first(lambda number: False, 1, 20) == 20
