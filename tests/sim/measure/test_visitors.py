"""What visitors spend, by hand: hours of trips with the way there and back, and what these hours are worth."""

import math

import pytest
from cases import for_each
from handmade import HALL, MON, TUE, Handmade, at, two_days

from scenarios.compose.composing import compose_text
from sim.engine.choice import prepare
from sim.measure import measure
from sim.program import Code, Kind
from sim.run.simulating import simulate

NAMES = ("visitor_hours_per_day", "visitor_cost_per_day", "visitor_cost_per_item")
PRICED = {**HALL, "sites": {"hall": {"travel": "30 min"}}, "visitors": {"value_of_hour": 24.0}}


def spent(hall: Handmade) -> tuple[float, ...]:
    summary = measure(hall.scenario, hall.program(), hall.plan, hall.log()).summary
    return tuple(summary[name] for name in NAMES)


def visit(hall: Handmade, came: str, went: str, **more) -> None:
    arrive, leave = at(MON, came), at(MON, went)
    hall.entity(Kind.VISIT, *hall.trip(arrive, hall.serve(arrive, arrive, leave), leave=leave), **more)


def test_two_visitors_spend_their_ways_their_waits_and_their_service():
    hall = Handmade(raw=PRICED)
    nine, five_past, ten_past, end = (at(MON, clock) for clock in ("09:00", "09:05", "09:10", "09:25"))
    hall.entity(Kind.VISIT, *hall.trip(nine, hall.serve(nine, nine, ten_past), leave=ten_past))
    served = hall.serve(five_past, ten_past, end)
    hall.entity(Kind.VISIT, *hall.trip(five_past, served, hall.mark(end, "finished"), leave=end))
    # 30 + 10 + 30 and 30 + 5 + 15 + 30 minutes are 2.5 hours, in two days; 2.5 x 24 = 60 yuan, and one item is finished
    assert spent(hall) == (1.25, 30.0, 60.0)


def test_whoever_left_or_found_the_doors_shut_has_spent_the_way_too():
    # A 10, B 30, C 15 and left, C again 10, D 55, E 0 at shut doors, F 30, G 30 minutes: 3 hours, and 8 ways of an
    # hour; A, B, C, F and L are finished
    assert spent(two_days(PRICED)) == pytest.approx((11 / 2, 11 * 24 / 2, 11 * 24 / 5))


def test_whoever_is_still_there_has_spent_the_time_until_the_run_stops():
    hall = Handmade(raw=PRICED)
    arrive = at(TUE, "23:30")
    hall.entity(Kind.VISIT, hall.plain(Code.ARRIVE, arrive), pending=hall.serve(arrive, -1, -1))
    # the run stops on Wednesday at midnight: 24.5 hours, and a way of one
    assert spent(hall)[:2] == (25.5 / 2, 25.5 * 24 / 2)


def test_an_agent_is_no_visitor_who_loses_time():
    hall = Handmade(raw={**PRICED, "people": {**HALL["people"], "agent": {}}})
    visit(hall, "09:00", "10:00", person="agent")
    visit(hall, "10:00", "11:00")
    assert spent(hall)[:2] == (1.0, 24.0)


@for_each(
    ("left_out", "hours"),
    [("sites", math.nan), ("visitors", 1.0)],
)
def test_nothing_is_counted_of_what_the_scenario_does_not_say(left_out, hours):
    hall = Handmade(raw={key: value for key, value in PRICED.items() if key != left_out})
    visit(hall, "09:00", "10:00")
    assert spent(hall) == pytest.approx((hours, math.nan, math.nan), nan_ok=True)


HALLS = compose_text(
    """
format = 1
name = "two-sites"
run = { start = 2014-03-03, days = 2 }
[calendar]
country = "CN"
hours = ["09:00-12:00", "13:00-17:00"]
[sites.hall]
travel = "30 min"
[sites.sub-centre]
travel = "15 min"
[visitors]
value_of_hour = 24
[pools.window]
[pools.desk]
site = "sub-centre"
[services.item.visits.apply]
serve = { pool = "window", work = "10 min", mark = "finished" }
[services.aid.visits.apply]
serve = { pool = "desk", work = "10 min", mark = "finished" }
[arrivals.hall]
services = "item"
at = ["09:00", "09:05"]
[arrivals.near]
services = "aid"
site = "sub-centre"
at = ["10:00"]
[arrivals.online]
services = "item"
channel = "online"
at = ["11:00"]
""",
    name="two-sites",
)


def simulated(**overrides):
    scenario = HALLS.changed(overrides={path.replace("__", "."): value for path, value in overrides.items()}).scenario
    summary = simulate(scenario, seed=1, replication=0, engine=prepare()).summary
    return tuple(summary[name] for name in NAMES[:2])


def test_each_site_has_its_own_way_and_who_applies_online_has_none():
    # 60 + 10, 60 + 15 and 30 + 10 minutes a day: 185
    assert simulated() == pytest.approx((185 / 60, 74.0))


def test_a_second_window_saves_the_wait_and_a_nearer_hall_the_way():
    assert simulated(pools__window__servers=2) == pytest.approx((180 / 60, 72.0))
    assert simulated(sites__hall__travel="15 min") == pytest.approx((125 / 60, 50.0))


def test_a_way_that_is_not_known_to_one_of_the_sites_leaves_the_hours_unknown():
    sites = HALLS.scenario.sites
    unknown = sites["sub-centre"].model_copy(update={"travel": None})
    without = HALLS.scenario.model_copy(update={"sites": {**sites, "sub-centre": unknown}})
    assert math.isnan(simulate(without, seed=1, replication=0, engine=prepare()).summary[NAMES[0]])
