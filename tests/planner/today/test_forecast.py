"""The rest of a day, worked by hand: services of ten minutes at two windows that are free at 10:35 and at 10:38."""

import math

import pytest
from hall_now import NOW, at, hall, state

import hallplan
from foundation.errors import HallplanError
from planner.today.from_now import from_now
from planner.today.state import CasesInProgress, HallState, Serving, Waiting
from sim.draw.drawing import draw
from sim.engine.kernel import run_compiled
from sim.engine.reference import run_reference
from sim.plan import compile_plan


def forecast(scenario, now, **options):
    return hallplan.today(scenario, now, replications=39, workers=1, **options)


def windows_of(result):
    return next(pool for pool in result.pools if pool.pool == "window")


def test_tickets_are_called_in_their_order_as_windows_become_free():
    # Free at 10:35 and 10:38: the tickets are called at 10:35, 10:38 and 10:45, the new one at 10:48.
    window = windows_of(forecast(hall(), state()))
    assert (window.ticket_wait.low, window.ticket_wait.median, window.ticket_wait.high) == (18, 18, 18)
    assert window.empty_after.median == 15
    assert window.waiting_min.estimate == 5 + 8 + 15


def test_one_more_window_saves_what_it_saves_by_hand_and_durations_tie():
    # A third window calls at once: 0 + 5 + 8 minutes instead of 5 + 8 + 15, however long it stays open.
    result = forecast(hall(), state())
    assert [opening.saved.estimate for opening in result.openings] == [15] * len(result.openings)
    assert [opening.tied for opening in result.openings] == [False, *[True] * (len(result.openings) - 1)]
    assert all(opening.helps for opening in result.openings)


def test_fewer_windows_than_usual_stay_fewer_for_the_rest_of_the_day():
    begins = from_now(hall(), state(windows={"window": 1}))
    assert begins.segments["window"] == ((at("10:30"), at("12:00"), 1), (at("13:00"), at("17:00"), 1))


def test_windows_opened_over_lunch_last_until_the_afternoon():
    lunch = HallState(NOW.replace(hour=12, minute=20), windows={"window": 1})
    begins = from_now(hall(), lunch)
    assert begins.segments["window"] == ((at("12:20"), at("13:00"), 1), (at("13:00"), at("17:00"), 2))


def test_tickets_at_lunch_wait_for_the_afternoon():
    lunch = HallState(NOW.replace(hour=12, minute=20), (Waiting("window", at("11:55")),), ())
    window = windows_of(forecast(hall(), lunch))
    assert window.empty_after.median == 40
    assert window.ticket_wait.median == 40  # the second window is free


def test_whoever_is_not_called_before_closing_is_not_served():
    # At 16:55 both windows have just begun; doors and queue close at 17:00.
    late = HallState(
        NOW.replace(hour=16, minute=55), (Waiting("window", at("16:50")),), (Serving("window", at("16:54")),) * 2
    )
    result = forecast(hall(sites__hall__at_close="send-home"), late)
    window = windows_of(result)
    assert window.unserved.estimate == 1
    assert math.isinf(window.ticket_wait.median)
    assert window.called == 0


def test_tickets_drawn_before_the_last_ticket_are_still_called():
    # Tickets stop at 16:30; at 16:50 one still waits, and both windows are free at 16:55.
    late = HallState(
        NOW.replace(hour=16, minute=50), (Waiting("window", at("16:25")),), (Serving("window", at("16:45")),) * 2
    )
    window = windows_of(forecast(hall(sites__hall__tickets_stop="30 min"), late))
    assert (window.waiting_min.estimate, window.unserved.estimate) == (5, 0)


def test_patience_that_is_left_is_that_of_somebody_who_still_waits():
    # Patience is 22 minutes: the tickets of 10:10, 10:15 and 10:20 would leave at 10:32, 10:37 and 10:42.
    scenario = hall(arrivals__early__patience="22 min")
    window = windows_of(forecast(scenario, state()))
    assert window.left.estimate == 1  # the second is called at 10:35, for the first has gone, and the third at 10:38
    assert window.waiting_min.estimate == pytest.approx(2 + 5 + 8)


def test_visitors_who_come_again_from_earlier_days_are_in_the_demand():
    again = """
services.item.visits.collect.hand = { pool = "window", work = "1 min" }
services.item.visits.apply.later = { visit = "collect", after = "1 working days", wait = false }
arrivals.many = { services = "item", per_day = 40 }
"""
    begins = from_now(hall(again), HallState(NOW))
    rates = {name: source.per_day for name, source in begins.scenario.arrivals.items() if source.per_day}
    # Even over seven open hours, five and a half of which are left; each of 40 visits leads to one more.
    assert rates["many"] == pytest.approx(40 * 5.5 / 7)
    assert rates["again-collect-many"] == pytest.approx(40 * 5.5 / 7)


def test_tickets_given_so_far_correct_the_rest_of_a_day_that_varies():
    varied = 'arrivals.many = { services = "item", per_day = 70, day_dispersion = 8 }\n'
    begins = from_now(hall(varied), HallState(NOW, issued=30))
    # Factor of the day: Gamma(10, 10); 15 expected by now and 30 counted (none of them of another random source).
    assert begins.scenario.arrivals["many"].per_day == pytest.approx(55 * (10 + 30) / (10 + 15))
    assert begins.scenario.arrivals["many"].day_dispersion == pytest.approx(1 + 88 / 40)


CASES = """
pools.section = { servers = 1, at_break = "pause" }
services.licence.visits.apply.file = { start_case = true }
services.licence.case = { review = { pool = "section", work = "1 h" }, decided = { mark = "decided" } }
arrivals.filed = { services = "licence", at = ["09:00"] }
"""


def test_cases_in_progress_are_worked_on_from_now():
    # 5.5 hours are left: of nine files of an hour each, five are decided.
    result = forecast(hall(CASES), state(cases=(CasesInProgress("licence", 2, 9),)))
    assert result.decided.median == 5
    assert result.begins.scenario.run.start.isoformat() == "2026-02-27"  # Saturday the 28th was worked


def test_both_engines_agree_on_the_rest_of_a_day():
    busy = CASES + 'arrivals.many = { services = { item = 2, licence = 1 }, per_day = 60, patience = "30 min" }\n'
    scenario = from_now(hall(busy), state(cases=(CasesInProgress("licence", 1, 3),))).scenario
    program, plan = draw(scenario, 1, 0), compile_plan(scenario)
    assert (run_compiled(program, plan).rows == run_reference(program, plan).rows).all()


def test_where_nobody_waits_no_window_is_needed():
    assert forecast(hall(), HallState(NOW)).openings == ()


@pytest.mark.parametrize(
    ("now", "key"),
    [
        (NOW.replace(day=1), "today.error.day_off"),
        (NOW.replace(hour=17), "today.error.closed"),
    ],
)
def test_a_day_that_is_over_or_off_is_one_sentence(now, key):
    with pytest.raises(HallplanError) as fault:
        from_now(hall(), HallState(now))
    assert fault.value.key == key


@pytest.mark.parametrize("pool", ["windw", "section"])
def test_a_pool_without_visitors_is_one_sentence(pool):
    with pytest.raises(HallplanError, match="pool"):
        from_now(hall(CASES), HallState(NOW, (Waiting(pool, at("10:00")),)))


def test_a_hall_without_days_off_goes_on():
    scenario = hall("", calendar__country="none")
    assert windows_of(forecast(scenario, state())).ticket_wait.median == 18


def test_where_no_tickets_are_given_any_more_none_is_forecast():
    late = HallState(NOW.replace(hour=16, minute=50), (Waiting("window", at("16:25")),))
    window = windows_of(forecast(hall(sites__hall__tickets_stop="30 min"), late))
    assert math.isnan(window.ticket_wait.median)
    assert math.isnan(window.called)


def test_a_site_that_has_closed_leaves_the_others_open():
    town = """
sites.town = { hours = "09:00-10:00" }
pools.counter = { site = "town" }
services.form.visits.apply.serve = { pool = "counter", work = "5 min" }
arrivals.villagers = { services = "form", site = "town", per_day = 10 }
"""
    result = forecast(hall(town), state())
    assert windows_of(result).ticket_wait.median == 18
    assert {pool.pool for pool in result.pools} == {"window", "counter"}
